//! Runs of the sweep with their receipts, and the lease that lets one process sweep at a time.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Order, Query};

use crate::error::StoreError;
use crate::row::{as_instant, insert, optional};
use crate::store::Store;
use crate::write::WriteTx;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepOutcome {
    /// Under way, or killed: whoever sweeps next finds out.
    Running,
    /// To its end.
    Done,
    /// A policy could not decide, so nothing more was done.
    Unavailable,
    /// Killed, or its lease was lost; what it did stands.
    Interrupted,
}

impl SweepOutcome {
    /// As it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Unavailable => "unavailable",
            Self::Interrupted => "interrupted",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Running, Self::Done, Self::Unavailable, Self::Interrupted]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepRun {
    /// Id.
    pub id: String,
    /// Microseconds UTC.
    pub started_at: i64,
    /// Microseconds UTC; none while it is under way.
    pub ended_at: Option<i64>,
    /// Opaque id of who started it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The policy set of its last batch.
    pub set_version: i64,
    /// How it ended.
    pub outcome: SweepOutcome,
    /// The policy that could not decide.
    pub culprit: Option<String>,
    /// What was done, as JSON.
    pub counts: String,
    /// Chained digest over the references of every batch.
    pub receipt: String,
}

const TABLE: &str = "sweep_run";
const LEASE: &str = "sweep_lease";
const DETAIL: &str = "decision_detail";
const COLUMNS: [(&str, Type); 10] = [
    ("id", Type::Text),
    ("started_at", Type::Instant),
    ("ended_at", Type::Instant),
    ("actor", Type::Text),
    ("reason", Type::Text),
    ("set_version", Type::Integer),
    ("outcome", Type::Text),
    ("culprit", Type::Text),
    ("counts", Type::Text),
    ("receipt", Type::Text),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl WriteTx {
    /// Takes the lease, unless somebody holds it; whoever held it before was killed, and their run is
    /// noted as interrupted. Answers whether it was taken.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn take_sweep(&mut self, run: &SweepRun, until: i64) -> Result<bool, StoreError> {
        let step = StoreError::at("taking the sweep's lease");
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("holder", Type::Text, Value::text(run.id.as_str())),
            ("until", Type::Instant, Value::Instant(until)),
        ];
        let mut take = insert(LEASE, cells)?;
        let mut conflict = OnConflict::column(Alias::new("tenant_id"));
        conflict
            .update_columns(["holder", "until"].map(Alias::new))
            .action_and_where(Expr::col((Alias::new(LEASE), Alias::new("until"))).lte(run.started_at));
        take.on_conflict(conflict);
        if self.lease.execute(&self.inner.dialect.build(&take)).await.map_err(step)? != 1 {
            return Ok(false);
        }
        let mut killed = Query::update();
        killed
            .table(Alias::new(TABLE))
            .value(Alias::new("outcome"), SweepOutcome::Interrupted.as_str())
            .value(Alias::new("ended_at"), run.started_at)
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("outcome").eq(SweepOutcome::Running.as_str()));
        self.lease.execute(&self.inner.dialect.build(&killed)).await.map_err(step)?;
        let statement = self.inner.dialect.build(&insert(TABLE, cells_of(&self.tenant, run))?);
        self.lease.execute(&statement).await.map_err(step)?;
        Ok(true)
    }

    /// Renews the lease and notes how far the run is, with the batch's transaction. Answers whether the
    /// lease is still the run's: if not, nothing may be committed.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn keep_sweep(&mut self, run: &SweepRun, until: i64) -> Result<bool, StoreError> {
        let step = StoreError::at("noting how far the sweep is");
        let mut renew = Query::update();
        renew
            .table(Alias::new(LEASE))
            .value(Alias::new("until"), until)
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("holder").eq(run.id.as_str()));
        if self.lease.execute(&self.inner.dialect.build(&renew)).await.map_err(step)? != 1 {
            return Ok(false);
        }
        let mut update = Query::update();
        update
            .table(Alias::new(TABLE))
            .value(Alias::new("outcome"), run.outcome.as_str())
            .value(Alias::new("set_version"), run.set_version)
            .value(Alias::new("counts"), run.counts.as_str())
            .value(Alias::new("receipt"), run.receipt.as_str())
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("id").eq(run.id.as_str()));
        if let Some(ended_at) = run.ended_at {
            update.value(Alias::new("ended_at"), ended_at);
        }
        if let Some(culprit) = &run.culprit {
            update.value(Alias::new("culprit"), culprit.as_str());
        }
        self.lease.execute(&self.inner.dialect.build(&update)).await.map_err(step)?;
        Ok(true)
    }

    /// Gives the lease back.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn give_sweep(&mut self, run: &SweepRun) -> Result<(), StoreError> {
        let mut give = Query::delete();
        give.from_table(Alias::new(LEASE))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("holder").eq(run.id.as_str()));
        let statement = self.inner.dialect.build(&give);
        self.lease.execute(&statement).await.map_err(StoreError::at("giving the sweep's lease back")).map(drop)
    }

    /// Destroys which records old lines of the decision log were about; the lines stay, and still verify.
    /// Answers of how many.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn expire_details(&mut self, now: i64) -> Result<u64, StoreError> {
        let mut delete = Query::delete();
        delete
            .from_table(Alias::new(DETAIL))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("ends_at").lte(now));
        let statement = self.inner.dialect.build(&delete);
        self.lease.execute(&statement).await.map_err(StoreError::at("destroying old details of the log"))
    }

    /// Enters a run that did nothing.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn enter_sweep(&mut self, run: &SweepRun) -> Result<(), StoreError> {
        let statement = self.inner.dialect.build(&insert(TABLE, cells_of(&self.tenant, run))?);
        self.lease.execute(&statement).await.map_err(StoreError::at("entering a sweep")).map(drop)
    }
}

impl Store {
    /// Of how many lines of the decision log the records may be known no longer.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn expired_details(&self, tenant: &str, now: i64) -> Result<u64, StoreError> {
        let select = Query::select()
            .expr(Expr::val(1i64).count())
            .from(Alias::new(DETAIL))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("ends_at").lte(now))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("counting old details", &self.inner.dialect.build(&select), &[Type::Integer]).await?;
        match rows.first().map(Vec::as_slice) {
            Some([Value::Integer(count)]) => Ok(count.unsigned_abs()),
            _ => Err(StoreError::Corrupt { what: "count" }),
        }
    }

    /// Runs, the latest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or a run is not readable.
    pub async fn sweeps(&self, tenant: &str, limit: u32) -> Result<Vec<SweepRun>, StoreError> {
        let select = Query::select()
            .exprs(COLUMNS.map(|(name, _)| column(name)))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .order_by_expr(column("started_at"), Order::Desc)
            .order_by_expr(column("id"), Order::Desc)
            .limit(u64::from(limit))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("reading sweeps", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().map(|row| run(row).ok_or(StoreError::Corrupt { what: "sweep" })).collect()
    }
}

fn cells_of<'a>(tenant: &str, run: &SweepRun) -> Vec<crate::row::Cell<'a>> {
    vec![
        ("tenant_id", Type::Text, Value::text(tenant)),
        ("id", Type::Text, Value::text(run.id.as_str())),
        ("started_at", Type::Instant, Value::Instant(run.started_at)),
        ("ended_at", Type::Instant, crate::row::instant(run.ended_at)),
        ("actor", Type::Text, Value::text(run.actor.as_str())),
        ("reason", Type::Text, Value::text(run.reason.as_str())),
        ("set_version", Type::Integer, Value::Integer(run.set_version)),
        ("outcome", Type::Text, Value::text(run.outcome.as_str())),
        ("culprit", Type::Text, optional(run.culprit.as_deref())),
        ("counts", Type::Text, Value::text(run.counts.as_str())),
        ("receipt", Type::Text, Value::text(run.receipt.as_str())),
    ]
}

fn run(row: Vec<Value>) -> Option<SweepRun> {
    let values: [Value; 10] = row.try_into().ok()?;
    let [id, started_at, ended_at, actor, reason, set_version, outcome, culprit, counts, receipt] = values;
    let text = |value: &Value| value.as_text().map(str::to_owned);
    let Value::Integer(set_version) = set_version else { return None };
    Some(SweepRun {
        id: text(&id)?,
        started_at: as_instant(&started_at)?,
        ended_at: as_instant(&ended_at),
        actor: text(&actor)?,
        reason: text(&reason)?,
        set_version,
        outcome: SweepOutcome::parse(outcome.as_text()?)?,
        culprit: text(&culprit),
        counts: text(&counts)?,
        receipt: text(&receipt)?,
    })
}
