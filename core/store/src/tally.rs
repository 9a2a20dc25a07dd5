//! How many records two guards show, and why they differ: one statement, in which the database decides
//! and counts. For previews, which compare guards without showing a row.
//!
//! Facts are joined to the records once, each kind in one pass over the folded states; what hides is
//! decided once for each record, reasons only where the guards differ, and masks only where both show
//! the record.

mod joined;

use std::time::Duration;

use garant_domain::rule::{Cond, Operand};
use garant_domain::value::{Type, Value};
use sea_query::{Alias, CaseStatement, Expr, ExprTrait, Query, SelectStatement};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::sql::{Compiler, Table, all, any, constant, is_not_true};
use crate::store::Store;
use joined::Looked;

/// Two guards of an entity, to be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What hides before and after: such records are not looked at.
    pub without: Vec<Cond>,
    /// What else hides a record, before or after.
    pub hide: Vec<Cond>,
    /// Which of `hide` hide before.
    pub before: Vec<usize>,
    /// Which of `hide` hide after.
    pub after: Vec<usize>,
    /// Reasons of a record that is lost, the first that bites is counted.
    pub lost: Vec<Narrower>,
    /// Reasons of a record that is gained: why it was hidden.
    pub gained: Vec<Narrower>,
    /// What masks, in records that both show.
    pub masks: Vec<Cond>,
}

/// A condition that bites where one of `hide` does, and the rest of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrower {
    /// Index into `hide`.
    pub hide: usize,
    /// The rest of the condition.
    pub rest: Cond,
}

/// Records of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Whether they are hidden before.
    pub before: bool,
    /// Whether they are hidden after.
    pub after: bool,
    /// The first reason, into `lost` or `gained`.
    pub reason: Option<usize>,
    /// For each mask, whether it bites; false where the record is not shown.
    pub masks: Vec<bool>,
    /// How many records.
    pub records: i64,
}

impl Comparison {
    /// Everything that the statement decides by.
    fn conds(&self) -> impl Iterator<Item = &Cond> {
        let narrower = self.lost.iter().chain(&self.gained).map(|narrower| &narrower.rest);
        self.without.iter().chain(&self.hide).chain(narrower).chain(&self.masks)
    }
}

impl Store {
    /// Counts the live records of an entity by what two guards do to them, within a time.
    ///
    /// # Errors
    ///
    /// [`StoreError::TooSlow`] when the time is over; when the database fails, or a condition cannot be
    /// compiled.
    pub async fn compare(
        &self,
        tenant: &str,
        entity: &str,
        comparison: &Comparison,
        within: Duration,
    ) -> Result<Vec<Tally>, StoreError> {
        let select = self.comparison(tenant, entity, comparison)?;
        let mut types = vec![Type::Boolean, Type::Boolean, Type::Integer];
        types.extend(comparison.masks.iter().map(|_| Type::Boolean));
        types.push(Type::Integer);
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&select);
        let rows = lease.fetch_within("counting for a preview", &statement, &types, within).await?;
        rows.into_iter().map(tally).collect()
    }

    fn comparison(&self, tenant: &str, entity: &str, of: &Comparison) -> Result<SelectStatement, StoreError> {
        let compiler = Compiler::for_facts(&self.inner.catalog, tenant);
        let (select, table) = self.decided(&compiler, entity, of)?;
        let Sides { before, after, neither } = Sides::of(&table, of);
        let mut kinds = Query::select();
        kinds.from_subquery(select, table.alias());
        kinds.expr_as(before.clone(), Alias::new("before")).expr_as(after.clone(), Alias::new("after"));
        let reasons = CaseStatement::new()
            .case(before.eq(after.clone()), Expr::val(-1i64))
            .case(after.eq(constant(true)), reason(&compiler, &table, &of.lost)?)
            .finally(reason(&compiler, &table, &of.gained)?);
        kinds.expr_as(reasons, Alias::new("reason"));
        for (index, cond) in of.masks.iter().enumerate() {
            let bites = is_not_true(compiler.truth(&table, cond, false)?);
            let shown = CaseStatement::new().case(neither.clone(), bites).finally(constant(false));
            kinds.expr_as(shown, mask(index));
        }
        self.keep_apart(&mut kinds);
        let mut names: Vec<Alias> = ["before", "after", "reason"].map(Alias::new).to_vec();
        names.extend((0..of.masks.len()).map(mask));
        let mut counted = Query::select();
        counted
            .columns(names.clone())
            .expr(Expr::val(1i64).count())
            .from_subquery(kinds, Alias::new(compiler.fresh_alias()))
            .group_by_columns(names);
        Ok(counted)
    }

    /// The records that are looked at, with their facts and with what hides them, each decided once.
    fn decided<'a>(
        &'a self,
        compiler: &Compiler<'a>,
        entity: &str,
        of: &Comparison,
    ) -> Result<(SelectStatement, Table<'a>), StoreError> {
        let looked = Looked::at(compiler.entity(entity)?, of.conds());
        let (mut records, table) = joined::records(compiler, &looked)?;
        self.keep_apart(&mut records);
        let mut select = Query::select();
        select.from_subquery(records, table.alias());
        for cond in &of.without {
            select.and_where(compiler.truth(&table, cond, false)?);
        }
        for name in looked.columns() {
            select.expr_as(table.column(&name), Alias::new(name.as_str()));
        }
        for (index, cond) in of.hide.iter().enumerate() {
            select.expr_as(is_not_true(compiler.truth(&table, cond, false)?), Alias::new(hide(index)));
        }
        self.keep_apart(&mut select);
        Ok((select, compiler.table(table.entity).knowing(looked.facts)))
    }

    /// Keeps the planner from merging a query with the one around it, which would decide each condition
    /// as often as it is named.
    fn keep_apart(&self, select: &mut SelectStatement) {
        match self.inner.dialect {
            Dialect::Sqlite => select.limit(i64::MAX.unsigned_abs()),
            Dialect::Postgres => select.offset(0),
        };
    }
}

/// Whether a record is hidden before and after.
struct Sides {
    before: Expr,
    after: Expr,
    neither: Expr,
}

impl Sides {
    fn of(table: &Table<'_>, of: &Comparison) -> Self {
        let hidden =
            |by: &[usize]| any(by.iter().map(|index| table.column(&hide(*index)).eq(constant(true))).collect());
        let (before, after) = (Expr::Tuple(vec![hidden(&of.before)]), Expr::Tuple(vec![hidden(&of.after)]));
        let neither = all(vec![before.clone().eq(constant(false)), after.clone().eq(constant(false))]);
        Self { before, after, neither }
    }
}

/// The operands of a condition, in order.
fn operands<'a>(cond: &'a Cond, into: &mut Vec<&'a Operand>) {
    match cond {
        Cond::Const(_) => {}
        Cond::Compare(_, a, b) | Cond::Covers(a, b) => into.extend([a, b]),
        Cond::Is(a) | Cond::OneOf(a, _) | Cond::IsNull(a) => into.push(a),
        Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|part| operands(part, into)),
        Cond::Not(part) => operands(part, into),
    }
}

/// The first reason that bites.
fn reason<'a>(compiler: &Compiler<'a>, table: &Table<'a>, of: &[Narrower]) -> Result<Expr, StoreError> {
    let mut cases = CaseStatement::new();
    for (index, narrower) in of.iter().enumerate() {
        let bites = is_not_true(compiler.truth(table, &narrower.rest, false)?);
        let both = all(vec![table.column(&hide(narrower.hide)).eq(constant(true)), bites]);
        cases = cases.case(both, Expr::val(i64::try_from(index).unwrap_or(-1)));
    }
    Ok(if of.is_empty() { Expr::val(-1i64) } else { cases.finally(Expr::val(-1i64)).into() })
}

fn hide(index: usize) -> String {
    format!("hide_{index}")
}

fn mask(index: usize) -> Alias {
    Alias::new(format!("mask_{index}"))
}

fn tally(mut row: Vec<Value>) -> Result<Tally, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "count" };
    let Some(Value::Integer(records)) = row.pop() else { return Err(corrupt()) };
    let yes = |value: &Value| *value == Value::Boolean(true);
    match row.as_slice() {
        [before, after, Value::Integer(reason), masks @ ..] => Ok(Tally {
            before: yes(before),
            after: yes(after),
            reason: usize::try_from(*reason).ok(),
            masks: masks.iter().map(yes).collect(),
            records,
        }),
        _ => Err(corrupt()),
    }
}
