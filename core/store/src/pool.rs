//! Connections, lent out one at a time. A pool of our own, since a connection must remember which
//! tenant it is set to: setting it anew for each request would cost a round trip.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use garant_domain::value::{Type, Value};
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, Connection, Row as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connect::{Conn, Target, Use};
use crate::error::StoreError;
use crate::value::{decode_postgres, decode_sqlite};

/// After how many of its instructions SQLite looks whether its time is over.
const SQLITE_STEPS: i32 = 10_000;

/// A statement with its values, built from a tree for the pool's database.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: Arc<str>,
    pub(crate) values: SqlxValues,
}

/// The connections of one use.
pub(crate) struct Pool {
    target: Arc<Target>,
    purpose: Use,
    idle: Mutex<Vec<Idle>>,
    permits: Arc<Semaphore>,
    statements: Arc<AtomicU64>,
}

struct Idle {
    conn: Conn,
    /// PostgreSQL only: the tenant that row-level security compares with.
    tenant: Option<String>,
}

/// A connection on loan. Dropped inside a transaction, it rolls back before anybody else gets it.
pub(crate) struct Lease {
    pool: Arc<Pool>,
    /// `None` once given back or lost.
    idle: Option<Idle>,
    permit: Option<OwnedSemaphorePermit>,
    in_transaction: bool,
    /// Has not answered yet since it was lent: the database may have gone since the last time.
    untried: bool,
    /// Already being rolled back in the background.
    abandoned: bool,
    /// SQLite only: stops its statement when a time is over, and must not do so to the next one.
    bounded: bool,
}

impl Pool {
    pub(crate) fn new(target: Arc<Target>, purpose: Use, size: u32, statements: Arc<AtomicU64>) -> Arc<Self> {
        let permits = Arc::new(Semaphore::new(size.max(1) as usize));
        Arc::new(Self { target, purpose, idle: Mutex::default(), permits, statements })
    }

    /// Lends a connection that is set to a tenant.
    pub(crate) async fn lease(self: &Arc<Self>, tenant: &str) -> Result<Lease, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| StoreError::LogClosed)?;
        let idle = self.take(tenant);
        let untried = idle.is_some();
        let idle = match idle {
            Some(idle) => idle,
            None => Idle { conn: self.target.open(self.purpose).await?, tenant: None },
        };
        let mut lease = Lease {
            pool: Arc::clone(self),
            idle: Some(idle),
            permit: Some(permit),
            in_transaction: false,
            untried,
            abandoned: false,
            bounded: false,
        };
        lease.set_tenant(tenant).await?;
        Ok(lease)
    }

    /// Lends a connection whatever its tenant: for what belongs to none.
    pub(crate) async fn lease_any(self: &Arc<Self>) -> Result<Lease, StoreError> {
        let tenant = {
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.last().and_then(|idle| idle.tenant.clone()).unwrap_or_default()
        };
        self.lease(&tenant).await
    }

    fn take(&self, tenant: &str) -> Option<Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let same = idle.iter().rposition(|idle| idle.tenant.as_deref() == Some(tenant));
        same.map(|index| idle.swap_remove(index)).or_else(|| idle.pop())
    }

    fn give(&self, connection: Idle) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// Forgets every idle connection: the database has gone away, so they are all dead.
    fn clear(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Closes the idle connections in order.
    pub(crate) async fn close(&self) {
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for connection in idle {
            let closed = match connection.conn {
                Conn::Sqlite(conn) => conn.close().await,
                Conn::Postgres(conn) => conn.close().await,
            };
            if let Err(error) = closed {
                tracing::debug!(error = %crate::error::DatabaseFailure::from(&error), "closing a connection");
            }
        }
    }
}

impl Lease {
    /// Sets the tenant that row-level security compares with, if it is another one.
    pub(crate) async fn set_tenant(&mut self, tenant: &str) -> Result<(), StoreError> {
        let Some(idle) = &self.idle else { return Err(lost()) };
        if matches!(idle.conn, Conn::Sqlite(_)) || idle.tenant.as_deref() == Some(tenant) {
            return Ok(());
        }
        let outcome = self.set_tenant_now(tenant).await;
        if outcome.is_err() && self.may_retry() {
            self.reopen().await?;
            return self.set_tenant_now(tenant).await;
        }
        outcome
    }

    async fn set_tenant_now(&mut self, tenant: &str) -> Result<(), StoreError> {
        let Some(idle) = &mut self.idle else { return Err(lost()) };
        if let Conn::Postgres(conn) = &mut idle.conn {
            idle.tenant = None;
            let set =
                sqlx::query("SELECT set_config('garant.tenant', $1, false)").bind(tenant).execute(&mut **conn).await;
            set.map_err(StoreError::at("setting the tenant"))?;
            idle.tenant = Some(tenant.to_owned());
        }
        Ok(())
    }

    /// Whether a failure may come from a connection that died while it was idle.
    fn may_retry(&self) -> bool {
        self.untried && !self.in_transaction
    }

    async fn reopen(&mut self) -> Result<(), StoreError> {
        self.pool.clear();
        self.untried = false;
        self.idle = None;
        self.idle = Some(Idle { conn: self.pool.target.open(self.pool.purpose).await?, tenant: None });
        Ok(())
    }

    /// Rows of a statement, decoded by the types of its columns.
    pub(crate) async fn fetch(
        &mut self,
        step: &'static str,
        statement: &Statement,
        types: &[Type],
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        let tenant = self.idle.as_ref().and_then(|idle| idle.tenant.clone());
        let outcome = self.fetch_now(statement, types).await;
        if matches!(&outcome, Err(error) if is_broken(error)) && self.may_retry() {
            self.reopen().await?;
            if let Some(tenant) = tenant {
                self.set_tenant_now(&tenant).await?;
            }
            return self.fetch_now(statement, types).await.map_err(StoreError::at(step));
        }
        if matches!(&outcome, Err(error) if is_broken(error)) {
            self.pool.clear();
            self.idle = None;
        }
        outcome.map_err(StoreError::at(step))
    }

    /// Rows of a statement that looks at all records of an entity; the database stops it when its time is
    /// over.
    pub(crate) async fn fetch_within(
        &mut self,
        step: &'static str,
        statement: &Statement,
        types: &[Type],
        within: Duration,
    ) -> Result<Vec<Vec<Value>>, StoreError> {
        if within.is_zero() {
            return Err(StoreError::TooSlow { step });
        }
        self.bound(step, within).await?;
        let outcome = self.fetch(step, statement, types).await;
        let unbound = self.unbound(outcome.is_ok()).await;
        match outcome {
            Err(error) if error.is_out_of_time() => Err(StoreError::TooSlow { step }),
            Err(error) => Err(error),
            Ok(rows) => unbound.map(|()| rows),
        }
    }

    /// Gives the next statement a time. On PostgreSQL that takes a transaction; and since such a statement
    /// has hundreds of small expressions and runs once, compiling it would cost more than it saves.
    async fn bound(&mut self, step: &'static str, within: Duration) -> Result<(), StoreError> {
        if let Some(Conn::Sqlite(conn)) = self.idle.as_mut().map(|idle| &mut idle.conn) {
            let until = Instant::now() + within;
            self.bounded = true;
            let mut handle = conn.lock_handle().await.map_err(StoreError::at(step))?;
            handle.set_progress_handler(SQLITE_STEPS, move || Instant::now() < until);
            return Ok(());
        }
        self.in_transaction = true;
        self.command("", "BEGIN READ ONLY; SET LOCAL jit = off").await.map_err(StoreError::at(step))?;
        if let Some(Conn::Postgres(conn)) = self.idle.as_mut().map(|idle| &mut idle.conn) {
            let limit = format!("{}ms", within.as_millis().max(1));
            let set = sqlx::query("SELECT set_config('statement_timeout', $1, true)").bind(limit);
            set.execute(&mut **conn).await.map_err(StoreError::at(step))?;
        }
        Ok(())
    }

    async fn unbound(&mut self, done: bool) -> Result<(), StoreError> {
        match self.idle.as_mut().map(|idle| &mut idle.conn) {
            Some(Conn::Sqlite(conn)) => {
                let handle = conn.lock_handle().await.map_err(StoreError::at("lifting the bound of a statement"));
                handle.map(|mut handle| handle.remove_progress_handler())?;
                self.bounded = false;
                Ok(())
            }
            Some(Conn::Postgres(_)) if done => self.commit().await,
            Some(Conn::Postgres(_)) => self.rollback().await,
            None => Ok(()),
        }
    }

    async fn fetch_now(&mut self, statement: &Statement, types: &[Type]) -> Result<Vec<Vec<Value>>, sqlx::Error> {
        self.pool.statements.fetch_add(1, Ordering::Relaxed);
        let sql = AssertSqlSafe(Arc::clone(&statement.sql));
        let values = statement.values.clone();
        let rows = match self.idle.as_mut().map(|idle| &mut idle.conn) {
            None => return Err(sqlx::Error::PoolClosed),
            Some(Conn::Sqlite(conn)) => {
                let rows = sqlx::query_with::<sqlx::Sqlite, _>(sql, values).fetch_all(&mut **conn).await?;
                rows.iter().map(|row| decode_sqlite(row, types)).collect::<Result<_, _>>()?
            }
            Some(Conn::Postgres(conn)) => {
                let rows = sqlx::query_with::<sqlx::Postgres, _>(sql, values).fetch_all(&mut **conn).await?;
                rows.iter().map(|row| decode_postgres(row, types)).collect::<Result<_, _>>()?
            }
        };
        self.untried = false;
        Ok(rows)
    }

    /// How the database would run a statement, line by line.
    pub(crate) async fn explain(&mut self, statement: &Statement) -> Result<Vec<String>, StoreError> {
        let values = statement.values.clone();
        let lines = match self.idle.as_mut().map(|idle| &mut idle.conn) {
            None => return Err(lost()),
            Some(Conn::Sqlite(conn)) => {
                let sql = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement.sql));
                let rows = sqlx::query_with::<sqlx::Sqlite, _>(sql, values).fetch_all(&mut **conn).await;
                rows.and_then(|rows| rows.iter().map(|row| row.try_get::<String, _>("detail")).collect())
            }
            Some(Conn::Postgres(conn)) => {
                let sql = AssertSqlSafe(format!("EXPLAIN {}", statement.sql));
                let rows = sqlx::query_with::<sqlx::Postgres, _>(sql, values).fetch_all(&mut **conn).await;
                rows.and_then(|rows| rows.iter().map(|row| row.try_get::<String, _>(0)).collect())
            }
        };
        lines.map_err(StoreError::at("explaining a statement"))
    }

    /// The first column of the first row as bytes.
    pub(crate) async fn fetch_bytes(
        &mut self,
        step: &'static str,
        statement: &Statement,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.pool.statements.fetch_add(1, Ordering::Relaxed);
        let sql = AssertSqlSafe(Arc::clone(&statement.sql));
        let values = statement.values.clone();
        let bytes = match self.idle.as_mut().map(|idle| &mut idle.conn) {
            None => return Err(lost()),
            Some(Conn::Sqlite(conn)) => {
                sqlx::query_scalar_with::<sqlx::Sqlite, Vec<u8>, _>(sql, values).fetch_optional(&mut **conn).await
            }
            Some(Conn::Postgres(conn)) => {
                sqlx::query_scalar_with::<sqlx::Postgres, Vec<u8>, _>(sql, values).fetch_optional(&mut **conn).await
            }
        };
        bytes.map_err(StoreError::at(step))
    }

    /// Runs a statement and says how many rows it touched.
    pub(crate) async fn execute(&mut self, statement: &Statement) -> Result<u64, sqlx::Error> {
        self.pool.statements.fetch_add(1, Ordering::Relaxed);
        self.execute_uncounted(statement).await
    }

    /// The same, for the log's writer: how many of its statements a request causes depends on what has
    /// gathered meanwhile.
    pub(crate) async fn execute_uncounted(&mut self, statement: &Statement) -> Result<u64, sqlx::Error> {
        let sql = AssertSqlSafe(Arc::clone(&statement.sql));
        let values = statement.values.clone();
        match self.idle.as_mut().map(|idle| &mut idle.conn) {
            None => Err(sqlx::Error::PoolClosed),
            Some(Conn::Sqlite(conn)) => {
                Ok(sqlx::query_with::<sqlx::Sqlite, _>(sql, values).execute(&mut **conn).await?.rows_affected())
            }
            Some(Conn::Postgres(conn)) => {
                Ok(sqlx::query_with::<sqlx::Postgres, _>(sql, values).execute(&mut **conn).await?.rows_affected())
            }
        }
    }

    /// Runs constant commands, one text per database; an empty one is nothing to do.
    async fn command(&mut self, sqlite: &'static str, postgres: &'static str) -> Result<(), sqlx::Error> {
        match self.idle.as_mut().map(|idle| &mut idle.conn) {
            None => Err(sqlx::Error::PoolClosed),
            Some(Conn::Sqlite(_)) if sqlite.is_empty() => Ok(()),
            Some(Conn::Sqlite(conn)) => sqlx::raw_sql(sqlite).execute(&mut **conn).await.map(drop),
            Some(Conn::Postgres(conn)) => sqlx::raw_sql(postgres).execute(&mut **conn).await.map(drop),
        }
    }

    /// Begins a transaction. `strict`: its commit survives a power cut, else a kill of this process.
    pub(crate) async fn begin(&mut self, strict: bool) -> Result<(), StoreError> {
        self.in_transaction = true;
        // SQLite takes the write lock at once: a deferred transaction could fail half-way when it
        // wants to write. Its durability is set before, as it cannot change inside a transaction.
        let begun = if strict {
            self.command("PRAGMA synchronous = FULL; BEGIN IMMEDIATE", "BEGIN; SET LOCAL synchronous_commit = on").await
        } else {
            self.command("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE", "BEGIN; SET LOCAL synchronous_commit = off")
                .await
        };
        begun.map_err(StoreError::at("beginning a transaction"))
    }

    /// Sets a savepoint. PostgreSQL only: a statement that fails in SQLite leaves the transaction as it
    /// was.
    pub(crate) async fn savepoint(&mut self) -> Result<(), StoreError> {
        self.command("", "SAVEPOINT guarded").await.map_err(StoreError::at("setting a savepoint"))
    }

    /// Forgets the savepoint.
    pub(crate) async fn release_savepoint(&mut self) -> Result<(), StoreError> {
        self.command("", "RELEASE SAVEPOINT guarded").await.map_err(StoreError::at("releasing a savepoint"))
    }

    /// Goes back to the savepoint.
    pub(crate) async fn rollback_to_savepoint(&mut self) -> Result<(), StoreError> {
        let back = self.command("", "ROLLBACK TO SAVEPOINT guarded; RELEASE SAVEPOINT guarded").await;
        back.map_err(StoreError::at("going back to a savepoint"))
    }

    /// Commits.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.command("COMMIT", "COMMIT").await.map_err(StoreError::at("committing"))?;
        self.in_transaction = false;
        Ok(())
    }

    /// Rolls back; the tenant that a rolled-back transaction had set is forgotten.
    pub(crate) async fn rollback(&mut self) -> Result<(), StoreError> {
        self.command("ROLLBACK", "ROLLBACK").await.map_err(StoreError::at("rolling back"))?;
        self.in_transaction = false;
        if let Some(idle) = &mut self.idle {
            idle.tenant = None;
        }
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(idle) = self.idle.take() else { return };
        // Nobody waits for its statement any more: closed when that ends.
        if self.bounded {
            return;
        }
        if !self.in_transaction {
            self.pool.give(idle);
            return;
        }
        // A use case ended early. Roll back in the background and keep the permit until then, so that
        // neither a lock nor half a transaction meets the next one. Without a runtime, or when it shuts
        // down before that, the connection is closed, which rolls back too.
        if self.abandoned {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let mut rest = Self {
            pool: Arc::clone(&self.pool),
            idle: Some(idle),
            permit: self.permit.take(),
            in_transaction: true,
            untried: false,
            abandoned: true,
            bounded: false,
        };
        runtime.spawn(async move {
            // If it fails, the connection is closed with the lease.
            let _ = rest.rollback().await;
        });
    }
}

/// Whether the connection itself has failed, as opposed to the statement.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
        // The server shuts down or ended the session (57P01..57P03), or the connection failed (08).
        sqlx::Error::Database(database) => {
            database.code().is_some_and(|code| code.starts_with("57P") || (code.len() == 5 && code.starts_with("08")))
        }
        _ => false,
    }
}

fn lost() -> StoreError {
    StoreError::at("using a lost connection")(sqlx::Error::PoolClosed)
}
