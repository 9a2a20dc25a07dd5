//! Webhooks: who subscribes to which entity. What they are told is queued in [`delivery`].

mod delivery;

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query};

pub use delivery::{Delivery, DeliveryState, Settled};

use crate::error::StoreError;
use crate::row::{insert, optional};
use crate::store::Store;
use crate::value::bind_as;

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Id.
    pub id: String,
    /// For people.
    pub name: String,
    /// Where deliveries are posted.
    pub url: String,
    /// Entity name.
    pub entity: String,
    /// Fields that are told; never empty.
    pub fields: Vec<String>,
    /// `created`, `updated`, `access_ended`.
    pub events: Vec<String>,
    /// Key of the purpose of the disclosure; none for an entity about nobody.
    pub purpose: Option<String>,
    /// Channel through which people would be reached.
    pub channel: Option<String>,
    /// The registered recipient that is told; none for an entity about nobody.
    pub recipient_id: Option<String>,
    /// Role under which the records are read.
    pub role: String,
    /// Whether anything is delivered.
    pub active: bool,
    /// Grows by one with each change.
    pub version: i64,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Opaque id of who made it.
    pub created_by: String,
}

const TABLE: &str = "webhook";

const COLUMNS: [(&str, Type); 14] = [
    ("id", Type::Text),
    ("name", Type::Text),
    ("url", Type::Text),
    ("entity", Type::Text),
    ("fields", Type::Text),
    ("events", Type::Text),
    ("purpose", Type::Text),
    ("channel", Type::Text),
    ("recipient_id", Type::Text),
    ("role", Type::Text),
    ("active", Type::Boolean),
    ("version", Type::Integer),
    ("created_at", Type::Instant),
    ("created_by", Type::Text),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// Stores a new subscription.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_webhook(&self, tenant: &str, webhook: &Webhook) -> Result<(), StoreError> {
        let text = |text: &str| Value::text(text);
        let cells = vec![
            ("tenant_id", Type::Text, text(tenant)),
            ("id", Type::Text, text(&webhook.id)),
            ("name", Type::Text, text(&webhook.name)),
            ("url", Type::Text, text(&webhook.url)),
            ("entity", Type::Text, text(&webhook.entity)),
            ("fields", Type::Text, text(&webhook.fields.join(" "))),
            ("events", Type::Text, text(&webhook.events.join(" "))),
            ("purpose", Type::Text, optional(webhook.purpose.as_deref())),
            ("channel", Type::Text, optional(webhook.channel.as_deref())),
            ("recipient_id", Type::Text, optional(webhook.recipient_id.as_deref())),
            ("role", Type::Text, text(&webhook.role)),
            ("active", Type::Boolean, Value::Boolean(webhook.active)),
            ("version", Type::Integer, Value::Integer(webhook.version)),
            ("created_at", Type::Instant, Value::Instant(webhook.created_at)),
            ("created_by", Type::Text, text(&webhook.created_by)),
        ];
        let step = StoreError::at("storing a webhook");
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        lease.execute(&self.inner.dialect.build(&insert(TABLE, cells)?)).await.map_err(step)?;
        lease.commit().await
    }

    /// Every subscription of a tenant, the oldest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn webhooks(&self, tenant: &str) -> Result<Vec<Webhook>, StoreError> {
        let select = Query::select()
            .columns(COLUMNS.iter().map(|(name, _)| Alias::new(*name)))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .order_by_expr(column("id"), Order::Asc)
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("reading webhooks", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().map(webhook).collect()
    }

    /// Switches a subscription on or off.
    ///
    /// # Errors
    ///
    /// `VersionConflict` when it has another version, or is gone.
    pub async fn set_webhook_active(
        &self,
        tenant: &str,
        id: &str,
        expected_version: i64,
        active: bool,
    ) -> Result<(), StoreError> {
        let update = Query::update()
            .table(Alias::new(TABLE))
            .value(Alias::new("active"), bind_as("active", Type::Boolean, &Value::Boolean(active))?)
            .value(Alias::new("version"), expected_version + 1)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(id))
            .and_where(column("version").eq(expected_version))
            .take();
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let step = StoreError::at("switching a webhook");
        if lease.execute(&self.inner.dialect.build(&update)).await.map_err(step)? != 1 {
            return Err(StoreError::VersionConflict);
        }
        lease.commit().await
    }
}

fn webhook(row: Vec<Value>) -> Result<Webhook, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "webhook" };
    let values: [Value; 14] = row.try_into().map_err(|_| corrupt())?;
    let [id, name, url, entity, fields, events, purpose, channel, recipient, role, active, version, at, by] = values;
    let optional = |value: Value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    };
    let required = |value: Value| optional(value).ok_or_else(corrupt);
    let words = |value: Value| Ok::<_, StoreError>(required(value)?.split(' ').map(str::to_owned).collect());
    let (Value::Boolean(active), Value::Integer(version), Value::Instant(created_at)) = (active, version, at) else {
        return Err(corrupt());
    };
    Ok(Webhook {
        id: required(id)?,
        name: required(name)?,
        url: required(url)?,
        entity: required(entity)?,
        fields: words(fields)?,
        events: words(events)?,
        purpose: optional(purpose),
        channel: optional(channel),
        recipient_id: optional(recipient),
        role: required(role)?,
        active,
        version,
        created_at,
        created_by: required(by)?,
    })
}
