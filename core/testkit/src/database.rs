//! A database of its own for each test.

use std::io::Write as _;

use sqlx::{Connection, Executor, PgConnection};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// A file in a folder that goes with the test.
    Sqlite,
    /// A database of its own on the local server.
    Postgres,
}

/// A database that goes with the test.
pub struct TestDatabase {
    /// For the store.
    pub url: String,
    _folder: tempfile::TempDir,
    postgres: Option<String>,
}

/// The server that tests use: `GARANT_TEST_POSTGRES`, or a local one with trust authentication.
fn server() -> String {
    std::env::var("GARANT_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned())
}

impl TestDatabase {
    /// Whether PostgreSQL is reachable. Says loudly that a test is skipped when it is not.
    ///
    /// # Panics
    ///
    /// In CI (the variable `CI` is set) when it is not reachable: nothing may be skipped there.
    pub async fn postgres_or_skip(test: &str) -> bool {
        match PgConnection::connect(&server()).await {
            Ok(_) => true,
            Err(error) if std::env::var_os("CI").is_some() => panic!("CI needs PostgreSQL: {error}"),
            Err(error) => {
                // Written past the test harness, which keeps what a passing test prints to itself.
                let _ = writeln!(
                    std::io::stderr(),
                    "SKIPPED on PostgreSQL: {test} (no server reachable: {error}; set GARANT_TEST_POSTGRES)"
                );
                false
            }
        }
    }

    /// Makes one.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub async fn create(backend: Backend) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        match backend {
            Backend::Sqlite => {
                let url = format!("sqlite:{}", folder.path().join("garant.db").display());
                Self { url, _folder: folder, postgres: None }
            }
            Backend::Postgres => {
                let name = format!("garant_test_{}", garant_domain::clock::new_id().replace('-', ""));
                let mut connection = PgConnection::connect(&server()).await.expect("PostgreSQL");
                let create = format!("CREATE DATABASE {name}");
                connection.execute(sqlx::AssertSqlSafe(create)).await.expect("a database");
                let (base, _) = server().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a URL");
                Self { url: format!("{base}/{name}"), _folder: folder, postgres: Some(name) }
            }
        }
    }

    /// A copy, while nobody is connected to this one.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub async fn copy(&self) -> Self {
        match &self.postgres {
            None => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let file = folder.path().join("garant.db");
                let mut connection = sqlx::SqliteConnection::connect(&self.url).await.expect("SQLite");
                let copy = format!("VACUUM INTO '{}'", file.display());
                connection.execute(sqlx::AssertSqlSafe(copy)).await.expect("a copy");
                Self { url: format!("sqlite:{}", file.display()), _folder: folder, postgres: None }
            }
            Some(template) => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let name = format!("garant_test_{}", garant_domain::clock::new_id().replace('-', ""));
                let mut connection = PgConnection::connect(&server()).await.expect("PostgreSQL");
                // A connection that was dropped may not be gone yet.
                let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
                sqlx::query(end).bind(template).execute(&mut connection).await.expect("nobody else");
                let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
                connection.execute(sqlx::AssertSqlSafe(create)).await.expect("a copy");
                let (base, _) = server().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a URL");
                Self { url: format!("{base}/{name}"), _folder: folder, postgres: Some(name) }
            }
        }
    }

    /// Runs a statement past the server, as its owner.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub async fn execute(&self, sql: &'static str) {
        match &self.postgres {
            None => {
                let mut connection = sqlx::SqliteConnection::connect(&self.url).await.expect("SQLite");
                connection.execute(sql).await.expect(sql);
            }
            Some(_) => {
                let mut connection = PgConnection::connect(&self.url).await.expect("PostgreSQL");
                connection.execute(sql).await.expect(sql);
            }
        }
    }

    /// The texts of a statement's only column, read past the server as its owner.
    ///
    /// # Panics
    ///
    /// When it fails.
    pub async fn texts(&self, sql: &'static str) -> Vec<String> {
        if self.postgres.is_none() {
            let mut connection = sqlx::SqliteConnection::connect(&self.url).await.expect("SQLite");
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect(sql)
        } else {
            let mut connection = PgConnection::connect(&self.url).await.expect("PostgreSQL");
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.expect(sql)
        }
    }

    /// Everything that lies in any table, as text: for tests that look for what must not be there.
    ///
    /// # Panics
    ///
    /// When it cannot be read.
    pub async fn dump(&self) -> String {
        if self.postgres.is_none() {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let file = folder.path().join("dump.db");
            let mut connection = sqlx::SqliteConnection::connect(&self.url).await.expect("SQLite");
            let copy = format!("VACUUM INTO '{}'", file.display());
            connection.execute(sqlx::AssertSqlSafe(copy)).await.expect("a copy");
            return String::from_utf8_lossy(&std::fs::read(file).expect("a file")).into_owned();
        }
        let mut connection = PgConnection::connect(&self.url).await.expect("PostgreSQL");
        let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.expect("tables");
        let mut dump = String::new();
        for table in tables.iter().filter(|table| *table != "plugin_component") {
            let rows = sqlx::AssertSqlSafe(format!("SELECT to_json(t)::text FROM {table} t"));
            let rows: Vec<String> = sqlx::query_scalar(rows).fetch_all(&mut connection).await.expect("rows");
            dump.push_str(&rows.join("\n"));
        }
        dump
    }

    /// Which database it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        if self.postgres.is_some() { Backend::Postgres } else { Backend::Sqlite }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = self.postgres.take() else { return };
        // A drop cannot wait, and the test's own runtime may be ending: a thread with its own does it.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                if let Ok(mut connection) = PgConnection::connect(&server()).await {
                    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                    let _ = connection.execute(sqlx::AssertSqlSafe(drop)).await;
                }
            });
        });
        let _ = dropped.join();
    }
}
