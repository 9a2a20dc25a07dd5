//! The rules of the `write` hook, evaluated natively over the record as it would be, with facts read
//! in the same transaction.

use std::collections::{BTreeSet, HashMap};

use garant_domain::catalog::{Entity, SubjectPath};
use garant_domain::context::Context;
use garant_domain::lattice::{RowEffect, compose};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::rule::{Cond, Effect, FactCall, Hook, Operand, RowView, evaluate};
use garant_domain::value::Value;
use garant_store::WriteTx;

use crate::error::store_problem;
use crate::gate::judge::{Judge, Judged, judge};
use crate::gate::plan;
use crate::input::Input;
use crate::unit::Unit;

impl Unit {
    /// Rejects the record where a rule does.
    pub(super) async fn check_rules(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        values: &Input,
        written: &[String],
    ) -> Result<(), Problem> {
        self.check_rules_in(&self.context, tx, entity, id, values, written).await?;
        match self.context_of(entity, values, written).await? {
            Some(context) => self.check_rules_in(&context, tx, entity, id, values, written).await,
            None => Ok(()),
        }
    }

    async fn check_rules_in(
        &self,
        context: &Context,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        values: &Input,
        written: &[String],
    ) -> Result<(), Problem> {
        let asked = plan::ask(&self.service, &self.set, context, entity, &[Hook::Write]).await?;
        self.guards.note_unavailable(&asked.unavailable);
        self.rely(&asked.approvals);
        if asked.rules.is_empty() && asked.judges.is_empty() {
            return Ok(());
        }
        let composition = compose(entity, &asked.rules).map_err(|error| {
            Problem::new(
                ErrorCode::PolicyUnavailable,
                format!("The rules on `{}` cannot be applied: {error}", entity.name),
            )
        })?;
        let mut needs = Needs::default();
        let concerns = |rule: &&RowEffect| rule.row || rule.fields.iter().any(|field| written.contains(field));
        let rules: Vec<&RowEffect> = composition.reject.iter().filter(concerns).collect();
        let watched: Vec<&RowEffect> =
            composition.observed.iter().filter(|rule| rule.effect == Effect::Reject).collect();
        rules.iter().chain(&watched).for_each(|rule| needs.collect(&rule.when));
        asked.judges.iter().flat_map(Judge::operands).for_each(|operand| needs.operand(&operand));
        let candidate = self.candidate(tx, entity, id, values, needs).await?;
        // What a policy cannot say as rules about a write, it says of this one record.
        let judged = match asked.judges.as_slice() {
            [] => Judged::default(),
            judges => judge(judges, entity, &[&candidate]).await?.pop().unwrap_or_default(),
        };
        let would_bite = watched.iter().filter(|rule| evaluate(&rule.when, &candidate) != Some(false));
        let observed = would_bite.map(|rule| rule.reason).chain(judged.observed.iter().copied());
        self.guards.note(observed.filter_map(|index| asked.reasons.get(index)));
        let touches = |fields: &[String]| fields.is_empty() || fields.iter().any(|field| written.contains(field));
        let verdicts = judged.rejected.iter().filter(|(_, fields)| touches(fields)).map(|(reason, _)| *reason);
        let rejected: Vec<usize> = rules
            .iter()
            .filter(|rule| evaluate(&rule.when, &candidate) != Some(false))
            .map(|rule| rule.reason)
            .chain(composition.refuse)
            .chain(verdicts)
            .collect();
        if rejected.is_empty() {
            return Ok(());
        }
        Err(self.refused(&entity.name, &rejected, &asked.reasons, &asked.approvals))
    }

    pub(in crate::gate) async fn candidate(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        values: &Input,
        needs: Needs,
    ) -> Result<Candidate, Problem> {
        let subject = match &entity.subject {
            SubjectPath::Itself => Some(id.to_owned()),
            SubjectPath::Via(field) => values.get(field).and_then(Value::as_text).map(str::to_owned),
            SubjectPath::None => None,
        };
        let calls: Vec<FactCall> = needs.facts.into_iter().collect();
        let facts = match subject {
            Some(subject) if !calls.is_empty() => tx.facts(&subject, &calls).await.map_err(store_problem)?,
            _ => vec![Value::Null; calls.len()],
        };
        let mut related = HashMap::new();
        for (via, field) in needs.related {
            let target = entity.field(&via).and_then(|field| field.target());
            let value = match (target, values.get(&via).and_then(Value::as_text)) {
                (Some(target), Some(id)) => tx.field(target, id, &field).await.map_err(store_problem)?,
                _ => Value::Null,
            };
            related.insert((via, field), value);
        }
        let mut values = values.clone();
        values.insert("id".to_owned(), Value::text(id));
        Ok(Candidate { values, facts: calls.into_iter().zip(facts).collect(), related })
    }
}

pub(in crate::gate) struct Candidate {
    values: Input,
    facts: HashMap<FactCall, Value>,
    related: HashMap<(String, String), Value>,
}

impl RowView for Candidate {
    fn field(&self, name: &str) -> Value {
        self.values.get(name).cloned().unwrap_or_default()
    }

    fn related(&self, via: &str, field: &str) -> Value {
        self.related.get(&(via.to_owned(), field.to_owned())).cloned().unwrap_or_default()
    }

    fn fact(&self, call: &FactCall) -> Value {
        self.facts.get(call).cloned().unwrap_or_default()
    }
}

/// What conditions look at besides the record's own fields.
#[derive(Default)]
pub(in crate::gate) struct Needs {
    facts: BTreeSet<FactCall>,
    related: BTreeSet<(String, String)>,
}

impl Needs {
    pub(in crate::gate) fn collect(&mut self, cond: &Cond) {
        match cond {
            Cond::Const(_) => {}
            Cond::Compare(_, a, b) | Cond::Covers(a, b) => {
                self.operand(a);
                self.operand(b);
            }
            Cond::Is(a) | Cond::OneOf(a, _) | Cond::IsNull(a) => self.operand(a),
            Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|part| self.collect(part)),
            Cond::Not(part) => self.collect(part),
        }
    }

    pub(in crate::gate) fn operand(&mut self, operand: &Operand) {
        match operand {
            Operand::Fact(call) => {
                self.facts.insert(call.clone());
            }
            Operand::Related { via, field } => {
                self.related.insert((via.clone(), field.clone()));
            }
            Operand::Field(_) | Operand::Literal(_) => {}
        }
    }
}
