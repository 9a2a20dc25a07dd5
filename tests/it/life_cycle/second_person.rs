//! Where the operator asks for a second person, nobody weakens a policy alone.

use garant_testkit::{Setup, instant, on_both_databases};
use serde_json::json;

use super::*;

async fn strict(app: &TestApp) -> axum::Router {
    app.process(Setup { second_person: true, ..Setup::default() }).await
}

async fn decide(actor: &Actor, mutation: &str, id: &Json) -> Answer {
    actor.send(&format!("mutation($id: ID!) {{ {mutation}(id: $id) {{ id policy }} }}"), json!({"id": id})).await
}

on_both_databases! {
    async fn a_weakening_waits_for_another_person(app: TestApp) {
        let sales = two_contacts(&app).await;
        let strict = strict(&app).await;
        let dpo = app.actor("dpo").await.on(&strict);
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        let asked = set_mode(&dpo, "OBSERVE").await.ok();
        assert_eq!(asked.data("/setPolicyMode/mode"), &json!("ENFORCE"));
        let id = asked.data("/setPolicyMode/pending/0/id").clone();
        assert_eq!(count(&sales).await, 1, "it waits");
        let alone = decide(&dpo, "confirmPolicyChange", &id).await;
        assert_eq!(alone.code(), "FORBIDDEN", "{}", alone.text);
        let controller = app.actor("controller").await.on(&strict);
        let list = controller.query("{ pendingPolicyChanges { id policy reason edit expiresAt } }").await.ok();
        assert_eq!(list.data("/pendingPolicyChanges/0/edit"), &json!({"mode": "observe"}));
        decide(&controller, "confirmPolicyChange", &id).await.ok();
        assert_eq!(count(&sales).await, 2, "every process sees it");
        assert_eq!(decide(&controller, "confirmPolicyChange", &id).await.code(), "NOT_FOUND", "it works once");
        let history = dpo.query("{ policyHistory(first: 1) { actor confirmedBy } viewer { id } }").await.ok();
        let line = history.data("/policyHistory/0");
        assert_eq!(&line["actor"], history.data("/viewer/id"));
        let confirmer = controller.query("{ viewer { id } }").await.ok();
        assert_eq!(&line["confirmedBy"], confirmer.data("/viewer/id"));
        // Strengthening asks nobody.
        let back = set_mode(&dpo, "ENFORCE").await.ok();
        assert_eq!((back.data("/setPolicyMode/mode"), back.data("/setPolicyMode/pending")), (&json!("ENFORCE"), &json!([])));
    }

    async fn no_way_around_it(app: TestApp) {
        let strict = strict(&app).await;
        let dpo = app.actor("dpo").await.on(&strict);
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "OBSERVE").await.ok();
        set_mode(&dpo, "ENFORCE").await.ok();
        for (mutation, arguments) in [
            ("removePolicy", ""),
            ("setPolicyMode", ", mode: OFF"),
            ("setPolicyMode", ", mode: OFF, effectiveFrom: \"2026-06-01T00:00:00Z\""),
            ("setPolicyMode", ", mode: OFF, expiresAt: \"2026-05-01T10:00:01Z\""),
            // To what it was: observed.
            ("rollbackPolicy", ""),
        ] {
            let answer = change(&dpo, mutation, "", arguments, json!({})).await.ok();
            assert_eq!(answer.data(&format!("/{mutation}/mode")), &json!("ENFORCE"), "{mutation}{arguments}");
            assert_eq!(answer.data(&format!("/{mutation}/version")), &json!(3), "{mutation}{arguments}");
        }
        assert_eq!(walls(&dpo).await["pending"].as_array().map(Vec::len), Some(5));
    }

    async fn what_nobody_confirms_lapses_and_what_is_turned_down_is_gone(app: TestApp) {
        let strict = strict(&app).await;
        let dpo = app.actor("dpo").await.on(&strict);
        let other = app.actor("dpo").await.on(&strict);
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        let first = set_mode(&dpo, "OFF").await.ok().data("/setPolicyMode/pending/0/id").clone();
        decide(&dpo, "rejectPolicyChange", &first).await.ok();
        assert_eq!(decide(&other, "confirmPolicyChange", &first).await.code(), "NOT_FOUND");
        // Changed meanwhile: the other person saw something else.
        let second = set_mode(&dpo, "OFF").await.ok().data("/setPolicyMode/pending/0/id").clone();
        change(&dpo, "setPolicySettings", "", ", settings: {days: 3}", json!({})).await.ok();
        assert_eq!(decide(&other, "confirmPolicyChange", &second).await.code(), "CONFLICT");
        decide(&other, "rejectPolicyChange", &second).await.ok();
        let third = set_mode(&dpo, "OFF").await.ok().data("/setPolicyMode/pending/0/id").clone();
        app.clock.set(instant("2026-05-04T10:00:00Z"));
        assert_eq!(decide(&other, "confirmPolicyChange", &third).await.code(), "NOT_FOUND", "three days are over");
        let policy = walls(&dpo).await;
        assert_eq!((&policy["mode"], &policy["pending"]), (&json!("ENFORCE"), &json!([])));
    }
}
