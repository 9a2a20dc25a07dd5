//! A database for each test, and short words for what tests do with it.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::Write as _;
use std::sync::Arc;

use garant_domain::catalog::Catalog;
use garant_domain::query::{Filter, Guard, Guards, MaskRule, Order, Page, Query, Rows};
use garant_domain::rule::{CompareOp, Cond, Mask, Operand};
use garant_domain::value::Value;
use garant_store::{AddressKey, Change, Durability, NewRecord, Store, StoreConfig, StoreError};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

pub const TENANT: &str = "acme";
pub const NOW: i64 = 1_780_000_000_000_000;

/// A test's database.
#[derive(Clone)]
pub struct Db {
    pub url: String,
    pub store: Store,
}

impl Db {
    pub fn is_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// A connection that is no part of the store; on PostgreSQL as the owner.
    pub async fn owner(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.expect("a connection")
    }
}

/// Runs a test on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! both {
    ($(#[$meta:meta])* $name:ident, $body:expr) => {
        $(#[$meta])*
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $crate::support::on_sqlite(super::$name::body()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $crate::support::on_postgres(stringify!($name), super::$name::body()).await;
            }

            use super::*;

            fn body() -> impl FnOnce($crate::support::Db) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
                |db| Box::pin(($body)(db))
            }
        }
    };
}

pub fn catalog() -> Arc<Catalog> {
    Arc::new(Catalog::standard().expect("the catalogue"))
}

pub fn config(url: &str) -> StoreConfig {
    StoreConfig {
        url: url.to_owned(),
        durability: Durability::Normal,
        max_connections: 4,
        address_key: AddressKey::derived(&[7; 32]),
    }
}

pub async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(body: impl FnOnce(Db) -> F) {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("store.db").display());
    let store = Store::connect(&config(&url), catalog()).await.expect("a store");
    body(Db { url, store }).await;
}

/// The server that tests use.
fn server() -> String {
    std::env::var("GARANT_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

pub async fn on_postgres<F: Future<Output = ()> + Send + 'static>(test: &str, body: impl FnOnce(Db) -> F) {
    let Some((url, name, mut admin)) = postgres_database(test).await else { return };
    let store = Store::connect(&config(&url), catalog()).await.expect("a store");
    // In a task of its own, so that a failing test drops its database too.
    let outcome = tokio::spawn(body(Db { url, store })).await;
    let dropped = admin.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await;
    if let Err(failed) = outcome {
        std::panic::resume_unwind(failed.into_panic());
    }
    dropped.expect("dropping the test's database");
}

async fn postgres_database(test: &str) -> Option<(String, String, PgConnection)> {
    let mut admin = match PgConnection::connect(&server()).await {
        Ok(admin) => admin,
        Err(error) if std::env::var_os("CI").is_some() => panic!("CI needs PostgreSQL: {error}"),
        Err(error) => {
            // Written past the test harness, which keeps what a passing test prints to itself.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED on PostgreSQL: {test} (no server reachable: {error}; set GARANT_TEST_POSTGRES)"
            );
            return None;
        }
    };
    let name = format!("garant_store_{}", garant_domain::clock::new_id().replace('-', ""));
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a database");
    let server = server();
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    Some((format!("{base}/{name}"), name, admin))
}

pub fn values(given: &[(&str, Value)]) -> BTreeMap<String, Value> {
    given.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

pub fn record(id: &str, given: &[(&str, Value)]) -> NewRecord {
    NewRecord {
        id: id.to_owned(),
        now: NOW,
        collected_at: Some(NOW),
        collected_for: Some("sales".to_owned()),
        values: values(given),
    }
}

pub fn change(given: &[(&str, Value)]) -> Change {
    Change { values: values(given), now: NOW + 1 }
}

pub fn t(text: &str) -> Value {
    Value::text(text)
}

/// Inserts records in one transaction.
pub async fn put(store: &Store, tenant: &str, entity: &str, records: Vec<NewRecord>) {
    let mut tx = store.begin_write(tenant).await.expect("a transaction");
    for record in &records {
        tx.insert(entity, record).await.expect("inserted");
    }
    tx.commit().await.expect("committed");
}

/// A guard for every entity that lets everything through.
pub fn open() -> Guards {
    catalog().entities.iter().map(|entity| (entity.name.clone(), Arc::default())).collect()
}

pub fn with(entity: &str, guard: Guard) -> Guards {
    let mut guards = open();
    guards.insert(entity.to_owned(), Arc::new(guard));
    guards
}

pub fn hide(cond: Cond) -> Guard {
    Guard { hide: vec![cond], masks: vec![], ..Guard::default() }
}

pub fn mask(fields: &[&str], mask: Mask, when: Cond) -> Guard {
    let fields = fields.iter().map(|&field| field.to_owned()).collect();
    Guard { hide: vec![], masks: vec![MaskRule { fields, mask, when, reason: 0 }], ..Guard::default() }
}

pub fn always() -> Cond {
    Cond::Const(Some(true))
}

/// `field = text`.
pub fn is(field: &str, text: &str) -> Cond {
    Cond::Compare(CompareOp::Eq, Operand::Field(field.to_owned()), Operand::Literal(t(text)))
}

pub fn query(entity: &str, fields: &[&str]) -> Query {
    Query {
        entity: entity.to_owned(),
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        page: Page { limit: 100, ..Page::default() },
        total: true,
        ..Query::default()
    }
}

pub fn filtered(entity: &str, fields: &[&str], filter: Filter) -> Query {
    Query { filter: Some(filter), ..query(entity, fields) }
}

pub fn by(field: &str) -> Order {
    Order { field: field.to_owned(), descending: false, nulls_first: false }
}

pub async fn read(store: &Store, query: &Query, guards: &Guards) -> Rows {
    store.page(TENANT, query, guards).await.expect("a page")
}

pub async fn refused(store: &Store, query: &Query, guards: &Guards) -> StoreError {
    store.page(TENANT, query, guards).await.expect_err("refused")
}

pub fn ids(rows: &Rows) -> Vec<&str> {
    rows.rows.iter().map(|row| row.id.as_str()).collect()
}
