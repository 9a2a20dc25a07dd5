//! What policies ask for besides their decisions is done once: tasks, alarms, and a freeze of a recipient that
//! outlasts its cause until the DPO lifts it.

use garant_domain::value::Value;
use garant_testkit::{Actor, Setup, TestApp, on_both_databases};
use serde_json::{Value as Json, json};

const NAMES: &str = "{ contacts { nodes { lastName } } }";
const LIST: &str =
    "{ policyTasks(done: true) { id kind name policy code title article recipientId recipientName doneAt note } }";
const SETTLE: &str = "mutation($id: ID!, $note: String!) { settlePolicyTask(id: $id, note: $note) }";
const ORDER: &str =
    "mutation($id: ID!, $since: Date) { updateLegalEntity(id: $id, input: {orderSince: $since}) { id } }";
const MODE: &str = "mutation($mode: PolicyMode!, $version: Int!) { setPolicyMode(id: \"cloud-act\", mode: $mode, expectedVersion: $version, reason: \"Trial\") { version } }";

/// A processor in France, and who it is among the legal entities.
async fn processor(app: &TestApp) -> (String, String) {
    let entity = [
        ("name", Value::text("Paris Mail SAS")),
        ("country", Value::text("FR")),
        ("activity", Value::text("computing")),
        ("independent_checked_at", Value::Date(20_500)),
    ];
    let entity = app.create("legal_entity", &entity).await;
    let values = [
        ("name", Value::text("Paris Mail")),
        ("role", Value::text("processor")),
        ("country", Value::text("FR")),
        ("contract_until", Value::Date(30_000)),
        ("purposes", Value::text("sales marketing")),
        ("legal_entity_id", Value::text(entity.as_str())),
    ];
    (app.create("recipient", &values).await, entity)
}

async fn tasks(dpo: &Actor) -> Vec<Json> {
    dpo.query(LIST).await.ok().data("/policyTasks").as_array().expect("a list").clone()
}

fn named<'t>(tasks: &'t [Json], kind: &str, name: &str) -> Vec<&'t Json> {
    tasks.iter().filter(|task| task["kind"] == kind && task["name"] == name).collect()
}

on_both_databases! {
    async fn an_order_freezes_a_recipient_until_the_dpo_lifts_it(app: TestApp) {
        app.contact("Ada", &[]).await;
        let (recipient, entity) = processor(&app).await;
        let (dpo, sales) = (app.actor("dpo").await, app.actor("sales").await.for_purpose("sales"));
        let client = app.client("sales", Some(&recipient)).await.for_purpose("sales");
        let other = app.process(Setup::default()).await;
        let export = json!({"entity": "contact", "format": "csv", "recipient": recipient, "fields": ["lastName"]}).to_string();
        client.query(NAMES).await.ok();
        assert_eq!(named(&tasks(&dpo).await, "freeze", "recipient"), [] as [&Json; 0]);

        dpo.send(ORDER, json!({"id": entity, "since": "2026-05-01"})).await.ok();
        for _ in 0..3 {
            assert_eq!(client.query(NAMES).await.error("/reason"), &json!("cloud-act/TRF-25"));
        }
        let opened = tasks(&dpo).await;
        for (kind, name) in [("freeze", "recipient"), ("alarm", "third-country-order"), ("task", "art-48")] {
            let of_order: Vec<&Json> =
                named(&opened, kind, name).into_iter().filter(|task| task["policy"] == "cloud-act").collect();
            let [task] = of_order[..] else { panic!("{kind} {name}: {opened:?}") };
            assert_eq!((&task["code"], &task["recipientName"]), (&json!("TRF-25"), &json!("Paris Mail")));
            assert!(task["title"].as_str().is_some_and(|title| !title.is_empty()), "{task}");
        }
        let alarms = dpo.query("{ alarms { kind reason seenAt } }").await.ok();
        assert!(alarms.text.contains("third-country-order") && alarms.text.contains("cloud-act/TRF-25"), "{}", alarms.text);

        // The order is gone from the register, the freeze is not: at every door and in every process.
        dpo.send(ORDER, json!({"id": entity, "since": null})).await.ok();
        let one = "query($q: String!) { search(query: $q) { nodes { id } } }";
        for refused in [
            client.query(NAMES).await,
            client.on(&other).query(NAMES).await,
            client.query("{ contacts(first: 0) { totalCount } }").await,
            client.query("mutation { createContact(input: {lastName: \"Bea\"}) { id } }").await,
            sales.post_to("/export", export.clone()).await,
        ] {
            assert_eq!((refused.code(), refused.error("/reason")), ("POLICY_REFUSED", &json!("core/FROZEN")), "{}", refused.text);
            assert!(!refused.text.contains("Ada"));
        }
        assert!(!client.send(one, json!({"q": "Ada"})).await.text.contains("\"id\""));
        assert_eq!(sales.query(NAMES).await.ok().texts("/contacts/nodes", "/lastName"), ["Ada"], "our own people go on");

        let opened = tasks(&dpo).await;
        let freeze = named(&opened, "freeze", "recipient")[0]["id"].clone();
        let settle = json!({"id": freeze, "note": "The order was withdrawn"});
        for role in ["sales", "marketing", "admin"] {
            let other = app.actor(role).await;
            assert_eq!(other.query(LIST).await.code(), "FORBIDDEN");
            assert_eq!(other.send(SETTLE, settle.clone()).await.code(), "FORBIDDEN");
        }
        assert_eq!(dpo.send(SETTLE, json!({"id": freeze, "note": " "})).await.error("/field"), &json!("note"));
        dpo.send(SETTLE, settle.clone()).await.ok();
        assert_eq!(dpo.send(SETTLE, settle).await.code(), "NOT_FOUND");
        assert_eq!(client.query(NAMES).await.ok().texts("/contacts/nodes", "/lastName"), ["Ada"]);
        assert_eq!(client.on(&other).query(NAMES).await.ok().texts("/contacts/nodes", "/lastName"), ["Ada"]);
        let done = tasks(&dpo).await;
        assert_eq!(named(&done, "freeze", "recipient")[0]["note"], "The order was withdrawn");
        let open = dpo.query("{ policyTasks { kind } }").await.ok();
        assert!(!open.text.contains("freeze"), "{}", open.text);
    }

    async fn an_observed_policy_asks_for_nothing(app: TestApp) {
        app.contact("Ada", &[]).await;
        let (recipient, entity) = processor(&app).await;
        let dpo = app.actor("dpo").await;
        let client = app.client("sales", Some(&recipient)).await.for_purpose("sales");
        let observe = dpo.send(MODE, json!({"mode": "OBSERVE", "version": 1})).await.ok();
        dpo.send(ORDER, json!({"id": entity, "since": "2026-05-01"})).await.ok();
        client.query(NAMES).await;
        let opened = tasks(&dpo).await;
        assert!(opened.iter().all(|task| task["policy"] != "cloud-act"), "{opened:?}");
        // Enforced again, it does.
        let version = observe.data("/setPolicyMode/version").clone();
        dpo.send(MODE, json!({"mode": "ENFORCE", "version": version})).await.ok();
        assert_eq!(client.query(NAMES).await.code(), "POLICY_REFUSED");
        assert!(tasks(&dpo).await.iter().any(|task| task["policy"] == "cloud-act"));
    }

    async fn what_a_rule_asks_for_where_it_bites_on_a_record_is_opened_once_and_stays_settled(app: TestApp) {
        // For somebody whose country nobody knows the table of channels has no rule.
        let unknown = app.contact("Ada", &[("email", Value::text("ada@example.org")), ("country", Value::Null)]).await;
        let known = app.contact("Bea", &[("email", Value::text("bea@example.org"))]).await;
        app.consent(&known, "marketing", "email", "given", "2026-04-01T10:00:00Z").await;
        let dpo = app.actor("dpo").await;
        let marketing = app.actor("marketing").await.for_purpose("marketing").through("email");
        let shown = || async { marketing.query(NAMES).await.ok().texts("/contacts/nodes", "/lastName") };
        assert_eq!(shown().await, ["Bea"]);
        assert_eq!(named(&tasks(&dpo).await, "task", "add-channel-rule"), [] as [&Json; 0], "who is not shown asks for nothing");
        app.consent(&unknown, "marketing", "email", "given", "2026-04-01T10:00:00Z").await;
        for _ in 0..3 {
            assert_eq!(shown().await.len(), 2);
        }
        let opened = tasks(&dpo).await;
        let [task] = named(&opened, "task", "add-channel-rule")[..] else { panic!("{opened:?}") };
        assert_eq!((&task["policy"], &task["code"], &task["recipientId"]), (&json!("consent"), &json!("CNS-09"), &Json::Null));
        dpo.send(SETTLE, json!({"id": task["id"], "note": "Row added"})).await.ok();
        // Another process asks the database, and it stays settled there too.
        let other = app.process(Setup::default()).await;
        assert_eq!(marketing.on(&other).query(NAMES).await.ok().texts("/contacts/nodes", "/lastName").len(), 2);
        let all = tasks(&dpo).await;
        let [task] = named(&all, "task", "add-channel-rule")[..] else { panic!("{all:?}") };
        assert_eq!(task["note"], "Row added");
    }
}
