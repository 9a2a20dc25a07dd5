//! Tables of the catalogue's entities, as trees. Tables and columns are added, never dropped: a field
//! that left the catalogue may still be owed to somebody.

use std::collections::BTreeSet;

use garant_domain::catalog::{Catalog, Entity, SYSTEM_FIELDS};
use garant_domain::value::Type;
use sea_query::{
    Alias, ColumnDef, ConditionalStatement, Expr, ExprTrait, Index, IndexCreateStatement, Table, TableAlterStatement,
    TableCreateStatement,
};

use crate::dialect::Dialect;
use crate::sql::filter::fold_column;

/// Columns that every row fills.
const REQUIRED: [&str; 4] = ["id", "version", "created_at", "updated_at"];

/// Every column of an entity's table but the tenant's, with its type; custom fields have none.
pub(crate) fn columns(entity: &Entity) -> Vec<(String, Type)> {
    let mut columns: Vec<(String, Type)> = SYSTEM_FIELDS.iter().map(|(name, ty)| ((*name).to_owned(), *ty)).collect();
    for field in entity.fields.iter().filter(|field| !field.custom) {
        columns.push((field.name.clone(), field.value_type()));
        if field.is_folded() {
            columns.push((fold_column(&field.name), Type::Text));
        }
    }
    columns
}

/// `CREATE TABLE IF NOT EXISTS`.
pub(crate) fn create_table(entity: &Entity, dialect: Dialect) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(Alias::new(entity.name.as_str())).if_not_exists();
    table.col(definition("tenant_id", Type::Text, dialect).not_null());
    for (name, ty) in columns(entity) {
        let mut column = definition(&name, ty, dialect);
        if REQUIRED.contains(&name.as_str()) {
            column.not_null();
        }
        table.col(column);
    }
    table.primary_key(Index::create().col(Alias::new("tenant_id")).col(Alias::new("id")));
    table
}

/// `ALTER TABLE ADD COLUMN`; what a new field held for old records is not known, so it is null.
pub(crate) fn add_column(entity: &Entity, name: &str, ty: Type, dialect: Dialect) -> TableAlterStatement {
    let mut column = definition(name, ty, dialect);
    Table::alter().table(Alias::new(entity.name.as_str())).add_column(&mut column).take()
}

/// Indexes: by the fields that are filtered or ordered by, by every reference that is walked
/// backwards, and the unique ones.
pub(crate) fn indexes(catalog: &Catalog, entity: &Entity) -> Vec<IndexCreateStatement> {
    let inverses =
        catalog.entities.iter().flat_map(|other| &other.inverses).filter(|inverse| inverse.entity == entity.name);
    let walked: BTreeSet<&str> = inverses.map(|inverse| inverse.via.as_str()).collect();
    let mut indexes = Vec::new();
    for field in &entity.fields {
        if field.indexed || walked.contains(field.name.as_str()) {
            indexes.push(index(entity, "ix", &field.name, &field.name));
            if field.is_folded() {
                indexes.push(index(entity, "ix", &fold_column(&field.name), &fold_column(&field.name)));
            }
        }
        if field.unique {
            indexes.push(unique_index(entity, &field.name));
        }
    }
    indexes
}

/// The id follows, so that a page in this order is a walk along the index.
fn index(entity: &Entity, prefix: &str, name: &str, column: &str) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(format!("{prefix}_{}_{name}", entity.name)).table(Alias::new(entity.name.as_str())).if_not_exists();
    index.col(Alias::new("tenant_id")).col(Alias::new(column)).col(Alias::new("id"));
    index
}

/// Unique among the live records of a tenant: what is in the trash blocks nothing.
fn unique_index(entity: &Entity, field: &str) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(unique_name(entity, field)).table(Alias::new(entity.name.as_str())).if_not_exists().unique();
    index.col(Alias::new("tenant_id")).col(Alias::new(field));
    index.and_where(Expr::col(Alias::new("deleted_at")).is_null());
    index
}

/// The name of a unique index, by which PostgreSQL reports a violation.
pub(crate) fn unique_name(entity: &Entity, field: &str) -> String {
    format!("uq_{}_{field}", entity.name)
}

fn definition(name: &str, ty: Type, dialect: Dialect) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    match ty {
        Type::Boolean => column.boolean(),
        Type::Text if dialect == Dialect::Postgres => column.text().extra(" COLLATE \"C\""),
        Type::Text => column.text(),
        Type::Integer | Type::Decimal | Type::Date | Type::Instant => column.big_integer(),
    };
    column
}
