//! What tenants defined in their catalogues, in versions: inserted, never updated.

use garant_domain::catalog::custom::Custom;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query};

use crate::error::StoreError;
use crate::row::insert;
use crate::store::Store;

const TABLE: &str = "custom_catalog";

/// A change of what a tenant defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogChange {
    /// The version that it led to.
    pub version: i64,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of whoever did it.
    pub actor: String,
    /// `createCustomField`, ...
    pub what: String,
    /// To what: `contact.shoe_size`.
    pub subject: String,
    /// Why.
    pub reason: String,
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// What a tenant defined, in a version.
    ///
    /// # Errors
    ///
    /// When there is no such version, or it is not readable.
    pub async fn load_custom(&self, tenant: &str, version: i64) -> Result<Custom, StoreError> {
        let select = Query::select()
            .expr(column("body"))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("version").eq(version))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading custom fields", &self.inner.dialect.build(&select), &[Type::Text]).await?;
        let corrupt = || StoreError::Corrupt { what: "custom catalogue" };
        let body = rows.first().and_then(|row| row.first()).and_then(Value::as_text).ok_or_else(corrupt)?;
        serde_json::from_str(body).map_err(|_| corrupt())
    }

    /// Appends a version with the change that led to it.
    ///
    /// # Errors
    ///
    /// `Conflict` when the version is there already: somebody else was first.
    pub async fn append_custom(&self, tenant: &str, custom: &Custom, change: &CatalogChange) -> Result<(), StoreError> {
        let body = serde_json::to_string(custom).map_err(|_| StoreError::Corrupt { what: "custom catalogue" })?;
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("version", Type::Integer, Value::Integer(change.version)),
            ("body", Type::Text, Value::text(body)),
            ("at", Type::Instant, Value::Instant(change.at)),
            ("actor", Type::Text, Value::text(change.actor.as_str())),
            ("what", Type::Text, Value::text(change.what.as_str())),
            ("subject", Type::Text, Value::text(change.subject.as_str())),
            ("reason", Type::Text, Value::text(change.reason.as_str())),
        ];
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        lease.execute(&self.inner.dialect.build(&insert(TABLE, cells)?)).await.map_err(|error| {
            let taken = error.as_database_error().is_some_and(|database| database.is_unique_violation());
            if taken { StoreError::Conflict } else { StoreError::at("storing custom fields")(error) }
        })?;
        lease.commit().await
    }

    /// Who changed what and why, the latest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or a change is not readable.
    pub async fn custom_changes(&self, tenant: &str, limit: u32) -> Result<Vec<CatalogChange>, StoreError> {
        let select = Query::select()
            .columns(["version", "at", "actor", "what", "subject", "reason"].map(Alias::new))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .order_by_expr(column("version"), Order::Desc)
            .limit(u64::from(limit))
            .take();
        let types = [Type::Integer, Type::Instant, Type::Text, Type::Text, Type::Text, Type::Text];
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&select);
        let rows = lease.fetch("reading changes of custom fields", &statement, &types).await?;
        rows.into_iter()
            .map(|row| match <[Value; 6]>::try_from(row) {
                Ok(
                    [
                        Value::Integer(version),
                        Value::Instant(at),
                        Value::Text(actor),
                        Value::Text(what),
                        Value::Text(subject),
                        Value::Text(reason),
                    ],
                ) => Ok(CatalogChange { version, at, actor, what, subject, reason }),
                _ => Err(StoreError::Corrupt { what: "change of the catalogue" }),
            })
            .collect()
    }
}
