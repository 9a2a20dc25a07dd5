//! Hashing the addresses of people who were entered before that was done, or under another key.

use std::collections::BTreeSet;

use garant_domain::catalog::SubjectPath;
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Order, Query, UnionType};

use super::{ADDRESSES, SAID, carried, carry, held, lock_names, put};
use crate::consent;
use crate::error::StoreError;
use crate::row::insert;
use crate::store::Store;
use crate::write::WriteTx;

const MARK: &str = "address_index";
const STATES: &str = "consent_state";
/// People at a time.
const BATCH: u64 = 500;

impl Store {
    /// Sees to it that the addresses of a tenant's people are on file under the store's key. Nothing is
    /// left to do after the first start, unless the server's secret has changed.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn index_addresses(&self, tenant: &str) -> Result<(), StoreError> {
        let mut tx = self.begin_write(tenant).await?;
        lock_names(&mut tx, vec![format!("{tenant}/addresses")], 3).await?;
        let digest = self.inner.address_key.digest();
        if mark(&mut tx).await?.as_ref() == Some(&digest) {
            return Ok(());
        }
        let step = StoreError::at("hashing addresses anew");
        for table in [ADDRESSES, MARK] {
            let tenants = Expr::col(Alias::new("tenant_id")).eq(tenant);
            let delete = Query::delete().from_table(Alias::new(table)).and_where(tenants).take();
            tx.lease.execute(&tx.inner.dialect.build(&delete)).await.map_err(step)?;
        }
        let mut last = String::new();
        while let Some(id) = batch(&mut tx, &last).await? {
            last = id;
        }
        let people = concerned(&mut tx).await?;
        consent::lock(&mut tx, &people).await?;
        consent::refold(&mut tx, &people).await?;
        let cells =
            vec![("tenant_id", Type::Text, Value::text(tenant)), ("key_digest", Type::Text, Value::text(digest))];
        let insert = insert(MARK, cells)?;
        tx.lease.execute(&tx.inner.dialect.build(&insert)).await.map_err(step)?;
        tx.commit().await
    }
}

async fn mark(tx: &mut WriteTx) -> Result<Option<String>, StoreError> {
    let select = Query::select()
        .column(Alias::new("key_digest"))
        .from(Alias::new(MARK))
        .and_where(Expr::col(Alias::new("tenant_id")).eq(tx.tenant.as_str()))
        .take();
    let rows =
        tx.lease.fetch("reading the index of addresses", &tx.inner.dialect.build(&select), &[Type::Text]).await?;
    Ok(rows.into_iter().flatten().next().and_then(|value| value.as_text().map(str::to_owned)))
}

/// Hashes the addresses of the people after an id, with what they said; answers the last one's id.
async fn batch(tx: &mut WriteTx, after: &str) -> Result<Option<String>, StoreError> {
    let inner = std::sync::Arc::clone(&tx.inner);
    let person = inner.catalog.entities.iter().find(|entity| entity.subject == SubjectPath::Itself);
    let Some(person) = person else { return Ok(None) };
    let column = |name: &str| Expr::col(Alias::new(name));
    let select = Query::select()
        .column(Alias::new("id"))
        .from(Alias::new(person.name.as_str()))
        .and_where(column("tenant_id").eq(tx.tenant.as_str()))
        .and_where(column("id").gt(after))
        .order_by_expr(column("id"), Order::Asc)
        .limit(BATCH)
        .take();
    let rows = tx.lease.fetch("reading who has addresses", &inner.dialect.build(&select), &[Type::Text]).await?;
    let ids: Vec<String> = rows.into_iter().flatten().filter_map(|value| value.as_text().map(str::to_owned)).collect();
    for (id, addresses) in held(tx, &ids).await? {
        put(tx, &id, &addresses).await?;
        if !addresses.is_empty() {
            for event in consent::own_events(tx, &id).await?.iter().filter(|event| event.kind.is_carried()) {
                carry(tx, &id, event, &addresses).await?;
            }
        }
    }
    Ok(ids.into_iter().next_back())
}

/// Everybody with states, and everybody who is covered by what somebody said for an address.
async fn concerned(tx: &mut WriteTx) -> Result<BTreeSet<String>, StoreError> {
    let of = |table: &'static str, name: &'static str| Expr::col((Alias::new(table), Alias::new(name)));
    let covered = Query::select()
        .column((Alias::new(ADDRESSES), Alias::new("subject_id")))
        .from(Alias::new(ADDRESSES))
        .inner_join(
            Alias::new(SAID),
            of(SAID, "tenant_id")
                .equals((ADDRESSES, "tenant_id"))
                .and(of(SAID, "address").equals((ADDRESSES, "address"))),
        )
        .and_where(of(ADDRESSES, "tenant_id").eq(tx.tenant.as_str()))
        .and_where(of(SAID, "state").is_in(carried()))
        .take();
    let known = Query::select()
        .column((Alias::new(STATES), Alias::new("subject_id")))
        .from(Alias::new(STATES))
        .and_where(of(STATES, "tenant_id").eq(tx.tenant.as_str()))
        .union(UnionType::Distinct, covered)
        .take();
    let statement = tx.inner.dialect.build(&known);
    let rows = tx.lease.fetch("reading who has states", &statement, &[Type::Text]).await?;
    Ok(rows.into_iter().flatten().filter_map(|value| value.as_text().map(str::to_owned)).collect())
}
