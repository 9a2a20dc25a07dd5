//! The folded consent state, derived from a person's events in the transaction that adds one. The
//! events stay the truth; what is here can be rebuilt from them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use garant_domain::catalog::{Entity, SubjectPath};
use garant_domain::consent::{
    self, ANY_CHANNEL, Event, EventKind, Provenance, Shared, States, counts_for, fold_shared,
};
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Query};

use crate::address;
use crate::error::StoreError;
use crate::record::{NewRecord, Record};
use crate::row::{Cell, insert_all};
use crate::sql::list;
use crate::write::WriteTx;

/// The entity whose records are consent events.
const EVENTS: &str = "consent_event";

/// People whose states are folded at a time, and rows of one statement: few enough for the parameters
/// that both databases take.
const PEOPLE: usize = 200;
const ROWS: usize = 1_000;

/// What the fold reads of an event.
const COLUMNS: [(&str, Type); 12] = [
    ("id", Type::Text),
    ("purpose", Type::Text),
    ("channel", Type::Text),
    ("state", Type::Text),
    ("happened_at", Type::Instant),
    ("wording", Type::Text),
    ("notice_version", Type::Text),
    ("explicit", Type::Boolean),
    ("method", Type::Text),
    ("given_by", Type::Text),
    ("conditionality", Type::Text),
    ("conditionality_reason", Type::Text),
];

/// Whether a state is the one of its purpose that counts through a channel: the channels that can be asked
/// for, and the columns that tell.
pub(crate) const COUNTS: [(&str, &str); 4] =
    [("email", "for_email"), ("sms", "for_sms"), ("call", "for_call"), ("post", "for_post")];

/// The person and the event of a new record; nothing for another entity. Refuses an event that could not
/// be folded, and one dated in the future: it would count at once.
pub(crate) fn event_of(entity: &Entity, record: &NewRecord) -> Result<Option<(String, Event)>, StoreError> {
    if entity.name != EVENTS {
        return Ok(None);
    }
    let bad = |field: &str| StoreError::BadValue { field: field.to_owned() };
    let value = |field: &str| record.values.get(field).cloned().unwrap_or_default();
    if value("state").as_text().and_then(EventKind::from_key).is_none() {
        return Err(bad("state"));
    }
    match value("happened_at") {
        Value::Instant(at) if at <= record.now => {}
        _ => return Err(bad("happened_at")),
    }
    if value("purpose").as_text().is_none() {
        return Err(bad("purpose"));
    }
    let subject = value("contact_id").as_text().map(str::to_owned).ok_or_else(|| bad("contact_id"))?;
    let cells =
        COLUMNS.iter().map(|(name, _)| if *name == "id" { Value::text(record.id.as_str()) } else { value(name) });
    Ok(Some((subject, event(cells.collect())?)))
}

/// Two transactions must not fold the same person at once: each would miss the other's event.
pub(crate) async fn lock(tx: &mut WriteTx, subjects: &BTreeSet<String>) -> Result<(), StoreError> {
    let names = subjects.iter().map(|subject| format!("{}/{subject}", tx.tenant)).collect();
    address::lock_names(tx, names, 0).await
}

/// Every event of a person's own, in no order.
pub(crate) async fn own_events(tx: &mut WriteTx, subject: &str) -> Result<Vec<Event>, StoreError> {
    Ok(own_of(tx, &[subject]).await?.remove(subject).unwrap_or_default())
}

/// The states of a person at an instant, folded anew.
pub(crate) async fn states_at(tx: &mut WriteTx, subject: &str, as_of: i64) -> Result<States, StoreError> {
    let own = own_events(tx, subject).await?;
    let shared = shared_of(tx, &[subject]).await?.remove(subject).unwrap_or_default();
    Ok(fold_shared(&own, &shared, as_of))
}

/// Folds all events of these people anew: their own, and what was said for their addresses. As many
/// statements for people with states as for people without.
pub(crate) async fn refold(tx: &mut WriteTx, subjects: &BTreeSet<String>) -> Result<(), StoreError> {
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    for subjects in subjects.chunks(PEOPLE) {
        let (mut own, mut shared) = (own_of(tx, subjects).await?, shared_of(tx, subjects).await?);
        let step = StoreError::at("storing the consent state");
        let column = |name: &str| Expr::col(Alias::new(name));
        let delete = Query::delete()
            .from_table(Alias::new("consent_state"))
            .and_where(column("tenant_id").eq(tx.tenant.as_str()))
            .and_where(column("subject_id").is_in(list(subjects.iter().copied())))
            .take();
        let delete = tx.inner.dialect.build(&delete);
        tx.lease.execute(&delete).await.map_err(step)?;
        let mut rows = Vec::new();
        for subject in subjects {
            let (own, shared) = (own.remove(*subject).unwrap_or_default(), shared.remove(*subject).unwrap_or_default());
            // Every event is in the past: `event_of` saw to it.
            rows.extend(rows_of(&tx.tenant, subject, &fold_shared(&own, &shared, i64::MAX)));
        }
        if rows.is_empty() {
            tx.lease.execute(&delete).await.map_err(step)?;
        }
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(ROWS));
            let insert = insert_all("consent_state", rows)?;
            tx.lease.execute(&tx.inner.dialect.build(&insert)).await.map_err(step)?;
            rows = rest;
        }
        // Whoever follows people looks at them again: what they may be used for is another.
        let inner = Arc::clone(&tx.inner);
        if let Some(person) = inner.catalog.entities.iter().find(|entity| entity.subject == SubjectPath::Itself) {
            tx.note_changes(&person.name, subjects, None).await?;
        }
    }
    Ok(())
}

async fn own_of(tx: &mut WriteTx, subjects: &[&str]) -> Result<HashMap<String, Vec<Event>>, StoreError> {
    let column = |name: &str| Expr::col(Alias::new(name));
    let select = Query::select()
        .column(Alias::new("contact_id"))
        .columns(COLUMNS.iter().map(|(name, _)| Alias::new(*name)))
        .from(Alias::new(EVENTS))
        .and_where(column("tenant_id").eq(tx.tenant.as_str()))
        .and_where(column("contact_id").is_in(list(subjects.iter().copied())))
        .take();
    let types: Vec<Type> = std::iter::once(Type::Text).chain(COLUMNS.map(|(_, ty)| ty)).collect();
    let rows = tx.lease.fetch("reading consent events", &tx.inner.dialect.build(&select), &types).await?;
    let mut events: HashMap<String, Vec<Event>> = HashMap::new();
    for mut row in rows {
        if let Value::Text(subject) = row.remove(0) {
            events.entry(subject).or_default().push(event(row)?);
        }
    }
    Ok(events)
}

/// What others, or nobody that is known, said for the addresses of these people.
async fn shared_of(tx: &mut WriteTx, subjects: &[&str]) -> Result<HashMap<String, Vec<Shared>>, StoreError> {
    let of = |table: &'static str, name: &'static str| Expr::col((Alias::new(table), Alias::new(name)));
    let (has, said) = ("subject_address", "address_event");
    let select = Query::select()
        .distinct()
        .expr(of(has, "subject_id"))
        .exprs(["subject_id", "event_id", "purpose", "channel", "state", "at"].map(|name| of(said, name)))
        .from(Alias::new(has))
        .inner_join(
            Alias::new(said),
            of(said, "tenant_id").equals((has, "tenant_id")).and(of(said, "address").equals((has, "address"))),
        )
        .and_where(of(has, "tenant_id").eq(tx.tenant.as_str()))
        .and_where(of(has, "subject_id").is_in(list(subjects.iter().copied())))
        .and_where(of(said, "subject_id").is_null().or(of(said, "subject_id").ne(of(has, "subject_id"))))
        .take();
    let types = [Type::Text, Type::Text, Type::Text, Type::Text, Type::Text, Type::Text, Type::Instant];
    let rows = tx.lease.fetch("reading what was said for addresses", &tx.inner.dialect.build(&select), &types).await?;
    let corrupt = || StoreError::Corrupt { what: "address event" };
    let mut events: HashMap<String, Vec<Shared>> = HashMap::new();
    for row in rows {
        let values: [Value; 7] = row.try_into().map_err(|_| corrupt())?;
        let [
            Value::Text(subject),
            source,
            Value::Text(id),
            Value::Text(purpose),
            Value::Text(channel),
            state,
            Value::Instant(at),
        ] = values
        else {
            return Err(corrupt());
        };
        let kind = state.as_text().and_then(EventKind::from_key).ok_or_else(corrupt)?;
        let event = Event {
            id,
            purpose,
            channel,
            kind,
            at,
            proven: false,
            explicit: false,
            method: String::new(),
            provenance: Provenance::default(),
        };
        let source = source.as_text().map(str::to_owned);
        events.entry(subject).or_default().push(Shared { source, event });
    }
    Ok(events)
}

/// The event that a whole record is, if it is one: for what sleeps, whose states are folded from it.
#[must_use]
pub fn consent_event_of(entity: &str, record: &Record) -> Option<Event> {
    let values = COLUMNS.iter().map(|(name, _)| record.values.get(*name).cloned().unwrap_or_default());
    (entity == EVENTS).then(|| event(values.collect()).ok()).flatten()
}

fn event(row: Vec<Value>) -> Result<Event, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "consent event" };
    let values: [Value; 12] = row.try_into().map_err(|_| corrupt())?;
    let [id, purpose, channel, state, happened_at, wording, notice, explicit, method, given_by, conditionality, reason] =
        values;
    let text = |value: Value| match value {
        Value::Text(text) => text,
        _ => String::new(),
    };
    let Value::Instant(at) = happened_at else { return Err(corrupt()) };
    let kind = state.as_text().and_then(EventKind::from_key).ok_or_else(corrupt)?;
    let (channel, notice) = (text(channel), text(notice));
    Ok(Event {
        id: text(id),
        purpose: text(purpose),
        channel: if channel.is_empty() { ANY_CHANNEL.to_owned() } else { channel },
        kind,
        at,
        proven: !text(wording).is_empty() && !notice.is_empty(),
        explicit: explicit == Value::Boolean(true),
        method: text(method),
        provenance: Provenance {
            notice,
            given_by: text(given_by),
            conditional: conditionality.as_text() == Some("conditional") && text(reason).trim().is_empty(),
        },
    })
}

fn rows_of<'a>(tenant: &str, subject: &str, states: &States) -> Vec<Vec<Cell<'a>>> {
    let row = |(key, state): (&consent::Key, &consent::ConsentState)| {
        let cells = vec![
            ("tenant_id", Type::Text, Value::text(tenant)),
            ("subject_id", Type::Text, Value::text(subject)),
            ("purpose", Type::Text, Value::text(key.purpose.as_str())),
            ("channel", Type::Text, Value::text(key.channel.as_str())),
            ("track", Type::Text, Value::text(key.track.key())),
            ("status", Type::Text, Value::text(state.status.key())),
            ("at", Type::Instant, Value::Instant(state.at)),
            ("rank", Type::Integer, Value::Integer(i64::from(state.status.rank()))),
            ("proven", Type::Boolean, Value::Boolean(state.proven)),
            ("confirmed", Type::Boolean, Value::Boolean(state.confirmed)),
            ("explicit", Type::Boolean, Value::Boolean(state.explicit)),
            ("method", Type::Text, Value::text(state.method.as_str())),
            ("notice", Type::Text, Value::text(state.provenance.notice.as_str())),
            ("given_by", Type::Text, Value::text(state.provenance.given_by.as_str())),
            ("conditional", Type::Boolean, Value::Boolean(state.provenance.conditional)),
        ];
        let counts = |(channel, column)| (column, Type::Boolean, Value::Boolean(counts_for(key, channel, states)));
        [cells, COUNTS.map(counts).to_vec()].concat()
    };
    states.iter().map(row).collect()
}
