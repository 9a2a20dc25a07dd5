//! The door to what sleeps: one record at a time, for the DPO with a reason and for roles of the archive
//! with a case. It is opened, judged by the rules of the hook `read` like any other record, and logged. To
//! whoever the rules hide it from it answers like an id that nobody has.

use garant_domain::catalog::Entity;
use garant_domain::clock::new_id;
use garant_domain::context::Operation;
use garant_domain::lattice::compose;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Duty;
use garant_domain::rule::Hook;
use garant_domain::value::Value;
use garant_store::{Alarm, ArchiveAccess, WriteTx};

use super::decision::Decision;
use super::door::Door;
use super::judge::{Judged, View, judge};
use super::log::{Access, Outcome};
use super::sweep::{AsleepView, Sleeper};
use crate::error::store_problem;
use crate::reviewed::{MaskedField, ReviewedRow};
use crate::unit::Unit;

/// The fact by which policies tell what sleeps from what is awake.
const DORMANT: &str = "subject.dormant";
/// The kind of the alarm that an access raises.
const ALARM: &str = "dormant_access";

/// Why what sleeps is opened.
#[derive(Clone, Debug)]
pub struct DormantRequest {
    /// Entity name.
    pub entity: String,
    /// Record id.
    pub id: String,
    /// Why; the DPO reads it.
    pub reason: String,
    /// The case, for whoever is not the DPO.
    pub case_id: Option<String>,
}

/// A record that sleeps, as its reader may see it.
#[derive(Clone, Debug)]
pub struct DormantRecord {
    /// The record.
    pub row: ReviewedRow,
    /// Since when it sleeps; microseconds UTC.
    pub slept_at: i64,
    /// Why, as a full code.
    pub code: String,
}

impl Unit {
    /// Opens a record that sleeps.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` without a case, `PURPOSE_REQUIRED`, `NOT_FOUND` alike for an unknown id, a record
    /// that is awake and one that the rules hide, `POLICY_REFUSED`, `POLICY_UNAVAILABLE`; the latter also
    /// where no policy decides on what sleeps: then it stays shut to everybody but the DPO.
    pub async fn dormant(&self, request: &DormantRequest) -> Result<DormantRecord, Problem> {
        let operation = Door::Dormant.operation();
        let entity = self.entity(&request.entity)?;
        if !self.role.may(Duty::Policies) {
            self.require_case(entity, request)?;
        }
        if let Err(problem) = self.require_purpose(&entity.name) {
            return Err(self.log_refusal(operation, &entity.name, Outcome::PurposeRequired, problem).await?);
        }
        let decision = self.decision(entity).await?;
        if !decision.refuse.is_empty() {
            self.carry_out(&decision, &decision.refuse.iter().copied().collect()).await?;
            let problem = self.refused(&entity.name, &decision.refuse, &decision.reasons, &decision.approvals);
            return Err(self.log_refusal(operation, &entity.name, Outcome::Refused, problem).await?);
        }
        let mut tx = self.store().begin_write(&self.context.tenant).await.map_err(store_problem)?;
        let row = tx.archived_record(&entity.name, &request.id).await.map_err(store_problem)?;
        // An id that nobody has takes the same way.
        let subject = row.as_ref().map_or(request.id.clone(), |row| row.subject_id.clone());
        let sleeper = self.sleeper(&mut tx, &subject).await?;
        let shown = self.shown_asleep(entity, &decision, &sleeper, &request.id).await?;
        let codes = shown.as_ref().map(|(_, codes)| codes.clone()).unwrap_or_default();
        self.note_access(&mut tx, entity, request, shown.is_some(), codes).await?;
        self.commit(tx).await?;
        match (shown, row) {
            (Some((shown, _)), Some(row)) => {
                self.raise_alarm(request).await?;
                Ok(DormantRecord { row: shown, slept_at: row.slept_at, code: row.code })
            }
            _ => Err(Problem::new(ErrorCode::NotFound, format!("There is no such {}", entity.name.replace('_', " ")))
                .at("id")
                .mend("Check the id; a record that this purpose may not see is answered in the same way.")),
        }
    }

    /// Whoever is not the DPO needs a case, and policies that know of the archive: switching them off must
    /// not open it.
    fn require_case(&self, entity: &Entity, request: &DormantRequest) -> Result<(), Problem> {
        if request.case_id.as_deref().is_none_or(|case| case.trim().is_empty()) {
            return Err(Problem::input("caseId", "What sleeps is opened for a case").mend("Name the case."));
        }
        let decides = |policy: &crate::published::ActivePolicy| {
            let manifest = policy.plugin.manifest();
            policy.entry.mode == garant_domain::policy_set::Mode::Enforce
                && manifest.covers(Hook::Read, &entity.name)
                && manifest.facts.iter().any(|fact| fact == DORMANT)
        };
        if self.set.asked().any(decides) {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::PolicyUnavailable, "No policy in force decides who may open what sleeps")
            .mend("Ask the DPO."))
    }

    /// The record as the rules leave it, with the codes that took effect; nothing where it is not there for
    /// the caller.
    async fn shown_asleep(
        &self,
        entity: &Entity,
        decision: &Decision,
        sleeper: &Sleeper,
        id: &str,
    ) -> Result<Option<(ReviewedRow, Vec<String>)>, Problem> {
        let found =
            sleeper.records.iter().find(|asleep| asleep.row.entity == entity.name && asleep.row.record_id == id);
        let Some(asleep) = found.filter(|asleep| !asleep.row.part) else { return Ok(None) };
        let view = AsleepView { sleeper, entity, record: &asleep.record };
        let composition = compose(entity, &decision.rules).map_err(|error| {
            let message = format!("The rules on `{}` cannot be applied: {error}", entity.name);
            Problem::new(ErrorCode::PolicyUnavailable, message)
        })?;
        let outcome = composition.decide(&view);
        let judged = match decision.judges.as_slice() {
            [] => Judged::default(),
            judges => judge(judges, entity, &[&view as View<'_>]).await?.pop().unwrap_or_default(),
        };
        if outcome.hidden.is_some() || !judged.hidden.is_empty() {
            return Ok(None);
        }
        let mut masked = Vec::new();
        let of_rules = outcome.masks.iter().map(|(field, mask)| (field.clone(), mask.reason));
        for (field, reason) in of_rules.chain(judged.masks.iter().cloned()) {
            if let Some(reason) = decision.reasons.get(reason) {
                masked.push(MaskedField { field, display: None, reason: std::sync::Arc::clone(reason) });
            }
        }
        let fields: Vec<String> = entity.fields.iter().map(|field| field.name.clone()).collect();
        let value = |field: &String| {
            let is_masked = masked.iter().any(|mask| mask.field == *field);
            let value = asleep.record.values.get(field).filter(|_| !is_masked);
            value.cloned().unwrap_or(Value::Null)
        };
        let values = fields.iter().map(value).collect();
        let flags = outcome.flags.iter().chain(&judged.flags).filter_map(|flag| decision.reasons.get(*flag)).cloned();
        let flags: Vec<_> = flags.collect();
        let mut codes: Vec<String> =
            flags.iter().chain(masked.iter().map(|mask| &mask.reason)).map(|reason| reason.full_code()).collect();
        codes.sort();
        codes.dedup();
        let record = &asleep.record;
        let row = ReviewedRow::new(id.to_owned(), record.version, fields.into(), values, masked, flags, String::new());
        Ok(Some((row, codes)))
    }

    async fn note_access(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        request: &DormantRequest,
        shown: bool,
        codes: Vec<String>,
    ) -> Result<(), Problem> {
        let reference = self.reference(entity, &request.id);
        let access = ArchiveAccess {
            id: new_id(),
            at: self.context.now,
            actor: self.context.actor.id.clone(),
            role: self.context.actor.role.clone(),
            entity: entity.name.clone(),
            reference: reference.clone(),
            reason: request.reason.clone(),
            case_id: request.case_id.clone(),
        };
        tx.put_archive_access(&access).await.map_err(store_problem)?;
        let line = self.line(Access {
            operation: Operation::Read,
            entity: &entity.name,
            outcome: Outcome::Opened,
            fields: vec![],
            codes,
            observed: vec![],
            references: if shown { vec![reference] } else { vec![] },
        });
        tx.log(&line).await.map_err(store_problem)
    }

    async fn raise_alarm(&self, request: &DormantRequest) -> Result<(), Problem> {
        let alarm = Alarm {
            id: new_id(),
            at: self.context.now,
            kind: ALARM.to_owned(),
            actor: self.context.actor.id.clone(),
            role: self.context.actor.role.clone(),
            reason: request.reason.clone(),
            ends_at: None,
            seen_at: None,
            seen_by: None,
        };
        self.service.store.put_alarm(&self.context.tenant, &alarm).await.map_err(store_problem)
    }
}
