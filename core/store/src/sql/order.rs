//! Order and keyset paging, in both directions, over shown values.

use garant_domain::catalog::Field;
use garant_domain::query::{Order, Page};
use garant_domain::value::{Type, Value};
use sea_query::{Expr, ExprTrait, NullOrdering, SelectStatement};

use super::filter::fold_column;
use super::shown::Shown;
use super::{Compiler, Table, all, any, constant};
use crate::error::StoreError;
use crate::value::bind_as;

/// One order key, as the page is read (turned around where it is read from the end).
pub(crate) struct Key {
    pub(crate) expr: Expr,
    pub(crate) ty: Type,
    field: String,
    descending: bool,
    nulls_first: bool,
    nullable: bool,
}

impl<'a> Compiler<'a> {
    /// The order keys; the id comes last, so that no two records are equal.
    pub(crate) fn keys(&self, table: &Table<'a>, order: &[Order], page: &Page) -> Result<Vec<Key>, StoreError> {
        let mut keys = Vec::with_capacity(order.len() + 1);
        for order in order {
            let Shown { mut column, ty, when } = self.operand(table, &order.field)?;
            // People expect "b" between "A" and "C".
            if table.entity.field(&order.field).is_some_and(Field::is_folded) {
                column = table.column(&fold_column(&order.field));
            }
            keys.push(Key {
                expr: Shown { column, ty, when }.value(),
                ty,
                field: order.field.clone(),
                descending: order.descending != page.backwards,
                nulls_first: order.nulls_first != page.backwards,
                nullable: order.field != "id",
            });
        }
        keys.push(self.id_key(table, page));
        Ok(keys)
    }

    /// The order of a search: the best found first.
    pub(crate) fn rank_keys(&self, table: &Table<'a>, rank: Expr, page: &Page) -> Vec<Key> {
        let rank = Key {
            expr: rank,
            ty: Type::Integer,
            field: "search".to_owned(),
            descending: !page.backwards,
            nulls_first: page.backwards,
            nullable: false,
        };
        vec![rank, self.id_key(table, page)]
    }

    fn id_key(&self, table: &Table<'a>, page: &Page) -> Key {
        Key {
            expr: table.column("id"),
            ty: Type::Text,
            field: "id".to_owned(),
            descending: page.backwards,
            nulls_first: page.backwards,
            nullable: false,
        }
    }
}

/// Adds `ORDER BY`.
pub(crate) fn order_by(select: &mut SelectStatement, keys: &[Key]) {
    for key in keys {
        if key.nullable {
            select.order_by_expr_with_nulls(key.expr.clone(), key.direction(), key.nulls());
        } else {
            select.order_by_expr(key.expr.clone(), key.direction());
        }
    }
}

/// The records after a cursor, in the order of reading.
pub(crate) fn after(keys: &[Key], cursor: &[Value]) -> Result<Expr, StoreError> {
    if cursor.len() != keys.len() {
        return Err(StoreError::BadCursor);
    }
    let mut ways = Vec::with_capacity(keys.len());
    let mut equal: Vec<Expr> = Vec::new();
    for (key, value) in keys.iter().zip(cursor) {
        let bound = bind_as(&key.field, key.ty, value).map_err(|_| StoreError::BadCursor)?;
        ways.push(all([equal.clone(), vec![key.beyond(value, &bound)]].concat()));
        equal.push(if value.is_null() { key.expr.clone().is_null() } else { key.expr.clone().eq(bound) });
    }
    // Said once more for the first key alone: an index can start there.
    let start = match (keys.first(), cursor.first()) {
        (Some(key), Some(value)) if !value.is_null() && (!key.nullable || key.nulls_first) => {
            let bound = bind_as(&key.field, key.ty, value)?;
            if key.descending { key.expr.clone().lte(bound) } else { key.expr.clone().gte(bound) }
        }
        _ => constant(true),
    };
    Ok(start.and(Expr::Tuple(vec![any(ways)])))
}

impl Key {
    pub(crate) fn direction(&self) -> sea_query::Order {
        if self.descending { sea_query::Order::Desc } else { sea_query::Order::Asc }
    }

    pub(crate) fn nulls(&self) -> NullOrdering {
        if self.nulls_first { NullOrdering::First } else { NullOrdering::Last }
    }

    pub(crate) fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// The records whose key comes after the value.
    fn beyond(&self, value: &Value, bound: &Expr) -> Expr {
        let key = || self.expr.clone();
        if value.is_null() {
            return if self.nulls_first { key().is_not_null() } else { constant(false) };
        }
        let past = if self.descending { key().lt(bound.clone()) } else { key().gt(bound.clone()) };
        if self.nullable && !self.nulls_first { any(vec![past, key().is_null()]) } else { past }
    }
}
