//! Which records changed, for subscriptions of every server process: written in the transaction of the change
//! where some process follows the entity, read by each process from where it has read to, and taken away after
//! minutes. No value of a record is here.

use garant_domain::clock::new_id;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, BinOper, Expr, ExprTrait, Func, OnConflict, Order, Query, SelectStatement, UnionType};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::{Cells, insert_all};
use crate::sql::text;
use crate::store::Store;
use crate::write::WriteTx;

const CHANGES: &str = "record_change";
const LISTENERS: &str = "change_listener";

/// The number of the transaction under way.
const THIS_TRANSACTION: &str = "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)";
/// The oldest transaction under way: whatever is older has committed or never will.
const OLDEST_UNDER_WAY: &str = "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)";

/// How far a process has read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChangeMark {
    seq: i64,
    id: String,
}

/// A record that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordChange {
    /// Entity name.
    pub entity: String,
    /// Record id.
    pub record_id: String,
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

/// The highest number of a tenant.
fn highest(tenant: &str) -> SelectStatement {
    Query::select().expr(column("seq").max()).from(Alias::new(CHANGES)).and_where(column("tenant_id").eq(tenant)).take()
}

/// Some process follows an entity; at an instant, where it is known.
fn followed(tenant: &str, entity: &str, now: Option<i64>) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1i64))
        .from(Alias::new(LISTENERS))
        .and_where(column("tenant_id").eq(tenant))
        .and_where(column("entity").eq(entity))
        .and_where_option(now.map(|now| column("until").gt(now)))
        .take()
}

impl WriteTx {
    /// Notes that records changed, if any process follows their entity: one statement, whatever they are.
    pub(crate) async fn note_changes(
        &mut self,
        entity: &str,
        ids: &[&str],
        now: Option<i64>,
    ) -> Result<(), StoreError> {
        let mut changes: Option<SelectStatement> = None;
        for id in ids {
            let seq = next(self.inner.dialect, &self.tenant);
            let change = Query::select()
                .exprs([text(&self.tenant), seq, text(&new_id()), text(entity), text(id)])
                .and_where(Expr::exists(followed(&self.tenant, entity, now)))
                .take();
            match &mut changes {
                Some(changes) => {
                    changes.union(UnionType::All, change);
                }
                None => changes = Some(change),
            }
        }
        let Some(changes) = changes else { return Ok(()) };
        self.put_changes(changes).await
    }

    /// The same for the records of an entity that a selection finds by their own columns.
    pub(crate) async fn note_changes_of(
        &mut self,
        entity: &str,
        mut records: SelectStatement,
    ) -> Result<(), StoreError> {
        let id = format!("{}/", new_id());
        records
            .exprs([
                column("tenant_id"),
                next(self.inner.dialect, &self.tenant),
                text(&id).binary(BinOper::Custom("||"), column("id")),
                text(entity),
                column("id"),
            ])
            .and_where(Expr::exists(followed(&self.tenant, entity, None)));
        self.put_changes(records).await
    }

    async fn put_changes(&mut self, changes: SelectStatement) -> Result<(), StoreError> {
        let mut insert = Query::insert();
        insert
            .into_table(Alias::new(CHANGES))
            .columns(["tenant_id", "seq", "id", "entity", "record_id"].map(Alias::new))
            .select_from(changes)
            .map_err(|_| StoreError::Corrupt { what: "row" })?;
        let statement = self.inner.dialect.build(&insert);
        self.lease.execute(&statement).await.map_err(StoreError::at("noting changes")).map(drop)
    }
}

/// The number that a change gets.
fn next(dialect: Dialect, tenant: &str) -> Expr {
    match dialect {
        Dialect::Postgres => Expr::cust(THIS_TRANSACTION),
        Dialect::Sqlite => {
            let highest = Expr::SubQuery(None, Box::new(highest(tenant).into()));
            Expr::expr(Func::coalesce([highest, Expr::val(0i64)])).add(1i64)
        }
    }
}

impl Store {
    /// Says that a process follows some entities until an instant, and takes away what all have read: changes
    /// before `read`, and processes that stopped saying so before `now`.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn follow(
        &self,
        tenant: &str,
        process: &str,
        entities: &[String],
        until: i64,
        now: i64,
        read: Option<&ChangeMark>,
    ) -> Result<(), StoreError> {
        let step = StoreError::at("following changes");
        let gone = Query::delete()
            .from_table(Alias::new(LISTENERS))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("process").eq(process).or(column("until").lte(now)))
            .take();
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(false).await?;
        lease.execute(&self.inner.dialect.build(&gone)).await.map_err(step)?;
        if !entities.is_empty() {
            let row = |entity: &String| {
                vec![
                    ("tenant_id", Type::Text, Value::text(tenant)),
                    ("entity", Type::Text, Value::text(entity.as_str())),
                    ("process", Type::Text, Value::text(process)),
                    ("until", Type::Integer, Value::Integer(until)),
                ]
            };
            let mut follow = insert_all(LISTENERS, entities.iter().map(row).collect())?;
            let key = ["tenant_id", "entity", "process"].map(Alias::new);
            follow.on_conflict(OnConflict::columns(key).update_column(Alias::new("until")).to_owned());
            lease.execute(&self.inner.dialect.build(&follow)).await.map_err(step)?;
        }
        if let Some(read) = read {
            // The newest one stays: on SQLite the next number is made of it.
            let newest = Expr::SubQuery(None, Box::new(highest(tenant).into()));
            let old = Query::delete()
                .from_table(Alias::new(CHANGES))
                .and_where(column("tenant_id").eq(tenant))
                .and_where(column("seq").lt(read.seq))
                .and_where(column("seq").lt(newest))
                .take();
            lease.execute(&self.inner.dialect.build(&old)).await.map_err(step)?;
        }
        lease.commit().await
    }

    /// Forgets processes that stopped saying that they follow, and changes where nobody follows any.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn forget_changes(&self, tenant: &str, now: i64) -> Result<(), StoreError> {
        self.follow(tenant, "", &[], now, now, None).await?;
        let anybody = Query::select()
            .expr(Expr::val(1i64))
            .from(Alias::new(LISTENERS))
            .and_where(column("tenant_id").eq(tenant))
            .take();
        let newest = Expr::SubQuery(None, Box::new(highest(tenant).into()));
        let forget = Query::delete()
            .from_table(Alias::new(CHANGES))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("seq").lt(newest))
            .and_where(Expr::not_exists(anybody))
            .take();
        let mut lease = self.inner.write.lease(tenant).await?;
        lease.begin(false).await?;
        let step = StoreError::at("forgetting changes");
        lease.execute(&self.inner.dialect.build(&forget)).await.map_err(step)?;
        lease.commit().await
    }

    /// How far one has read who begins now: what commits from now on comes after it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn change_mark(&self, tenant: &str) -> Result<ChangeMark, StoreError> {
        let mut lease = self.inner.read.lease(tenant).await?;
        let select = match self.inner.dialect {
            Dialect::Postgres => Query::select().expr(Expr::cust(OLDEST_UNDER_WAY)).take(),
            Dialect::Sqlite => highest(tenant),
        };
        let statement = self.inner.dialect.build(&select);
        let rows = lease.fetch("reading how far changes are", &statement, &[Type::Integer]).await?;
        let seq = rows.into_iter().next().and_then(|row| Cells::of("change", row).maybe_integer()).unwrap_or_default();
        // On PostgreSQL that transaction itself is still to come.
        match self.inner.dialect {
            Dialect::Postgres => Ok(ChangeMark { seq, id: String::new() }),
            Dialect::Sqlite => Ok(ChangeMark { seq: seq.saturating_add(1), id: String::new() }),
        }
    }

    /// What changed after a mark, the oldest first, and how far that is.
    ///
    /// # Errors
    ///
    /// When the database fails, or a row is not readable.
    pub async fn changes_after(
        &self,
        tenant: &str,
        after: &ChangeMark,
        limit: u64,
    ) -> Result<(Vec<RecordChange>, ChangeMark), StoreError> {
        let later = column("seq").gt(after.seq).or(column("seq").eq(after.seq).and(column("id").gt(after.id.as_str())));
        let mut select = Query::select();
        select
            .columns(["seq", "id", "entity", "record_id"].map(Alias::new))
            .from(Alias::new(CHANGES))
            .and_where(column("tenant_id").eq(tenant))
            .and_where(column("seq").gte(after.seq))
            .and_where(later)
            .order_by_expr(column("seq"), Order::Asc)
            .order_by_expr(column("id"), Order::Asc)
            .limit(limit);
        if self.inner.dialect == Dialect::Postgres {
            select.and_where(column("seq").lt(Expr::cust(OLDEST_UNDER_WAY)));
        }
        let mut lease = self.inner.read.lease(tenant).await?;
        let types = [Type::Integer, Type::Text, Type::Text, Type::Text];
        let rows = lease.fetch("reading changes", &self.inner.dialect.build(&select), &types).await?;
        let mut mark = after.clone();
        let mut changes = Vec::with_capacity(rows.len());
        for row in rows {
            let mut cells = Cells::of("change", row);
            mark.seq = cells.maybe_integer().ok_or(StoreError::Corrupt { what: "change" })?;
            mark.id = cells.text()?;
            changes.push(RecordChange { entity: cells.text()?, record_id: cells.text()? });
        }
        Ok((changes, mark))
    }
}
