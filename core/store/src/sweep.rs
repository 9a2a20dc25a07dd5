//! What a sweep needs of the database: which records are due, in one statement; records whole, and what
//! is done to them. What is due and why comes in as [`DueRules`]; nothing here decides.

mod act;
mod hold;
mod ledger;
mod run;

use garant_domain::rule::Cond;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, CaseStatement, Expr, ExprTrait, LockBehavior, LockType, Order, Query, SelectStatement};

pub use act::ExternalKey;
pub use hold::LegalHold;
pub use ledger::LedgerEntry;
pub use run::{SweepOutcome, SweepRun};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::sql::{Compiler, Table, all, any, is_not_true};
use crate::store::Store;
use crate::write::WriteTx;

/// What makes records of an entity due, and what stops it.
#[derive(Clone, Debug, Default)]
pub struct DueRules {
    /// Entity name.
    pub entity: String,
    /// Destroying conditions, the one that wins first: a record is due where one is true.
    pub destroy: Vec<Cond>,
    /// What stops all of them, unless it is false.
    pub hold: Vec<Cond>,
    /// Records that go along with those of the entity: one that is held holds its person.
    pub along: Vec<Along>,
}

/// Records that go along with those that they refer to.
#[derive(Clone, Debug, Default)]
pub struct Along {
    /// Entity name.
    pub entity: String,
    /// Its reference.
    pub link: String,
    /// What stops its records from being destroyed, unless it is false.
    pub hold: Vec<Cond>,
}

/// A record that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueRecord {
    /// Record id.
    pub id: String,
    /// Index of the condition that wins.
    pub rule: usize,
}

impl WriteTx {
    /// The next records that are due after an id, in the order of ids, locked until the transaction ends.
    /// What somebody else holds just now is left to the next sweep.
    ///
    /// # Errors
    ///
    /// When the database fails, or a condition cannot be compiled.
    pub async fn due(&mut self, rules: &DueRules, after: &str, limit: u64) -> Result<Vec<DueRecord>, StoreError> {
        if rules.destroy.is_empty() {
            return Ok(vec![]);
        }
        let inner = std::sync::Arc::clone(&self.inner);
        let compiler = Compiler::for_facts(&inner.catalog, &self.tenant);
        let (mut select, table, which) = due(&compiler, rules)?;
        select
            .expr(table.column("id"))
            .expr(which)
            .and_where(table.column("id").gt(after))
            .order_by_expr(table.column("id"), Order::Asc)
            .limit(limit);
        // SQLite has one writer, which is us.
        if inner.dialect == Dialect::Postgres {
            select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let statement = inner.dialect.build(&select);
        let rows = self.lease.fetch("looking for what is due", &statement, &[Type::Text, Type::Integer]).await?;
        rows.into_iter()
            .map(|row| match row.as_slice() {
                [Value::Text(id), Value::Integer(rule)] => {
                    let rule = usize::try_from(*rule).map_err(|_| corrupt())?;
                    Ok(DueRecord { id: id.clone(), rule })
                }
                _ => Err(corrupt()),
            })
            .collect()
    }
}

impl Store {
    /// How many records are due by each condition that wins: what a sweep would find, in one statement.
    ///
    /// # Errors
    ///
    /// As [`WriteTx::due`].
    pub async fn due_counts(&self, tenant: &str, rules: &DueRules) -> Result<Vec<(usize, u64)>, StoreError> {
        if rules.destroy.is_empty() {
            return Ok(vec![]);
        }
        let compiler = Compiler::for_facts(&self.inner.catalog, tenant);
        let (mut select, _, which) = due(&compiler, rules)?;
        select.expr_as(which, Alias::new("rule"));
        let counted = Query::select()
            .column(Alias::new("rule"))
            .expr(Expr::val(1i64).count())
            .from_subquery(select, Alias::new("due"))
            .group_by_col(Alias::new("rule"))
            .order_by(Alias::new("rule"), Order::Asc)
            .take();
        let mut lease = self.inner.read.lease(tenant).await?;
        let statement = self.inner.dialect.build(&counted);
        let rows = lease.fetch("counting what is due", &statement, &[Type::Integer, Type::Integer]).await?;
        rows.into_iter()
            .map(|row| match row.as_slice() {
                [Value::Integer(rule), Value::Integer(count)] => {
                    Ok((usize::try_from(*rule).map_err(|_| corrupt())?, count.unsigned_abs()))
                }
                _ => Err(corrupt()),
            })
            .collect()
    }
}

fn corrupt() -> StoreError {
    StoreError::Corrupt { what: "due record" }
}

/// The records that are due, in the trash or not, and which condition wins.
fn due<'a>(compiler: &Compiler<'a>, rules: &DueRules) -> Result<(SelectStatement, Table<'a>, Expr), StoreError> {
    let table = compiler.table(compiler.entity(&rules.entity)?);
    let mut select = compiler.select_raw(&table);
    let mut which = CaseStatement::new();
    let mut bites = Vec::with_capacity(rules.destroy.len());
    for (index, cond) in rules.destroy.iter().enumerate() {
        // Destroying needs certainty: only where the condition is true.
        bites.push(compiler.truth(&table, cond, true)?);
        let number = Expr::val(i64::try_from(index).unwrap_or(i64::MAX));
        which = which.case(compiler.truth(&table, cond, true)?, number);
    }
    select.and_where(Expr::Tuple(vec![any(bites)]));
    for cond in &rules.hold {
        select.and_where(compiler.truth(&table, cond, false)?);
    }
    for along in rules.along.iter().filter(|along| !along.hold.is_empty()) {
        select.and_where(Expr::not_exists(held(compiler, &table, along)?));
    }
    select.and_where(Expr::not_exists(marked(compiler, &table)));
    Ok((select, table, which.finally(Expr::val(-1i64)).into()))
}

/// Records that go along and may not.
fn held<'a>(compiler: &Compiler<'a>, table: &Table<'a>, along: &Along) -> Result<SelectStatement, StoreError> {
    let other = compiler.table(compiler.entity(&along.entity)?);
    let mut select = compiler.select_raw(&other);
    let mut free = Vec::with_capacity(along.hold.len());
    for cond in &along.hold {
        free.push(compiler.truth(&other, cond, false)?);
    }
    let link = Expr::col(compiler.link(&other, &mut select, &along.link));
    select.expr(Expr::val(1i64)).and_where(link.eq(table.column("id"))).and_where(is_not_true(all(free)));
    Ok(select)
}

/// That the record was made anonymous and has not been written to since.
fn marked(compiler: &Compiler<'_>, table: &Table<'_>) -> SelectStatement {
    let alias = compiler.fresh_alias();
    let column = |name: &str| Expr::col((Alias::new(alias.as_str()), Alias::new(name)));
    Query::select()
        .expr(Expr::val(1i64))
        .from_as(Alias::new("sweep_mark"), Alias::new(alias.as_str()))
        .and_where(column("tenant_id").eq(compiler.tenant))
        .and_where(column("entity").eq(table.entity.name.as_str()))
        .and_where(column("record_id").eq(table.column("id")))
        .and_where(column("version").eq(table.column("version")))
        .take()
}
