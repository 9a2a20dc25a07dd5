//! The decision log: who, for what, which records by opaque reference, decided by which set, with
//! which codes. An answer waits until its line is durable.

use std::collections::{BTreeMap, BTreeSet};

use garant_domain::context::Operation;
use garant_domain::lattice::BoundRule;
use garant_domain::problem::Problem;
use garant_domain::query::{Query, Row, Rows};
use garant_domain::rule::{Cond, Effect};
use garant_store::{LogDetail, LogLine};

use super::decision::Decision;
use super::judge::Judged;
use crate::error::store_problem;
use crate::unit::Unit;

/// How an access ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Shown, perhaps with masks.
    Shown,
    /// Written.
    Written,
    /// Explained to the DPO.
    Explained,
    /// Refused by a policy.
    Refused,
    /// Refused by the core: no purpose.
    PurposeRequired,
    /// Erased by the sweep.
    Erased,
    /// Made anonymous by the sweep.
    Anonymised,
    /// Put to sleep by the sweep.
    Slept,
    /// Brought back from the archive.
    Woken,
    /// Opened in the archive, if it was there for the caller.
    Opened,
    /// Would have been destroyed by a policy that is only observed.
    Observed,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Written => "written",
            Self::Explained => "explained",
            Self::Refused => "refused",
            Self::PurposeRequired => "purpose_required",
            Self::Erased => "erased",
            Self::Anonymised => "anonymised",
            Self::Slept => "slept",
            Self::Woken => "woken",
            Self::Opened => "opened",
            Self::Observed => "observed",
        }
    }
}

/// One access, for the log.
pub(super) struct Access<'a> {
    pub operation: Operation,
    pub entity: &'a str,
    pub outcome: Outcome,
    /// Fields asked for or written.
    pub fields: Vec<String>,
    /// Codes that took effect.
    pub codes: Vec<String>,
    /// Codes that observed policies would have given, each with on how many records.
    pub observed: Vec<(String, u64)>,
    /// Opaque references of the records.
    pub references: Vec<String>,
}

/// Days after which the references of a line may no longer be opened (CNIL: 6 to 12 months).
const DETAIL_DAYS: i64 = 365;
const DAY_MICROS: i64 = 86_400_000_000;

impl Unit {
    /// Logs a read and waits until the line is durable; what approved it is used with it. What an observed rule would have done stands
    /// apart from what took effect.
    pub(super) async fn log_read<'a>(
        &self,
        operation: Operation,
        query: &Query,
        decision: &Decision,
        pages: impl IntoIterator<Item = &'a Rows>,
        judged: &[Judged],
    ) -> Result<(), Problem> {
        self.use_for_reading().await?;
        let (mut effective, mut bites) = (BTreeSet::new(), BTreeSet::new());
        let mut observed: BTreeMap<String, u64> = BTreeMap::new();
        let is_enforced = |index: usize| decision.enforced.get(index).copied().unwrap_or(true);
        let mut note = |index: usize| {
            let Some(reason) = decision.reasons.get(index).filter(|_| is_enforced(index)) else { return };
            effective.insert(reason.full_code());
        };
        // Of each record, what observed policies would have done to it: by code, each once.
        let mut watch = |indices: &mut dyn Iterator<Item = usize>| {
            let watched = indices.filter(|index| !is_enforced(*index));
            let codes: BTreeSet<String> =
                watched.filter_map(|index| Some(decision.reasons.get(index)?.full_code())).collect();
            for code in codes {
                *observed.entry(code).or_default() += 1;
            }
        };
        let mut references = Vec::new();
        let mut judged_rows = judged.iter();
        let rows: Vec<&Row> = pages.into_iter().flat_map(|page| &page.rows).collect();
        // What a subscriber sees is noted once it has taken it.
        if operation != Operation::Webhook {
            self.note_disclosed(query, &rows).await?;
        }
        for row in rows {
            references.push(self.service.sealer.record_reference(&self.context.tenant, &query.entity, &row.id));
            let bitten = || {
                let masks = decision.guard.masks.iter().zip(&row.bitten).filter(|(_, bitten)| **bitten);
                masks.map(|(mask, _)| mask.reason)
            };
            bitten().for_each(&mut note);
            bites.extend(bitten());
            let verdicts = judged_rows.next().into_iter().flat_map(|judged| judged.observed.iter().copied());
            watch(&mut bitten().chain(verdicts));
        }
        judged.iter().flat_map(Judged::effective).for_each(&mut note);
        // What would have refused or could not decide: also where no record is shown.
        let refusing = |rule: &&BoundRule| {
            !rule.enforced && rule.effect == Effect::Refuse && rule.when != Cond::Const(Some(false))
        };
        for rule in decision.rules.iter().filter(refusing) {
            if let Some(reason) = decision.reasons.get(rule.reason) {
                observed.entry(reason.full_code()).or_default();
            }
        }
        let shown = references.len() as u64;
        observed.extend(decision.unavailable.iter().map(|code| (code.clone(), shown)));
        // Rules that hide: which were in force, since the rows themselves are not there to tell.
        for rule in &decision.rules {
            if rule.enforced && rule.when != Cond::Const(Some(false)) && matches!(rule.effect, Effect::Hide) {
                note(rule.reason);
            }
        }
        self.carry_out(decision, &bites).await?;
        self.log(Access {
            operation,
            entity: &query.entity,
            outcome: Outcome::Shown,
            fields: query.fields.clone(),
            codes: effective.into_iter().collect(),
            observed: observed.into_iter().collect(),
            references,
        })
        .await
    }

    /// Logs an access and waits until the line is durable.
    pub(super) async fn log(&self, access: Access<'_>) -> Result<(), Problem> {
        self.service.store.log().append(self.line(access)).await.map_err(store_problem)
    }

    pub(super) fn line(&self, access: Access<'_>) -> LogLine {
        LogLine {
            tenant: self.context.tenant.clone(),
            at: self.context.now,
            actor: self.context.actor.id.clone(),
            role: self.context.actor.role.clone(),
            operation: operation_name(access.operation).to_owned(),
            entity: access.entity.to_owned(),
            purposes: self.context.purposes.iter().map(|purpose| purpose.key.clone()).collect(),
            channel: self.context.channel.clone(),
            recipient: self.context.recipient.as_ref().map(|recipient| recipient.id.clone()),
            set_version: self.context.set_version,
            outcome: access.outcome.as_str().to_owned(),
            fields: access.fields,
            codes: access.codes,
            observed_rows: access.observed.iter().map(|(_, rows)| *rows).collect(),
            observed: access.observed.into_iter().map(|(code, _)| code).collect(),
            break_glass: self.context.break_glass.clone(),
            approval: None,
            detail: LogDetail {
                refs: access.references,
                ends_at: self.context.now.saturating_add(DETAIL_DAYS * DAY_MICROS),
            },
        }
    }

    /// Logs that an access was refused, and gives the problem back.
    pub(super) async fn log_refusal(
        &self,
        operation: Operation,
        entity: &str,
        outcome: Outcome,
        problem: Problem,
    ) -> Result<Problem, Problem> {
        let codes = problem.reasons.iter().map(|reason| reason.full_code()).collect();
        let access = Access { operation, entity, outcome, fields: vec![], codes, observed: vec![], references: vec![] };
        self.log(access).await?;
        Ok(problem)
    }
}

/// The name of an operation, as the log and the history write it.
pub(super) fn operation_name(operation: Operation) -> &'static str {
    match operation {
        Operation::Read => "read",
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
        Operation::Restore => "restore",
        Operation::Import => "import",
        Operation::Export => "export",
        Operation::Webhook => "webhook",
        Operation::Sweep => "sweep",
        Operation::Wake => "wake",
    }
}
