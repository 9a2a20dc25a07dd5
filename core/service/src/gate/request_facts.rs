//! Facts about the request, worked out before its rules are bound: only those that a rule names, each
//! once.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use garant_domain::catalog::{Catalog, SubjectPath};
use garant_domain::context::Context;
use garant_domain::fact;
use garant_domain::problem::Problem;
use garant_domain::rule::{Expr, FactCall, Rule, Term};
use garant_domain::value::Value;

use crate::error::store_problem;
use crate::service::Service;

/// The longest time that is looked back, in hours: a month.
const MOST_HOURS: i64 = 744;
const HOUR_MICROS: i64 = 3_600_000_000;

/// The longest name of a kind of approval.
const MOST_KIND: usize = 64;

/// Facts about a request, by the call as it is written.
#[derive(Default)]
pub(super) struct RequestFacts {
    values: BTreeMap<String, Value>,
    approvals: BTreeMap<String, Given>,
}

/// The approvals of one kind that an operation has.
pub(super) struct Given {
    /// The kind.
    pub kind: String,
    /// Ids of those that were not used yet.
    pub fresh: Vec<String>,
    /// How many people gave them.
    pub people: i64,
}

impl RequestFacts {
    /// The value of a fact; `None` for what is none.
    pub(super) fn get(&self, call: &str) -> Option<Value> {
        self.values.get(call).cloned()
    }

    /// The approvals that a call counts; `None` for any other call.
    pub(super) fn given(&self, call: &str) -> Option<&Given> {
        self.approvals.get(call)
    }

    /// Works out what the rules name and is not known yet.
    pub(super) async fn learn(
        &mut self,
        service: &Service,
        catalog: &Catalog,
        context: &Context,
        rules: &[Rule],
    ) -> Result<(), Problem> {
        let mut calls = Vec::new();
        rules.iter().for_each(|rule| of_expr(&rule.when, &mut calls));
        for call in calls {
            let Entry::Vacant(place) = self.values.entry(call.to_string()) else { continue };
            let value = match kind(call) {
                Some(kind) => {
                    let given = given(service, context, kind).await?;
                    let people = Value::Integer(given.people);
                    self.approvals.insert(call.to_string(), given);
                    people
                }
                None => value(service, catalog, context, call).await?,
            };
            place.insert(value);
        }
        Ok(())
    }
}

#[cfg(test)]
impl RequestFacts {
    /// So many approvals, by kind.
    pub(super) fn given_in_a_test(kinds: &[(&str, i64)]) -> Self {
        let mut facts = Self::default();
        for (kind, people) in kinds {
            let call = format!("{}({kind})", fact::APPROVALS);
            let fresh = (0..*people).map(|n| format!("{kind}-{n}")).collect::<Vec<_>>();
            facts.values.insert(call.clone(), Value::Integer(*people));
            facts.approvals.insert(call, Given { kind: (*kind).to_owned(), fresh, people: *people });
        }
        facts
    }
}

/// The calls in a rule that count approvals, each once.
pub(super) fn approvals(rule: &Rule) -> BTreeSet<String> {
    let mut calls = Vec::new();
    of_expr(&rule.when, &mut calls);
    calls.into_iter().filter(|call| kind(call).is_some()).map(FactCall::to_string).collect()
}

/// The kind of approval that a call counts.
fn kind(call: &FactCall) -> Option<&str> {
    let is_kind = |kind: &&String| {
        (1..=MOST_KIND).contains(&kind.len())
            && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let counts = call.name == fact::APPROVALS;
    call.args.first().filter(|_| counts).filter(is_kind).map(String::as_str)
}

/// What nobody can approve has no approval.
async fn given(service: &Service, context: &Context, kind: &str) -> Result<Given, Problem> {
    let found = match &context.operation {
        None => vec![],
        Some(operation) => {
            let (tenant, digest, run) = (&context.tenant, &operation.digest, &operation.run);
            let given = service.store.given_approvals(tenant, digest, kind, run, context.now);
            given.await.map_err(store_problem)?
        }
    };
    let people: BTreeSet<&str> = found.iter().map(|given| given.by.as_str()).collect();
    let people = i64::try_from(people.len()).unwrap_or(i64::MAX);
    let fresh = found.into_iter().filter(|given| !given.used).map(|given| given.id).collect();
    Ok(Given { kind: kind.to_owned(), fresh, people })
}

async fn value(service: &Service, catalog: &Catalog, context: &Context, call: &FactCall) -> Result<Value, Problem> {
    let hours = call.args.first().and_then(|hours| hours.parse::<i64>().ok());
    match (call.name.as_str(), hours.filter(|hours| (1..=MOST_HOURS).contains(hours))) {
        ("actor.reads", Some(hours)) => {
            let since = context.now.saturating_sub(hours * HOUR_MICROS);
            // Registers are about nobody: reading them is no reading of people.
            let about_people = catalog.entities.iter().filter(|entity| entity.subject != SubjectPath::None);
            let entities: Vec<&str> = about_people.map(|entity| entity.name.as_str()).collect();
            let read = service.store.records_read(&context.tenant, &context.actor.id, &entities, since).await;
            read.map(Value::Integer).map_err(store_problem)
        }
        // Null, so that what compares with it restricts.
        _ => Ok(Value::Null),
    }
}

fn of_expr<'a>(expr: &'a Expr, into: &mut Vec<&'a FactCall>) {
    match expr {
        Expr::Compare(_, a, b) | Expr::Covers(a, b) => {
            of_term(a, into);
            of_term(b, into);
        }
        Expr::Is(term) | Expr::OneOf(term, _) | Expr::IsNull(term) => of_term(term, into),
        Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| of_expr(part, into)),
        Expr::Not(part) => of_expr(part, into),
        Expr::Shared(part) => of_expr(part, into),
    }
}

fn of_term<'a>(term: &'a Term, into: &mut Vec<&'a FactCall>) {
    match term {
        Term::Fact(call) if fact::is_of_request(&call.name) => into.push(call),
        Term::Plus(inner, _) | Term::LocalDate(inner) => of_term(inner, into),
        _ => {}
    }
}
