//! In which state a tenant's registers are: entities about nobody, which every request needs and few
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
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl Store {
    /// Which policy set decides, and in which state the registers are.
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
        let select = Query::select()
            .expr(column("version").max())
            .expr(Expr::SubQuery(None, Box::new(state.into())))
            .from(Alias::new("policy_set"))
            .and_where(column("tenant_id").eq(tenant))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&select);
        let rows = lease.fetch("reading the current state", &statement, &[Type::Integer, Type::Text]).await?;
        match rows.into_iter().next().and_then(|row| <[Value; 2]>::try_from(row).ok()) {
            Some([version, registers]) => Ok(CurrentState {
                set_version: if let Value::Integer(version) = version { Some(version) } else { None },
                registers: registers.as_text().map(str::to_owned),
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
