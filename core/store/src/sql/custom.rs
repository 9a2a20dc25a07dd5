//! Custom fields in statements. Wherever a value of one record is needed it is looked up by the record's
//! key; a filter finds the records by the value instead, which an index serves, and a reference that is
//! walked backwards is joined.

use garant_domain::catalog::Field;
use sea_query::{Alias, Expr, ExprTrait, JoinType, Query as Sql, SelectStatement};

use super::filter::fold_column;
use super::{Compiler, Table, all};
use crate::custom::{VALUES, value_of};

/// The name of the row of values in a statement of its own; it never holds another such statement.
const ROW: &str = "cv";

impl<'a> Table<'a> {
    /// A field that a tenant defined.
    pub(crate) fn custom(&self, name: &str) -> Option<&'a Field> {
        self.entity.field(name).filter(|field| field.custom && !self.derived)
    }

    /// The value of a custom field, or its text without regard to case, of this record.
    pub(crate) fn custom_column(&self, name: &str) -> Option<Expr> {
        let folded = || {
            let field = self.custom(name.strip_suffix("_fold")?)?;
            (fold_column(&field.name) == name).then(|| (field, row("fold_value")))
        };
        let (field, value) = self.custom(name).map(|field| (field, value_of(field, row))).or_else(folded)?;
        let mut select = Sql::select();
        select
            .expr(value)
            .from_as(Alias::new(VALUES), Alias::new(ROW))
            .and_where(row("tenant_id").eq(self.plain("tenant_id")))
            .and_where(row("entity").eq(self.entity.name.as_str()))
            .and_where(row("record_id").eq(self.plain("id")))
            .and_where(row("field").eq(field.name.as_str()))
            .and_where(row("item").eq(""));
        Some(Expr::SubQuery(None, Box::new(select.into())))
    }
}

/// A column of the row of values.
pub(super) fn row(name: &str) -> Expr {
    Expr::col((Alias::new(ROW), Alias::new(name)))
}

impl<'a> Compiler<'a> {
    /// The records whose value of a custom field passes a test of the row of values. `item` is a key of a
    /// choice of several, or empty for the value itself.
    pub(super) fn holding(&self, table: &Table<'a>, field: &Field, item: &str, test: Expr) -> Expr {
        let mut select = Sql::select();
        select
            .expr(row("record_id"))
            .from_as(Alias::new(VALUES), Alias::new(ROW))
            .and_where(row("tenant_id").eq(self.tenant))
            .and_where(row("entity").eq(table.entity.name.as_str()))
            .and_where(row("field").eq(field.name.as_str()))
            .and_where(row("item").eq(item))
            .and_where(test);
        table.column("id").in_subquery(select)
    }

    /// That a field holds one of some texts.
    pub(crate) fn is_among(&self, table: &Table<'a>, field: &str, texts: Vec<Expr>) -> Expr {
        match table.custom(field) {
            Some(custom) => self.holding(table, custom, "", row("text_value").is_in(texts)),
            None => table.column(field).is_in(texts),
        }
    }

    /// The column of a reference that is walked backwards; that of a custom one is joined.
    pub(crate) fn link(&self, table: &Table<'a>, select: &mut SelectStatement, via: &str) -> (Alias, Alias) {
        let Some(field) = table.custom(via) else { return (table.alias(), Alias::new(via)) };
        let alias = Alias::new(self.fresh_alias());
        let of = |name: &str| Expr::col((alias.clone(), Alias::new(name)));
        let on = all(vec![
            of("tenant_id").eq(self.tenant),
            of("entity").eq(table.entity.name.as_str()),
            of("field").eq(field.name.as_str()),
            of("item").eq(""),
            of("record_id").eq(table.column("id")),
        ]);
        select.join_as(JoinType::InnerJoin, Alias::new(VALUES), alias.clone(), on);
        (alias, Alias::new("text_value"))
    }
}
