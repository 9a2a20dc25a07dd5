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
        install(&dpo, &shows_only("DE", "2.0.0")).await.ok();
        add(&dpo, "1.0.0", "OBSERVE").await.ok();
        set_mode(&dpo, "ENFORCE").await.ok();
        for (mutation, arguments) in [
            ("setPolicySettings", ", settings: {days: 3}"),
            ("setPolicySettings", ", settings: {days: 3}, effectiveFrom: \"2026-06-01T00:00:00Z\", expiresAt: \"2026-06-01T00:00:01Z\""),
            ("upgradePolicy", ", pluginVersion: \"2.0.0\""),
            ("upgradePolicy", ", pluginVersion: \"2.0.0\", expiresAt: \"2026-05-01T10:00:01Z\""),
            ("upgradePolicy", ", pluginVersion: \"1.0.0\", settings: {days: 3}"),
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
        assert_eq!(walls(&dpo).await["pending"].as_array().map(Vec::len), Some(10));
        // What stays the same weakens nothing.
        for (mutation, arguments) in [("setPolicySettings", ", settings: {}"), ("upgradePolicy", ", pluginVersion: \"1.0.0\"")] {
            change(&dpo, mutation, "", arguments, json!({})).await.ok();
        }
        let policy = walls(&dpo).await;
        assert_eq!((&policy["version"], policy["pending"].as_array().map(Vec::len)), (&json!(5), Some(10)));
    }

    async fn laxer_settings_wait_like_a_switch(app: TestApp) {
        let strict = strict(&app).await;
        let (dpo, other) = (app.actor("dpo").await.on(&strict), app.actor("dpo").await.on(&strict));
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "OBSERVE").await.ok();
        // What is only observed restricts nobody yet.
        change(&dpo, "setPolicySettings", "", ", settings: {days: 9}", json!({})).await.ok();
        set_mode(&dpo, "ENFORCE").await.ok();
        let settings = async || {
            let answer = dpo.query("{ policies { id settings } }").await.ok();
            let list = answer.data("/policies").as_array().cloned().unwrap_or_default();
            list.into_iter().find(|policy| policy["id"] == "walls").map(|policy| policy["settings"].clone())
        };
        let asked = change(&dpo, "setPolicySettings", "", ", settings: {days: 3}", json!({})).await.ok();
        let id = asked.data("/setPolicySettings/pending/0/id").clone();
        assert_eq!(settings().await, Some(json!({"days": 9})));
        assert_eq!(decide(&dpo, "confirmPolicyChange", &id).await.code(), "FORBIDDEN");
        decide(&other, "confirmPolicyChange", &id).await.ok();
        assert_eq!(settings().await, Some(json!({"days": 3})));
    }

    async fn what_was_to_begin_is_not_called_off_alone(app: TestApp) {
        let strict = strict(&app).await;
        let dpo = app.actor("dpo").await.on(&strict);
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "OBSERVE").await.ok();
        let later = ", mode: ENFORCE, effectiveFrom: \"2026-06-01T00:00:00Z\"";
        let answer = change(&dpo, "setPolicyMode", "", later, json!({})).await.ok();
        let number = answer.data("/setPolicyMode/scheduled/0/change").clone();
        assert!(number.is_number(), "a strengthening waits for its time alone: {}", answer.text);
        let off = change(&dpo, "cancelPolicyChange", ", $n: Int!", ", change: $n", json!({"n": number})).await.ok();
        assert_eq!(off.data("/cancelPolicyChange/pending").as_array().map(Vec::len), Some(1));
        assert_eq!(walls(&dpo).await["scheduled"][0]["change"], number);
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
        let settings = change(&dpo, "setPolicySettings", "", ", settings: {days: 3}", json!({})).await.ok();
        decide(&other, "confirmPolicyChange", settings.data("/setPolicySettings/pending/1/id")).await.ok();
        assert_eq!(decide(&other, "confirmPolicyChange", &second).await.code(), "CONFLICT");
        decide(&other, "rejectPolicyChange", &second).await.ok();
        let third = set_mode(&dpo, "OFF").await.ok().data("/setPolicyMode/pending/0/id").clone();
        app.clock.set(instant("2026-05-04T10:00:00Z"));
        assert_eq!(decide(&other, "confirmPolicyChange", &third).await.code(), "NOT_FOUND", "three days are over");
        let policy = walls(&dpo).await;
        assert_eq!((&policy["mode"], &policy["pending"]), (&json!("ENFORCE"), &json!([])));
    }
}
