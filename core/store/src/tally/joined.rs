//! Records with the facts of their people, for statements over all records: one pass over the folded
//! consent states for each purpose and channel, joined, where a page looks the facts of each row up.

use std::collections::BTreeSet;

use garant_domain::catalog::{Entity, SYSTEM_FIELDS, SubjectPath};
use garant_domain::rule::{Cond, FactCall, Operand};
use sea_query::{
    Alias, CaseStatement, Expr, ExprTrait, Func, JoinType, Order, Query, SelectStatement, WindowStatement,
};

use super::operands;
use crate::error::StoreError;
use crate::sql::fact::ancestors;
use crate::sql::fold::{COLUMNS, counts};
use crate::sql::{Compiler, Table, all, any, constant, list, text};

/// States that permit processing.
const VALID: [&str; 2] = ["given", "renewed"];
/// States in which an objection stands, overridden or not.
const STANDING: [&str; 2] = ["objected", "objection_overridden"];

/// The most that is joined to the records of one statement: SQLite joins 64 tables. What is left is looked
/// up row by row, as a page does it.
const MAX_JOINS: usize = 48;

/// What conditions look at in the records of an entity.
pub(super) struct Looked<'a> {
    entity: &'a Entity,
    fields: BTreeSet<String>,
    /// Each once; the fact at a place is the column `fact_<place>`.
    pub(super) facts: Vec<FactCall>,
}

impl<'a> Looked<'a> {
    pub(super) fn at<'c>(entity: &'a Entity, conds: impl Iterator<Item = &'c Cond>) -> Self {
        let mut all = Vec::new();
        conds.for_each(|cond| operands(cond, &mut all));
        let system = SYSTEM_FIELDS.iter().map(|(name, _)| (*name).to_owned());
        let mut looked = Self { entity, fields: system.collect(), facts: vec![] };
        for operand in all {
            match operand {
                Operand::Field(field) | Operand::Related { via: field, .. } => {
                    looked.fields.insert(field.clone());
                }
                Operand::Fact(call) if !looked.facts.contains(call) => looked.facts.push(call.clone()),
                Operand::Fact(_) | Operand::Literal(_) => {}
            }
        }
        if let SubjectPath::Via(link) = &entity.subject {
            looked.fields.insert(link.clone());
        }
        looked
    }

    /// The columns of the records, and those of the facts.
    pub(super) fn columns(&self) -> impl Iterator<Item = String> {
        let facts = (0..self.facts.len()).map(|place| format!("fact_{place}"));
        std::iter::once("tenant_id".to_owned()).chain(self.fields.iter().cloned()).chain(facts)
    }
}

/// The live records of an entity with what is looked at, and the table under which a statement around
/// them finds it.
pub(super) fn records<'a>(
    compiler: &Compiler<'a>,
    looked: &Looked<'a>,
) -> Result<(SelectStatement, Table<'a>), StoreError> {
    let table = compiler.table(looked.entity);
    let select = compiler.select_raw(&table);
    let mut joins = Joins { compiler, table: &table, select, made: vec![], person: None };
    joins.select.and_where(table.column("deleted_at").is_null());
    let own = std::iter::once("tenant_id").chain(looked.fields.iter().map(String::as_str));
    own.for_each(|name| {
        joins.select.expr_as(table.column(name), Alias::new(name));
    });
    for (place, call) in looked.facts.iter().enumerate() {
        let fact = joins.fact(call)?;
        joins.select.expr_as(fact, Alias::new(format!("fact_{place}")));
    }
    Ok((joins.select, compiler.table(looked.entity).knowing(looked.facts.clone())))
}

/// What is joined to the records, by person.
#[derive(Clone, PartialEq, Eq)]
enum Joined {
    /// The latest state for a purpose or an ancestor, through a channel or any.
    Latest(String, String),
    /// Whoever agreed through another channel, and did not take that back.
    Elsewhere(String, String),
    /// Whoever objected to a purpose, an ancestor or a descendant.
    Objection(String),
}

struct Joins<'c, 'a> {
    compiler: &'c Compiler<'a>,
    table: &'c Table<'a>,
    select: SelectStatement,
    made: Vec<(Joined, String)>,
    /// The record of the person, where that is another one.
    person: Option<Table<'a>>,
}

impl<'a> Joins<'_, 'a> {
    /// A fact as an expression over what is joined.
    fn fact(&mut self, call: &FactCall) -> Result<Expr, StoreError> {
        if self.made.len() >= MAX_JOINS {
            let (subject, person) = self.compiler.subject(self.table)?;
            return Ok(self.compiler.fact(self.table, subject, person, call)?.0);
        }
        let args: Vec<&str> = call.args.iter().map(String::as_str).collect();
        Ok(match (call.name.as_str(), args.as_slice()) {
            ("consent.status", [purpose, channel]) => self.latest(purpose, channel, "status", text("none"))?,
            ("consent.given_at", [purpose, channel]) => {
                let states = self.joined(Joined::Latest((*purpose).to_owned(), (*channel).to_owned()))?;
                column(&states, "at")
            }
            (
                "consent.proven" | "consent.confirmed" | "consent.explicit" | "consent.conditional",
                [purpose, channel],
            ) => {
                let name = call.name.strip_prefix("consent.").unwrap_or_default();
                self.latest(purpose, channel, name, constant(false))?
            }
            ("consent.method" | "consent.notice" | "consent.given_by", [purpose, channel]) => {
                let name = call.name.strip_prefix("consent.").unwrap_or_default();
                self.latest(purpose, channel, name, text(""))?
            }
            ("consent.other_channel", [purpose, channel]) => {
                let elsewhere = self.joined(Joined::Elsewhere((*purpose).to_owned(), (*channel).to_owned()))?;
                let here = self.latest(purpose, channel, "status", text("none"))?;
                all(vec![column(&elsewhere, "subject_id").is_not_null(), here.is_not_in(list(VALID))])
            }
            ("objection.active", [purpose]) => {
                let objected = self.joined(Joined::Objection((*purpose).to_owned()))?;
                column(&objected, "subject_id").is_not_null()
            }
            ("objection.overridden", [purpose]) => {
                let objected = self.joined(Joined::Objection((*purpose).to_owned()))?;
                // Nobody who did not object: null is no zero.
                Func::coalesce([column(&objected, "standing").eq(0i64), constant(false)]).into()
            }
            // Held by the person's record, or worked out for each: as a page does it.
            _ => {
                let (subject, person) = self.compiler.subject(self.table)?;
                let held_by = self.person(person, &subject);
                self.compiler.fact(&held_by, subject, person, call)?.0
            }
        })
    }

    /// The person's record: the record itself, or one that is joined.
    fn person(&mut self, person: &'a Entity, subject: &Expr) -> Table<'a> {
        if person.name == self.table.entity.name {
            return self.table.clone();
        }
        if let Some(known) = &self.person {
            return known.clone();
        }
        let joined = self.compiler.table(person);
        let mine = joined.column("tenant_id").eq(self.compiler.tenant);
        let on = mine.and(joined.column("id").eq(subject.clone()));
        self.select.join_as(JoinType::LeftJoin, Alias::new(person.name.as_str()), joined.alias(), on);
        self.person = Some(joined.clone());
        joined
    }

    fn latest(&mut self, purpose: &str, channel: &str, name: &str, absent: Expr) -> Result<Expr, StoreError> {
        let states = self.joined(Joined::Latest(purpose.to_owned(), channel.to_owned()))?;
        Ok(Func::coalesce([column(&states, name), absent]).into())
    }

    /// Joins what is not joined yet; its name in the statement.
    fn joined(&mut self, wanted: Joined) -> Result<String, StoreError> {
        if let Some((_, alias)) = self.made.iter().find(|(known, _)| *known == wanted) {
            return Ok(alias.clone());
        }
        let (subject, _) = self.compiler.subject(self.table)?;
        let (of, alone) = match &wanted {
            Joined::Latest(purpose, channel) => (self.by_rank(purpose, channel), false),
            Joined::Elsewhere(purpose, channel) => (self.elsewhere(purpose, channel), true),
            Joined::Objection(purpose) => (self.objections(purpose), true),
        };
        let alias = self.compiler.fresh_alias();
        let mut on = column(&alias, "subject_id").eq(subject);
        if !alone {
            on = on.and(column(&alias, "place").eq(1i64));
        }
        self.select.join_subquery(JoinType::LeftJoin, of, Alias::new(alias.as_str()), on);
        self.made.push((wanted, alias.clone()));
        Ok(alias)
    }

    fn states(&self, alias: &str, track: &str) -> SelectStatement {
        let mut select = Query::select();
        select
            .from_as(Alias::new("consent_state"), Alias::new(alias))
            .and_where(column(alias, "tenant_id").eq(self.compiler.tenant))
            .and_where(column(alias, "track").eq(track));
        select
    }

    /// The states of a purpose and its ancestors, through a channel or any, numbered for each person as
    /// `garant_domain::consent::effective` ranks them: the latest, of the same instant what restricts,
    /// then the nearest purpose (the longest of a chain of prefixes), then the named channel.
    fn by_rank(&self, purpose: &str, channel: &str) -> SelectStatement {
        let alias = self.compiler.fresh_alias();
        let mut select = self.states(&alias, "consent");
        for name in std::iter::once("subject_id").chain(COLUMNS.iter().map(|(_, column)| *column)) {
            select.column((Alias::new(alias.as_str()), Alias::new(name)));
        }
        select
            .and_where(column(&alias, "purpose").is_in(list(ancestors(purpose))))
            .and_where(column(&alias, "channel").is_in(list(["any", channel])));
        if let (Some(counts), false) = (counts(channel), purpose.contains('.')) {
            // One row of a purpose counts, and knows it.
            select.and_where(column(&alias, counts).eq(constant(true)));
            select.expr_as(Expr::val(1i64), Alias::new("place"));
            return select;
        }
        let mut window = WindowStatement::partition_by((Alias::new(alias.as_str()), Alias::new("subject_id")));
        window
            .order_by_expr(column(&alias, "at"), Order::Desc)
            .order_by_expr(column(&alias, "rank"), Order::Desc)
            .order_by_expr(column(&alias, "purpose"), Order::Desc)
            .order_by_expr(column(&alias, "channel").eq("any"), Order::Asc);
        select.expr_window_as(Func::cust("row_number"), window, Alias::new("place"));
        select
    }

    /// People with a state that permits through another channel and that none takes back.
    fn elsewhere(&self, purpose: &str, channel: &str) -> SelectStatement {
        let (valid, later) = (self.compiler.fresh_alias(), self.compiler.fresh_alias());
        let same = |name: &str| column(&later, name).eq(column(&valid, name));
        let mut contradiction = self.states(&later, "consent");
        contradiction
            .expr(Expr::val(1i64))
            .and_where(same("subject_id"))
            .and_where(column(&later, "purpose").is_in(list(ancestors(purpose))))
            .and_where(any(vec![same("channel"), column(&later, "channel").eq("any")]))
            .and_where(column(&later, "status").is_not_in(list(VALID)))
            .and_where(any(vec![
                column(&later, "at").gt(column(&valid, "at")),
                all(vec![same("at"), column(&later, "rank").gt(column(&valid, "rank"))]),
            ]));
        let mut select = self.states(&valid, "consent");
        select
            .distinct()
            .column((Alias::new(valid.as_str()), Alias::new("subject_id")))
            .and_where(column(&valid, "purpose").is_in(list(ancestors(purpose))))
            .and_where(column(&valid, "channel").ne(channel))
            .and_where(column(&valid, "status").is_in(list(VALID)))
            .and_where(Expr::not_exists(contradiction));
        select
    }

    /// People whose objection stands, with how many of theirs nobody overrode.
    fn objections(&self, purpose: &str) -> SelectStatement {
        let alias = self.compiler.fresh_alias();
        let of = || column(&alias, "purpose");
        // Descendants lie between "purpose." and "purpose/": '/' is the byte after '.'.
        let descendant = of().gte(format!("{purpose}.")).and(of().lt(format!("{purpose}/")));
        let standing = CaseStatement::new().case(column(&alias, "status").eq("objected"), 1i64).finally(0i64);
        let standing: Expr = standing.into();
        let mut select = self.states(&alias, "objection");
        select
            .column((Alias::new(alias.as_str()), Alias::new("subject_id")))
            .expr_as(standing.max(), Alias::new("standing"))
            .and_where(column(&alias, "status").is_in(list(STANDING)))
            .and_where(any(vec![of().is_in(list(ancestors(purpose))), descendant]))
            .group_by_col((Alias::new(alias.as_str()), Alias::new("subject_id")));
        select
    }
}

fn column(alias: &str, name: &str) -> Expr {
    Expr::col((Alias::new(alias), Alias::new(name)))
}
