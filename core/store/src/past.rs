//! What is kept by time: which fields of a record changed when, and a person's consent events. For
//! questions about an instant that has passed.

use garant_domain::consent::States;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query};

use crate::consent;
use crate::error::StoreError;
use crate::write::WriteTx;

/// A line of a record's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// `create`, `update`, ...
    pub operation: String,
    /// Microseconds UTC.
    pub at: i64,
    /// The fields that were written; what they held before is not kept.
    pub fields: Vec<String>,
}

impl WriteTx {
    /// What was written to a record after an instant, in order.
    ///
    /// # Errors
    ///
    /// When the database fails, or the history is not readable.
    pub async fn changed_since(
        &mut self,
        entity: &str,
        id: &str,
        instant: i64,
    ) -> Result<Vec<FieldChange>, StoreError> {
        let column = |name: &str| Expr::col(Alias::new(name));
        let select = Query::select()
            .columns(["operation", "at", "fields"].map(Alias::new))
            .from(Alias::new("field_history"))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("entity").eq(entity))
            .and_where(column("record_id").eq(id))
            .and_where(column("at").gt(instant))
            .order_by_expr(column("version"), Order::Asc)
            .take();
        let types = [Type::Text, Type::Instant, Type::Text];
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("reading a record's history", &statement, &types).await?;
        let corrupt = || StoreError::Corrupt { what: "history" };
        rows.into_iter()
            .map(|row| match row.as_slice() {
                [Value::Text(operation), Value::Instant(at), Value::Text(fields)] => Ok(FieldChange {
                    operation: operation.clone(),
                    at: *at,
                    fields: serde_json::from_str(fields).map_err(|_| corrupt())?,
                }),
                _ => Err(corrupt()),
            })
            .collect()
    }

    /// The consent states of a person at an instant, from every event up to it: their own, and what was
    /// said for the addresses that they have now.
    ///
    /// # Errors
    ///
    /// When the database fails, or an event is not readable.
    pub async fn consent_states(&mut self, subject: &str, as_of: i64) -> Result<States, StoreError> {
        consent::states_at(self, subject, as_of).await
    }
}
