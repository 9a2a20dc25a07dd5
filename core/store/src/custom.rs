//! Where what tenants defined lies: values of their fields in rows beside the record, one for each field,
//! and records of their objects in one table. Written in the transaction that writes the record.

use std::collections::BTreeMap;

use garant_domain::catalog::{Entity, Field, FieldType};
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};

use crate::error::StoreError;
use crate::row::{Cell, insert_all};
use crate::sql::{all, list, text};
use crate::value::bind_as;
use crate::write::WriteTx;

/// The table of values.
pub(crate) const VALUES: &str = "custom_value";
/// The table of records of objects that tenants defined.
const RECORDS: &str = "custom_record";

/// The table in which an entity's records lie.
pub(crate) fn table_of(entity: &Entity) -> Alias {
    Alias::new(table_name(entity))
}

/// Its name.
pub(crate) fn table_name(entity: &Entity) -> &str {
    if entity.custom { RECORDS } else { &entity.name }
}

/// That a row is of the entity, where its table holds several.
pub(crate) fn of_entity(entity: &Entity) -> Option<Expr> {
    entity.custom.then(|| column("entity").eq(entity.name.as_str()))
}

/// The cell that says so in a new row.
pub(crate) fn entity_cell<'a>(entity: &Entity) -> Option<Cell<'a>> {
    entity.custom.then(|| ("entity", Type::Text, Value::text(entity.name.as_str())))
}

/// The column in which values of a field lie, and what of it is the value.
pub(crate) fn value_of(field: &Field, column: impl Fn(&str) -> Expr) -> Expr {
    match field.value_type() {
        Type::Text => column("text_value"),
        Type::Boolean => column("number_value").eq(1i64),
        Type::Integer | Type::Decimal | Type::Date | Type::Instant => column("number_value"),
    }
}

/// The records whose custom field holds one of some texts, by id.
pub(crate) fn holders(tenant: &str, entity: &Entity, field: &Field, texts: Vec<Expr>) -> SelectStatement {
    Query::select()
        .expr(column("record_id"))
        .from(Alias::new(VALUES))
        .and_where(of_field(tenant, entity, field))
        .and_where(column("text_value").is_in(texts))
        .take()
}

/// That a row holds the value of a field.
pub(crate) fn of_field(tenant: &str, entity: &Entity, field: &Field) -> Expr {
    all(vec![
        column("tenant_id").eq(tenant),
        column("entity").eq(entity.name.as_str()),
        column("field").eq(field.name.as_str()),
        column("item").eq(""),
    ])
}

/// Writes the values of custom fields among those of a record. `known`: the record may have some already.
pub(crate) async fn put(
    tx: &mut WriteTx,
    entity: &Entity,
    id: &str,
    values: &BTreeMap<String, Value>,
    known: bool,
) -> Result<(), StoreError> {
    let written: Vec<(&Field, &Value)> = values
        .iter()
        .filter_map(|(name, value)| Some((entity.field(name).filter(|field| field.custom)?, value)))
        .collect();
    if written.is_empty() {
        return Ok(());
    }
    if known {
        let mut delete = Query::delete();
        delete
            .from_table(Alias::new(VALUES))
            .and_where(column("tenant_id").eq(tx.tenant.as_str()))
            .and_where(column("entity").eq(entity.name.as_str()))
            .and_where(column("record_id").eq(id))
            .and_where(column("field").is_in(list(written.iter().map(|(field, _)| field.name.as_str()))));
        let statement = tx.inner.dialect.build(&delete);
        tx.lease.execute(&statement).await.map_err(StoreError::at("taking custom values out"))?;
    }
    let mut rows = Vec::new();
    for (field, value) in written.into_iter().filter(|(_, value)| !value.is_null()) {
        rows.extend(rows_of(&tx.tenant, entity, id, field, value)?);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let statement = tx.inner.dialect.build(&insert_all(VALUES, rows)?);
    tx.lease.execute(&statement).await.map_err(StoreError::at("storing custom values")).map(drop)
}

/// Takes the values of records out that leave their table, also of fields that are no longer in use.
pub(crate) async fn forget(tx: &mut WriteTx, entity: &Entity, ids: &[String]) -> Result<(), StoreError> {
    let mut delete = Query::delete();
    delete
        .from_table(Alias::new(VALUES))
        .and_where(column("tenant_id").eq(tx.tenant.as_str()))
        .and_where(column("entity").eq(entity.name.as_str()))
        .and_where(column("record_id").is_in(list(ids.iter().map(String::as_str))));
    let statement = tx.inner.dialect.build(&delete);
    tx.lease.execute(&statement).await.map_err(StoreError::at("taking custom values out")).map(drop)
}

/// Turns a reference to some records to another one; answers nothing, since the record's own row is
/// written by whoever asks.
pub(crate) async fn turn(
    tx: &mut WriteTx,
    entity: &Entity,
    field: &Field,
    from: &[String],
    to: &str,
) -> Result<(), StoreError> {
    let mut update = Query::update();
    update
        .table(Alias::new(VALUES))
        .value(Alias::new("text_value"), text(to))
        .and_where(of_field(&tx.tenant, entity, field))
        .and_where(column("text_value").is_in(list(from.iter().map(String::as_str))))
        .and_where(column("record_id").is_not_in(list(from.iter().map(String::as_str).chain([to]))));
    let statement = tx.inner.dialect.build(&update);
    tx.lease.execute(&statement).await.map_err(StoreError::at("turning references to the survivor")).map(drop)
}

/// The row of a value, and one more for each key of a choice of several.
fn rows_of<'a>(
    tenant: &str,
    entity: &Entity,
    id: &str,
    field: &Field,
    value: &Value,
) -> Result<Vec<Vec<Cell<'a>>>, StoreError> {
    // Refuses a value of another type.
    bind_as(&field.name, field.value_type(), value)?;
    let folded = value.as_text().filter(|_| field.is_folded()).map(str::to_lowercase);
    let row = |item: &str, value: &Value, folded: Option<&str>| {
        let (text, number) = match value {
            Value::Text(text) => (Value::text(text.as_str()), Value::Null),
            Value::Boolean(is) => (Value::Null, Value::Integer(i64::from(*is))),
            Value::Integer(number) | Value::Decimal(number) | Value::Instant(number) => {
                (Value::Null, Value::Integer(*number))
            }
            Value::Date(days) => (Value::Null, Value::Integer(i64::from(*days))),
            Value::Null => (Value::Null, Value::Null),
        };
        vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("entity", Type::Text, Value::text(entity.name.as_str())),
            ("record_id", Type::Text, Value::text(id)),
            ("field", Type::Text, Value::text(field.name.as_str())),
            ("item", Type::Text, Value::text(item)),
            ("text_value", Type::Text, text),
            ("fold_value", Type::Text, folded.map_or(Value::Null, Value::text)),
            ("number_value", Type::Integer, number),
        ]
    };
    let mut rows = vec![row("", value, folded.as_deref())];
    if let (FieldType::MultiSelect(_), Value::Text(keys)) = (&field.ty, value) {
        rows.extend(keys.split(' ').map(|key| row(key, &Value::text(key), None)));
    }
    Ok(rows)
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}
