//! Policies that judge records: on pages they mask what the query does not look at, on one record and
//! on writes they may do all that they announced, and what they cannot do fails closed.

use garant_domain::value::Value;
use garant_service::ShippedPlugin;
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::{Effect, Judge, Plan, Selector};
use garant_testkit::{Actor, TENANT, TestApp, example_plugin, on_both_databases};
use serde_json::{Value as Json, json};

/// A server on the same database whose only policy is this one.
async fn with(app: &TestApp, plugin: ShippedPlugin) -> TestApp {
    TestApp::start_with(app.database.backend(), vec![plugin]).await
}

async fn sales(app: &TestApp) -> Actor {
    app.actor("sales").await.for_purpose("sales")
}

/// Two deals of one person: one note tells of her health.
async fn deals(app: &TestApp) -> [String; 3] {
    let ada = app.contact("Ada", &[]).await;
    let mut ids = vec![ada.clone()];
    for (name, note) in [("A", "likes boats"), ("B", "call after the surgery")] {
        let values = [
            ("name", Value::text(name)),
            ("note", Value::text(note)),
            ("amount", Value::Decimal(10_000)),
            ("contact_id", Value::text(ada.clone())),
        ];
        ids.push(app.create("deal", &values).await);
    }
    ids.try_into().expect("three")
}

/// A guest whose only wish is to judge the country of contacts: a verdict for each that has one.
fn judging(code: &'static str, effect: Effect, target: Vec<Selector>, hooks: &[u8]) -> ShippedPlugin {
    let judge = Judge { fields: vec!["country".to_owned()], facts: vec![], verdicts: vec![(effect, target, "TST-01")] };
    let mut guest = Guest { plan: Plan { judge: Some(judge), ..Plan::default() }, ..Guest::doing(code) };
    guest.manifest.hooks = hooks.to_vec();
    guest.manifest.entities = vec!["contact".to_owned()];
    ShippedPlugin { id: "honest".to_owned(), bytes: guest.module(), signature: None }
}

const EXPLAIN: &str = "query($entity: String!, $id: ID!, $as: ExplainAs!, $hook: ExplainHook) {
    explainAccess(entity: $entity, id: $id, as: $as, hook: $hook) {
        outcome fields notes { en fr } smallestChanges { opens alternatives { name } }
        rules { code article effect fields mode bites judged message { en fr } facts { name value basis } } } }";

const LIST: &str = "{ deals(orderBy: [{name: AscNullsLast}]) { nodes { name note policy { masked { field code article } } } totalCount } }";

on_both_databases! {
    async fn what_smells_of_health_is_masked_wherever_a_deal_is_shown(app: TestApp) {
        let app = with(&app, example_plugin("health-notes")).await;
        let [ada, harmless, health] = deals(&app).await;
        let sales = sales(&app).await;
        let list = sales.query(LIST).await.ok();
        let masked = json!([{ "field": "note", "code": "HEALTH-01", "article": "GDPR 9(1)" }]);
        assert_eq!(list.data("/deals/nodes/0"), &json!({ "name": "A", "note": "likes boats", "policy": { "masked": [] } }));
        assert_eq!(list.data("/deals/nodes/1"), &json!({ "name": "B", "note": null, "policy": { "masked": masked } }));
        assert_eq!(list.data("/deals/totalCount"), &json!(2));
        for query in [
            "query($id: ID!) { contact(id: $id) { deals { nodes { note } } } }",
            "query($id: ID!) { contacts(filter: {id: {eq: $id}}) { nodes { deals { nodes { note contact { lastName } } } } } }",
        ] {
            let nested = sales.send(query, json!({ "id": ada })).await.ok();
            assert!(nested.text.contains("likes boats") && !nested.text.contains("surgery"), "{}", nested.text);
        }
        let by_id = "query($id: ID!) { deal(id: $id) { note policy { masked { code } } } }";
        let one = sales.send(by_id, json!({ "id": health })).await.ok();
        assert_eq!(one.data("/deal"), &json!({ "note": null, "policy": { "masked": [{ "code": "HEALTH-01" }] } }));
        assert_eq!(sales.send(by_id, json!({ "id": harmless })).await.ok().data("/deal/note"), "likes boats");
        let dpo = app.actor("dpo").await.for_purpose("sales");
        assert!(dpo.query(LIST).await.ok().text.contains("surgery"), "a role that may read it");
        let log = app.store.read_log(TENANT, 100).await.expect("the log");
        assert!(log.iter().any(|line| line.codes.contains(&"health-notes/HEALTH-01".to_owned())), "{log:?}");
    }

    async fn what_may_be_masked_afterwards_is_no_operand(app: TestApp) {
        let app = with(&app, example_plugin("health-notes")).await;
        deals(&app).await;
        let sales = sales(&app).await;
        for query in [
            "{ deals(filter: {note: {contains: \"surgery\"}}) { totalCount } }",
            "{ deals(filter: {not: {note: {is: NULL}}}) { totalCount } }",
            "{ deals(orderBy: [{note: AscNullsLast}]) { nodes { name } } }",
            "{ contacts(filter: {deals: {some: {note: {startsWith: \"call\"}}}}) { totalCount } }",
        ] {
            let answer = sales.query(query).await;
            assert_eq!(answer.code(), "POLICY_REFUSED", "{query}: {}", answer.text);
            assert_eq!((answer.error("/field"), answer.error("/plugin")), (&json!("note"), &json!("health-notes")), "{query}");
        }
    }

    async fn a_verdict_rejects_a_write_and_what_is_masked_is_not_written(app: TestApp) {
        let app = with(&app, example_plugin("health-notes")).await;
        let [ada, harmless, health] = deals(&app).await;
        let sales = sales(&app).await;
        let update = "mutation($id: ID!, $note: String) { updateDeal(id: $id, input: {note: $note}) { note version } }";
        let over = sales.send(update, json!({ "id": health, "note": "x" })).await;
        assert_eq!((over.code(), over.error("/field")), ("POLICY_REFUSED", &json!("input.note")), "{}", over.text);
        let worse = sales.send(update, json!({ "id": harmless, "note": "his diabetes" })).await;
        assert_eq!((worse.code(), worse.error("/reason")), ("POLICY_REFUSED", &json!("health-notes/HEALTH-02")), "{}", worse.text);
        let fine = sales.send(update, json!({ "id": harmless, "note": "likes cars" })).await.ok();
        assert_eq!(fine.data("/updateDeal"), &json!({ "note": "likes cars", "version": 2 }));
        let create = "mutation($id: ID!, $note: String) { createDeal(input: {name: \"C\", contactId: $id, note: $note}) { note } }";
        assert_eq!(sales.send(create, json!({ "id": ada, "note": "pregnant" })).await.code(), "POLICY_REFUSED");
        sales.send(create, json!({ "id": ada, "note": "call in May" })).await.ok();
        // A field that the verdict does not name may be written where the text stays as it is.
        let renamed = sales.send("mutation($id: ID!) { updateDeal(id: $id, input: {name: \"D\"}) { name note } }", json!({ "id": health })).await.ok();
        assert_eq!(renamed.data("/updateDeal"), &json!({ "name": "D", "note": null }));
    }

    async fn judging_costs_no_statement_and_observing_changes_nothing(app: TestApp) {
        let app = with(&app, example_plugin("health-notes")).await;
        deals(&app).await;
        let (sales, dpo) = (sales(&app).await, app.actor("dpo").await);
        let count = async || {
            let before = app.store.statements();
            let answer = sales.query(LIST).await.ok();
            (app.store.statements() - before, answer)
        };
        count().await;
        let (enforced, _) = count().await;
        let observe = "mutation { setPolicyMode(id: \"health-notes\", mode: OBSERVE, expectedVersion: 1, reason: \"a test\") { mode } }";
        dpo.query(observe).await.ok();
        count().await;
        let (observed, shown) = count().await;
        assert_eq!(enforced, observed);
        assert!(shown.text.contains("surgery") && !shown.text.contains("HEALTH"), "{}", shown.text);
        let log = app.store.read_log(TENANT, 100).await.expect("the log");
        assert!(log.iter().any(|line| line.observed.contains(&"health-notes/HEALTH-01".to_owned())), "{log:?}");
    }

    async fn a_verdict_that_hides_counts_for_one_record_and_shuts_pages(app: TestApp) {
        let app = with(&app, judging("", Effect::Hide, vec![Selector::Row], &[0])).await;
        let hidden = app.contact("Ada", &[]).await;
        let shown = app.contact("Bea", &[("country", Value::Null)]).await;
        let absent = garant_domain::clock::new_id();
        let sales = sales(&app).await;
        for list in ["{ contacts { totalCount nodes { id } } }", "{ contacts { totalCount } }"] {
            let answer = sales.query(list).await;
            assert_eq!((answer.code(), answer.error("/plugin")), ("POLICY_UNAVAILABLE", &json!("honest")), "{}", answer.text);
            assert!(answer.error("/remedy").is_string());
        }
        for query in [
            "query($id: ID!) { contact(id: $id) { id lastName } }",
            "mutation($id: ID!) { updateContact(id: $id, expectedVersion: 7, input: {jobTitle: \"x\"}) { id } }",
            "mutation($id: ID!) { deleteContact(id: $id) { id } }",
            "mutation($id: ID!) { createDeal(input: {name: \"x\", contactId: $id}) { id } }",
        ] {
            let mut answers = vec![];
            for id in [&hidden, &absent] {
                let before = app.store.statements();
                let answer = sales.send(query, json!({ "id": id })).await;
                answers.push((answer.text, app.store.statements() - before));
            }
            assert_eq!(answers[0], answers[1], "{query}");
        }
        let one = sales.send("query($id: ID!) { contact(id: $id) { lastName } }", json!({ "id": shown })).await.ok();
        assert_eq!(one.data("/contact/lastName"), "Bea");
        // Whoever writes a record knows of it: its fields are withheld, and the write stands.
        let created = sales.query("mutation { createContact(input: {lastName: \"Cleo\", country: \"FR\"}) { version lastName } }").await.ok();
        assert_eq!(created.data("/createContact"), &json!({ "version": 1, "lastName": Json::Null }));
    }

    async fn an_explanation_tells_what_was_judged_of_the_record(app: TestApp) {
        let app = with(&app, example_plugin("health-notes")).await;
        let [_, harmless, health] = deals(&app).await;
        let dpo = app.actor("dpo").await;
        let explain = async |id: &str, hook: &str| {
            dpo.send(EXPLAIN, json!({"entity": "deal", "id": id, "hook": hook, "as": {"role": "sales", "purpose": "sales"}})).await.ok()
        };
        let verdict = |answer: &garant_testkit::Answer, code: &str| {
            let rules = answer.data("/explainAccess/rules").as_array().expect("rules").clone();
            rules.into_iter().find(|rule| rule["code"] == code && rule["judged"] == true).expect("the verdict")
        };
        let sick = explain(&health, "READ").await;
        assert_eq!((sick.data("/explainAccess/outcome"), sick.data("/explainAccess/fields")), (&json!("masked"), &json!(["note"])));
        let given = verdict(&sick, "HEALTH-01");
        assert_eq!((&given["bites"], &given["article"], &given["effect"]), (&json!(true), &json!("GDPR 9(1)"), &json!("mask")));
        assert_eq!((&given["fields"], given["message"]["en"].is_string()), (&json!(["note"]), true));
        assert_eq!(given["facts"][0]["name"], "note", "what it looked at");
        assert_eq!(sick.data("/explainAccess/smallestChanges"), &json!([{"opens": ["note"], "alternatives": []}]));
        let well = explain(&harmless, "READ").await;
        assert_eq!(well.data("/explainAccess/outcome"), "shown");
        assert_eq!(verdict(&well, "HEALTH-01")["bites"], false);
        // As the record stands it could not be written again.
        let write = explain(&health, "WRITE").await;
        assert_eq!((write.data("/explainAccess/outcome"), &verdict(&write, "HEALTH-02")["bites"]), (&json!("rejected"), &json!(true)), "{}", write.text);
        assert_eq!(explain(&harmless, "WRITE").await.data("/explainAccess/outcome"), "allowed");
        let log = app.store.read_log(TENANT, 100).await.expect("the log");
        let told = log.iter().filter(|line| line.outcome == "explained");
        assert!(told.clone().any(|line| line.codes == ["health-notes/HEALTH-01"]), "{:?}", told.collect::<Vec<_>>());
    }

    async fn an_explanation_of_a_verdict_that_hides_or_fails(app: TestApp) {
        let hiding = with(&app, judging("", Effect::Hide, vec![Selector::Row], &[0])).await;
        let (hidden, shown) = (hiding.contact("Ada", &[]).await, hiding.contact("Bea", &[("country", Value::Null)]).await);
        let ask = |id: &str| json!({"entity": "contact", "id": id, "as": {"role": "sales", "purpose": "sales"}});
        let dpo = hiding.actor("dpo").await;
        for (id, outcome) in [(&hidden, "hidden"), (&shown, "shown")] {
            let answer = dpo.send(EXPLAIN, ask(id)).await.ok();
            assert_eq!(answer.data("/explainAccess/outcome"), outcome, "{}", answer.text);
            assert!(answer.texts("/explainAccess/notes", "/en").iter().any(|note| note.contains("lists are unavailable")), "{}", answer.text);
        }
        for code in [TRAP, LOOP] {
            let failing = with(&app, judging(code, Effect::Mask, vec![Selector::Personal], &[0])).await;
            let id = failing.create("company", &[("name", Value::text("Acme"))]).await;
            let ada = failing.contact("Ada", &[("company_id", Value::text(id))]).await;
            let answer = failing.actor("dpo").await.send(EXPLAIN, ask(&ada)).await;
            assert_eq!((answer.code(), answer.error("/plugin")), ("POLICY_UNAVAILABLE", &json!("honest")), "{}", answer.text);
        }
    }

    async fn a_judge_that_fails_fails_closed_whether_or_not_there_are_rows(app: TestApp) {
        for code in [TRAP, LOOP, include_str!("../../core/testkit/guests/hostile/unannounced_verdict.wat")] {
            let app = with(&app, judging(code, Effect::Mask, vec![Selector::Personal], &[0])).await;
            let sales = sales(&app).await;
            for step in ["empty", "full"] {
                for query in ["{ contacts { nodes { id } } }", "{ contact(id: \"x\") { id } }"] {
                    let answer = sales.query(query).await;
                    let told = (answer.code(), answer.error("/plugin"));
                    assert_eq!(told, ("POLICY_UNAVAILABLE", &json!("honest")), "{step} {query}: {}", answer.text);
                }
                app.contact("Ada", &[]).await;
            }
        }
    }
}

/// Crashes when asked to judge.
const TRAP: &str = "(func (export \"judge\") (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (unreachable))";
/// Never answers when asked to judge.
const LOOP: &str = "(func (export \"judge\") (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (loop $l (br $l)) (unreachable))";
