//! From the domain's trees to SQL trees: conditions, facts, masks, filters, order, pages. Nothing here
//! talks to a database, and nothing here writes SQL as text.

pub(crate) mod aggregate;
pub(crate) mod cond;
mod custom;
pub(crate) mod fact;
pub(crate) mod filter;
pub(crate) mod fold;
pub(crate) mod order;
pub(crate) mod page;
pub(crate) mod pairs;
pub(crate) mod partial;
pub(crate) mod search;
pub(crate) mod shown;

use std::cell::Cell;

use garant_domain::catalog::{Catalog, Entity, SubjectPath};
use garant_domain::query::{Guard, Guards};
use garant_domain::rule::FactCall;
use garant_domain::value::Type;
use sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};

use crate::custom::table_of;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::value::{bind, type_of};

/// What a statement is compiled with. The guards are asked for every entity that it touches.
#[derive(Clone)]
pub(crate) struct Compiler<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) tenant: &'a str,
    guards: Option<&'a Guards>,
    aliases: Cell<u32>,
    /// Whether few rows are looked at, in an order: nothing may be read for all of them at once.
    walks: bool,
}

/// A table in a statement, under a name of its own.
#[derive(Clone)]
pub(crate) struct Table<'a> {
    pub(crate) entity: &'a Entity,
    alias: String,
    /// Made of a query inside, which gives every field a column.
    derived: bool,
    /// Facts that are known without looking for them.
    known: Vec<(FactCall, Expr)>,
}

impl<'a> Table<'a> {
    /// A raw value; never in an answer without passing [`shown`].
    pub(crate) fn column(&self, name: &str) -> Expr {
        self.custom_column(name).unwrap_or_else(|| self.plain(name))
    }

    /// A column of the table itself.
    fn plain(&self, name: &str) -> Expr {
        Expr::col((Alias::new(self.alias.as_str()), Alias::new(name)))
    }

    pub(crate) fn alias(&self) -> Alias {
        Alias::new(self.alias.as_str())
    }

    /// The same table with facts that a query inside has worked out, as columns: `fact_0`, `fact_1`, ...
    pub(crate) fn knowing(self, calls: Vec<FactCall>) -> Self {
        let column = |(place, call)| (call, self.column(&format!("fact_{place}")));
        let known = calls.into_iter().enumerate().map(column).collect();
        Self { derived: true, ..self }.seeing(known)
    }

    /// The same table beside a row that holds facts.
    pub(crate) fn seeing(self, known: Vec<(FactCall, Expr)>) -> Self {
        Self { known, ..self }
    }

    /// Where a fact stands that need not be looked for.
    pub(crate) fn known(&self, call: &FactCall) -> Option<Expr> {
        self.known.iter().find(|(known, _)| known == call).map(|(_, expr)| expr.clone())
    }
}

impl<'a> Compiler<'a> {
    /// For statements whose rows may be shown.
    pub(crate) fn new(catalog: &'a Catalog, tenant: &'a str, guards: &'a Guards) -> Self {
        Self { catalog, tenant, guards: Some(guards), aliases: Cell::new(0), walks: false }
    }

    /// For facts, which the rules read and nobody is shown.
    pub(crate) fn for_facts(catalog: &'a Catalog, tenant: &'a str) -> Self {
        Self { catalog, tenant, guards: None, aliases: Cell::new(0), walks: false }
    }

    /// For a page. PostgreSQL takes no heed of the page's limit when it chooses between asking row by
    /// row and hashing the answers for everybody; SQLite knows the first way only.
    pub(crate) fn walking(self, dialect: Dialect) -> Self {
        Self { walks: dialect == Dialect::Postgres, ..self }
    }

    pub(crate) fn entity(&self, name: &str) -> Result<&'a Entity, StoreError> {
        self.catalog.entity(name).ok_or_else(|| StoreError::UnknownEntity { entity: name.to_owned() })
    }

    /// A table under a fresh name.
    pub(crate) fn table(&self, entity: &'a Entity) -> Table<'a> {
        Table { entity, alias: self.fresh_alias(), derived: false, known: vec![] }
    }

    pub(crate) fn fresh_alias(&self) -> String {
        let number = self.aliases.get();
        self.aliases.set(number + 1);
        format!("t{number}")
    }

    /// The entity's guard; without one nothing is read.
    pub(crate) fn guard(&self, entity: &Entity) -> Result<&'a Guard, StoreError> {
        let guard = self.guards.and_then(|guards| guards.get(&entity.name)).map(|guard| &**guard);
        guard.ok_or_else(|| StoreError::MissingGuard { entity: entity.name.clone() })
    }

    /// The record's rows of the tenant, whatever the guards say: for rules and facts.
    pub(crate) fn select_raw(&self, table: &Table<'a>) -> SelectStatement {
        let mut select = Query::select();
        select.from_as(table_of(table.entity), table.alias());
        select.and_where(self.own(table));
        select
    }

    /// That a row is of the tenant and of the entity.
    pub(crate) fn own(&self, table: &Table<'a>) -> Expr {
        let of_tenant = table.column("tenant_id").eq(self.tenant);
        match table.entity.custom {
            true => of_tenant.and(table.plain("entity").eq(table.entity.name.as_str())),
            false => of_tenant,
        }
    }

    /// The rows that are there for the caller: of the tenant, live (or in the trash), and passing
    /// every rule that hides.
    pub(crate) fn select_visible(&self, table: &Table<'a>, trashed: bool) -> Result<SelectStatement, StoreError> {
        let guard = self.guard(table.entity)?;
        let mut select = self.select_raw(table);
        let deleted_at = table.column("deleted_at");
        select.and_where(if trashed { deleted_at.is_not_null() } else { deleted_at.is_null() });
        if !guard.hide.is_empty() {
            select.and_where(self.none_holds(table, &guard.hide)?);
        }
        Ok(select)
    }

    /// A raw field with its type.
    pub(crate) fn raw(&self, table: &Table<'a>, field: &str) -> Result<(Expr, Type), StoreError> {
        let ty = type_of(table.entity, field)?;
        Ok((table.column(field), ty))
    }

    /// The id of the person that a record is about, and the entity that holds the person.
    pub(crate) fn subject(&self, table: &Table<'a>) -> Result<(Expr, &'a Entity), StoreError> {
        let none =
            || StoreError::BadRule { what: format!("a fact on {}, which is about no person", table.entity.name) };
        match &table.entity.subject {
            SubjectPath::Itself => Ok((table.column("id"), table.entity)),
            SubjectPath::Via(field) => {
                let target = table.entity.field(field).and_then(|field| field.target()).ok_or_else(none)?;
                Ok((table.column(field), self.entity(target)?))
            }
            SubjectPath::None => Err(none()),
        }
    }
}

/// A constant in the statement's text.
pub(crate) fn constant(value: bool) -> Expr {
    Expr::Constant(sea_query::Value::Bool(Some(value)))
}

/// A list of parameters.
pub(crate) fn list(values: impl IntoIterator<Item = impl Into<sea_query::Value>>) -> Vec<Expr> {
    values.into_iter().map(|value| Expr::Value(value.into())).collect()
}

/// Whether a condition is false or unknown.
pub(crate) fn is_not_true(condition: Expr) -> Expr {
    // A tuple of one is a pair of parentheses; IS binds tighter than AND and OR.
    Expr::Tuple(vec![condition]).is_not(constant(true))
}

/// Whether a condition is true or unknown.
pub(crate) fn is_not_false(condition: Expr) -> Expr {
    Expr::Tuple(vec![condition]).is_not(constant(false))
}

/// All of the conditions; true when there is none.
pub(crate) fn all(conditions: Vec<Expr>) -> Expr {
    balanced(conditions, ExprTrait::and).unwrap_or_else(|| constant(true))
}

/// Some of the conditions; false when there is none.
pub(crate) fn any(conditions: Vec<Expr>) -> Expr {
    balanced(conditions, ExprTrait::or).unwrap_or_else(|| constant(false))
}

/// Joins in pairs of pairs: a thousand conditions are then ten levels deep, not a thousand, which
/// neither our stack nor SQLite would bear.
fn balanced(mut conditions: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Option<Expr> {
    while conditions.len() > 1 {
        let mut rest = conditions.into_iter();
        let mut joined = Vec::new();
        while let Some(left) = rest.next() {
            joined.push(match rest.next() {
                Some(right) => join(left, right),
                None => left,
            });
        }
        conditions = joined;
    }
    conditions.pop()
}

/// A text parameter.
pub(crate) fn text(value: &str) -> Expr {
    bind(&garant_domain::value::Value::text(value))
}
