//! Bringing the schema up to date at start: the hand-written migrations, then the entity tables. All in
//! one transaction under one lock, so that several processes may start at once.

use garant_domain::catalog::Catalog;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::connect::{Conn, Target, Use};
use crate::ddl;
use crate::dialect::Dialect;
use crate::error::StoreError;

/// Any number that nothing else in the database locks.
const LOCK: i64 = 0x6761_7261_6e74;

/// Migrates and synchronises.
pub(crate) async fn migrate(target: &Target, catalog: &Catalog) -> Result<(), StoreError> {
    match target.open(Use::Migrate).await? {
        Conn::Sqlite(mut conn) => {
            sqlite(&mut conn, catalog).await?;
            conn.close().await.map_err(StoreError::at("closing after migrating"))
        }
        Conn::Postgres(mut conn) => {
            postgres(&mut conn, catalog).await?;
            conn.close().await.map_err(StoreError::at("closing after migrating"))
        }
    }
}

async fn sqlite(conn: &mut SqliteConnection, catalog: &Catalog) -> Result<(), StoreError> {
    let failed = StoreError::at("bringing the entity tables up to date");
    // Takes the write lock at once; other processes wait for it.
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    unlocked(sqlx::migrate!("migrations/sqlite")).run_direct(None, &mut *tx, false).await?;
    for entity in &catalog.entities {
        let create = ddl::create_table(entity, Dialect::Sqlite).to_string(sea_query::SqliteQueryBuilder);
        sqlx::query(AssertSqlSafe(create)).execute(&mut *tx).await.map_err(failed)?;
        let known: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info($1)")
            .bind(&entity.name)
            .fetch_all(&mut *tx)
            .await
            .map_err(failed)?;
        for (name, ty) in ddl::columns(entity).into_iter().filter(|(name, _)| !known.contains(name)) {
            let add = ddl::add_column(entity, &name, ty, Dialect::Sqlite).to_string(sea_query::SqliteQueryBuilder);
            sqlx::query(AssertSqlSafe(add)).execute(&mut *tx).await.map_err(failed)?;
        }
        for index in ddl::indexes(catalog, entity) {
            let index = index.to_string(sea_query::SqliteQueryBuilder);
            sqlx::query(AssertSqlSafe(index)).execute(&mut *tx).await.map_err(failed)?;
        }
    }
    tx.commit().await.map_err(failed)?;
    statistics(conn).await.map_err(StoreError::at("gathering statistics"))
}

/// Statistics for SQLite's planner, of which PostgreSQL takes care by itself: without them it knows no
/// index that is worth walking in order. A few hundred rows of each index suffice. Samples of values
/// (`sqlite_stat4`) are left out: with them every statement is prepared anew whenever values are bound.
async fn statistics(conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let gather = "PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002; DROP TABLE IF EXISTS sqlite_stat4";
    sqlx::raw_sql(gather).execute(conn).await.map(drop)
}

async fn postgres(conn: &mut PgConnection, catalog: &Catalog) -> Result<(), StoreError> {
    let failed = StoreError::at("bringing the entity tables up to date");
    let mut tx = conn.begin().await.map_err(failed)?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await.map_err(failed)?;
    unlocked(sqlx::migrate!("migrations/postgres")).run_direct(None, &mut *tx, false).await?;
    for entity in &catalog.entities {
        let create = ddl::create_table(entity, Dialect::Postgres).to_string(sea_query::PostgresQueryBuilder);
        sqlx::query(AssertSqlSafe(create)).execute(&mut *tx).await.map_err(failed)?;
        let known: Vec<String> = sqlx::query_scalar(
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1",
        )
        .bind(&entity.name)
        .fetch_all(&mut *tx)
        .await
        .map_err(failed)?;
        for (name, ty) in ddl::columns(entity).into_iter().filter(|(name, _)| !known.contains(name)) {
            let add = ddl::add_column(entity, &name, ty, Dialect::Postgres).to_string(sea_query::PostgresQueryBuilder);
            sqlx::query(AssertSqlSafe(add)).execute(&mut *tx).await.map_err(failed)?;
        }
        for index in ddl::indexes(catalog, entity) {
            let index = index.to_string(sea_query::PostgresQueryBuilder);
            sqlx::query(AssertSqlSafe(index)).execute(&mut *tx).await.map_err(failed)?;
        }
        let protect = sqlx::query("SELECT garant_protect($1, false)").bind(&entity.name);
        protect.execute(&mut *tx).await.map_err(failed)?;
    }
    tx.commit().await.map_err(failed)
}

/// Our own lock is held already.
fn unlocked(mut migrator: Migrator) -> Migrator {
    migrator.set_locking(false);
    migrator
}
