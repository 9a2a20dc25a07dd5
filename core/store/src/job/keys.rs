//! Which keys a file has named so far, as keyed hashes: what a run must remember of all its rows lies here
//! and not in memory.

use std::collections::BTreeMap;

use garant_domain::value::{Type, Value};
use sea_query::{Alias, ExprTrait, Query};

use super::column;
use crate::error::StoreError;
use crate::row::insert_all;
use crate::sql::list;
use crate::write::WriteTx;

const KEYS: &str = "job_key";
/// Keys in one statement.
const CHUNK: usize = 500;

impl WriteTx {
    /// The lines on which keys were named before.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn job_keys(&mut self, job: &str, digests: &[String]) -> Result<BTreeMap<String, u64>, StoreError> {
        let mut found = BTreeMap::new();
        for digests in digests.chunks(CHUNK) {
            let select = Query::select()
                .exprs(["digest", "line"].map(column))
                .from(Alias::new(KEYS))
                .and_where(column("tenant_id").eq(self.tenant.as_str()))
                .and_where(column("job_id").eq(job))
                .and_where(column("digest").is_in(list(digests.iter().map(String::as_str))))
                .take();
            let statement = self.inner.dialect.build(&select);
            let rows = self.lease.fetch("looking keys of a file up", &statement, &[Type::Text, Type::Integer]).await?;
            found.extend(rows.into_iter().filter_map(|row| match row.as_slice() {
                [Value::Text(digest), Value::Integer(line)] => Some((digest.clone(), line.unsigned_abs())),
                _ => None,
            }));
        }
        Ok(found)
    }

    /// Remembers keys with their lines; none of them is known yet.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_job_keys(&mut self, job: &str, keys: &BTreeMap<String, u64>) -> Result<(), StoreError> {
        let rows: Vec<_> = keys
            .iter()
            .map(|(digest, line)| {
                vec![
                    ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
                    ("job_id", Type::Text, Value::text(job)),
                    ("digest", Type::Text, Value::text(digest.as_str())),
                    ("line", Type::Integer, Value::Integer(i64::try_from(*line).unwrap_or(i64::MAX))),
                ]
            })
            .collect();
        for rows in rows.chunks(CHUNK) {
            let statement = self.inner.dialect.build(&insert_all(KEYS, rows.to_vec())?);
            self.lease.execute(&statement).await.map_err(StoreError::at("remembering keys of a file"))?;
        }
        Ok(())
    }

    /// Forgets keys.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn drop_job_keys(&mut self, job: &str, digests: &[String]) -> Result<(), StoreError> {
        for digests in digests.chunks(CHUNK) {
            let delete = Query::delete()
                .from_table(Alias::new(KEYS))
                .and_where(column("tenant_id").eq(self.tenant.as_str()))
                .and_where(column("job_id").eq(job))
                .and_where(column("digest").is_in(list(digests.iter().map(String::as_str))))
                .take();
            let statement = self.inner.dialect.build(&delete);
            self.lease.execute(&statement).await.map_err(StoreError::at("forgetting keys of a file"))?;
        }
        Ok(())
    }
}
