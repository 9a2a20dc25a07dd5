//! What was said for an address covers whoever has it: at once, when it changes hands, and when somebody
//! is entered later. The stored states equal a model that folds everything anew.

use std::collections::{BTreeMap, BTreeSet};

use garant_domain::address::AddressKind;
use garant_domain::consent::{Event, EventKind, Provenance, Shared, fold_shared};
use garant_domain::rule::FactCall;
use garant_domain::value::Value;
use garant_store::{AddressKey, AddressStatement, Store, StoreConfig};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::both;
use crate::consent::consent_event;
use crate::facts::{CONSENT_FACTS, consent_fact};
use crate::property::sample;
use crate::support::*;

const EMAILS: [&str; 3] = ["ada@example.org", "Ada@Example.org", "bea@example.org"];
const PHONES: [&str; 3] = ["+33 6 12 34 56 78", "06.12.34.56.78", "+33 1 98 76 54 32"];

fn event(id: &str, kind: EventKind, purpose: &str, channel: &str, at: i64) -> Event {
    Event {
        id: id.to_owned(),
        purpose: purpose.to_owned(),
        channel: channel.to_owned(),
        kind,
        at,
        proven: true,
        explicit: false,
        method: "checkbox".to_owned(),
        provenance: Provenance { notice: "v1".to_owned(), ..Provenance::default() },
    }
}

fn statement(id: &str, kind: AddressKind, text: &str, state: EventKind, at: i64) -> AddressStatement {
    AddressStatement {
        id: id.to_owned(),
        kind,
        text: text.to_owned(),
        purpose: "marketing".to_owned(),
        channel: "any".to_owned(),
        state,
        at,
        method: None,
        wording: None,
        collector: None,
        evidence: None,
        now: NOW,
        actor: "somebody".to_owned(),
    }
}

async fn fact(db: &Db, subject: &str, name: &str, args: &[&str]) -> Value {
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    let call = FactCall { name: name.to_owned(), args: args.iter().map(|&arg| arg.to_owned()).collect() };
    tx.facts(subject, &[call]).await.expect("facts").remove(0)
}

async fn say(db: &Db, said: &AddressStatement) -> u64 {
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    let before = db.store.statements();
    tx.say_for_address(said).await.expect("said");
    let sent = db.store.statements() - before;
    tx.commit().await.expect("committed");
    sent
}

both!(an_objection_covers_who_shares_the_address, |db: Db| async move {
    let person = |id: &str, email: Value, phone: Value| record(id, &[("email", email), ("phone_2", phone)]);
    let people = vec![
        person("a", t("Ada@example.org"), Value::Null),
        person("b", t(" ada@EXAMPLE.org"), t("06.12.34.56.78")),
        person("c", t("cleo@example.org"), t("+33 6 12 34 56 78")),
    ];
    put(&db.store, TENANT, "contact", people).await;
    let objection = event("o", EventKind::Objected, "marketing", "email", NOW);
    put(&db.store, TENANT, "consent_event", vec![consent_event(&objection, "a")]).await;
    for (subject, stands) in [("a", true), ("b", true), ("c", false)] {
        assert_eq!(fact(&db, subject, "objection.active", &["marketing"]).await, Value::Boolean(stands), "{subject}");
    }
    // Another tenant's person with the address is another person.
    put(&db.store, "other", "contact", vec![person("x", t("ada@example.org"), Value::Null)]).await;
    let mut other = db.store.begin_write("other").await.expect("a transaction");
    let call = FactCall { name: "objection.active".to_owned(), args: vec!["marketing".to_owned()] };
    assert_eq!(other.facts("x", &[call]).await.expect("facts"), [Value::Boolean(false)]);
    drop(other);
    // Entered later, and changed later.
    put(&db.store, TENANT, "contact", vec![person("d", t("ada@example.org"), Value::Null)]).await;
    assert_eq!(fact(&db, "d", "objection.active", &["marketing"]).await, Value::Boolean(true));
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    tx.update("contact", "c", 1, &change(&[("email", t("ada@example.org"))])).await.expect("changed");
    tx.update("contact", "b", 1, &change(&[("email", t("bea@example.org"))])).await.expect("changed");
    tx.commit().await.expect("committed");
    assert_eq!(fact(&db, "c", "objection.active", &["marketing"]).await, Value::Boolean(true));
    assert_eq!(
        fact(&db, "b", "objection.active", &["marketing"]).await,
        Value::Boolean(false),
        "the address is another's"
    );
    // What the person said goes with them to their next address.
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    tx.update("contact", "a", 1, &change(&[("email", t("bea@example.org"))])).await.expect("changed");
    tx.commit().await.expect("committed");
    assert_eq!(fact(&db, "a", "objection.active", &["marketing"]).await, Value::Boolean(true));
    assert_eq!(fact(&db, "b", "objection.active", &["marketing"]).await, Value::Boolean(true));
    // And back, which meets what is on file already.
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    tx.update("contact", "a", 2, &change(&[("email", t("ada@example.org"))])).await.expect("changed");
    tx.commit().await.expect("committed");
    assert_eq!(fact(&db, "d", "objection.active", &["marketing"]).await, Value::Boolean(true));
});

both!(a_further_address_counts_like_the_main_one, |db: Db| async move {
    put(&db.store, TENANT, "contact", vec![record("a", &[]), record("b", &[]), record("c", &[])]).await;
    let further = |id: &str, of: &str, text: &str| record(id, &[("contact_id", t(of)), ("email", t(text))]);
    put(&db.store, TENANT, "contact_email", vec![further("1", "a", "ada@example.org")]).await;
    let objection = event("o", EventKind::Objected, "marketing", "any", NOW);
    put(&db.store, TENANT, "consent_event", vec![consent_event(&objection, "a")]).await;
    let stands =
        async |subject: &str| fact(&db, subject, "objection.active", &["marketing"]).await == Value::Boolean(true);
    assert!(!stands("b").await);
    put(&db.store, TENANT, "contact_email", vec![further("2", "b", "Ada@Example.org")]).await;
    assert!(stands("b").await, "by a further address");
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    tx.update("contact_email", "2", 1, &change(&[("contact_id", t("c"))])).await.expect("changed");
    tx.commit().await.expect("committed");
    assert!(!stands("b").await && stands("c").await, "it has moved to another");
});

both!(what_is_said_for_an_address_takes_as_many_statements_for_nobody, |db: Db| async move {
    put(&db.store, TENANT, "contact", vec![record("a", &[("email", t("ada@example.org"))])]).await;
    let known = statement("1", AddressKind::Email, "ADA@example.org", EventKind::Withdrawn, NOW);
    let unknown = statement("2", AddressKind::Email, "nobody@example.org", EventKind::Withdrawn, NOW);
    assert_eq!(say(&db, &known).await, say(&db, &unknown).await);
    assert_eq!(fact(&db, "a", "consent.status", &["marketing", "email"]).await, t("withdrawn"));
    put(&db.store, TENANT, "contact", vec![record("n", &[("email", t("Nobody@example.org"))])]).await;
    assert_eq!(fact(&db, "n", "consent.status", &["marketing", "email"]).await, t("withdrawn"));
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    assert!(tx.say_for_address(&statement("3", AddressKind::Phone, "n/a", EventKind::Withdrawn, NOW)).await.is_err());
});

both!(no_table_tells_an_address, |db: Db| async move {
    put(&db.store, TENANT, "contact", vec![record("a", &[("phone", t("0612345678"))])]).await;
    say(&db, &statement("1", AddressKind::Phone, "0612345678", EventKind::Objected, NOW)).await;
    use sqlx::Row;
    for sql in ["SELECT address FROM subject_address", "SELECT address FROM address_event"] {
        let addresses: Vec<String> = if db.is_postgres() {
            let rows = sqlx::query(sql).fetch_all(&mut db.owner().await).await.expect("rows");
            rows.iter().map(|row| row.get(0)).collect()
        } else {
            let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect(&db.url).await.expect("a connection");
            let rows = sqlx::query(sql).fetch_all(&mut conn).await.expect("rows");
            rows.iter().map(|row| row.get(0)).collect()
        };
        assert_eq!(addresses.len(), 1, "{sql}");
        assert!(addresses.iter().all(|address| !address.contains("12345678")), "{addresses:?}");
    }
});

both!(another_secret_hashes_the_addresses_anew, |db: Db| async move {
    let config = StoreConfig { address_key: AddressKey::derived(&[8; 32]), ..config(&db.url) };
    put(&db.store, TENANT, "contact", vec![record("a", &[("email", t("ada@example.org"))])]).await;
    let objection = event("o", EventKind::Objected, "marketing", "any", NOW);
    put(&db.store, TENANT, "consent_event", vec![consent_event(&objection, "a")]).await;
    let other = Store::connect(&config, catalog()).await.expect("a store");
    other.index_addresses(TENANT).await.expect("indexed");
    let before = other.statements();
    other.index_addresses(TENANT).await.expect("indexed");
    assert!(other.statements() - before <= 2, "nothing is left to do");
    let db = Db { store: other, ..db };
    put(&db.store, TENANT, "contact", vec![record("b", &[("email", t("ada@example.org"))])]).await;
    assert_eq!(fact(&db, "b", "objection.active", &["marketing"]).await, Value::Boolean(true));
});

both!(two_who_meet_at_an_address_do_not_miss_each_other, |db: Db| async move {
    for round in 0..8 {
        let email = format!("{round}@example.org");
        put(&db.store, TENANT, "contact", vec![record(&format!("a{round}"), &[("email", t(&email))])]).await;
        let (store, other) = (db.store.clone(), db.store.clone());
        let objection = consent_event(
            &event(&format!("o{round}"), EventKind::Objected, "marketing", "any", NOW),
            &format!("a{round}"),
        );
        let newcomer = record(&format!("b{round}"), &[("email", t(&email))]);
        let objects = tokio::spawn(async move { put(&store, TENANT, "consent_event", vec![objection]).await });
        let enters = tokio::spawn(async move { put(&other, TENANT, "contact", vec![newcomer]).await });
        objects.await.expect("objected");
        enters.await.expect("entered");
        let covered = fact(&db, &format!("b{round}"), "objection.active", &["marketing"]).await;
        assert_eq!(covered, Value::Boolean(true), "{round}");
    }
});

/// What others are told of an event: not how it was captured.
fn bare(event: &Event) -> Event {
    Event { proven: false, method: String::new(), provenance: Provenance::default(), ..event.clone() }
}

/// Everything that happened, as a model has it.
#[derive(Default)]
struct Model {
    addresses: BTreeMap<String, BTreeSet<(AddressKind, String)>>,
    own: BTreeMap<String, Vec<Event>>,
    said: Vec<((AddressKind, String), Shared)>,
}

impl Model {
    fn carry(&mut self, subject: &str, event: &Event, addresses: &BTreeSet<(AddressKind, String)>) {
        for address in addresses.iter().filter(|(kind, _)| kind.serves(&event.channel) && event.kind.is_carried()) {
            self.said.push((address.clone(), Shared { source: Some(subject.to_owned()), event: bare(event) }));
        }
    }

    fn moved(&mut self, subject: &str, addresses: BTreeSet<(AddressKind, String)>) {
        let old = self.addresses.insert(subject.to_owned(), addresses.clone()).unwrap_or_default();
        let added = addresses.difference(&old).cloned().collect();
        for event in self.own.get(subject).cloned().unwrap_or_default() {
            self.carry(subject, &event, &added);
        }
    }

    fn check(&self, subject: &str) -> (Vec<FactCall>, Vec<Value>) {
        let none = BTreeSet::new();
        let addresses = self.addresses.get(subject).unwrap_or(&none);
        let reaches = |(address, shared): &&((AddressKind, String), Shared)| {
            addresses.contains(address) && shared.source.as_deref() != Some(subject)
        };
        let shared: Vec<Shared> = self.said.iter().filter(reaches).map(|(_, shared)| shared.clone()).collect();
        let states = fold_shared(self.own.get(subject).map_or(&[], Vec::as_slice), &shared, i64::MAX);
        let (mut calls, mut expected) = (vec![], vec![]);
        for (purpose, channel) in [("marketing", "email"), ("marketing.email", "call"), ("marketing.email", "email")] {
            for name in CONSENT_FACTS {
                calls.push(FactCall { name: (*name).to_owned(), args: vec![purpose.to_owned(), channel.to_owned()] });
                expected.push(consent_fact(name, purpose, channel, &states));
            }
            for name in ["objection.active", "objection.overridden"] {
                calls.push(FactCall { name: name.to_owned(), args: vec![purpose.to_owned()] });
                expected.push(consent_fact(name, purpose, channel, &states));
            }
        }
        (calls, expected)
    }
}

both!(the_stored_states_equal_those_folded_anew, |db: Db| async move {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[9; 32]));
    let mut model = Model::default();
    let mut versions: BTreeMap<String, i64> = BTreeMap::new();
    let kinds = prop::sample::select(vec![
        EventKind::Given,
        EventKind::Withdrawn,
        EventKind::Objected,
        EventKind::ObjectionLifted,
        EventKind::ObjectionOverridden,
        EventKind::Refused,
    ]);
    let optional = |from: [&'static str; 3]| prop::option::of(prop::sample::select(from.to_vec()));
    for step in 0..140 {
        let subject = format!("s{}", sample(&mut runner, &(0..5usize)));
        let purpose = sample(&mut runner, &prop::sample::select(vec!["marketing", "marketing.email"]));
        let channel = sample(&mut runner, &prop::sample::select(vec!["any", "email", "call", "post"]));
        let at = sample(&mut runner, &(NOW - 6..=NOW));
        match sample(&mut runner, &(0..8usize)) {
            0 | 1 => {
                let (email, phone) = (sample(&mut runner, &optional(EMAILS)), sample(&mut runner, &optional(PHONES)));
                let text = |text: Option<&str>| text.map_or(Value::Null, Value::text);
                let values = [("email", text(email)), ("phone", text(phone))];
                let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
                match versions.get(&subject) {
                    None => {
                        tx.insert("contact", &record(&subject, &values)).await.expect("inserted");
                        versions.insert(subject.clone(), 1);
                    }
                    Some(version) => {
                        let version =
                            tx.update("contact", &subject, *version, &change(&values)).await.expect("changed");
                        versions.insert(subject.clone(), version);
                    }
                }
                tx.commit().await.expect("committed");
                let email = email.and_then(|text| Some((AddressKind::Email, AddressKind::Email.normalise(text)?)));
                let phone = phone.and_then(|text| Some((AddressKind::Phone, AddressKind::Phone.normalise(text)?)));
                model.moved(&subject, email.into_iter().chain(phone).collect());
            }
            2 => {
                let text = sample(&mut runner, &prop::sample::select(EMAILS.to_vec()));
                let kind = sample(&mut runner, &prop::sample::select(vec![EventKind::Withdrawn, EventKind::Objected]));
                let said = statement(&format!("x{step}"), AddressKind::Email, text, kind, at);
                say(&db, &said).await;
                let event = event(&said.id, kind, "marketing", "any", at);
                let address = (AddressKind::Email, AddressKind::Email.normalise(text).expect("an address"));
                model.said.push((address, Shared { source: None, event: bare(&event) }));
            }
            _ => {
                let event = event(&format!("e{step}"), sample(&mut runner, &kinds), purpose, channel, at);
                put(&db.store, TENANT, "consent_event", vec![consent_event(&event, &subject)]).await;
                model.own.entry(subject.clone()).or_default().push(event.clone());
                let addresses = model.addresses.get(&subject).cloned().unwrap_or_default();
                model.carry(&subject, &event, &addresses);
            }
        }
        if step % 7 == 0 || step > 130 {
            for subject in (0..5).map(|number| format!("s{number}")) {
                let (calls, expected) = model.check(&subject);
                let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
                let facts = tx.facts(&subject, &calls).await.expect("facts");
                for ((call, expected), got) in calls.iter().zip(expected).zip(facts) {
                    assert_eq!(got, expected, "{call} of {subject} after {step}");
                }
            }
        }
    }
});
