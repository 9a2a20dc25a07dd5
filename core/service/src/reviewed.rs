//! What may be shown. [`ReviewedRow`] can be made in the gate only: a row of the store becomes one
//! once the rules of the request have been applied to it.

use std::sync::Arc;

use garant_domain::reason::Reason;
use garant_domain::value::Value;

/// A masked field of a shown row.
#[derive(Clone, Debug)]
pub struct MaskedField {
    /// Field name.
    pub field: String,
    /// A partial value as text, where the mask shows one.
    pub display: Option<String>,
    /// Why.
    pub reason: Arc<Reason>,
}

/// A row that may be shown.
#[derive(Clone, Debug)]
pub struct ReviewedRow {
    id: String,
    version: i64,
    fields: Arc<[String]>,
    values: Vec<Value>,
    masked: Vec<MaskedField>,
    flags: Vec<Arc<Reason>>,
    cursor: String,
}

static NULL: Value = Value::Null;

impl ReviewedRow {
    /// Only the gate makes one.
    pub(crate) fn new(
        id: String,
        version: i64,
        fields: Arc<[String]>,
        values: Vec<Value>,
        masked: Vec<MaskedField>,
        flags: Vec<Arc<Reason>>,
        cursor: String,
    ) -> Self {
        Self { id, version, fields, values, masked, flags, cursor }
    }

    /// A record that was just written by the caller but that its purpose may not read: id and
    /// version, nothing else.
    pub(crate) fn withheld(id: String, version: i64, masked: Vec<MaskedField>) -> Self {
        Self { id, version, fields: Arc::new([]), values: vec![], masked, flags: vec![], cursor: String::new() }
    }

    /// Record id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// For optimistic locking.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The shown value; null when masked, absent or not asked for.
    #[must_use]
    pub fn get(&self, field: &str) -> &Value {
        match self.fields.iter().position(|name| name == field) {
            Some(index) => self.values.get(index).unwrap_or(&NULL),
            None => &NULL,
        }
    }

    /// Fields that a policy masked in this row, among those asked for.
    #[must_use]
    pub fn masked(&self) -> &[MaskedField] {
        &self.masked
    }

    /// Rules that noted this row without restricting it.
    #[must_use]
    pub fn flags(&self) -> &[Arc<Reason>] {
        &self.flags
    }

    /// Sealed position of the row in its list.
    #[must_use]
    pub fn cursor(&self) -> &str {
        &self.cursor
    }
}

/// A page that may be shown.
#[derive(Clone, Debug, Default)]
pub struct ReviewedPage {
    /// The rows, in the order asked for.
    pub rows: Vec<ReviewedRow>,
    /// More after the last row.
    pub has_next_page: bool,
    /// More before the first row.
    pub has_previous_page: bool,
    /// All visible records that match, if asked for.
    pub total: Option<i64>,
}
