//! Plugins: their code by digest, and the register of what a tenant has installed. The code is never
//! deleted, since a set that decided once must be readable again; the register says what may be put
//! into a set now.

use garant_domain::policy_set::Needs;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Order, Query};

use crate::error::StoreError;
use crate::row::{as_instant, insert, optional};
use crate::store::Store;

/// A plugin that a tenant installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledPlugin {
    /// Plugin id.
    pub plugin: String,
    /// SHA-256 of the component, hex.
    pub digest: String,
    /// Version that the plugin names itself.
    pub version: String,
    /// Name of the trusted publisher who signed it; `None` for an unsigned one.
    pub publisher: Option<String>,
    /// Microseconds UTC.
    pub installed_at: i64,
    /// Opaque id of who installed it.
    pub installed_by: String,
    /// Why.
    pub reason: String,
    /// What it asks for.
    pub needs: Needs,
}

const COLUMNS: [(&str, Type); 8] = [
    ("plugin", Type::Text),
    ("digest", Type::Text),
    ("version", Type::Text),
    ("publisher", Type::Text),
    ("installed_at", Type::Instant),
    ("installed_by", Type::Text),
    ("reason", Type::Text),
    ("needs", Type::Text),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// Stores a plugin's code under its digest; storing it again changes nothing.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_component(&self, digest: &str, bytes: &[u8], now: i64) -> Result<(), StoreError> {
        let mut insert = Query::insert();
        insert
            .into_table(Alias::new("plugin_component"))
            .columns(["digest", "bytes", "stored_at"].map(Alias::new))
            .on_conflict(OnConflict::column(Alias::new("digest")).do_nothing().to_owned());
        let values: [Expr; 3] = [digest.into(), Expr::Value(sea_query::Value::Bytes(Some(bytes.to_vec()))), now.into()];
        insert.values(values).map_err(|_| StoreError::Corrupt { what: "row" })?;
        let mut lease = self.inner.write.lease_any().await?;
        lease.begin(true).await?;
        lease.execute(&self.inner.dialect.build(&insert)).await.map_err(StoreError::at("storing a plugin"))?;
        lease.commit().await
    }

    /// A plugin's code by its digest.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn get_component(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let select = Query::select()
            .expr(column("bytes"))
            .from(Alias::new("plugin_component"))
            .and_where(column("digest").eq(digest))
            .take();
        let mut lease = self.inner.read.lease_any().await?;
        lease.fetch_bytes("reading a plugin", &self.inner.dialect.build(&select)).await
    }

    /// Notes a plugin as installed; one that is installed already stays as it is.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn install_plugin(&self, tenant: &str, plugin: &InstalledPlugin) -> Result<(), StoreError> {
        let step = StoreError::at("installing a plugin");
        let needs = serde_json::to_string(&plugin.needs).map_err(|_| StoreError::Corrupt { what: "needs" })?;
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let known = self.installed_query(tenant, Some(&plugin.plugin), Some(&plugin.digest));
        let known = lease.fetch("reading the installed plugins", &self.inner.dialect.build(&known), &types()).await?;
        if known.is_empty() {
            let cells = vec![
                ("tenant_id", Type::Text, Value::text(tenant)),
                ("plugin", Type::Text, Value::text(plugin.plugin.as_str())),
                ("digest", Type::Text, Value::text(plugin.digest.as_str())),
                ("version", Type::Text, Value::text(plugin.version.as_str())),
                ("publisher", Type::Text, optional(plugin.publisher.as_deref())),
                ("installed_at", Type::Instant, Value::Instant(plugin.installed_at)),
                ("installed_by", Type::Text, Value::text(plugin.installed_by.as_str())),
                ("reason", Type::Text, Value::text(plugin.reason.as_str())),
                ("needs", Type::Text, Value::text(needs)),
            ];
            let mut insert = insert("plugin_installed", cells)?;
            // Another process may have installed it in the same microsecond.
            insert.on_conflict(OnConflict::new().do_nothing().to_owned());
            lease.execute(&self.inner.dialect.build(&insert)).await.map_err(step)?;
        }
        lease.commit().await
    }

    /// What is installed, the latest first, of one plugin or of all.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn installed(&self, tenant: &str, plugin: Option<&str>) -> Result<Vec<InstalledPlugin>, StoreError> {
        let select = self.installed_query(tenant, plugin, None);
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading the installed plugins", &self.inner.dialect.build(&select), &types()).await?;
        rows.into_iter().map(installed).collect()
    }

    fn installed_query(&self, tenant: &str, plugin: Option<&str>, digest: Option<&str>) -> sea_query::SelectStatement {
        Query::select()
            .columns(COLUMNS.iter().map(|(name, _)| Alias::new(*name)))
            .from(Alias::new("plugin_installed"))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("removed_at").is_null())
            .and_where_option(plugin.map(|plugin| column("plugin").eq(plugin)))
            .and_where_option(digest.map(|digest| column("digest").eq(digest)))
            .order_by_expr(column("installed_at"), Order::Desc)
            .order_by_expr(column("digest"), Order::Asc)
            .take()
    }

    /// Notes a plugin as no longer installed. Answers whether it was.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn uninstall_plugin(
        &self,
        tenant: &str,
        plugin: &str,
        digest: &str,
        at: i64,
        by: &str,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let mut update = Query::update();
        update
            .table(Alias::new("plugin_installed"))
            .value(Alias::new("removed_at"), at)
            .value(Alias::new("removed_by"), by)
            .value(Alias::new("removed_reason"), reason)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("plugin").eq(plugin))
            .and_where(column("digest").eq(digest))
            .and_where(column("removed_at").is_null());
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        let touched = lease.execute(&self.inner.dialect.build(&update)).await;
        let touched = touched.map_err(StoreError::at("uninstalling a plugin"))?;
        lease.commit().await?;
        Ok(touched > 0)
    }
}

fn types() -> [Type; 8] {
    COLUMNS.map(|(_, ty)| ty)
}

fn installed(row: Vec<Value>) -> Result<InstalledPlugin, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "installed plugin" };
    let values: [Value; 8] = row.try_into().map_err(|_| corrupt())?;
    let [plugin, digest, version, publisher, installed_at, installed_by, reason, needs] = values;
    let text = |value: &Value| value.as_text().map(str::to_owned).ok_or_else(corrupt);
    Ok(InstalledPlugin {
        plugin: text(&plugin)?,
        digest: text(&digest)?,
        version: text(&version)?,
        publisher: publisher.as_text().map(str::to_owned),
        installed_at: as_instant(&installed_at).ok_or_else(corrupt)?,
        installed_by: text(&installed_by)?,
        reason: text(&reason)?,
        needs: serde_json::from_str(&text(&needs)?).map_err(|_| corrupt())?,
    })
}
