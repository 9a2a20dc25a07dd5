//! The words of records, and the keys by which duplicates are found, kept beside them: written in the transaction that writes the record, gone over
//! again at start where the searchable fields are others than before.

mod rebuild;

use std::collections::{BTreeMap, BTreeSet};

use garant_domain::catalog::{Duplicate, Entity};
use garant_domain::value::{Type, Value};
use sea_query::{Alias, DeleteStatement, Expr, ExprTrait, InsertStatement, Query};

use crate::error::StoreError;
use crate::row::{Cell, insert_all};
use crate::sql::{Compiler, list};
use crate::write::WriteTx;

pub(crate) use rebuild::rebuild;

/// The table of words.
pub(crate) const TERMS: &str = "search_term";
/// Rows of one statement: five parameters each, of SQLite's 32,766.
const ROWS: usize = 2_000;

/// Keeps the words, and the keys by which duplicates are found, of the fields that were written. `known`:
/// the record may have some already.
pub(crate) async fn keep(
    tx: &mut WriteTx,
    entity: &Entity,
    id: &str,
    values: &BTreeMap<String, Value>,
    known: bool,
) -> Result<(), StoreError> {
    let written: BTreeSet<&str> = fields(entity).into_iter().filter(|field| values.contains_key(*field)).collect();
    if written.is_empty() {
        return Ok(());
    }
    let touched = |reason: &&Duplicate| reason.together && reason.fields.iter().any(|name| values.contains_key(name));
    let together: Vec<&Duplicate> = entity.duplicates.iter().filter(touched).collect();
    let mut places: BTreeSet<String> = written.iter().map(|field| (*field).to_owned()).collect();
    places.extend(together.iter().map(|reason| reason.place("").into_owned()));
    let mut whole = values.clone();
    let step = StoreError::at("keeping the words of a record");
    if known {
        let mut delete = of_records(&tx.tenant, entity, &[id]);
        delete.and_where(column("field").is_in(list(places.iter().map(String::as_str))));
        let statement = tx.inner.dialect.build(&delete);
        tx.lease.execute(&statement).await.map_err(step)?;
        // What counts together is read whole.
        let others: BTreeSet<&str> = together.iter().flat_map(|reason| &reason.fields).map(String::as_str).collect();
        whole.extend(stored(tx, entity, id, others.difference(&written).copied().collect()).await?);
    }
    let kept = rows(&tx.tenant, entity, id, &whole).into_iter();
    let kept = kept.filter(|(place, _)| places.contains(place)).map(|(_, row)| row).collect();
    for insert in inserts(kept)? {
        let statement = tx.inner.dialect.build(&insert);
        tx.lease.execute(&statement).await.map_err(step)?;
    }
    Ok(())
}

/// Takes the words of records out that leave their table.
pub(crate) async fn forget(tx: &mut WriteTx, entity: &Entity, ids: &[String]) -> Result<(), StoreError> {
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let statement = tx.inner.dialect.build(&of_records(&tx.tenant, entity, &ids));
    tx.lease.execute(&statement).await.map_err(StoreError::at("taking the words of records out")).map(|_| ())
}

/// The fields whose words or keys are kept, each once.
fn fields(entity: &Entity) -> BTreeSet<&str> {
    let searched = entity.searchable().map(|(field, _)| field.name.as_str());
    searched.chain(entity.duplicates.iter().flat_map(|reason| &reason.fields).map(String::as_str)).collect()
}

/// Texts of a record as they lie there.
async fn stored(
    tx: &mut WriteTx,
    entity: &Entity,
    id: &str,
    fields: Vec<&str>,
) -> Result<BTreeMap<String, Value>, StoreError> {
    if fields.is_empty() {
        return Ok(BTreeMap::new());
    }
    let inner = std::sync::Arc::clone(&tx.inner);
    let compiler = Compiler::for_facts(&inner.catalog, &tx.tenant);
    let table = compiler.table(compiler.entity(&entity.name)?);
    let mut select = compiler.select_raw(&table);
    select.exprs(fields.iter().map(|field| table.column(field))).and_where(table.column("id").eq(id));
    let statement = inner.dialect.build(&select);
    let types = vec![Type::Text; fields.len()];
    let found = tx.lease.fetch("reading a record for its words", &statement, &types).await?;
    let row = found.into_iter().next().unwrap_or_default();
    Ok(fields.into_iter().map(str::to_owned).zip(row).collect())
}

/// The words and keys of a record's values, as rows, each with the place under which it is kept.
fn rows<'a>(tenant: &str, entity: &Entity, id: &str, values: &BTreeMap<String, Value>) -> Vec<(String, Vec<Cell<'a>>)> {
    let row = |(place, term): (String, String)| {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("entity", Type::Text, Value::text(entity.name.as_str())),
            ("record_id", Type::Text, Value::text(id)),
            ("field", Type::Text, Value::text(place.as_str())),
            ("term", Type::Text, Value::Text(term)),
        ];
        (place, cells)
    };
    let searched = entity.searchable().filter_map(|(field, _)| Some((field, values.get(&field.name)?)));
    let words =
        searched.flat_map(|(field, value)| field.terms(value).into_iter().map(|term| (field.name.clone(), term)));
    words.chain(entity.duplicate_keys(values)).map(row).collect()
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
