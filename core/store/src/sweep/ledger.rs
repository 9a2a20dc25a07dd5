//! The erasure ledger: what was erased, by keyed reference. It outlives the records, so that a restored
//! backup is erased again and an import of what was erased is recognised.

use std::collections::BTreeMap;

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Order, Query};
use serde::{Deserialize, Serialize};

use crate::custom::{of_entity, table_of};
use crate::error::StoreError;
use crate::row::insert_all;
use crate::sql::list;
use crate::store::Store;
use crate::write::WriteTx;

/// Something that was erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerEntry {
    /// Keyed reference, hex.
    pub reference: String,
    /// `record`, `key` for the key by which a source knew it, or `address` for one by which it was reached.
    pub kind: String,
    /// Entity name.
    pub entity: String,
    /// `erase` or `anonymise`.
    pub effect: String,
    /// Microseconds UTC.
    pub at: i64,
}

const TABLE: &str = "erasure_ledger";
const COLUMNS: [(&str, Type); 5] = [
    ("reference", Type::Text),
    ("kind", Type::Text),
    ("entity", Type::Text),
    ("effect", Type::Text),
    ("at", Type::Instant),
];

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl WriteTx {
    /// Enters what was erased; of what is there already the later instant counts. `pending` for entries that come from outside,
    /// whose records the next sweep looks for. Answers how many were new.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn enter_ledger(&mut self, entries: &[LedgerEntry], pending: bool) -> Result<u64, StoreError> {
        if entries.is_empty() {
            return Ok(0);
        }
        let row = |entry: &LedgerEntry| {
            vec![
                ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
                ("reference", Type::Text, Value::text(entry.reference.as_str())),
                ("kind", Type::Text, Value::text(entry.kind.as_str())),
                ("entity", Type::Text, Value::text(entry.entity.as_str())),
                ("effect", Type::Text, Value::text(entry.effect.as_str())),
                ("at", Type::Instant, Value::Instant(entry.at)),
                ("pending", Type::Boolean, Value::Boolean(pending && entry.kind == "record")),
            ]
        };
        let mut insert = insert_all(TABLE, entries.iter().map(row).collect())?;
        let mut known = OnConflict::columns(["tenant_id", "reference"].map(Alias::new));
        let later =
            Expr::col((Alias::new("excluded"), Alias::new("at"))).gt(Expr::col((Alias::new(TABLE), Alias::new("at"))));
        known.update_column(Alias::new("at")).action_and_where(later);
        insert.on_conflict(known);
        let statement = self.inner.dialect.build(&insert);
        self.lease.execute(&statement).await.map_err(StoreError::at("entering the erasure ledger"))
    }

    /// When the first of some references was erased; none when none was.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn erased_at(&mut self, references: &[String]) -> Result<Option<i64>, StoreError> {
        let select = Query::select()
            .expr(column("at").max())
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("reference").is_in(list(references.iter().map(String::as_str))))
            .take();
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("asking the erasure ledger", &statement, &[Type::Instant]).await?;
        Ok(rows.into_iter().flatten().find_map(|value| match value {
            Value::Instant(at) => Some(at),
            _ => None,
        }))
    }

    /// The addresses by which some people are reached, as the ledger refers to them.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn addresses_of(&mut self, subjects: &[String]) -> Result<Vec<String>, StoreError> {
        let select = Query::select()
            .distinct()
            .expr(column("address"))
            .from(Alias::new("subject_address"))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("subject_id").is_in(list(subjects.iter().map(String::as_str))))
            .order_by_expr(column("address"), Order::Asc)
            .take();
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("reading whose addresses go", &statement, &[Type::Text]).await?;
        Ok(rows.into_iter().flatten().filter_map(|value| value.as_text().map(str::to_owned)).collect())
    }

    /// The addresses in a record's values, as the ledger refers to them: of what lies elsewhere.
    ///
    /// # Errors
    ///
    /// When the entity is unknown.
    pub fn addresses_in(&self, entity: &str, values: &BTreeMap<String, Value>) -> Result<Vec<String>, StoreError> {
        let entity = crate::write::entity_of(&self.inner, entity)?;
        Ok(crate::address::addresses(self, entity, values).into_iter().collect())
    }

    /// What was erased of an entity and may be back since a restore: references with their effect.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn pending_erasures(&mut self, entity: &str) -> Result<Vec<(String, String)>, StoreError> {
        let select = Query::select()
            .exprs(["reference", "effect"].map(column))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("pending").eq(true))
            .and_where(column("entity").eq(entity))
            .take();
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("reading pending erasures", &statement, &[Type::Text, Type::Text]).await?;
        let pair = |row: Vec<Value>| {
            let mut texts = row.into_iter().filter_map(|value| value.as_text().map(str::to_owned));
            Some((texts.next()?, texts.next()?))
        };
        Ok(rows.into_iter().filter_map(pair).collect())
    }

    /// Notes that every record of an entity that may be back has been looked for, but for some that are
    /// still there.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn settle_pending(&mut self, entity: &str, still: &[String]) -> Result<(), StoreError> {
        let mut update = Query::update();
        update
            .table(Alias::new(TABLE))
            .value(Alias::new("pending"), false)
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("entity").eq(entity))
            .and_where(column("pending").eq(true));
        if !still.is_empty() {
            update.and_where(column("reference").is_not_in(list(still.iter().map(String::as_str))));
        }
        let statement = self.inner.dialect.build(&update);
        self.lease.execute(&statement).await.map_err(StoreError::at("settling pending erasures")).map(drop)
    }

    /// Ids of an entity's records after one, in order.
    ///
    /// # Errors
    ///
    /// When the database fails, or the entity is unknown.
    pub async fn ids_after(&mut self, entity: &str, after: &str, limit: u64) -> Result<Vec<String>, StoreError> {
        let inner = std::sync::Arc::clone(&self.inner);
        let entity = crate::write::entity_of(&inner, entity)?;
        let select = Query::select()
            .expr(column("id"))
            .from(table_of(entity))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where_option(of_entity(entity))
            .and_where(column("id").gt(after))
            .order_by_expr(column("id"), Order::Asc)
            .limit(limit)
            .take();
        let rows = self.lease.fetch("walking records", &inner.dialect.build(&select), &[Type::Text]).await?;
        Ok(rows.into_iter().flatten().filter_map(|value| value.as_text().map(str::to_owned)).collect())
    }
}

impl Store {
    /// The whole ledger, in the order of what was erased when: to be kept apart from the backups.
    ///
    /// # Errors
    ///
    /// When the database fails, or an entry is not readable.
    pub async fn ledger(&self, tenant: &str) -> Result<Vec<LedgerEntry>, StoreError> {
        let select = Query::select()
            .exprs(COLUMNS.map(|(name, _)| column(name)))
            .from(Alias::new(TABLE))
            .and_where(column("tenant_id").eq(tenant))
            .order_by_expr(column("at"), Order::Asc)
            .order_by_expr(column("reference"), Order::Asc)
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = COLUMNS.map(|(_, ty)| ty);
        let rows = lease.fetch("reading the erasure ledger", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter()
            .map(|row| match row.as_slice() {
                [
                    Value::Text(reference),
                    Value::Text(kind),
                    Value::Text(entity),
                    Value::Text(effect),
                    Value::Instant(at),
                ] => Ok(LedgerEntry {
                    reference: reference.clone(),
                    kind: kind.clone(),
                    entity: entity.clone(),
                    effect: effect.clone(),
                    at: *at,
                }),
                _ => Err(StoreError::Corrupt { what: "erasure ledger" }),
            })
            .collect()
    }
}
