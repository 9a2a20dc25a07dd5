//! Records that become one: whatever leads to those that go leads to the survivor afterwards, whoever may
//! see it; a person's consent is folded anew. How many statements that takes does not depend on what is
//! there.

use std::collections::BTreeSet;

use garant_domain::catalog::{Entity, Field, MERGED_INTO};
use garant_domain::consent::{Event, Key, said_again};
use garant_domain::value::Type;
use sea_query::{Alias, BinOper, Expr, ExprTrait, Func, Query, SelectStatement};

use crate::consent;
use crate::custom::{self, holders, of_entity, table_of};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::sql::{list, text};
use crate::write::{WriteTx, entity_of};

/// Who merges what into what.
#[derive(Clone, Debug)]
pub struct Merge<'a> {
    /// Entity name.
    pub entity: &'a str,
    /// The record that stays.
    pub survivor: &'a str,
    /// The records that go.
    pub losers: &'a [String],
    /// For the history.
    pub actor: &'a str,
    /// For the history.
    pub purpose: Option<&'a str>,
    /// Microseconds UTC.
    pub now: i64,
}

impl Merge<'_> {
    /// All of them.
    fn people(&self) -> BTreeSet<String> {
        self.losers.iter().cloned().chain([self.survivor.to_owned()]).collect()
    }
}

/// A no of a person that must be said again, so that no later consent of another record undoes it.
pub type SaidAgain = (Key, &'static str);

impl WriteTx {
    /// Turns every reference to the losers to the survivor. References of the survivor itself are the
    /// caller's to decide. Each record that is turned gets a line of history and is announced.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn turn_references(&mut self, merge: &Merge<'_>) -> Result<(), StoreError> {
        let inner = std::sync::Arc::clone(&self.inner);
        for (entity, field) in references(&inner.catalog.entities, merge.entity) {
            self.turn(entity, field, merge).await?;
        }
        Ok(())
    }

    async fn turn(&mut self, entity: &Entity, field: &Field, merge: &Merge<'_>) -> Result<(), StoreError> {
        let step = StoreError::at("turning references to the survivor");
        let column = |name: &str| Expr::col(Alias::new(name));
        let losers = || list(merge.losers.iter().map(String::as_str));
        let turned = || {
            let held = match field.custom {
                true => column("id").in_subquery(holders(&self.tenant, entity, field, losers())),
                false => column(&field.name).is_in(losers()),
            };
            let mut conditions = vec![column("tenant_id").eq(self.tenant.as_str()), held];
            conditions.extend(of_entity(entity));
            if entity.name == merge.entity {
                let stays = std::iter::once(merge.survivor).chain(merge.losers.iter().map(String::as_str));
                conditions.push(column("id").is_not_in(list(stays)));
            }
            crate::sql::all(conditions)
        };
        let records = || -> SelectStatement { Query::select().from(table_of(entity)).and_where(turned()).take() };
        let version = column("version").add(1i64);
        let fields = serde_json::to_string(&[&field.name]).map_err(|_| StoreError::Corrupt { what: "history" })?;
        let mut lines = records();
        lines.exprs([
            column("tenant_id"),
            text(&entity.name),
            column("id"),
            version.clone(),
            Expr::val(merge.now),
            text(merge.actor),
            Expr::Value(sea_query::Value::String(merge.purpose.map(str::to_owned))),
            text("update"),
            text(&fields),
        ]);
        let mut history = Query::insert();
        history
            .into_table(Alias::new("field_history"))
            .columns(
                ["tenant_id", "entity", "record_id", "version", "at", "actor", "purpose", "operation", "fields"]
                    .map(Alias::new),
            )
            .select_from(lines)
            .map_err(|_| StoreError::Corrupt { what: "history" })?;
        let statement = self.inner.dialect.build(&history);
        self.lease.execute(&statement).await.map_err(step)?;

        let subscribed = Query::select()
            .expr(Expr::val(1i64))
            .from(Alias::new("webhook"))
            .and_where(column("tenant_id").eq(self.tenant.as_str()))
            .and_where(column("entity").eq(entity.name.as_str()))
            .and_where(column("active").eq(true))
            .take();
        let id = format!("{}/", garant_domain::clock::new_id());
        let mut told = records();
        told.exprs([
            column("tenant_id"),
            text(&id).binary(BinOper::Custom("||"), column("id")),
            text(&entity.name),
            column("id"),
            Expr::val(merge.now),
        ])
        .and_where(Expr::exists(subscribed));
        let mut events = Query::insert();
        events
            .into_table(Alias::new("record_event"))
            .columns(["tenant_id", "id", "entity", "record_id", "at"].map(Alias::new))
            .select_from(told)
            .map_err(|_| StoreError::Corrupt { what: "row" })?;
        let statement = self.inner.dialect.build(&events);
        self.lease.execute(&statement).await.map_err(step)?;
        let changed = records();

        let mut update = Query::update();
        update
            .table(table_of(entity))
            .value(Alias::new("version"), version)
            .value(Alias::new("updated_at"), Expr::val(merge.now))
            .and_where(turned());
        if !field.custom {
            update.value(Alias::new(field.name.as_str()), text(merge.survivor));
        }
        let statement = self.inner.dialect.build(&update);
        self.note_changes_of(&entity.name, changed).await?;
        self.lease.execute(&statement).await.map_err(step)?;
        if field.custom {
            custom::turn(self, entity, field, merge.losers, merge.survivor).await?;
        }
        self.registers_moved |= entity.is_register();
        Ok(())
    }

    /// Makes the sources' keys of the losers stand for the survivor.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn turn_external_ids(&mut self, merge: &Merge<'_>) -> Result<(), StoreError> {
        let step = StoreError::at("turning external ids to the survivor");
        let column = |name: &str| Expr::col(Alias::new(name));
        for loser in merge.losers {
            let of = |id: &str| {
                crate::sql::all(vec![
                    column("tenant_id").eq(self.tenant.as_str()),
                    column("entity").eq(merge.entity),
                    column("record_id").eq(id),
                ])
            };
            // A key that stands for both already stands for one.
            let taken = |name: &str| Expr::col((Alias::new("taken"), Alias::new(name)));
            let outer = |name: &str| Expr::col((Alias::new("external_id"), Alias::new(name)));
            let same = Query::select()
                .expr(Expr::val(1i64))
                .from_as(Alias::new("external_id"), Alias::new("taken"))
                .and_where(taken("tenant_id").eq(self.tenant.as_str()))
                .and_where(taken("entity").eq(merge.entity))
                .and_where(taken("source").eq(outer("source")))
                .and_where(taken("key").eq(outer("key")))
                .and_where(taken("record_id").eq(merge.survivor))
                .take();
            let delete = Query::delete()
                .from_table(Alias::new("external_id"))
                .and_where(of(loser))
                .and_where(Expr::exists(same))
                .take();
            let update = Query::update()
                .table(Alias::new("external_id"))
                .value(Alias::new("record_id"), text(merge.survivor))
                .and_where(of(loser))
                .take();
            let (delete, update) = (self.inner.dialect.build(&delete), self.inner.dialect.build(&update));
            self.lease.execute(&delete).await.map_err(step)?;
            self.lease.execute(&update).await.map_err(step)?;
        }
        Ok(())
    }

    /// What of the consent events of some persons must be said again when they become one. Nobody else
    /// folds them until the transaction ends.
    ///
    /// # Errors
    ///
    /// When the database fails, or an event is not readable.
    pub async fn said_again(&mut self, merge: &Merge<'_>) -> Result<Vec<SaidAgain>, StoreError> {
        let people = merge.people();
        consent::lock(self, &people).await?;
        let mut events: Vec<Vec<Event>> = Vec::with_capacity(people.len());
        for person in &people {
            events.push(consent::own_events(self, person).await?);
        }
        Ok(said_again(&events).into_iter().map(|(key, kind)| (key, kind.key())).collect())
    }

    /// Folds the consent of some persons anew, once their events belong to the survivor.
    ///
    /// # Errors
    ///
    /// When the database fails, or an event is not readable.
    pub async fn refold(&mut self, merge: &Merge<'_>) -> Result<(), StoreError> {
        consent::refold(self, &merge.people()).await
    }

    /// Puts a record into the trash with a pointer to the one that it became part of; answers the new
    /// version.
    ///
    /// # Errors
    ///
    /// `VersionConflict`.
    pub async fn retire(&mut self, merge: &Merge<'_>, id: &str, expected_version: i64) -> Result<i64, StoreError> {
        let inner = std::sync::Arc::clone(&self.inner);
        let entity = entity_of(&inner, merge.entity)?;
        let mut update = crate::write::versioned(entity, &self.tenant, id, expected_version, merge.now);
        update
            .and_where(Expr::col(Alias::new("deleted_at")).is_null())
            .value(Alias::new("deleted_at"), Expr::val(merge.now))
            .value(Alias::new(MERGED_INTO), text(merge.survivor));
        let statement = self.inner.dialect.build(&update);
        let touched = self.lease.execute(&statement).await.map_err(StoreError::at("retiring a merged record"))?;
        self.moved_on(entity, id, expected_version, touched)
    }

    /// Waits until nobody else merges records of the entity: two merges of the same records in opposite
    /// directions would wait for each other. SQLite has one writer anyway.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn wait_for_merges(&mut self, merge: &Merge<'_>) -> Result<(), StoreError> {
        if self.inner.dialect == Dialect::Sqlite {
            return Ok(());
        }
        let key = format!("{}/merge/{}", self.tenant, merge.entity);
        let lock = Func::cust("hashtextextended").arg(key).arg(2i64);
        let select = Query::select().expr(Func::cust("pg_advisory_xact_lock").arg(lock)).take();
        let statement = self.inner.dialect.build(&select);
        self.lease.fetch("waiting for others who merge", &statement, &[] as &[Type]).await.map(drop)
    }
}

/// Every field that refers to an entity, of whatever entity.
pub(crate) fn references<'a>(entities: &'a [Entity], target: &'a str) -> impl Iterator<Item = (&'a Entity, &'a Field)> {
    entities.iter().flat_map(move |entity| {
        entity.fields.iter().filter(move |field| field.target() == Some(target)).map(move |field| (entity, field))
    })
}
