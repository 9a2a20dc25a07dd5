//! Each rule with what it saw, and what they all amount to.

use std::sync::Arc;

use garant_domain::catalog::Entity;
use garant_domain::lattice::{BoundRule, Outcome, resolve};
use garant_domain::policy_set::Mode;
use garant_domain::reason::Reason;
use garant_domain::rule::{Effect, Hook, trace};

use super::view::View;
use super::{ExplainedRule, SeenFact};
use crate::gate::decision::effect_name;
use crate::gate::plan::Asked;

/// Every rule, those that bite first.
pub(super) fn told(asked: &Asked, entity: &Entity, view: &View) -> Vec<ExplainedRule> {
    let told = |rule: &BoundRule| Some(explained(rule, Arc::clone(asked.reasons.get(rule.reason)?), entity, view));
    let mut rules: Vec<ExplainedRule> = asked.rules.iter().filter_map(told).collect();
    rules.sort_by_key(|rule| !rule.bites);
    rules
}

fn explained(rule: &BoundRule, reason: Arc<Reason>, entity: &Entity, view: &View) -> ExplainedRule {
    let traced = trace(&rule.when, view);
    let seen = |(name, value): (String, _)| {
        let basis = view.basis(&name);
        SeenFact { name, value, basis }
    };
    ExplainedRule {
        reason,
        effect: effect_name(rule.effect),
        fields: resolve(&rule.target, entity).fields,
        mode: if rule.enforced { Mode::Enforce } else { Mode::Observe },
        bites: match rule.effect {
            // What allows or destroys does so where it is certain.
            Effect::Allow | Effect::MakeDormant | Effect::Anonymise | Effect::Erase => traced.outcome == Some(true),
            _ => traced.outcome != Some(false),
        },
        outcome: traced.outcome,
        first_not_true: traced.first_not_true(),
        facts: traced.facts().into_iter().map(seen).collect(),
    }
}

/// What the joined rules amount to.
pub(super) fn outcome(hook: Hook, verdict: &Outcome) -> &'static str {
    match hook {
        Hook::Read | Hook::Transfer => match () {
            () if !verdict.refused.is_empty() => "refused",
            () if verdict.hidden.is_some() => "hidden",
            () if !verdict.masks.is_empty() => "masked",
            () => "shown",
        },
        Hook::Write => match () {
            () if !verdict.refused.is_empty() => "refused",
            () if !verdict.rejected.is_empty() => "rejected",
            () => "allowed",
        },
        Hook::Retention => match verdict.due {
            Some(due) => effect_name(due.effect),
            None if verdict.held => "held",
            None => "kept",
        },
    }
}

/// Fields that are masked, or whose writing is rejected.
pub(super) fn fields(verdict: &Outcome) -> Vec<String> {
    let rejected = verdict.rejected.iter().flat_map(|rejection| rejection.fields.iter());
    let mut fields: Vec<String> = verdict.masks.keys().chain(rejected).cloned().collect();
    fields.sort();
    fields.dedup();
    fields
}
