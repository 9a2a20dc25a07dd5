//! The words of records, kept beside them: written in the transaction that writes the record, gone over
//! again at start where the searchable fields are others than before.

mod rebuild;

use std::collections::BTreeMap;

use garant_domain::catalog::Entity;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, DeleteStatement, Expr, ExprTrait, InsertStatement, Query};

use crate::error::StoreError;
use crate::row::{Cell, insert_all};
use crate::sql::list;
use crate::write::WriteTx;

pub(crate) use rebuild::rebuild;

/// The table of words.
pub(crate) const TERMS: &str = "search_term";
/// Rows of one statement: five parameters each, of SQLite's 32,766.
const ROWS: usize = 2_000;

/// Keeps the words of the fields that were written. `known`: the record may have words already.
pub(crate) async fn keep(
    tx: &mut WriteTx,
    entity: &Entity,
    id: &str,
    values: &BTreeMap<String, Value>,
    known: bool,
) -> Result<(), StoreError> {
    let fields: Vec<&str> = entity.searchable().map(|(field, _)| field.name.as_str()).collect();
    let written: Vec<&str> = fields.into_iter().filter(|field| values.contains_key(*field)).collect();
    let step = StoreError::at("keeping the words of a record");
    if known && !written.is_empty() {
        let mut delete = of_records(&tx.tenant, entity, &[id]);
        delete.and_where(column("field").is_in(list(written)));
        let statement = tx.inner.dialect.build(&delete);
        tx.lease.execute(&statement).await.map_err(step)?;
    }
    for insert in inserts(rows(&tx.tenant, entity, id, values))? {
        let statement = tx.inner.dialect.build(&insert);
        tx.lease.execute(&statement).await.map_err(step)?;
    }
    Ok(())
}

/// The words of a record's values, as rows.
fn rows<'a>(tenant: &str, entity: &Entity, id: &str, values: &BTreeMap<String, Value>) -> Vec<Vec<Cell<'a>>> {
    let of_field = |name: &str, term: String| {
        vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("entity", Type::Text, Value::text(entity.name.as_str())),
            ("record_id", Type::Text, Value::text(id)),
            ("field", Type::Text, Value::text(name)),
            ("term", Type::Text, Value::Text(term)),
        ]
    };
    let fields = entity.searchable().filter_map(|(field, _)| Some((field, values.get(&field.name)?)));
    fields.flat_map(|(field, value)| field.terms(value).into_iter().map(|term| of_field(&field.name, term))).collect()
}

fn inserts(rows: Vec<Vec<Cell<'_>>>) -> Result<Vec<InsertStatement>, StoreError> {
    rows.chunks(ROWS).map(|rows| insert_all(TERMS, rows.to_vec())).collect()
}

fn of_records(tenant: &str, entity: &Entity, ids: &[&str]) -> DeleteStatement {
    Query::delete()
        .from_table(Alias::new(TERMS))
        .and_where(column("tenant_id").eq(tenant))
        .and_where(column("entity").eq(entity.name.as_str()))
        .and_where(column("record_id").is_in(list(ids.iter().copied())))
        .take()
}

fn column(name: &str) -> Expr {
    Expr::col(Alias::new(name))
}
