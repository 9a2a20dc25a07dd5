//! Reference tables: rows of registers and of public lists that a plugin declared, as of the
//! request's time.

use garant_domain::value::Value;
use sha2::{Digest, Sha256};

use crate::bindings::types;
use crate::cache::{Digest32, put, put_value};
use crate::error::PluginError;

/// A table ready to be given to plugins. Make it once per state of the register: its digest is
/// part of every plan's cache key.
#[derive(Debug)]
pub struct ReferenceTable {
    table: types::ReferenceTable,
    digest: Digest32,
}

impl ReferenceTable {
    /// Makes a table; the order of the rows counts.
    ///
    /// # Errors
    /// `BAD_REQUEST` if a row has not as many values as there are columns, or the texts together are
    /// longer than 2 GiB.
    pub fn new(name: &str, columns: Vec<String>, rows: Vec<Vec<Value>>) -> Result<Self, PluginError> {
        if rows.iter().any(|row| row.len() != columns.len()) {
            return Err(PluginError::BadRequest {
                detail: format!("a row of the reference table `{name}` has not {} values", columns.len()),
            });
        }
        let mut hash = Sha256::new();
        put(&mut hash, name.as_bytes());
        hash.update((columns.len() as u64).to_le_bytes());
        for column in &columns {
            put(&mut hash, column.as_bytes());
        }
        for value in rows.iter().flatten() {
            put_value(&mut hash, value);
        }
        let table = packed(name, columns, &rows)?;
        Ok(Self { table, digest: hash.finalize().into() })
    }

    /// The name that manifests declare.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.table.name
    }

    /// SHA-256 over name, columns and rows, hex.
    #[must_use]
    pub fn digest(&self) -> String {
        hex::encode(self.digest)
    }

    pub(crate) fn digest_bytes(&self) -> &Digest32 {
        &self.digest
    }

    pub(crate) fn wit(&self) -> &types::ReferenceTable {
        &self.table
    }
}

/// As the contract hands tables over: see `policy.wit`.
fn packed(name: &str, columns: Vec<String>, rows: &[Vec<Value>]) -> Result<types::ReferenceTable, PluginError> {
    let cells = rows.len() * columns.len();
    let (mut kinds, mut numbers, mut texts) = (Vec::with_capacity(cells), Vec::with_capacity(cells), String::new());
    for value in rows.iter().flatten() {
        let (kind, number) = match value {
            Value::Null => (0, 0),
            Value::Boolean(flag) => (1, i64::from(*flag)),
            Value::Integer(number) => (2, *number),
            Value::Decimal(number) => (3, *number),
            Value::Text(text) => (4, place(texts.len(), text.len(), name)?),
            Value::Date(days) => (5, i64::from(*days)),
            Value::Instant(micros) => (6, *micros),
        };
        if let Value::Text(text) = value {
            texts.push_str(text);
        }
        kinds.push(kind);
        numbers.push(number);
    }
    Ok(types::ReferenceTable { name: name.to_owned(), columns, kinds, numbers, texts })
}

fn place(start: usize, length: usize, name: &str) -> Result<i64, PluginError> {
    let too_long =
        |_| PluginError::BadRequest { detail: format!("the texts of the reference table `{name}` are too long") };
    let (start, length) = (i32::try_from(start).map_err(too_long)?, i32::try_from(length).map_err(too_long)?);
    Ok((i64::from(start) << 32) | i64::from(length))
}
