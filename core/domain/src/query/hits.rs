//! What a search across entities asks for, and what it finds.

use super::Query;
use crate::value::Value;

/// The best found records of several entities.
#[derive(Clone, Debug, Default)]
pub struct HitsWanted {
    /// For each entity what is searched for in it, each entity once; order and page are those of the whole.
    pub queries: Vec<Query>,
    /// How many at most.
    pub limit: u32,
    /// Rank, entity and id of the hit after which the page starts.
    pub cursor: Option<Vec<Value>>,
    /// Whether to count all that are found.
    pub total: bool,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Entity name.
    pub entity: String,
    /// Record id.
    pub id: String,
    /// How well it was found, over its shown values alone; more is better.
    pub rank: i64,
}

/// A page of records that were found, the best first.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    /// The records.
    pub hits: Vec<Hit>,
    /// More after the last one.
    pub more: bool,
    /// All that were found, if asked for.
    pub total: Option<i64>,
}
