//! Bound conditions as SQL. Three-valued logic is resolved while compiling: negation is pushed down to
//! the leaves, so that what is left is a plain `AND`/`OR` of comparisons which an index can serve, and
//! where unknown counts as false. `property_tests` hold this against the native evaluator.

use garant_domain::rule::{CompareOp, Cond, FactCall, Operand, RowView, evaluate};
use garant_domain::value::{Type, Value};
use sea_query::{BinOper, Expr, ExprTrait, Func};

use super::{Compiler, Table, all, any, constant, text};
use crate::error::StoreError;
use crate::value::{bind, type_of};

/// An operand: known now, or a column or subquery of a type.
enum Side {
    Known(Value),
    Sql(Expr, Type),
}

impl<'a> Compiler<'a> {
    /// The same as [`Compiler::truth`], each fact looked up by itself.
    pub(super) fn plain(&self, table: &Table<'a>, cond: &Cond, want: bool) -> Result<Expr, StoreError> {
        if is_constant(cond) {
            return Ok(constant(evaluate(cond, &Nothing) == Some(want)));
        }
        Ok(match cond {
            Cond::Const(value) => constant(*value == Some(want)),
            Cond::Not(part) => self.plain(table, part, !want)?,
            Cond::All(parts) if want => all(self.truths(table, parts, true)?),
            Cond::All(parts) => any(self.truths(table, parts, false)?),
            Cond::Any(parts) if want => any(self.truths(table, parts, true)?),
            Cond::Any(parts) => all(self.truths(table, parts, false)?),
            Cond::Compare(op, a, b) => {
                let op = if want { *op } else { negated(*op) };
                self.comparison(table, op, a, b)?
            }
            Cond::Is(operand) => match self.side(table, operand)? {
                // Compared with a constant, it could not be joined.
                Side::Sql(exists, Type::Boolean) if is_existence(table, operand) => {
                    if want {
                        exists
                    } else {
                        exists.not()
                    }
                }
                Side::Sql(expr, Type::Boolean) => expr.eq(constant(want)),
                _ => constant(false),
            },
            Cond::IsNull(operand) => match self.side(table, operand)? {
                Side::Sql(expr, _) if want => expr.is_null(),
                Side::Sql(expr, _) => expr.is_not_null(),
                Side::Known(value) => constant(value.is_null() == want),
            },
            Cond::OneOf(operand, values) => match self.side(table, operand)? {
                Side::Sql(expr, ty) => membership(expr, ty, values, want),
                Side::Known(_) => constant(false),
            },
            Cond::Covers(a, b) => match (self.side(table, a)?, self.side(table, b)?) {
                (Side::Sql(a, Type::Text), Side::Sql(b, Type::Text)) => covers(a, b, want),
                (Side::Known(Value::Text(a)), Side::Sql(b, Type::Text)) => covers(text(&a), b, want),
                (Side::Sql(a, Type::Text), Side::Known(Value::Text(b))) => covers_known(a, &b, want),
                _ => constant(false),
            },
        })
    }

    fn truths(&self, table: &Table<'a>, parts: &[Cond], want: bool) -> Result<Vec<Expr>, StoreError> {
        parts.iter().map(|part| self.plain(table, part, want)).collect()
    }

    fn comparison(&self, table: &Table<'a>, op: CompareOp, a: &Operand, b: &Operand) -> Result<Expr, StoreError> {
        let (a, b) = match (self.side(table, a)?, self.side(table, b)?) {
            (Side::Sql(a, left), Side::Sql(b, right)) if left == right => (a, b),
            (Side::Sql(a, ty), Side::Known(value)) if value.value_type() == Some(ty) => (a, bind(&value)),
            (Side::Known(value), Side::Sql(b, ty)) if value.value_type() == Some(ty) => (bind(&value), b),
            // Null or another type: unknown, as in the native evaluator.
            _ => return Ok(constant(false)),
        };
        Ok(a.binary(operator(op), b))
    }

    /// A raw value that a policy asked to look at, with its type.
    pub(crate) fn judged(&self, table: &Table<'a>, operand: &Operand) -> Result<(Expr, Type), StoreError> {
        match self.side(table, operand)? {
            Side::Sql(expr, ty) => Ok((expr, ty)),
            Side::Known(_) => Err(StoreError::BadRule { what: "a literal as a column to judge".to_owned() }),
        }
    }

    fn side(&self, table: &Table<'a>, operand: &Operand) -> Result<Side, StoreError> {
        Ok(match operand {
            Operand::Literal(value) => Side::Known(value.clone()),
            Operand::Field(field) => {
                let (expr, ty) = self.raw(table, field)?;
                Side::Sql(expr, ty)
            }
            Operand::Related { via, field } => {
                let (expr, ty) = self.related(table, via, field)?;
                Side::Sql(expr, ty)
            }
            Operand::Fact(call) => {
                if let Some(column) = table.known(call) {
                    return Ok(Side::Sql(column, super::fact::fact_type(call)?));
                }
                let (subject, person) = self.subject(table)?;
                let (expr, ty) = self.fact(table, subject, person, call)?;
                Side::Sql(expr, ty)
            }
        })
    }

    /// A field one reference away, whoever may see it: rules look at the record, not at its mask.
    fn related(&self, table: &Table<'a>, via: &str, field: &str) -> Result<(Expr, Type), StoreError> {
        let target = table.entity.field(via).and_then(|via| via.target());
        let target = target
            .ok_or_else(|| StoreError::BadRule { what: format!("{via} of {} is no reference", table.entity.name) })?;
        let other = self.table(self.entity(target)?);
        let ty = type_of(other.entity, field)?;
        let mut select = self.select_raw(&other);
        select.expr(other.column(field)).and_where(other.column("id").eq(table.column(via)));
        Ok((Expr::SubQuery(None, Box::new(select.into())), ty))
    }
}

fn negated(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Eq => CompareOp::Ne,
        CompareOp::Ne => CompareOp::Eq,
        CompareOp::Lt => CompareOp::Ge,
        CompareOp::Le => CompareOp::Gt,
        CompareOp::Gt => CompareOp::Le,
        CompareOp::Ge => CompareOp::Lt,
    }
}

fn operator(op: CompareOp) -> BinOper {
    match op {
        CompareOp::Eq => BinOper::Equal,
        CompareOp::Ne => BinOper::NotEqual,
        CompareOp::Lt => BinOper::SmallerThan,
        CompareOp::Le => BinOper::SmallerThanOrEqual,
        CompareOp::Gt => BinOper::GreaterThan,
        CompareOp::Ge => BinOper::GreaterThanOrEqual,
    }
}

/// Membership. A null among the values (or one of another type) can never be told unequal, so then
/// nothing is known to be outside the list.
fn membership(expr: Expr, ty: Type, values: &[Value], want: bool) -> Expr {
    let fitting: Vec<Expr> = values.iter().filter(|value| value.value_type() == Some(ty)).map(bind).collect();
    let all_fit = fitting.len() == values.len();
    match (want, fitting.is_empty()) {
        (true, true) => constant(false),
        (true, false) => expr.is_in(fitting),
        (false, _) if !all_fit => constant(false),
        // Unknown for null even where the list is empty.
        (false, true) => expr.is_not_null(),
        (false, false) => expr.is_not_in(fitting),
    }
}

/// `b` is `a`, or begins with `a` and a dot. No LIKE: a key may hold `%` or `_`.
fn covers(a: Expr, b: Expr, want: bool) -> Expr {
    let prefix = a.clone().binary(BinOper::Custom("||"), text("."));
    let length = Func::cust("length").arg(a.clone()).add(1i64);
    let start = Expr::from(Func::cust("substr").arg(b.clone()).arg(1i32).arg(int4(length)));
    let inside = b.clone().eq(a.clone()).or(start.eq(prefix));
    if want { inside } else { all(vec![a.is_not_null(), b.is_not_null(), super::is_not_true(inside)]) }
}

/// `a` is `b` or one of its ancestors, which are few and known.
fn covers_known(a: Expr, b: &str, want: bool) -> Expr {
    let ancestors: Vec<Expr> = super::fact::ancestors(b).map(text).collect();
    if want { a.is_in(ancestors) } else { a.is_not_in(ancestors) }
}

/// PostgreSQL's `substr` takes 32-bit positions; SQLite has one integer type.
pub(crate) fn int4(expr: Expr) -> Expr {
    expr.cast_as("integer")
}

/// Whether a fact is nothing but that a row exists.
fn is_existence(table: &Table<'_>, operand: &Operand) -> bool {
    matches!(operand, Operand::Fact(call) if call.name == "objection.active" && table.known(call).is_none())
}

/// Whether a condition depends on nothing.
pub(super) fn is_constant(cond: &Cond) -> bool {
    let literal = |operand: &Operand| matches!(operand, Operand::Literal(_));
    match cond {
        Cond::Const(_) => true,
        Cond::Compare(_, a, b) | Cond::Covers(a, b) => literal(a) && literal(b),
        Cond::Is(a) | Cond::OneOf(a, _) | Cond::IsNull(a) => literal(a),
        Cond::All(parts) | Cond::Any(parts) => parts.iter().all(is_constant),
        Cond::Not(part) => is_constant(part),
    }
}

/// A row that is never asked.
pub(super) struct Nothing;

impl RowView for Nothing {
    fn field(&self, _: &str) -> Value {
        Value::Null
    }
    fn related(&self, _: &str, _: &str) -> Value {
        Value::Null
    }
    fn fact(&self, _: &FactCall) -> Value {
        Value::Null
    }
}
