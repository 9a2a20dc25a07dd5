//! Approvals: operations that somebody asked other people to let them do once.

mod step;

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Cond, Expr, ExprTrait, Order, Query, SelectStatement};

use crate::error::StoreError;
use crate::row::as_instant;
use crate::store::Store;

/// An operation that others were asked to approve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Id.
    pub id: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of who asked.
    pub actor: String,
    /// Role key of who asked.
    pub role: String,
    /// Kind of approval, as the policy names it.
    pub kind: String,
    /// Keyed digest of the operation.
    pub digest: String,
    /// Entity on which it was refused.
    pub entity: String,
    /// What the operation does, in names of the schema.
    pub outline: String,
    /// Purpose keys.
    pub purposes: Vec<String>,
    /// Channel, if one was named.
    pub channel: Option<String>,
    /// Opaque id of the recipient, if there is one.
    pub recipient: Option<String>,
    /// Code of the rule that refused.
    pub code: String,
    /// Why it is asked for.
    pub reason: String,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// Microseconds UTC.
    pub approved_at: Option<i64>,
    /// Opaque id of who approved.
    pub approved_by: Option<String>,
    /// Microseconds UTC.
    pub declined_at: Option<i64>,
    /// Opaque id of who declined, or took the approval back.
    pub declined_by: Option<String>,
    /// Why.
    pub declined_reason: Option<String>,
    /// Microseconds UTC.
    pub used_at: Option<i64>,
}

/// An approval that an operation has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenApproval {
    /// Id.
    pub id: String,
    /// Opaque id of who approved.
    pub by: String,
    /// Whether this very run has used it already.
    pub used: bool,
}

const TABLE: &str = "approval";

const COLUMNS: [(&str, Type); 20] = [
    ("id", Type::Text),
    ("at", Type::Instant),
    ("actor", Type::Text),
    ("role", Type::Text),
    ("kind", Type::Text),
    ("digest", Type::Text),
    ("entity", Type::Text),
    ("outline", Type::Text),
    ("purposes", Type::Text),
    ("channel", Type::Text),
    ("recipient", Type::Text),
    ("code", Type::Text),
    ("reason", Type::Text),
    ("expires_at", Type::Instant),
    ("approved_at", Type::Instant),
    ("approved_by", Type::Text),
    ("declined_at", Type::Instant),
    ("declined_by", Type::Text),
    ("declined_reason", Type::Text),
    ("used_at", Type::Instant),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

/// Approved, not taken back, and either fresh or used by this very run.
fn usable(run: &str, now: i64) -> Cond {
    let fresh = Cond::all().add(column("used_at").is_null()).add(column("expires_at").gt(now));
    Cond::all()
        .add(column("approved_at").is_not_null())
        .add(column("declined_at").is_null())
        .add(Cond::any().add(column("used_in").eq(run)).add(fresh))
}

fn select(tenant: &str) -> SelectStatement {
    let mut select = Query::select();
    select
        .columns(COLUMNS.iter().map(|(name, _)| Alias::new(*name)))
        .from(Alias::new(TABLE))
        .and_where(column("tenant_id").eq(tenant));
    select
}

impl Store {
    /// What was asked, newest first; of one actor, or of all.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn approvals(&self, tenant: &str, actor: Option<&str>, limit: u32) -> Result<Vec<Approval>, StoreError> {
        let mut select = select(tenant);
        if let Some(actor) = actor {
            select.and_where(column("actor").eq(actor));
        }
        select
            .order_by_expr(column("at"), Order::Desc)
            .order_by_expr(column("id"), Order::Desc)
            .limit(u64::from(limit));
        self.read_approvals(tenant, &select).await
    }

    /// What was asked under an id.
    ///
    /// # Errors
    ///
    /// As [`Self::approvals`].
    pub async fn approval(&self, tenant: &str, id: &str) -> Result<Option<Approval>, StoreError> {
        let mut select = select(tenant);
        select.and_where(column("id").eq(id));
        Ok(self.read_approvals(tenant, &select).await?.pop())
    }

    /// What somebody has asked that can still be approved or used.
    ///
    /// # Errors
    ///
    /// As [`Self::approvals`].
    pub async fn open_approvals(&self, tenant: &str, actor: &str, now: i64) -> Result<Vec<Approval>, StoreError> {
        let mut select = select(tenant);
        select
            .and_where(column("actor").eq(actor))
            .and_where(column("expires_at").gt(now))
            .and_where(column("declined_at").is_null())
            .and_where(column("used_at").is_null());
        self.read_approvals(tenant, &select).await
    }

    async fn read_approvals(&self, tenant: &str, select: &SelectStatement) -> Result<Vec<Approval>, StoreError> {
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("reading approvals", &self.inner.dialect.build(select), &types).await?;
        rows.into_iter().map(approval).collect()
    }

    /// The approvals of a kind that an operation has in one of its runs.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn given_approvals(
        &self,
        tenant: &str,
        digest: &str,
        kind: &str,
        run: &str,
        now: i64,
    ) -> Result<Vec<GivenApproval>, StoreError> {
        let select = Query::select()
            .columns(["id", "approved_by", "used_at"].map(Alias::new))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("digest").eq(digest))
            .and_where(column("kind").eq(kind))
            .cond_where(usable(run, now))
            .order_by_expr(column("id"), Order::Asc)
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = [Type::Text, Type::Text, Type::Instant];
        let rows = lease.fetch("counting approvals", &self.inner.dialect.build(&select), &types).await?;
        let given = |row: Vec<Value>| match row.as_slice() {
            [Value::Text(id), Value::Text(by), used_at] => {
                Ok(GivenApproval { id: id.clone(), by: by.clone(), used: !used_at.is_null() })
            }
            _ => Err(StoreError::Corrupt { what: "approval" }),
        };
        rows.into_iter().map(given).collect()
    }
}

fn corrupt() -> StoreError {
    StoreError::Corrupt { what: "approval" }
}

fn approval(row: Vec<Value>) -> Result<Approval, StoreError> {
    let values: [Value; COLUMNS.len()] = row.try_into().map_err(|_| corrupt())?;
    let [
        id,
        at,
        actor,
        role,
        kind,
        digest,
        entity,
        outline,
        purposes,
        channel,
        recipient,
        code,
        reason,
        expires_at,
        approved_at,
        approved_by,
        declined_at,
        declined_by,
        declined_reason,
        used_at,
    ] = values;
    let text = |value: &Value| value.as_text().map(str::to_owned).ok_or_else(corrupt);
    let maybe = |value: &Value| value.as_text().map(str::to_owned);
    Ok(Approval {
        id: text(&id)?,
        at: as_instant(&at).ok_or_else(corrupt)?,
        actor: text(&actor)?,
        role: text(&role)?,
        kind: text(&kind)?,
        digest: text(&digest)?,
        entity: text(&entity)?,
        outline: text(&outline)?,
        purposes: serde_json::from_str(&text(&purposes)?).map_err(|_| corrupt())?,
        channel: maybe(&channel),
        recipient: maybe(&recipient),
        code: text(&code)?,
        reason: text(&reason)?,
        expires_at: as_instant(&expires_at).ok_or_else(corrupt)?,
        approved_at: as_instant(&approved_at),
        approved_by: maybe(&approved_by),
        declined_at: as_instant(&declined_at),
        declined_by: maybe(&declined_by),
        declined_reason: maybe(&declined_reason),
        used_at: as_instant(&used_at),
    })
}
