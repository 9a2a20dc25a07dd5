//! The folded state equals the events, always.

use std::collections::BTreeMap;

use garant_domain::consent::{Event, EventKind, Provenance, fold};
use garant_domain::rule::FactCall;
use garant_domain::value::Value;
use garant_store::{NewRecord, StoreError};

use crate::both;
use crate::support::*;

pub fn consent_event(event: &Event, subject: &str) -> NewRecord {
    let proof = if event.proven { t("v1") } else { Value::Null };
    let notice = match event.provenance.notice.as_str() {
        "" => Value::Null,
        notice => t(notice),
    };
    let given_by = match event.provenance.given_by.as_str() {
        "" => Value::Null,
        given_by => t(given_by),
    };
    let conditionality = if event.provenance.conditional { "conditional" } else { "free" };
    record(
        &event.id,
        &[
            ("contact_id", t(subject)),
            ("purpose", t(&event.purpose)),
            ("channel", t(&event.channel)),
            ("state", t(event.kind.key())),
            ("happened_at", Value::Instant(event.at)),
            ("wording", proof),
            ("notice_version", notice),
            ("given_by", given_by),
            ("conditionality", t(conditionality)),
            ("explicit", Value::Boolean(event.explicit)),
            ("method", t(&event.method)),
        ],
    )
}

fn event(id: &str, kind: EventKind, at: i64) -> Event {
    Event {
        id: id.to_owned(),
        purpose: "marketing".to_owned(),
        channel: "email".to_owned(),
        kind,
        at,
        proven: true,
        explicit: false,
        method: "checkbox".to_owned(),
        provenance: Provenance { notice: "v1".to_owned(), ..Provenance::default() },
    }
}

async fn status(db: &Db, subject: &str) -> Value {
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    let call = FactCall { name: "consent.status".to_owned(), args: vec!["marketing".to_owned(), "email".to_owned()] };
    tx.facts(subject, &[call]).await.expect("facts").remove(0)
}

both!(events_in_any_order_give_the_state_of_their_time, |db: Db| async move {
    assert_eq!(status(&db, "1").await, t("none"));
    let events = [
        event("e1", EventKind::Withdrawn, NOW - 10),
        event("e2", EventKind::Given, NOW - 20),
        event("e3", EventKind::Given, NOW - 10),
    ];
    for event in &events {
        put(&db.store, TENANT, "consent_event", vec![consent_event(event, "1")]).await;
    }
    assert_eq!(status(&db, "1").await, t("withdrawn"), "a withdrawal wins at the same instant");
    assert_eq!(status(&db, "2").await, t("none"));
    put(&db.store, TENANT, "consent_event", vec![consent_event(&event("e4", EventKind::Given, NOW), "1")]).await;
    assert_eq!(status(&db, "1").await, t("given"));
});

both!(an_event_that_cannot_be_folded_is_refused, |db: Db| async move {
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    let sound = || consent_event(&event("e1", EventKind::Given, NOW), "1");
    let future = consent_event(&event("e1", EventKind::Given, NOW + 1), "1");
    let mut unknown = sound();
    unknown.values.insert("state".to_owned(), t("perhaps"));
    let mut nobody = sound();
    nobody.values.insert("contact_id".to_owned(), Value::Null);
    for (record, field) in [(future, "happened_at"), (unknown, "state"), (nobody, "contact_id")] {
        let error = tx.insert("consent_event", &record).await.expect_err("refused");
        assert!(matches!(&error, StoreError::BadValue { field: named } if named == field), "{error:?}");
    }
});

both!(rebuilding_all_states_changes_nothing, |db: Db| async move {
    let kinds = [
        EventKind::Requested,
        EventKind::Given,
        EventKind::Confirmed,
        EventKind::Objected,
        EventKind::Renewed,
        EventKind::Withdrawn,
        EventKind::ObjectionLifted,
        EventKind::Deferred,
        EventKind::Refused,
        EventKind::Expired,
    ];
    let mut events: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    let mut seed = 7usize;
    let mut next = |below: usize| {
        // A fixed sequence: the same test each time.
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        seed / 65_536 % below
    };
    for index in 0..120 {
        let subject = format!("s{}", next(4));
        let event = Event {
            purpose: ["marketing", "marketing.email", "profiling"][next(3)].to_owned(),
            channel: ["any", "email", "sms"][next(3)].to_owned(),
            proven: next(2) == 0,
            explicit: next(2) == 0,
            ..event(&format!("e{index}"), kinds[next(kinds.len())], NOW - i64::try_from(next(40)).expect("small"))
        };
        put(&db.store, TENANT, "consent_event", vec![consent_event(&event, &subject)]).await;
        events.entry(subject).or_default().push(event);
    }
    for (subject, events) in events {
        let mut calls = Vec::new();
        let mut expected = Vec::new();
        let states = fold(&events, i64::MAX);
        for (purpose, channel) in
            [("marketing", "email"), ("marketing.email", "email"), ("profiling", "sms"), ("marketing.email", "any")]
        {
            for fact in crate::facts::CONSENT_FACTS {
                calls.push(FactCall { name: (*fact).to_owned(), args: vec![purpose.to_owned(), channel.to_owned()] });
                expected.push(crate::facts::consent_fact(fact, purpose, channel, &states));
            }
            calls.push(FactCall { name: "objection.active".to_owned(), args: vec![purpose.to_owned()] });
            expected.push(crate::facts::consent_fact("objection.active", purpose, channel, &states));
        }
        let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
        let before = db.store.statements();
        let facts = tx.facts(&subject, &calls).await.expect("facts");
        assert_eq!(db.store.statements() - before, 1, "all facts in one statement");
        for ((call, expected), got) in calls.iter().zip(expected).zip(facts) {
            assert_eq!(got, expected, "{call} of {subject}");
        }
    }
});

both!(two_events_at_once_both_count, |db: Db| async move {
    for round in 0..10 {
        let subject = format!("s{round}");
        let write = |id: &str, channel: &str| {
            let event = Event { channel: channel.to_owned(), ..event(&format!("{id}{round}"), EventKind::Given, NOW) };
            let (store, record) = (db.store.clone(), consent_event(&event, &subject));
            tokio::spawn(async move { put(&store, TENANT, "consent_event", vec![record]).await })
        };
        let (a, b) = tokio::join!(write("a", "email"), write("b", "sms"));
        a.and(b).expect("both written");
        let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
        let call = |channel: &str| FactCall {
            name: "consent.status".to_owned(),
            args: vec!["marketing".to_owned(), channel.to_owned()],
        };
        assert_eq!(tx.facts(&subject, &[call("email"), call("sms")]).await.expect("facts"), [t("given"), t("given")]);
    }
});
