//! Tickets: what lets somebody set a password once, by an invitation or after a reset.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, ExprTrait, Query};

use super::{column, update};
use crate::error::StoreError;
use crate::row::{Cells, insert};
use crate::store::Store;

/// A ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// SHA-256 of the secret, hex.
    pub hash: String,
    /// Record id of the user.
    pub user_id: String,
    /// `invitation` or `reset`.
    pub kind: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Opaque id of who made it.
    pub created_by: String,
    /// Microseconds UTC.
    pub expires_at: i64,
}

pub(super) const TABLE: &str = "account_ticket";

impl Store {
    /// Stores a ticket in the place of those that the user had before.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_ticket(&self, tenant: &str, ticket: &Ticket) -> Result<(), StoreError> {
        let mut before = Query::delete();
        before
            .from_table(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("user_id").eq(ticket.user_id.as_str()));
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("hash", Type::Text, Value::text(ticket.hash.as_str())),
            ("user_id", Type::Text, Value::text(ticket.user_id.as_str())),
            ("kind", Type::Text, Value::text(ticket.kind.as_str())),
            ("created_at", Type::Instant, Value::Instant(ticket.created_at)),
            ("created_by", Type::Text, Value::text(ticket.created_by.as_str())),
            ("expires_at", Type::Instant, Value::Instant(ticket.expires_at)),
        ];
        let statements = [self.inner.dialect.build(&before), self.inner.dialect.build(&insert(TABLE, cells)?)];
        self.alter(tenant, "storing a ticket", &statements).await.map(drop)
    }

    /// A ticket that is not over.
    ///
    /// # Errors
    ///
    /// When the database fails, or the row is not readable.
    pub async fn ticket(&self, tenant: &str, hash: &str, now: i64) -> Result<Option<Ticket>, StoreError> {
        let columns = ["hash", "user_id", "kind", "created_at", "created_by", "expires_at"];
        let select = Query::select()
            .columns(columns.map(Alias::new))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("hash").eq(hash))
            .and_where(column("expires_at").gt(now))
            .take();
        let types = [Type::Text, Type::Text, Type::Text, Type::Instant, Type::Text, Type::Instant];
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading a ticket", &self.inner.dialect.build(&select), &types).await?;
        let ticket = |row| {
            let mut cells = Cells::of("ticket", row);
            Ok(Ticket {
                hash: cells.text()?,
                user_id: cells.text()?,
                kind: cells.text()?,
                created_at: cells.instant()?,
                created_by: cells.text()?,
                expires_at: cells.instant()?,
            })
        };
        rows.into_iter().next().map(ticket).transpose()
    }

    /// Uses a ticket: its user has this password from now on, and no session goes on. `false` where somebody
    /// used it first.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn use_ticket(&self, tenant: &str, ticket: &Ticket, password: &str) -> Result<bool, StoreError> {
        let step = StoreError::at("using a ticket");
        let mut used = Query::delete();
        used.from_table(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("hash").eq(ticket.hash.as_str()));
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(true).await?;
        if lease.execute(&self.inner.dialect.build(&used)).await.map_err(step)? != 1 {
            lease.rollback().await?;
            return Ok(false);
        }
        for statement in self.with_password(tenant, &ticket.user_id, password, None) {
            lease.execute(&statement).await.map_err(step)?;
        }
        lease.commit().await?;
        Ok(true)
    }

    /// Gives a user another password; no session goes on but the one of who changed it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn set_password(
        &self,
        tenant: &str,
        user_id: &str,
        password: &str,
        but: Option<&str>,
    ) -> Result<(), StoreError> {
        let statements = self.with_password(tenant, user_id, password, but);
        self.alter(tenant, "setting a password", &statements).await.map(drop)
    }

    fn with_password(
        &self,
        tenant: &str,
        user_id: &str,
        password: &str,
        but: Option<&str>,
    ) -> [crate::pool::Statement; 2] {
        let update = update(tenant, user_id).value(Alias::new("password"), password).take();
        let mut sessions = Query::delete();
        sessions
            .from_table(Alias::new(super::session::TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("user_id").eq(user_id));
        if let Some(id) = but {
            sessions.and_where(column("id").ne(id));
        }
        [self.inner.dialect.build(&update), self.inner.dialect.build(&sessions)]
    }
}
