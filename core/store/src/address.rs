//! Who shares an address or number with whom, by keyed hashes, and what was said for an address. What a
//! person takes away for themselves is taken away for every contact that is reached there.
//!
//! Order of locks, so that two transactions seldom wait for each other: addresses, then people.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use garant_domain::address::{self, AddressKind};
use garant_domain::catalog::{Entity, SubjectPath};
use garant_domain::consent::{CARRIED, Event, EventKind};
use garant_domain::value::{Type, Value};
use hmac::{Hmac, Mac};
use sea_query::{Alias, Expr, ExprTrait, Func, OnConflict, Query};
use sha2::{Digest, Sha256};

use crate::consent;
use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::row::{Cell, insert, insert_all, optional};
use crate::sql::{Compiler, list};
use crate::store::Inner;
use crate::write::WriteTx;

mod index;

const ADDRESSES: &str = "subject_address";
const SAID: &str = "address_event";
/// Rows of one statement: few enough for the parameters that both databases take.
const ROWS: usize = 1_000;

/// The key under which addresses are hashed, derived from the server's secret.
#[derive(Clone)]
pub struct AddressKey([u8; 32]);

impl AddressKey {
    /// Derives it.
    #[must_use]
    pub fn derived(secret: &[u8; 32]) -> Self {
        Self(Sha256::new().chain_update(secret).chain_update(b"shared-address").finalize().into())
    }

    /// The address of a text as tables hold it: the kind, and a keyed hash of the normal form.
    fn address(&self, tenant: &str, kind: AddressKind, text: &str) -> Option<String> {
        let form = kind.normalise(text)?;
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.0).ok()?;
        for part in [tenant, kind.key(), form.as_str()] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        Some(format!("{}:{}", kind.key(), hex::encode(digest.get(..16)?)))
    }

    fn digest(&self) -> String {
        hex::encode(Sha256::new().chain_update(self.0).chain_update(b"digest").finalize())
    }
}

impl std::fmt::Debug for AddressKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AddressKey(..)")
    }
}

/// Something that was said for an address, by somebody who need not be known.
#[derive(Clone, Debug)]
pub struct AddressStatement {
    /// Event id.
    pub id: String,
    /// What kind of address.
    pub kind: AddressKind,
    /// The address as it was given; only its keyed hash is kept.
    pub text: String,
    /// Dotted purpose key.
    pub purpose: String,
    /// Channel key or `any`.
    pub channel: String,
    /// What was said.
    pub state: EventKind,
    /// When, in microseconds UTC.
    pub at: i64,
    /// How it was said.
    pub method: Option<String>,
    /// In which words.
    pub wording: Option<String>,
    /// Who took it.
    pub collector: Option<String>,
    /// Where the evidence is.
    pub evidence: Option<String>,
    /// When it was entered, in microseconds UTC.
    pub now: i64,
    /// Who entered it.
    pub actor: String,
}

impl WriteTx {
    /// Keeps what was said for an address, for whoever has it now or later. As many statements whether
    /// anybody has it or nobody.
    ///
    /// # Errors
    ///
    /// `BadValue` for a text that is no address; when the database fails.
    pub async fn say_for_address(&mut self, said: &AddressStatement) -> Result<(), StoreError> {
        let bad = || StoreError::BadValue { field: said.kind.key().to_owned() };
        let address = self.inner.address_key.address(&self.tenant, said.kind, &said.text).ok_or_else(bad)?;
        let addresses = BTreeSet::from([address.clone()]);
        lock(self, &addresses).await?;
        let mut cells = cells(&self.tenant, &address, &said.id, None);
        let text = |text: &str| Value::text(text);
        cells.extend([
            ("purpose", Type::Text, text(&said.purpose)),
            ("channel", Type::Text, text(&said.channel)),
            ("state", Type::Text, text(said.state.key())),
            ("at", Type::Instant, Value::Instant(said.at)),
            ("method", Type::Text, optional(said.method.as_deref())),
            ("wording", Type::Text, optional(said.wording.as_deref())),
            ("collector", Type::Text, optional(said.collector.as_deref())),
            ("evidence", Type::Text, optional(said.evidence.as_deref())),
            ("recorded_at", Type::Instant, Value::Instant(said.now)),
            ("recorded_by", Type::Text, text(&said.actor)),
        ]);
        let statement = self.inner.dialect.build(&insert(SAID, cells)?);
        self.lease.execute(&statement).await.map_err(StoreError::at("keeping what was said for an address"))?;
        let mut subjects = sharers(self, &addresses).await?;
        if subjects.is_empty() {
            // Nobody's id: the rest takes its course all the same.
            subjects.insert(String::new());
        }
        consent::lock(self, &subjects).await?;
        consent::refold(self, &subjects).await
    }
}

/// Whether a change of these fields is one of somebody's addresses.
fn concerned<'n>(inner: &Inner, entity: &Entity, mut fields: impl Iterator<Item = &'n String>) -> bool {
    link_of(inner, entity).is_some_and(|link| {
        fields.any(|name| name == link || address::fields(entity).any(|(field, _)| field.name == *name))
    })
}

/// The field that leads from a record with addresses to the person whom they reach.
fn link_of<'e>(inner: &Inner, entity: &'e Entity) -> Option<&'e str> {
    address::fields(entity).next()?;
    match &entity.subject {
        SubjectPath::Itself => Some("id"),
        SubjectPath::Via(field) => {
            let target = inner.catalog.entity(entity.field(field)?.target()?)?;
            (target.subject == SubjectPath::Itself).then_some(field.as_str())
        }
        SubjectPath::None => None,
    }
}

/// A new record: who is reached by its addresses.
pub(crate) async fn inserted(
    tx: &mut WriteTx,
    entity: &Entity,
    id: &str,
    values: &BTreeMap<String, Value>,
) -> Result<(), StoreError> {
    if !concerned(&tx.inner, entity, values.keys()) {
        return Ok(());
    }
    if entity.subject == SubjectPath::Itself {
        return entered(tx, entity, id, values).await;
    }
    match reached_by(tx, entity, id).await? {
        Some(subject) => changed(tx, &subject).await,
        None => Ok(()),
    }
}

/// Before fields of a record are written: whom its addresses reach; `None` where none of the fields bears on
/// that.
pub(crate) async fn before<'n>(
    tx: &mut WriteTx,
    entity: &Entity,
    id: &str,
    fields: impl Iterator<Item = &'n String>,
) -> Result<Option<BTreeSet<String>>, StoreError> {
    if !concerned(&tx.inner, entity, fields) {
        return Ok(None);
    }
    Ok(Some(reached_by(tx, entity, id).await?.into_iter().collect()))
}

/// After they were written: both who was reached and who is.
pub(crate) async fn after(
    tx: &mut WriteTx,
    entity: &Entity,
    id: &str,
    before: Option<BTreeSet<String>>,
) -> Result<(), StoreError> {
    let Some(mut subjects) = before else { return Ok(()) };
    subjects.extend(reached_by(tx, entity, id).await?);
    for subject in &subjects {
        changed(tx, subject).await?;
    }
    Ok(())
}

/// Whom a record with addresses leads to, as it lies there.
async fn reached_by(tx: &mut WriteTx, entity: &Entity, id: &str) -> Result<Option<String>, StoreError> {
    match link_of(&tx.inner, entity) {
        None => Ok(None),
        Some("id") => Ok(Some(id.to_owned())),
        Some(link) => Ok(tx.field(&entity.name, id, link).await?.as_text().map(str::to_owned)),
    }
}

/// A new person: covered by what was said for their addresses.
async fn entered(
    tx: &mut WriteTx,
    entity: &Entity,
    id: &str,
    values: &BTreeMap<String, Value>,
) -> Result<(), StoreError> {
    let addresses = addresses(tx, entity, values);
    if addresses.is_empty() {
        return Ok(());
    }
    lock(tx, &addresses).await?;
    put(tx, id, &addresses).await?;
    if anything_said(tx, &addresses).await? {
        let subjects = BTreeSet::from([id.to_owned()]);
        consent::lock(tx, &subjects).await?;
        consent::refold(tx, &subjects).await?;
    }
    Ok(())
}

/// A person's addresses have changed, on their own record or on one about them: what others said for the
/// new ones covers the person, and what the person took away covers whoever has the new ones.
async fn changed(tx: &mut WriteTx, id: &str) -> Result<(), StoreError> {
    let column = |name: &str| Expr::col(Alias::new(name));
    let new = held(tx, &[id.to_owned()]).await?.remove(id).unwrap_or_default();
    let old = of_subject(tx, id).await?;
    let added: BTreeSet<String> = new.difference(&old).cloned().collect();
    if added.is_empty() && new.len() == old.len() {
        return Ok(());
    }
    lock(tx, &added).await?;
    let mut subjects = sharers(tx, &added).await?;
    subjects.insert(id.to_owned());
    consent::lock(tx, &subjects).await?;
    let delete = Query::delete()
        .from_table(Alias::new(ADDRESSES))
        .and_where(column("tenant_id").eq(tx.tenant.as_str()))
        .and_where(column("subject_id").eq(id))
        .and_where(column("address").is_not_in(list(new.iter().map(String::as_str))))
        .take();
    let step = StoreError::at("forgetting addresses");
    tx.lease.execute(&tx.inner.dialect.build(&delete)).await.map_err(step)?;
    put(tx, id, &added).await?;
    for event in consent::own_events(tx, id).await?.iter().filter(|event| event.kind.is_carried()) {
        carry(tx, id, event, &added).await?;
    }
    consent::refold(tx, &subjects).await
}

/// People leave their table: they have no address any more. What was said for it stays, for whoever has it
/// or gets it.
pub(crate) async fn left(tx: &mut WriteTx, entity: &Entity, ids: &[String]) -> Result<(), StoreError> {
    if entity.subject != SubjectPath::Itself {
        return Ok(());
    }
    let column = |name: &str| Expr::col(Alias::new(name));
    let delete = Query::delete()
        .from_table(Alias::new(ADDRESSES))
        .and_where(column("tenant_id").eq(tx.tenant.as_str()))
        .and_where(column("subject_id").is_in(list(ids.iter().map(String::as_str))))
        .take();
    let statement = tx.inner.dialect.build(&delete);
    tx.lease.execute(&statement).await.map_err(StoreError::at("forgetting addresses")).map(drop)
}

/// Locks everybody whom an event of a person concerns, and keeps it for the person's addresses.
pub(crate) async fn reach(tx: &mut WriteTx, subject: &str, event: &Event) -> Result<BTreeSet<String>, StoreError> {
    let mut subjects = BTreeSet::from([subject.to_owned()]);
    if !event.kind.is_carried() {
        consent::lock(tx, &subjects).await?;
        return Ok(subjects);
    }
    let before = of_subject(tx, subject).await?;
    lock(tx, &before).await?;
    subjects.extend(sharers(tx, &before).await?);
    consent::lock(tx, &subjects).await?;
    // Another transaction may have changed the person's addresses until it let go of them.
    let addresses = of_subject(tx, subject).await?;
    let more: BTreeSet<String> = addresses.difference(&before).cloned().collect();
    if !more.is_empty() {
        lock(tx, &more).await?;
        let sharers = sharers(tx, &more).await?;
        consent::lock(tx, &sharers).await?;
        subjects.extend(sharers);
    }
    carry(tx, subject, event, &addresses).await?;
    Ok(subjects)
}

/// Keeps an event of a person for those of the addresses that its channel uses.
async fn carry(tx: &mut WriteTx, subject: &str, event: &Event, addresses: &BTreeSet<String>) -> Result<(), StoreError> {
    let served = addresses.iter().filter(|address| serves(address, &event.channel));
    let row = |address: &String| {
        let mut cells = cells(&tx.tenant, address, &event.id, Some(subject));
        cells.extend([
            ("purpose", Type::Text, Value::text(event.purpose.as_str())),
            ("channel", Type::Text, Value::text(event.channel.as_str())),
            ("state", Type::Text, Value::text(event.kind.key())),
            ("at", Type::Instant, Value::Instant(event.at)),
        ]);
        cells
    };
    let rows: Vec<Vec<Cell<'_>>> = served.map(row).collect();
    store(tx, SAID, rows, "keeping what was said for an address").await
}

fn cells<'a>(tenant: &str, address: &str, event: &str, subject: Option<&str>) -> Vec<Cell<'a>> {
    vec![
        ("tenant_id", Type::Text, Value::text(tenant)),
        ("address", Type::Text, Value::text(address)),
        ("event_id", Type::Text, Value::text(event)),
        ("subject_id", Type::Text, optional(subject)),
    ]
}

fn serves(address: &str, channel: &str) -> bool {
    [AddressKind::Email, AddressKind::Phone]
        .into_iter()
        .any(|kind| address.split(':').next() == Some(kind.key()) && kind.serves(channel))
}

/// The addresses of some people, from every record that holds one; what is in the trash still reaches them.
async fn held(tx: &mut WriteTx, subjects: &[String]) -> Result<HashMap<String, BTreeSet<String>>, StoreError> {
    let inner = Arc::clone(&tx.inner);
    let mut held: HashMap<String, BTreeSet<String>> = HashMap::new();
    for entity in &inner.catalog.entities {
        let Some(link) = link_of(&inner, entity) else { continue };
        let names: Vec<String> = std::iter::once(link.to_owned())
            .chain(address::fields(entity).map(|(field, _)| field.name.clone()))
            .collect();
        let compiler = Compiler::for_facts(&inner.catalog, &tx.tenant);
        let table = compiler.table(entity);
        let mut select = compiler.select_raw(&table);
        select.exprs(names.iter().map(|name| table.column(name))).and_where(compiler.is_among(
            &table,
            link,
            list(subjects.iter().map(String::as_str)),
        ));
        let types = vec![Type::Text; names.len()];
        for row in tx.lease.fetch("reading addresses", &inner.dialect.build(&select), &types).await? {
            let Some(subject) = row.first().and_then(Value::as_text).map(str::to_owned) else { continue };
            let values = names.iter().cloned().zip(row).collect();
            held.entry(subject).or_default().extend(addresses(tx, entity, &values));
        }
    }
    Ok(held)
}

/// The addresses in a record's values.
pub(crate) fn addresses(tx: &WriteTx, entity: &Entity, values: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let address = |(field, kind): (&garant_domain::catalog::Field, AddressKind)| {
        tx.inner.address_key.address(&tx.tenant, kind, values.get(&field.name)?.as_text()?)
    };
    address::fields(entity).filter_map(address).collect()
}

/// What is on file of a person's addresses.
async fn of_subject(tx: &mut WriteTx, subject: &str) -> Result<BTreeSet<String>, StoreError> {
    texts(tx, "address", "subject_id", &BTreeSet::from([subject.to_owned()])).await
}

/// Everybody who has one of some addresses.
async fn sharers(tx: &mut WriteTx, addresses: &BTreeSet<String>) -> Result<BTreeSet<String>, StoreError> {
    if addresses.is_empty() {
        return Ok(BTreeSet::new());
    }
    texts(tx, "subject_id", "address", addresses).await
}

async fn texts(
    tx: &mut WriteTx,
    wanted: &str,
    by: &str,
    keys: &BTreeSet<String>,
) -> Result<BTreeSet<String>, StoreError> {
    let column = |name: &str| Expr::col(Alias::new(name));
    let select = Query::select()
        .column(Alias::new(wanted))
        .from(Alias::new(ADDRESSES))
        .and_where(column("tenant_id").eq(tx.tenant.as_str()))
        .and_where(column(by).is_in(list(keys.iter().map(String::as_str))))
        .take();
    let rows = tx.lease.fetch("reading who shares an address", &tx.inner.dialect.build(&select), &[Type::Text]).await?;
    Ok(rows.into_iter().flatten().filter_map(|value| value.as_text().map(str::to_owned)).collect())
}

async fn anything_said(tx: &mut WriteTx, addresses: &BTreeSet<String>) -> Result<bool, StoreError> {
    let column = |name: &str| Expr::col(Alias::new(name));
    let select = Query::select()
        .column(Alias::new("event_id"))
        .from(Alias::new(SAID))
        .and_where(column("tenant_id").eq(tx.tenant.as_str()))
        .and_where(column("address").is_in(list(addresses.iter().map(String::as_str))))
        .limit(1)
        .take();
    let statement = tx.inner.dialect.build(&select);
    let rows = tx.lease.fetch("reading what was said for an address", &statement, &[Type::Text]).await?;
    Ok(!rows.is_empty())
}

async fn put(tx: &mut WriteTx, subject: &str, addresses: &BTreeSet<String>) -> Result<(), StoreError> {
    let row = |address: &String| {
        vec![
            ("tenant_id", Type::Text, Value::text(tx.tenant.as_str())),
            ("address", Type::Text, Value::text(address.as_str())),
            ("subject_id", Type::Text, Value::text(subject)),
        ]
    };
    let rows = addresses.iter().map(row).collect();
    store(tx, ADDRESSES, rows, "storing addresses").await
}

async fn store(
    tx: &mut WriteTx,
    table: &'static str,
    mut rows: Vec<Vec<Cell<'_>>>,
    step: &'static str,
) -> Result<(), StoreError> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(ROWS));
        let mut insert = insert_all(table, rows)?;
        // Somebody who had the address before comes back to it.
        insert.on_conflict(OnConflict::new().do_nothing().to_owned());
        let statement = tx.inner.dialect.build(&insert);
        tx.lease.execute(&statement).await.map_err(StoreError::at(step))?;
        rows = rest;
    }
    Ok(())
}

/// Whoever else enters one of these addresses waits: two who do so at once would each miss the other.
async fn lock(tx: &mut WriteTx, addresses: &BTreeSet<String>) -> Result<(), StoreError> {
    lock_names(tx, addresses.iter().map(|address| format!("{}/{address}", tx.tenant)).collect(), 2).await
}

/// Locks names until the transaction ends, in their order. SQLite has one writer anyway.
pub(crate) async fn lock_names(tx: &mut WriteTx, names: Vec<String>, seed: i64) -> Result<(), StoreError> {
    if tx.inner.dialect == Dialect::Sqlite || names.is_empty() {
        return Ok(());
    }
    for names in names.chunks(ROWS) {
        let mut select = Query::select();
        for name in names {
            let key = Func::cust("hashtextextended").arg(name.as_str()).arg(seed);
            select.expr(Func::cust("pg_advisory_xact_lock").arg(key));
        }
        tx.lease.fetch("locking who shares an address", &tx.inner.dialect.build(&select), &[]).await?;
    }
    Ok(())
}

/// Keys of the events that are carried, for statements.
pub(crate) fn carried() -> Vec<Expr> {
    list(CARRIED.iter().map(|kind| kind.key()))
}
