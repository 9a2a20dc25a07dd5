//! What a unit of work asks first. And in which state a tenant's registers are: entities about nobody, which every request needs and few
//! change. A transaction that writes to one leaves another state behind, so that each process may keep
//! their rows in memory for as long as the state stays.

use garant_domain::clock::new_id;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};

use crate::error::StoreError;
use crate::pool::Lease;
use crate::row::insert;
use crate::store::{Inner, Store};

/// What a unit of work asks first, in one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentState {
    /// The version of the current policy set; `None` for a tenant that has none yet.
    pub set_version: Option<i64>,
    /// The state of the registers; `None` until one is written.
    pub registers: Option<String>,
    /// The version of what the tenant defined in its catalogue; 0 for a tenant that defined nothing.
    pub catalog_version: i64,
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// Which policy set decides, in which state the registers are, and by which catalogue records are read.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn current_state(&self, tenant: &str) -> Result<CurrentState, StoreError> {
        let state = Query::select()
            .expr(column("state"))
            .from(Alias::new("register_state"))
            .and_where(column("tenant_id").eq(tenant))
            .take();
        let catalog = Query::select()
            .expr(column("version").max())
            .from(Alias::new("custom_catalog"))
            .and_where(column("tenant_id").eq(tenant))
            .take();
        let select = Query::select()
            .expr(column("version").max())
            .expr(Expr::SubQuery(None, Box::new(state.into())))
            .expr(Expr::SubQuery(None, Box::new(catalog.into())))
            .from(Alias::new("policy_set"))
            .and_where(column("tenant_id").eq(tenant))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&select);
        let types = [Type::Integer, Type::Text, Type::Integer];
        let rows = lease.fetch("reading the current state", &statement, &types).await?;
        let version = |value| if let Value::Integer(version) = value { Some(version) } else { None };
        match rows.into_iter().next().and_then(|row| <[Value; 3]>::try_from(row).ok()) {
            Some([set, registers, catalog]) => Ok(CurrentState {
                set_version: version(set),
                registers: registers.as_text().map(str::to_owned),
                catalog_version: version(catalog).unwrap_or_default(),
            }),
            None => Err(StoreError::Corrupt { what: "current state" }),
        }
    }
}

/// Leaves another state behind. The last statement of a transaction: on PostgreSQL the next one that
/// writes to a register waits for its end.
pub(crate) async fn moved_on(lease: &mut Lease, inner: &Inner, tenant: &str) -> Result<(), StoreError> {
    let cells = vec![("tenant_id", Type::Text, Value::text(tenant)), ("state", Type::Text, Value::text(new_id()))];
    let mut insert = insert("register_state", cells)?;
    insert.on_conflict(OnConflict::column(Alias::new("tenant_id")).update_column(Alias::new("state")).to_owned());
    let moved = lease.execute(&inner.dialect.build(&insert)).await;
    moved.map_err(StoreError::at("moving the registers on")).map(drop)
}
