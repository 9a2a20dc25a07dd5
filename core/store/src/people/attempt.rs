//! Failed attempts, counted under keyed hashes: whoever reads them learns nobody's address.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};

use super::column;
use crate::error::StoreError;
use crate::row::{Cells, insert};
use crate::store::Store;

/// Failed attempts of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What they are counted under.
    pub subject: String,
    /// How many, since the last success or the last long pause.
    pub failures: i64,
    /// Microseconds UTC.
    pub last_at: i64,
}

const TABLE: &str = "attempt";

impl Store {
    /// What failed under some subjects.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn attempts(&self, tenant: &str, subjects: &[String]) -> Result<Vec<Attempt>, StoreError> {
        let select = Query::select()
            .columns(["subject", "failures", "last_at"].map(Alias::new))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("subject").is_in(subjects.iter().map(String::as_str)))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = [Type::Text, Type::Integer, Type::Instant];
        let rows = lease.fetch("reading attempts", &self.inner.dialect.build(&select), &types).await?;
        let attempt = |row| {
            let mut cells = Cells::of("attempt", row);
            Ok(Attempt {
                subject: cells.text()?,
                failures: cells.maybe_integer().unwrap_or_default(),
                last_at: cells.instant()?,
            })
        };
        rows.into_iter().map(attempt).collect()
    }

    /// Counts one more failure under each subject, and forgets those whose last one was before an instant.
    /// Answers how many each has by now, so that of attempts at once each has a number of its own.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn note_failure(
        &self,
        tenant: &str,
        subjects: &[String],
        now: i64,
        forget_before: i64,
    ) -> Result<Vec<i64>, StoreError> {
        let step = "counting an attempt";
        let old = Query::delete()
            .from_table(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("last_at").lt(forget_before))
            .take();
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        lease.execute(&self.inner.dialect.build(&old)).await.map_err(StoreError::at(step))?;
        let mut counts = Vec::new();
        for subject in subjects {
            let mut insert = insert(
                TABLE,
                vec![
                    ("tenant_id", Type::Text, Value::text(tenant)),
                    ("subject", Type::Text, Value::text(subject.as_str())),
                    ("failures", Type::Integer, Value::Integer(1)),
                    ("last_at", Type::Instant, Value::Instant(now)),
                ],
            )?;
            let failures = Expr::col((Alias::new(TABLE), Alias::new("failures"))).add(1i64);
            let again = OnConflict::columns(["tenant_id", "subject"].map(Alias::new))
                .value(Alias::new("failures"), failures)
                .value(Alias::new("last_at"), now)
                .to_owned();
            insert.on_conflict(again).returning_col(Alias::new("failures"));
            let rows = lease.fetch(step, &self.inner.dialect.build(&insert), &[Type::Integer]).await?;
            let count = rows.into_iter().next().and_then(|row| Cells::of("attempt", row).maybe_integer());
            counts.push(count.ok_or(StoreError::Corrupt { what: "attempt" })?);
        }
        lease.commit().await?;
        Ok(counts)
    }

    /// An attempt did not fail after all: forgets what failed under some subjects, and takes back the one
    /// that was counted under others.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn forget_failures(
        &self,
        tenant: &str,
        forget: &[String],
        take_back: &[String],
    ) -> Result<(), StoreError> {
        let among = |subjects: &[String]| column("subject").is_in(subjects.iter().map(String::as_str));
        let delete = Query::delete()
            .from_table(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(among(forget))
            .take();
        let mut statements = vec![self.inner.dialect.build(&delete)];
        if !take_back.is_empty() {
            let update = Query::update()
                .table(Alias::new(TABLE))
                .value(Alias::new("failures"), column("failures").sub(1i64))
                .and_where(column("tenant_id").eq(tenant))
                .and_where(among(take_back))
                .and_where(column("failures").gt(0i64))
                .take();
            statements.push(self.inner.dialect.build(&update));
        }
        self.alter(tenant, "forgetting attempts", &statements).await.map(drop)
    }
}
