//! The caller's filter over shown values. Two-valued: a test of a null (or masked) value does not
//! match, and its negation does.

use garant_domain::catalog::Field;
use garant_domain::query::{FieldTest, Filter};
use garant_domain::value::{Type, Value};
use sea_query::{BinOper, Expr, ExprTrait, Func, LikeExpr};

use super::custom::row;
use super::shown::{Shown, When};
use super::{Compiler, Table, all, any, constant, is_not_true, text};
use crate::custom::value_of;
use crate::error::StoreError;
use crate::value::bind_as;

/// How deep a filter may nest.
const MAX_DEPTH: usize = 32;
/// How many tests and values a filter may hold: below SQLite's 32,766 parameters, with room for the
/// rules.
const MAX_VALUES: usize = 10_000;

/// Refuses a filter that would not fit into a statement.
pub(crate) fn check_size(filter: &Filter) -> Result<(), StoreError> {
    if depth(filter) > MAX_DEPTH || values(filter) > MAX_VALUES { Err(StoreError::FilterTooComplex) } else { Ok(()) }
}

fn depth(filter: &Filter) -> usize {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => 1 + parts.iter().map(depth).max().unwrap_or(0),
        Filter::Not(part) | Filter::Related(_, part) | Filter::Some { filter: part, .. } => 1 + depth(part),
        Filter::Field(..) => 1,
    }
}

fn values(filter: &Filter) -> usize {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => 1 + parts.iter().map(values).sum::<usize>(),
        Filter::Not(part) | Filter::Related(_, part) | Filter::Some { filter: part, .. } => 1 + values(part),
        Filter::Field(_, FieldTest::In(values)) => values.len(),
        Filter::Field(..) => 1,
    }
}

impl<'a> Compiler<'a> {
    /// SQL that is true exactly where the filter matches.
    pub(crate) fn filter(&self, table: &Table<'a>, filter: &Filter) -> Result<Expr, StoreError> {
        Ok(match filter {
            Filter::And(parts) => all(self.filters(table, parts)?),
            Filter::Or(parts) => any(self.filters(table, parts)?),
            Filter::Not(part) => is_not_true(self.filter(table, part)?),
            Filter::Field(field, test) => self.test(table, field, test)?,
            Filter::Related(via, part) => {
                // That the record is there is asked by the EXISTS itself.
                let unmasked = self.unmasked_when(table, via)?;
                if matches!(unmasked, When::Never) {
                    return Err(StoreError::MaskedOperand { field: via.clone() });
                }
                let target = table.entity.field(via).and_then(|field| field.target());
                let target = target.ok_or_else(|| StoreError::UnknownField {
                    entity: table.entity.name.clone(),
                    field: via.clone(),
                })?;
                let other = self.table(self.entity(target)?);
                let mut select = self.select_visible(&other, false)?;
                select.expr(Expr::val(1i64)).and_where(other.column("id").eq(table.column(via)));
                select.and_where(self.filter(&other, part)?);
                where_shown(Expr::exists(select), unmasked)
            }
            Filter::Some { entity, via, filter } => {
                let other = self.table(self.entity(entity)?);
                let shown = self.operand(&other, via)?;
                let mut select = self.select_visible(&other, false)?;
                let link = Expr::col(self.link(&other, &mut select, via));
                select.expr(Expr::val(1i64)).and_where(where_shown(link.eq(table.column("id")), shown.when));
                select.and_where(self.filter(&other, filter)?);
                Expr::exists(select)
            }
        })
    }

    fn filters(&self, table: &Table<'a>, parts: &[Filter]) -> Result<Vec<Expr>, StoreError> {
        parts.iter().map(|part| self.filter(table, part)).collect()
    }

    fn test(&self, table: &Table<'a>, field: &str, test: &FieldTest) -> Result<Expr, StoreError> {
        let Shown { column, ty, when } = self.operand(table, field)?;
        if *test == FieldTest::IsNull(true) {
            // Masked reads as null.
            let masked = match when {
                When::Always => vec![],
                When::Never => vec![constant(true)],
                When::If(condition) => vec![is_not_true(condition)],
            };
            return Ok(any([vec![column.is_null()], masked].concat()));
        }
        let matched = match (table.custom(field), test) {
            // Found by the value, which an index serves.
            (Some(custom), FieldTest::Has(key)) => self.holding(table, custom, key, constant(true)),
            (Some(custom), test) => {
                let folded = || match custom.is_folded() {
                    true => Ok(row("fold_value")),
                    false => Ok(Func::lower(checked(field, ty, row("text_value"))?).into()),
                };
                let test = matched(field, ty, test, value_of(custom, row), folded)?;
                self.holding(table, custom, "", test)
            }
            (None, test) => matched(field, ty, test, column, || self.folded(table, field, ty))?,
        };
        Ok(where_shown(matched, when))
    }

    /// The text without regard to case: the shadow column, or, for keys and codes (which are ASCII),
    /// what the database makes of it.
    fn folded(&self, table: &Table<'a>, field: &str, ty: Type) -> Result<Expr, StoreError> {
        if table.entity.field(field).is_some_and(Field::is_folded) {
            return Ok(table.column(&fold_column(field)));
        }
        Ok(Func::lower(checked(field, ty, table.column(field))?).into())
    }
}

/// A test of a value, where it is shown.
fn matched(
    field: &str,
    ty: Type,
    test: &FieldTest,
    column: Expr,
    folded: impl Fn() -> Result<Expr, StoreError>,
) -> Result<Expr, StoreError> {
    let compared = |op: BinOper, value: &Value| -> Result<Expr, StoreError> {
        // A comparison with null does not match.
        if value.is_null() { Ok(constant(false)) } else { Ok(column.clone().binary(op, bind_as(field, ty, value)?)) }
    };
    Ok(match test {
        FieldTest::Eq(value) => compared(BinOper::Equal, value)?,
        FieldTest::Neq(value) => compared(BinOper::NotEqual, value)?,
        FieldTest::Gt(value) => compared(BinOper::GreaterThan, value)?,
        FieldTest::Gte(value) => compared(BinOper::GreaterThanOrEqual, value)?,
        FieldTest::Lt(value) => compared(BinOper::SmallerThan, value)?,
        FieldTest::Lte(value) => compared(BinOper::SmallerThanOrEqual, value)?,
        FieldTest::In(values) => {
            let given = values.iter().filter(|value| !value.is_null()).map(|value| bind_as(field, ty, value));
            let given = given.collect::<Result<Vec<_>, _>>()?;
            if given.is_empty() { constant(false) } else { column.is_in(given) }
        }
        FieldTest::IsNull(true) => column.is_null(),
        FieldTest::IsNull(false) => column.is_not_null(),
        FieldTest::Like(pattern) => like(checked(field, ty, column)?, field, pattern)?,
        FieldTest::Ilike(pattern) => like(folded()?, field, &pattern.to_lowercase())?,
        FieldTest::StartsWith(prefix) => starts_with(&folded()?, field, &prefix.to_lowercase())?,
        FieldTest::EndsWith(suffix) => like(folded()?, field, &format!("%{}", escaped(&suffix.to_lowercase())))?,
        FieldTest::Contains(part) => like(folded()?, field, &format!("%{}%", escaped(&part.to_lowercase())))?,
        FieldTest::Has(key) => {
            let blank = || text(" ");
            let padded = blank()
                .binary(BinOper::Custom("||"), checked(field, ty, column)?)
                .binary(BinOper::Custom("||"), blank());
            like(padded, field, &format!("% {} %", escaped(key)))?
        }
    })
}

/// The name of the shadow column with the folded text.
pub(crate) fn fold_column(field: &str) -> String {
    format!("{field}_fold")
}

/// A match counts only where the value is shown. `AND`, not `CASE`: an index can serve the match.
fn where_shown(matched: Expr, when: When) -> Expr {
    match when {
        When::Always => matched,
        When::Never => constant(false),
        When::If(condition) => all(vec![matched, condition]),
    }
}

fn checked(field: &str, ty: Type, column: Expr) -> Result<Expr, StoreError> {
    if ty == Type::Text { Ok(column) } else { Err(StoreError::BadValue { field: field.to_owned() }) }
}

fn like(column: Expr, field: &str, pattern: &str) -> Result<Expr, StoreError> {
    if pattern.contains('\0') {
        return Err(StoreError::BadValue { field: field.to_owned() });
    }
    // A lone escape at the end is an error in one database and matches nothing in the other: it is
    // taken for itself.
    let trailing = pattern.chars().rev().take_while(|&c| c == '\\').count();
    let pattern = if trailing % 2 == 1 { format!("{pattern}\\") } else { pattern.to_owned() };
    Ok(column.like(LikeExpr::new(pattern).escape('\\')))
}

/// A prefix as a range, which an index serves on both databases, under row-level security too.
fn starts_with(column: &Expr, field: &str, prefix: &str) -> Result<Expr, StoreError> {
    if prefix.contains('\0') {
        return Err(StoreError::BadValue { field: field.to_owned() });
    }
    let from = column.clone().gte(text(prefix));
    Ok(match after_prefix(prefix) {
        Some(end) => from.and(column.clone().lt(text(&end))),
        None => from,
    })
}

/// The first text, by bytes, after every text that begins with the prefix.
pub(crate) fn after_prefix(prefix: &str) -> Option<String> {
    let mut chars: Vec<char> = prefix.chars().collect();
    while let Some(last) = chars.pop() {
        // UTF-8 keeps the order of code points; surrogates are none.
        let next = if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(u32::from(last) + 1) };
        if let Some(next) = next {
            chars.push(next);
            return Some(chars.into_iter().collect());
        }
    }
    None
}

/// A text that stands for itself in a pattern.
fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain(std::iter::once(c)))
        .collect()
}
