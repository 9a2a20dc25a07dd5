//! What if: reference data and registers that change, policies that cannot decide, time that is over. What
//! a drill counts is what the change then does, and nothing is written.

use std::time::Duration;

use garant_domain::context::Actor as DomainActor;
use garant_domain::policy_set::Mode;
use garant_domain::value::Value;
use garant_service::{Caller, PolicyTrial, PreviewRequest, ShippedPlugin};
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::Plan;
use garant_testkit::{Actor, Answer, TENANT, TestApp, instant, on_both_databases};
use serde_json::{Value as Json, json};

const PREVIEW: &str =
    "query($change: PolicyChangeInput!, $at: DateTime) { previewPolicyChange(change: $change, at: $at) {
    at complete notes { en fr } ungranted { fields } impacts {
        entity purpose roles channel recipient breakGlass rowsBefore rowsAfter rowsLost rowsGained
        unavailableBefore { code plugin message } unavailableAfter { code plugin message } uncounted { code message }
        lost { plugin code rows } gained { plugin code rows } clients { role tokens requests } } } }";

async fn preview(dpo: &Actor, change: Json) -> Answer {
    dpo.send(PREVIEW, json!({"change": change})).await
}

fn impacts(answer: &Answer) -> Vec<Json> {
    answer.data("/previewPolicyChange/impacts").as_array().expect("impacts").clone()
}

/// The impact on contacts for a purpose, without a channel.
fn on_contacts<'a>(impacts: &'a [Json], purpose: &str, recipient: Option<&str>) -> Option<&'a Json> {
    impacts.iter().find(|impact| {
        impact["entity"] == "contact"
            && impact["purpose"] == purpose
            && impact["channel"].is_null()
            && impact["recipient"] == json!(recipient)
    })
}

async fn recipient(app: &TestApp, name: &str, country: &str) -> String {
    let values = [
        ("name", Value::text(name)),
        ("role", Value::text("processor")),
        ("country", Value::text(country)),
        ("contract_until", Value::Date(40_000)),
        ("mechanism", Value::text("dpf")),
        ("dpf_active", Value::Boolean(true)),
        ("adequacy_scope_ok", Value::Boolean(true)),
        ("purposes", Value::text("sales")),
    ];
    app.create("recipient", &values).await
}

/// These drills are about the law of transfers; the reach of foreign law would refuse a host abroad anyway.
async fn transfers_alone(app: &TestApp) {
    let off = "mutation { setPolicyMode(id: \"cloud-act\", mode: OFF, expectedVersion: 1, reason: \"A test of transfers\") { version } }";
    app.actor("dpo").await.query(off).await.ok();
}

async fn total(actor: &Actor) -> Json {
    actor.query("{ contacts { totalCount } }").await.data("/contacts/totalCount").clone()
}

fn codes(counts: &Json) -> Vec<&str> {
    counts.as_array().into_iter().flatten().filter_map(|count| count["code"].as_str()).collect()
}

on_both_databases! {
    async fn adequacy_for_a_country_ends_tonight(app: TestApp) {
        transfers_alone(&app).await;
        for name in ["Ada", "Bea", "Cleo"] {
            app.contact(name, &[]).await;
        }
        let (us, fr) = (recipient(&app, "Cloud Inc.", "US").await, recipient(&app, "Nuage SA", "FR").await);
        let client = app.client("sales", Some(&us)).await.for_purpose("sales");
        client.query("{ contacts { nodes { lastName } } }").await.ok();
        client.query("{ contacts { nodes { lastName } } }").await.ok();
        let dpo = app.actor("dpo").await;
        let lines = app.store.read_log(TENANT, 1_000).await.expect("the log").len();
        let drill = json!({"references": [{"table": "adequacy", "where": {"iso": "US"}, "ends": "2026-05-01"}]});
        let answer = preview(&dpo, drill.clone()).await.ok();
        assert_eq!(answer.data("/previewPolicyChange/at"), "2026-05-01T22:00:00Z", "the midnight after, in Paris");
        let hit = impacts(&answer);
        assert!(!hit.is_empty() && hit.iter().all(|impact| impact["recipient"] == us), "the flows to one country: {}", answer.text);
        let flow = on_contacts(&hit, "sales", Some(&us)).expect("the flow");
        assert_eq!((&flow["rowsBefore"], &flow["rowsAfter"], &flow["rowsLost"]), (&json!(3), &json!(0), &json!(3)));
        assert!(codes(&flow["lost"]).iter().all(|code| code.starts_with("TRF-")), "{flow}");
        assert_eq!(flow["clients"], json!([{"role": "sales", "tokens": ["sales"], "requests": 2}]));
        assert!(flow["roles"].as_array().is_some_and(|roles| roles.contains(&json!("sales"))), "{flow}");
        assert!(on_contacts(&hit, "sales", Some(&fr)).is_none());
        // Looked at while it is still valid, nothing changes; and nothing was written.
        let today = dpo.send(PREVIEW, json!({"change": drill, "at": "2026-05-01T21:59:59Z"})).await.ok();
        assert_eq!(impacts(&today), Vec::<Json>::new());
        assert_eq!(app.store.read_log(TENANT, 1_000).await.expect("the log").len(), lines);
        app.clock.set(instant("2026-05-02T10:00:00Z"));
        assert_eq!(total(&client).await, 3);
        // Other ways to say it.
        for way in [
            json!({"where": {"iso": "US"}, "set": {"expires": "2026-05-01"}}),
            json!({"where": {"iso": "US"}, "remove": true}),
        ] {
            let mut change = way.clone();
            change["table"] = json!("adequacy");
            let answer = preview(&dpo, json!({"references": [change]})).await.ok();
            let flow = on_contacts(&impacts(&answer), "sales", Some(&us)).cloned().unwrap_or_default();
            assert_eq!(flow["rowsLost"], 3, "{way}: {}", answer.text);
        }
        // A country that becomes adequate later, for a recipient who is refused until then.
        let ke = recipient(&app, "Wingu Ltd", "KE").await;
        let row = json!({"iso": "KE", "instrument": "a decision", "adopted": "2026-09-01", "kind": "whole", "scope": "whole"});
        let answer = preview(&dpo, json!({"references": [{"table": "adequacy", "add": row}]})).await.ok();
        assert_eq!(answer.data("/previewPolicyChange/at"), "2026-08-31T22:00:00Z");
        let flow = on_contacts(&impacts(&answer), "sales", Some(&ke)).cloned().expect("the flow");
        assert_eq!((&flow["rowsBefore"], &flow["rowsGained"]), (&json!(0), &json!(3)), "{flow}");
    }

    async fn a_change_of_a_register_is_previewed_as_it_then_is(app: TestApp) {
        transfers_alone(&app).await;
        for name in ["Ada", "Bea", "Cleo"] {
            app.contact(name, &[]).await;
        }
        let us = recipient(&app, "Cloud Inc.", "US").await;
        let dpo = app.actor("dpo").await;
        let id = async |query: &str, list: &str| dpo.query(query).await.ok().texts(list, "/id").first().cloned().expect("an id");
        let sales = id("{ purposes(filter: {key: {eq: \"sales\"}}) { nodes { id } } }", "/purposes/nodes").await;
        let assessment = id(
            "{ compatibilityAssessments(filter: {targetPurpose: {eq: \"legal\"}}) { nodes { id } } }",
            "/compatibilityAssessments/nodes",
        )
        .await;
        let client = app.client("sales", Some(&us)).await.for_purpose("sales");
        let seller = app.actor("sales").await.for_purpose("sales");
        let counsel = app.actor("counsel").await.for_purpose("legal");
        for (entity, id, set, purpose, to, asker) in [
            ("recipient", &us, json!({"contractUntil": "2026-04-30"}), "sales", Some(us.as_str()), &client),
            ("compatibilityAssessment", &assessment, json!({"validUntil": "2026-04-30"}), "legal", None, &counsel),
            ("purpose", &sales, json!({"balancingTest": "failed"}), "sales", None, &seller),
        ] {
            let before = total(asker).await;
            assert_eq!(before, 3, "{entity}");
            let change = json!({"registers": [{"entity": entity, "id": id, "set": set}]});
            let answer = preview(&dpo, change).await.ok();
            let impact = on_contacts(&impacts(&answer), purpose, to).cloned().expect("an impact");
            assert_eq!(total(asker).await, before, "nothing was written");
            let type_name = format!("{}{}", entity[..1].to_uppercase(), &entity[1..]);
            let make = format!("mutation($id: ID!, $set: {type_name}UpdateInput!) {{ update{type_name}(id: $id, input: $set) {{ id }} }}");
            dpo.send(&make, json!({"id": id, "set": set})).await.ok();
            let after = total(asker).await;
            let after = if after.is_null() { json!(0) } else { after };
            assert_eq!((&impact["rowsBefore"], &impact["rowsAfter"]), (&before, &after), "{entity}: {impact}");
            assert_ne!(before, after, "{entity}");
        }
    }

    async fn a_drill_that_makes_no_sense_is_told(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let us = recipient(&app, "Cloud Inc.", "US").await;
        let table = |more: Json| {
            let mut change = json!({"table": "adequacy"});
            change.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            json!({"references": [change]})
        };
        let register = |entity: &str, id: &str, set: Json| json!({"registers": [{"entity": entity, "id": id, "set": set}]});
        for (change, code, field) in [
            (json!({}), "BAD_USER_INPUT", "change"),
            (json!({"references": [{"table": "astrology", "remove": true}]}), "BAD_USER_INPUT", "change.references.table"),
            (table(json!({"where": {"planet": "Mars"}, "remove": true})), "BAD_USER_INPUT", "change.references"),
            (table(json!({"where": {"iso": "XX"}, "remove": true})), "BAD_USER_INPUT", "change.references.where"),
            (table(json!({"where": {"iso": "US"}})), "BAD_USER_INPUT", "change.references"),
            (table(json!({"where": {"iso": "US"}, "remove": true, "ends": "2026-05-01"})), "BAD_USER_INPUT", "change.references"),
            (table(json!({"where": {"iso": "US"}, "set": {"expires": "soon"}})), "BAD_USER_INPUT", "change.references.set"),
            (table(json!({"where": ["US"], "remove": true})), "BAD_USER_INPUT", "change.references.where"),
            (register("contact", &us, json!({"lastName": "x"})), "BAD_USER_INPUT", "change.registers.entity"),
            (register("horse", &us, json!({})), "BAD_USER_INPUT", "change.registers.entity"),
            (register("recipient", "nobody", json!({"country": "FR"})), "NOT_FOUND", "change.registers.id"),
            (register("recipient", &us, json!({"colour": "red"})), "BAD_USER_INPUT", "change.registers.set.colour"),
            (register("recipient", &us, json!({"contractUntil": "soon"})), "BAD_USER_INPUT", "change.registers.set.contractUntil"),
            (json!({"id": "consent", "mode": "OFF", "remove": true}), "BAD_USER_INPUT", "change"),
            (json!({"id": "consent", "remove": true, "rollback": true}), "BAD_USER_INPUT", "change"),
            (json!({"id": "consent", "pluginVersion": "9.9.9"}), "NOT_FOUND", "pluginVersion"),
            (json!({"id": "consent", "mode": "OFF", "effectiveFrom": "2026-04-30T10:00:00Z"}), "BAD_USER_INPUT", "at"),
            (json!({"id": "consent", "cancel": 7}), "NOT_FOUND", "change"),
        ] {
            let answer = preview(&dpo, change.clone()).await;
            assert_eq!((answer.code(), answer.error("/field")), (code, &json!(field)), "{change}: {}", answer.text);
            assert!(answer.error("/remedy").is_string() || field.contains("colour"), "{change}: {}", answer.text);
        }
        let past = dpo.send(PREVIEW, json!({"change": {"id": "consent", "mode": "OFF"}, "at": "2026-04-01T10:00:00Z"})).await;
        assert_eq!((past.code(), past.error("/field")), ("BAD_USER_INPUT", &json!("at")));
        let drill = table(json!({"where": {"iso": "US"}, "remove": true}));
        assert_eq!(preview(&app.actor("sales").await, drill).await.code(), "FORBIDDEN");
    }

    async fn a_policy_that_cannot_decide_is_told_and_the_rest_is_counted(app: TestApp) {
        let mut guest = Guest {
            plan: Plan::default(),
            ..Guest::doing(include_str!("../../core/testkit/guests/hostile/trap_for_marketing.wat"))
        };
        guest.manifest.hooks = vec![0];
        guest.manifest.entities = vec!["contact".to_owned()];
        let mut plugins = garant::shipped_plugins();
        plugins.push(ShippedPlugin { id: guest.manifest.id.clone(), bytes: guest.module(), signature: None });
        let app = TestApp::start_with(app.database.backend(), plugins).await;
        for (name, last) in [("Ada", "2026-04-01T10:00:00Z"), ("Bea", "2026-01-01T10:00:00Z")] {
            let id = app.contact(name, &[("last_inbound_contact_at", Value::Instant(instant(last)))]).await;
            app.consent(&id, "marketing", "email", "given", "2026-04-10T10:00:00Z").await;
        }
        let dpo = app.actor("dpo").await;
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        assert_eq!(marketer.query("{ contacts { totalCount } }").await.code(), "POLICY_UNAVAILABLE");
        // Another policy changes: what cannot be told is said, the rest counted.
        let policy = dpo.query("{ policy(id: \"retention\") { settings } }").await.ok();
        let mut settings = policy.data("/policy/settings").clone();
        settings["prospect_months"] = json!(2);
        let answer = preview(&dpo, json!({"id": "retention", "settings": settings})).await.ok();
        let found = impacts(&answer);
        let sales = on_contacts(&found, "sales", None).expect("counted");
        assert_eq!((&sales["rowsBefore"], &sales["rowsLost"], &sales["unavailableBefore"]), (&json!(2), &json!(1), &Json::Null));
        let marketing = on_contacts(&found, "marketing", None).expect("told");
        for side in ["unavailableBefore", "unavailableAfter"] {
            assert_eq!((&marketing[side]["code"], &marketing[side]["plugin"]), (&json!("POLICY_UNAVAILABLE"), &json!("honest")), "{marketing}");
        }
        assert_eq!((&marketing["rowsBefore"], &marketing["rowsAfter"]), (&json!(0), &json!(0)));
        // The broken one is switched off: what it withheld comes back, for that reason.
        let answer = preview(&dpo, json!({"id": "honest", "mode": "OFF"})).await.ok();
        let marketing = on_contacts(&impacts(&answer), "marketing", None).cloned().expect("told");
        assert_eq!(marketing["unavailableAfter"], Json::Null);
        assert_eq!(marketing["gained"], json!([{"plugin": "honest", "code": "POLICY_UNAVAILABLE", "rows": 2}]));
        let off = "mutation { setPolicyMode(id: \"honest\", mode: OFF, expectedVersion: 1, reason: \"a test\") { mode } }";
        dpo.query(off).await.ok();
        assert_eq!(total(&marketer).await, marketing["rowsAfter"]);
        // And switching it on again tells what would be lost.
        let answer = preview(&dpo, json!({"id": "honest", "mode": "ENFORCE"})).await.ok();
        let marketing = on_contacts(&impacts(&answer), "marketing", None).cloned().expect("told");
        assert_eq!((&marketing["rowsLost"], &marketing["unavailableAfter"]["plugin"]), (&json!(2), &json!("honest")));
    }

    async fn a_preview_ends_when_its_time_is_over(app: TestApp) {
        app.contact("Ada", &[]).await;
        let actor = DomainActor { id: "dpo".to_owned(), role: "dpo".to_owned(), country: None };
        let caller = Caller { tenant: TENANT.to_owned(), actor, name: "dpo".to_owned(), recipient: None, default_purpose: None, access: garant_service::Access::default() };
        let trial = PolicyTrial { id: "consent".to_owned(), mode: Some(Mode::Off), ..PolicyTrial::default() };
        let request = |budget| PreviewRequest { policy: Some(trial.clone()), budget, ..PreviewRequest::default() };
        let none = app.service.preview_policy_change(&caller, request(Some(Duration::ZERO))).await.expect("an answer");
        assert!(!none.complete && none.impacts.is_empty() && none.notes.iter().any(|note| note.en.contains("time was over")), "{none:?}");
        let all = app.service.preview_policy_change(&caller, request(None)).await.expect("an answer");
        assert!(all.complete && !all.impacts.is_empty() && all.impacts.iter().all(|impact| impact.counts.is_ok()), "{all:?}");
    }
}
