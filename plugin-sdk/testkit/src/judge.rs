//! What rules amount to on the record of a case. The rules may come from native code or out of the
//! sandbox.

use std::collections::BTreeSet;

use garant_domain::catalog::{Catalog, Entity, SubjectPath};
use garant_domain::context::BOUND_ATTRIBUTES;
use garant_domain::fact;
use garant_domain::lattice::{BoundRule, Composition, RowEffect, compose};
use garant_domain::query::Guard;
use garant_domain::rule::{BindEnv, Cond, Effect, Rule, bind, evaluate};
use garant_domain::value::Value;

use crate::case::Case;
use crate::row::CaseRow;

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The strongest effect, by name; see [`crate::Expect`].
    pub effect: &'static str,
    /// The reasons of that effect, most precise ones only; for `allow`, all that are given.
    pub codes: BTreeSet<String>,
    /// The masked fields; empty when the record is not there.
    pub fields: BTreeSet<String>,
    /// The smallest group over which aggregates are shown.
    pub min_group: Option<u32>,
}

/// Whether rules do to the record of a case what the case expects; `codes` are the reason codes of
/// the manifest.
///
/// # Errors
/// What differs.
pub fn check(case: &Case, rules: &[Rule], codes: &[String]) -> Result<(), String> {
    check_codes(rules, codes)?;
    compare(case, &judge(case, rules)?)
}

/// Whether every rule gives a reason of the manifest.
///
/// # Errors
/// The first that does not.
pub fn check_codes(rules: &[Rule], codes: &[String]) -> Result<(), String> {
    match rules.iter().find(|rule| !codes.contains(&rule.code)) {
        Some(rule) => Err(format!("a rule gives `{}`, which the manifest lacks", rule.code)),
        None => Ok(()),
    }
}

/// Whether what came out is what a case expects.
///
/// # Errors
/// What differs.
pub fn compare(case: &Case, judged: &Judged) -> Result<(), String> {
    let expect = &case.expect;
    if judged.effect != expect.effect {
        return Err(format!("expected {}, got {} {:?}", expect.effect, judged.effect, judged.codes));
    }
    if expect.min_group.is_some() && expect.min_group != judged.min_group {
        return Err(format!("expected groups of {:?}, got {:?}", expect.min_group, judged.min_group));
    }
    let expected: BTreeSet<String> = expect.code.sorted().into_iter().map(str::to_owned).collect();
    let same = if judged.effect == "allow" { expected.is_subset(&judged.codes) } else { expected == judged.codes };
    if !same {
        return Err(format!("expected {:?}, got {:?}", expected, judged.codes));
    }
    let Some(fields) = &expect.fields else { return Ok(()) };
    let fields: BTreeSet<String> = fields.iter().cloned().collect();
    if fields == judged.fields { Ok(()) } else { Err(format!("expected masks {fields:?}, got {:?}", judged.fields)) }
}

/// What rules do to the record of a case.
///
/// # Errors
/// When the case names what does not exist, or the rules cannot be joined.
pub fn judge(case: &Case, rules: &[Rule]) -> Result<Judged, String> {
    let catalog = Catalog::standard().map_err(|error| error.to_string())?;
    let entity = case.entity(&catalog)?;
    let row = CaseRow::new(case, &entity, &catalog)?;
    Ok(Joined::new(case, rules)?.outcome(case, &|cond| evaluate(cond, &row)))
}

/// The rules of a case, bound to its request and joined. Who says whether a condition is true of the
/// record is left open: the native evaluator, or a database.
pub struct Joined<'r> {
    entity: Entity,
    rules: &'r [Rule],
    bound: Vec<BoundRule>,
    joined: Composition,
}

impl<'r> Joined<'r> {
    /// Binds and joins.
    ///
    /// # Errors
    /// When the case names what does not exist, or the rules cannot be joined.
    pub fn new(case: &Case, rules: &'r [Rule]) -> Result<Self, String> {
        let catalog = Catalog::standard().map_err(|error| error.to_string())?;
        let entity = case.entity(&catalog)?;
        if let Some(key) = case.unknown_attributes().first() {
            return Err(format!("there is no context attribute `{key}`"));
        }
        let bound = bound(case, rules)?;
        let joined = compose(&entity, &bound).map_err(|error| error.to_string())?;
        Ok(Self { entity, rules, bound, joined })
    }

    /// What a reading statement is given.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.joined.guard
    }

    /// Every condition on which the outcome depends.
    #[must_use]
    pub fn conditions(&self) -> Vec<&Cond> {
        let joined = &self.joined;
        let effects = [&joined.hide, &joined.reject, &joined.hold, &joined.destroy, &joined.flags];
        let effects = effects.into_iter().flatten().map(|effect| &effect.when);
        effects
            .chain(joined.guard.masks.iter().map(|mask| &mask.when))
            .chain(self.bound.iter().map(|rule| &rule.when))
            .collect()
    }

    /// What comes out, if `truth` says of each condition whether it is true of the record.
    #[must_use]
    pub fn outcome(&self, case: &Case, truth: &dyn Fn(&Cond) -> Option<bool>) -> Judged {
        outcome(case, self, truth)
    }
}

fn bound(case: &Case, rules: &[Rule]) -> Result<Vec<BoundRule>, String> {
    let attribute = |key: &str| {
        let called = key.split_once('(').map_or(key, |(name, _)| name);
        if let Some(known) = fact::find(called).filter(|known| fact::is_of_request(known.name)) {
            return case.fact(key, known.ty).ok().flatten().unwrap_or(Value::Null);
        }
        let known = BOUND_ATTRIBUTES.iter().find(|(name, _)| *name == key);
        known.and_then(|(_, ty)| case.attribute(key, *ty).ok()).unwrap_or(Value::Null)
    };
    let env = BindEnv { now: case.now()?, zone: case.zone()?, context: &attribute };
    let bound = |(reason, rule): (usize, &Rule)| BoundRule {
        when: bind(&rule.when, &env),
        effect: rule.effect,
        target: rule.target.clone(),
        reason,
        enforced: true,
    };
    Ok(rules.iter().enumerate().map(bound).collect())
}

fn outcome(case: &Case, all: &Joined<'_>, truth: &dyn Fn(&Cond) -> Option<bool>) -> Judged {
    let Joined { entity, rules, bound, joined } = all;
    let code = |reason: &usize| rules.get(*reason).map(|rule| rule.code.clone());
    let result = |effect, reasons: Vec<usize>, fields| Judged {
        effect,
        codes: reasons.iter().filter_map(code).collect(),
        fields,
        min_group: joined.min_group,
    };
    let none = BTreeSet::new;
    if !joined.refuse.is_empty() {
        return result("refuse", joined.refuse.clone(), none());
    }
    if let Some(reasons) = biting(&joined.hide, truth) {
        return result("hide", reasons, none());
    }
    if let Some(reasons) = biting(&joined.reject, truth) {
        return result("reject", reasons, none());
    }
    if let Some(reasons) = biting(&joined.hold, truth) {
        return result("hold", reasons, none());
    }
    for (name, effect) in
        [("erase", Effect::Erase), ("anonymise", Effect::Anonymise), ("make-dormant", Effect::MakeDormant)]
    {
        let due = |bite: &&RowEffect| bite.effect == effect && truth(&bite.when) == Some(true);
        let reasons: Vec<usize> = joined.destroy.iter().filter(due).map(|bite| bite.reason).collect();
        if !reasons.is_empty() {
            return result(name, reasons, none());
        }
    }
    let (reasons, fields) = masked(case, joined, truth);
    if !fields.is_empty() {
        return result("mask", reasons, fields);
    }
    if let Some(reasons) = biting(&joined.flags, truth) {
        return result("flag", reasons, none());
    }
    // An explanation claims only what is certain, and nothing on an entity about nobody.
    let given = |effect| matches!(effect, Effect::Allow | Effect::MinGroup(_));
    let allowed = |rule: &&BoundRule| given(rule.effect) && truth(&rule.when) == Some(true);
    let about_people = entity.subject != SubjectPath::None;
    let reasons = bound.iter().filter(|_| about_people).filter(allowed).map(|rule| rule.reason).collect();
    result("allow", reasons, none())
}

/// The reasons of masks on fields that the case names, and these fields.
fn masked(case: &Case, joined: &Composition, truth: &dyn Fn(&Cond) -> Option<bool>) -> (Vec<usize>, BTreeSet<String>) {
    let (mut reasons, mut fields) = (vec![], BTreeSet::new());
    for mask in joined.guard.masks.iter().filter(|mask| truth(&mask.when) != Some(false)) {
        let named: Vec<&String> = mask.fields.iter().filter(|field| case.names(field)).collect();
        if !named.is_empty() {
            reasons.push(mask.reason);
            fields.extend(named.into_iter().cloned());
        }
    }
    (reasons, fields)
}

/// The reasons that bite, without those that another one says more precisely; `None` when none does.
fn biting(effects: &[RowEffect], truth: &dyn Fn(&Cond) -> Option<bool>) -> Option<Vec<usize>> {
    let biting: Vec<&RowEffect> = effects.iter().filter(|bite| truth(&bite.when) != Some(false)).collect();
    let vaguer = |cond: &Cond| biting.iter().any(|other| other.when.narrows(cond) && !cond.narrows(&other.when));
    let reasons: Vec<usize> = biting.iter().filter(|bite| !vaguer(&bite.when)).map(|bite| bite.reason).collect();
    (!reasons.is_empty()).then_some(reasons)
}
