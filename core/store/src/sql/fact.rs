//! Facts as SQL: of the person's record, and of the folded consent state. The same trees serve rules
//! inside a statement and the values that the native evaluator is given.

use garant_domain::catalog::Entity;
use garant_domain::fact;
use garant_domain::rule::FactCall;
use garant_domain::value::Type;
use sea_query::{Alias, Expr, ExprTrait, Func, Order, Query, SelectStatement};

use super::{Compiler, Table, all, any, constant, is_not_false, list, text};
use crate::error::StoreError;

/// Facts about a person that no field alone holds.
const DORMANT: &str = "subject.dormant";
const ON_HOLD: &str = "subject.on_legal_hold";
const WOKEN_AT: &str = "subject.woken_at";
const ERASED_AT: &str = "subject.erased_at";

/// States that permit processing.
const VALID: [&str; 2] = ["given", "renewed"];
/// States in which an objection stands, overridden or not.
const STANDING: [&str; 2] = ["objected", "objection_overridden"];

impl<'a> Compiler<'a> {
    /// A fact about the person `subject`, whose record is in `person`. `table` is where the statement
    /// stands, so that a person's own record is not looked up again.
    pub(crate) fn fact(
        &self,
        table: &Table<'a>,
        subject: Expr,
        person: &'a Entity,
        call: &FactCall,
    ) -> Result<(Expr, Type), StoreError> {
        if call.name == ON_HOLD && table.entity.name == person.name {
            let field = is_not_false(table.column(subject_field(person, ON_HOLD)?));
            return Ok((any(vec![field, self.in_a_hold(subject)]), fact_type(call)?));
        }
        let of_no_field = [DORMANT, WOKEN_AT, ERASED_AT].contains(&call.name.as_str());
        if call.name.starts_with("subject.") && !of_no_field && table.entity.name == person.name {
            let column = subject_field(person, &call.name)?;
            let ty = fact_type(call)?;
            return Ok((table.column(column), ty));
        }
        self.fact_of(subject, person, call)
    }

    /// A fact about the person with this id, wherever the statement stands.
    pub(crate) fn fact_of(
        &self,
        subject: Expr,
        person: &'a Entity,
        call: &FactCall,
    ) -> Result<(Expr, Type), StoreError> {
        let ty = fact_type(call)?;
        let args: Vec<&str> = call.args.iter().map(String::as_str).collect();
        let expr = match (call.name.as_str(), args.as_slice()) {
            ("consent.status", [purpose, channel]) => self.latest(subject, purpose, channel, "status", text("none")),
            ("consent.given_at", [purpose, channel]) => self.latest_raw(subject, purpose, channel, "at"),
            (
                "consent.proven" | "consent.confirmed" | "consent.explicit" | "consent.conditional",
                [purpose, channel],
            ) => {
                let column = call.name.strip_prefix("consent.").unwrap_or_default();
                self.latest(subject, purpose, channel, column, constant(false))
            }
            ("consent.notice" | "consent.given_by", [purpose, channel]) => {
                let column = call.name.strip_prefix("consent.").unwrap_or_default();
                self.latest(subject, purpose, channel, column, text(""))
            }
            ("consent.method", [purpose, channel]) => self.latest(subject, purpose, channel, "method", text("")),
            ("consent.other_channel", [purpose, channel]) => self.other_channel(subject, purpose, channel),
            ("objection.active", [purpose]) => self.objection(subject, purpose, &STANDING),
            ("objection.overridden", [purpose]) => all(vec![
                self.objection(subject.clone(), purpose, &STANDING),
                self.objection(subject, purpose, &["objected"]).not(),
            ]),
            // What is dormant is not in these tables.
            (DORMANT, []) => constant(false),
            (WOKEN_AT, []) => self.woken_at(subject),
            (ERASED_AT, []) => self.erased_at(subject),
            (ON_HOLD, []) => {
                // Whoever is not there any more can only be held by the register.
                let other = self.table(person);
                let field = other.column(subject_field(person, ON_HOLD)?);
                let mut select = self.select_raw(&other);
                select
                    .expr(Expr::val(1i64))
                    .and_where(other.column("id").eq(subject.clone()))
                    .and_where(is_not_false(field));
                any(vec![Expr::exists(select), self.in_a_hold(subject)])
            }
            (name, []) if name.starts_with("subject.") => {
                let other = self.table(person);
                let mut select = self.select_raw(&other);
                select.expr(other.column(subject_field(person, name)?)).and_where(other.column("id").eq(subject));
                scalar(select)
            }
            _ => return Err(StoreError::BadRule { what: format!("fact {} has no SQL", call.name) }),
        };
        Ok((expr, ty))
    }

    /// When the person last woke.
    fn woken_at(&self, subject: Expr) -> Expr {
        let alias = self.fresh_alias();
        let mut select = Query::select();
        select
            .expr(state(&alias, "at").max())
            .from_as(Alias::new("waking"), Alias::new(alias.as_str()))
            .and_where(state(&alias, "tenant_id").eq(self.tenant))
            .and_where(state(&alias, "subject_id").eq(subject));
        scalar(select)
    }

    /// When somebody with an address of the person was last erased.
    fn erased_at(&self, subject: Expr) -> Expr {
        let (entry, held) = (self.fresh_alias(), self.fresh_alias());
        let mut addresses = Query::select();
        addresses
            .expr(state(&held, "address"))
            .from_as(Alias::new("subject_address"), Alias::new(held.as_str()))
            .and_where(state(&held, "tenant_id").eq(self.tenant))
            .and_where(state(&held, "subject_id").eq(subject));
        let mut select = Query::select();
        select
            .expr(state(&entry, "at").max())
            .from_as(Alias::new("erasure_ledger"), Alias::new(entry.as_str()))
            .and_where(state(&entry, "tenant_id").eq(self.tenant))
            .and_where(state(&entry, "reference").in_subquery(addresses));
        scalar(select)
    }

    /// Whether the person is in the scope of a legal hold that was not released.
    fn in_a_hold(&self, subject: Expr) -> Expr {
        let alias = self.fresh_alias();
        let mut select = Query::select();
        select
            .expr(Expr::val(1i64))
            .from_as(Alias::new("legal_hold_scope"), Alias::new(alias.as_str()))
            .and_where(state(&alias, "tenant_id").eq(self.tenant))
            .and_where(state(&alias, "subject_id").eq(subject))
            .and_where(state(&alias, "active").eq(constant(true)));
        Expr::exists(select)
    }

    /// The folded states of a person on a track.
    pub(super) fn states(&self, alias: &str, subject: Expr, track: &str) -> SelectStatement {
        let mut select = Query::select();
        select
            .from_as(Alias::new("consent_state"), Alias::new(alias))
            .and_where(state(alias, "tenant_id").eq(self.tenant))
            .and_where(state(alias, "subject_id").eq(subject))
            .and_where(state(alias, "track").eq(track));
        select
    }

    /// A column of the latest state for the purpose or an ancestor, through the channel or any.
    fn latest_raw(&self, subject: Expr, purpose: &str, channel: &str, column: &str) -> Expr {
        let alias = self.fresh_alias();
        let mut select = self.states(&alias, subject, "consent");
        select
            .expr(state(&alias, column))
            .and_where(state(&alias, "purpose").is_in(list(ancestors(purpose))))
            .and_where(state(&alias, "channel").is_in(list(channels(channel))))
            .order_by_expr(state(&alias, "at"), Order::Desc)
            // At the same instant what restricts wins, then the nearest purpose (the longest of a chain
            // of prefixes), then the named channel: as `garant_domain::consent::effective` has it.
            .order_by_expr(state(&alias, "rank"), Order::Desc)
            .order_by_expr(state(&alias, "purpose"), Order::Desc)
            .order_by_expr(state(&alias, "channel").eq("any"), Order::Asc)
            .limit(1);
        scalar(select)
    }

    fn latest(&self, subject: Expr, purpose: &str, channel: &str, column: &str, absent: Expr) -> Expr {
        Func::coalesce([self.latest_raw(subject, purpose, channel, column), absent]).into()
    }

    /// Valid through another channel, and not through this one.
    fn other_channel(&self, subject: Expr, purpose: &str, channel: &str) -> Expr {
        let (valid, later) = (self.fresh_alias(), self.fresh_alias());
        let mut contradiction = self.states(&later, subject.clone(), "consent");
        contradiction
            .expr(Expr::val(1i64))
            .and_where(state(&later, "purpose").is_in(list(ancestors(purpose))))
            .and_where(any(vec![
                state(&later, "channel").eq(state(&valid, "channel")),
                state(&later, "channel").eq("any"),
            ]))
            .and_where(state(&later, "status").is_not_in(list(VALID)))
            .and_where(any(vec![
                state(&later, "at").gt(state(&valid, "at")),
                all(vec![state(&later, "at").eq(state(&valid, "at")), state(&later, "rank").gt(state(&valid, "rank"))]),
            ]));
        let mut elsewhere = self.states(&valid, subject.clone(), "consent");
        elsewhere
            .expr(Expr::val(1i64))
            .and_where(state(&valid, "purpose").is_in(list(ancestors(purpose))))
            .and_where(state(&valid, "channel").ne(channel))
            .and_where(state(&valid, "status").is_in(list(VALID)))
            .and_where(Expr::not_exists(contradiction));
        let here = self.latest(subject, purpose, channel, "status", text("none"));
        all(vec![Expr::exists(elsewhere), here.is_not_in(list(VALID))])
    }

    /// An objection to the purpose, an ancestor or a descendant is in one of these states.
    fn objection(&self, subject: Expr, purpose: &str, states: &[&str]) -> Expr {
        let alias = self.fresh_alias();
        let mut select = self.states(&alias, subject, "objection");
        let of = || state(&alias, "purpose");
        // Descendants lie between "purpose." and "purpose/": '/' is the byte after '.'.
        let descendant = of().gte(format!("{purpose}.")).and(of().lt(format!("{purpose}/")));
        select
            .expr(Expr::val(1i64))
            .and_where(state(&alias, "status").is_in(list(states.iter().copied())))
            .and_where(any(vec![of().is_in(list(ancestors(purpose))), descendant]));
        self.keep_walking(&mut select);
        Expr::exists(select)
    }
}

/// A dotted key and its ancestors, the farthest first.
pub(crate) fn ancestors(key: &str) -> impl Iterator<Item = &str> {
    key.match_indices('.').map(|(index, _)| &key[..index]).chain(std::iter::once(key))
}

/// The channels whose states count for one.
pub(super) fn channels(channel: &str) -> Vec<&str> {
    if channel == "any" { vec!["any"] } else { vec!["any", channel] }
}

/// A column of the folded states.
pub(super) fn state(alias: &str, column: &str) -> Expr {
    Expr::col((Alias::new(alias), Alias::new(column)))
}

fn scalar(select: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(select.into()))
}

/// The type of a fact.
pub(crate) fn fact_type(call: &FactCall) -> Result<Type, StoreError> {
    let definition = fact::find(&call.name).filter(|definition| definition.args.len() == call.args.len());
    let definition = definition.ok_or_else(|| StoreError::BadRule { what: format!("unknown fact {}", call.name) })?;
    Ok(definition.ty)
}

/// The column of the person's record that holds a fact.
fn subject_field<'a>(person: &'a Entity, name: &'a str) -> Result<&'a str, StoreError> {
    match name {
        "subject.collected_at" => Ok("collected_at"),
        "subject.collected_for" => Ok("collected_for"),
        _ => {
            let field = person.fields.iter().find(|field| field.fact.as_deref() == Some(name));
            field
                .map(|field| field.name.as_str())
                .ok_or_else(|| StoreError::BadRule { what: format!("{} holds no {name}", person.name) })
        }
    }
}
