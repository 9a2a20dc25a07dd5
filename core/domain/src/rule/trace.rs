//! How a condition came to its answer on a row: every node with what it saw, for explanations. The
//! answers are the evaluator's own.

use super::eval::evaluate;
use super::{CompareOp, Cond, Operand, RowView};
use crate::value::Value;

/// One node of a condition, with what it saw and said.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// The node in words: `subject.country is one of FR, DE`.
    pub node: String,
    /// Fields and facts that it looked at, with their values.
    pub saw: Vec<(String, Value)>,
    /// True, false, or unknown.
    pub outcome: Option<bool>,
    /// How the parts below make the outcome.
    pub join: Join,
    /// The nodes below.
    pub parts: Vec<Trace>,
}

/// How a node's parts make its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// It has none: it looked for itself.
    Leaf,
    /// All of them.
    All,
    /// Any of them.
    Any,
    /// Its only part, turned round.
    Not,
}

impl Trace {
    /// The first node, in the order of the rule, that was false or unknown and kept the rule from
    /// matching: its text, and what it said. A node below a negation is told as negated.
    #[must_use]
    pub fn first_not_true(&self) -> Option<(String, Option<bool>)> {
        self.culprit(true)
    }

    /// The first leaf that keeps this node from being `want`.
    fn culprit(&self, want: bool) -> Option<(String, Option<bool>)> {
        if self.outcome == Some(want) {
            return None;
        }
        match self.join {
            Join::Leaf if want => Some((self.node.clone(), self.outcome)),
            Join::Leaf => Some((format!("not: {}", self.node), self.outcome.map(|value| !value))),
            Join::Not => self.parts.first().and_then(|part| part.culprit(!want)),
            Join::All | Join::Any => self.parts.iter().find_map(|part| part.culprit(want)),
        }
    }

    /// Every field and fact that the condition looked at, once.
    #[must_use]
    pub fn facts(&self) -> Vec<(String, Value)> {
        let mut facts = self.saw.clone();
        for fact in self.parts.iter().flat_map(Self::facts) {
            if !facts.contains(&fact) {
                facts.push(fact);
            }
        }
        facts
    }
}

/// Evaluates a condition and keeps what every node saw.
#[must_use]
pub fn trace(cond: &Cond, row: &dyn RowView) -> Trace {
    let outcome = evaluate(cond, row);
    let leaf = |node: String, operands: &[&Operand]| Trace {
        node,
        saw: operands.iter().filter_map(|operand| saw(operand, row)).collect(),
        outcome,
        join: Join::Leaf,
        parts: vec![],
    };
    let branch = |node: &str, join: Join, parts: &[Cond]| Trace {
        node: node.to_owned(),
        saw: vec![],
        outcome,
        join,
        parts: parts.iter().map(|part| trace(part, row)).collect(),
    };
    match cond {
        Cond::Const(Some(true)) => leaf("the request itself".to_owned(), &[]),
        Cond::Const(Some(false)) => leaf("not for this request".to_owned(), &[]),
        Cond::Const(None) => leaf("something that the request leaves unknown".to_owned(), &[]),
        Cond::Compare(op, a, b) => leaf(format!("{} {} {}", name(a), sign(*op), name(b)), &[a, b]),
        Cond::Is(a) => leaf(name(a), &[a]),
        Cond::OneOf(a, values) => {
            let values: Vec<String> = values.iter().map(literal).collect();
            leaf(format!("{} is one of {}", name(a), values.join(", ")), &[a])
        }
        Cond::IsNull(a) => leaf(format!("{} is empty", name(a)), &[a]),
        Cond::Covers(a, b) => leaf(format!("{} covers {}", name(a), name(b)), &[a, b]),
        Cond::All(parts) => branch("all of", Join::All, parts),
        Cond::Any(parts) => branch("any of", Join::Any, parts),
        Cond::Not(part) => branch("not", Join::Not, std::slice::from_ref(part)),
    }
}

fn saw(operand: &Operand, row: &dyn RowView) -> Option<(String, Value)> {
    let value = match operand {
        Operand::Field(field) => row.field(field),
        Operand::Related { via, field } => row.related(via, field),
        Operand::Fact(call) => row.fact(call),
        Operand::Literal(_) => return None,
    };
    Some((name(operand), value))
}

/// An operand in words: `country`, `company_id.country`, `consent.status(marketing,email)`.
pub(super) fn name(operand: &Operand) -> String {
    match operand {
        Operand::Field(field) => field.clone(),
        Operand::Related { via, field } => format!("{via}.{field}"),
        Operand::Fact(call) => call.to_string(),
        Operand::Literal(value) => literal(value),
    }
}

fn literal(value: &Value) -> String {
    match value.to_json() {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => "nothing".to_owned(),
        other => other.to_string(),
    }
}

fn sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "=",
        CompareOp::Ne => "is not",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::FactCall;

    struct Row;

    impl RowView for Row {
        fn field(&self, _: &str) -> Value {
            Value::Null
        }

        fn related(&self, _: &str, _: &str) -> Value {
            Value::Null
        }

        fn fact(&self, call: &FactCall) -> Value {
            if call.name == "subject.country" { Value::text("FR") } else { Value::Null }
        }
    }

    fn fact(name: &str) -> Operand {
        Operand::Fact(FactCall { name: name.to_owned(), args: vec![] })
    }

    #[test]
    fn a_trace_names_the_node_that_kept_a_rule_from_matching() {
        let in_france = Cond::OneOf(fact("subject.country"), vec![Value::text("FR")]);
        let customer = Cond::Is(fact("subject.own_customer"));
        let traced = trace(&Cond::All(vec![in_france, customer]), &Row);
        assert_eq!(traced.outcome, None);
        let first = traced.first_not_true().expect("a node");
        assert_eq!((first.0.as_str(), first.1), ("subject.own_customer", None));
        assert_eq!(traced.facts()[0], ("subject.country".to_owned(), Value::text("FR")));
    }

    #[test]
    fn below_a_negation_the_true_node_is_to_blame() {
        let in_france = || Cond::OneOf(fact("subject.country"), vec![Value::text("FR")]);
        let traced = trace(&Cond::All(vec![in_france(), Cond::Not(Box::new(in_france()))]), &Row);
        let (node, outcome) = traced.first_not_true().expect("a node");
        assert_eq!((node.as_str(), outcome), ("not: subject.country is one of FR", Some(false)));
        // A false part of a disjunction that holds keeps nothing from matching.
        let unknown = || Cond::Is(fact("subject.own_customer"));
        let holds = Cond::Any(vec![unknown(), in_france()]);
        assert_eq!(trace(&holds, &Row).first_not_true(), None);
        let either = trace(&Cond::Not(Box::new(holds)), &Row).first_not_true();
        assert_eq!(either.expect("a node").0, "not: subject.own_customer");
    }
}
