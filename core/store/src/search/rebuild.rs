//! Going over the records whose words were cut otherwise before, or never. In batches, each of its own
//! transaction, so that others write meanwhile; every process that starts takes part, one at a time, and
//! what one did the next does not do again.

use garant_domain::catalog::{Catalog, Entity};
use garant_domain::search::VERSION;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, ExprTrait, Func, LockType, Order, Query};

use super::{column, fields, inserts, of_records, rows};
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::pool::Lease;
use crate::row::insert;
use crate::sql::list;

const STATE: &str = "search_state";
/// Records of one transaction.
const BATCH: u64 = 500;
/// Any number that nothing else in the database locks.
const LOCK: i64 = 0x6761_7273_6561;

/// How far an entity has come.
struct State {
    shape: String,
    tenant: String,
    record: String,
    done: bool,
}

/// Rebuilds what is not up to date; `again` goes over everything. As the owner of the tables, since it
/// walks through every tenant.
pub(crate) async fn rebuild(
    lease: &mut Lease,
    dialect: Dialect,
    catalog: &Catalog,
    again: bool,
) -> Result<(), StoreError> {
    if again {
        let forget = Query::delete().from_table(Alias::new(STATE)).take();
        lease.execute(&dialect.build(&forget)).await.map_err(StoreError::at("rebuilding the words of records"))?;
    }
    while !pending(&states(lease, dialect).await?, catalog).is_empty() {
        batch(lease, dialect, catalog).await?;
    }
    Ok(())
}

/// One transaction.
async fn batch(lease: &mut Lease, dialect: Dialect, catalog: &Catalog) -> Result<(), StoreError> {
    lease.begin(false).await?;
    if dialect == Dialect::Postgres {
        let lock = Query::select().expr(Func::cust("pg_advisory_xact_lock").arg(LOCK)).take();
        lease.fetch("waiting for others who rebuild", &dialect.build(&lock), &[]).await?;
    }
    // Asked again under the lock: somebody else may have gone on.
    let known = states(lease, dialect).await?;
    let mut left = BATCH;
    for (entity, state) in pending(&known, catalog) {
        let (reached, went) = go_on(lease, dialect, entity, state, left).await?;
        note(lease, dialect, entity, &reached).await?;
        left = left.saturating_sub(went);
        if left == 0 {
            break;
        }
    }
    lease.commit().await
}

/// The entities that are not up to date, each with where to go on.
fn pending<'a>(known: &[(String, State)], catalog: &'a Catalog) -> Vec<(&'a Entity, State)> {
    let of = |entity: &'a Entity| {
        let shape = shape(entity);
        let state = known.iter().find(|(name, state)| *name == entity.name && state.shape == shape);
        match state {
            Some((_, state)) if state.done => None,
            Some((_, State { shape, tenant, record, done })) => Some((
                entity,
                State { shape: shape.clone(), tenant: tenant.clone(), record: record.clone(), done: *done },
            )),
            None => Some((entity, State { shape, tenant: String::new(), record: String::new(), done: false })),
        }
    };
    catalog.entities.iter().filter_map(of).collect()
}

/// What decides how the words and keys of an entity are cut.
fn shape(entity: &Entity) -> String {
    let is_phone = |name: &str| entity.field(name).is_some_and(|field| field.channel.as_deref() == Some("phone"));
    let words = entity.searchable().map(|(field, _)| field.name.clone());
    let keys = entity.duplicates.iter().map(|reason| {
        let joint = if reason.together { "+" } else { "," };
        format!("{}{}", reason.prefix(), reason.fields.join(joint))
    });
    let phones = fields(entity).into_iter().filter(|name| is_phone(name)).map(|name| format!("#{name}"));
    format!("{VERSION} {}", words.chain(keys).chain(phones).collect::<Vec<_>>().join(" "))
}

/// The next records of an entity, at most so many; answers where it has come to, and how many.
async fn go_on(
    lease: &mut Lease,
    dialect: Dialect,
    entity: &Entity,
    from: State,
    limit: u64,
) -> Result<(State, u64), StoreError> {
    let fields: Vec<&str> = fields(entity).into_iter().collect();
    let after = column("tenant_id")
        .gt(from.tenant.as_str())
        .or(column("tenant_id").eq(from.tenant.as_str()).and(column("id").gt(from.record.as_str())));
    let mut select = Query::select();
    select
        .columns(["tenant_id", "id"].into_iter().chain(fields.iter().copied()).map(Alias::new))
        .from(Alias::new(entity.name.as_str()))
        // Said once more for the first column alone: an index can start there.
        .and_where(column("tenant_id").gte(from.tenant.as_str()))
        .and_where(after)
        .order_by_expr(column("tenant_id"), Order::Asc)
        .order_by_expr(column("id"), Order::Asc)
        .limit(limit);
    // Whoever changes one of them meanwhile waits, or we do: both write its words.
    if dialect == Dialect::Postgres {
        select.lock(LockType::Update);
    }
    let types = vec![Type::Text; fields.len() + 2];
    let found = lease.fetch("reading records for their words", &dialect.build(&select), &types).await?;
    let count = found.len() as u64;
    let mut reached = State { done: count < limit, ..from };
    let step = StoreError::at("rebuilding the words of records");
    let mut kept = Vec::new();
    for row in &found {
        let [Value::Text(tenant), Value::Text(id), values @ ..] = row.as_slice() else {
            return Err(StoreError::Corrupt { what: "record" });
        };
        // Words of fields that a tenant defined are not cut here, and stay.
        let own = entity.fields.iter().map(|field| field.name.clone());
        let places = entity.duplicates.iter().map(|reason| reason.place("").into_owned());
        let mut delete = of_records(tenant, entity, &[id]);
        delete.and_where(column("field").is_in(list(own.chain(places))));
        lease.execute(&dialect.build(&delete)).await.map_err(step)?;
        let values = fields.iter().map(|name| (*name).to_owned()).zip(values.iter().cloned()).collect();
        kept.extend(rows(tenant, entity, id, &values).into_iter().map(|(_, row)| row));
        (reached.tenant, reached.record) = (tenant.clone(), id.clone());
    }
    for insert in inserts(kept)? {
        lease.execute(&dialect.build(&insert)).await.map_err(step)?;
    }
    Ok((reached, count))
}

async fn states(lease: &mut Lease, dialect: Dialect) -> Result<Vec<(String, State)>, StoreError> {
    let columns = ["entity", "shape", "at_tenant", "at_record", "done"];
    let select = Query::select().columns(columns.map(Alias::new)).from(Alias::new(STATE)).take();
    let types = [Type::Text, Type::Text, Type::Text, Type::Text, Type::Boolean];
    let rows = lease.fetch("looking for words to rebuild", &dialect.build(&select), &types).await?;
    let state = |row: Vec<Value>| {
        let row: [Value; 5] = row.try_into().map_err(|_| StoreError::Corrupt { what: "search state" })?;
        let [Value::Text(entity), Value::Text(shape), Value::Text(tenant), Value::Text(record), Value::Boolean(done)] =
            row
        else {
            return Err(StoreError::Corrupt { what: "search state" });
        };
        Ok((entity, State { shape, tenant, record, done }))
    };
    rows.into_iter().map(state).collect()
}

async fn note(lease: &mut Lease, dialect: Dialect, entity: &Entity, state: &State) -> Result<(), StoreError> {
    let step = StoreError::at("noting how far words were rebuilt");
    let delete =
        Query::delete().from_table(Alias::new(STATE)).and_where(column("entity").eq(entity.name.as_str())).take();
    lease.execute(&dialect.build(&delete)).await.map_err(step)?;
    let cells = vec![
        ("entity", Type::Text, Value::text(entity.name.as_str())),
        ("shape", Type::Text, Value::text(state.shape.as_str())),
        ("at_tenant", Type::Text, Value::text(state.tenant.as_str())),
        ("at_record", Type::Text, Value::text(state.record.as_str())),
        ("done", Type::Boolean, Value::Boolean(state.done)),
    ];
    lease.execute(&dialect.build(&insert(STATE, cells)?)).await.map_err(step).map(drop)
}
