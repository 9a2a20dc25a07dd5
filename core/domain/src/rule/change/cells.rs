//! The values of an operand, in cells: all values of a cell give every condition the same answer, so
//! one of them is tried for all.

use std::collections::BTreeSet;

use super::{Allowed, Compared, Space, compared_with};
use crate::rule::{Cond, Operand, RowView};
use crate::value::{Type, Value};

/// Constants of one operand beyond which its cells are not told apart: a rule that names thousands of
/// values is not mended by trying.
const MOST: usize = 64;

/// Values that answer alike.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// One of them.
    pub sample: Value,
    /// All of them.
    all: Allowed,
}

/// The cells of an operand, in order.
pub(super) fn of(operand: &Operand, conds: &[&Cond], row: &dyn RowView, space: &Space) -> Vec<Cell> {
    let mut named = BTreeSet::new();
    conds.iter().for_each(|cond| compared_with(operand, cond, row, &mut named));
    let of_type = |compared: Compared| (compared.0.value_type() == Some(space.ty)).then_some(compared.0);
    let named: Vec<Value> = named.into_iter().filter_map(of_type).take(MOST).collect();
    let mut cells: Vec<Cell> = match (&space.values, space.ty) {
        (Some(values), _) => values.iter().map(exactly).collect(),
        (None, Type::Boolean) => [true, false].map(|value| exactly(&Value::Boolean(value))).to_vec(),
        (None, Type::Text) => texts(named),
        (None, Type::Integer | Type::Decimal | Type::Date | Type::Instant) => ranges(&named, space.ty),
    };
    if space.nullable {
        cells.push(Cell { sample: Value::Null, all: Allowed::Empty });
    }
    cells
}

/// What the passing cells allow: neighbouring ranges are told as one.
pub(super) fn told(cells: &[Cell], passing: &[bool]) -> Vec<Allowed> {
    let mut told: Vec<Allowed> = Vec::new();
    let mut open = false;
    for (cell, passes) in cells.iter().zip(passing) {
        match (&cell.all, told.last_mut()) {
            _ if !passes => open = false,
            (Allowed::Range(_, to), Some(Allowed::Range(_, end))) if open => *end = to.clone(),
            (all, _) => {
                open = matches!(all, Allowed::Range(..));
                told.push(all.clone());
            }
        }
    }
    told.into_iter().map(point).collect()
}

/// A range of one value is that value.
fn point(allowed: Allowed) -> Allowed {
    match allowed {
        Allowed::Range(Some(from), Some(to)) if from == to => Allowed::Value(from),
        other => other,
    }
}

fn exactly(value: &Value) -> Cell {
    Cell { sample: value.clone(), all: Allowed::Value(value.clone()) }
}

/// Each text that is named, and one that is not.
fn texts(named: Vec<Value>) -> Vec<Cell> {
    let mut cells: Vec<Cell> = named.iter().map(exactly).collect();
    // Longer than each of them, so equal to none; without a dot, so below none.
    let longest = named.iter().filter_map(Value::as_text).map(str::len).max().unwrap_or_default();
    cells.push(Cell { sample: Value::text("x".repeat(longest + 1)), all: Allowed::OtherThan(named) });
    cells
}

/// Each number that is named, and the ranges between them.
fn ranges(named: &[Value], ty: Type) -> Vec<Cell> {
    let range = |from: Option<i64>, to: Option<i64>| {
        let value = |number: i64| valued(number, ty);
        let sample = from.or(to).unwrap_or_default();
        Cell { sample: value(sample), all: Allowed::Range(from.map(value), to.map(value)) }
    };
    let mut cells = Vec::new();
    let mut from = None;
    for bound in named.iter().filter_map(number) {
        let before = bound.checked_sub(1);
        if before.is_some_and(|before| from.is_none_or(|from| from <= before)) {
            cells.push(range(from, before));
        }
        cells.push(range(Some(bound), Some(bound)));
        from = bound.checked_add(1);
        if from.is_none() {
            return cells;
        }
    }
    cells.push(range(from, None));
    cells
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(value) | Value::Decimal(value) | Value::Instant(value) => Some(*value),
        Value::Date(value) => Some(i64::from(*value)),
        _ => None,
    }
}

fn valued(number: i64, ty: Type) -> Value {
    match ty {
        Type::Integer => Value::Integer(number),
        Type::Decimal => Value::Decimal(number),
        Type::Instant => Value::Instant(number),
        // The ranges are between dates, so one beyond the last is the last.
        Type::Date => Value::Date(i32::try_from(number).unwrap_or(i32::MAX)),
        Type::Boolean | Type::Text => Value::Null,
    }
}
