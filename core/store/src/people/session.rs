//! Sessions: found by the hash of their token, over once they are deleted.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, ExprTrait, Func, Order, Query, SelectStatement};

use super::column;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::{Cells, insert};
use crate::store::Store;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The tenant.
    pub tenant: String,
    /// Id, which may be told.
    pub id: String,
    /// SHA-256 of the token, hex.
    pub hash: String,
    /// Record id of the user.
    pub user_id: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC, to the minute.
    pub seen_at: i64,
    /// Microseconds UTC; over then, however much it is used.
    pub ends_at: i64,
}

pub(super) const TABLE: &str = "user_session";

const COLUMNS: [(&str, Type); 7] = [
    ("tenant_id", Type::Text),
    ("id", Type::Text),
    ("hash", Type::Text),
    ("user_id", Type::Text),
    ("created_at", Type::Instant),
    ("seen_at", Type::Instant),
    ("ends_at", Type::Instant),
];

fn select() -> SelectStatement {
    let mut select = Query::select();
    select.columns(COLUMNS.iter().map(|(name, _)| Alias::new(*name)));
    select
}

impl Store {
    /// Stores a new session, and clears away what is over.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_session(&self, session: &Session, now: i64) -> Result<(), StoreError> {
        let tenant = session.tenant.as_str();
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("id", Type::Text, Value::text(session.id.as_str())),
            ("hash", Type::Text, Value::text(session.hash.as_str())),
            ("user_id", Type::Text, Value::text(session.user_id.as_str())),
            ("created_at", Type::Instant, Value::Instant(session.created_at)),
            ("seen_at", Type::Instant, Value::Instant(session.seen_at)),
            ("ends_at", Type::Instant, Value::Instant(session.ends_at)),
        ];
        let mut over = Query::delete();
        over.from_table(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("ends_at").lte(now));
        let statements = [self.inner.dialect.build(&insert(TABLE, cells)?), self.inner.dialect.build(&over)];
        self.alter(tenant, "storing a session", &statements).await.map(drop)
    }

    /// Finds the session of a token, in whatever tenant.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn find_session(&self, hash: &str) -> Result<Option<Session>, StoreError> {
        let mut select = select();
        match self.inner.dialect {
            // As with tokens: the tenant is not known yet.
            Dialect::Postgres => {
                select.from_function(Func::cust("garant_find_session").arg(hash), Alias::new("found"));
            }
            Dialect::Sqlite => {
                select.from(Alias::new(TABLE)).and_where(column("hash").eq(hash));
            }
        }
        let mut lease = self.inner.read.lease_any().await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("looking a session up", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().next().map(session).transpose()
    }

    /// The sessions of a user, the newest first.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn sessions_of(&self, tenant: &str, user_id: &str) -> Result<Vec<Session>, StoreError> {
        let mut select = select();
        select
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("user_id").eq(user_id))
            .order_by_expr(column("created_at"), Order::Desc)
            .order_by_expr(column("id"), Order::Desc);
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("reading sessions", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().map(session).collect()
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn touch_session(&self, tenant: &str, id: &str, now: i64) -> Result<(), StoreError> {
        let update = Query::update()
            .table(Alias::new(TABLE))
            .value(Alias::new("seen_at"), now)
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("id").eq(id))
            .take();
        self.alter(tenant, "noting a session", &[self.inner.dialect.build(&update)]).await.map(drop)
    }

    /// Ends sessions of a user: one, all but one, or all; how many there were.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn end_sessions(
        &self,
        tenant: &str,
        user_id: &str,
        only: Option<&str>,
        but: Option<&str>,
    ) -> Result<u64, StoreError> {
        let mut delete = Query::delete();
        delete
            .from_table(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("user_id").eq(user_id));
        if let Some(id) = only {
            delete.and_where(column("id").eq(id));
        }
        if let Some(id) = but {
            delete.and_where(column("id").ne(id));
        }
        self.alter(tenant, "ending sessions", &[self.inner.dialect.build(&delete)]).await
    }
}

fn session(row: Vec<Value>) -> Result<Session, StoreError> {
    let mut cells = Cells::of("session", row);
    Ok(Session {
        tenant: cells.text()?,
        id: cells.text()?,
        hash: cells.text()?,
        user_id: cells.text()?,
        created_at: cells.instant()?,
        seen_at: cells.instant()?,
        ends_at: cells.instant()?,
    })
}
