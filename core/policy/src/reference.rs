//! Reference tables: rows of registers and of public lists that a plugin declared, as of the
//! request's time.

use garant_domain::value::Value;
use sha2::{Digest, Sha256};

use crate::bindings::types;
use crate::cache::{Digest32, put, put_value};
use crate::convert::value_out;
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
    /// `BAD_REQUEST` if a row has not as many values as there are columns.
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
        let rows = rows.into_iter().map(|row| row.into_iter().map(value_out).collect()).collect();
        let table = types::ReferenceTable { name: name.to_owned(), columns, rows };
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
