//! One statement for a page: shown fields, which masks bit, partial values, order keys.

use garant_domain::catalog::Entity;
use garant_domain::query::{MaskRule, Query, Row};
use garant_domain::value::{Type, Value};
use sea_query::{Alias, CaseStatement, Expr, ExprTrait, Func, Query as Sql, SelectStatement, WindowStatement};

use super::filter::check_size;
use super::order::{Key, after, order_by};
use super::shown::{When, always, never};
use super::{Compiler, Table, constant};
use crate::error::StoreError;
use crate::value::bind;

/// A statement and how to read its rows.
pub(crate) struct PageSql {
    pub(crate) select: SelectStatement,
    /// Of the columns, in order.
    pub(crate) types: Vec<Type>,
    fields: usize,
    bitten: Vec<Bitten>,
    /// Field names of the display columns.
    displays: Vec<String>,
    keys: usize,
    judged: usize,
}

/// Where the answer to "did this mask bite" is.
enum Bitten {
    Known(bool),
    Column,
    /// A column that is null where the shown field in this place tells: it had a value, so it is null
    /// only if the mask bit.
    Shown(usize),
}

/// Collects the columns of a statement under names of their own.
struct Columns {
    exprs: Vec<Expr>,
    types: Vec<Type>,
}

impl Columns {
    fn push(&mut self, expr: Expr, ty: Type) {
        self.exprs.push(expr);
        self.types.push(ty);
    }
}

impl<'a> Compiler<'a> {
    /// The page of a query.
    pub(crate) fn page(&self, query: &Query) -> Result<PageSql, StoreError> {
        let (table, mut select, keys) = self.matching(query)?;
        if let Some(cursor) = &query.page.cursor {
            select.and_where(after(&keys, cursor)?);
        }
        let (columns, mut sql) = self.columns(&table, query, &keys)?;
        for expr in columns.exprs {
            select.expr(expr);
        }
        order_by(&mut select, &keys);
        // One more than asked for tells whether there is more.
        select.limit(u64::from(query.page.limit) + 1);
        sql.types = columns.types;
        sql.select = select;
        Ok(sql)
    }

    /// A page for each parent; the parent's id is the first column.
    pub(crate) fn page_per_parent(&self, query: &Query, via: &str, parents: &[String]) -> Result<PageSql, StoreError> {
        let (table, mut select, keys) = self.matching(query)?;
        let parent = self.of_parents(&table, &mut select, via, parents)?;
        if let Some(cursor) = &query.page.cursor {
            select.and_where(after(&keys, cursor)?);
        }
        let (columns, mut sql) = self.columns(&table, query, &keys)?;
        let mut window = WindowStatement::partition_by(parent.clone());
        for key in &keys {
            if key.is_nullable() {
                window.order_by_expr_with_nulls(key.expr.clone(), key.direction(), key.nulls());
            } else {
                window.order_by_expr(key.expr.clone(), key.direction());
            }
        }
        let (place, outer) = (Alias::new("place"), self.fresh_alias());
        select.expr_as(Expr::col(parent), Alias::new("parent"));
        select.expr_window_as(Func::cust("row_number"), window, place.clone());
        let outer_column = |name: &str| Expr::col((Alias::new(outer.as_str()), Alias::new(name)));
        let mut page = Sql::select();
        page.expr(outer_column("parent"));
        for (index, expr) in columns.exprs.into_iter().enumerate() {
            let name = format!("c{index}");
            select.expr_as(expr, Alias::new(name.as_str()));
            page.expr(outer_column(&name));
        }
        page.from_subquery(select, Alias::new(outer.as_str()))
            .and_where(outer_column("place").lte(i64::from(query.page.limit) + 1))
            .order_by_expr(outer_column("parent"), sea_query::Order::Asc)
            .order_by_expr(outer_column("place"), sea_query::Order::Asc);
        sql.types = [vec![Type::Text], columns.types].concat();
        sql.select = page;
        Ok(sql)
    }

    /// How many match, whatever the page.
    pub(crate) fn total(&self, query: &Query) -> Result<SelectStatement, StoreError> {
        let (table, mut select, _) = self.matching(query)?;
        select.expr(table.column("id").count());
        Ok(select)
    }

    /// How many match for each parent.
    pub(crate) fn total_per_parent(
        &self,
        query: &Query,
        via: &str,
        parents: &[String],
    ) -> Result<SelectStatement, StoreError> {
        let (table, mut select, _) = self.matching(query)?;
        let parent = Expr::col(self.of_parents(&table, &mut select, via, parents)?);
        select.expr(parent.clone()).expr(table.column("id").count()).add_group_by([parent]);
        Ok(select)
    }

    pub(crate) fn matching(&self, query: &Query) -> Result<(Table<'a>, SelectStatement, Vec<Key>), StoreError> {
        let table = self.table(self.entity(&query.entity)?);
        let mut select = self.select_visible(&table, query.trashed)?;
        if let Some(filter) = &query.filter {
            check_size(filter)?;
            select.and_where(self.filter(&table, filter)?);
        }
        let rank = query.search.as_ref().map(|search| self.found(&table, &mut select, search)).transpose()?;
        let keys = match rank {
            Some(rank) if query.order.is_empty() => self.rank_keys(&table, rank, &query.page),
            _ => self.keys(&table, &query.order, &query.page)?,
        };
        Ok((table, select, keys))
    }

    /// Narrows a statement to what refers to some records; answers the column of the reference.
    pub(crate) fn of_parents(
        &self,
        table: &Table<'a>,
        select: &mut SelectStatement,
        via: &str,
        parents: &[String],
    ) -> Result<(Alias, Alias), StoreError> {
        let shown = self.operand(table, via)?;
        let link = self.link(table, select, via);
        let parents: Vec<Expr> = parents.iter().map(|id| bind(&Value::text(id.as_str()))).collect();
        select.and_where(if parents.is_empty() { constant(false) } else { Expr::col(link.clone()).is_in(parents) });
        if let When::If(condition) = shown.when {
            select.and_where(condition);
        }
        Ok(link)
    }

    fn columns(&self, table: &Table<'a>, query: &Query, keys: &[Key]) -> Result<(Columns, PageSql), StoreError> {
        let mut columns = Columns { exprs: vec![], types: vec![] };
        columns.push(table.column("id"), Type::Text);
        columns.push(table.column("version"), Type::Integer);
        for field in &query.fields {
            let shown = self.shown(table, field)?;
            let ty = shown.ty;
            columns.push(shown.value(), ty);
        }
        let mut bitten = Vec::new();
        for mask in &self.guard(table.entity)?.masks {
            // A mask over no field hides nothing: it notes where a rule bites.
            let notes = mask.fields.is_empty();
            let asked = notes || mask.fields.iter().any(|field| query.fields.contains(field));
            bitten.push(if !asked || never(mask) {
                Bitten::Known(false)
            } else if always(mask) {
                Bitten::Known(true)
            } else if let Some(place) = self.telling(table.entity, query, mask)? {
                let absent = table.column(&query.fields[place]).is_null();
                let bites = CaseStatement::new().case(absent, self.bites(table, mask)?);
                columns.push(bites.into(), Type::Boolean);
                Bitten::Shown(place)
            } else {
                columns.push(self.bites(table, mask)?, Type::Boolean);
                Bitten::Column
            });
        }
        let mut displays = Vec::new();
        for field in &query.fields {
            for display in self.displays(table, field)? {
                columns.push(display, Type::Text);
                displays.push(field.clone());
            }
        }
        // The last key is the id, which is there already.
        let keys = keys.split_last().map_or(&[][..], |(_, keys)| keys);
        for key in keys {
            columns.push(key.expr.clone(), key.ty);
        }
        let judged = &self.guard(table.entity)?.judged;
        for operand in judged {
            let (expr, ty) = self.judged(table, operand)?;
            columns.push(expr, ty);
        }
        let sql = PageSql {
            select: SelectStatement::new(),
            types: vec![],
            fields: query.fields.len(),
            bitten,
            displays,
            keys: keys.len(),
            judged: judged.len(),
        };
        Ok((columns, sql))
    }

    /// The place of a field that nothing but this mask takes away, so that the mask is asked once.
    fn telling(&self, entity: &Entity, query: &Query, mask: &MaskRule) -> Result<Option<usize>, StoreError> {
        let masks = &self.guard(entity)?.masks;
        let alone = |field: &String| {
            let others = masks.iter().filter(|other| !never(other) && other.fields.contains(field));
            mask.fields.contains(field)
                && others.count() == 1
                && entity.field(field).is_some_and(|field| field.target().is_none())
        };
        Ok(query.fields.iter().position(alone))
    }
}

impl PageSql {
    /// Reads a row of the statement (without the parent).
    pub(crate) fn row(&self, values: Vec<Value>) -> Result<Row, StoreError> {
        let corrupt = || StoreError::Corrupt { what: "row" };
        let mut values = values.into_iter();
        let mut next = || values.next().ok_or_else(corrupt);
        let (Value::Text(id), Value::Integer(version)) = (next()?, next()?) else { return Err(corrupt()) };
        let shown = (0..self.fields).map(|_| next()).collect::<Result<Vec<_>, _>>()?;
        let mut bitten = Vec::with_capacity(self.bitten.len());
        for source in &self.bitten {
            bitten.push(match source {
                Bitten::Known(known) => *known,
                // Anything but a clear no is a bite.
                Bitten::Column => next()? != Value::Boolean(false),
                Bitten::Shown(place) => match next()? {
                    Value::Null => shown.get(*place).is_none_or(Value::is_null),
                    bites => bites != Value::Boolean(false),
                },
            });
        }
        let mut display = Vec::new();
        for field in &self.displays {
            if let Value::Text(part) = next()? {
                display.push((field.clone(), part));
            }
        }
        let mut cursor = (0..self.keys).map(|_| next()).collect::<Result<Vec<_>, _>>()?;
        cursor.push(Value::text(id.as_str()));
        let judged = (0..self.judged).map(|_| next()).collect::<Result<Vec<_>, _>>()?;
        Ok(Row { id, version, values: shown, bitten, display, cursor, judged })
    }
}
