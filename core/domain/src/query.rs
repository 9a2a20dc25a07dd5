//! What a read asks for, after the wire and before the rules.

mod aggregation;
mod hits;
mod pairs;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::rule::{Cond, Mask, Operand};
use crate::search::Search;
use crate::value::Value;

pub use aggregation::{Aggregation, Function, Group, Measure};
pub use hits::{Hit, Hits, HitsWanted};
pub use pairs::{Pair, PairsWanted};

/// A read of one entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Query {
    /// Entity name.
    pub entity: String,
    /// Field names wanted in the answer; `id` and `version` always come.
    pub fields: Vec<String>,
    /// Which records.
    pub filter: Option<Filter>,
    /// What is searched for; without an order of its own, the best found come first.
    pub search: Option<Search>,
    /// In which order; `id` is appended as the last key.
    pub order: Vec<Order>,
    /// Which page.
    pub page: Page,
    /// Whether to count all records that match.
    pub total: bool,
    /// Whether records in the trash are meant instead of the live ones.
    pub trashed: bool,
}

/// A condition of the caller, over shown values. Boolean logic is two-valued on shown values as in
/// SQL: a comparison with null does not match.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Filter {
    /// Every part.
    And(Vec<Filter>),
    /// Some part.
    Or(Vec<Filter>),
    /// Not the part.
    Not(Box<Filter>),
    /// A test of one field (`id` too).
    Field(String, FieldTest),
    /// The record behind a reference is visible and matches.
    Related(String, Box<Filter>),
    /// Some visible record of `entity` refers to this one through `via` and matches.
    Some {
        /// The other entity.
        entity: String,
        /// Its reference field.
        via: String,
        /// What it must match.
        filter: Box<Filter>,
    },
}

/// A test of a shown value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FieldTest {
    /// Equal.
    Eq(Value),
    /// Not equal; null does not match.
    Neq(Value),
    /// One of.
    In(Vec<Value>),
    /// Greater.
    Gt(Value),
    /// Greater or equal.
    Gte(Value),
    /// Less.
    Lt(Value),
    /// Less or equal.
    Lte(Value),
    /// SQL pattern with `%` and `_`, `\` escapes, case-sensitive.
    Like(String),
    /// The same, case-insensitive.
    Ilike(String),
    /// Prefix, case-insensitive.
    StartsWith(String),
    /// Suffix, case-insensitive.
    EndsWith(String),
    /// Substring, case-insensitive.
    Contains(String),
    /// A choice of several has this key.
    Has(String),
    /// Whether it is null.
    IsNull(bool),
}

/// One order key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// Field name.
    pub field: String,
    /// Descending.
    pub descending: bool,
    /// Nulls before all other values, else after, whatever the direction.
    pub nulls_first: bool,
}

/// A Relay page; either forwards from the start or backwards from the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Page {
    /// How many at most.
    pub limit: u32,
    /// From the end.
    pub backwards: bool,
    /// Shown order values and the id of the record after which (before which) the page starts.
    pub cursor: Option<Vec<Value>>,
}

/// What the rules leave of an entity for one context: conditions that go into every statement that
/// touches it.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// A record is there only where each is false.
    pub hide: Vec<Cond>,
    /// A field is shown only where each mask that names it is false.
    pub masks: Vec<MaskRule>,
    /// What policies want to look at before a row is shown: raw values, for the gate and never for
    /// an answer. They come with the rows of this entity, in the same statement.
    pub judged: Vec<Operand>,
}

/// A mask over fields of a record.
#[derive(Clone, Debug)]
pub struct MaskRule {
    /// The fields.
    pub fields: Vec<String>,
    /// What is shown instead.
    pub mask: Mask,
    /// Where it does not bite only if false; `Const(Some(true))` bites everywhere.
    pub when: Cond,
    /// Index into the reasons of the decision.
    pub reason: usize,
}

/// The guards of every entity that a statement touches. An entity without a guard is unreachable.
pub type Guards = BTreeMap<String, Arc<Guard>>;

/// A row as the database gave it, masks applied, not yet reviewed.
#[derive(Clone, Debug)]
pub struct Row {
    /// Record id.
    pub id: String,
    /// For optimistic locking.
    pub version: i64,
    /// Shown values, in the order of the query's fields.
    pub values: Vec<Value>,
    /// For each mask of the entity's guard, whether it bit.
    pub bitten: Vec<bool>,
    /// Partial values, by field name, where a mask shows one.
    pub display: Vec<(String, String)>,
    /// Shown order values and the id.
    pub cursor: Vec<Value>,
    /// The raw values of the guard's `judged`, in its order.
    pub judged: Vec<Value>,
}

/// A page as the database gave it.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// The rows, in the order asked for.
    pub rows: Vec<Row>,
    /// More in the direction of reading.
    pub more: bool,
    /// All that match, if asked for.
    pub total: Option<i64>,
}
