//! Which of the two databases a statement is for.

use sea_query::{PostgresQueryBuilder, SqliteQueryBuilder};
use sea_query_sqlx::SqlxBinder;

use crate::pool::Statement;

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The text and the values of a tree.
    pub(crate) fn build(self, tree: &impl SqlxBinder) -> Statement {
        let (sql, values) = match self {
            Self::Sqlite => tree.build_sqlx(SqliteQueryBuilder),
            Self::Postgres => tree.build_sqlx(PostgresQueryBuilder),
        };
        Statement { sql: sql.into(), values }
    }
}
