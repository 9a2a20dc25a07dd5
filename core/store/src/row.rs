//! Rows of tables that are not entities: inserting one without naming its columns thrice.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, InsertStatement, Query};

use crate::error::StoreError;
use crate::value::bind_as;

/// A column of a row to insert.
pub(crate) type Cell<'a> = (&'a str, Type, Value);

/// `INSERT` of one row.
pub(crate) fn insert(table: &str, cells: Vec<Cell<'_>>) -> Result<InsertStatement, StoreError> {
    insert_all(table, vec![cells])
}

/// `INSERT` of rows with the same columns.
pub(crate) fn insert_all(table: &str, rows: Vec<Vec<Cell<'_>>>) -> Result<InsertStatement, StoreError> {
    let mut insert = Query::insert();
    insert.into_table(Alias::new(table));
    if let Some(first) = rows.first() {
        insert.columns(first.iter().map(|(column, _, _)| Alias::new(*column)));
    }
    for row in rows {
        let values = row.iter().map(|(column, ty, value)| bind_as(column, *ty, value));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        insert.values(values).map_err(|_| StoreError::Corrupt { what: "row" })?;
    }
    Ok(insert)
}

/// An optional text.
pub(crate) fn optional(value: Option<&str>) -> Value {
    value.map_or(Value::Null, Value::text)
}

/// An optional instant.
pub(crate) fn instant(at: Option<i64>) -> Value {
    at.map_or(Value::Null, Value::Instant)
}

/// The instant of a value that is one.
pub(crate) fn as_instant(value: &Value) -> Option<i64> {
    match value {
        Value::Instant(at) => Some(*at),
        _ => None,
    }
}

/// A row that was read, cell by cell in the order of its columns.
pub(crate) struct Cells {
    what: &'static str,
    values: std::vec::IntoIter<Value>,
}

impl Cells {
    /// The cells of a row of `what`.
    pub(crate) fn of(what: &'static str, row: Vec<Value>) -> Self {
        Self { what, values: row.into_iter() }
    }

    fn corrupt(&self) -> StoreError {
        StoreError::Corrupt { what: self.what }
    }

    /// A text, or none.
    pub(crate) fn maybe_text(&mut self) -> Option<String> {
        match self.values.next() {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A text.
    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.maybe_text().ok_or_else(|| self.corrupt())
    }

    /// An instant, or none.
    pub(crate) fn maybe_instant(&mut self) -> Option<i64> {
        self.values.next().as_ref().and_then(as_instant)
    }

    /// An instant.
    pub(crate) fn instant(&mut self) -> Result<i64, StoreError> {
        self.maybe_instant().ok_or_else(|| self.corrupt())
    }

    /// A whole number, or none.
    pub(crate) fn maybe_integer(&mut self) -> Option<i64> {
        match self.values.next() {
            Some(Value::Integer(number)) => Some(number),
            _ => None,
        }
    }

    /// Whether.
    pub(crate) fn boolean(&mut self) -> Result<bool, StoreError> {
        match self.values.next() {
            Some(Value::Boolean(is)) => Ok(is),
            _ => Err(self.corrupt()),
        }
    }
}
