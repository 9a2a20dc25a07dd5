//! Values between the domain, statement parameters and rows. Only text, 64-bit integers and booleans
//! ever cross.

use garant_domain::catalog::{Entity, SYSTEM_FIELDS};
use garant_domain::value::{Type, Value};
use sea_query::Expr;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row};

use crate::error::StoreError;

/// The type of a field or system field.
pub(crate) fn type_of(entity: &Entity, field: &str) -> Result<Type, StoreError> {
    let system = || SYSTEM_FIELDS.iter().find(|(name, _)| *name == field).map(|(_, ty)| *ty);
    entity
        .field(field)
        .map(garant_domain::catalog::Field::value_type)
        .or_else(system)
        .ok_or_else(|| StoreError::UnknownField { entity: entity.name.clone(), field: field.to_owned() })
}

/// A value as a bound parameter.
pub(crate) fn bind(value: &Value) -> Expr {
    Expr::Value(bound(value))
}

/// A value as it is bound.
pub(crate) fn bound(value: &Value) -> sea_query::Value {
    match value {
        // Nowhere compared: nulls are folded before. In a VALUES list any type will do.
        Value::Null => sea_query::Value::String(None),
        Value::Boolean(value) => sea_query::Value::Bool(Some(*value)),
        Value::Integer(value) | Value::Decimal(value) | Value::Instant(value) => sea_query::Value::BigInt(Some(*value)),
        Value::Date(value) => sea_query::Value::BigInt(Some(i64::from(*value))),
        Value::Text(value) => sea_query::Value::String(Some(value.clone())),
    }
}

/// A value for a column of a type; null takes the type of the column.
pub(crate) fn bind_as(field: &str, ty: Type, value: &Value) -> Result<Expr, StoreError> {
    let bad = || StoreError::BadValue { field: field.to_owned() };
    match value {
        Value::Null => Ok(Expr::Value(match ty {
            Type::Boolean => sea_query::Value::Bool(None),
            Type::Text => sea_query::Value::String(None),
            Type::Integer | Type::Decimal | Type::Date | Type::Instant => sea_query::Value::BigInt(None),
        })),
        // PostgreSQL stores no NUL, so SQLite does not either.
        Value::Text(text) if text.contains('\0') => Err(bad()),
        value if value.value_type() == Some(ty) => Ok(bind(value)),
        _ => Err(bad()),
    }
}

/// A row of SQLite.
pub(crate) fn decode_sqlite(row: &SqliteRow, types: &[Type]) -> Result<Vec<Value>, sqlx::Error> {
    decode(row, types)
}

/// A row of PostgreSQL.
pub(crate) fn decode_postgres(row: &PgRow, types: &[Type]) -> Result<Vec<Value>, sqlx::Error> {
    decode(row, types)
}

fn decode<'r, R: Row>(row: &'r R, types: &[Type]) -> Result<Vec<Value>, sqlx::Error>
where
    usize: sqlx::ColumnIndex<R>,
    bool: Decode<'r, R::Database>,
    i64: Decode<'r, R::Database>,
    String: Decode<'r, R::Database>,
{
    types.iter().enumerate().map(|(index, ty)| decode_one(row, index, *ty)).collect()
}

fn decode_one<'r, R: Row>(row: &'r R, index: usize, ty: Type) -> Result<Value, sqlx::Error>
where
    usize: sqlx::ColumnIndex<R>,
    bool: Decode<'r, R::Database>,
    i64: Decode<'r, R::Database>,
    String: Decode<'r, R::Database>,
{
    // Unchecked: SQLite gives an expression no declared type, and a masked column is an untyped null.
    let integer = || row.try_get_unchecked::<Option<i64>, _>(index);
    Ok(match ty {
        Type::Boolean => row.try_get_unchecked::<Option<bool>, _>(index)?.map_or(Value::Null, Value::Boolean),
        Type::Integer => integer()?.map_or(Value::Null, Value::Integer),
        Type::Decimal => integer()?.map_or(Value::Null, Value::Decimal),
        Type::Instant => integer()?.map_or(Value::Null, Value::Instant),
        Type::Date => match integer()? {
            None => Value::Null,
            Some(days) => Value::Date(i32::try_from(days).map_err(|error| sqlx::Error::Decode(Box::new(error)))?),
        },
        Type::Text => row.try_get_unchecked::<Option<String>, _>(index)?.map_or(Value::Null, Value::Text),
    })
}
