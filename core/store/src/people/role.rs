//! Roles that somebody has described. What their texts say is not known here.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Func, Order, Query};

use super::access::AccessChange;
use super::column;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::{Cells, insert};
use crate::store::Store;

/// What was said of a role, and of any other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleTexts {
    /// Of this role.
    pub own: Option<String>,
    /// Of those that nobody has described.
    pub any: Option<String>,
}

/// A role that somebody has described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedRole {
    /// Key.
    pub key: String,
    /// What was said.
    pub body: String,
    /// For optimistic locking.
    pub version: i64,
    /// Microseconds UTC.
    pub changed_at: i64,
    /// Opaque id of who said it.
    pub changed_by: String,
}

const TABLE: &str = "role";

/// The key under which any other role is described.
const ANY: &str = "*";

/// The text of a role, as a column beside a credential: before the tenant is known, row-level security would
/// hide it.
pub(crate) fn text_of(dialect: Dialect, tenant: Expr, key: Expr) -> Expr {
    match dialect {
        Dialect::Postgres => Func::cust("garant_find_role").arg(tenant).arg(key).into(),
        Dialect::Sqlite => {
            let of = |name: &str| Expr::col((Alias::new(TABLE), Alias::new(name)));
            let select = Query::select()
                .expr(of("body"))
                .from(Alias::new(TABLE))
                .and_where(of("tenant_id").eq(tenant))
                .and_where(of("key").eq(key))
                .take();
            Expr::SubQuery(None, Box::new(select.into()))
        }
    }
}

/// Both texts beside a credential of a table.
pub(crate) fn texts_of(dialect: Dialect, table: &str) -> [Expr; 2] {
    let of = |name: &str| Expr::col((Alias::new(table), Alias::new(name)));
    [text_of(dialect, of("tenant_id"), of("role")), text_of(dialect, of("tenant_id"), Expr::val(ANY))]
}

impl Store {
    /// What was said of a role.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn role_texts(&self, tenant: &str, key: &str) -> Result<RoleTexts, StoreError> {
        let own = text_of(self.inner.dialect, Expr::val(tenant), Expr::val(key));
        let any = text_of(self.inner.dialect, Expr::val(tenant), Expr::val(ANY));
        let select = Query::select().expr(own).expr(any).take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = [Type::Text, Type::Text];
        let rows = lease.fetch("reading what a role may do", &self.inner.dialect.build(&select), &types).await?;
        let mut cells = Cells::of("role", rows.into_iter().next().unwrap_or_default());
        Ok(RoleTexts { own: cells.maybe_text(), any: cells.maybe_text() })
    }

    /// Every role that somebody has described, by key.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn described_roles(&self, tenant: &str) -> Result<Vec<DescribedRole>, StoreError> {
        let columns = ["key", "body", "version", "changed_at", "changed_by"];
        let select = Query::select()
            .columns(columns.map(Alias::new))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .order_by_expr(column("key"), Order::Asc)
            .take();
        let types = [Type::Text, Type::Text, Type::Integer, Type::Instant, Type::Text];
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading roles", &self.inner.dialect.build(&select), &types).await?;
        let role = |row| {
            let mut cells = Cells::of("role", row);
            Ok(DescribedRole {
                key: cells.text()?,
                body: cells.text()?,
                version: cells.maybe_integer().unwrap_or_default(),
                changed_at: cells.instant()?,
                changed_by: cells.text()?,
            })
        };
        rows.into_iter().map(role).collect()
    }

    /// Describes a role, where it is at the version before, and notes it; 0 where nobody has described it.
    ///
    /// # Errors
    ///
    /// `VersionConflict` when it is at another one.
    pub async fn put_role(&self, tenant: &str, role: &DescribedRole, note: &AccessChange) -> Result<(), StoreError> {
        let statement = if role.version == 1 {
            let cells = vec![
                ("tenant_id", Type::Text, Value::text(tenant)),
                ("key", Type::Text, Value::text(role.key.as_str())),
                ("body", Type::Text, Value::text(role.body.as_str())),
                ("version", Type::Integer, Value::Integer(1)),
                ("changed_at", Type::Instant, Value::Instant(role.changed_at)),
                ("changed_by", Type::Text, Value::text(role.changed_by.as_str())),
            ];
            let mut insert = insert(TABLE, cells)?;
            insert.on_conflict(sea_query::OnConflict::new().do_nothing().to_owned());
            self.inner.dialect.build(&insert)
        } else {
            let update = Query::update()
                .table(Alias::new(TABLE))
                .value(Alias::new("body"), role.body.as_str())
                .value(Alias::new("version"), role.version)
                .value(Alias::new("changed_at"), role.changed_at)
                .value(Alias::new("changed_by"), role.changed_by.as_str())
                .and_where(column("tenant_id").eq(tenant))
                .and_where(column("key").eq(role.key.as_str()))
                .and_where(column("version").eq(role.version - 1))
                .take();
            self.inner.dialect.build(&update)
        };
        match self.alter_noting(tenant, "describing a role", &[statement], note).await? {
            true => Ok(()),
            false => Err(StoreError::VersionConflict),
        }
    }
}
