//! Reading the log back, newest first: for its owner's eyes and for tests. Lines only; which records
//! they were about stays in the detail table.

use std::ops::Deref;

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query};
use serde::{Deserialize, Serialize};

use super::LogLine;
use crate::error::StoreError;
use crate::store::Store;

/// A line as it was written, with its place in a chain and the number of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoggedLine {
    /// Whose chain.
    pub writer: String,
    /// Number in the chain.
    pub seq: i64,
    /// How many records the access touched.
    pub count: usize,
    /// What was noted.
    #[serde(flatten)]
    pub line: LogLine,
}

impl Deref for LoggedLine {
    type Target = LogLine;

    fn deref(&self) -> &LogLine {
        &self.line
    }
}

impl Store {
    /// The newest lines of a tenant's log: chains by the time they began, each from its end.
    ///
    /// # Errors
    ///
    /// When the database fails, or a line is not what was written.
    pub async fn read_log(&self, tenant: &str, limit: u32) -> Result<Vec<LoggedLine>, StoreError> {
        let column = |name: &str| Expr::col(Alias::new(name));
        let select = Query::select()
            .expr(column("line"))
            .from(Alias::new("decision_log"))
            .and_where(column("tenant_id").eq(tenant))
            .order_by_expr(column("writer"), Order::Desc)
            .order_by_expr(column("seq"), Order::Desc)
            .limit(u64::from(limit))
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading the decision log", &self.inner.dialect.build(&select), &[Type::Text]).await?;
        let parse = |value: Value| {
            let text = value.as_text().unwrap_or_default();
            serde_json::from_str(text).map_err(|_| StoreError::Corrupt { what: "log line" })
        };
        rows.into_iter().flatten().map(parse).collect()
    }
}
