//! Jobs: imports and exports that run by themselves, claimed by one process at a time. What a job was asked
//! and what it holds is sealed before it comes here.

mod claim;
mod keys;
mod part;

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};

use crate::error::StoreError;
use crate::row::{as_instant, insert, instant, optional};
use crate::store::Store;

pub use claim::JobStep;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Its file is still coming.
    Uploading,
    /// Waits to be run, or to be tried again.
    Queued,
    /// Is run by somebody, or was until they were killed.
    Running,
    /// Came to its end.
    Done,
    /// Stopped by a problem; what it did stands, and it can be resumed.
    Failed,
    /// Stopped by somebody; what it did stands, and it can be resumed.
    Cancelled,
}

impl JobState {
    const ALL: [Self; 6] = [Self::Uploading, Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// As it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uploading => "uploading",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens by itself.
    #[must_use]
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Id; time-ordered.
    pub id: String,
    /// What kind of work: `import`, `export`.
    pub kind: String,
    /// Opaque id of whose it is.
    pub owner: String,
    /// Entity name.
    pub entity: String,
    /// Where it stands.
    pub state: JobState,
    /// The job's key, wrapped.
    pub wrapped: String,
    /// What was asked, sealed.
    pub request: String,
    /// How far it is, sealed; none before it began.
    pub position: Option<String>,
    /// Counts, as JSON.
    pub progress: String,
    /// Why it stopped or is tried again, as JSON.
    pub problem: Option<String>,
    /// Grows with each claim.
    pub fence: i64,
    /// Claims since it last got on.
    pub attempts: i64,
    /// When it may be tried, or until when it is somebody's; microseconds UTC.
    pub due_at: i64,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub started_at: Option<i64>,
    /// Microseconds UTC.
    pub ended_at: Option<i64>,
    /// When it goes with all that it holds; microseconds UTC.
    pub expires_at: i64,
}

const TABLE: &str = "job";
const COLUMNS: [(&str, Type); 17] = [
    ("id", Type::Text),
    ("kind", Type::Text),
    ("owner", Type::Text),
    ("entity", Type::Text),
    ("state", Type::Text),
    ("wrapped", Type::Text),
    ("request", Type::Text),
    ("position", Type::Text),
    ("progress", Type::Text),
    ("problem", Type::Text),
    ("fence", Type::Integer),
    ("attempts", Type::Integer),
    ("due_at", Type::Instant),
    ("created_at", Type::Instant),
    ("started_at", Type::Instant),
    ("ended_at", Type::Instant),
    ("expires_at", Type::Instant),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

fn select(tenant: &str) -> SelectStatement {
    Query::select()
        .exprs(COLUMNS.map(|(name, _)| column(name)))
        .from(Alias::new(TABLE))
        .and_where(column("tenant_id").eq(tenant))
        .take()
}

impl Store {
    /// Enters a job.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_job(&self, tenant: &str, job: &Job) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("id", Type::Text, Value::text(job.id.as_str())),
            ("kind", Type::Text, Value::text(job.kind.as_str())),
            ("owner", Type::Text, Value::text(job.owner.as_str())),
            ("entity", Type::Text, Value::text(job.entity.as_str())),
            ("state", Type::Text, Value::text(job.state.as_str())),
            ("wrapped", Type::Text, Value::text(job.wrapped.as_str())),
            ("request", Type::Text, Value::text(job.request.as_str())),
            ("position", Type::Text, optional(job.position.as_deref())),
            ("progress", Type::Text, Value::text(job.progress.as_str())),
            ("problem", Type::Text, optional(job.problem.as_deref())),
            ("fence", Type::Integer, Value::Integer(job.fence)),
            ("attempts", Type::Integer, Value::Integer(job.attempts)),
            ("due_at", Type::Instant, Value::Instant(job.due_at)),
            ("created_at", Type::Instant, Value::Instant(job.created_at)),
            ("started_at", Type::Instant, instant(job.started_at)),
            ("ended_at", Type::Instant, instant(job.ended_at)),
            ("expires_at", Type::Instant, Value::Instant(job.expires_at)),
        ];
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let statement = self.inner.dialect.build(&insert(TABLE, cells)?);
        lease.execute(&statement).await.map_err(StoreError::at("entering a job"))?;
        lease.commit().await
    }

    /// One job.
    ///
    /// # Errors
    ///
    /// When the database fails, or it is not readable.
    pub async fn job(&self, tenant: &str, id: &str) -> Result<Option<Job>, StoreError> {
        let mut select = select(tenant);
        select.and_where(column("id").eq(id));
        Ok(self.fetch_jobs(tenant, &select).await?.pop())
    }

    /// Jobs of somebody, or of everybody, the newest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or one is not readable.
    pub async fn jobs(&self, tenant: &str, owner: Option<&str>, limit: u64) -> Result<Vec<Job>, StoreError> {
        let mut select = select(tenant);
        if let Some(owner) = owner {
            select.and_where(column("owner").eq(owner));
        }
        select.order_by_expr(column("id"), Order::Desc).limit(limit);
        self.fetch_jobs(tenant, &select).await
    }

    async fn fetch_jobs(&self, tenant: &str, select: &SelectStatement) -> Result<Vec<Job>, StoreError> {
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("reading jobs", &self.inner.dialect.build(select), &types).await?;
        rows.into_iter().map(|row| job(row).ok_or(StoreError::Corrupt { what: "job" })).collect()
    }
}

fn job(row: Vec<Value>) -> Option<Job> {
    let values: [Value; 17] = row.try_into().ok()?;
    let [
        id,
        kind,
        owner,
        entity,
        state,
        wrapped,
        request,
        position,
        progress,
        problem,
        fence,
        attempts,
        due_at,
        created_at,
        started_at,
        ended_at,
        expires_at,
    ] = values;
    let text = |value: &Value| value.as_text().map(str::to_owned);
    let number = |value: &Value| match value {
        Value::Integer(number) => Some(*number),
        _ => None,
    };
    Some(Job {
        id: text(&id)?,
        kind: text(&kind)?,
        owner: text(&owner)?,
        entity: text(&entity)?,
        state: JobState::parse(state.as_text()?)?,
        wrapped: text(&wrapped)?,
        request: text(&request)?,
        position: text(&position),
        progress: text(&progress)?,
        problem: text(&problem),
        fence: number(&fence)?,
        attempts: number(&attempts)?,
        due_at: as_instant(&due_at)?,
        created_at: as_instant(&created_at)?,
        started_at: as_instant(&started_at),
        ended_at: as_instant(&ended_at),
        expires_at: as_instant(&expires_at)?,
    })
}
