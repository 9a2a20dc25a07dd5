//! The smallest changes allow what they say, and waken no other rule.

use proptest::prelude::*;

use super::*;
use crate::rule::{CompareOp, conjunction, disjunction, negation};

/// A row of a few integer and text fields.
#[derive(Debug)]
struct Row(Vec<(&'static str, Value)>);

impl RowView for Row {
    fn field(&self, name: &str) -> Value {
        self.0.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn related(&self, _: &str, _: &str) -> Value {
        Value::Null
    }

    fn fact(&self, _: &FactCall) -> Value {
        Value::Null
    }
}

fn field(name: &str) -> Operand {
    Operand::Field(name.to_owned())
}

fn space(operand: &Operand) -> Option<Space> {
    match operand {
        Operand::Field(name) if name == "fixed" => None,
        Operand::Field(name) if name.starts_with('n') => {
            Some(Space { ty: Type::Integer, nullable: true, values: None })
        }
        _ => Some(Space { ty: Type::Text, nullable: true, values: None }),
    }
}

fn number(op: CompareOp, name: &str, value: i64) -> Cond {
    Cond::Compare(op, field(name), Operand::Literal(Value::Integer(value)))
}

#[test]
fn one_fact_is_enough() {
    let row = Row(vec![("status", Value::text("withdrawn")), ("n", Value::Integer(3))]);
    let standing = Cond::OneOf(field("status"), vec![Value::text("given"), Value::text("renewed")]);
    let hide = negation(conjunction([standing, number(CompareOp::Ge, "n", 2)]));
    let found = smallest_changes(&[&hide], &row, &space);
    let to = vec![Allowed::Value(Value::text("given")), Allowed::Value(Value::text("renewed"))];
    assert_eq!(found, [vec![Change { name: "status".into(), from: Value::text("withdrawn"), to }]]);
}

#[test]
fn a_range_is_told_as_one() {
    let row = Row(vec![("n", Value::Integer(3))]);
    let conds = [number(CompareOp::Lt, "n", 10), number(CompareOp::Eq, "n", 20), number(CompareOp::Gt, "n", 30)];
    let found = smallest_changes(&conds.iter().collect::<Vec<_>>(), &row, &space);
    let range = |from, to| Allowed::Range(Some(Value::Integer(from)), Some(Value::Integer(to)));
    assert_eq!(found[0][0].to, [range(10, 19), range(21, 30)]);
}

#[test]
fn several_are_needed_and_each_is_told_given_the_others() {
    let row = Row(vec![]);
    let hide = negation(conjunction([number(CompareOp::Ge, "n", 2), number(CompareOp::Eq, "n2", 7)]));
    let found = smallest_changes(&[&hide], &row, &space);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0][0].to, [Allowed::Range(Some(Value::Integer(2)), None)]);
    assert_eq!(found[0][1].to, [Allowed::Value(Value::Integer(7))]);
}

#[test]
fn what_nobody_can_change_is_taken_as_given() {
    let row = Row(vec![("fixed", Value::text("a"))]);
    let hide = Cond::OneOf(field("fixed"), vec![Value::text("a")]);
    assert!(smallest_changes(&[&hide], &row, &space).is_empty());
    assert!(smallest_changes(&[&Cond::Const(Some(true))], &row, &space).is_empty());
    assert!(smallest_changes(&[&Cond::Const(Some(false))], &row, &space).is_empty(), "nothing bites");
}

#[test]
fn a_change_must_not_wake_another_rule() {
    let row = Row(vec![("n", Value::Integer(1))]);
    let (low, high) = (number(CompareOp::Lt, "n", 5), number(CompareOp::Gt, "n", 5));
    let found = smallest_changes(&[&low, &high], &row, &space);
    assert_eq!(found[0][0].to, [Allowed::Value(Value::Integer(5))]);
}

fn value_in(allowed: &Allowed) -> Vec<Value> {
    match allowed {
        Allowed::Empty => vec![Value::Null],
        Allowed::Value(value) => vec![value.clone()],
        Allowed::OtherThan(named) => vec![Value::text(format!("{}other", named.len()))],
        Allowed::Range(None, None) => vec![Value::Integer(0)],
        Allowed::Range(from, to) => [from, to].into_iter().flatten().cloned().collect(),
    }
}

fn leaf() -> impl Strategy<Value = Cond> {
    let name = prop::sample::select(vec!["n", "n2", "t", "t2"]);
    (name, 0u8..6, 0i64..4).prop_map(|(name, op, constant)| {
        let text = name.starts_with('t');
        let value =
            if text { Value::text(["a", "a.b", "c", "d"][constant as usize]) } else { Value::Integer(constant) };
        match op {
            0 => Cond::IsNull(field(name)),
            1 => Cond::OneOf(field(name), vec![value]),
            2 if text => Cond::Covers(field(name), Operand::Literal(value)),
            2 | 3 if !text => Cond::Compare(CompareOp::Lt, field(name), Operand::Literal(value)),
            4 if !text => Cond::Compare(CompareOp::Ge, field(name), Operand::Literal(value)),
            _ => Cond::Compare(CompareOp::Eq, field(name), Operand::Literal(value)),
        }
    })
}

fn cond() -> impl Strategy<Value = Cond> {
    leaf().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(conjunction),
            prop::collection::vec(inner.clone(), 1..3).prop_map(disjunction),
            inner.prop_map(negation),
        ]
    })
}

proptest! {
    /// Whatever is told works: every value told for a single operand leaves nothing biting, and so does
    /// some combination of what is told for several.
    #[test]
    fn what_is_told_works(conds in prop::collection::vec(cond(), 1..4), n in 0i64..4, t in 0usize..4) {
        let row = Row(vec![("n", Value::Integer(n)), ("t", Value::text(["a", "a.b", "c", "d"][t]))]);
        let conds: Vec<&Cond> = conds.iter().collect();
        let bites = conds.iter().any(|cond| evaluate(cond, &row) != Some(false));
        let found = smallest_changes(&conds, &row, &space);
        prop_assert!(bites || found.is_empty());
        for solution in &found {
            let operands: Vec<Operand> = solution.iter().map(|change| field(&change.name)).collect();
            let works = |values: &[Value]| {
                let changed = Changed { row: &row, changes: operands.iter().zip(values).collect() };
                conds.iter().all(|cond| evaluate(cond, &changed) == Some(false))
            };
            let told: Vec<Vec<Value>> =
                solution.iter().map(|change| change.to.iter().flat_map(value_in).collect()).collect();
            prop_assert!(told.iter().all(|values| !values.is_empty()));
            if let [only] = told.as_slice() {
                prop_assert!(only.iter().all(|value| works(std::slice::from_ref(value))));
            } else {
                let combinations = told.iter().fold(vec![vec![]], |sets: Vec<Vec<Value>>, values| {
                    sets.iter().flat_map(|set| values.iter().map(|value| [&set[..], std::slice::from_ref(value)].concat())).collect()
                });
                prop_assert!(combinations.iter().any(|values| works(values)));
            }
        }
    }
}
