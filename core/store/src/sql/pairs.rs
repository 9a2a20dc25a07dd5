//! Duplicates: records that share a key, where both are there for the caller and the fields behind the
//! key are shown in both. Each record is paired with the eldest visible one that has the key, not with
//! all: what many share (a switchboard's number) makes a star and not a web.

use garant_domain::catalog::Duplicate;
use garant_domain::query::{Pair, PairsWanted};
use garant_domain::value::{Type, Value};
use sea_query::{
    Alias, CaseStatement, CommonTableExpression, Expr, ExprTrait, JoinType, Order, Query as Sql, SelectStatement,
    WithClause,
};

use super::filter::after_prefix;
use super::shown::When;
use super::{Compiler, Table, all, any, constant, list, text};
use crate::dismissal::DISMISSED;
use crate::error::StoreError;
use crate::search::TERMS;
use crate::value::bind_as;

/// The keys that the caller may see, by record.
const KEYS: &str = "seen_keys";

impl<'a> Compiler<'a> {
    /// A page of pairs, the likeliest first: score, both ids, and for each reason whether it holds.
    pub(crate) fn pairs(&self, wanted: &PairsWanted) -> Result<SelectStatement, StoreError> {
        let table = self.table(self.entity(&wanted.entity)?);
        let reasons: Vec<&Duplicate> =
            table.entity.duplicates.iter().filter(|reason| wanted.reasons.contains(&reason.name)).collect();
        let of = |alias: &str, name: &str| Expr::col((Alias::new(alias), Alias::new(name)));
        let keys = CommonTableExpression::new()
            .query(self.seen_keys(&table, &reasons, wanted.among.as_deref())?)
            .table_name(Alias::new(KEYS))
            .to_owned();

        let mut eldest = Sql::select();
        eldest
            .expr_as(of("k", "key"), Alias::new("key"))
            .expr_as(of("k", "id").min(), Alias::new("id"))
            .from_as(Alias::new(KEYS), Alias::new("k"))
            .add_group_by([of("k", "key")]);
        let mut stars = Sql::select();
        stars
            .distinct()
            .expr_as(of("e", "id"), Alias::new("a"))
            .expr_as(of("k", "id"), Alias::new("b"))
            .from_subquery(eldest, Alias::new("e"))
            .join_as(
                JoinType::InnerJoin,
                Alias::new(KEYS),
                Alias::new("k"),
                all(vec![of("k", "key").eq(of("e", "key")), of("k", "id").ne(of("e", "id"))]),
            );

        // A steward has said of some pairs that they are not one; the eldest comes first in both.
        let dismissed = Sql::select()
            .expr(Expr::val(1i64))
            .from_as(Alias::new(DISMISSED), Alias::new("d"))
            .and_where(of("d", "tenant_id").eq(self.tenant))
            .and_where(of("d", "entity").eq(table.entity.name.as_str()))
            .and_where(of("d", "first").eq(of("e", "id")))
            .and_where(of("d", "second").eq(of("k", "id")))
            .take();
        stars.and_where(Expr::not_exists(dismissed));

        // All that the two share, also by keys that have an elder record.
        let mut pairs = Sql::select();
        pairs
            .expr_as(of("p", "a"), Alias::new("a"))
            .expr_as(of("p", "b"), Alias::new("b"))
            .from_subquery(stars, Alias::new("p"))
            .join_as(JoinType::InnerJoin, Alias::new(KEYS), Alias::new("x"), of("x", "id").eq(of("p", "a")))
            .join_as(
                JoinType::InnerJoin,
                Alias::new(KEYS),
                Alias::new("y"),
                all(vec![of("y", "id").eq(of("p", "b")), of("y", "key").eq(of("x", "key"))]),
            )
            .add_group_by([of("p", "a"), of("p", "b")]);
        let mut score = Expr::val(0i64);
        for (place, reason) in reasons.iter().enumerate() {
            let holds: Expr =
                CaseStatement::new().case(begins(&of("x", "key"), reason), Expr::val(1i64)).finally(0i64).into();
            pairs.expr_as(holds.max(), Alias::new(column(place)));
            score = score.add(of("q", &column(place)).mul(i64::from(reason.score)));
        }

        let mut scored = Sql::select();
        scored.expr_as(score, Alias::new("score")).from_subquery(pairs, Alias::new("q"));
        for name in ["a", "b"].into_iter().map(str::to_owned).chain((0..reasons.len()).map(column)) {
            scored.expr_as(of("q", &name), Alias::new(name.as_str()));
        }
        let mut page = Sql::select();
        page.expr(of("s", "score")).expr(of("s", "a")).expr(of("s", "b"));
        for place in 0..reasons.len() {
            page.expr(of("s", &column(place)));
        }
        page.from_subquery(scored, Alias::new("s"));
        if let Some(cursor) = &wanted.cursor {
            let [score, a, b] = cursor.as_slice() else { return Err(StoreError::BadCursor) };
            let bound = |ty, value| bind_as("after", ty, value).map_err(|_| StoreError::BadCursor);
            let (score, a, b) = (bound(Type::Integer, score)?, bound(Type::Text, a)?, bound(Type::Text, b)?);
            let same = of("s", "score").eq(score.clone());
            let later = all(vec![same.clone(), of("s", "a").gt(a.clone())]);
            let behind = all(vec![same, of("s", "a").eq(a), of("s", "b").gt(b)]);
            page.and_where(Expr::Tuple(vec![any(vec![of("s", "score").lt(score), later, behind])]));
        }
        page.order_by_expr(of("s", "score"), Order::Desc)
            .order_by_expr(of("s", "a"), Order::Asc)
            .order_by_expr(of("s", "b"), Order::Asc)
            .limit(u64::from(wanted.limit) + 1);
        page.with_cte(WithClause::new().cte(keys).to_owned());
        Ok(page)
    }

    /// Keys of visible records whose fields are shown, and that some other record has too.
    fn seen_keys(
        &self,
        table: &Table<'a>,
        reasons: &[&Duplicate],
        among: Option<&[String]>,
    ) -> Result<SelectStatement, StoreError> {
        let (own, other) = (self.fresh_alias(), self.fresh_alias());
        let of = |alias: &str, name: &str| Expr::col((Alias::new(alias), Alias::new(name)));
        let mut shown = Vec::new();
        for reason in reasons {
            for places in
                if reason.together { vec![reason.fields.as_slice()] } else { reason.fields.chunks(1).collect() }
            {
                let mut conditions = vec![begins(&of(&own, "term"), reason)];
                conditions.extend(places.first().map(|field| of(&own, "field").eq(reason.place(field).as_ref())));
                for field in places {
                    match self.shown_when(table, field)? {
                        When::Always => {}
                        When::Never => conditions.push(constant(false)),
                        When::If(condition) => conditions.push(condition),
                    }
                }
                shown.push(all(conditions));
            }
        }
        // Only spares work: whoever has the key with them is asked anew when the two are joined.
        let mut shared = Sql::select();
        shared
            .expr(Expr::val(1i64))
            .from_as(Alias::new(TERMS), Alias::new(other.as_str()))
            .and_where(of(&other, "tenant_id").eq(self.tenant))
            .and_where(of(&other, "entity").eq(table.entity.name.as_str()))
            .and_where(of(&other, "term").eq(of(&own, "term")))
            .and_where(of(&other, "record_id").ne(of(&own, "record_id")));
        let mut select = self.select_visible(table, false)?;
        select
            .distinct()
            .expr_as(of(&own, "record_id"), Alias::new("id"))
            .expr_as(of(&own, "term"), Alias::new("key"))
            .join_as(
                JoinType::InnerJoin,
                Alias::new(TERMS),
                Alias::new(own.as_str()),
                all(vec![
                    of(&own, "tenant_id").eq(self.tenant),
                    of(&own, "entity").eq(table.entity.name.as_str()),
                    of(&own, "record_id").eq(table.column("id")),
                ]),
            )
            .and_where(Expr::Tuple(vec![any(shown)]))
            .and_where(Expr::exists(shared));
        if let Some(ids) = among {
            let keys = Sql::select()
                .column(Alias::new("term"))
                .from(Alias::new(TERMS))
                .and_where(Expr::col(Alias::new("tenant_id")).eq(self.tenant))
                .and_where(Expr::col(Alias::new("entity")).eq(table.entity.name.as_str()))
                .and_where(Expr::col(Alias::new("record_id")).is_in(list(ids.iter().map(String::as_str))))
                .take();
            select.and_where(of(&own, "term").in_subquery(keys));
        }
        Ok(select)
    }
}

/// Reads the pairs; one more than asked for tells whether there is more.
pub(crate) fn read(wanted: &PairsWanted, found: Vec<Vec<Value>>) -> Result<(Vec<Pair>, bool), StoreError> {
    let limit = wanted.limit as usize;
    let more = found.len() > limit;
    let pair = |row: Vec<Value>| match row.as_slice() {
        [Value::Integer(score), Value::Text(first), Value::Text(second), holds @ ..] => {
            let reasons = wanted.reasons.iter().zip(holds).filter(|(_, holds)| **holds == Value::Integer(1));
            let reasons = reasons.map(|(name, _)| name.clone()).collect();
            Some(Pair { first: first.clone(), second: second.clone(), score: *score, reasons })
        }
        _ => None,
    };
    let pairs = found.into_iter().take(limit).map(pair).collect::<Option<Vec<_>>>();
    Ok((pairs.ok_or(StoreError::Corrupt { what: "pair" })?, more))
}

/// The types of a page's columns.
pub(crate) fn types(wanted: &PairsWanted) -> Vec<Type> {
    let mut types = vec![Type::Integer, Type::Text, Type::Text];
    types.extend(wanted.reasons.iter().map(|_| Type::Integer));
    types
}

/// Whether a key is one of the reason's.
fn begins(key: &Expr, reason: &Duplicate) -> Expr {
    let prefix = reason.prefix();
    let end = after_prefix(&prefix).unwrap_or_default();
    key.clone().gte(text(&prefix)).and(key.clone().lt(text(&end)))
}

fn column(place: usize) -> String {
    format!("reason_{place}")
}
