//! Searches: the records in whose shown fields every word is found, and how well. A word of a field that
//! is masked in a record is not looked at there, so neither what is found nor its rank tells of it; and
//! no number that counts records goes into a rank.

use garant_domain::query::{Hit, Hits, HitsWanted};
use garant_domain::search::{Search, Word};
use garant_domain::value::{Type, Value};
use sea_query::{
    Alias, CaseStatement, Expr, ExprTrait, Func, JoinType, Order, Query as Sql, SelectStatement, UnionType,
};

use super::filter::after_prefix;
use super::shown::When;
use super::{Compiler, Table, all, any, constant, list, text};
use crate::custom::table_of;
use crate::error::StoreError;
use crate::search::TERMS;
use crate::value::bind_as;

/// How much more a whole word counts than the beginning of one.
const WHOLE: i64 = 2;
const BEGINNING: i64 = 1;

/// The columns of a hit: rank, place of the entity, id.
pub(crate) const HIT: [Type; 3] = [Type::Integer, Type::Integer, Type::Text];

impl<'a> Compiler<'a> {
    /// Narrows a statement to what a search finds; answers the rank. Each word counts once for each
    /// field in which it is found, by the field's weight.
    pub(crate) fn found(
        &self,
        table: &Table<'a>,
        select: &mut SelectStatement,
        search: &Search,
    ) -> Result<Expr, StoreError> {
        let fields = self.by_field(table, search)?;
        let (by_field, by_record) = (self.fresh_alias(), self.fresh_alias());
        let of = |alias: &str, name: &str| Expr::col((Alias::new(alias), Alias::new(name)));
        let places = (0..search.words.len()).map(|place| of(&by_field, &word(place)));
        let mut weight = CaseStatement::new();
        for (field, factor) in table.entity.searchable() {
            weight = weight.case(of(&by_field, "field").eq(field.name.as_str()), Expr::val(i64::from(factor)));
        }
        let weight: Expr = weight.finally(Expr::val(0i64)).into();
        let sum = places.clone().reduce(ExprTrait::add).unwrap_or_else(|| Expr::val(0i64));
        let rank = Expr::from(Func::sum(Expr::Tuple(vec![sum]).mul(weight))).cast_as("bigint");
        let mut records = Sql::select();
        records
            .expr_as(of(&by_field, "record_id"), Alias::new("record_id"))
            .expr_as(rank, Alias::new("rank"))
            .from_subquery(fields, Alias::new(by_field.as_str()))
            .add_group_by([of(&by_field, "record_id")]);
        for place in places {
            records.and_having(place.max().gt(0i64));
        }
        let same = of(&by_record, "record_id").eq(table.column("id"));
        select.join_subquery(JoinType::InnerJoin, records, Alias::new(by_record.as_str()), same);
        Ok(of(&by_record, "rank"))
    }

    /// For each record and shown field in which some word is found, how well each one is.
    fn by_field(&self, table: &Table<'a>, search: &Search) -> Result<SelectStatement, StoreError> {
        let alias = self.fresh_alias();
        let term = |name: &str| Expr::col((Alias::new(alias.as_str()), Alias::new(name)));
        let mut select = Sql::select();
        select
            .expr_as(term("record_id"), Alias::new("record_id"))
            .expr_as(term("field"), Alias::new("field"))
            .from_as(Alias::new(TERMS), Alias::new(alias.as_str()))
            .and_where(term("tenant_id").eq(self.tenant))
            .and_where(term("entity").eq(table.entity.name.as_str()))
            .and_where(Expr::Tuple(vec![any(search.words.iter().map(|word| matches(&term("term"), word)).collect())]))
            .add_group_by([term("record_id"), term("field")]);
        for (place, searched) in search.words.iter().enumerate() {
            let whole = CaseStatement::new().case(term("term").eq(searched.text.as_str()), Expr::val(WHOLE));
            let beginning = whole.case(matches(&term("term"), searched), Expr::val(BEGINNING));
            let found: Expr = beginning.finally(Expr::val(0i64)).into();
            select.expr_as(found.max(), Alias::new(word(place)));
        }
        // The record itself is looked at only where a mask depends on it.
        let record = self.table(table.entity);
        let (mut open, mut masked) = (Vec::new(), Vec::new());
        for field in &search.fields {
            match self.unmasked_when(&record, field)? {
                When::Never => {}
                When::Always => open.push(field.as_str()),
                When::If(shown) => masked.push(all(vec![term("field").eq(field.as_str()), shown])),
            }
        }
        if !masked.is_empty() {
            let same = all(vec![self.own(&record), record.column("id").eq(term("record_id"))]);
            select.join_as(JoinType::InnerJoin, table_of(table.entity), record.alias(), same);
        }
        let open = if open.is_empty() { constant(false) } else { term("field").is_in(list(open)) };
        select.and_where(Expr::Tuple(vec![any([vec![open], masked].concat())]));
        Ok(select)
    }

    /// The best found records of several entities.
    pub(crate) fn hits(&self, wanted: &HitsWanted) -> Result<SelectStatement, StoreError> {
        let alias = self.fresh_alias();
        let of = |name: &str| Expr::col((Alias::new(alias.as_str()), Alias::new(name)));
        let mut select = Sql::select();
        select.expr(of("rank")).expr(of("place")).expr(of("id"));
        select.from_subquery(self.all_found(wanted)?, Alias::new(alias.as_str()));
        if let Some(cursor) = &wanted.cursor {
            let [rank, place, id] = cursor.as_slice() else { return Err(StoreError::BadCursor) };
            let bound = |ty, value| bind_as("search", ty, value).map_err(|_| StoreError::BadCursor);
            let (rank, place, id) = (bound(Type::Integer, rank)?, bound(Type::Integer, place)?, bound(Type::Text, id)?);
            let same = of("rank").eq(rank.clone());
            let later = all(vec![same.clone(), of("place").gt(place.clone())]);
            let behind = all(vec![same, of("place").eq(place), of("id").gt(id)]);
            select.and_where(Expr::Tuple(vec![any(vec![of("rank").lt(rank), later, behind])]));
        }
        select
            .order_by_expr(of("rank"), Order::Desc)
            .order_by_expr(of("place"), Order::Asc)
            .order_by_expr(of("id"), Order::Asc)
            .limit(u64::from(wanted.limit) + 1);
        Ok(select)
    }

    /// How many records of several entities are found.
    pub(crate) fn hits_total(&self, wanted: &HitsWanted) -> Result<SelectStatement, StoreError> {
        let alias = self.fresh_alias();
        let mut select = Sql::select();
        select.expr(Expr::col((Alias::new(alias.as_str()), Alias::new("id"))).count());
        select.from_subquery(self.all_found(wanted)?, Alias::new(alias.as_str()));
        Ok(select)
    }

    fn all_found(&self, wanted: &HitsWanted) -> Result<SelectStatement, StoreError> {
        let mut all: Option<SelectStatement> = None;
        for (place, query) in (0i64..).zip(&wanted.queries) {
            let table = self.table(self.entity(&query.entity)?);
            let mut select = self.select_visible(&table, query.trashed)?;
            let search = query.search.as_ref().ok_or(StoreError::Corrupt { what: "search" })?;
            let rank = self.found(&table, &mut select, search)?;
            select.expr_as(rank, Alias::new("rank"));
            select
                .expr_as(Expr::Constant(sea_query::Value::BigInt(Some(place))).cast_as("bigint"), Alias::new("place"));
            select.expr_as(table.column("id"), Alias::new("id"));
            match &mut all {
                Some(all) => {
                    all.union(UnionType::All, select);
                }
                None => all = Some(select),
            }
        }
        all.ok_or(StoreError::Corrupt { what: "search" })
    }
}

/// Reads the hits; one more than asked for tells whether there is more.
pub(crate) fn read(wanted: &HitsWanted, found: Vec<Vec<Value>>) -> Result<Hits, StoreError> {
    let limit = wanted.limit as usize;
    let more = found.len() > limit;
    let hit = |row: Vec<Value>| match row.as_slice() {
        [Value::Integer(rank), Value::Integer(place), Value::Text(id)] => {
            let query = usize::try_from(*place).ok().and_then(|place| wanted.queries.get(place))?;
            Some(Hit { entity: query.entity.clone(), id: id.clone(), rank: *rank })
        }
        _ => None,
    };
    let hits = found.into_iter().take(limit).map(hit).collect::<Option<Vec<_>>>();
    Ok(Hits { hits: hits.ok_or(StoreError::Corrupt { what: "hit" })?, more, total: None })
}

/// Where a kept word is the one that is searched, or begins with it: a range, which an index serves.
fn matches(term: &Expr, word: &Word) -> Expr {
    if !word.prefix {
        return term.clone().eq(word.text.as_str());
    }
    let from = term.clone().gte(text(&word.text));
    match after_prefix(&word.text) {
        Some(end) => from.and(term.clone().lt(text(&end))),
        None => from,
    }
}

fn word(place: usize) -> String {
    format!("word_{place}")
}
