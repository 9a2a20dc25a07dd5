//! The decision log: who, for what, which records by opaque reference, decided by which set, with
//! which codes. An answer waits until its line is durable.

use std::collections::BTreeSet;

use garant_domain::context::Operation;
use garant_domain::problem::Problem;
use garant_domain::query::Rows;
use garant_store::LogLine;

use super::decision::Decision;
use crate::error::store_problem;
use crate::unit::Unit;

/// How an access ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Shown, perhaps with masks.
    Shown,
    /// Written.
    Written,
    /// Refused by a policy.
    Refused,
    /// Refused by the core: no purpose.
    PurposeRequired,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Written => "written",
            Self::Refused => "refused",
            Self::PurposeRequired => "purpose_required",
        }
    }
}

/// Months after which the references of a line may no longer be opened (CNIL: 6 to 12 months).
const DETAIL_DAYS: i64 = 365;
const DAY_MICROS: i64 = 86_400_000_000;

impl Unit {
    /// Logs a read and waits until the line is durable. Codes of enforced rules come as they are;
    /// what an observed rule would have done is marked with `observe:`.
    pub(super) async fn log_read<'a>(
        &self,
        operation: Operation,
        entity: &str,
        decision: &Decision,
        pages: impl IntoIterator<Item = &'a Rows>,
    ) -> Result<(), Problem> {
        let mut codes: BTreeSet<String> = BTreeSet::new();
        let mut references = Vec::new();
        for row in pages.into_iter().flat_map(|page| &page.rows) {
            references.push(self.service.sealer.record_reference(&self.context.tenant, entity, &row.id));
            for (mask, _) in decision.guard.masks.iter().zip(&row.bitten).filter(|(_, bitten)| **bitten) {
                codes.extend(self.code(decision, mask.reason));
            }
        }
        // Rules that hide: which were in force, since the rows themselves are not there to tell.
        for rule in &decision.rules {
            if rule.when.as_const() != Some(Some(false)) && matches!(rule.effect, garant_domain::rule::Effect::Hide) {
                codes.extend(self.code(decision, rule.reason));
            }
        }
        let count = references.len();
        self.log(operation, entity, Outcome::Shown, codes.into_iter().collect(), references, count).await
    }

    fn code(&self, decision: &Decision, index: usize) -> Option<String> {
        let code = decision.reasons.get(index)?.full_code();
        let enforced = decision.enforced.get(index).copied().unwrap_or(true);
        Some(if enforced { code } else { format!("observe:{code}") })
    }

    /// Logs an access and waits until the line is durable.
    pub(super) async fn log(
        &self,
        operation: Operation,
        entity: &str,
        outcome: Outcome,
        codes: Vec<String>,
        references: Vec<String>,
        count: usize,
    ) -> Result<(), Problem> {
        let line = LogLine {
            tenant: self.context.tenant.clone(),
            at: self.context.now,
            actor: self.context.actor.id.clone(),
            role: self.context.actor.role.clone(),
            recipient: self.context.recipient.as_ref().map(|recipient| recipient.id.clone()),
            purposes: self.context.purposes.iter().map(|purpose| purpose.key.clone()).collect(),
            operation,
            entity: entity.to_owned(),
            set_version: self.context.set_version,
            outcome: outcome.as_str().to_owned(),
            codes,
            count: i64::try_from(count).unwrap_or(i64::MAX),
            references,
            detail_until: self.context.now.saturating_add(DETAIL_DAYS * DAY_MICROS),
        };
        self.service.store.log().append(line).await.map_err(store_problem)
    }
}
