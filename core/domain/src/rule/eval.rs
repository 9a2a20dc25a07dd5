//! The native evaluator: one row in hand, three-valued logic. The SQL that the store builds from the
//! same [`Cond`] must give the same answer on every row.

use std::cmp::Ordering;

use super::{CompareOp, Cond, FactCall, Operand};
use crate::value::{Value, covers};

/// What a condition can ask of a row.
pub trait RowView {
    /// A field of the record, system fields too.
    fn field(&self, name: &str) -> Value;
    /// A field of the record behind a reference; null when the reference is.
    fn related(&self, via: &str, field: &str) -> Value;
    /// A fact about the data subject.
    fn fact(&self, call: &FactCall) -> Value;
}

/// Whether a condition holds for a row; `None` is unknown.
#[must_use]
pub fn evaluate(cond: &Cond, row: &dyn RowView) -> Option<bool> {
    match cond {
        Cond::Const(value) => *value,
        Cond::Compare(op, a, b) => compare(*op, &value_of(a, row), &value_of(b, row)),
        Cond::Is(operand) => as_bool(&value_of(operand, row)),
        Cond::OneOf(operand, values) => one_of(&value_of(operand, row), values),
        Cond::IsNull(operand) => Some(value_of(operand, row).is_null()),
        Cond::Covers(a, b) => covers_value(&value_of(a, row), &value_of(b, row)),
        Cond::All(parts) => all(parts.iter().map(|part| evaluate(part, row))),
        Cond::Any(parts) => any(parts.iter().map(|part| evaluate(part, row))),
        Cond::Not(part) => evaluate(part, row).map(|value| !value),
    }
}

fn value_of(operand: &Operand, row: &dyn RowView) -> Value {
    match operand {
        Operand::Field(name) => row.field(name),
        Operand::Related { via, field } => row.related(via, field),
        Operand::Fact(call) => row.fact(call),
        Operand::Literal(value) => value.clone(),
    }
}

/// Kleene conjunction: false beats unknown beats true.
pub(super) fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            None => result = None,
            Some(true) => {}
        }
    }
    result
}

/// Kleene disjunction: true beats unknown beats false.
pub(super) fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(parts.map(|part| part.map(|value| !value))).map(|value| !value)
}

/// Compares two values of one type; unknown for null and for unlike types.
pub(super) fn compare(op: CompareOp, a: &Value, b: &Value) -> Option<bool> {
    let order = a.compare(b)?;
    Some(match op {
        CompareOp::Eq => order == Ordering::Equal,
        CompareOp::Ne => order != Ordering::Equal,
        CompareOp::Lt => order == Ordering::Less,
        CompareOp::Le => order != Ordering::Greater,
        CompareOp::Gt => order == Ordering::Greater,
        CompareOp::Ge => order != Ordering::Less,
    })
}

/// A boolean as it stands; unknown for null.
pub(super) fn as_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Boolean(value) => Some(*value),
        _ => None,
    }
}

/// Membership; unknown for null, even in an empty list.
pub(super) fn one_of(value: &Value, values: &[Value]) -> Option<bool> {
    if value.is_null() {
        return None;
    }
    any(values.iter().map(|other| compare(CompareOp::Eq, value, other)))
}

/// Dotted coverage; unknown for null.
pub(super) fn covers_value(a: &Value, b: &Value) -> Option<bool> {
    Some(covers(a.as_text()?, b.as_text()?))
}

#[cfg(test)]
mod tests;
