//! The one transaction of a use case that writes. Records come and go raw here: the gate judges them
//! natively before it writes, and reads what it shows through [`WriteTx::page`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use garant_domain::catalog::{Entity, MERGED_INTO, SubjectPath};
use garant_domain::context::Operation;
use garant_domain::query::{FieldTest, Filter, Guards, Page, Pair, PairsWanted, Query, Rows};
use garant_domain::rule::FactCall;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, LockType, Query as Sql, UpdateStatement};

use crate::address;
use crate::consent;
use crate::custom::{self, entity_cell, of_entity, table_name, table_of};
use crate::ddl::unique_name;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::log::{Chain, LogLine};
use crate::pool::{Lease, Statement};
use crate::record::{Change, NewRecord, Record};
use crate::register;
use crate::row::{Cell, insert, optional};
use crate::search;
use crate::sql::filter::fold_column;
use crate::sql::{Compiler, text};
use crate::store::{Inner, page, pairs};
use crate::value::{bind, bind_as, type_of};

/// A transaction. Dropped without [`WriteTx::commit`], it leaves nothing.
pub struct WriteTx {
    pub(crate) lease: Lease,
    pub(crate) inner: Arc<Inner>,
    pub(crate) tenant: String,
    /// Versions written in this transaction, for the history.
    written: HashMap<(String, String), i64>,
    /// The log's chain, once a line was written; it moves on only if the transaction commits.
    chain: Option<Chain>,
    /// Whether a register was written, which others keep in memory.
    pub(crate) registers_moved: bool,
}

impl WriteTx {
    pub(crate) fn new(lease: Lease, inner: Arc<Inner>, tenant: &str) -> Self {
        Self { lease, inner, tenant: tenant.to_owned(), written: HashMap::new(), chain: None, registers_moved: false }
    }

    fn build(&self, tree: &impl sea_query_sqlx::SqlxBinder) -> Statement {
        self.inner.dialect.build(tree)
    }

    /// A page as the caller sees it, inside the transaction.
    ///
    /// # Errors
    ///
    /// As [`crate::Store::page`].
    pub async fn page(&mut self, query: &Query, guards: &Guards) -> Result<Rows, StoreError> {
        page(&mut self.lease, &self.inner, &self.tenant, query, guards).await
    }

    /// Pairs of records that look like one, inside the transaction.
    ///
    /// # Errors
    ///
    /// As [`crate::Store::pairs`].
    pub async fn pairs(&mut self, wanted: &PairsWanted, guards: &Guards) -> Result<Vec<Pair>, StoreError> {
        Ok(pairs(&mut self.lease, &self.inner, &self.tenant, wanted, guards).await?.0)
    }

    /// Whether a live record is there for the caller.
    ///
    /// # Errors
    ///
    /// As [`crate::Store::page`].
    pub async fn visible(&mut self, entity: &str, id: &str, guards: &Guards) -> Result<bool, StoreError> {
        let query = Query {
            entity: entity.to_owned(),
            filter: Some(Filter::Field("id".to_owned(), FieldTest::Eq(Value::text(id)))),
            page: Page { limit: 1, ..Page::default() },
            ..Query::default()
        };
        Ok(!self.page(&query, guards).await?.rows.is_empty())
    }

    /// A record as it lies there, live or in the trash; never for an answer. With `lock`, nobody else
    /// changes it until the transaction ends.
    ///
    /// # Errors
    ///
    /// When the database fails, or the entity is unknown.
    pub async fn get(&mut self, entity: &str, id: &str, lock: bool) -> Result<Option<Record>, StoreError> {
        let inner = Arc::clone(&self.inner);
        let compiler = Compiler::for_facts(&inner.catalog, &self.tenant);
        let table = compiler.table(compiler.entity(entity)?);
        let names: Vec<&str> = garant_domain::catalog::SYSTEM_FIELDS
            .iter()
            .map(|(name, _)| *name)
            .chain(table.entity.fields.iter().map(|field| field.name.as_str()))
            .collect();
        let mut select = compiler.select_raw(&table);
        let mut types = Vec::with_capacity(names.len());
        for name in &names {
            types.push(type_of(table.entity, name)?);
            select.expr(table.column(name));
        }
        select.and_where(table.column("id").eq(text(id)));
        // SQLite has one writer, which is us.
        if lock && inner.dialect == Dialect::Postgres {
            select.lock(LockType::Update);
        }
        let rows = self.lease.fetch("reading a record", &self.build(&select), &types).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let values: BTreeMap<String, Value> = names.iter().map(|name| (*name).to_owned()).zip(row).collect();
        let Some(Value::Integer(version)) = values.get("version") else {
            return Err(StoreError::Corrupt { what: "record" });
        };
        let deleted = values.get("deleted_at").is_some_and(|at| !at.is_null());
        Ok(Some(Record { id: id.to_owned(), version: *version, deleted, values }))
    }

    /// A raw field of another record, for rules one reference away; null when there is none.
    ///
    /// # Errors
    ///
    /// When the database fails, or entity or field is unknown.
    pub async fn field(&mut self, entity: &str, id: &str, field: &str) -> Result<Value, StoreError> {
        let inner = Arc::clone(&self.inner);
        let compiler = Compiler::for_facts(&inner.catalog, &self.tenant);
        let table = compiler.table(compiler.entity(entity)?);
        let ty = type_of(table.entity, field)?;
        let mut select = compiler.select_raw(&table);
        select.expr(table.column(field)).and_where(table.column("id").eq(text(id)));
        let rows = self.lease.fetch("reading a related field", &self.build(&select), &[ty]).await?;
        Ok(rows.into_iter().next().and_then(|row| row.into_iter().next()).unwrap_or_default())
    }

    /// Facts about a person, in the order asked for, in one statement.
    ///
    /// # Errors
    ///
    /// When the database fails, or a fact is unknown.
    pub async fn facts(&mut self, subject_id: &str, calls: &[FactCall]) -> Result<Vec<Value>, StoreError> {
        if calls.is_empty() {
            return Ok(vec![]);
        }
        let inner = Arc::clone(&self.inner);
        let compiler = Compiler::for_facts(&inner.catalog, &self.tenant);
        let person = inner.catalog.entities.iter().find(|entity| entity.subject == SubjectPath::Itself);
        let person = person.ok_or_else(|| StoreError::BadRule { what: "no entity is a person".to_owned() })?;
        let mut select = Sql::select();
        let mut types = Vec::with_capacity(calls.len());
        for call in calls {
            let (expr, ty) = compiler.fact_of(text(subject_id), person, call)?;
            select.expr(expr);
            types.push(ty);
        }
        let rows = self.lease.fetch("reading facts", &self.build(&select), &types).await?;
        rows.into_iter().next().ok_or(StoreError::Corrupt { what: "facts" })
    }

    /// Inserts a record with version 1. A consent event folds anew the states of everybody whom it
    /// concerns, a person is covered by what was said for their addresses.
    ///
    /// # Errors
    ///
    /// `Unique`, `BadValue` (also for an event dated in the future), `UnknownField`.
    pub async fn insert(&mut self, entity: &str, record: &NewRecord) -> Result<(), StoreError> {
        let inner = Arc::clone(&self.inner);
        let entity = entity_of(&inner, entity)?;
        let event = consent::event_of(entity, record)?;
        let mut cells: Vec<Cell<'_>> = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("id", Type::Text, Value::text(record.id.as_str())),
            ("version", Type::Integer, Value::Integer(1)),
            ("created_at", Type::Instant, Value::Instant(record.now)),
            ("updated_at", Type::Instant, Value::Instant(record.now)),
            ("collected_at", Type::Instant, record.collected_at.map_or(Value::Null, Value::Instant)),
            ("collected_for", Type::Text, optional(record.collected_for.as_deref())),
        ];
        cells.extend(entity_cell(entity));
        let columns = columns(entity, &record.values)?;
        cells.extend(columns.iter().map(|(name, ty, value)| (name.as_str(), *ty, value.clone())));
        let statement = self.build(&insert(table_name(entity), cells)?);
        let reached = match &event {
            Some((subject, event)) => address::reach(self, subject, event).await?,
            None => BTreeSet::new(),
        };
        self.guarded(entity, record.values.keys(), &statement, "inserting a record").await?;
        self.note_written(entity, &record.id, 1);
        custom::put(self, entity, &record.id, &record.values, false).await?;
        search::keep(self, entity, &record.id, &record.values, false).await?;
        address::inserted(self, entity, &record.id, &record.values).await?;
        if event.is_some() { consent::refold(self, &reached).await } else { Ok(()) }
    }

    /// Changes a live record where its version is the one expected; answers the new version.
    ///
    /// # Errors
    ///
    /// `VersionConflict`, `Unique`, `BadValue`, `UnknownField`.
    pub async fn update(
        &mut self,
        entity: &str,
        id: &str,
        expected_version: i64,
        change: &Change,
    ) -> Result<i64, StoreError> {
        let inner = Arc::clone(&self.inner);
        let entity = changeable(&inner, entity)?;
        let mut update = versioned(entity, &self.tenant, id, expected_version, change.now);
        update.and_where(Expr::col(Alias::new("deleted_at")).is_null());
        for (name, ty, value) in columns(entity, &change.values)? {
            update.value(Alias::new(name.as_str()), bind_as(&name, ty, &value)?);
        }
        let statement = self.build(&update);
        let before = address::before(self, entity, id, change.values.keys()).await?;
        let touched = self.guarded(entity, change.values.keys(), &statement, "changing a record").await?;
        let version = self.moved_on(entity, id, expected_version, touched)?;
        custom::put(self, entity, id, &change.values, true).await?;
        search::keep(self, entity, id, &change.values, true).await?;
        address::after(self, entity, id, before).await?;
        Ok(version)
    }

    /// Puts a record into the trash or takes it out; answers the new version. Its words stay, since the
    /// trash is searched too.
    ///
    /// # Errors
    ///
    /// `VersionConflict`; `Unique` where a record that comes back meets another one with its key.
    pub async fn set_deleted(
        &mut self,
        entity: &str,
        id: &str,
        expected_version: i64,
        deleted: bool,
        now: i64,
    ) -> Result<i64, StoreError> {
        let inner = Arc::clone(&self.inner);
        let entity = changeable(&inner, entity)?;
        let mut update = versioned(entity, &self.tenant, id, expected_version, now);
        let deleted_at = || Expr::col(Alias::new("deleted_at"));
        let at = if deleted { Value::Instant(now) } else { Value::Null };
        update
            .and_where(if deleted { deleted_at().is_null() } else { deleted_at().is_not_null() })
            .value(Alias::new("deleted_at"), bind_as("deleted_at", Type::Instant, &at)?);
        if !deleted && entity.is_mergeable() {
            // Whoever comes back is a record of its own again.
            update.value(Alias::new(MERGED_INTO), bind_as(MERGED_INTO, Type::Text, &Value::Null)?);
        }
        let unique = entity.fields.iter().filter(|field| field.unique).map(|field| &field.name);
        let statement = self.build(&update);
        let touched = self.guarded(entity, unique, &statement, "moving a record to the trash or back").await?;
        self.moved_on(entity, id, expected_version, touched)
    }

    pub(crate) fn moved_on(
        &mut self,
        entity: &Entity,
        id: &str,
        expected_version: i64,
        touched: u64,
    ) -> Result<i64, StoreError> {
        if touched != 1 {
            return Err(StoreError::VersionConflict);
        }
        let version = expected_version + 1;
        self.note_written(entity, id, version);
        Ok(version)
    }

    /// Remembers the version that a record has now, for its history.
    pub(crate) fn note_written(&mut self, entity: &Entity, id: &str, version: i64) {
        self.written.insert((entity.name.clone(), id.to_owned()), version);
        self.registers_moved |= entity.is_register();
    }

    /// Notes in the record's history which fields changed, not what they held.
    ///
    /// # Errors
    ///
    /// When the database fails, or the record was not written in this transaction.
    #[expect(
        clippy::too_many_arguments,
        reason = "one line of history, each part of another type or obvious by its name"
    )]
    pub async fn history(
        &mut self,
        entity: &str,
        id: &str,
        operation: Operation,
        fields: &[String],
        actor: &str,
        purpose: Option<&str>,
        now: i64,
    ) -> Result<(), StoreError> {
        let version =
            self.written.get(&(entity.to_owned(), id.to_owned())).copied().ok_or(StoreError::VersionConflict)?;
        let operation = serde_json::to_value(operation).ok().and_then(|value| value.as_str().map(str::to_owned));
        let fields = serde_json::to_string(fields).map_err(|_| StoreError::Corrupt { what: "history" })?;
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("entity", Type::Text, Value::text(entity)),
            ("record_id", Type::Text, Value::text(id)),
            ("version", Type::Integer, Value::Integer(version)),
            ("at", Type::Instant, Value::Instant(now)),
            ("actor", Type::Text, Value::text(actor)),
            ("purpose", Type::Text, optional(purpose)),
            ("operation", Type::Text, Value::text(operation.unwrap_or_default())),
            ("fields", Type::Text, Value::text(fields)),
        ];
        let statement = self.build(&insert("field_history", cells)?);
        self.lease.execute(&statement).await.map_err(StoreError::at("noting the history"))?;
        self.announce(entity, id, now).await
    }

    /// Queues the change for webhooks and notes it for subscriptions, if the entity has any.
    pub(crate) async fn announce(&mut self, entity: &str, id: &str, now: i64) -> Result<(), StoreError> {
        let column = |name: &str| Expr::col(Alias::new(name));
        let subscribed = Sql::select()
            .expr(Expr::val(1i64))
            .from(Alias::new("webhook"))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("entity").eq(entity))
            .and_where(column("active").eq(true))
            .take();
        let event = Sql::select()
            .exprs([text(&self.tenant), text(&garant_domain::clock::new_id()), text(entity), text(id), Expr::val(now)])
            .and_where(Expr::exists(subscribed))
            .take();
        let mut insert = Sql::insert();
        insert
            .into_table(Alias::new("record_event"))
            .columns(["tenant_id", "id", "entity", "record_id", "at"].map(Alias::new))
            .select_from(event)
            .map_err(|_| StoreError::Corrupt { what: "row" })?;
        let statement = self.build(&insert);
        self.lease.execute(&statement).await.map_err(StoreError::at("queueing the change"))?;
        self.note_changes(entity, &[id], Some(now)).await
    }

    /// Writes a line of the decision log that commits with the rest.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn log(&mut self, line: &LogLine) -> Result<(), StoreError> {
        let chains = Arc::clone(&self.inner.chains);
        let chain = self.chain.get_or_insert_with(|| chains.take());
        let [log, detail] = chain.append(&[(&self.tenant, line)])?;
        for statement in [log, detail] {
            let statement = self.inner.dialect.build(&statement);
            self.lease.execute(&statement).await.map_err(StoreError::at("writing the decision log"))?;
        }
        Ok(())
    }

    /// Commits; what was written survives a power cut.
    ///
    /// # Errors
    ///
    /// When the database fails: then it is not known whether it committed.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if self.registers_moved {
            register::moved_on(&mut self.lease, &self.inner, &self.tenant).await?;
        }
        self.lease.commit().await?;
        // Not given back after a failure: a chain that may or may not have moved on is not continued.
        if let Some(chain) = self.chain.take() {
            self.inner.chains.give(chain);
        }
        Ok(())
    }

    /// Runs a statement that may violate a unique index. On PostgreSQL that would end the whole
    /// transaction, so a savepoint is set where it can happen.
    pub(crate) async fn guarded<'n>(
        &mut self,
        entity: &Entity,
        mut fields: impl Iterator<Item = &'n String>,
        statement: &Statement,
        step: &'static str,
    ) -> Result<u64, StoreError> {
        let at_risk = fields.any(|name| entity.field(name).is_some_and(|field| field.unique));
        if at_risk {
            self.lease.savepoint().await?;
        }
        match self.lease.execute(statement).await {
            Ok(touched) => {
                if at_risk {
                    self.lease.release_savepoint().await?;
                }
                Ok(touched)
            }
            Err(error) => {
                if at_risk {
                    self.lease.rollback_to_savepoint().await?;
                }
                let field = taken(entity, &error);
                Err(field.map_or_else(|| StoreError::at(step)(error), |field| StoreError::Unique { field }))
            }
        }
    }
}

pub(crate) fn entity_of<'a>(inner: &'a Inner, name: &str) -> Result<&'a Entity, StoreError> {
    inner.catalog.entity(name).ok_or_else(|| StoreError::UnknownEntity { entity: name.to_owned() })
}

/// An entity whose records may change: evidence is only ever added.
fn changeable<'a>(inner: &'a Inner, name: &str) -> Result<&'a Entity, StoreError> {
    let entity = entity_of(inner, name)?;
    if entity.append_only { Err(StoreError::AppendOnly { entity: name.to_owned() }) } else { Ok(entity) }
}

/// The columns that values fill, folded shadows included; custom fields have none.
pub(crate) fn columns(
    entity: &Entity,
    values: &BTreeMap<String, Value>,
) -> Result<Vec<(String, Type, Value)>, StoreError> {
    let mut columns = Vec::with_capacity(values.len() * 2);
    for (name, value) in values {
        let field = entity
            .field(name)
            .ok_or_else(|| StoreError::UnknownField { entity: entity.name.clone(), field: name.clone() })?;
        if field.custom {
            continue;
        }
        columns.push((name.clone(), field.value_type(), value.clone()));
        if field.is_folded() {
            let folded = value.as_text().map_or(Value::Null, |text| Value::text(text.to_lowercase()));
            columns.push((fold_column(name), Type::Text, folded));
        }
    }
    Ok(columns)
}

/// `UPDATE` of a record where its version is the one expected.
pub(crate) fn versioned(entity: &Entity, tenant: &str, id: &str, expected_version: i64, now: i64) -> UpdateStatement {
    let column = |name: &str| Expr::col(Alias::new(name));
    let mut update = Sql::update();
    update
        .table(table_of(entity))
        .value(Alias::new("version"), bind(&Value::Integer(expected_version.saturating_add(1))))
        .value(Alias::new("updated_at"), bind(&Value::Instant(now)))
        .and_where(column("tenant_id").eq(tenant))
        .and_where_option(of_entity(entity))
        .and_where(column("id").eq(id))
        .and_where(column("version").eq(expected_version));
    update
}

/// The unique field that a violation is about. SQLite names the columns, PostgreSQL the index.
fn taken(entity: &Entity, error: &sqlx::Error) -> Option<String> {
    let sqlx::Error::Database(database) = error else { return None };
    if !database.is_unique_violation() {
        return None;
    }
    let mut unique = entity.fields.iter().filter(|field| field.unique);
    let named = unique.find(|field| match database.constraint() {
        Some(constraint) => constraint == unique_name(entity, &field.name),
        None => database.message().split([' ', ',']).any(|part| part == format!("{}.{}", entity.name, field.name)),
    });
    named.map(|field| field.name.clone())
}
