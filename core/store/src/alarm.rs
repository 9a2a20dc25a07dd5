//! Alarms: what the DPO must look at.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, InsertStatement, Order, Query};

use crate::error::StoreError;
use crate::row::{as_instant, insert, instant};
use crate::store::Store;

/// Something that the DPO must look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Id.
    pub id: String,
    /// Microseconds UTC.
    pub at: i64,
    /// `break_glass`, or what a policy raised.
    pub kind: String,
    /// Opaque id of who caused it.
    pub actor: String,
    /// Role key.
    pub role: String,
    /// The words that were given.
    pub reason: String,
    /// Microseconds UTC; when it ends or ended by itself.
    pub ends_at: Option<i64>,
    /// Microseconds UTC; when the DPO had seen it.
    pub seen_at: Option<i64>,
    /// Opaque id of who saw it.
    pub seen_by: Option<String>,
}

const ALARM: [(&str, Type); 9] = [
    ("id", Type::Text),
    ("at", Type::Instant),
    ("kind", Type::Text),
    ("actor", Type::Text),
    ("role", Type::Text),
    ("reason", Type::Text),
    ("ends_at", Type::Instant),
    ("seen_at", Type::Instant),
    ("seen_by", Type::Text),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

/// `INSERT` of an alarm: who caused it (actor, role) and with which words.
pub(crate) fn alarm_row(
    tenant: &str,
    id: &str,
    at: i64,
    kind: &str,
    (actor, role, reason): (&str, &str, &str),
    ends_at: Option<i64>,
) -> Result<InsertStatement, StoreError> {
    let cells = vec![
        ("tenant_id", Type::Text, Value::text(tenant)),
        ("id", Type::Text, Value::text(id)),
        ("at", Type::Instant, Value::Instant(at)),
        ("kind", Type::Text, Value::text(kind)),
        ("actor", Type::Text, Value::text(actor)),
        ("role", Type::Text, Value::text(role)),
        ("reason", Type::Text, Value::text(reason)),
        ("ends_at", Type::Instant, instant(ends_at)),
    ];
    insert("alarm", cells)
}

impl Store {
    /// Raises an alarm.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_alarm(&self, tenant: &str, alarm: &Alarm) -> Result<(), StoreError> {
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let caused = (alarm.actor.as_str(), alarm.role.as_str(), alarm.reason.as_str());
        let insert = alarm_row(tenant, &alarm.id, alarm.at, &alarm.kind, caused, alarm.ends_at)?;
        lease.execute(&self.inner.dialect.build(&insert)).await.map_err(StoreError::at("raising an alarm"))?;
        lease.commit().await
    }

    /// The alarms, the latest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn alarms(&self, tenant: &str, limit: u32) -> Result<Vec<Alarm>, StoreError> {
        let select = Query::select()
            .columns(ALARM.iter().map(|(name, _)| Alias::new(*name)))
            .from(Alias::new("alarm"))
            .and_where(column("tenant_id").eq(tenant))
            .order_by_expr(column("at"), Order::Desc)
            .order_by_expr(column("id"), Order::Desc)
            .limit(u64::from(limit))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = ALARM.map(|(_, ty)| ty);
        let rows = lease.fetch("reading the alarms", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().map(alarm).collect()
    }

    /// The alarm of a kind that an actor has running: begun, not ended.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn running_alarm(
        &self,
        tenant: &str,
        kind: &str,
        actor: &str,
        now: i64,
    ) -> Result<Option<Alarm>, StoreError> {
        let select = Query::select()
            .columns(ALARM.iter().map(|(name, _)| Alias::new(*name)))
            .from(Alias::new("alarm"))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("actor").eq(actor))
            .and_where(column("kind").eq(kind))
            .and_where(column("ends_at").gt(now))
            .order_by_expr(column("ends_at"), Order::Desc)
            .limit(1)
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = ALARM.map(|(_, ty)| ty);
        let rows = lease.fetch("reading a running alarm", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().next().map(alarm).transpose()
    }

    /// Ends what an actor has running, before its time. Answers whether anything ran.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn end_alarm(&self, tenant: &str, kind: &str, actor: &str, now: i64) -> Result<bool, StoreError> {
        let mut update = Query::update();
        update
            .table(Alias::new("alarm"))
            .value(Alias::new("ends_at"), now)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("actor").eq(actor))
            .and_where(column("kind").eq(kind))
            .and_where(column("ends_at").gt(now));
        self.update_alarms(tenant, &update).await
    }

    /// Notes that the DPO has seen an alarm. Answers whether there was one not seen before.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn see_alarm(&self, tenant: &str, id: &str, at: i64, by: &str) -> Result<bool, StoreError> {
        let mut update = Query::update();
        update
            .table(Alias::new("alarm"))
            .value(Alias::new("seen_at"), at)
            .value(Alias::new("seen_by"), by)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(id))
            .and_where(column("seen_at").is_null());
        self.update_alarms(tenant, &update).await
    }

    async fn update_alarms(&self, tenant: &str, update: &sea_query::UpdateStatement) -> Result<bool, StoreError> {
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let touched = lease.execute(&self.inner.dialect.build(update)).await;
        let touched = touched.map_err(StoreError::at("changing an alarm"))?;
        lease.commit().await?;
        Ok(touched > 0)
    }
}

fn alarm(row: Vec<Value>) -> Result<Alarm, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "alarm" };
    let values: [Value; 9] = row.try_into().map_err(|_| corrupt())?;
    let [id, at, kind, actor, role, reason, ends_at, seen_at, seen_by] = values;
    let text = |value: &Value| value.as_text().map(str::to_owned).ok_or_else(corrupt);
    Ok(Alarm {
        id: text(&id)?,
        at: as_instant(&at).ok_or_else(corrupt)?,
        kind: text(&kind)?,
        actor: text(&actor)?,
        role: text(&role)?,
        reason: text(&reason)?,
        ends_at: as_instant(&ends_at),
        seen_at: as_instant(&seen_at),
        seen_by: seen_by.as_text().map(str::to_owned),
    })
}
