//! The folded consent state, derived from a person's events in the transaction that adds one. The
//! events stay the truth; what is here can be rebuilt from them.

use std::collections::BTreeMap;

use garant_domain::catalog::Entity;
use garant_domain::consent::{self, ANY_CHANNEL, Event, EventKind, States};
use garant_domain::value::{Type, Value};
use sea_query::{Alias, Expr, ExprTrait, Func, Query};

use crate::dialect::Dialect;
use crate::error::StoreError;
use crate::record::NewRecord;
use crate::row::{Cell, insert_all};
use crate::write::WriteTx;

/// The entity whose records are consent events.
const EVENTS: &str = "consent_event";

/// What the fold reads of an event.
const COLUMNS: [(&str, Type); 9] = [
    ("id", Type::Text),
    ("purpose", Type::Text),
    ("channel", Type::Text),
    ("state", Type::Text),
    ("happened_at", Type::Instant),
    ("wording", Type::Text),
    ("notice_version", Type::Text),
    ("explicit", Type::Boolean),
    ("method", Type::Text),
];

/// Refuses an event that could not be folded, and one dated in the future: it would count at once.
pub(crate) fn check(entity: &Entity, record: &NewRecord) -> Result<(), StoreError> {
    if entity.name != EVENTS {
        return Ok(());
    }
    let bad = |field: &str| Err(StoreError::BadValue { field: field.to_owned() });
    match record.values.get("state").and_then(Value::as_text).and_then(EventKind::from_key) {
        Some(_) => {}
        None => return bad("state"),
    }
    match record.values.get("happened_at") {
        Some(Value::Instant(at)) if *at <= record.now => {}
        _ => return bad("happened_at"),
    }
    for field in ["purpose", "contact_id"] {
        if record.values.get(field).and_then(Value::as_text).is_none() {
            return bad(field);
        }
    }
    Ok(())
}

/// The person whose states a new record changes.
pub(crate) fn subject(entity: &Entity, values: &BTreeMap<String, Value>) -> Option<String> {
    if entity.name != EVENTS {
        return None;
    }
    values.get("contact_id").and_then(Value::as_text).map(str::to_owned)
}

/// Two transactions must not fold the same person at once: each would miss the other's event. SQLite
/// has one writer anyway.
pub(crate) async fn lock(tx: &mut WriteTx, subject: &str) -> Result<(), StoreError> {
    if tx.inner.dialect == Dialect::Sqlite {
        return Ok(());
    }
    let key = Func::cust("hashtextextended").arg(format!("{}/{subject}", tx.tenant)).arg(0i64);
    let select = Query::select().expr(Func::cust("pg_advisory_xact_lock").arg(key)).take();
    let statement = tx.inner.dialect.build(&select);
    tx.lease.fetch("locking a person's consent", &statement, &[]).await.map(drop)
}

/// Every event of a person, in no order.
pub(crate) async fn events(tx: &mut WriteTx, subject: &str) -> Result<Vec<Event>, StoreError> {
    let column = |name: &str| Expr::col(Alias::new(name));
    let mut select = Query::select();
    select
        .columns(COLUMNS.iter().map(|(name, _)| Alias::new(*name)))
        .from(Alias::new(EVENTS))
        .and_where(column("tenant_id").eq(tx.tenant.as_str()))
        .and_where(column("contact_id").eq(subject));
    let types = COLUMNS.map(|(_, ty)| ty);
    let rows = tx.lease.fetch("reading consent events", &tx.inner.dialect.build(&select), &types).await?;
    rows.into_iter().map(event).collect()
}

/// Folds all events of a person anew.
pub(crate) async fn refold(tx: &mut WriteTx, subject: &str) -> Result<(), StoreError> {
    let column = |name: &str| Expr::col(Alias::new(name));
    let events = events(tx, subject).await?;
    // Every event is in the past: `check` saw to it.
    let states = consent::fold(&events, i64::MAX);
    let step = StoreError::at("storing the consent state");
    let delete = Query::delete()
        .from_table(Alias::new("consent_state"))
        .and_where(column("tenant_id").eq(tx.tenant.as_str()))
        .and_where(column("subject_id").eq(subject))
        .take();
    tx.lease.execute(&tx.inner.dialect.build(&delete)).await.map_err(step)?;
    if !states.is_empty() {
        let insert = insert_all("consent_state", rows_of(&tx.tenant, subject, &states))?;
        tx.lease.execute(&tx.inner.dialect.build(&insert)).await.map_err(step)?;
    }
    Ok(())
}

fn event(row: Vec<Value>) -> Result<Event, StoreError> {
    let corrupt = || StoreError::Corrupt { what: "consent event" };
    let values: [Value; 9] = row.try_into().map_err(|_| corrupt())?;
    let [id, purpose, channel, state, happened_at, wording, notice_version, explicit, method] = values;
    let text = |value: Value| match value {
        Value::Text(text) => text,
        _ => String::new(),
    };
    let Value::Instant(at) = happened_at else { return Err(corrupt()) };
    let kind = state.as_text().and_then(EventKind::from_key).ok_or_else(corrupt)?;
    let channel = text(channel);
    Ok(Event {
        id: text(id),
        purpose: text(purpose),
        channel: if channel.is_empty() { ANY_CHANNEL.to_owned() } else { channel },
        kind,
        at,
        proven: !text(wording).is_empty() && !text(notice_version).is_empty(),
        explicit: explicit == Value::Boolean(true),
        method: text(method),
    })
}

fn rows_of<'a>(tenant: &str, subject: &str, states: &States) -> Vec<Vec<Cell<'a>>> {
    let row = |(key, state): (&consent::Key, &consent::ConsentState)| {
        vec![
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
        ]
    };
    states.iter().map(row).collect()
}
