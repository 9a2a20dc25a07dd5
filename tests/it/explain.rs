//! What the DPO is told of an access: rules, facts, articles, the smallest change; now, in the past,
//! and in a sandbox.

use garant_domain::value::Value;
use garant_testkit::{Actor, Answer, on_both_databases};
use serde_json::{Value as Json, json};

const EXPLAIN: &str = "query($entity: String!, $id: ID!, $as: ExplainAs!, $hook: ExplainHook) {
    explainAccess(entity: $entity, id: $id, as: $as, hook: $hook) {
        outcome fields setVersion at notes { en fr }
        rules { plugin code article title { en fr } message { en fr } remedy { en fr } effect fields mode bites outcome
            facts { name value basis } unmet { condition outcome } }
        context { name value basis }
        smallestChanges { opens alternatives { name saw to { value otherThan from to empty } } } } }";

async fn explain(dpo: &Actor, entity: &str, id: &str, by: Json) -> Answer {
    dpo.send(EXPLAIN, json!({"entity": entity, "id": id, "as": by})).await
}

fn marketer() -> Json {
    json!({"role": "marketing", "purpose": "marketing", "channel": "email"})
}

fn at(instant: &str) -> Json {
    let mut by = marketer();
    by["at"] = json!(instant);
    by
}

fn rule<'a>(answer: &'a Answer, code: &str) -> &'a Json {
    let rules = answer.data("/explainAccess/rules").as_array().expect("rules");
    rules.iter().find(|rule| rule["code"] == code).unwrap_or_else(|| panic!("no rule {code}: {}", answer.text))
}

on_both_databases! {
    async fn a_hidden_record_is_explained_with_its_smallest_change(app: TestApp) {
        let bea = app.contact("Bea", &[]).await;
        app.consent(&bea, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        app.consent(&bea, "marketing", "email", "withdrawn", "2026-02-01T10:00:00Z").await;
        let dpo = app.actor("dpo").await;
        let answer = explain(&dpo, "contact", &bea, marketer()).await.ok();
        assert_eq!(answer.data("/explainAccess/outcome"), "hidden");
        let withdrawn = rule(&answer, "CNS-05");
        assert_eq!((&withdrawn["bites"], &withdrawn["effect"], &withdrawn["mode"]), (&json!(true), &json!("hide"), &json!("ENFORCE")));
        for text in ["title", "message"] {
            assert_ne!(withdrawn[text]["en"], withdrawn[text]["fr"], "both languages, whatever the caller's");
        }
        assert!(withdrawn["article"].as_str().is_some_and(|article| article.contains("7(3)")), "{withdrawn}");
        let status = json!({"name": "consent.status(marketing,email)", "value": "withdrawn", "basis": "NOW"});
        assert!(withdrawn["facts"].as_array().is_some_and(|facts| facts.contains(&status)), "{withdrawn}");
        let objected = rule(&answer, "CNS-19");
        assert_eq!(objected["bites"], false);
        assert_eq!(objected["unmet"], json!({"condition": "objection.active(marketing)", "outcome": false}));
        let change = answer.data("/explainAccess/smallestChanges/0");
        assert_eq!(change["opens"], json!([]));
        let status = &change["alternatives"][0][0];
        assert_eq!((&status["name"], &status["saw"]), (&json!("consent.status(marketing,email)"), &json!("withdrawn")));
        let to: Vec<&Json> = status["to"].as_array().expect("values").iter().map(|allowed| &allowed["value"]).collect();
        assert_eq!(to, ["given", "renewed"]);
        let log = app.store.read_log(garant_testkit::TENANT, 100).await.expect("the log");
        let line = log.iter().find(|line| line.outcome == "explained").expect("explained accesses are logged");
        assert!(line.role == "dpo" && line.codes.contains(&"consent/CNS-05".to_owned()), "{line:?}");
    }

    async fn what_the_explanation_says_would_help_helps(app: TestApp) {
        let ada = app.contact("Ada", &[("phone", Value::text("+33 1"))]).await;
        let dpo = app.actor("dpo").await;
        let before = explain(&dpo, "contact", &ada, marketer()).await.ok();
        assert_eq!(before.data("/explainAccess/outcome"), "hidden");
        let alternative = before.data("/explainAccess/smallestChanges/0/alternatives/0").as_array().expect("one").clone();
        let named: Vec<&str> = alternative.iter().filter_map(|change| change["name"].as_str()).collect();
        assert!(named.contains(&"consent.status(marketing,email)") && named.contains(&"consent.proven(marketing,email)"), "{named:?}");
        app.consent(&ada, "marketing", "email", "given", "2026-04-10T10:00:00Z").await;
        app.clock.set(garant_testkit::instant("2026-05-02T10:00:00Z"));
        let after = explain(&dpo, "contact", &ada, marketer()).await.ok();
        assert_eq!(after.data("/explainAccess/outcome"), "masked", "{}", after.text);
        let masked = ["birthDate", "healthNote", "nationalId", "offenceNote", "phone", "phone2", "religiousBelief"];
        assert_eq!(after.data("/explainAccess/fields"), &json!(masked), "no consent for calls, no need of a date of birth, and nobody is cleared");
        let changes = after.data("/explainAccess/smallestChanges").as_array().expect("changes").clone();
        assert!(changes.iter().any(|change| change["opens"] == json!(["phone", "phone2"])), "{}", after.text);
        let shown = app.actor("marketing").await.for_purpose("marketing").through("email")
            .query("{ contacts { nodes { lastName phone } } }").await.ok();
        assert_eq!(shown.data("/contacts/nodes"), &json!([{"lastName": "Ada", "phone": null}]));
    }

    async fn the_past_is_answered_as_of_the_past(app: TestApp) {
        let instant = garant_testkit::instant;
        app.clock.set(instant("2026-01-01T10:00:00Z"));
        let bea = app.contact("Bea", &[("last_inbound_contact_at", Value::Instant(instant("2025-12-01T10:00:00Z")))]).await;
        app.clock.set(instant(garant_testkit::START));
        app.consent(&bea, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        app.consent(&bea, "marketing", "email", "withdrawn", "2026-02-01T10:00:00Z").await;
        let dpo = app.actor("dpo").await;
        let status = |answer: &Answer| {
            let facts = answer.data("/explainAccess/rules").as_array().expect("rules").iter().flat_map(|rule| rule["facts"].as_array().cloned().unwrap_or_default());
            facts.clone().find(|fact| fact["name"] == "consent.status(marketing,email)").expect("a status")
        };
        for (instant, expected, outcome) in [
            ("2026-01-10T09:59:59Z", "none", "hidden"),
            ("2026-01-10T10:00:00Z", "given", "masked"),
            ("2026-02-01T09:59:59Z", "given", "masked"),
            ("2026-02-01T10:00:00Z", "withdrawn", "hidden"),
        ] {
            let answer = explain(&dpo, "contact", &bea, at(instant)).await.ok();
            assert_eq!(status(&answer), json!({"name": "consent.status(marketing,email)", "value": expected, "basis": "THEN"}), "{instant}");
            assert_eq!(answer.data("/explainAccess/outcome"), outcome, "{instant}: {}", answer.text);
        }
        // Before the record was entered, its fields are present values, and that is said.
        let before = explain(&dpo, "contact", &bea, at("2025-12-24T10:00:00Z")).await.ok();
        assert!(before.texts("/explainAccess/notes", "/en").iter().any(|note| note.contains("entered after")), "{}", before.text);
        assert!(before.text.contains("\"basis\":\"PRESENT\""), "{}", before.text);
        let future = explain(&dpo, "contact", &bea, at("2026-05-02T10:00:00Z")).await;
        assert_eq!((future.code(), future.error("/field")), ("BAD_USER_INPUT", &json!("as.at")));
    }

    async fn the_past_is_decided_by_the_policies_of_the_past_where_they_are_named(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        let dpo = app.actor("dpo").await;
        let first = explain(&dpo, "contact", &ada, marketer()).await.ok();
        assert_eq!(first.data("/explainAccess/outcome"), "hidden", "no consent");
        let first = first.data("/explainAccess/setVersion").clone();
        app.clock.set(garant_testkit::instant("2026-05-10T10:00:00Z"));
        let off = "mutation { setPolicyMode(id: \"consent\", mode: OFF, expectedVersion: 1, reason: \"a test\") { setVersion } }";
        let second = dpo.query(off).await.ok().data("/setPolicyMode/setVersion").clone();
        app.clock.set(garant_testkit::instant("2026-05-20T10:00:00Z"));
        let as_of = |at: Option<&str>, version: Option<&Json>| {
            let mut by = marketer();
            by["at"] = json!(at);
            by["setVersion"] = json!(version);
            by
        };
        let rules = |answer: &Answer, plugin: &str| {
            answer.data("/explainAccess/rules").as_array().into_iter().flatten().filter(|rule| rule["plugin"] == plugin).count()
        };
        for (at, version, decided, outcome) in [
            (Some("2026-05-05T10:00:00Z"), Some(&first), &first, "hidden"),
            (Some("2026-05-05T10:00:00Z"), None, &second, "masked"),
            (None, Some(&first), &first, "hidden"),
            (None, None, &second, "masked"),
            (Some("2026-05-15T10:00:00Z"), Some(&second), &second, "masked"),
        ] {
            let answer = explain(&dpo, "contact", &ada, as_of(at, version)).await.ok();
            assert_eq!((answer.data("/explainAccess/setVersion"), answer.data("/explainAccess/outcome")), (decided, &json!(outcome)), "{at:?} {version:?}: {}", answer.text);
            assert_eq!(rules(&answer, "consent") > 0, decided == &first, "{at:?} {version:?}");
            let named = format!("Version {first} of the policies was in force");
            let told = answer.texts("/explainAccess/notes", "/en").iter().any(|note| note.contains(&named));
            assert_eq!(told, at == Some("2026-05-05T10:00:00Z") && version.is_none(), "{at:?} {version:?}: {}", answer.text);
        }
    }

    async fn a_fact_that_was_changed_since_is_unknown_and_says_so(app: TestApp) {
        let ada = app.contact("Ada", &[("kind", Value::text("prospect"))]).await;
        app.clock.set(garant_testkit::instant("2026-06-01T10:00:00Z"));
        let sales = app.actor("sales").await.for_purpose("sales");
        let update = "mutation($id: ID!) { updateContact(id: $id, input: {kind: \"supplier_vendor\"}) { id } }";
        sales.send(update, json!({"id": ada})).await.ok();
        let dpo = app.actor("dpo").await;
        let by = json!({"role": "sales", "purpose": "sales", "at": "2026-05-15T10:00:00Z"});
        let answer = explain(&dpo, "contact", &ada, by.clone()).await.ok();
        let expired = rule(&answer, "RET-02");
        let facts = expired["facts"].as_array().expect("facts");
        let fact = |name: &str| facts.iter().find(|fact| fact["name"] == name).unwrap_or_else(|| panic!("{name}: {expired}")).clone();
        assert_eq!(fact("subject.kind"), json!({"name": "subject.kind", "value": null, "basis": "UNKNOWN"}));
        assert_eq!(fact("subject.last_inbound_contact_at")["basis"], "THEN", "not written since");
        assert_eq!(answer.data("/explainAccess/outcome"), "hidden", "unknown restricts");
        let mut now = by;
        now["at"] = Json::Null;
        let now = explain(&dpo, "contact", &ada, now).await.ok();
        assert_eq!(now.data("/explainAccess/outcome"), "masked");
        let special = ["birthDate", "healthNote", "nationalId", "offenceNote", "religiousBelief"];
        assert_eq!(now.data("/explainAccess/fields"), &json!(special), "the purpose needs no date of birth, and nobody is cleared for the rest");
    }

    async fn a_recipient_and_the_law_of_the_day(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        let uk = app.create("recipient", &[("name", Value::text("London Ltd")), ("role", Value::text("processor")), ("country", Value::text("GB")),
            ("contract_until", Value::Date(40_000)), ("purposes", Value::text("sales"))]).await;
        let dpo = app.actor("dpo").await;
        // British law reaches a British company; here only the transfer is asked about.
        dpo.query("mutation { setPolicyMode(id: \"cloud-act\", mode: OFF, expectedVersion: 1, reason: \"A test of transfers\") { version } }").await.ok();
        let by = json!({"role": "sales", "purpose": "sales", "recipient": uk});
        let today = explain(&dpo, "contact", &ada, by.clone()).await.ok();
        assert_ne!(today.data("/explainAccess/outcome"), "refused", "{}", today.text);
        let country = json!({"name": "recipient.country", "value": "GB", "basis": "NOW"});
        assert!(today.data("/explainAccess/context").as_array().is_some_and(|context| context.contains(&country)), "{}", today.text);
        // The adequacy decision for the United Kingdom ends on 2031-12-27; a sandbox may look there.
        let there = app.sandbox_process().await;
        let mut later = by;
        later["now"] = json!("2032-01-15T10:00:00Z");
        let sales = app.actor("sales").await.on(&there);
        let answer = explain(&sales, "contact", &ada, later.clone()).await.ok();
        assert_eq!(answer.data("/explainAccess/outcome"), "refused", "{}", answer.text);
        assert!(answer.data("/explainAccess/rules").as_array().is_some_and(|rules| rules.iter().any(|rule| rule["plugin"] == "transfer" && rule["effect"] == "refuse" && rule["bites"] == true)), "{}", answer.text);
        let refused = explain(&dpo, "contact", &ada, later).await;
        assert_eq!((refused.code(), refused.error("/field")), ("FORBIDDEN", &json!("as.now")));
    }

    async fn only_the_dpo_asks_outside_a_sandbox_and_bad_input_is_told(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        for role in ["sales", "marketing", "admin"] {
            let answer = explain(&app.actor(role).await, "contact", &ada, marketer()).await;
            assert_eq!(answer.code(), "FORBIDDEN");
        }
        let dpo = app.actor("dpo").await;
        let unknown = garant_domain::clock::new_id();
        for (entity, id, by, code, field) in [
            ("contact", unknown.as_str(), marketer(), "NOT_FOUND", "id"),
            ("horse", &ada, marketer(), "BAD_USER_INPUT", "entity"),
            ("contact", &ada, json!({"role": "astrologer", "purpose": "sales"}), "BAD_USER_INPUT", "as.role"),
            ("contact", &ada, json!({"role": "sales", "purpose": "astrology"}), "BAD_USER_INPUT", "as.purposes"),
            ("contact", &ada, json!({"role": "sales", "purpose": "marketing"}), "BAD_USER_INPUT", "as.purposes"),
            ("contact", &ada, json!({"role": "sales"}), "PURPOSE_REQUIRED", "as.purposes"),
            ("contact", &ada, json!({"role": "sales", "purpose": "sales", "channel": "pigeon"}), "BAD_USER_INPUT", "as.channel"),
            ("contact", &ada, json!({"role": "sales", "purpose": "sales", "recipient": unknown}), "NOT_FOUND", "as.recipient"),
            ("contact", &ada, json!({"role": "sales", "purpose": "sales", "setVersion": 7}), "BAD_USER_INPUT", "as.setVersion"),
            ("contact", &ada, json!({"role": "sales", "purpose": "sales", "at": "yesterday"}), "BAD_USER_INPUT", "as.at"),
        ] {
            let answer = explain(&dpo, entity, id, by.clone()).await;
            assert_eq!((answer.code(), answer.error("/field")), (code, &json!(field)), "{by}: {}", answer.text);
            assert!(answer.error("/remedy").is_string(), "{by}: {}", answer.text);
        }
    }

    async fn a_write_and_retention_are_explained_too(app: TestApp) {
        let old = app.contact("Old", &[("last_inbound_contact_at", Value::Instant(garant_testkit::instant("2020-01-01T10:00:00Z")))]).await;
        let dpo = app.actor("dpo").await;
        let by = json!({"role": "sales", "purpose": "sales"});
        for (hook, outcomes) in [("WRITE", ["allowed", "rejected"].as_slice()), ("RETENTION", &["kept", "held", "erase", "anonymise", "make-dormant"])] {
            let answer = dpo.send(EXPLAIN, json!({"entity": "contact", "id": old, "as": by, "hook": hook})).await.ok();
            let outcome = answer.data("/explainAccess/outcome").as_str().expect("an outcome").to_owned();
            assert!(outcomes.contains(&outcome.as_str()), "{hook}: {outcome}");
        }
        let answer = explain(&dpo, "contact", &old, by).await.ok();
        assert_eq!(answer.data("/explainAccess/outcome"), "hidden");
        let change = answer.data("/explainAccess/smallestChanges/0/alternatives/0/0");
        assert_eq!(change["name"], "subject.last_inbound_contact_at", "{}", answer.text);
        // From the midnight that begins the day three years ago, up to now.
        assert_eq!(change["to"][0]["from"], "2023-04-30T22:00:00Z", "{}", answer.text);
    }
}
