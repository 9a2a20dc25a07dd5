//! Decisions that were made before. What the plans of a set amount to for an entity is bound, joined
//! and resolved once, and serves every request that agrees in all that its rules ask of a request. The
//! plans themselves are asked for anew each time, so whatever makes another plan makes another decision.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use garant_domain::calendar::local_date;
use garant_domain::catalog::Entity;
use garant_domain::context::{Context, local_attribute};
use garant_domain::fact;
use garant_domain::rule::{Expr, Term};
use garant_domain::value::Value;
use garant_policy::Plan;

use super::attributes;
use super::decision::Decision;
use super::plan::Answers;

/// Lists of plans that are known for an entity, and decisions that are known for such a list: roles and
/// purposes are few. One that is too many makes all be forgotten.
const MOST: usize = 256;

/// What is known, by the addresses of the plans in their order.
type ByPlans = HashMap<Box<[usize]>, Known>;

/// Decisions of one policy set, which never changes.
#[derive(Default)]
pub(crate) struct KnownDecisions {
    by_entity: Mutex<HashMap<String, ByPlans>>,
}

/// What is known of some plans.
struct Known {
    /// Held, so that no other plan comes to lie where one of these lies.
    _plans: Vec<Arc<Plan>>,
    /// `None` where every request decides anew.
    needs: Option<Arc<Needs>>,
    decisions: HashMap<Vec<Value>, Arc<Decision>>,
}

/// What rules ask of a request before its records are looked at.
#[derive(Default)]
struct Needs {
    today: bool,
    attributes: Vec<String>,
}

impl KnownDecisions {
    /// The decision that these answers led to before.
    pub(crate) fn get(&self, entity: &Entity, answers: &Answers<'_>, context: &Context) -> Option<Arc<Decision>> {
        let places = places(answers);
        let by_entity = self.by_entity.lock().unwrap_or_else(PoisonError::into_inner);
        let known = by_entity.get(&entity.name)?.get(&places)?;
        let needs = known.needs.as_ref()?;
        known.decisions.get(&needs.values(context)).cloned()
    }

    /// Keeps a decision, if it depends on nothing else than what it will be found by.
    pub(crate) fn put(&self, entity: &Entity, answers: &Answers<'_>, context: &Context, decision: &Arc<Decision>) {
        // A policy that could not decide, or that judges, is of this request alone.
        if !answers.unavailable.is_empty() || !decision.judges.is_empty() {
            return;
        }
        let mut by_entity = self.by_entity.lock().unwrap_or_else(PoisonError::into_inner);
        let lists = by_entity.entry(entity.name.clone()).or_default();
        if lists.len() >= MOST {
            lists.clear();
        }
        let known = lists.entry(places(answers)).or_insert_with(|| Known {
            _plans: answers.answers.iter().map(|answer| Arc::clone(&answer.plan)).collect(),
            needs: Needs::of(answers.answers.iter().map(|answer| &*answer.plan)).map(Arc::new),
            decisions: HashMap::new(),
        });
        let Some(needs) = &known.needs else { return };
        if known.decisions.len() >= MOST {
            known.decisions.clear();
        }
        known.decisions.insert(needs.values(context), Arc::clone(decision));
    }
}

/// By whom and where each plan lies.
fn places(answers: &Answers<'_>) -> Box<[usize]> {
    let answers = answers.answers.iter();
    answers.flat_map(|answer| [std::ptr::from_ref(answer.policy).addr(), Arc::as_ptr(&answer.plan).addr()]).collect()
}

impl Needs {
    /// `None` where a rule asks for the very instant, or for a fact that changes between requests.
    fn of<'a>(plans: impl Iterator<Item = &'a Plan>) -> Option<Self> {
        let mut needs = Self::default();
        for rule in plans.flat_map(|plan| &plan.rules) {
            needs.note(&rule.when)?;
        }
        needs.attributes.sort_unstable();
        needs.attributes.dedup();
        Some(needs)
    }

    fn note(&mut self, expr: &Expr) -> Option<()> {
        match expr {
            Expr::Compare(_, a, b) | Expr::Covers(a, b) => {
                self.note_term(a)?;
                self.note_term(b)
            }
            Expr::Is(term) | Expr::OneOf(term, _) | Expr::IsNull(term) => self.note_term(term),
            Expr::All(parts) | Expr::Any(parts) => parts.iter().try_for_each(|part| self.note(part)),
            Expr::Not(part) => self.note(part),
            Expr::Shared(part) => self.note(part),
        }
    }

    fn note_term(&mut self, term: &Term) -> Option<()> {
        match term {
            Term::Now => None,
            Term::Fact(call) if fact::is_of_request(&call.name) => None,
            Term::Today => {
                self.today = true;
                Some(())
            }
            Term::Context(name) => {
                self.attributes.push(name.clone());
                Some(())
            }
            Term::Plus(inner, _) | Term::LocalDate(inner) => self.note_term(inner),
            Term::Field(_) | Term::Related { .. } | Term::Fact(_) | Term::Literal(_) => Some(()),
        }
    }

    /// What a request answers. The zone is the same for all requests of a set.
    fn values(&self, context: &Context) -> Vec<Value> {
        let today = self.today.then(|| Value::Date(local_date(context.now, context.zone)));
        let attributes = self.attributes.iter().map(|name| {
            local_attribute(name, context.now, context.zone).unwrap_or_else(|| attributes::bound(context, name))
        });
        today.into_iter().chain(attributes).collect()
    }
}
