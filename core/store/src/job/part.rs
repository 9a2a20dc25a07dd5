//! The pieces of a job's files, sealed, in their order; and their end.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, ExprTrait, Query};

use super::{TABLE, column};
use crate::error::StoreError;
use crate::pool::Statement;
use crate::row::insert;
use crate::sql::list;
use crate::store::{Inner, Store};
use crate::write::WriteTx;

const PARTS: &str = "job_part";
/// Jobs that go in one transaction.
const AT_ONCE: u64 = 20;

fn put(inner: &Inner, tenant: &str, job: &str, part: &str, seq: i64, sealed: &str) -> Result<Statement, StoreError> {
    let cells = vec![
        ("tenant_id", Type::Text, Value::text(tenant)),
        ("job_id", Type::Text, Value::text(job)),
        ("part", Type::Text, Value::text(part)),
        ("seq", Type::Integer, Value::Integer(seq)),
        ("sealed", Type::Text, Value::text(sealed)),
    ];
    Ok(inner.dialect.build(&insert(PARTS, cells)?))
}

impl WriteTx {
    /// Adds a piece with what it is a piece of.
    ///
    /// # Errors
    ///
    /// When the database fails, or the piece is there.
    pub async fn put_job_part(&mut self, job: &str, part: &str, seq: i64, sealed: &str) -> Result<(), StoreError> {
        let statement = put(&self.inner, &self.tenant, job, part, seq, sealed)?;
        self.lease.execute(&statement).await.map_err(StoreError::at("keeping a piece of a job")).map(drop)
    }
}

impl Store {
    /// Adds a piece of a file that is coming.
    ///
    /// # Errors
    ///
    /// When the database fails, or the piece is there.
    pub async fn put_job_part(
        &self,
        tenant: &str,
        job: &str,
        part: &str,
        seq: i64,
        sealed: &str,
    ) -> Result<(), StoreError> {
        let statement = put(&self.inner, tenant, job, part, seq, sealed)?;
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(false).await?;
        lease.execute(&statement).await.map_err(StoreError::at("keeping a piece of a file"))?;
        lease.commit().await
    }

    /// A piece, as it was sealed.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn job_part(&self, tenant: &str, job: &str, part: &str, seq: i64) -> Result<Option<String>, StoreError> {
        let select = Query::select()
            .expr(column("sealed"))
            .from(Alias::new(PARTS))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("job_id").eq(job))
            .and_where(column("part").eq(part))
            .and_where(column("seq").eq(seq))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading a piece of a job", &self.inner.dialect.build(&select), &[Type::Text]).await?;
        Ok(rows.first().and_then(|row| row.first()?.as_text().map(str::to_owned)))
    }

    /// Destroys jobs that are past their days with all that they hold; answers how many, a few at a time.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn expire_jobs(&self, tenant: &str, now: i64) -> Result<usize, StoreError> {
        let past = Query::select()
            .expr(column("id"))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("expires_at").lte(now))
            .limit(AT_ONCE)
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("looking for old jobs", &self.inner.dialect.build(&past), &[Type::Text]).await?;
        drop(lease);
        let ids: Vec<&str> = rows.iter().filter_map(|row| row.first()?.as_text()).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        for (table, key) in [(PARTS, "job_id"), ("job_key", "job_id"), (TABLE, "id")] {
            let delete = Query::delete()
                .from_table(Alias::new(table))
                .and_where(column("tenant_id").eq(tenant))
                .and_where(column(key).is_in(list(ids.iter().copied())))
                .take();
            let statement = self.inner.dialect.build(&delete);
            lease.execute(&statement).await.map_err(StoreError::at("destroying old jobs"))?;
        }
        lease.commit().await?;
        Ok(ids.len())
    }
}
