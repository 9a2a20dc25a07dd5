//! Records whole, and what a sweep does to them: taken out, put back, emptied, forgotten. Evidence, which
//! nobody may change, is only taken out and put back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use garant_domain::catalog::{Entity, SYSTEM_FIELDS};
use garant_domain::consent::Event;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, LockType, Order, Query};

use crate::address;
use crate::consent;
use crate::custom::{self, entity_cell, of_entity, table_name, table_of};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::record::Record;
use crate::row::{Cell, insert, optional};
use crate::search;
use crate::sql::{Compiler, list};
use crate::value::{bind, bind_as, type_of};
use crate::write::{WriteTx, columns, entity_of};

/// A key by which a source knows a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalKey {
    /// Record id.
    pub record_id: String,
    /// The source.
    pub source: String,
    /// The key.
    pub key: String,
    /// Who sent it.
    pub put_by: Option<String>,
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}

impl WriteTx {
    /// Every record whose field holds one of the ids, whole and locked, live or in the trash, by id.
    ///
    /// # Errors
    ///
    /// When the database fails, or entity or field is unknown.
    pub async fn records_by(&mut self, entity: &str, field: &str, ids: &[String]) -> Result<Vec<Record>, StoreError> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let inner = Arc::clone(&self.inner);
        let compiler = Compiler::for_facts(&inner.catalog, &self.tenant);
        let table = compiler.table(compiler.entity(entity)?);
        let names: Vec<&str> = names(table.entity).collect();
        let mut select = compiler.select_raw(&table);
        let mut types = Vec::with_capacity(names.len());
        for name in &names {
            types.push(type_of(table.entity, name)?);
            select.expr(table.column(name));
        }
        select
            .and_where(compiler.is_among(&table, field, list(ids.iter().map(String::as_str))))
            .order_by_expr(table.column("id"), Order::Asc);
        if inner.dialect == Dialect::Postgres {
            select.lock(LockType::Update);
        }
        let rows = self.lease.fetch("reading records whole", &inner.dialect.build(&select), &types).await?;
        rows.into_iter()
            .map(|row| {
                let values = names.iter().map(|name| (*name).to_owned()).zip(row).collect();
                record(values).ok_or(StoreError::Corrupt { what: "record" })
            })
            .collect()
    }

    /// Takes records out of their table and tells subscribers that something happened. Answers how many
    /// there were.
    ///
    /// # Errors
    ///
    /// When the database fails, or the entity is unknown.
    pub async fn take_out(&mut self, entity: &str, ids: &[String], now: i64) -> Result<u64, StoreError> {
        if ids.is_empty() {
            return Ok(0);
        }
        let inner = Arc::clone(&self.inner);
        let of = entity_of(&inner, entity)?;
        self.registers_moved |= of.is_register();
        search::forget(self, of, ids).await?;
        address::left(self, of, ids).await?;
        custom::forget(self, of, ids).await?;
        let mut delete = Query::delete();
        delete
            .from_table(table_of(of))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where_option(of_entity(of))
            .and_where(column("id").is_in(list(ids.iter().map(String::as_str))));
        let taken = self.lease.execute(&inner.dialect.build(&delete)).await;
        let taken = taken.map_err(StoreError::at("taking records out"))?;
        for id in ids {
            self.announce(entity, id, now).await?;
        }
        Ok(taken)
    }

    /// Puts a record back as it was, with its version moved on by one, so that whoever held the old one
    /// reads again. Answers the version.
    ///
    /// # Errors
    ///
    /// `Unique`, when another record has its key by now; when the database fails.
    pub async fn put_back(&mut self, entity: &str, record: &Record, now: i64) -> Result<i64, StoreError> {
        let inner = Arc::clone(&self.inner);
        let entity = entity_of(&inner, entity)?;
        let version = record.version.saturating_add(1);
        let mut cells: Vec<Cell<'_>> = vec![("tenant_id", Type::Text, Value::text(self.tenant.as_str()))];
        for (name, ty) in SYSTEM_FIELDS {
            let value = match *name {
                "version" => Value::Integer(version),
                "updated_at" => Value::Instant(now),
                name => record.values.get(name).cloned().unwrap_or_default(),
            };
            cells.push((name, *ty, value));
        }
        let fields: BTreeMap<String, Value> = entity
            .fields
            .iter()
            .filter_map(|field| Some((field.name.clone(), record.values.get(&field.name)?.clone())))
            .collect();
        cells.extend(entity_cell(entity));
        let columns = columns(entity, &fields)?;
        cells.extend(columns.iter().map(|(name, ty, value)| (name.as_str(), *ty, value.clone())));
        let statement = inner.dialect.build(&insert(table_name(entity), cells)?);
        self.guarded(entity, fields.keys(), &statement, "putting a record back").await?;
        self.note_written(entity, &record.id, version);
        custom::put(self, entity, &record.id, &fields, false).await?;
        search::keep(self, entity, &record.id, &fields, false).await?;
        address::inserted(self, entity, &record.id, &fields).await?;
        Ok(version)
    }

    /// Writes over fields of a record whatever its entity is, live or in the trash: what a sweep empties.
    /// Answers the new version.
    ///
    /// # Errors
    ///
    /// `VersionConflict` when it is gone, `UnknownField`, `BadValue`.
    pub async fn overwrite(
        &mut self,
        entity: &str,
        record: &Record,
        values: &BTreeMap<String, Value>,
        now: i64,
    ) -> Result<i64, StoreError> {
        let inner = Arc::clone(&self.inner);
        let entity = entity_of(&inner, entity)?;
        let version = record.version.saturating_add(1);
        let mut update = Query::update();
        update
            .table(table_of(entity))
            .value(Alias::new("version"), bind(&Value::Integer(version)))
            .value(Alias::new("updated_at"), bind(&Value::Instant(now)))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where_option(of_entity(entity))
            .and_where(column("id").eq(record.id.as_str()))
            .and_where(column("version").eq(record.version));
        for (name, ty, value) in columns(entity, values)? {
            update.value(Alias::new(name.as_str()), bind_as(&name, ty, &value)?);
        }
        let before = address::before(self, entity, &record.id, values.keys()).await?;
        let touched = self.lease.execute(&inner.dialect.build(&update)).await;
        if touched.map_err(StoreError::at("emptying a record"))? != 1 {
            return Err(StoreError::VersionConflict);
        }
        self.note_written(entity, &record.id, version);
        custom::put(self, entity, &record.id, values, true).await?;
        search::keep(self, entity, &record.id, values, true).await?;
        address::after(self, entity, &record.id, before).await?;
        Ok(version)
    }

    /// The keys by which sources know records.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn external_keys(&mut self, entity: &str, ids: &[String]) -> Result<Vec<ExternalKey>, StoreError> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let select = Query::select()
            .exprs(["record_id", "source", "key", "put_by"].map(column))
            .from(Alias::new("external_id"))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("entity").eq(entity))
            .and_where(column("record_id").is_in(list(ids.iter().map(String::as_str))))
            .order_by_expr(column("source"), Order::Asc)
            .order_by_expr(column("key"), Order::Asc)
            .take();
        let statement = self.inner.dialect.build(&select);
        let rows = self.lease.fetch("reading external ids", &statement, &[Type::Text; 4]).await?;
        rows.into_iter()
            .map(|row| match row.as_slice() {
                [Value::Text(record_id), Value::Text(source), Value::Text(key), put_by] => Ok(ExternalKey {
                    record_id: record_id.clone(),
                    source: source.clone(),
                    key: key.clone(),
                    put_by: put_by.as_text().map(str::to_owned),
                }),
                _ => Err(StoreError::Corrupt { what: "external id" }),
            })
            .collect()
    }

    /// Remembers a key again, with who sent it.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn put_key_back(&mut self, entity: &str, key: &ExternalKey) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("entity", Type::Text, Value::text(entity)),
            ("source", Type::Text, Value::text(key.source.as_str())),
            ("key", Type::Text, Value::text(key.key.as_str())),
            ("record_id", Type::Text, Value::text(key.record_id.as_str())),
            ("put_by", Type::Text, optional(key.put_by.as_deref())),
        ];
        let statement = self.inner.dialect.build(&insert("external_id", cells)?);
        self.lease.execute(&statement).await.map_err(StoreError::at("storing an external id")).map(drop)
    }

    /// Forgets the keys by which sources knew records.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn forget_keys(&mut self, entity: &str, ids: &[String]) -> Result<(), StoreError> {
        self.forget("external_id", entity, ids).await
    }

    /// Forgets which fields of records changed when, and that they were made anonymous.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn forget_history(&mut self, entity: &str, ids: &[String]) -> Result<(), StoreError> {
        self.forget("field_history", entity, ids).await?;
        self.forget("sweep_mark", entity, ids).await
    }

    async fn forget(&mut self, table: &str, entity: &str, ids: &[String]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut delete = Query::delete();
        delete
            .from_table(Alias::new(table))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("entity").eq(entity))
            .and_where(column("record_id").is_in(list(ids.iter().map(String::as_str))));
        let statement = self.inner.dialect.build(&delete);
        self.lease.execute(&statement).await.map_err(StoreError::at("forgetting records")).map(drop)
    }

    /// Notes that a record was made anonymous at this version.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn mark(&mut self, entity: &str, id: &str, version: i64) -> Result<(), StoreError> {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(self.tenant.as_str())),
            ("entity", Type::Text, Value::text(entity)),
            ("record_id", Type::Text, Value::text(id)),
            ("version", Type::Integer, Value::Integer(version)),
        ];
        self.forget("sweep_mark", entity, &[id.to_owned()]).await?;
        let statement = self.inner.dialect.build(&insert("sweep_mark", cells)?);
        self.lease.execute(&statement).await.map_err(StoreError::at("marking a record")).map(drop)
    }

    /// Takes a reference to records out of wherever it stands: nothing may point at what is erased.
    ///
    /// # Errors
    ///
    /// When the database fails, or entity or field is unknown.
    pub async fn unlink(&mut self, entity: &str, field: &str, ids: &[String], now: i64) -> Result<(), StoreError> {
        for record in self.records_by(entity, field, ids).await? {
            let values = BTreeMap::from([(field.to_owned(), Value::Null)]);
            self.overwrite(entity, &record, &values, now).await?;
        }
        Ok(())
    }

    /// Folds a person's consent anew from the events that are there.
    ///
    /// # Errors
    ///
    /// When the database fails, or an event is not readable.
    pub async fn refold_consent(&mut self, subject: &str) -> Result<(), StoreError> {
        let subjects = BTreeSet::from([subject.to_owned()]);
        consent::lock(self, &subjects).await?;
        consent::refold(self, &subjects).await
    }

    /// A person's own consent events that are awake, in no order.
    ///
    /// # Errors
    ///
    /// When the database fails, or an event is not readable.
    pub async fn own_consent_events(&mut self, subject: &str) -> Result<Vec<Event>, StoreError> {
        consent::own_events(self, subject).await
    }
}

/// Every field that a record has.
fn names(entity: &Entity) -> impl Iterator<Item = &str> {
    SYSTEM_FIELDS.iter().map(|(name, _)| *name).chain(entity.fields.iter().map(|field| field.name.as_str()))
}

fn record(values: BTreeMap<String, Value>) -> Option<Record> {
    let id = values.get("id").and_then(Value::as_text)?.to_owned();
    let Some(Value::Integer(version)) = values.get("version") else { return None };
    let deleted = values.get("deleted_at").is_some_and(|at| !at.is_null());
    Some(Record { id, version: *version, deleted, values })
}
