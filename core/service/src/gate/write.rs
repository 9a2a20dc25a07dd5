//! Writing doors: create, update, delete, restore, and the upsert of imports. Each is one
//! transaction: visible, permitted by the rules, written where the version fits, noted in the
//! history.

mod bulk;
mod candidate;
mod consent;
mod constraint;
mod convert;
mod dismiss;
mod follow_up;
mod merge;
mod outgoing;
mod stage;
mod upsert;
mod user;

use garant_domain::catalog::Entity;
use garant_domain::context::Operation;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Page, Query, Row};
use garant_domain::role::Act;
use garant_domain::value::Value;
use garant_store::{Change, NewRecord, WriteTx};

use super::door::Door;
use super::judge::Judged;
use super::log::{Access, Outcome};
use super::read::by_ids;
use crate::error::store_problem;
use crate::input::{self, Input};
use crate::reviewed::{MaskedField, ReviewedRow};
use crate::unit::Unit;

pub use bulk::{Bulk, MAX_BULK};
pub(super) use candidate::{Candidate, Needs};
pub use consent::{Recorded, Statement, Who};
pub use merge::{MAX_MERGE, MergeRequest, Merged, Moved};
pub use upsert::{ExternalRecord, Upserted};

/// A record as the caller sees it.
pub(crate) struct Seen {
    /// What the rules left of it.
    pub row: Row,
    /// What the verdicts make of it.
    pub(super) judged: Judged,
}

impl Unit {
    /// Creates a record. The purpose of the request becomes its purpose of collection.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT`, `FORBIDDEN`, `NOT_FOUND` for a reference that the caller cannot see,
    /// `CONFLICT` for a unique field, `PURPOSE_REQUIRED`, `POLICY_REFUSED`, `POLICY_UNAVAILABLE`.
    pub async fn create(&self, entity: &str, input: Input, fields: Vec<String>) -> Result<ReviewedRow, Problem> {
        let mut rows = self.create_many(entity, vec![input], fields).await?;
        rows.pop().ok_or_else(|| Problem::new(ErrorCode::Internal, "Nothing was created"))
    }

    /// Creates records: all of them or, when one is wrong, none.
    ///
    /// # Errors
    ///
    /// As [`Self::create`]; the field's path begins with the index of the record.
    pub async fn create_many(
        &self,
        entity: &str,
        inputs: Vec<Input>,
        fields: Vec<String>,
    ) -> Result<Vec<ReviewedRow>, Problem> {
        let entity = self.writable(entity, Door::Create).await?;
        let several = inputs.len() > 1;
        let mut tx = self.begin_write().await?;
        let mut ids = Vec::new();
        for (index, input) in inputs.into_iter().enumerate() {
            let created = self.insert(&mut tx, entity, input, None).await;
            ids.push(created.map_err(|problem| if several { indexed(problem, index) } else { problem })?);
        }
        self.log_write(&mut tx, Operation::Create, entity, &ids).await?;
        self.commit(tx).await?;
        self.read_back(entity, ids.into_iter().map(|id| (id, 1)).collect(), false, fields).await
    }

    /// Changes a record, where its version is the one expected.
    ///
    /// # Errors
    ///
    /// As [`Self::create`]; `NOT_FOUND` alike for an unknown record and one that the caller cannot
    /// see, before version or constraints are looked at; `CONFLICT` for another version.
    pub async fn update(
        &self,
        entity: &str,
        id: &str,
        input: Input,
        expected_version: Option<i64>,
        fields: Vec<String>,
    ) -> Result<ReviewedRow, Problem> {
        let entity = self.writable(entity, Door::Update).await?;
        let mut tx = self.begin_write().await?;
        let version = self.change(&mut tx, entity, id, input, expected_version).await?;
        self.log_write(&mut tx, Operation::Update, entity, &[id.to_owned()]).await?;
        self.commit(tx).await?;
        self.one_back(entity, id, version, fields).await
    }

    /// Puts a record into the trash.
    ///
    /// # Errors
    ///
    /// As [`Self::update`].
    pub async fn delete(
        &self,
        entity: &str,
        id: &str,
        expected_version: Option<i64>,
        fields: Vec<String>,
    ) -> Result<ReviewedRow, Problem> {
        self.toggle_deleted(entity, id, expected_version, fields, Door::Delete).await
    }

    /// Takes a record out of the trash.
    ///
    /// # Errors
    ///
    /// As [`Self::update`].
    pub async fn restore(&self, entity: &str, id: &str, fields: Vec<String>) -> Result<ReviewedRow, Problem> {
        self.toggle_deleted(entity, id, None, fields, Door::Restore).await
    }

    async fn toggle_deleted(
        &self,
        entity: &str,
        id: &str,
        expected_version: Option<i64>,
        fields: Vec<String>,
        door: Door,
    ) -> Result<ReviewedRow, Problem> {
        let entity = self.writable(entity, door).await?;
        let operation = door.operation();
        let restoring = operation == Operation::Restore;
        // What a delete answers is read before it, since the trash is another list.
        let before =
            if restoring { None } else { self.reading_for_write().record(&entity.name, id, fields.clone()).await? };
        let mut tx = self.begin_write().await?;
        let seen =
            self.visible(&mut tx, entity, id, vec![], restoring).await?.ok_or_else(|| not_found(entity, "id"))?;
        self.permit_delete(&mut tx, entity, id).await?;
        if restoring && let Some(raw) = tx.get(&entity.name, id, true).await.map_err(store_problem)? {
            self.check_constraints(&mut tx, entity, id, &raw.values).await?;
        }
        let expected = expected_version.unwrap_or(seen.row.version);
        let version =
            tx.set_deleted(&entity.name, id, expected, !restoring, self.context.now).await.map_err(store_problem)?;
        self.history(&mut tx, entity, id, operation, vec![]).await?;
        self.log_write(&mut tx, operation, entity, &[id.to_owned()]).await?;
        self.commit(tx).await?;
        match before {
            Some(row) => Ok(row),
            None if restoring => self.one_back(entity, id, version, fields).await,
            None => Ok(ReviewedRow::withheld(id.to_owned(), version, vec![])),
        }
    }

    /// Records that this caller wrote before, as they may be seen now. One that may not be seen, or is not
    /// there any more, answers its id and the version that is known of it, with its fields withheld.
    ///
    /// # Errors
    ///
    /// What reading answers.
    pub async fn written_before(
        &self,
        entity: &str,
        written: Vec<(String, i64)>,
        trashed: bool,
        fields: Vec<String>,
    ) -> Result<Vec<ReviewedRow>, Problem> {
        self.read_back(self.entity(entity)?, written, trashed, fields).await
    }

    /// Which of some records may be seen now, in their order.
    ///
    /// # Errors
    ///
    /// What reading answers.
    pub async fn seen_of(&self, entity: &str, ids: Vec<String>, trashed: bool) -> Result<Vec<String>, Problem> {
        let query = Query { trashed, ..by_ids(entity, ids.clone(), vec![]) };
        let seen = self.each_for(Door::Record, query).await?;
        Ok(ids.into_iter().filter(|id| seen.contains_key(id)).collect())
    }

    /// Begins the transaction of a write.
    pub(crate) async fn begin_write(&self) -> Result<WriteTx, Problem> {
        self.store().begin_write(&self.context.tenant).await.map_err(store_problem)
    }

    /// Whether the caller may write the entity at all.
    pub(crate) async fn writable(&self, name: &str, door: Door) -> Result<&Entity, Problem> {
        let operation = door.operation();
        let entity = self.entity(name)?;
        let role = &self.context.actor.role;
        if !entity.writers.is_empty() && !entity.writers.contains(role) {
            return Err(Problem::new(ErrorCode::Forbidden, format!("The role `{role}` may not write `{name}`"))
                .mend(format!("Ask somebody with the role {}.", entity.writers.join(" or "))));
        }
        if entity.append_only && !matches!(operation, Operation::Create | Operation::Import) {
            return Err(Problem::new(ErrorCode::Forbidden, format!("`{name}` is evidence: records are only added"))
                .mend("Add a further record that says what changed."));
        }
        if let Some(act) = door.act() {
            self.permit(entity, act)?;
        }
        if self.needs_purpose(entity)
            && let Err(problem) = self.require_purpose(&entity.name)
        {
            return Err(self.log_refusal(operation, &entity.name, Outcome::PurposeRequired, problem).await?);
        }
        let decision = self.decision(entity).await?;
        if !decision.refuse.is_empty() {
            self.carry_out(&decision, &decision.refuse.iter().copied().collect()).await?;
            let problem = self.refused(&entity.name, &decision.refuse, &decision.reasons, &decision.approvals);
            return Err(self.log_refusal(operation, &entity.name, Outcome::Refused, problem).await?);
        }
        Ok(entity)
    }

    /// Checks, judges and inserts a new record; answers its id.
    pub(super) async fn insert(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        input: Input,
        collected_at: Option<i64>,
    ) -> Result<String, Problem> {
        let given: Vec<String> = input.keys().cloned().collect();
        self.permit_fields(entity, &given)?;
        let mut values = input::for_create(entity, input)?;
        self.own(entity, &mut values);
        self.permit_on(entity, Act::Create, &values).await?;
        self.carry(entity, &mut values)?;
        self.settle_stage(tx, entity, &Input::new(), &mut values, &given).await?;
        self.check_event(entity, &values).await?;
        self.check_masked(entity, &given).await?;
        self.check_references(tx, entity, &values).await?;
        let id = garant_domain::clock::new_id();
        self.check_constraints(tx, entity, &id, &values).await?;
        self.check_rules(tx, entity, &id, &values, &given).await?;
        let record = NewRecord {
            id: id.clone(),
            values,
            now: self.context.now,
            collected_at: Some(collected_at.unwrap_or(self.context.now)),
            collected_for: self.context.purposes.first().map(|purpose| purpose.key.clone()),
        };
        tx.insert(&entity.name, &record).await.map_err(store_problem)?;
        self.note_stage(tx, entity, &id, &Input::new(), &record.values).await?;
        self.follow_up(tx, entity, &id, &record.values, &given).await?;
        self.history(tx, entity, &id, Operation::Create, given).await?;
        Ok(id)
    }

    /// Checks, judges and changes a visible record; answers its new version.
    pub(super) async fn change(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        input: Input,
        expected_version: Option<i64>,
    ) -> Result<i64, Problem> {
        let names: Vec<String> = entity.fields.iter().map(|field| field.name.clone()).collect();
        let seen = self.visible(tx, entity, id, names, false).await?.ok_or_else(|| not_found(entity, "id"))?;
        let mut values = input::for_update(entity, input)?;
        // The rules judge the record as it would be, with what is masked for the caller.
        let raw = tx.get(&entity.name, id, true).await.map_err(store_problem)?;
        let before = raw.ok_or_else(|| not_found(entity, "id"))?.values;
        let given: Vec<String> = values.keys().cloned().collect();
        self.settle_stage(tx, entity, &before, &mut values, &given).await?;
        let changed: Vec<String> = values.keys().cloned().collect();
        self.permit_fields(entity, &given)?;
        self.check_masked(entity, &changed).await?;
        self.check_bitten(entity, &seen, &changed).await?;
        self.check_references(tx, entity, &values).await?;
        self.permit_on(entity, Act::Update, &before).await?;
        let mut candidate = before.clone();
        candidate.extend(values.clone());
        self.check_constraints(tx, entity, id, &candidate).await?;
        self.check_rules(tx, entity, id, &candidate, &changed).await?;
        let expected = expected_version.unwrap_or(seen.row.version);
        let change = Change { values, now: self.context.now };
        let version = tx.update(&entity.name, id, expected, &change).await.map_err(store_problem)?;
        self.note_stage(tx, entity, id, &before, &candidate).await?;
        self.follow_up(tx, entity, id, &candidate, &changed).await?;
        self.history(tx, entity, id, Operation::Update, changed).await?;
        Ok(version)
    }

    /// The record as the caller sees it, read and judged inside the transaction.
    pub(super) async fn visible(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        fields: Vec<String>,
        trashed: bool,
    ) -> Result<Option<Seen>, Problem> {
        self.first_visible(tx, entity, vec![id.to_owned()], fields, trashed).await
    }

    /// The first of some records that the caller sees.
    pub(super) async fn first_visible(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        ids: Vec<String>,
        fields: Vec<String>,
        trashed: bool,
    ) -> Result<Option<Seen>, Problem> {
        let limit = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let ids = ids.into_iter().map(Value::Text).collect();
        let query = Query {
            entity: entity.name.clone(),
            fields,
            filter: Some(Filter::Field("id".to_owned(), FieldTest::In(ids))),
            page: Page { limit, ..Page::default() },
            trashed,
            ..Query::default()
        };
        let guards = self.guards(&query).await?;
        let rows = tx.page(&query, &guards).await.map_err(store_problem)?.rows;
        let decision = self.decision(entity).await?;
        let judged = decision.judge(entity, &rows.iter().collect::<Vec<_>>()).await?;
        let mut seen = rows.into_iter().zip(judged).map(|(row, judged)| Seen { row, judged });
        Ok(seen.find(|seen| seen.judged.hidden.is_empty()))
    }

    /// A reference may only lead to a record that the caller can see.
    async fn check_references(&self, tx: &mut WriteTx, entity: &Entity, values: &Input) -> Result<(), Problem> {
        for (name, value) in values {
            let (Some(target), Some(id)) = (entity.field(name).and_then(|field| field.target()), value.as_text())
            else {
                continue;
            };
            let target = self.entity(target)?;
            if self.visible(tx, target, id, vec![], false).await?.is_none() {
                return Err(not_found(target, &format!("input.{name}")));
            }
        }
        Ok(())
    }

    /// A field that is wholly masked for the caller cannot be written either.
    async fn check_masked(&self, entity: &Entity, fields: &[String]) -> Result<(), Problem> {
        let decision = self.decision(entity).await?;
        for field in fields {
            let masks = decision.wholly_masked(field);
            if !masks.is_empty() {
                return Err(masked(field, decision.reasons_of(&masks)));
            }
        }
        Ok(())
    }

    /// Nor one that is masked in this record.
    async fn check_bitten(&self, entity: &Entity, seen: &Seen, fields: &[String]) -> Result<(), Problem> {
        let decision = self.decision(entity).await?;
        for (mask, _) in decision.guard.masks.iter().zip(&seen.row.bitten).filter(|(_, bitten)| **bitten) {
            if let Some(field) = mask.fields.iter().find(|field| fields.contains(field)) {
                return Err(masked(field, decision.reasons_of(&[mask.reason])));
            }
        }
        match seen.judged.masks.iter().find(|(field, _)| fields.contains(field)) {
            Some((field, reason)) => Err(masked(field, decision.reasons_of(&[*reason]))),
            None => Ok(()),
        }
    }

    async fn history(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        operation: Operation,
        fields: Vec<String>,
    ) -> Result<(), Problem> {
        let actor = &self.context.actor.id;
        let purpose = self.context.purposes.first().map(|purpose| purpose.key.as_str());
        tx.history(&entity.name, id, operation, &fields, actor, purpose, self.context.now).await.map_err(store_problem)
    }

    /// The line of a write is part of its transaction: neither is there without the other.
    async fn log_write(
        &self,
        tx: &mut WriteTx,
        operation: Operation,
        entity: &Entity,
        ids: &[String],
    ) -> Result<(), Problem> {
        let reference = |id: &String| self.service.sealer.record_reference(&self.context.tenant, &entity.name, id);
        let line = self.line(Access {
            operation,
            entity: &entity.name,
            outcome: Outcome::Written,
            fields: vec![],
            codes: vec![],
            observed: self.guards.take_noted(),
            references: ids.iter().map(reference).collect(),
        });
        tx.log(&line).await.map_err(store_problem)
    }

    async fn one_back(
        &self,
        entity: &Entity,
        id: &str,
        version: i64,
        fields: Vec<String>,
    ) -> Result<ReviewedRow, Problem> {
        let mut rows = self.read_back(entity, vec![(id.to_owned(), version)], false, fields).await?;
        rows.pop().ok_or_else(|| Problem::new(ErrorCode::Internal, "The record could not be read back"))
    }

    /// What was written, as the caller may see it. A record that its purpose may not read answers id
    /// and version with the fields withheld: the caller knows that it is there.
    async fn read_back(
        &self,
        entity: &Entity,
        written: Vec<(String, i64)>,
        trashed: bool,
        fields: Vec<String>,
    ) -> Result<Vec<ReviewedRow>, Problem> {
        let ids = written.iter().map(|(id, _)| id.clone()).collect();
        let query = Query { trashed, ..by_ids(&entity.name, ids, fields.clone()) };
        // The write stands, whatever a policy makes of reading it: then its fields are withheld too.
        let mut rows = match self.each_for(Door::Record, query).await {
            Err(problem) if problem.code == ErrorCode::PolicyUnavailable => std::collections::HashMap::new(),
            rows => rows?,
        };
        let decision = self.decision(entity).await?;
        let hides = decision
            .rules
            .iter()
            .filter(|rule| rule.enforced && matches!(rule.effect, garant_domain::rule::Effect::Hide));
        let reason = hides.filter_map(|rule| decision.reasons.get(rule.reason)).next().cloned();
        let withheld = |id: String, version: i64| {
            let mask = |field: &String| {
                reason.clone().map(|reason| MaskedField { field: field.clone(), display: None, reason })
            };
            ReviewedRow::withheld(id, version, fields.iter().filter_map(mask).collect())
        };
        Ok(written.into_iter().map(|(id, version)| rows.remove(&id).unwrap_or_else(|| withheld(id, version))).collect())
    }
}

fn not_found(entity: &Entity, field: &str) -> Problem {
    Problem::new(ErrorCode::NotFound, format!("There is no such {}", entity.name.replace('_', " ")))
        .at(field)
        .mend("Check the id; a record that this purpose may not see is answered in the same way.")
}

fn masked(field: &str, reasons: Vec<garant_domain::reason::Reason>) -> Problem {
    Problem::new(ErrorCode::PolicyRefused, format!("`{field}` is masked for this request, so it cannot be written"))
        .at(format!("input.{field}"))
        .mend("Leave the field out, or name a purpose that may see it.")
        .because(reasons)
}

fn indexed(mut problem: Problem, index: usize) -> Problem {
    problem.field = problem.field.map(|field| match field.strip_prefix("input.") {
        Some(rest) => format!("input.{index}.{rest}"),
        None => format!("input.{index}"),
    });
    problem
}
