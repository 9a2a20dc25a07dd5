//! A connection that is sent SQL and whose rows are read, and nothing else.

use std::time::Duration;

use garant_domain::clock::new_id;
use garant_testkit::Backend;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row, SqliteConnection};

pub enum Hand {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Hand {
    pub async fn open(backend: Backend, url: &str) -> Self {
        match backend {
            Backend::Sqlite => {
                let options: SqliteConnectOptions = url.parse().expect("a URL");
                let options = options.journal_mode(SqliteJournalMode::Wal).busy_timeout(Duration::from_secs(20));
                Self::Sqlite(options.connect().await.expect("SQLite"))
            }
            Backend::Postgres => Self::Postgres(PgConnection::connect(url).await.expect("PostgreSQL")),
        }
    }

    /// Sends statements and reads every row; `$1` is the id, or a new one for what is inserted.
    pub async fn send(&mut self, statements: &[&'static str], id: &str) {
        for &sql in statements {
            let id = if sql.starts_with("INSERT") { new_id() } else { id.to_owned() };
            let wants_id = sql.contains("$1");
            let texts = match self {
                Self::Sqlite(connection) => {
                    let query = sqlx::query(AssertSqlSafe(sql));
                    let query = if wants_id { query.bind(id) } else { query };
                    let rows = query.fetch_all(connection).await.expect("rows");
                    rows.iter()
                        .map(|row| row.try_get_unchecked::<Option<String>, _>(0).is_ok())
                        .filter(|read| *read)
                        .count()
                }
                Self::Postgres(connection) => {
                    let query = sqlx::query(AssertSqlSafe(sql));
                    let query = if wants_id { query.bind(id) } else { query };
                    let rows = query.fetch_all(connection).await.expect("rows");
                    rows.iter().map(|row| row.try_get_raw(0).is_ok()).filter(|read| *read).count()
                }
            };
            std::hint::black_box(texts);
        }
    }
}
