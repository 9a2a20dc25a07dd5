//! The sweep's door: what the policies of a unit's set decide to destroy, and doing it. A destroying rule
//! acts where its condition is true, a hold stops all unless it is false, and the strongest of several
//! wins. Every policy is asked about every entity before anything is touched: if one cannot decide,
//! nothing is done.

mod act;
mod archive;
mod asleep;
mod order;
mod trash;

use std::sync::Arc;

use garant_domain::catalog::{Entity, RowRule, SubjectPath};
use garant_domain::lattice::{RowEffect, compose, strength};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Reason;
use garant_domain::rule::{Cond, Effect, FactCall, Hook, Operand, conjunction, negation};
use garant_store::{Along, DueRules};

pub(crate) use act::Acted;
pub(crate) use archive::DueAsleep;
pub(crate) use asleep::{AsleepView, Sleeper};
pub(crate) use order::{about, emptied_entities, swept_entities};

use super::door::Door;
use super::plan;
use crate::unit::Unit;

/// The fact that stops every destruction, whatever the policies say: nothing is swept under legal hold.
const ON_LEGAL_HOLD: &str = "subject.on_legal_hold";

/// What the policies decide to destroy of one entity.
pub(crate) struct Due {
    /// For the database: destroying conditions in the order of `effects`.
    pub rules: DueRules,
    /// What each of them does, the one that wins first.
    pub effects: Vec<RowEffect>,
    /// The same of policies that are only observed.
    pub observed: DueRules,
    /// What each of those would do.
    pub observed_effects: Vec<RowEffect>,
    /// Reasons, by the index that the effects carry.
    pub reasons: Vec<Arc<Reason>>,
    /// Codes of the observed policies that could not decide.
    pub unavailable: Vec<String>,
}

impl Due {
    /// The full code of an effect.
    pub(crate) fn code(&self, effect: &RowEffect) -> String {
        self.reasons.get(effect.reason).map(|reason| reason.full_code()).unwrap_or_default()
    }
}

impl Unit {
    /// Asks every policy about every entity that is about people; children come before their parents.
    ///
    /// # Errors
    ///
    /// `POLICY_UNAVAILABLE` naming the policy: then nothing may be destroyed at all.
    pub(crate) async fn due(&self, door: Door) -> Result<Vec<Due>, Problem> {
        debug_assert_eq!(door.operation(), garant_domain::context::Operation::Sweep);
        let mut all = Vec::new();
        for entity in swept_entities(self.catalog()) {
            all.push(self.due_of(entity).await?);
        }
        // A record that goes along with its person, and is held, holds the person.
        let holds: Vec<(String, Vec<Cond>)> =
            all.iter().map(|due| (due.rules.entity.clone(), due.rules.hold.clone())).collect();
        for due in &mut all {
            let along = about(self.catalog(), &due.rules.entity).filter_map(|(child, link)| {
                let (_, hold) = holds.iter().find(|(entity, _)| *entity == child.name)?;
                Some(Along { entity: child.name.clone(), link: link.to_owned(), hold: hold.clone() })
            });
            let along: Vec<Along> = along.collect();
            due.observed.along.clone_from(&along);
            due.rules.along = along;
        }
        // Said once for the person and all that goes along.
        for due in &mut all {
            let hold = legal_hold(self.entity(&due.rules.entity)?);
            due.rules.hold.push(hold.clone());
            due.observed.hold.push(hold);
        }
        all.extend(self.due_trash());
        Ok(all)
    }

    async fn due_of(&self, entity: &Entity) -> Result<Due, Problem> {
        let asked = plan::ask(&self.service, &self.set, &self.context, entity, &[Hook::Retention]).await?;
        let composition = compose(entity, &asked.rules).map_err(|error| {
            let message = format!("The retention rules on `{}` cannot be applied: {error}", entity.name);
            Problem::new(ErrorCode::PolicyUnavailable, message)
        })?;
        let is_hold = |bite: &&RowEffect| bite.effect == Effect::Hold;
        let hold: Vec<Cond> = composition.hold.iter().map(|bite| bite.when.clone()).collect();
        let observed_hold = composition.observed.iter().filter(is_hold).map(|bite| bite.when.clone());
        let observed_hold: Vec<Cond> = hold.iter().cloned().chain(observed_hold).collect();
        let mut reasons = asked.reasons;
        let mut effects = self.ordered(entity, &composition.destroy, &reasons)?;
        self.add_trash(entity, &mut effects, &mut reasons);
        let observed: Vec<RowEffect> =
            composition.observed.iter().filter(|bite| strength(bite.effect) > 0).cloned().collect();
        let observed_effects = self.ordered(entity, &observed, &reasons)?;
        let rules = |effects: &[RowEffect], hold| DueRules {
            entity: entity.name.clone(),
            destroy: effects.iter().map(|effect| effect.when.clone()).collect(),
            hold,
            along: vec![],
        };
        Ok(Due {
            rules: rules(&effects, hold),
            observed: rules(&observed_effects, observed_hold),
            effects,
            observed_effects,
            reasons,
            unavailable: asked.unavailable,
        })
    }

    /// What is to be done, the strongest first, as it applies to the entity.
    fn ordered(
        &self,
        entity: &Entity,
        effects: &[RowEffect],
        reasons: &[Arc<Reason>],
    ) -> Result<Vec<RowEffect>, Problem> {
        if let Some(part) = effects.iter().find(|effect| !effect.row) {
            let plugin = reasons.get(part.reason).map(|reason| reason.plugin.clone()).unwrap_or_default();
            let message =
                format!("Policy `{plugin}` would destroy fields of `{}`; a sweep acts on records", entity.name);
            return Err(Problem::new(ErrorCode::PolicyUnavailable, message)
                .at(plugin)
                .mend("Tell the DPO: its destroying rules must target the row."));
        }
        let mut ordered: Vec<RowEffect> = effects.iter().filter_map(|effect| applied(entity, effect.clone())).collect();
        ordered.sort_by_key(|effect| (std::cmp::Reverse(strength(effect.effect)), effect.reason));
        Ok(ordered)
    }
}

/// What a destroying rule does to an entity. A record that merely points at people stays: its link and its
/// personal fields go, and it sleeps only as far as its person does.
fn applied(entity: &Entity, effect: RowEffect) -> Option<RowEffect> {
    match (entity.row_rule, effect.effect) {
        (RowRule::Hide, _) => Some(effect),
        (RowRule::Unlink, Effect::MakeDormant) => None,
        (RowRule::Unlink, _) => Some(RowEffect { effect: Effect::Anonymise, ..effect }),
    }
}

/// That the person is under legal hold.
fn legal_hold(entity: &Entity) -> Cond {
    let held = Cond::Is(Operand::Fact(FactCall { name: ON_LEGAL_HOLD.to_owned(), args: vec![] }));
    match &entity.subject {
        SubjectPath::Via(link) => conjunction([negation(Cond::IsNull(Operand::Field(link.clone()))), held]),
        SubjectPath::Itself | SubjectPath::None => held,
    }
}
