//! The smallest change of a record that keeps conditions from biting: which facts or fields, changed
//! to which values. Found by trying: between two constants that a condition names, its answer is the
//! same, so a few values stand for all.
//!
//! Pure search over the evaluator's own answers; what a change would take in the world is not known
//! here.

use std::collections::BTreeSet;

use super::eval::{RowView, evaluate};
use super::trace::name;
use super::{Cond, FactCall, Operand};
use crate::value::{Type, Value};

mod cells;

use cells::Cell;

/// Values that an operand may be changed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// No value.
    Empty,
    /// This value.
    Value(Value),
    /// Any text but these.
    OtherThan(Vec<Value>),
    /// From one value to another, both included; open where there is none.
    Range(Option<Value>, Option<Value>),
}

/// A change of one field or fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The field or fact, as a trace names it.
    pub name: String,
    /// What it holds now.
    pub from: Value,
    /// What it may hold instead, given the other changes.
    pub to: Vec<Allowed>,
}

/// What values an operand can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// Its type.
    pub ty: Type,
    /// Whether it can be without a value.
    pub nullable: bool,
    /// All values, where they are few and known.
    pub values: Option<Vec<Value>>,
}

/// More changes at once are no small change.
const MOST: usize = 3;
/// Answers tried before giving up: each takes some microseconds.
const BUDGET: usize = 20_000;
/// Alternatives told.
const ALTERNATIVES: usize = 8;

/// The smallest sets of changes under which every condition is false; empty when they all are
/// already, and when no change of at most three operands is found. `space` says what an operand can
/// be; one without a space is taken as given.
pub fn smallest_changes(
    conds: &[&Cond],
    row: &dyn RowView,
    space: &dyn Fn(&Operand) -> Option<Space>,
) -> Vec<Vec<Change>> {
    let stays = |cond: &&&Cond| evaluate(cond, row) != Some(false);
    if !conds.iter().any(|cond| stays(&cond)) || conds.iter().any(|cond| is_given(cond)) {
        return vec![];
    }
    let mut operands = Vec::new();
    // What a biting condition looks at comes first: it must be among the changes.
    conds.iter().filter(stays).for_each(|cond| collect(cond, &mut operands));
    let biting = operands.len();
    conds.iter().for_each(|cond| collect(cond, &mut operands));
    let axes: Vec<Axis<'_>> = operands
        .iter()
        .enumerate()
        .filter_map(|(index, operand)| {
            let space = space(operand)?;
            let cells = cells::of(operand, conds, row, &space);
            Some(Axis { operand, cells, biting: index < biting })
        })
        .collect();
    let mut search = Search { conds, row, axes: &axes, budget: BUDGET };
    for size in 1..=MOST {
        let found = search.of_size(size);
        if !found.is_empty() {
            return found;
        }
    }
    vec![]
}

/// Whether a condition bites whatever the record holds.
fn is_given(cond: &Cond) -> bool {
    matches!(cond, Cond::Const(Some(true) | None))
}

struct Axis<'a> {
    operand: &'a Operand,
    cells: Vec<Cell>,
    biting: bool,
}

struct Search<'a> {
    conds: &'a [&'a Cond],
    row: &'a dyn RowView,
    axes: &'a [Axis<'a>],
    budget: usize,
}

impl Search<'_> {
    fn of_size(&mut self, size: usize) -> Vec<Vec<Change>> {
        let mut found = Vec::new();
        self.choose(size, 0, &mut Vec::new(), &mut found);
        found
    }

    /// Every choice of `size` axes, in order.
    fn choose(&mut self, size: usize, from: usize, chosen: &mut Vec<usize>, found: &mut Vec<Vec<Change>>) {
        if found.len() >= ALTERNATIVES || self.budget == 0 {
            return;
        }
        if chosen.len() == size {
            if chosen.iter().any(|index| self.axes[*index].biting)
                && let Some(values) = self.solve(chosen, &mut Vec::new())
            {
                found.push(self.told(chosen, &values));
            }
            return;
        }
        for index in from..self.axes.len() {
            chosen.push(index);
            self.choose(size, index + 1, chosen, found);
            chosen.pop();
        }
    }

    /// The first values of the chosen axes under which nothing bites.
    fn solve(&mut self, chosen: &[usize], values: &mut Vec<Value>) -> Option<Vec<Value>> {
        if values.len() == chosen.len() {
            return self.passes(chosen, values).then(|| values.clone());
        }
        let axes = self.axes;
        for cell in &axes[chosen[values.len()]].cells {
            values.push(cell.sample.clone());
            if let Some(solution) = self.solve(chosen, values) {
                return Some(solution);
            }
            values.pop();
        }
        None
    }

    fn passes(&mut self, chosen: &[usize], values: &[Value]) -> bool {
        let Some(left) = self.budget.checked_sub(1) else { return false };
        self.budget = left;
        let changes = chosen.iter().map(|index| self.axes[*index].operand).zip(values).collect();
        let changed = Changed { row: self.row, changes };
        self.conds.iter().all(|cond| evaluate(cond, &changed) == Some(false))
    }

    /// A solution, with everything that each operand may hold while the others hold theirs.
    fn told(&mut self, chosen: &[usize], values: &[Value]) -> Vec<Change> {
        let axes = self.axes;
        let mut changes = Vec::new();
        for (place, index) in chosen.iter().enumerate() {
            let axis = &axes[*index];
            let mut passing = Vec::new();
            for cell in &axis.cells {
                let mut values = values.to_vec();
                values[place] = cell.sample.clone();
                passing.push(self.passes(chosen, &values));
            }
            // The solution itself passed, also where the budget is spent by now.
            if let Some(solution) = axis.cells.iter().position(|cell| cell.sample == values[place]) {
                passing[solution] = true;
            }
            let to = cells::told(&axis.cells, &passing);
            changes.push(Change { name: name(axis.operand), from: value_of(axis.operand, self.row), to });
        }
        changes
    }
}

/// A row with some operands changed.
struct Changed<'a> {
    row: &'a dyn RowView,
    changes: Vec<(&'a Operand, &'a Value)>,
}

impl Changed<'_> {
    fn changed(&self, is: impl Fn(&Operand) -> bool) -> Option<Value> {
        self.changes.iter().find(|(operand, _)| is(operand)).map(|(_, value)| (*value).clone())
    }
}

impl RowView for Changed<'_> {
    fn field(&self, name: &str) -> Value {
        let changed = self.changed(|operand| matches!(operand, Operand::Field(field) if field == name));
        changed.unwrap_or_else(|| self.row.field(name))
    }

    fn related(&self, via: &str, field: &str) -> Value {
        let is = |operand: &Operand| matches!(operand, Operand::Related { via: v, field: f } if v == via && f == field);
        self.changed(is).unwrap_or_else(|| self.row.related(via, field))
    }

    fn fact(&self, call: &FactCall) -> Value {
        let changed = self.changed(|operand| matches!(operand, Operand::Fact(known) if known == call));
        changed.unwrap_or_else(|| self.row.fact(call))
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

/// Every operand of a condition that depends on the row, once, in the order of the condition.
fn collect<'a>(cond: &'a Cond, into: &mut Vec<&'a Operand>) {
    let mut note = |operand: &'a Operand| {
        if !matches!(operand, Operand::Literal(_)) && !into.contains(&operand) {
            into.push(operand);
        }
    };
    match cond {
        Cond::Const(_) => {}
        Cond::Compare(_, a, b) | Cond::Covers(a, b) => {
            note(a);
            note(b);
        }
        Cond::Is(a) | Cond::OneOf(a, _) | Cond::IsNull(a) => note(a),
        Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|part| collect(part, into)),
        Cond::Not(part) => collect(part, into),
    }
}

/// The values that conditions compare an operand with.
fn compared_with(operand: &Operand, cond: &Cond, row: &dyn RowView, into: &mut BTreeSet<Compared>) {
    match cond {
        Cond::Const(_) | Cond::Is(_) | Cond::IsNull(_) => {}
        Cond::Compare(_, a, b) | Cond::Covers(a, b) => {
            for (mine, other) in [(a, b), (b, a)] {
                if mine == operand {
                    into.insert(Compared(value_of(other, row)));
                }
            }
        }
        Cond::OneOf(a, values) if a == operand => into.extend(values.iter().cloned().map(Compared)),
        Cond::OneOf(..) => {}
        Cond::All(parts) | Cond::Any(parts) => {
            parts.iter().for_each(|part| compared_with(operand, part, row, into));
        }
        Cond::Not(part) => compared_with(operand, part, row, into),
    }
}

/// A value in some fixed order, so that a search is the same each time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Compared(Value);

impl Ord for Compared {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |value: &Value| (value.value_type().map(|ty| ty as u8), value.is_null());
        self.0.compare(&other.0).unwrap_or_else(|| key(&self.0).cmp(&key(&other.0)))
    }
}

impl PartialOrd for Compared {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests;
