//! The log asked by time: who was active for which purpose, what observed policies would have done,
//! how much somebody has read.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement};

use crate::error::StoreError;
use crate::store::Store;

/// Accesses of one kind since an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Entity name.
    pub entity: String,
    /// Purpose keys.
    pub purposes: Vec<String>,
    /// Opaque id of the actor.
    pub actor: String,
    /// Role key.
    pub role: String,
    /// Channel, if one was named.
    pub channel: Option<String>,
    /// Recipient, if there was one.
    pub recipient: Option<String>,
    /// How many accesses.
    pub requests: i64,
    /// The last of them, microseconds UTC.
    pub last_at: i64,
}

/// Accesses in which observed policies would have done the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// Entity name.
    pub entity: String,
    /// Purpose keys.
    pub purposes: Vec<String>,
    /// Codes, each with the number of records shown or written on which it would have taken effect.
    pub codes: Vec<(String, u64)>,
    /// How many accesses.
    pub requests: i64,
    /// The last of them, microseconds UTC.
    pub last_at: i64,
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

/// Lines of a tenant since an instant, counted by columns.
fn counted(tenant: &str, since: i64, by: &[&str]) -> SelectStatement {
    let mut select = Query::select();
    select
        .columns(by.iter().map(|name| Alias::new(*name)))
        .expr(Expr::val(1i64).count())
        .expr(column("at").max())
        .from(Alias::new("decision_log"))
        .and_where(column("tenant_id").eq(tenant))
        .and_where(column("at").gte(since))
        .group_by_columns(by.iter().map(|name| Alias::new(*name)));
    for name in by {
        select.order_by(Alias::new(*name), sea_query::Order::Asc);
    }
    select
}

fn corrupt() -> StoreError {
    StoreError::Corrupt { what: "log line" }
}

fn keys(value: &Value) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(value.as_text().unwrap_or("[]")).map_err(|_| corrupt())
}

impl Store {
    /// Who was shown or wrote what since an instant.
    ///
    /// # Errors
    ///
    /// When the database fails, or a line is not what was written.
    pub async fn activity(&self, tenant: &str, since: i64) -> Result<Vec<Activity>, StoreError> {
        let by = ["entity", "purposes", "actor", "role", "channel", "recipient"];
        let mut select = counted(tenant, since, &by);
        select.and_where(column("outcome").is_in(["shown", "written", "refused"]));
        let types = [[Type::Text; 6].as_slice(), &[Type::Integer, Type::Instant]].concat();
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading who was active", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter()
            .map(|row| {
                let [entity, purposes, actor, role, channel, recipient, requests, last] = row.as_slice() else {
                    return Err(corrupt());
                };
                let text = |value: &Value| value.as_text().map(str::to_owned);
                let (Value::Integer(requests), Value::Instant(last_at)) = (requests, last) else {
                    return Err(corrupt());
                };
                Ok(Activity {
                    entity: text(entity).unwrap_or_default(),
                    purposes: keys(purposes)?,
                    actor: text(actor).unwrap_or_default(),
                    role: text(role).unwrap_or_default(),
                    channel: text(channel),
                    recipient: text(recipient),
                    requests: *requests,
                    last_at: *last_at,
                })
            })
            .collect()
    }

    /// What observed policies would have done since an instant.
    ///
    /// # Errors
    ///
    /// When the database fails, or a line is not what was written.
    pub async fn observations(&self, tenant: &str, since: i64) -> Result<Vec<Observation>, StoreError> {
        let mut select = counted(tenant, since, &["entity", "purposes", "observed"]);
        select.and_where(column("observed").is_not_null());
        let types = [Type::Text, Type::Text, Type::Text, Type::Integer, Type::Instant];
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading what was observed", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter()
            .map(|row| match row.as_slice() {
                [entity, purposes, Value::Text(observed), Value::Integer(requests), Value::Instant(last_at)] => {
                    Ok(Observation {
                        entity: entity.as_text().unwrap_or_default().to_owned(),
                        purposes: keys(purposes)?,
                        codes: serde_json::from_str(observed).map_err(|_| corrupt())?,
                        requests: *requests,
                        last_at: *last_at,
                    })
                }
                _ => Err(corrupt()),
            })
            .collect()
    }

    /// How many records of some entities an actor was shown since an instant.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn records_read(
        &self,
        tenant: &str,
        actor: &str,
        entities: &[&str],
        since: i64,
    ) -> Result<i64, StoreError> {
        let sum = Func::coalesce([column("records").sum(), Expr::val(0i64)]);
        let select = Query::select()
            // The sum of 64-bit integers is a decimal on PostgreSQL.
            .expr(Expr::from(sum).cast_as("bigint"))
            .from(Alias::new("decision_log"))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("actor").eq(actor))
            .and_where(column("at").gte(since))
            .and_where(column("outcome").eq("shown"))
            .and_where(column("entity").is_in(entities.iter().copied()))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&select);
        let rows = lease.fetch("counting what was read", &statement, &[Type::Integer]).await?;
        match rows.first().map(Vec::as_slice) {
            Some([Value::Integer(records)]) => Ok(*records),
            _ => Err(StoreError::Corrupt { what: "count" }),
        }
    }
}
