//! Keys by which sources know records, so that no personal field has to be one. A key may stand for
//! several records, of which a caller sees one at most; who may see which is not decided here.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Func, Order, Query};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::insert;
use crate::write::WriteTx;

/// A record that a key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed {
    /// Record id.
    pub record_id: String,
    /// Who sent the key; `None` for keys from before that was kept.
    pub put_by: Option<String>,
}

impl WriteTx {
    /// The records that a source's key stands for, the eldest first. Nobody else looks the same key up
    /// until the transaction ends: two who send a new key at once must not both make a record.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn external_ids(&mut self, entity: &str, source: &str, key: &str) -> Result<Vec<Keyed>, StoreError> {
        if self.inner.dialect == Dialect::Postgres {
            let name = format!("{}/{entity}/{source}/{key}", self.tenant);
            let lock = Func::cust("hashtextextended").arg(name).arg(1i64);
            let select = Query::select().expr(Func::cust("pg_advisory_xact_lock").arg(lock)).take();
            let statement = self.inner.dialect.build(&select);
            self.lease.fetch("locking an external id", &statement, &[]).await?;
        }
        let column = |name: &str| Expr::col(Alias::new(name));
        let select = Query::select()
            .expr(column("record_id"))
            .expr(column("put_by"))
            .from(Alias::new("external_id"))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("entity").eq(entity))
            .and_where(column("source").eq(source))
            .and_where(column("key").eq(key))
            .order_by_expr(column("record_id"), Order::Asc)
            .take();
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("looking an external id up", &statement, &[Type::Text, Type::Text]).await?;
        let keyed = |row: Vec<Value>| {
            let mut texts = row.into_iter().map(|value| value.as_text().map(str::to_owned));
            Some(Keyed { record_id: texts.next()??, put_by: texts.next()? })
        };
        Ok(rows.into_iter().filter_map(keyed).collect())
    }

    /// Remembers by which key a source knows a record, and who said so.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_external_id(
        &mut self,
        entity: &str,
        source: &str,
        key: &str,
        id: &str,
        put_by: &str,
    ) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("entity", Type::Text, Value::text(entity)),
            ("source", Type::Text, Value::text(source)),
            ("key", Type::Text, Value::text(key)),
            ("record_id", Type::Text, Value::text(id)),
            ("put_by", Type::Text, Value::text(put_by)),
        ];
        let statement = self.inner.dialect.build(&insert("external_id", cells)?);
        self.lease.execute(&statement).await.map_err(StoreError::at("storing an external id")).map(drop)
    }
}
