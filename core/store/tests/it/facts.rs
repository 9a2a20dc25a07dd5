//! Facts as the domain has them, to hold the SQL against.

use garant_domain::consent::{States, effective, objected, other_channel, overridden};
use garant_domain::rule::FactCall;
use garant_domain::value::Value;

use crate::both;
use crate::support::*;

pub const CONSENT_FACTS: &[&str] = &[
    "consent.status",
    "consent.given_at",
    "consent.proven",
    "consent.confirmed",
    "consent.explicit",
    "consent.method",
    "consent.notice",
    "consent.given_by",
    "consent.conditional",
    "consent.other_channel",
];

/// A fact from the domain's own fold.
pub fn consent_fact(name: &str, purpose: &str, channel: &str, states: &States) -> Value {
    let state = effective(purpose, channel, states);
    match name {
        "consent.status" => t(state.map_or("none", |state| state.status.key())),
        "consent.given_at" => state.map_or(Value::Null, |state| Value::Instant(state.at)),
        "consent.proven" => Value::Boolean(state.is_some_and(|state| state.proven)),
        "consent.confirmed" => Value::Boolean(state.is_some_and(|state| state.confirmed)),
        "consent.explicit" => Value::Boolean(state.is_some_and(|state| state.explicit)),
        "consent.method" => t(state.map_or("", |state| state.method.as_str())),
        "consent.notice" => t(state.map_or("", |state| state.provenance.notice.as_str())),
        "consent.given_by" => t(state.map_or("", |state| state.provenance.given_by.as_str())),
        "consent.conditional" => Value::Boolean(state.is_some_and(|state| state.provenance.conditional)),
        "consent.other_channel" => Value::Boolean(other_channel(purpose, channel, states)),
        "objection.active" => Value::Boolean(objected(purpose, states)),
        "objection.overridden" => Value::Boolean(overridden(purpose, states)),
        other => panic!("{other} is no fact of consent"),
    }
}

both!(every_registered_fact_has_sql, |db: Db| async move {
    put(&db.store, TENANT, "contact", vec![record("1", &[("last_name", t("Zola")), ("country", t("FR"))])]).await;
    let calls: Vec<FactCall> = garant_domain::fact::FACTS
        .iter()
        .map(|fact| FactCall {
            name: fact.name.to_owned(),
            args: fact.args.iter().map(|_| "email".to_owned()).collect(),
        })
        .collect();
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    let facts = tx.facts("1", &calls).await.expect("facts");
    for (call, value) in calls.iter().zip(facts) {
        let fact = garant_domain::fact::find(&call.name).expect("registered");
        assert!(value.is_null() || value.value_type() == Some(fact.ty), "{call}: {value:?}");
    }
    let country = FactCall { name: "subject.country".to_owned(), args: vec![] };
    assert_eq!(tx.facts("1", std::slice::from_ref(&country)).await.expect("facts"), [t("FR")]);
    assert_eq!(tx.facts("nobody", &[country]).await.expect("facts"), [Value::Null]);
    let unknown = FactCall { name: "subject.horoscope".to_owned(), args: vec![] };
    assert!(tx.facts("1", &[unknown]).await.is_err());
});
