//! Each rule with what it saw, and what they all amount to.

use std::sync::Arc;

use garant_domain::catalog::Entity;
use garant_domain::lattice::{BoundRule, Composition, Outcome, resolve};
use garant_domain::policy_set::Mode;
use garant_domain::reason::Reason;
use garant_domain::rule::{Effect, Hook, Operand, RowView, trace};

use super::view::View;
use super::{ExplainedRule, SeenFact};
use crate::gate::decision::effect_name;
use crate::gate::judge::{Judge, Judged};
use crate::gate::plan::Asked;

/// Every rule and every announced verdict, those that bite first.
pub(super) fn told(asked: &Asked, entity: &Entity, view: &View, judged: &Judged) -> Vec<ExplainedRule> {
    let told = |rule: &BoundRule| Some(explained(rule, Arc::clone(asked.reasons.get(rule.reason)?), entity, view));
    let mut rules: Vec<ExplainedRule> = asked.rules.iter().filter_map(told).collect();
    rules.extend(asked.judges.iter().flat_map(|judge| verdicts(judge, asked, view, judged)));
    rules.sort_by_key(|rule| !rule.bites);
    rules
}

/// The verdicts that a judge announced, and which of them it gave.
fn verdicts(judge: &Judge, asked: &Asked, view: &View, judged: &Judged) -> Vec<ExplainedRule> {
    let seen = |operand: Operand| {
        let (name, value) = match &operand {
            Operand::Field(name) => (name.clone(), view.field(name)),
            Operand::Fact(call) => (call.to_string(), view.fact(call)),
            Operand::Related { .. } | Operand::Literal(_) => return None,
        };
        Some(SeenFact { basis: view.basis(&name), name, value })
    };
    let facts: Vec<SeenFact> = judge.operands().filter_map(seen).collect();
    let verdict = |(reason, effect, joined): (usize, Effect, &Composition)| {
        let masked = joined.guard.masks.iter().flat_map(|mask| mask.fields.iter());
        let rejected = joined.reject.iter().filter(|reject| !reject.row).flat_map(|reject| reject.fields.iter());
        let given = judged.gave(reason);
        Some(ExplainedRule {
            reason: Arc::clone(asked.reasons.get(reason)?),
            effect: effect_name(effect),
            fields: masked.chain(rejected).cloned().collect(),
            mode: if judge.is_enforced() { Mode::Enforce } else { Mode::Observe },
            bites: given,
            outcome: Some(given),
            facts: facts.clone(),
            first_not_true: None,
            judged: true,
        })
    };
    judge.announced().filter_map(verdict).collect()
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
        judged: false,
    }
}

/// What the joined rules and verdicts amount to.
pub(super) fn outcome(hook: Hook, verdict: &Outcome, judged: &Judged) -> &'static str {
    match hook {
        Hook::Read | Hook::Transfer => match () {
            () if !verdict.refused.is_empty() => "refused",
            () if verdict.hidden.is_some() || !judged.hidden.is_empty() => "hidden",
            () if !verdict.masks.is_empty() || !judged.masks.is_empty() => "masked",
            () => "shown",
        },
        Hook::Write => match () {
            () if !verdict.refused.is_empty() => "refused",
            () if !verdict.rejected.is_empty() || !judged.rejected.is_empty() => "rejected",
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
pub(super) fn fields(hook: Hook, verdict: &Outcome, judged: &Judged) -> Vec<String> {
    let rejected = verdict.rejected.iter().flat_map(|rejection| rejection.fields.iter());
    let mut fields: Vec<String> = verdict.masks.keys().chain(rejected).cloned().collect();
    if hook == Hook::Write {
        fields.extend(judged.rejected.iter().flat_map(|(_, fields)| fields.iter().cloned()));
    } else {
        fields.extend(judged.masks.iter().map(|(field, _)| field.clone()));
    }
    fields.sort();
    fields.dedup();
    fields
}
