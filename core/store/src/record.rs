//! A record as it lies in the database, before any mask: for the native evaluator inside a write,
//! never for an answer.

use std::collections::BTreeMap;

use garant_domain::value::Value;

/// A whole record.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Record id.
    pub id: String,
    /// For optimistic locking.
    pub version: i64,
    /// Whether it is in the trash.
    pub deleted: bool,
    /// Every field of the catalogue and every system field, by name; absent values are null.
    pub values: BTreeMap<String, Value>,
}

/// A record to be.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// Record id.
    pub id: String,
    /// Microseconds UTC; becomes `created_at` and `updated_at`.
    pub now: i64,
    /// When the data was collected, microseconds UTC.
    pub collected_at: Option<i64>,
    /// Purpose of collection.
    pub collected_for: Option<String>,
    /// Values by field name; a field that is missing is null.
    pub values: BTreeMap<String, Value>,
}

/// New values of some fields.
#[derive(Clone, Debug)]
pub struct Change {
    /// Values by field name; the others stay.
    pub values: BTreeMap<String, Value>,
    /// Microseconds UTC; becomes `updated_at`.
    pub now: i64,
}
