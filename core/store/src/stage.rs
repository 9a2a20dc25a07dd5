//! Through which stages a deal went, and the steps of a record's history, latest first: what a timeline is made
//! of besides records. Whether the record may be seen is not decided here.

use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};

use crate::error::StoreError;
use crate::row::{as_instant, insert, optional};
use crate::store::Store;
use crate::value::bind;
use crate::write::WriteTx;

/// A change of stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageChange {
    /// Id; time-ordered.
    pub id: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of who did it.
    pub actor: String,
    /// The stage before; none for a new deal.
    pub from: Option<String>,
    /// The stage after.
    pub to: Option<String>,
    /// The stage of its pipeline before.
    pub from_pipeline_stage: Option<String>,
    /// The stage of its pipeline after.
    pub to_pipeline_stage: Option<String>,
}

/// A step of a record's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryStep {
    /// The version that it made.
    pub version: i64,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of who did it.
    pub actor: String,
    /// `create`, `update`, ...
    pub operation: String,
    /// The fields that were written.
    pub fields: Vec<String>,
}

const STAGES: &str = "stage_change";
const HISTORY: &str = "field_history";

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

/// Only what lies before a place in time: earlier, or at that instant behind a key.
fn behind(select: &mut SelectStatement, key: &str, place: Option<(i64, Expr)>) {
    if let Some((at, after)) = place {
        let same = column("at").eq(at).and(column(key).gt(after));
        select.and_where(Expr::Tuple(vec![column("at").lt(at).or(same)]));
    }
}

impl WriteTx {
    /// Notes a change of stage with the change itself.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn note_stage(&mut self, entity: &str, record: &str, change: &StageChange) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("record_id", Type::Text, Value::text(record)),
            ("id", Type::Text, Value::text(change.id.as_str())),
            ("entity", Type::Text, Value::text(entity)),
            ("at", Type::Instant, Value::Instant(change.at)),
            ("actor", Type::Text, Value::text(change.actor.as_str())),
            ("from_stage", Type::Text, optional(change.from.as_deref())),
            ("to_stage", Type::Text, optional(change.to.as_deref())),
            ("from_pipeline_stage_id", Type::Text, optional(change.from_pipeline_stage.as_deref())),
            ("to_pipeline_stage_id", Type::Text, optional(change.to_pipeline_stage.as_deref())),
        ];
        let statement = self.inner.dialect.build(&insert(STAGES, cells)?);
        self.lease.execute(&statement).await.map_err(StoreError::at("noting a stage")).map(drop)
    }
}

impl Store {
    /// Changes of a record's stage, latest first, after a place.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn stage_changes(
        &self,
        tenant: &str,
        record: &str,
        after: Option<(i64, &str)>,
        limit: u64,
    ) -> Result<Vec<StageChange>, StoreError> {
        let names = ["id", "at", "actor", "from_stage", "to_stage", "from_pipeline_stage_id", "to_pipeline_stage_id"];
        let mut select = Query::select();
        select
            .exprs(names.map(column))
            .from(Alias::new(STAGES))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("record_id").eq(record))
            .order_by_expr(column("at"), Order::Desc)
            .order_by_expr(column("id"), Order::Asc)
            .limit(limit);
        behind(&mut select, "id", after.map(|(at, id)| (at, bind(&Value::text(id)))));
        let types = [Type::Text, Type::Instant, Type::Text, Type::Text, Type::Text, Type::Text, Type::Text];
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading stages", &self.inner.dialect.build(&select), &types).await?;
        let text = |value: &Value| value.as_text().map(str::to_owned);
        let change = |row: Vec<Value>| {
            let [id, at, actor, from, to, from_pipeline, to_pipeline] = row.as_slice() else { return None };
            Some(StageChange {
                id: text(id)?,
                at: as_instant(at)?,
                actor: text(actor)?,
                from: text(from),
                to: text(to),
                from_pipeline_stage: text(from_pipeline),
                to_pipeline_stage: text(to_pipeline),
            })
        };
        rows.into_iter().map(|row| change(row).ok_or(StoreError::Corrupt { what: "stage" })).collect()
    }

    /// Steps of a record's history, latest first, after a place.
    ///
    /// # Errors
    ///
    /// When the database fails, or the history is not readable.
    pub async fn history_steps(
        &self,
        tenant: &str,
        entity: &str,
        record: &str,
        after: Option<(i64, i64)>,
        limit: u64,
    ) -> Result<Vec<HistoryStep>, StoreError> {
        let mut select = Query::select();
        select
            .exprs(["version", "at", "actor", "operation", "fields"].map(column))
            .from(Alias::new(HISTORY))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("entity").eq(entity))
            .and_where(column("record_id").eq(record))
            .order_by_expr(column("at"), Order::Desc)
            .order_by_expr(column("version"), Order::Asc)
            .limit(limit);
        behind(&mut select, "version", after.map(|(at, version)| (at, bind(&Value::Integer(version)))));
        let types = [Type::Integer, Type::Instant, Type::Text, Type::Text, Type::Text];
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("reading a history", &self.inner.dialect.build(&select), &types).await?;
        let step = |row: Vec<Value>| match row.as_slice() {
            [Value::Integer(version), at, Value::Text(actor), Value::Text(operation), Value::Text(fields)] => {
                Some(HistoryStep {
                    version: *version,
                    at: as_instant(at)?,
                    actor: actor.clone(),
                    operation: operation.clone(),
                    fields: serde_json::from_str(fields).ok()?,
                })
            }
            _ => None,
        };
        rows.into_iter().map(|row| step(row).ok_or(StoreError::Corrupt { what: "history" })).collect()
    }
}
