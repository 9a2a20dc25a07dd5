//! The history of access: who gave or took what when. It is written with what it tells of, and never changed.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, ExprTrait, Order, Query};

use super::{TABLE as ACCOUNT, column, update};
use crate::error::StoreError;
use crate::pool::Statement;
use crate::row::{Cells, insert, optional};
use crate::store::Store;
use crate::write::WriteTx;

/// A change of somebody's access, or of what a role may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessChange {
    /// Time-ordered id.
    pub id: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of who did it.
    pub actor: String,
    /// What was done: `invited`, `role_given`, `deactivated`, `reactivated`, `role_defined`, `totp_reset`,
    /// `email_changed`, `erased`.
    pub act: String,
    /// Record id of the user, where it is about one.
    pub user_id: Option<String>,
    /// Key of the role, where it is about one.
    pub role: Option<String>,
    /// What was before, where it is no personal value.
    pub before: Option<String>,
    /// What is since.
    pub after: Option<String>,
}

const TABLE: &str = "access_change";

const COLUMNS: [(&str, Type); 8] = [
    ("id", Type::Text),
    ("at", Type::Instant),
    ("actor", Type::Text),
    ("act", Type::Text),
    ("user_id", Type::Text),
    ("role", Type::Text),
    ("before", Type::Text),
    ("after", Type::Text),
];

impl Store {
    /// Runs statements with the line that tells of them in one durable transaction; nothing happens where the
    /// first statement touches no row. Answers whether it did.
    pub(super) async fn alter_noting(
        &self,
        tenant: &str,
        step: &'static str,
        statements: &[Statement],
        change: &AccessChange,
    ) -> Result<bool, StoreError> {
        let note = self.inner.dialect.build(&insert(TABLE, cells(tenant, change))?);
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        for (index, statement) in statements.iter().enumerate() {
            let touched = lease.execute(statement).await.map_err(StoreError::at(step))?;
            if index == 0 && touched == 0 {
                lease.rollback().await?;
                return Ok(false);
            }
        }
        lease.execute(&note).await.map_err(StoreError::at(step))?;
        lease.commit().await?;
        Ok(true)
    }

    /// Changes of access, the newest first: so many, before one if it is named, of one user if they are.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn access_changes(
        &self,
        tenant: &str,
        user_id: Option<&str>,
        before: Option<&str>,
        limit: u64,
    ) -> Result<Vec<AccessChange>, StoreError> {
        let mut select = Query::select();
        select
            .columns(COLUMNS.map(|(name, _)| Alias::new(name)))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .order_by_expr(column("id"), Order::Desc)
            .limit(limit);
        if let Some(user_id) = user_id {
            select.and_where(column("user_id").eq(user_id));
        }
        if let Some(before) = before {
            select.and_where(column("id").lt(before));
        }
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("reading changes of access", &self.inner.dialect.build(&select), &types).await?;
        let change = |row| {
            let mut cells = Cells::of("change of access", row);
            Ok(AccessChange {
                id: cells.text()?,
                at: cells.instant()?,
                actor: cells.text()?,
                act: cells.text()?,
                user_id: cells.maybe_text(),
                role: cells.maybe_text(),
                before: cells.maybe_text(),
                after: cells.maybe_text(),
            })
        };
        rows.into_iter().map(change).collect()
    }
}

impl WriteTx {
    /// Lets a user sign in with another e-mail; what was handed out for the one before is void.
    ///
    /// # Errors
    ///
    /// When the database fails, or the login is somebody's by now.
    pub async fn set_login(&mut self, user_id: &str, login: &str) -> Result<(), StoreError> {
        let tenant = self.tenant.clone();
        let update = update(&tenant, user_id).value(Alias::new("login"), login).take();
        let tickets = super::totp::delete_of(super::ticket::TABLE, &tenant, user_id);
        let statements = [self.inner.dialect.build(&update), self.inner.dialect.build(&tickets)];
        self.run("changing a login", &statements).await
    }

    /// Takes an account away with all by which its user signs in.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn drop_account(&mut self, user_id: &str) -> Result<(), StoreError> {
        let tenant = self.tenant.clone();
        let tables = [super::session::TABLE, super::ticket::TABLE, super::link::TABLE, ACCOUNT];
        let of = |table| self.inner.dialect.build(&super::totp::delete_of(table, &tenant, user_id));
        let statements: Vec<Statement> = super::totp::TABLES.into_iter().chain(tables).map(of).collect();
        self.run("taking an account away", &statements).await
    }

    /// Notes a change of access, with what it tells of.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn note_access(&mut self, change: &AccessChange) -> Result<(), StoreError> {
        let note = self.inner.dialect.build(&insert(TABLE, cells(&self.tenant, change))?);
        self.run("noting a change of access", &[note]).await
    }

    async fn run(&mut self, step: &'static str, statements: &[Statement]) -> Result<(), StoreError> {
        for statement in statements {
            self.lease.execute(statement).await.map_err(StoreError::at(step))?;
        }
        Ok(())
    }
}

fn cells<'a>(tenant: &str, change: &AccessChange) -> Vec<crate::row::Cell<'a>> {
    vec![
        ("tenant_id", Type::Text, Value::text(tenant)),
        ("id", Type::Text, Value::text(change.id.as_str())),
        ("at", Type::Instant, Value::Instant(change.at)),
        ("actor", Type::Text, Value::text(change.actor.as_str())),
        ("act", Type::Text, Value::text(change.act.as_str())),
        ("user_id", Type::Text, optional(change.user_id.as_deref())),
        ("role", Type::Text, optional(change.role.as_deref())),
        ("before", Type::Text, optional(change.before.as_deref())),
        ("after", Type::Text, optional(change.after.as_deref())),
    ]
}
