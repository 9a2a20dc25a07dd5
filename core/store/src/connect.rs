//! Opening a connection to either database, with the settings that everything else relies on.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};

use crate::dialect::Dialect;
use crate::error::StoreError;

/// How long a process waits for another one that writes to the same SQLite file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(20);

/// How often and after what pause a connection is tried that SQLite could not open for others: it asks
/// nobody to wait while a new file is turned to write-ahead logging, which several processes that start
/// at once all do.
const BUSY_TRIES: u32 = 200;
const BUSY_PAUSE: Duration = Duration::from_millis(50);

/// A connection to one of the two databases.
pub(crate) enum Conn {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

/// What it takes to open connections.
pub(crate) enum Target {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Reading; SQLite then refuses to write.
    Read,
    /// Reading and writing.
    Write,
    /// Changing the schema: as the owner of the tables, not as the server's role.
    Migrate,
}

/// The folder of an in-memory database; it goes with the store.
pub(crate) struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "the folder of the temporary database stays behind");
        }
    }
}

impl Target {
    /// Reads the URL; an in-memory database gets a file that only this user can read.
    pub(crate) fn parse(url: &str) -> Result<(Self, Option<Scratch>), StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url).map_err(StoreError::at("reading the database URL"))?;
            let options = options.application_name("garant").disable_statement_logging();
            return Ok((Self::Postgres(Box::new(options)), None));
        }
        let path = url.strip_prefix("sqlite:").ok_or(StoreError::UnknownDatabase)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let (path, scratch) = if path == ":memory:" {
            let folder = std::env::temp_dir().join(format!("garant-{}", garant_domain::clock::new_id()));
            private_folder(&folder)
                .map_err(|error| StoreError::at("making a temporary folder")(sqlx::Error::Io(error)))?;
            (folder.join("store.db"), Some(Scratch(folder)))
        } else {
            (PathBuf::from(path), None)
        };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            // LIKE would fold ASCII otherwise, and PostgreSQL's does not.
            .pragma("case_sensitive_like", "ON")
            // What is erased is overwritten.
            .pragma("secure_delete", "ON")
            .disable_statement_logging();
        Ok((Self::Sqlite(Box::new(options)), scratch))
    }

    /// Which database it is.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Opens a connection.
    pub(crate) async fn open(&self, purpose: Use) -> Result<Conn, StoreError> {
        let failed = StoreError::at("connecting");
        match self {
            Self::Sqlite(options) => {
                let mut options = (**options).clone();
                if purpose == Use::Read {
                    options = options.pragma("query_only", "ON");
                }
                let mut tries = 0;
                loop {
                    match SqliteConnection::connect_with(&options).await {
                        Ok(connection) => return Ok(Conn::Sqlite(Box::new(connection))),
                        Err(error) if is_busy(&error) && tries < BUSY_TRIES => {
                            tries += 1;
                            tokio::time::sleep(BUSY_PAUSE).await;
                        }
                        Err(error) => return Err(failed(error)),
                    }
                }
            }
            Self::Postgres(options) => {
                let mut connection = PgConnection::connect_with(options).await.map_err(failed)?;
                if purpose != Use::Migrate {
                    // Compiling a statement of many small conditions takes seconds, anew for each time it is asked; a
                    // list or a count takes milliseconds.
                    connection
                        .execute("SET ROLE garant_server; SET jit = off")
                        .await
                        .map_err(StoreError::at("taking the server's role"))?;
                }
                Ok(Conn::Postgres(Box::new(connection)))
            }
        }
    }
}

/// Whether SQLite says that somebody else holds the file (`SQLITE_BUSY`, in its low byte).
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|database| database.code()?.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

fn private_folder(folder: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
