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
