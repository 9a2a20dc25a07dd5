//! Aggregates: a statement over the shown values of the rows that are there for the caller.

use garant_domain::query::{Aggregation, Function, Group, Measure, Page};
use garant_domain::value::{DECIMAL_SCALE, Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Func, NullOrdering, Order, Query as Sql, SelectStatement};

use super::Compiler;
use crate::error::StoreError;

/// A statement and how to read its groups.
pub(crate) struct AggregateSql {
    pub(crate) select: SelectStatement,
    pub(crate) types: Vec<Type>,
    keys: usize,
    measures: Vec<(Function, Type)>,
}

impl Compiler<'_> {
    /// One row per group. The inner statement gives shown values names, so that the outer one groups
    /// by the same expression that it selects, parameters and all.
    pub(crate) fn aggregate(&self, wanted: &Aggregation) -> Result<AggregateSql, StoreError> {
        let query = garant_domain::query::Query {
            entity: wanted.entity.clone(),
            filter: wanted.filter.clone(),
            search: wanted.search.clone(),
            trashed: wanted.trashed,
            page: Page::default(),
            ..garant_domain::query::Query::default()
        };
        let (table, mut inner, _) = self.matching(&query)?;
        let outer = self.fresh_alias();
        let mut names = 0_usize;
        let mut named = |inner: &mut SelectStatement, expr: Expr| {
            let name = format!("c{names}");
            names += 1;
            inner.expr_as(expr, Alias::new(name.as_str()));
            Expr::col((Alias::new(outer.as_str()), Alias::new(name.as_str())))
        };
        let (mut keys, mut types) = (Vec::new(), Vec::new());
        if let Some((via, parents)) = &wanted.parents {
            let parent = self.of_parents(&table, &mut inner, via, parents)?;
            keys.push(named(&mut inner, Expr::col(parent)));
            types.push(Type::Text);
        }
        for field in &wanted.by {
            let shown = self.operand(&table, field)?;
            types.push(shown.ty);
            keys.push(named(&mut inner, shown.value()));
        }
        // A statement needs a column, even where only rows are counted.
        named(&mut inner, table.column("id"));
        let mut exprs = vec![Expr::val(1i64).count()];
        types.push(Type::Integer);
        let mut measures = Vec::with_capacity(wanted.measures.len());
        for Measure { function, field } in &wanted.measures {
            let shown = self.operand(&table, field)?;
            let ty = shown.ty;
            let value = named(&mut inner, shown.value());
            exprs.push(value.clone().count());
            types.push(Type::Integer);
            let measured = match function {
                // PostgreSQL sums into a numeric; a sum that does not fit is an error in both.
                Function::Sum | Function::Avg => Expr::from(Func::sum(value)).cast_as("bigint"),
                Function::Min => value.min(),
                Function::Max => value.max(),
            };
            exprs.push(measured);
            types.push(ty);
            measures.push((*function, ty));
        }
        let mut select = Sql::select();
        select.from_subquery(inner, Alias::new(outer.as_str()));
        for key in &keys {
            select.expr(key.clone()).add_group_by([key.clone()]);
            select.order_by_expr_with_nulls(key.clone(), Order::Asc, NullOrdering::Last);
        }
        for expr in exprs {
            select.expr(expr);
        }
        // One more than allowed tells that there are too many.
        select.limit(u64::from(wanted.limit) + 1);
        Ok(AggregateSql { select, types, keys: keys.len(), measures })
    }
}

impl AggregateSql {
    /// Reads a row of the statement.
    pub(crate) fn group(&self, values: Vec<Value>) -> Result<Group, StoreError> {
        let corrupt = || StoreError::Corrupt { what: "group" };
        let mut values = values.into_iter();
        let mut next = || values.next().ok_or_else(corrupt);
        let key = (0..self.keys).map(|_| next()).collect::<Result<Vec<_>, _>>()?;
        let Value::Integer(count) = next()? else { return Err(corrupt()) };
        let mut measured = Vec::with_capacity(self.measures.len());
        for (function, ty) in &self.measures {
            let (Value::Integer(of), value) = (next()?, next()?) else { return Err(corrupt()) };
            measured.push((of, finished(*function, *ty, of, value)?));
        }
        Ok(Group { key, count, measured })
    }
}

/// Sums and averages are decimals, whatever was summed.
fn finished(function: Function, ty: Type, of: i64, value: Value) -> Result<Value, StoreError> {
    let scaled = match (function, &value) {
        (Function::Min | Function::Max, _) | (_, Value::Null) => return Ok(value),
        (_, Value::Integer(sum)) if ty == Type::Integer => i128::from(*sum) * i128::from(DECIMAL_SCALE),
        (_, Value::Decimal(sum)) => i128::from(*sum),
        _ => return Err(StoreError::Corrupt { what: "sum" }),
    };
    let exact = if function == Function::Avg { rounded(scaled, i128::from(Ord::max(of, 1))) } else { scaled };
    i64::try_from(exact).map(Value::Decimal).map_err(|_| StoreError::SumTooLarge)
}

/// A quotient, rounded half away from zero.
fn rounded(dividend: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    if rest.abs() * 2 >= divisor { quotient + dividend.signum() } else { quotient }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_are_rounded_half_away_from_zero() {
        for (dividend, divisor, expected) in [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (0, 7, 0), (6, 3, 2)] {
            assert_eq!(rounded(dividend, divisor), expected, "{dividend}/{divisor}");
        }
    }

    #[test]
    fn a_sum_of_integers_is_a_decimal_or_too_large() {
        let sum = |value| finished(Function::Sum, Type::Integer, 1, Value::Integer(value));
        assert!(matches!(sum(3), Ok(Value::Decimal(30_000))));
        assert!(matches!(sum(i64::MAX), Err(StoreError::SumTooLarge)));
    }
}
