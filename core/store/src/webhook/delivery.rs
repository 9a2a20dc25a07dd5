//! The queue of deliveries: from changed records to attempts, claimed by one process at a time. What a
//! delivery says is decided when it is tried; nothing of a record's values is kept here.

use std::collections::{BTreeMap, BTreeSet};

use garant_domain::clock::new_id;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Order, Query, SelectStatement};

use super::column;
use crate::error::StoreError;
use crate::row::{insert, insert_all, optional};
use crate::sql::list;
use crate::store::Store;
use crate::value::bind_as;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// To be tried at `next_at`.
    Due,
    /// The subscriber took it.
    Delivered,
    /// Given up; it may be replayed.
    Dead,
    /// There was nothing to tell.
    Cancelled,
}

impl DeliveryState {
    /// As it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Due, Self::Delivered, Self::Dead, Self::Cancelled].into_iter().find(|state| state.as_str() == text)
    }
}

/// A delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Id, the same for every attempt.
    pub id: String,
    /// The subscription.
    pub webhook_id: String,
    /// The record.
    pub record_id: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts so far, the one under way included.
    pub attempts: i64,
    /// When it may be tried (again); microseconds UTC.
    pub next_at: i64,
    /// HTTP status of the last attempt that got one.
    pub status: Option<i64>,
    /// Why the last attempt failed: a code, never a body.
    pub failure: Option<String>,
    /// What was told: `created`, `updated`, `access_ended`.
    pub event: Option<String>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub settled_at: Option<i64>,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Where the delivery stands now.
    pub state: DeliveryState,
    /// When it is tried again, if it is due.
    pub next_at: i64,
    /// HTTP status, if there was one.
    pub status: Option<i64>,
    /// Why it failed: a code.
    pub failure: Option<String>,
    /// What was told.
    pub event: Option<String>,
}

const TABLE: &str = "webhook_delivery";
const VIEW: &str = "webhook_view";

const COLUMNS: [(&str, Type); 11] = [
    ("id", Type::Text),
    ("webhook_id", Type::Text),
    ("record_id", Type::Text),
    ("state", Type::Text),
    ("attempts", Type::Integer),
    ("next_at", Type::Instant),
    ("status", Type::Integer),
    ("failure", Type::Text),
    ("event", Type::Text),
    ("created_at", Type::Instant),
    ("settled_at", Type::Instant),
];

fn select(tenant: &str) -> SelectStatement {
    let mut select = Query::select();
    select
        .columns(COLUMNS.iter().map(|(name, _)| Alias::new(*name)))
        .from(Alias::new(TABLE))
        .and_where(column("tenant_id").eq(tenant));
    select
}

impl Store {
    /// Turns changed records into deliveries, one for each active subscription of their entity; answers
    /// how many events were taken.
    ///
    /// # Errors
    ///
    /// When the database fails; then nothing was taken.
    pub async fn fan_out(&self, tenant: &str, now: i64, limit: u64) -> Result<usize, StoreError> {
        let step = StoreError::at("fanning changes out");
        let webhooks = self.webhooks(tenant).await?;
        if !self.has_events(tenant).await? {
            return Ok(0);
        }
        let oldest = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new("record_event"))
            .and_where(column("tenant_id").eq(tenant))
            .order_by_expr(column("id"), Order::Asc)
            .limit(limit)
            .take();
        // Deleting is claiming: of two processes one gets the rows, the other finds them gone.
        let take = Query::delete()
            .from_table(Alias::new("record_event"))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").in_subquery(oldest))
            .returning(Query::returning().columns(["entity", "record_id"].map(Alias::new)))
            .take();
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let events =
            lease.fetch("fanning changes out", &self.inner.dialect.build(&take), &[Type::Text, Type::Text]).await?;
        let mut pairs = BTreeSet::new();
        for event in &events {
            let [Value::Text(entity), Value::Text(record)] = event.as_slice() else { continue };
            let subscribed = webhooks.iter().filter(|webhook| webhook.active && webhook.entity == *entity);
            pairs.extend(subscribed.map(|webhook| (webhook.id.clone(), record.clone())));
        }
        if !pairs.is_empty() {
            let rows = pairs.iter().map(|(webhook, record)| new_delivery(tenant, webhook, record, now)).collect();
            lease.execute(&self.inner.dialect.build(&insert_all(TABLE, rows)?)).await.map_err(step)?;
        }
        lease.commit().await?;
        Ok(events.len())
    }

    /// Whether a change waits, so that an idle server takes no lock.
    async fn has_events(&self, tenant: &str) -> Result<bool, StoreError> {
        let any = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new("record_event"))
            .and_where(column("tenant_id").eq(tenant))
            .limit(1)
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let found = lease.fetch("looking for changes", &self.inner.dialect.build(&any), &[Type::Text]).await?;
        Ok(!found.is_empty())
    }

    /// Queues a delivery of one record to one subscription; answers its id.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn enqueue_delivery(
        &self,
        tenant: &str,
        webhook_id: &str,
        record_id: &str,
        now: i64,
    ) -> Result<String, StoreError> {
        let cells = new_delivery(tenant, webhook_id, record_id, now);
        let id = cells.iter().find(|(name, ..)| *name == "id").and_then(|(_, _, id)| id.as_text().map(str::to_owned));
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let step = StoreError::at("queueing a delivery");
        lease.execute(&self.inner.dialect.build(&insert(TABLE, cells)?)).await.map_err(step)?;
        lease.commit().await?;
        Ok(id.unwrap_or_default())
    }

    /// Claims the delivery that is due longest, until an instant: nobody else tries it before then. One
    /// about a record of which the subscriber is being told already waits until that has ended.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn claim_delivery(&self, tenant: &str, now: i64, until: i64) -> Result<Option<Delivery>, StoreError> {
        let step = StoreError::at("claiming a delivery");
        loop {
            let mut due = select(tenant);
            due.and_where(column("state").eq(DeliveryState::Due.as_str()))
                .and_where(column("next_at").lte(now))
                .and_where(Expr::not_exists(under_way(tenant, now)))
                .order_by_expr(column("next_at"), Order::Asc)
                .order_by_expr(column("id"), Order::Asc)
                .limit(1);
            let found = self.fetch_deliveries(tenant, &due).await?;
            let Some(mut delivery) = found.into_iter().next() else { return Ok(None) };
            let claim = Query::update()
                .table(Alias::new(TABLE))
                .value(Alias::new("next_at"), until)
                .value(Alias::new("attempts"), delivery.attempts + 1)
                .and_where(column("tenant_id").eq(tenant))
                .and_where(column("id").eq(delivery.id.as_str()))
                .and_where(column("state").eq(DeliveryState::Due.as_str()))
                .and_where(column("attempts").eq(delivery.attempts))
                .take();
            let mut lease = self.inner.write.lease(tenant).await?;
            lease.begin(false).await?;
            let claimed = lease.execute(&self.inner.dialect.build(&claim)).await.map_err(step)? == 1;
            lease.commit().await?;
            if claimed {
                delivery.attempts += 1;
                delivery.next_at = until;
                return Ok(Some(delivery));
            }
            // Another process was faster; there may be more.
        }
    }

    /// Notes how an attempt ended, unless the delivery was taken over meanwhile, and what the subscriber
    /// has been told by now: a digest, or nothing any more.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn settle_delivery(
        &self,
        tenant: &str,
        delivery: &Delivery,
        settled: &Settled,
        told: Option<Option<&str>>,
        now: i64,
    ) -> Result<(), StoreError> {
        let step = StoreError::at("settling a delivery");
        let number = |value: Option<i64>| value.map_or(Value::Null, Value::Integer);
        let settled_at = if settled.state == DeliveryState::Due { Value::Null } else { Value::Instant(now) };
        let update = Query::update()
            .table(Alias::new(TABLE))
            .value(Alias::new("state"), settled.state.as_str())
            .value(Alias::new("next_at"), settled.next_at)
            .value(Alias::new("status"), bind_as("status", Type::Integer, &number(settled.status))?)
            .value(Alias::new("failure"), bind_as("failure", Type::Text, &optional(settled.failure.as_deref()))?)
            .value(Alias::new("event"), bind_as("event", Type::Text, &optional(settled.event.as_deref()))?)
            .value(Alias::new("settled_at"), bind_as("settled_at", Type::Instant, &settled_at)?)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(delivery.id.as_str()))
            .and_where(column("attempts").eq(delivery.attempts))
            .take();
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        lease.execute(&self.inner.dialect.build(&update)).await.map_err(step)?;
        if let Some(told) = told {
            let forget = Query::delete()
                .from_table(Alias::new(VIEW))
                .and_where(column("tenant_id").eq(tenant))
                .and_where(column("webhook_id").eq(delivery.webhook_id.as_str()))
                .and_where(column("record_id").eq(delivery.record_id.as_str()))
                .take();
            lease.execute(&self.inner.dialect.build(&forget)).await.map_err(step)?;
            if let Some(digest) = told {
                let mut seen = insert(
                    VIEW,
                    vec![
                        ("tenant_id", Type::Text, Value::text(tenant)),
                        ("webhook_id", Type::Text, Value::text(delivery.webhook_id.as_str())),
                        ("record_id", Type::Text, Value::text(delivery.record_id.as_str())),
                        ("digest", Type::Text, Value::text(digest)),
                    ],
                )?;
                let key = ["tenant_id", "webhook_id", "record_id"].map(Alias::new);
                seen.on_conflict(OnConflict::columns(key).update_column(Alias::new("digest")).to_owned());
                lease.execute(&self.inner.dialect.build(&seen)).await.map_err(step)?;
            }
        }
        lease.commit().await
    }

    /// What a subscriber was told last of some records, as digests by record id.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn told(
        &self,
        tenant: &str,
        webhook_id: &str,
        records: &[&str],
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let select = view(tenant, webhook_id).and_where(column("record_id").is_in(list(records.to_vec()))).take();
        self.fetch_view(tenant, &select).await
    }

    /// Records that a subscriber has been told of, by id, after one of them.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn told_after(
        &self,
        tenant: &str,
        webhook_id: &str,
        after: &str,
        limit: u64,
    ) -> Result<BTreeMap<String, String>, StoreError> {
        let select = view(tenant, webhook_id)
            .and_where(column("record_id").gt(after))
            .order_by_expr(column("record_id"), Order::Asc)
            .limit(limit)
            .take();
        self.fetch_view(tenant, &select).await
    }

    /// Deliveries of a subscription, the newest first; of one record only if it is named.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn deliveries(&self, tenant: &str, webhook_id: &str, limit: u64) -> Result<Vec<Delivery>, StoreError> {
        let mut newest = select(tenant);
        newest.and_where(column("webhook_id").eq(webhook_id)).order_by_expr(column("id"), Order::Desc).limit(limit);
        self.fetch_deliveries(tenant, &newest).await
    }

    /// Which of some records have a delivery that is due to a subscriber.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn due_records(
        &self,
        tenant: &str,
        webhook_id: &str,
        records: &[&str],
    ) -> Result<BTreeSet<String>, StoreError> {
        let mut due = select(tenant);
        due.and_where(column("webhook_id").eq(webhook_id))
            .and_where(column("state").eq(DeliveryState::Due.as_str()))
            .and_where(column("record_id").is_in(list(records.to_vec())));
        Ok(self.fetch_deliveries(tenant, &due).await?.into_iter().map(|delivery| delivery.record_id).collect())
    }

    /// A delivery by its id.
    ///
    /// # Errors
    ///
    /// When the database fails, or the row is not readable.
    pub async fn delivery(&self, tenant: &str, id: &str) -> Result<Option<Delivery>, StoreError> {
        let mut one = select(tenant);
        one.and_where(column("id").eq(id));
        Ok(self.fetch_deliveries(tenant, &one).await?.into_iter().next())
    }

    async fn fetch_deliveries(&self, tenant: &str, select: &SelectStatement) -> Result<Vec<Delivery>, StoreError> {
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("reading deliveries", &self.inner.dialect.build(select), &types).await?;
        rows.into_iter().map(delivery).collect()
    }

    async fn fetch_view(&self, tenant: &str, select: &SelectStatement) -> Result<BTreeMap<String, String>, StoreError> {
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = [Type::Text, Type::Text];
        let rows = lease.fetch("reading what was told", &self.inner.dialect.build(select), &types).await?;
        let pair = |row: Vec<Value>| match <[Value; 2]>::try_from(row) {
            Ok([Value::Text(record), Value::Text(digest)]) => Some((record, digest)),
            _ => None,
        };
        Ok(rows.into_iter().filter_map(pair).collect())
    }
}

/// A delivery of the same subscription about the same record that somebody is trying, or will try again.
fn under_way(tenant: &str, now: i64) -> SelectStatement {
    let other = |name: &str| Expr::col((Alias::new("other"), Alias::new(name)));
    let this = |name: &str| Expr::col((Alias::new(TABLE), Alias::new(name)));
    Query::select()
        .expr(Expr::val(1i64))
        .from_as(Alias::new(TABLE), Alias::new("other"))
        .and_where(other("tenant_id").eq(tenant))
        .and_where(other("webhook_id").eq(this("webhook_id")))
        .and_where(other("record_id").eq(this("record_id")))
        .and_where(other("state").eq(DeliveryState::Due.as_str()))
        .and_where(other("attempts").gt(0))
        .and_where(other("next_at").gt(now))
        .and_where(other("id").ne(this("id")))
        .take()
}

fn view(tenant: &str, webhook_id: &str) -> SelectStatement {
    let mut select = Query::select();
    select
        .columns(["record_id", "digest"].map(Alias::new))
        .from(Alias::new(VIEW))
        .and_where(column("tenant_id").eq(tenant))
        .and_where(column("webhook_id").eq(webhook_id));
    select
}

fn new_delivery(tenant: &str, webhook: &str, record: &str, now: i64) -> Vec<(&'static str, Type, Value)> {
    vec![
        ("tenant_id", Type::Text, Value::text(tenant)),
        ("id", Type::Text, Value::text(new_id())),
        ("webhook_id", Type::Text, Value::text(webhook)),
        ("record_id", Type::Text, Value::text(record)),
        ("state", Type::Text, Value::text(DeliveryState::Due.as_str())),
        ("attempts", Type::Integer, Value::Integer(0)),
        ("next_at", Type::Instant, Value::Instant(now)),
        ("created_at", Type::Instant, Value::Instant(now)),
    ]
}

fn delivery(row: Vec<Value>) -> Result<Delivery, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "delivery" };
    let values: [Value; 11] = row.try_into().map_err(|_| corrupt())?;
    let [id, webhook, record, state, attempts, next_at, status, failure, event, created_at, settled_at] = values;
    let optional = |value: Value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    };
    let required = |value: Value| optional(value).ok_or_else(corrupt);
    let (Value::Integer(attempts), Value::Instant(next_at), Value::Instant(created_at)) =
        (attempts, next_at, created_at)
    else {
        return Err(corrupt());
    };
    Ok(Delivery {
        id: required(id)?,
        webhook_id: required(webhook)?,
        record_id: required(record)?,
        state: required(state).ok().as_deref().and_then(DeliveryState::parse).ok_or_else(corrupt)?,
        attempts,
        next_at,
        status: match status {
            Value::Integer(status) => Some(status),
            _ => None,
        },
        failure: optional(failure),
        event: optional(event),
        created_at,
        settled_at: match settled_at {
            Value::Instant(at) => Some(at),
            _ => None,
        },
    })
}
