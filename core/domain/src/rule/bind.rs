//! From an expression to a condition for one request: the clock, the context and the calendar are
//! folded away. What is left compares operands of the row with constants, so the database needs no
//! date function, and a condition that never needed the row becomes a constant.

use chrono_tz::Tz;

use super::eval::{all, any, as_bool, compare, covers_value, one_of};
use super::{CompareOp, Cond, Expr, Operand, Period, Term};
use crate::calendar;
use crate::context::local_attribute;
use crate::fact;
use crate::value::Value;

/// What a request knows.
#[derive(Clone, Copy)]
pub struct BindEnv<'a> {
    /// Microseconds UTC.
    pub now: i64,
    /// The tenant's zone.
    pub zone: Tz,
    /// The value of a context attribute, or of a fact about the request; null when it has none.
    pub context: &'a (dyn Fn(&str) -> Value + Sync),
}

impl std::fmt::Debug for BindEnv<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BindEnv").field("now", &self.now).field("zone", &self.zone).finish_non_exhaustive()
    }
}

/// Binds an expression to a request. The result says the same of every row as the expression does.
#[must_use]
pub fn bind(expr: &Expr, env: &BindEnv<'_>) -> Cond {
    match expr {
        Expr::Compare(op, a, b) => bind_compare(*op, reduce(a, env), reduce(b, env), env),
        Expr::Is(term) => match reduce(term, env).base {
            Operand::Literal(value) => Cond::Const(as_bool(&value)),
            operand => Cond::Is(operand),
        },
        Expr::OneOf(term, values) => bind_one_of(reduce(term, env), values, env),
        // Moving a value never makes it null.
        Expr::IsNull(term) => match reduce(term, env).base {
            Operand::Literal(value) => Cond::Const(Some(value.is_null())),
            operand => Cond::IsNull(operand),
        },
        Expr::Covers(a, b) => match (reduce(a, env).base, reduce(b, env).base) {
            (Operand::Literal(a), Operand::Literal(b)) => Cond::Const(covers_value(&a, &b)),
            (Operand::Literal(Value::Null), _) | (_, Operand::Literal(Value::Null)) => Cond::Const(None),
            (a, b) => Cond::Covers(a, b),
        },
        Expr::All(parts) => conjunction(parts.iter().map(|part| bind(part, env))),
        Expr::Any(parts) => disjunction(parts.iter().map(|part| bind(part, env))),
        Expr::Not(part) => negation(bind(part, env)),
        Expr::Shared(part) => bind(part, env),
    }
}

/// A conjunction with its constants folded.
#[must_use]
pub fn conjunction(parts: impl IntoIterator<Item = Cond>) -> Cond {
    let mut kept = Vec::new();
    let mut constant = Some(true);
    for part in parts {
        match part {
            Cond::Const(Some(false)) => return Cond::Const(Some(false)),
            Cond::Const(value) => constant = all([constant, value].into_iter()),
            Cond::All(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    join(kept, constant, Some(true), Cond::All)
}

/// A disjunction with its constants folded.
#[must_use]
pub fn disjunction(parts: impl IntoIterator<Item = Cond>) -> Cond {
    let mut kept = Vec::new();
    let mut constant = Some(false);
    for part in parts {
        match part {
            Cond::Const(Some(true)) => return Cond::Const(Some(true)),
            Cond::Const(value) => constant = any([constant, value].into_iter()),
            Cond::Any(inner) => kept.extend(inner),
            other => kept.push(other),
        }
    }
    join(kept, constant, Some(false), Cond::Any)
}

/// A negation, pushed into comparisons so that an index still serves them.
#[must_use]
pub fn negation(cond: Cond) -> Cond {
    match cond {
        Cond::Const(value) => Cond::Const(value.map(|value| !value)),
        Cond::Not(inner) => *inner,
        Cond::Compare(op, a, b) => Cond::Compare(opposite(op), a, b),
        other => Cond::Not(Box::new(other)),
    }
}

fn join(mut kept: Vec<Cond>, constant: Option<bool>, neutral: Option<bool>, wrap: fn(Vec<Cond>) -> Cond) -> Cond {
    if constant != neutral && !kept.contains(&Cond::Const(constant)) {
        // Unknown cannot be dropped: with it, the whole is never certain to be neutral.
        kept.push(Cond::Const(constant));
    }
    match kept.len() {
        0 => Cond::Const(neutral),
        1 => kept.swap_remove(0),
        _ => wrap(kept),
    }
}

fn opposite(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::Ne,
        CompareOp::Ne => CompareOp::Eq,
        CompareOp::Lt => CompareOp::Ge,
        CompareOp::Le => CompareOp::Gt,
        CompareOp::Gt => CompareOp::Le,
        CompareOp::Ge => CompareOp::Lt,
    }
}

fn mirrored(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq | CompareOp::Ne => op,
        CompareOp::Lt => CompareOp::Gt,
        CompareOp::Le => CompareOp::Ge,
        CompareOp::Gt => CompareOp::Lt,
        CompareOp::Ge => CompareOp::Le,
    }
}

#[derive(Clone, Copy)]
enum Step {
    Plus(Period),
    LocalDate,
}

/// A term with its constants folded: an operand and the calendar steps still to be taken on it,
/// innermost first. A constant has none left.
struct Reduced {
    base: Operand,
    steps: Vec<Step>,
}

fn reduce(term: &Term, env: &BindEnv<'_>) -> Reduced {
    let base = match term {
        Term::Field(name) => Operand::Field(name.clone()),
        Term::Related { via, field } => Operand::Related { via: via.clone(), field: field.clone() },
        // Known for the request, like an attribute of its context; `context` is asked by the whole call.
        Term::Fact(call) if fact::is_of_request(&call.name) => Operand::Literal((env.context)(&call.to_string())),
        Term::Fact(call) => Operand::Fact(call.clone()),
        Term::Context(name) => {
            let local = local_attribute(name, env.now, env.zone);
            Operand::Literal(local.unwrap_or_else(|| (env.context)(name)))
        }
        Term::Literal(value) => Operand::Literal(value.clone()),
        Term::Now => Operand::Literal(Value::Instant(env.now)),
        Term::Today => Operand::Literal(Value::Date(calendar::local_date(env.now, env.zone))),
        Term::Plus(inner, period) => return step(reduce(inner, env), Step::Plus(*period), env),
        Term::LocalDate(inner) => return step(reduce(inner, env), Step::LocalDate, env),
    };
    Reduced { base, steps: Vec::new() }
}

fn step(mut reduced: Reduced, step: Step, env: &BindEnv<'_>) -> Reduced {
    match &reduced.base {
        Operand::Literal(value) => reduced.base = Operand::Literal(moved(value, step, env.zone)),
        _ => reduced.steps.push(step),
    }
    reduced
}

/// A constant after one step; null where the step does not apply.
fn moved(value: &Value, step: Step, zone: Tz) -> Value {
    match (value, step) {
        (Value::Date(date), Step::Plus(period)) => Value::Date(calendar::shift_date(*date, period)),
        (Value::Instant(at), Step::Plus(period)) => Value::Instant(calendar::shift_instant(*at, period, zone)),
        (Value::Instant(at), Step::LocalDate) => Value::Date(calendar::local_date(*at, zone)),
        _ => Value::Null,
    }
}

fn bind_compare(op: CompareOp, a: Reduced, b: Reduced, env: &BindEnv<'_>) -> Cond {
    match (a.base, b.base) {
        (Operand::Literal(a), Operand::Literal(b)) => Cond::Const(compare(op, &a, &b)),
        (Operand::Literal(Value::Null), _) | (_, Operand::Literal(Value::Null)) => Cond::Const(None),
        (Operand::Literal(constant), operand) => compare_moved(mirrored(op), operand, &b.steps, &constant, env.zone),
        (operand, Operand::Literal(constant)) => compare_moved(op, operand, &a.steps, &constant, env.zone),
        // The checker admits no calendar steps between two operands of the row; were there any, the
        // comparison would be unknown, which restricts.
        (x, y) if a.steps.is_empty() && b.steps.is_empty() => Cond::Compare(op, x, y),
        _ => Cond::Const(None),
    }
}

fn bind_one_of(reduced: Reduced, values: &[Value], env: &BindEnv<'_>) -> Cond {
    match reduced.base {
        Operand::Literal(value) => Cond::Const(one_of(&value, values)),
        // False, but unknown for null.
        operand if values.is_empty() => Cond::Compare(CompareOp::Ne, operand.clone(), operand),
        operand if reduced.steps.is_empty() => Cond::OneOf(operand, values.to_vec()),
        operand => disjunction(
            values.iter().map(|value| compare_moved(CompareOp::Eq, operand.clone(), &reduced.steps, value, env.zone)),
        ),
    }
}

/// `steps(operand) op constant` without the steps. They keep the order, so each relation is one of
/// `operand < bound` and `operand >= bound` for the least operand that reaches the constant.
fn compare_moved(op: CompareOp, operand: Operand, steps: &[Step], constant: &Value, zone: Tz) -> Cond {
    if steps.is_empty() {
        return Cond::Compare(op, operand, Operand::Literal(constant.clone()));
    }
    let Some(at) = Reach::of(constant) else { return Cond::Const(None) };
    let reaches = at.back_through(steps, zone);
    let passes = at.next().back_through(steps, zone);
    let below = |bound: &Reach| bound.relation(&operand, CompareOp::Lt, CompareOp::Le);
    let from = |bound: &Reach| bound.relation(&operand, CompareOp::Ge, CompareOp::Gt);
    match op {
        CompareOp::Lt => below(&reaches),
        CompareOp::Le => below(&passes),
        CompareOp::Gt => from(&passes),
        CompareOp::Ge => from(&reaches),
        CompareOp::Eq => conjunction([from(&reaches), below(&passes)]),
        CompareOp::Ne => disjunction([below(&reaches), from(&passes)]),
    }
}

/// The least date or instant that satisfies "is `bound` or later".
#[derive(Clone, Copy)]
enum Reach {
    Date(i32),
    Instant(i64),
    /// No date does.
    NoDate,
    /// No instant does.
    NoInstant,
}

impl Reach {
    fn of(constant: &Value) -> Option<Self> {
        match constant {
            Value::Date(date) => Some(Self::Date(*date)),
            Value::Instant(at) => Some(Self::Instant(*at)),
            _ => None,
        }
    }

    fn next(self) -> Self {
        match self {
            Self::Date(date) => date.checked_add(1).map_or(Self::NoDate, Self::Date),
            Self::Instant(at) => at.checked_add(1).map_or(Self::NoInstant, Self::Instant),
            none => none,
        }
    }

    fn back_through(self, steps: &[Step], zone: Tz) -> Self {
        steps.iter().rev().fold(self, |reach, step| reach.back(*step, zone))
    }

    fn back(self, step: Step, zone: Tz) -> Self {
        match (self, step) {
            (Self::Date(bound), Step::Plus(period)) => {
                calendar::least_date_reaching(bound, period).map_or(Self::NoDate, Self::Date)
            }
            (Self::Instant(bound), Step::Plus(period)) => {
                calendar::least_instant_reaching(bound, period, zone).map_or(Self::NoInstant, Self::Instant)
            }
            (Self::Date(bound), Step::LocalDate) => {
                calendar::least_instant_on(bound, zone).map_or(Self::NoInstant, Self::Instant)
            }
            (Self::NoDate, Step::Plus(_)) => Self::NoDate,
            _ => Self::NoInstant,
        }
    }

    /// `operand in_range bound`; with no bound, `operand beyond` the last value of the type, so that
    /// the answer is the same for every value and still unknown for null.
    fn relation(&self, operand: &Operand, in_range: CompareOp, beyond: CompareOp) -> Cond {
        let (op, bound) = match self {
            Self::Date(date) => (in_range, Value::Date(*date)),
            Self::Instant(at) => (in_range, Value::Instant(*at)),
            Self::NoDate => (beyond, Value::Date(i32::MAX)),
            Self::NoInstant => (beyond, Value::Instant(i64::MAX)),
        };
        Cond::Compare(op, operand.clone(), Operand::Literal(bound))
    }
}

#[cfg(test)]
mod tests;
