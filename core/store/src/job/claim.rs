//! Whose a job is: claimed under a lease, kept by a heartbeat, fenced so that whoever was taken over commits
//! nothing more, and given up.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, LockBehavior, LockType, Order, Query, UpdateStatement};

use super::{COLUMNS, Job, JobState, TABLE, column, job};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::{instant, optional};
use crate::store::Store;
use crate::value::bind_as;
use crate::write::WriteTx;

/// How far a job got; committed with what it did.
#[derive(Clone, Debug)]
pub struct JobStep<'a> {
    /// The job.
    pub id: &'a str,
    /// The claim under which it was done.
    pub fence: i64,
    /// Where to go on, sealed.
    pub position: &'a str,
    /// Counts, as JSON.
    pub progress: &'a str,
    /// Until when it is left to whoever runs it.
    pub until: i64,
    /// When it goes.
    pub expires_at: i64,
}

fn update(tenant: &str, id: &str) -> UpdateStatement {
    Query::update()
        .table(Alias::new(TABLE))
        .and_where(column("tenant_id").eq(tenant))
        .and_where(column("id").eq(id))
        .take()
}

/// The claim under which it runs still holds.
fn held(update: &mut UpdateStatement, fence: i64) {
    update.and_where(column("fence").eq(fence)).and_where(column("state").eq(JobState::Running.as_str()));
}

impl WriteTx {
    /// Notes how far a job got, with what it did. Answers whether it is still whoever says so who runs it:
    /// if not, nothing may be committed.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn step_job(&mut self, step: &JobStep<'_>) -> Result<bool, StoreError> {
        let mut update = update(&self.tenant, step.id);
        held(&mut update, step.fence);
        update
            .value(Alias::new("position"), step.position)
            .value(Alias::new("progress"), step.progress)
            .value(Alias::new("problem"), bind_as("problem", Type::Text, &Value::Null)?)
            .value(Alias::new("attempts"), 0i64)
            .value(Alias::new("due_at"), step.until)
            .value(Alias::new("expires_at"), step.expires_at);
        let statement = self.inner.dialect.build(&update);
        let touched = self.lease.execute(&statement).await.map_err(StoreError::at("noting how far a job is"))?;
        Ok(touched == 1)
    }
}

impl Store {
    /// Claims the job that is due longest (or that one), until an instant: nobody else runs it before then.
    ///
    /// # Errors
    ///
    /// When the database fails, or it is not readable.
    pub async fn claim_job(
        &self,
        tenant: &str,
        only: Option<&str>,
        now: i64,
        until: i64,
    ) -> Result<Option<Job>, StoreError> {
        let mut due = Query::select();
        due.expr(column("id"))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("state").is_in([JobState::Queued, JobState::Running].map(JobState::as_str)))
            .and_where(column("due_at").lte(now))
            .order_by_expr(column("due_at"), Order::Asc)
            .order_by_expr(column("id"), Order::Asc)
            .limit(1);
        if let Some(id) = only {
            due.and_where(column("id").eq(id));
        }
        // An idle server takes no lock.
        let mut lease = self.inner.read.lease(tenant).await?;
        if lease.fetch("looking for a job", &self.inner.dialect.build(&due), &[Type::Text]).await?.is_empty() {
            return Ok(None);
        }
        drop(lease);
        // Several processes claim at once; on SQLite there is one writer.
        if self.inner.dialect == Dialect::Postgres {
            due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let claim = Query::update()
            .table(Alias::new(TABLE))
            .value(Alias::new("state"), JobState::Running.as_str())
            .value(Alias::new("fence"), column("fence").add(1i64))
            .value(Alias::new("attempts"), column("attempts").add(1i64))
            .value(Alias::new("due_at"), until)
            .value(Alias::new("started_at"), Expr::col(Alias::new("started_at")).if_null(now))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(Expr::SubQuery(None, Box::new(due.into()))))
            .returning(Query::returning().columns(COLUMNS.map(|(name, _)| Alias::new(name))))
            .take();
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("claiming a job", &self.inner.dialect.build(&claim), &types).await?;
        lease.commit().await?;
        rows.into_iter().next().map(|row| job(row).ok_or(StoreError::Corrupt { what: "job" })).transpose()
    }

    /// Keeps a job for whoever runs it until a later instant. Answers whether it is still theirs.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn keep_job(&self, tenant: &str, id: &str, fence: i64, until: i64) -> Result<bool, StoreError> {
        let mut update = update(tenant, id);
        held(&mut update, fence);
        update.value(Alias::new("due_at"), until);
        self.change_job(tenant, &update).await
    }

    /// Gives a job up: at its end, or to be tried again at `due_at`. Answers whether it was still theirs.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn leave_job(&self, tenant: &str, left: &Job) -> Result<bool, StoreError> {
        let mut update = update(tenant, &left.id);
        held(&mut update, left.fence);
        update
            .value(Alias::new("state"), left.state.as_str())
            .value(Alias::new("problem"), bind_as("problem", Type::Text, &optional(left.problem.as_deref()))?)
            .value(Alias::new("due_at"), left.due_at)
            .value(Alias::new("ended_at"), bind_as("ended_at", Type::Instant, &instant(left.ended_at))?)
            .value(Alias::new("expires_at"), left.expires_at);
        self.change_job(tenant, &update).await
    }

    /// Puts a job that stands in one of some states into another, due at once. Answers whether it did stand
    /// there. Whoever runs it finds out with their next commit, which then fails.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn turn_job(
        &self,
        tenant: &str,
        id: &str,
        from: &[JobState],
        to: JobState,
        now: i64,
        expires_at: i64,
    ) -> Result<bool, StoreError> {
        let ended_at = instant(to.is_ended().then_some(now));
        let mut update = update(tenant, id);
        update
            .and_where(column("state").is_in(from.iter().map(|state| state.as_str())))
            .value(Alias::new("state"), to.as_str())
            .value(Alias::new("due_at"), now)
            .value(Alias::new("attempts"), 0i64)
            .value(Alias::new("ended_at"), bind_as("ended_at", Type::Instant, &ended_at)?)
            .value(Alias::new("expires_at"), expires_at);
        self.change_job(tenant, &update).await
    }

    /// The file of a job has come whole: it waits to be run. Answers whether it was still awaited.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn ready_job(&self, tenant: &str, id: &str, position: &str, progress: &str) -> Result<bool, StoreError> {
        let mut update = update(tenant, id);
        update
            .and_where(column("state").eq(JobState::Uploading.as_str()))
            .value(Alias::new("state"), JobState::Queued.as_str())
            .value(Alias::new("position"), position)
            .value(Alias::new("progress"), progress);
        self.change_job(tenant, &update).await
    }

    async fn change_job(&self, tenant: &str, update: &UpdateStatement) -> Result<bool, StoreError> {
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let statement = self.inner.dialect.build(update);
        let touched = lease.execute(&statement).await.map_err(StoreError::at("changing a job"))?;
        lease.commit().await?;
        Ok(touched == 1)
    }
}
