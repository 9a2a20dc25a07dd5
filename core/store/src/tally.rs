//! How many records two guards show, and why they differ: one statement, in which the database decides
//! and counts. For previews, which compare guards without showing a row.
//!
//! What hides is decided once for each record; reasons only where the guards differ, and masks only
//! where both show the record.

use garant_domain::catalog::SYSTEM_FIELDS;
use garant_domain::rule::{Cond, FactCall, Operand};
use garant_domain::value::{Type, Value};
use sea_query::{Alias, CaseStatement, Expr, ExprTrait, Query, SelectStatement};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::sql::{Compiler, Table, all, any, constant, is_not_true};
use crate::store::Store;

/// Two guards of an entity, to be compared.
#[derive(Clone, Debug, Default)]
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
#[derive(Clone, Debug)]
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

impl Store {
    /// Counts the live records of an entity by what two guards do to them.
    ///
    /// # Errors
    ///
    /// When the database fails, or a condition cannot be compiled.
    pub async fn compare(&self, tenant: &str, entity: &str, comparison: &Comparison) -> Result<Vec<Tally>, StoreError> {
        let select = self.comparison(tenant, entity, comparison)?;
        let mut types = vec![Type::Boolean, Type::Boolean, Type::Integer];
        types.extend(comparison.masks.iter().map(|_| Type::Boolean));
        types.push(Type::Integer);
        let mut lease = self.inner.read.lease(tenant).await?;
        let rows = lease.fetch("counting for a preview", &self.inner.dialect.build(&select), &types).await?;
        rows.into_iter().map(tally).collect()
    }

    fn comparison(&self, tenant: &str, entity: &str, of: &Comparison) -> Result<SelectStatement, StoreError> {
        let compiler = Compiler::for_facts(&self.inner.catalog, tenant);
        let (decided, table) = self.decided(&compiler, entity, of)?;
        let (select, table) = self.worked_out(&compiler, decided, &table, of)?;
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

    /// The same records with the facts that reasons and masks look at, each once, and only where they
    /// will be looked at.
    fn worked_out<'a>(
        &'a self,
        compiler: &Compiler<'a>,
        decided: SelectStatement,
        table: &Table<'a>,
        of: &Comparison,
    ) -> Result<(SelectStatement, Table<'a>), StoreError> {
        let (mut of_reasons, mut of_masks) = (Vec::new(), Vec::new());
        of.lost.iter().chain(&of.gained).for_each(|narrower| facts(&narrower.rest, &mut of_reasons));
        of.masks.iter().for_each(|cond| facts(cond, &mut of_masks));
        let mut known = of_reasons.clone();
        known.extend(of_masks.iter().filter(|call| !of_reasons.contains(call)).cloned());
        let Sides { before, after, neither } = Sides::of(table, of);
        let differ = before.clone().eq(after.clone()).not();
        let mut select = Query::select();
        select.from_subquery(decided, table.alias());
        for name in columns(table) {
            select.expr_as(table.column(&name), Alias::new(name.as_str()));
        }
        for index in 0..of.hide.len() {
            select.expr_as(table.column(&hide(index)), Alias::new(hide(index)));
        }
        for (index, call) in known.iter().enumerate() {
            let (subject, person) = compiler.subject(table)?;
            let (fact, _) = compiler.fact(table, subject, person, call)?;
            let needed = match (of_reasons.contains(call), of_masks.contains(call)) {
                (true, false) => differ.clone(),
                (false, true) => neither.clone(),
                _ => any(vec![differ.clone(), neither.clone()]),
            };
            let once: Expr = CaseStatement::new().case(needed, fact).into();
            select.expr_as(once, Alias::new(format!("fact_{index}")));
        }
        self.keep_apart(&mut select);
        Ok((select, compiler.table(table.entity).knowing(known)))
    }

    /// Every record that is looked at, with what hides it decided once.
    fn decided<'a>(
        &'a self,
        compiler: &Compiler<'a>,
        entity: &str,
        of: &Comparison,
    ) -> Result<(SelectStatement, Table<'a>), StoreError> {
        let table = compiler.table(compiler.entity(entity)?);
        let mut select = compiler.select_raw(&table);
        select.and_where(table.column("deleted_at").is_null());
        for cond in &of.without {
            select.and_where(compiler.truth(&table, cond, false)?);
        }
        for name in columns(&table) {
            select.expr_as(table.column(&name), Alias::new(name.as_str()));
        }
        for (index, cond) in of.hide.iter().enumerate() {
            select.expr_as(is_not_true(compiler.truth(&table, cond, false)?), Alias::new(hide(index)));
        }
        self.keep_apart(&mut select);
        Ok((select, compiler.table(table.entity)))
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

/// Every column that a condition may look at.
fn columns(table: &Table<'_>) -> Vec<String> {
    let system = SYSTEM_FIELDS.iter().map(|(name, _)| (*name).to_owned());
    let fields = table.entity.fields.iter().map(|field| field.name.clone());
    std::iter::once("tenant_id".to_owned()).chain(system).chain(fields).collect()
}

/// The facts of a condition, each once.
fn facts(cond: &Cond, into: &mut Vec<FactCall>) {
    let mut note = |operand: &Operand| {
        if let Operand::Fact(call) = operand
            && !into.contains(call)
        {
            into.push(call.clone());
        }
    };
    match cond {
        Cond::Const(_) => {}
        Cond::Compare(_, a, b) | Cond::Covers(a, b) => {
            note(a);
            note(b);
        }
        Cond::Is(a) | Cond::OneOf(a, _) | Cond::IsNull(a) => note(a),
        Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|part| facts(part, into)),
        Cond::Not(part) => facts(part, into),
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
