//! Changes of policies that wait for a second person.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query};

use crate::error::StoreError;
use crate::pool::Lease;
use crate::row::{as_instant, insert};
use crate::store::{Inner, Store};

/// A change that waits for its second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingChange {
    /// Id.
    pub id: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of who asked for it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Plugin id.
    pub policy: String,
    /// What is to be done, as JSON.
    pub request: serde_json::Value,
    /// Microseconds UTC; nobody can confirm it from then on.
    pub expires_at: i64,
}

/// What the second person said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Id of the pending change.
    pub id: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of who said it.
    pub by: String,
    /// Whether the change is made.
    pub confirmed: bool,
}

const PENDING: [(&str, Type); 7] = [
    ("id", Type::Text),
    ("at", Type::Instant),
    ("actor", Type::Text),
    ("reason", Type::Text),
    ("policy", Type::Text),
    ("request", Type::Text),
    ("expires_at", Type::Instant),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// Stores a change that waits.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_pending(&self, tenant: &str, pending: &PendingChange) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("id", Type::Text, Value::text(pending.id.as_str())),
            ("at", Type::Instant, Value::Instant(pending.at)),
            ("actor", Type::Text, Value::text(pending.actor.as_str())),
            ("reason", Type::Text, Value::text(pending.reason.as_str())),
            ("policy", Type::Text, Value::text(pending.policy.as_str())),
            ("request", Type::Text, Value::text(pending.request.to_string())),
            ("expires_at", Type::Instant, Value::Instant(pending.expires_at)),
        ];
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let insert = insert("policy_pending", cells)?;
        lease.execute(&self.inner.dialect.build(&insert)).await.map_err(StoreError::at("storing a pending change"))?;
        lease.commit().await
    }

    /// The changes that wait and have not expired, the oldest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn pending(&self, tenant: &str, now: i64) -> Result<Vec<PendingChange>, StoreError> {
        let select = Query::select()
            .columns(PENDING.iter().map(|(name, _)| Alias::new(*name)))
            .from(Alias::new("policy_pending"))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("decided_at").is_null())
            .and_where(column("expires_at").gt(now))
            .order_by_expr(column("at"), Order::Asc)
            .order_by_expr(column("id"), Order::Asc)
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = PENDING.map(|(_, ty)| ty);
        let rows = lease.fetch("reading the pending changes", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().map(pending).collect()
    }

    /// Notes that a pending change is not made.
    ///
    /// # Errors
    ///
    /// `Conflict` when it was decided meanwhile.
    pub async fn reject_pending(&self, tenant: &str, decision: &Decision) -> Result<(), StoreError> {
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        decide(&mut lease, &self.inner, tenant, decision).await?;
        lease.commit().await
    }
}

/// Decides on a pending change, inside the transaction of what it causes.
pub(crate) async fn decide(
    lease: &mut Lease,
    inner: &Inner,
    tenant: &str,
    decision: &Decision,
) -> Result<(), StoreError> {
    let mut update = Query::update();
    update
        .table(Alias::new("policy_pending"))
        .value(Alias::new("decided_at"), decision.at)
        .value(Alias::new("decided_by"), decision.by.as_str())
        .value(Alias::new("outcome"), if decision.confirmed { "confirmed" } else { "rejected" })
        .and_where(column("tenant_id").eq(tenant))
        .and_where(column("id").eq(decision.id.as_str()))
        .and_where(column("decided_at").is_null())
        .and_where(column("expires_at").gt(decision.at));
    let touched = lease.execute(&inner.dialect.build(&update)).await;
    if touched.map_err(StoreError::at("deciding on a pending change"))? == 1 {
        return Ok(());
    }
    Err(StoreError::Conflict)
}

fn pending(row: Vec<Value>) -> Result<PendingChange, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "pending change" };
    let values: [Value; 7] = row.try_into().map_err(|_| corrupt())?;
    let [id, at, actor, reason, policy, request, expires_at] = values;
    let text = |value: &Value| value.as_text().map(str::to_owned).ok_or_else(corrupt);
    Ok(PendingChange {
        id: text(&id)?,
        at: as_instant(&at).ok_or_else(corrupt)?,
        actor: text(&actor)?,
        reason: text(&reason)?,
        policy: text(&policy)?,
        request: serde_json::from_str(&text(&request)?).map_err(|_| corrupt())?,
        expires_at: as_instant(&expires_at).ok_or_else(corrupt)?,
    })
}
