//! Verifying the log: every chain from its first line on. It needs nothing but the rows, so it can run
//! over a copy, offline.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query};

use super::chain::{digest, link};
use crate::error::StoreError;
use crate::sql::{all, any};
use crate::store::Store;

/// Lines that are read at once.
const BATCH: u64 = 1_000;

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogCheck {
    /// Lines read.
    pub lines: u64,
    /// Chains read.
    pub writers: u64,
    /// The first line that does not fit: its writer and number.
    pub broken: Option<(String, i64)>,
}

impl Store {
    /// Verifies a tenant's log: numbers without a gap, each hash over the one before, and each detail
    /// that is still kept against its digest. Lines cut off at the end of a chain cannot be told from
    /// lines never written.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn verify_log(&self, tenant: &str) -> Result<LogCheck, StoreError> {
        let mut check = LogCheck { lines: 0, writers: 0, broken: None };
        let mut last: Option<(String, i64, String)> = None;
        let mut lease = self.inner.read.lease(tenant).await?;
        loop {
            let select = batch(tenant, last.as_ref().map(|(writer, seq, _)| (writer.as_str(), *seq)));
            let types = [Type::Text, Type::Integer, Type::Text, Type::Text, Type::Text, Type::Text];
            let rows = lease.fetch("verifying the decision log", &self.inner.dialect.build(&select), &types).await?;
            if rows.is_empty() {
                return Ok(check);
            }
            for row in rows {
                let [Value::Text(writer), Value::Integer(seq), Value::Text(line), Value::Text(hash), salt, refs] =
                    row.as_slice()
                else {
                    return Err(StoreError::Corrupt { what: "log line" });
                };
                let (expected, previous) = match &last {
                    Some((before, seq, hash)) if before == writer => (seq + 1, hash.clone()),
                    _ => {
                        check.writers += 1;
                        (1, String::new())
                    }
                };
                check.lines += 1;
                let sound = *seq == expected && *hash == link(&previous, line) && opens(line, writer, *seq, salt, refs);
                if !sound {
                    check.broken = Some((writer.clone(), *seq));
                    return Ok(check);
                }
                last = Some((writer.clone(), *seq, hash.clone()));
            }
        }
    }
}

/// Whether the line says whose it is, and its detail (if it is still kept) is the one that it was
/// written with.
fn opens(line: &str, writer: &str, seq: i64, salt: &Value, refs: &Value) -> bool {
    let Ok(line) = serde_json::from_str::<serde_json::Value>(line) else { return false };
    let named = line["writer"].as_str() == Some(writer) && line["seq"].as_i64() == Some(seq);
    match (salt, refs) {
        (Value::Text(salt), Value::Text(refs)) => {
            named && line["detail"].as_str() == Some(digest(&[salt, refs]).as_str())
        }
        _ => named,
    }
}

fn batch(tenant: &str, after: Option<(&str, i64)>) -> sea_query::SelectStatement {
    let log = |name: &str| Expr::col((Alias::new("l"), Alias::new(name)));
    let detail = |name: &str| Expr::col((Alias::new("d"), Alias::new(name)));
    let mut select = Query::select();
    select
        .exprs([log("writer"), log("seq"), log("line"), log("hash"), detail("salt"), detail("refs")])
        .from_as(Alias::new("decision_log"), Alias::new("l"))
        .join_as(
            sea_query::JoinType::LeftJoin,
            Alias::new("decision_detail"),
            Alias::new("d"),
            all(vec![
                detail("tenant_id").eq(log("tenant_id")),
                detail("writer").eq(log("writer")),
                detail("seq").eq(log("seq")),
            ]),
        )
        .and_where(log("tenant_id").eq(tenant))
        .order_by_expr(log("writer"), Order::Asc)
        .order_by_expr(log("seq"), Order::Asc)
        .limit(BATCH);
    if let Some((writer, seq)) = after {
        let same = all(vec![log("writer").eq(writer), log("seq").gt(seq)]);
        select.and_where(Expr::Tuple(vec![any(vec![log("writer").gt(writer), same])]));
    }
    select
}
