//! Pairs of records that look like one and are not.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};

use crate::error::StoreError;
use crate::row::insert;
use crate::sql::list;
use crate::write::WriteTx;

pub(crate) const DISMISSED: &str = "duplicate_dismissal";

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl WriteTx {
    /// Says that two records are not one, or takes that back.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn dismiss_duplicate(
        &mut self,
        entity: &str,
        pair: [&str; 2],
        dismissed: bool,
        actor: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        let step = StoreError::at("dismissing a duplicate");
        let [first, second] = if pair[0] < pair[1] { pair } else { [pair[1], pair[0]] };
        let statement = if dismissed {
            let cells = vec![
                ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
                ("entity", Type::Text, Value::text(entity)),
                ("first", Type::Text, Value::text(first)),
                ("second", Type::Text, Value::text(second)),
                ("at", Type::Instant, Value::Instant(now)),
                ("actor", Type::Text, Value::text(actor)),
            ];
            let mut say = insert(DISMISSED, cells)?;
            let columns = ["tenant_id", "entity", "first", "second"].map(Alias::new);
            say.on_conflict(OnConflict::columns(columns).do_nothing().to_owned());
            self.inner.dialect.build(&say)
        } else {
            let mut unsay = Query::delete();
            unsay
                .from_table(Alias::new(DISMISSED))
                .and_where(column("tenant_id").eq(self.tenant.as_str()))
                .and_where(column("entity").eq(entity))
                .and_where(column("first").eq(first))
                .and_where(column("second").eq(second));
            self.inner.dialect.build(&unsay)
        };
        self.lease.execute(&statement).await.map_err(step).map(drop)
    }

    /// Forgets what is kept beside records that are erased: their stages, and the pairs that they were in.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn forget_beside(&mut self, entity: &str, ids: &[String]) -> Result<(), StoreError> {
        for (table, key) in [("stage_change", "record_id"), (DISMISSED, "first"), (DISMISSED, "second")] {
            if ids.is_empty() {
                continue;
            }
            let mut delete = Query::delete();
            delete
                .from_table(Alias::new(table))
                .and_where(column("tenant_id").eq(self.tenant.as_str()))
                .and_where(column("entity").eq(entity))
                .and_where(column(key).is_in(list(ids.iter().map(String::as_str))));
            let statement = self.inner.dialect.build(&delete);
            self.lease.execute(&statement).await.map_err(StoreError::at("forgetting what lies beside records"))?;
        }
        Ok(())
    }
}
