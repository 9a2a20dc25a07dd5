//! What the rules of policies asked the host to do besides: tasks, alarms and freezes, each once.

use garant_domain::clock::new_id;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Order, Query};

use crate::alarm::alarm_row;
use crate::error::StoreError;
use crate::register::moved_on;
use crate::row::{Cells, insert};
use crate::store::Store;

/// Something that a rule asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyTask {
    /// Id.
    pub id: String,
    /// `task`, `alarm` or `freeze`.
    pub kind: String,
    /// What it is, in the plugin's words: `ownership-check`.
    pub name: String,
    /// Plugin id.
    pub policy: String,
    /// The version of the policy that asked; another version asks anew.
    pub policy_version: i64,
    /// Reason code, without the plugin's id.
    pub code: String,
    /// Id of the registered recipient of the request; none where it had none.
    pub recipient: Option<String>,
    /// Microseconds UTC.
    pub opened_at: i64,
    /// Microseconds UTC.
    pub done_at: Option<i64>,
    /// Opaque id of who did it.
    pub done_by: Option<String>,
    /// The words of whoever did it.
    pub note: Option<String>,
}

/// Who caused it, for the alarm.
#[derive(Clone, Copy, Debug)]
pub struct CausedBy<'a> {
    /// Opaque id.
    pub actor: &'a str,
    /// Role key.
    pub role: &'a str,
}

/// Flows to the recipient of the request are stopped.
pub const FREEZE: &str = "freeze";
/// The DPO is alarmed.
pub const ALARM: &str = "alarm";

const TABLE: &str = "policy_task";
const COLUMNS: [(&str, Type); 11] = [
    ("id", Type::Text),
    ("kind", Type::Text),
    ("name", Type::Text),
    ("policy", Type::Text),
    ("policy_version", Type::Integer),
    ("code", Type::Text),
    ("recipient_id", Type::Text),
    ("opened_at", Type::Instant),
    ("done_at", Type::Instant),
    ("done_by", Type::Text),
    ("note", Type::Text),
];
/// What makes two of them one.
const SAME: [&str; 7] = ["tenant_id", "kind", "name", "policy", "policy_version", "code", "recipient_id"];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// Opens what was asked for; what was opened before stays as it is. An alarm is raised and the registers
    /// move on for a freeze in the same transaction. Answers those that are new.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn open_policy_tasks(
        &self,
        tenant: &str,
        asked: &[PolicyTask],
        by: CausedBy<'_>,
    ) -> Result<Vec<PolicyTask>, StoreError> {
        let step = || StoreError::at("opening what a policy asked for");
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let mut new = Vec::new();
        for task in asked {
            let cells = vec![
                ("tenant_id", Type::Text, Value::text(tenant)),
                ("id", Type::Text, Value::text(task.id.as_str())),
                ("kind", Type::Text, Value::text(task.kind.as_str())),
                ("name", Type::Text, Value::text(task.name.as_str())),
                ("policy", Type::Text, Value::text(task.policy.as_str())),
                ("policy_version", Type::Integer, Value::Integer(task.policy_version)),
                ("code", Type::Text, Value::text(task.code.as_str())),
                ("recipient_id", Type::Text, Value::text(task.recipient.as_deref().unwrap_or_default())),
                ("opened_at", Type::Instant, Value::Instant(task.opened_at)),
            ];
            let mut insert = insert(TABLE, cells)?;
            insert.on_conflict(OnConflict::columns(SAME.map(Alias::new)).do_nothing().to_owned());
            if lease.execute(&self.inner.dialect.build(&insert)).await.map_err(step())? == 0 {
                continue;
            }
            if task.kind == ALARM {
                let code = format!("{}/{}", task.policy, task.code);
                let alarm = alarm_row(tenant, &new_id(), task.opened_at, &task.name, (by.actor, by.role, &code), None)?;
                lease.execute(&self.inner.dialect.build(&alarm)).await.map_err(step())?;
            }
            new.push(task.clone());
        }
        if new.iter().any(|task| task.kind == FREEZE) {
            moved_on(&mut lease, &self.inner, tenant).await?;
        }
        lease.commit().await?;
        Ok(new)
    }

    /// What policies asked for, the latest first; what is done only where it is asked for.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn policy_tasks(&self, tenant: &str, done: bool, limit: u32) -> Result<Vec<PolicyTask>, StoreError> {
        let mut select = Query::select();
        select
            .exprs(COLUMNS.map(|(name, _)| column(name)))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant));
        if !done {
            select.and_where(column("done_at").is_null());
        }
        select
            .order_by_expr(column("opened_at"), Order::Desc)
            .order_by_expr(column("id"), Order::Desc)
            .limit(u64::from(limit));
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&select);
        let rows = lease.fetch("reading what policies asked for", &statement, &COLUMNS.map(|(_, ty)| ty)).await?;
        rows.into_iter().map(policy_task).collect()
    }

    /// The code, with the plugin's id, of what froze the flows to a recipient, and still does.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn frozen_by(&self, tenant: &str, recipient: &str) -> Result<Option<String>, StoreError> {
        let select = Query::select()
            .exprs(["policy", "code"].map(column))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("kind").eq(FREEZE))
            .and_where(column("recipient_id").eq(recipient))
            .and_where(column("done_at").is_null())
            .order_by_expr(column("id"), Order::Asc)
            .limit(1)
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&select);
        let rows = lease.fetch("reading freezes", &statement, &[Type::Text; 2]).await?;
        let code = |row: Vec<Value>| Some(format!("{}/{}", row.first()?.as_text()?, row.get(1)?.as_text()?));
        Ok(rows.into_iter().next().and_then(code))
    }

    /// Notes that something was done, or a freeze lifted. Answers whether it was open.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn settle_policy_task(
        &self,
        tenant: &str,
        id: &str,
        at: i64,
        by: &str,
        note: &str,
    ) -> Result<bool, StoreError> {
        let mut update = Query::update();
        update
            .table(Alias::new(TABLE))
            .value(Alias::new("done_at"), at)
            .value(Alias::new("done_by"), by)
            .value(Alias::new("note"), note)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(id))
            .and_where(column("done_at").is_null());
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let statement = self.inner.dialect.build(&update);
        let touched = lease.execute(&statement).await.map_err(StoreError::at("settling what a policy asked for"))?;
        if touched > 0 {
            // It may have been a freeze, which every unit of work knows from the registers.
            moved_on(&mut lease, &self.inner, tenant).await?;
        }
        lease.commit().await?;
        Ok(touched > 0)
    }
}

fn policy_task(row: Vec<Value>) -> Result<PolicyTask, StoreError> {
    let mut cells = Cells::of("policy task", row);
    Ok(PolicyTask {
        id: cells.text()?,
        kind: cells.text()?,
        name: cells.text()?,
        policy: cells.text()?,
        policy_version: cells.maybe_integer().unwrap_or_default(),
        code: cells.text()?,
        recipient: cells.maybe_text().filter(|id| !id.is_empty()),
        opened_at: cells.instant()?,
        done_at: cells.maybe_instant(),
        done_by: cells.maybe_text(),
        note: cells.maybe_text(),
    })
}
