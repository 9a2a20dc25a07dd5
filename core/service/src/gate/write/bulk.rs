//! The bulk doors: every visible record that matches a filter is changed or put into the trash, each
//! under the same rules as by itself, all in one transaction or none.

use garant_domain::catalog::Entity;
use garant_domain::context::Operation;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{Filter, Page, Query};
use garant_store::WriteTx;

use super::not_found;
use crate::error::store_problem;
use crate::gate::door::Door;
use crate::gate::log::{Access, Outcome};
use crate::input::Input;
use crate::unit::Unit;

/// Records of one bulk write at most: they are locked until its end.
pub const MAX_BULK: u32 = 500;

/// What a bulk write did, or would have done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulk {
    /// How many records.
    pub count: usize,
    /// The records, by id; told again, those that may be seen by then.
    pub ids: Vec<String>,
    /// Whether it was only tried.
    pub dry_run: bool,
}

impl Unit {
    /// Changes every visible record that matches.
    ///
    /// # Errors
    ///
    /// As [`Self::update`]; `QUERY_TOO_COMPLEX` for more records than one write takes. When one record
    /// may not be written, none is.
    pub async fn update_where(
        &self,
        entity: &str,
        filter: Filter,
        input: Input,
        dry_run: bool,
    ) -> Result<Bulk, Problem> {
        let entity = self.writable(entity, Door::UpdateWhere).await?;
        let (mut tx, ids) = self.matching(entity, filter).await?;
        for id in &ids {
            let changed = self.change(&mut tx, entity, id, input.clone(), None).await;
            changed.map_err(|problem| of_record(problem, id))?;
        }
        self.end_bulk(tx, entity, Operation::Update, ids, dry_run).await
    }

    /// Puts every visible record that matches into the trash.
    ///
    /// # Errors
    ///
    /// As [`Self::update_where`].
    pub async fn delete_where(&self, entity: &str, filter: Filter, dry_run: bool) -> Result<Bulk, Problem> {
        let entity = self.writable(entity, Door::DeleteWhere).await?;
        let (mut tx, ids) = self.matching(entity, filter).await?;
        for id in &ids {
            let seen = self.visible(&mut tx, entity, id, vec![], false).await?;
            let seen = seen.ok_or_else(|| not_found(entity, "filter"))?;
            self.permit_delete(&mut tx, entity, id).await.map_err(|problem| of_record(problem, id))?;
            let deleted = tx.set_deleted(&entity.name, id, seen.row.version, true, self.context.now).await;
            deleted.map_err(|error| of_record(store_problem(error), id))?;
            self.history(&mut tx, entity, id, Operation::Delete, vec![]).await?;
        }
        self.end_bulk(tx, entity, Operation::Delete, ids, dry_run).await
    }

    /// The visible records that match, found inside the transaction that will write them.
    async fn matching(&self, entity: &Entity, filter: Filter) -> Result<(WriteTx, Vec<String>), Problem> {
        let query = Query {
            entity: entity.name.clone(),
            filter: Some(filter),
            page: Page { limit: MAX_BULK, ..Page::default() },
            ..Query::default()
        };
        self.decision(entity).await?.check_page()?;
        self.check_operands(&query).await?;
        let guards = self.guards(&query).await?;
        let mut tx = self.begin_write().await?;
        let found = tx.page(&query, &guards).await.map_err(store_problem)?;
        if found.more {
            return Err(Problem::new(ErrorCode::QueryTooComplex, format!("More than {MAX_BULK} records match"))
                .at("filter")
                .mend("Narrow the filter and write in several requests."));
        }
        Ok((tx, found.rows.into_iter().map(|row| row.id).collect()))
    }

    async fn end_bulk(
        &self,
        mut tx: WriteTx,
        entity: &Entity,
        operation: Operation,
        ids: Vec<String>,
        dry_run: bool,
    ) -> Result<Bulk, Problem> {
        if dry_run {
            // Nothing is left of it but the line that tells which records were looked at.
            drop(tx);
            self.use_for_reading().await?;
            let tenant = &self.context.tenant;
            let reference = |id: &String| self.service.sealer.record_reference(tenant, &entity.name, id);
            self.log(Access {
                operation,
                entity: &entity.name,
                outcome: Outcome::Shown,
                fields: vec![],
                codes: vec![],
                observed: self.guards.take_noted(),
                references: ids.iter().map(reference).collect(),
            })
            .await?;
        } else {
            self.log_write(&mut tx, operation, entity, &ids).await?;
            self.commit(tx).await?;
        }
        Ok(Bulk { count: ids.len(), ids, dry_run })
    }
}

/// Which record it was: the caller sees it.
fn of_record(mut problem: Problem, id: &str) -> Problem {
    if problem.code != ErrorCode::Internal && problem.reasons.is_empty() {
        problem.message = format!("{} (record {id})", problem.message);
    }
    problem
}
