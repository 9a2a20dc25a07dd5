//! Facts about the request, worked out before its rules are bound: only those that a rule names, each
//! once.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use garant_domain::catalog::SubjectPath;
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

/// Values of facts about a request, by the call as it is written.
#[derive(Default)]
pub(super) struct RequestFacts(BTreeMap<String, Value>);

impl RequestFacts {
    /// The value of a fact; `None` for what is none.
    pub(super) fn get(&self, call: &str) -> Option<Value> {
        self.0.get(call).cloned()
    }

    /// Works out what the rules name and is not known yet.
    pub(super) async fn learn(&mut self, service: &Service, context: &Context, rules: &[Rule]) -> Result<(), Problem> {
        let mut calls = Vec::new();
        rules.iter().for_each(|rule| of_expr(&rule.when, &mut calls));
        for call in calls {
            if let Entry::Vacant(place) = self.0.entry(call.to_string()) {
                place.insert(value(service, context, call).await?);
            }
        }
        Ok(())
    }
}

async fn value(service: &Service, context: &Context, call: &FactCall) -> Result<Value, Problem> {
    let hours = call.args.first().and_then(|hours| hours.parse::<i64>().ok());
    match (call.name.as_str(), hours.filter(|hours| (1..=MOST_HOURS).contains(hours))) {
        ("actor.reads", Some(hours)) => {
            let since = context.now.saturating_sub(hours * HOUR_MICROS);
            // Registers are about nobody: reading them is no reading of people.
            let about_people = service.catalog.entities.iter().filter(|entity| entity.subject != SubjectPath::None);
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
    }
}

fn of_term<'a>(term: &'a Term, into: &mut Vec<&'a FactCall>) {
    match term {
        Term::Fact(call) if fact::is_of_request(&call.name) => into.push(call),
        Term::Plus(inner, _) | Term::LocalDate(inner) => of_term(inner, into),
        _ => {}
    }
}
