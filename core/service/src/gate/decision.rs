//! What the policies decided for an entity in a unit of work: its guard, and the reasons behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use garant_domain::catalog::Entity;
use garant_domain::lattice::{BoundRule, compose};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{Filter, Guard, Guards, MaskRule, Query};
use garant_domain::reason::Reason;
use garant_domain::rule::{Cond, Effect, Hook, Mask};
use tokio::sync::Mutex;

use super::approvals::Bearing;
use super::duties::Owed;
use super::judge::{self, Judge};
use super::plan::{self, Asked};
use super::rights::{self, Narrowing};
use crate::unit::{InForce, Unit};

/// The decision on reading an entity.
pub(crate) struct Decision {
    /// Conditions that go into every statement.
    pub guard: Arc<Guard>,
    /// Reasons, by the index that the guard's masks carry.
    pub reasons: Vec<Arc<Reason>>,
    /// Whether the rule of that index is enforced, or only observed.
    pub enforced: Vec<bool>,
    /// Rules that refuse the whole request.
    pub refuse: Vec<usize>,
    /// The bound rules, for writes and the log.
    pub rules: Vec<BoundRule>,
    /// Aggregates over fewer records are withheld.
    pub min_group: Option<u32>,
    /// Policies that look at the records themselves.
    pub judges: Vec<Judge>,
    /// Codes of the observed policies that could not decide.
    pub unavailable: Vec<String>,
    /// What they make of the operation's approvals.
    pub approvals: Bearing,
    /// What enforced rules ask the host to do besides where they bite.
    pub duties: Vec<Owed>,
    /// The rules in force, for `extensions.policy`.
    pub in_force: Vec<InForce>,
}

impl Decision {
    /// The reasons of some rules.
    pub(crate) fn reasons_of(&self, indices: &[usize]) -> Vec<Reason> {
        indices.iter().filter_map(|index| self.reasons.get(*index)).map(|reason| (**reason).clone()).collect()
    }

    /// Why a field is no operand: reasons of the enforced masks that bite on every row, and of the
    /// verdicts that may mask it once the rows have been chosen.
    pub(crate) fn no_operand(&self, field: &str) -> Vec<usize> {
        [self.wholly_masked(field), self.may_be_judged(field)].concat()
    }

    /// Reasons of the enforced masks that bite on every row, for a field.
    pub(crate) fn wholly_masked(&self, field: &str) -> Vec<usize> {
        let always = |cond: &Cond| cond.as_const().is_some_and(|value| value != Some(false));
        self.guard
            .masks
            .iter()
            .filter(|mask| always(&mask.when) && mask.fields.iter().any(|masked| masked == field))
            .map(|mask| mask.reason)
            .collect()
    }
}

/// Decisions of one unit of work, by entity: a plan is asked for once, however many nested fields
/// touch the entity.
#[derive(Default)]
pub(crate) struct GuardCache {
    decisions: Mutex<BTreeMap<String, Arc<Decision>>>,
    /// Codes that observed policies would have given to writes, until the line that tells of them.
    noted: std::sync::Mutex<BTreeMap<String, u64>>,
}

impl GuardCache {
    /// Keeps codes of observed policies that could not decide on a record.
    pub(super) fn note_unavailable(&self, codes: &[String]) {
        let mut noted = self.noted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for code in codes {
            *noted.entry(code.clone()).or_default() += 1;
        }
    }

    /// Keeps the codes of one record for the line of the write.
    pub(super) fn note<'a>(&self, reasons: impl Iterator<Item = &'a Arc<Reason>>) {
        let mut noted = self.noted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Two rules of one code are one outcome for the record.
        let codes: BTreeSet<String> = reasons.map(|reason| reason.full_code()).collect();
        for code in codes {
            *noted.entry(code).or_default() += 1;
        }
    }

    /// What was kept since the last line.
    pub(super) fn take_noted(&self) -> Vec<(String, u64)> {
        let mut noted = self.noted.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut *noted).into_iter().collect()
    }
}

impl Unit {
    /// The decision on reading an entity.
    pub(super) async fn decision(&self, entity: &Entity) -> Result<Arc<Decision>, Problem> {
        let mut cache = self.guards.decisions.lock().await;
        if let Some(decision) = cache.get(&entity.name) {
            return Ok(Arc::clone(decision));
        }
        // A client of a known recipient is a disclosure: both hooks, joined.
        let hooks: &[Hook] =
            if self.context.recipient.is_some() { &[Hook::Read, Hook::Transfer] } else { &[Hook::Read] };
        let answers = plan::answers(&self.service, &self.set, &self.context, entity, hooks).await?;
        let known = &self.set.decisions;
        let narrowing = self.narrowing(entity).await?;
        // A freeze is of one recipient and not of the plans.
        let frozen = self.context.recipient.as_ref().is_some_and(|recipient| recipient.frozen.is_some());
        let before = known.get(entity, &answers, &self.context).filter(|_| !frozen);
        let decision = match (&narrowing, before) {
            (None, Some(decision)) => decision,
            // What a role narrows is of this caller, and kept for this unit alone.
            (Some(narrowing), _) => {
                let asked = plan::bound(&self.service, &self.context, entity, &answers).await?;
                Arc::new(narrowed(entity, decide(entity, asked)?, narrowing))
            }
            (None, None) => {
                let asked = plan::bound(&self.service, &self.context, entity, &answers).await?;
                let decision = Arc::new(decide(entity, asked)?);
                if !frozen {
                    known.put(entity, &answers, &self.context, &decision);
                }
                decision
            }
        };
        self.rely(&decision.approvals);
        let mut report = self.report.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        report.rules.extend(decision.in_force.iter().cloned());
        drop(report);
        cache.insert(entity.name.clone(), Arc::clone(&decision));
        Ok(decision)
    }

    /// The guards of every entity that a read touches: its own, those behind its references, and
    /// those of its relation filters.
    pub(super) async fn guards(&self, query: &Query) -> Result<Guards, Problem> {
        let mut guards = Guards::new();
        let mut waiting = vec![query.entity.clone()];
        let entity = self.entity(&query.entity)?;
        waiting.extend(query.fields.iter().filter_map(|field| entity.field(field)?.target().map(str::to_owned)));
        waiting.extend(query.order.iter().filter_map(|order| entity.field(&order.field)?.target().map(str::to_owned)));
        if let Some(filter) = &query.filter {
            self.touched(&query.entity, filter, &mut waiting)?;
        }
        while let Some(name) = waiting.pop() {
            if guards.contains_key(&name) {
                continue;
            }
            let entity = self.entity(&name)?;
            let decision = self.decision(entity).await?;
            let mut guard = Arc::clone(&decision.guard);
            let unnamed = entity.staff && self.needs_purpose(entity) && self.context.purposes.is_empty();
            if !decision.refuse.is_empty() || unnamed {
                // Refused as a whole: behind a reference it is as if nothing were there.
                Arc::make_mut(&mut guard).hide.push(Cond::Const(Some(true)));
            }
            guards.insert(name, guard);
        }
        Ok(guards)
    }

    fn touched(&self, entity: &str, filter: &Filter, into: &mut Vec<String>) -> Result<(), Problem> {
        let entity = self.entity(entity)?;
        match filter {
            Filter::And(parts) | Filter::Or(parts) => {
                parts.iter().try_for_each(|part| self.touched(&entity.name, part, into))
            }
            Filter::Not(part) => self.touched(&entity.name, part, into),
            Filter::Field(field, _) => {
                into.extend(entity.field(field).and_then(|field| field.target()).map(str::to_owned));
                Ok(())
            }
            Filter::Related(via, part) => {
                let target = entity.field(via).and_then(|field| field.target()).ok_or_else(|| {
                    Problem::input(format!("filter.{via}"), format!("`{}` has no reference `{via}`", entity.name))
                })?;
                into.push(target.to_owned());
                self.touched(target, part, into)
            }
            Filter::Some { entity: other, filter, .. } => {
                into.push(other.clone());
                self.touched(other, filter, into)
            }
        }
    }

    pub(crate) fn entity(&self, name: &str) -> Result<&Entity, Problem> {
        self.catalog()
            .entity(name)
            .ok_or_else(|| Problem::input("entity", format!("The catalogue has no entity `{name}`")))
    }
}

/// Joins the bound rules of all policies.
fn decide(entity: &Entity, asked: Asked) -> Result<Decision, Problem> {
    let composition = compose(entity, &asked.rules).map_err(|error| {
        Problem::new(ErrorCode::PolicyUnavailable, format!("The rules on `{}` cannot be applied: {error}", entity.name))
    })?;
    let mut guard = composition.guard;
    // What only notes is a mask over no field: the statement tells where it bit and changes nothing.
    let observed = composition.observed.into_iter().filter(|bite| bite.effect != Effect::Allow);
    let noted = composition.flags.into_iter().chain(observed);
    guard.masks.extend(noted.map(|bite| MaskRule {
        fields: vec![],
        mask: Mask::None,
        when: bite.when,
        reason: bite.reason,
    }));
    guard.judged = judge::operands(&asked.judges, entity);
    let mut enforced = vec![true; asked.reasons.len()];
    let of_rules = asked.rules.iter().map(|rule| (rule.reason, rule.enforced));
    let of_verdicts =
        asked.judges.iter().flat_map(|judge| judge.announced().map(|(reason, _, _)| (reason, judge.is_enforced())));
    for (reason, is_enforced) in of_rules.chain(of_verdicts) {
        if let Some(place) = enforced.get_mut(reason) {
            *place = is_enforced;
        }
    }
    let in_force = in_force(entity, &asked);
    Ok(Decision {
        guard: Arc::new(guard),
        enforced,
        refuse: composition.refuse,
        reasons: asked.reasons,
        rules: asked.rules,
        judges: asked.judges,
        min_group: composition.min_group,
        unavailable: asked.unavailable,
        approvals: asked.approvals,
        duties: asked.duties,
        in_force,
    })
}

/// The same with what the caller's role leaves of the entity.
fn narrowed(entity: &Entity, mut decision: Decision, narrowing: &Narrowing) -> Decision {
    let guard = Arc::make_mut(&mut decision.guard);
    guard.hide.extend(narrowing.hide.iter().cloned());
    let mut tell = |effect: Effect, fields: &[String]| {
        let reason = rights::reason(!fields.is_empty());
        decision.in_force.push(InForce {
            entity: entity.name.clone(),
            effect: effect_name(effect),
            fields: fields.to_vec(),
            reason: Arc::clone(&reason),
        });
        decision.reasons.push(reason);
        decision.enforced.push(true);
        decision.reasons.len() - 1
    };
    if !narrowing.hide.is_empty() {
        tell(Effect::Hide, &[]);
    }
    if !narrowing.fields.is_empty() {
        let reason = tell(Effect::Mask(Mask::None), &narrowing.fields);
        let when = Cond::Const(Some(true));
        guard.masks.push(MaskRule { fields: narrowing.fields.clone(), mask: Mask::None, when, reason });
    }
    decision
}

/// Names the rules in force for `extensions.policy`. Only what the context alone decides: which
/// rules could bite, never whether one did on a row that is not shown.
fn in_force(entity: &Entity, asked: &Asked) -> Vec<InForce> {
    let mut all = Vec::new();
    let told = |effect: Effect, fields: Vec<String>, reason: &Arc<Reason>| InForce {
        entity: entity.name.clone(),
        effect: effect_name(effect),
        fields,
        reason: Arc::clone(reason),
    };
    let bites =
        |rule: &&BoundRule| rule.enforced && rule.effect != Effect::Allow && rule.when != Cond::Const(Some(false));
    for rule in asked.rules.iter().filter(bites) {
        let Some(reason) = asked.reasons.get(rule.reason) else { continue };
        all.push(told(rule.effect, garant_domain::lattice::resolve(&rule.target, entity).fields, reason));
    }
    for (reason, effect, joined) in asked.judges.iter().filter(|judge| judge.is_enforced()).flat_map(Judge::announced) {
        let Some(reason) = asked.reasons.get(reason).filter(|_| effect != Effect::Allow) else { continue };
        let fields = joined.guard.masks.iter().flat_map(|mask| mask.fields.iter().cloned()).collect();
        all.push(told(effect, fields, reason));
    }
    all
}

/// The name of an effect for people.
pub(crate) fn effect_name(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::Flag => "flag",
        Effect::Mask(_) => "mask",
        Effect::Hide => "hide",
        Effect::Refuse => "refuse",
        Effect::MinGroup(_) => "min-group",
        Effect::Reject => "reject",
        Effect::MakeDormant => "make-dormant",
        Effect::Anonymise => "anonymise",
        Effect::Erase => "erase",
        Effect::Hold => "hold",
    }
}
