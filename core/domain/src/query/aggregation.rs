//! What an aggregate asks for: counts and measures over shown values, whole or by group.

use super::Filter;
use crate::search::Search;
use crate::value::Value;

/// An aggregate over the records of one entity.
#[derive(Clone, Debug, Default)]
pub struct Aggregation {
    /// Entity name.
    pub entity: String,
    /// Which records.
    pub filter: Option<Filter>,
    /// What is searched for.
    pub search: Option<Search>,
    /// Whether records in the trash are meant instead of the live ones.
    pub trashed: bool,
    /// Fields whose shown values make the groups; none for one group of all.
    pub by: Vec<String>,
    /// What is measured in each group, besides its count.
    pub measures: Vec<Measure>,
    /// Only records that refer through this field to one of these, each apart: the parent's id is
    /// then the first key.
    pub parents: Option<(String, Vec<String>)>,
    /// Groups at most.
    pub limit: u32,
}

/// A function over the shown values of a field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Measure {
    /// Function.
    pub function: Function,
    /// Field name.
    pub field: String,
}

/// A function over values; all of them leave null out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// Exact sum.
    Sum,
    /// Sum over count, rounded half away from zero to the places of a decimal.
    Avg,
    /// Least value.
    Min,
    /// Greatest value.
    Max,
}

/// A group as the database gave it, not yet reviewed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Shown values of `by`, with the parent before them where there is one.
    pub key: Vec<Value>,
    /// Records in it.
    pub count: i64,
    /// For each measure: of how many shown values, and what came out.
    pub measured: Vec<(i64, Value)>,
}
