//! What a queue of duplicates asks for, and what it finds.

use crate::value::Value;

/// Pairs of records of one entity that look like one.
#[derive(Clone, Debug, Default)]
pub struct PairsWanted {
    /// Entity name.
    pub entity: String,
    /// Only records that share a key with one of these; all without it.
    pub among: Option<Vec<String>>,
    /// Names of the catalogue's reasons that may be looked at; which ones depends on the context alone.
    pub reasons: Vec<String>,
    /// How many at most.
    pub limit: u32,
    /// Score and both ids of the pair after which the page starts.
    pub cursor: Option<Vec<Value>>,
}

/// Two records that look like one, by their shown values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The elder record.
    pub first: String,
    /// The other one.
    pub second: String,
    /// Sum of the scores of the reasons.
    pub score: i64,
    /// Names of the reasons.
    pub reasons: Vec<String>,
}
