//! Conditions about consent. Whatever a condition asks of a person's consent to one purpose through one
//! channel is asked of one row, found once, instead of by a subquery for each fact; and where the rest
//! of it cannot matter without that row, what is left is one `EXISTS` or `NOT EXISTS`, which a page
//! asks row by row and a count can answer from a hash. `property_tests` hold this against the native
//! evaluator too.

use garant_domain::rule::{Cond, FactCall, Operand, conjunction, disjunction, evaluate, negation};
use garant_domain::value::Value;
use sea_query::{Expr, ExprTrait, SelectStatement};

use super::cond::{Nothing, is_constant};
use super::fact::{ancestors, channels, state};
use super::{Compiler, Table, all, any, constant, is_not_true, list};
use crate::consent::COUNTS;
use crate::error::StoreError;

/// The facts that one row of a person's folded consent holds: their columns, and what they are where
/// there is no such row.
pub(crate) const COLUMNS: [(&str, &str); 9] = [
    ("consent.status", "status"),
    ("consent.given_at", "at"),
    ("consent.proven", "proven"),
    ("consent.confirmed", "confirmed"),
    ("consent.explicit", "explicit"),
    ("consent.method", "method"),
    ("consent.notice", "notice"),
    ("consent.given_by", "given_by"),
    ("consent.conditional", "conditional"),
];

/// Consent to a purpose through a channel.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key<'c> {
    purpose: &'c str,
    channel: &'c str,
}

impl<'a> Compiler<'a> {
    /// SQL that is true exactly where the condition is `want`, and false or null elsewhere. It may be
    /// joined by `AND` and `OR` only; to negate it, wrap it in [`is_not_true`].
    pub(crate) fn truth(&self, table: &Table<'a>, cond: &Cond, want: bool) -> Result<Expr, StoreError> {
        match keys(table, cond).as_slice() {
            [] => self.plain(table, cond, want),
            // What needs no row is asked first, and spares looking for it.
            [_] if has_plain_parts(table, cond) => self.split(table, cond, want),
            [key] => self.about(table, cond, want, *key),
            _ => self.split(table, cond, want),
        }
    }

    /// Where each of the conditions is false.
    pub(crate) fn none_holds(&self, table: &Table<'a>, conds: &[Cond]) -> Result<Expr, StoreError> {
        self.joined(table, conds, false, true)
    }

    /// A condition about one row of the folded consent.
    fn about(&self, table: &Table<'a>, cond: &Cond, want: bool, key: Key<'_>) -> Result<Expr, StoreError> {
        match settled(cond, key) {
            // There is one such row at most: that none says otherwise is that it says so, or is not there.
            Cond::Const(Some(without)) if without == want => {
                let otherwise = |table: &Table<'a>| Ok(is_not_true(self.plain(table, cond, want)?));
                Ok(Expr::not_exists(self.row_where(table, key, cond, otherwise)?))
            }
            Cond::Const(_) => {
                Ok(Expr::exists(self.row_where(table, key, cond, |table| self.plain(table, cond, want))?))
            }
            without => match cond {
                Cond::Not(_) | Cond::All(_) | Cond::Any(_) => self.split(table, cond, want),
                _ => {
                    let with = self.row_where(table, key, cond, |table| self.plain(table, cond, want))?;
                    let absent = Expr::not_exists(self.row(table, key)?.1);
                    Ok(any(vec![Expr::exists(with), all(vec![self.plain(table, &without, want)?, absent])]))
                }
            },
        }
    }

    /// A condition part by part.
    fn split(&self, table: &Table<'a>, cond: &Cond, want: bool) -> Result<Expr, StoreError> {
        match cond {
            Cond::Not(part) => self.truth(table, part, !want),
            Cond::All(parts) => self.joined(table, parts, want, want),
            Cond::Any(parts) => self.joined(table, parts, want, !want),
            // Consents compared with each other: each is looked up.
            leaf => self.plain(table, leaf, want),
        }
    }

    /// Where all of the parts (or else some part) are `want`. Parts about the same row are asked of it
    /// together, if that spares looking for it twice; what needs no row comes first.
    fn joined(&self, table: &Table<'a>, parts: &[Cond], want: bool, every: bool) -> Result<Expr, StoreError> {
        let (mut plain, mut split) = (Vec::new(), Vec::new());
        let mut groups: Vec<(Key<'_>, Vec<&Cond>)> = Vec::new();
        for part in parts {
            match keys(table, part).as_slice() {
                [] => plain.push(self.plain(table, part, want)?),
                [key] => match groups.iter_mut().find(|(known, _)| known == key) {
                    Some((_, group)) => group.push(part),
                    None => groups.push((*key, vec![part])),
                },
                _ => split.push(self.split(table, part, want)?),
            }
        }
        for (key, group) in groups {
            let parts = group.iter().map(|part| (*part).clone()).collect();
            // Every part is false exactly where none is true.
            let whole = if every == want { Cond::All(parts) } else { Cond::Any(parts) };
            if group.len() > 1 && settled(&whole, key).as_const().is_some() {
                plain.push(self.about(table, &whole, want, key)?);
            } else {
                let each = group.into_iter().map(|part| self.about(table, part, want, key));
                plain.extend(each.collect::<Result<Vec<_>, _>>()?);
            }
        }
        plain.extend(split);
        Ok(if every { all(plain) } else { any(plain) })
    }

    /// The row that counts, where something holds of it.
    fn row_where(
        &self,
        table: &Table<'a>,
        key: Key<'_>,
        cond: &Cond,
        holds: impl FnOnce(&Table<'a>) -> Result<Expr, StoreError>,
    ) -> Result<SelectStatement, StoreError> {
        let (alias, mut select) = self.row(table, key)?;
        let mut known = Vec::new();
        operands(cond, &mut |operand| {
            if let Operand::Fact(call) = operand
                && key_of(call) == Some(key)
                && let Some((_, column)) = COLUMNS.iter().find(|(name, _)| *name == call.name)
            {
                known.push((call.clone(), state(&alias, column)));
            }
        });
        select.and_where(holds(&table.clone().seeing(known))?);
        Ok(select)
    }

    /// The row that counts, as `garant_domain::consent::effective` has it, and its name: of the rows of the
    /// purpose and its ancestors, through the channel and through any, the one that none beats.
    fn row(&self, table: &Table<'a>, key: Key<'_>) -> Result<(String, SelectStatement), StoreError> {
        let (subject, _) = self.subject(table)?;
        let (row, better) = (self.fresh_alias(), self.fresh_alias());
        let mut select = self.candidates(&row, subject, key);
        // Of one purpose the row itself knows whether it counts through the channel.
        let alone = key.channel == "any" || counts(key.channel).is_some();
        if !alone || key.purpose.contains('.') {
            let mut beating = self.candidates(&better, state(&row, "subject_id"), key);
            beating.and_where(beats(&better, &row));
            select.and_where(Expr::not_exists(beating));
        }
        self.keep_walking(&mut select);
        Ok((row, select))
    }

    fn candidates(&self, alias: &str, subject: Expr, key: Key<'_>) -> SelectStatement {
        let mut select: SelectStatement = self.states(alias, subject, "consent");
        let (purposes, channels): (Vec<&str>, _) = (ancestors(key.purpose).collect(), channels(key.channel));
        select
            .expr(Expr::val(1i64))
            .and_where(one_of(state(alias, "purpose"), &purposes))
            .and_where(one_of(state(alias, "channel"), &channels));
        if let Some(column) = counts(key.channel) {
            select.and_where(state(alias, column).eq(constant(true)));
        }
        select
    }

    /// Keeps PostgreSQL from answering a page's question by reading everybody's consent into a hash.
    pub(crate) fn keep_walking(&self, select: &mut SelectStatement) {
        if self.walks {
            select.offset(0);
        }
    }
}

/// The later state, the more restrictive one, the nearer purpose (the longest of a chain of prefixes),
/// the named channel.
fn beats(better: &str, row: &str) -> Expr {
    let (b, r) = (|name: &str| state(better, name), |name: &str| state(row, name));
    let named = all(vec![b("purpose").eq(r("purpose")), b("channel").ne("any"), r("channel").eq("any")]);
    ["purpose", "rank", "at"].into_iter().fold(named, |rest, name| {
        any(vec![b(name).gt(r(name)), all(vec![b(name).eq(r(name)), Expr::Tuple(vec![rest])])])
    })
}

/// The column that tells whether a row counts through a channel.
pub(crate) fn counts(channel: &str) -> Option<&'static str> {
    COUNTS.iter().find(|(known, _)| *known == channel).map(|(_, column)| *column)
}

fn one_of(column: Expr, values: &[&str]) -> Expr {
    match values {
        [value] => column.eq(*value),
        values => column.is_in(list(values.iter().copied())),
    }
}

/// What a fact about consent is about.
fn key_of(call: &FactCall) -> Option<Key<'_>> {
    match call.args.as_slice() {
        [purpose, channel] if COLUMNS.iter().any(|(name, _)| *name == call.name) => Some(Key { purpose, channel }),
        _ => None,
    }
}

/// The rows of the folded consent that a condition asks about, but for what the statement knows already.
fn keys<'c>(table: &Table<'_>, cond: &'c Cond) -> Vec<Key<'c>> {
    let mut keys = Vec::new();
    operands(cond, &mut |operand| {
        if let Operand::Fact(call) = operand
            && let Some(key) = key_of(call)
            && !keys.contains(&key)
            && table.known(call).is_none()
        {
            keys.push(key);
        }
    });
    keys
}

/// Whether a condition has parts that ask nothing of a folded consent, and others that, together, need the row
/// alone.
fn has_plain_parts(table: &Table<'_>, cond: &Cond) -> bool {
    let (Cond::All(parts) | Cond::Any(parts)) = cond else { return false };
    let of_row: Vec<(&Cond, Key<'_>)> =
        parts.iter().filter_map(|part| keys(table, part).first().map(|key| (part, *key))).collect();
    let settled_each = of_row.iter().all(|(part, key)| settled(part, *key).as_const().is_some());
    of_row.len() < parts.len() && settled_each
}

fn operands<'c>(cond: &'c Cond, note: &mut impl FnMut(&'c Operand)) {
    match cond {
        Cond::Const(_) => {}
        Cond::Compare(_, a, b) | Cond::Covers(a, b) => {
            note(a);
            note(b);
        }
        Cond::Is(a) | Cond::OneOf(a, _) | Cond::IsNull(a) => note(a),
        Cond::All(parts) | Cond::Any(parts) => parts.iter().for_each(|part| operands(part, note)),
        Cond::Not(part) => operands(part, note),
    }
}

/// What is left of a condition for a person without such a row.
fn settled(cond: &Cond, key: Key<'_>) -> Cond {
    let absent = |operand: &Operand| absent(operand, key);
    let leaf = match cond {
        Cond::Const(value) => return Cond::Const(*value),
        Cond::All(parts) => return conjunction(parts.iter().map(|part| settled(part, key))),
        Cond::Any(parts) => return disjunction(parts.iter().map(|part| settled(part, key))),
        Cond::Not(part) => return negation(settled(part, key)),
        Cond::Compare(op, a, b) => Cond::Compare(*op, absent(a), absent(b)),
        Cond::Covers(a, b) => Cond::Covers(absent(a), absent(b)),
        Cond::Is(a) => Cond::Is(absent(a)),
        Cond::OneOf(a, values) => Cond::OneOf(absent(a), values.clone()),
        Cond::IsNull(a) => Cond::IsNull(absent(a)),
    };
    if is_constant(&leaf) { Cond::Const(evaluate(&leaf, &Nothing)) } else { leaf }
}

fn absent(operand: &Operand, key: Key<'_>) -> Operand {
    let Operand::Fact(call) = operand else { return operand.clone() };
    if key_of(call) != Some(key) {
        return operand.clone();
    }
    Operand::Literal(match call.name.as_str() {
        "consent.status" => Value::text("none"),
        "consent.given_at" => Value::Null,
        "consent.method" | "consent.notice" | "consent.given_by" => Value::text(""),
        _ => Value::Boolean(false),
    })
}

#[cfg(test)]
mod tests {
    use garant_domain::fact::FACTS;

    use super::COLUMNS;

    /// A fact of the row that is looked up by itself instead costs a sorted subquery for every record.
    #[test]
    fn every_fact_of_the_row_is_asked_of_it() {
        for fact in FACTS.iter().filter(|fact| fact.args == ["purpose", "channel"]) {
            let is_of_row = COLUMNS.iter().any(|(name, _)| *name == fact.name);
            // Whether another channel has one is no column of this one.
            assert_eq!(is_of_row, fact.name != "consent.other_channel", "{}", fact.name);
        }
    }
}
