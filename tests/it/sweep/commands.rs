//! What the DPO does with the sweep, under the shipped policies and their presets.

use super::*;

async fn mutate(app: &TestApp, role: &str, query: &str) -> garant_testkit::Answer {
    app.actor(role).await.query(query).await
}

const RUN: &str = "mutation { runSweep(reason: \"It is due\") { outcome reason receipt counts { entity effect code archived records } } }";
const PREVIEW: &str = "{ previewSweep { counts { entity effect code archived records } } }";

fn erased(entity: &str, archived: bool, effect: &str) -> Json {
    json!({ "entity": entity, "effect": effect, "code": "retention/RET-02", "archived": archived, "records": 1 })
}

async fn preview_equals_run(app: &TestApp, expected: &[Json]) {
    let before = mutate(app, "dpo", PREVIEW).await.ok().data("/previewSweep/counts").clone();
    let run = mutate(app, "dpo", RUN).await.ok();
    assert_eq!(run.data("/runSweep/counts"), &before);
    // References of the log have an end of their own.
    let of_people = before.as_array().into_iter().flatten().filter(|count| count["code"] != "host/RET-11");
    assert_eq!(of_people.collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
    assert_eq!(run.data("/runSweep/outcome"), &json!("done"));
}

on_both_databases! {
    async fn periods_end_at_midnight_of_the_tenant(app: TestApp) {
        let ada = [("last_inbound_contact_at", Value::Instant(instant("2023-05-01T08:00:00Z")))];
        app.contact("Ada", &ada).await;
        let bea = [
            ("kind", Value::text("former_customer")),
            ("relation_end_at", Value::Instant(instant("2023-05-01T08:00:00Z"))),
        ];
        app.contact("Bea", &bea).await;
        app.contact("Cleo", &[]).await;
        // The same-numbered day, until its last minute in Paris.
        app.clock.set(instant("2026-05-01T21:59:59Z"));
        preview_equals_run(&app, &[]).await;
        app.clock.set(instant("2026-05-01T22:00:00Z"));
        preview_equals_run(&app, &[erased("contact", false, "erase"), erased("contact", false, "make-dormant")]).await;
        preview_equals_run(&app, &[]).await;
        assert_eq!(names(&app).await, ["Cleo"]);
        // Bea sleeps until invoices are ten years old.
        app.clock.set(instant("2033-05-01T21:59:59Z"));
        let cleo = erased("contact", false, "erase");
        preview_equals_run(&app, std::slice::from_ref(&cleo)).await;
        app.clock.set(instant("2033-05-01T22:00:00Z"));
        preview_equals_run(&app, &[erased("contact", true, "erase")]).await;
        preview_equals_run(&app, &[]).await;
        assert!(!app.database.dump().await.contains("bea@example.org"));
        let all = app.store.sweeps(TENANT, 20).await.expect("runs");
        assert!(all.iter().any(|run| run.counts.contains("host/RET-11")), "lines of 2026 name nobody in 2033");
        assert!(app.store.verify_log(TENANT).await.expect("the log").broken.is_none());
    }

    async fn only_the_dpo_sweeps_and_says_why(app: TestApp) {
        for query in [RUN, PREVIEW, "{ sweeps { id } }", "mutation { wakePerson(id: \"x\", reason: \"y\") }"] {
            for role in ["sales", "marketing", "admin", "counsel", "controller", "portal"] {
                assert_eq!(mutate(&app, role, query).await.code(), "FORBIDDEN", "{role}: {query}");
            }
        }
        let silent = mutate(&app, "dpo", "mutation { runSweep(reason: \" \") { id } }").await;
        assert_eq!((silent.code(), silent.error("/field")), ("BAD_USER_INPUT", &json!("reason")));
        mutate(&app, "dpo", RUN).await.ok();
        let told = mutate(&app, "dpo", "{ sweeps { outcome reason counts { records } } }").await.ok();
        assert_eq!(told.data("/sweeps"), &json!([{ "outcome": "done", "reason": "It is due", "counts": [] }]));
    }

    async fn a_hold_is_opened_by_one_approved_by_another_and_released_with_a_reason(app: TestApp) {
        let ada = app.contact("Ada", &[("last_inbound_contact_at", Value::Instant(instant("2020-05-01T08:00:00Z")))]).await;
        let (counsel, dpo) = (app.actor("counsel").await, app.actor("dpo").await);
        let open = "mutation($people: [ID!]!, $on: Date!) { openLegalHold(people: $people, caseId: \"2026-17\", basis: \"GDPR 17(3)(e)\", reviewOn: $on) { id people } }";
        for (people, on, field) in [(json!([]), "2027-01-01", "people"), (json!([ada]), "2026-05-01", "reviewOn")] {
            let wrong = counsel.send(open, json!({ "people": people, "on": on })).await;
            assert_eq!((wrong.code(), wrong.error("/field")), ("BAD_USER_INPUT", &json!(field)));
        }
        let opened = counsel.send(open, json!({ "people": [ada, ada], "on": "2027-01-01" })).await.ok();
        assert_eq!(opened.data("/openLegalHold/people"), &json!(1));
        let id = json!({ "id": opened.data("/openLegalHold/id") });
        preview_equals_run(&app, &[]).await;
        let approve = "mutation($id: ID!) { approveLegalHold(id: $id) }";
        assert_eq!(counsel.send(approve, id.clone()).await.code(), "NOT_FOUND", "not by whoever opened it");
        dpo.send(approve, id.clone()).await.ok();
        let release = "mutation($id: ID!) { releaseLegalHold(id: $id, reason: \"Judged\") }";
        assert_eq!(app.actor("sales").await.send(release, id.clone()).await.code(), "FORBIDDEN");
        counsel.send(release, id.clone()).await.ok();
        assert_eq!(counsel.send(release, id).await.code(), "NOT_FOUND", "once");
        let holds = dpo.query("{ legalHolds { caseId people reviewOn releaseReason } }").await.ok();
        assert_eq!(holds.data("/legalHolds/0"), &json!({ "caseId": "2026-17", "people": 1, "reviewOn": "2027-01-01", "releaseReason": "Judged" }));
        preview_equals_run(&app, &[erased("contact", false, "erase")]).await;
    }

    async fn it_is_time_once_in_a_while(app: TestApp) {
        let day = 86_400_000_000;
        assert!(app.service.sweep_if_due(day).await.expect("swept").is_some());
        assert!(app.service.sweep_if_due(day).await.expect("too early").is_none());
        app.clock.set(instant("2026-05-02T10:00:00Z"));
        assert!(app.service.sweep_if_due(day).await.expect("swept").is_some());
    }
}
