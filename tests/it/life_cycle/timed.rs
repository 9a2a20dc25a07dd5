//! Changes that begin later and end by themselves, on every process alike.

use garant_testkit::{instant, on_both_databases};
use serde_json::json;

use super::*;

async fn timed(dpo: &Actor, mode: &str, from: Option<&str>, until: Option<&str>) -> Answer {
    let types = ", $mode: PolicyMode!, $from: DateTime, $until: DateTime";
    let variables = json!({"mode": mode, "from": from, "until": until});
    change(dpo, "setPolicyMode", types, ", mode: $mode, effectiveFrom: $from, expiresAt: $until", variables).await
}

on_both_databases! {
    async fn a_change_begins_and_ends_by_itself(app: TestApp) {
        let sales = two_contacts(&app).await;
        let there = sales.on(&app.second_process().await);
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        let answer = timed(&dpo, "OFF", Some("2026-05-01T12:00:00Z"), Some("2026-05-01T14:00:00+00:00")).await.ok();
        assert_eq!(answer.data("/setPolicyMode/mode"), &json!("ENFORCE"), "not yet");
        let waits = answer.data("/setPolicyMode/scheduled/0");
        assert_eq!((&waits["mode"], &waits["effectiveFrom"]), (&json!("OFF"), &json!("2026-05-01T12:00:00Z")));
        for (at, seen) in [
            ("2026-05-01T11:59:59.999999Z", 1),
            ("2026-05-01T12:00:00Z", 2),
            ("2026-05-01T13:59:59.999999Z", 2),
            ("2026-05-01T14:00:00Z", 1),
            ("2027-05-01T14:00:00Z", 1),
        ] {
            app.clock.set(instant(at));
            app.clock.set(instant(at));
            if at.starts_with("2026") {
                assert_eq!((count(&sales).await, count(&there).await), (json!(seen), json!(seen)), "{at}");
            } else {
                assert_eq!(walls(&dpo).await["mode"], "ENFORCE", "{at}");
            }
        }
        assert_eq!(walls(&dpo).await["scheduled"], json!([]), "what is over is not told as waiting");
        let history = dpo.query("{ policyHistory(id: \"walls\", first: 1) { what after effectiveFrom expiresAt } }").await.ok();
        let line = history.data("/policyHistory/0");
        assert_eq!((&line["after"], &line["expiresAt"]), (&json!("off"), &json!("2026-05-01T14:00:00Z")));
    }

    async fn what_waits_is_called_off_and_what_runs_is_overruled(app: TestApp) {
        let sales = two_contacts(&app).await;
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        let answer = timed(&dpo, "OFF", Some("2026-05-01T12:00:00Z"), None).await.ok();
        let number = answer.data("/setPolicyMode/scheduled/0/change").clone();
        change(&dpo, "cancelPolicyChange", ", $n: Int!", ", change: $n", json!({"n": number})).await.ok();
        app.clock.set(instant("2026-05-01T12:00:00Z"));
        assert_eq!(count(&sales).await, 1);
        timed(&dpo, "OFF", None, Some("2026-05-01T18:00:00Z")).await.ok();
        assert_eq!(count(&sales).await, 2);
        app.clock.set(instant("2026-05-01T13:00:00Z"));
        set_mode(&dpo, "ENFORCE").await.ok();
        assert_eq!(count(&sales).await, 1);
        assert_eq!(walls(&dpo).await["scheduled"], json!([]));
    }

    async fn a_version_for_an_hour(app: TestApp) {
        let sales = two_contacts(&app).await;
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        install(&dpo, &shows_only("DE", "2.0.0")).await.ok();
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        let arguments = ", pluginVersion: \"2.0.0\", expiresAt: \"2026-05-01T11:00:00Z\"";
        change(&dpo, "upgradePolicy", "", arguments, json!({})).await.ok();
        let nodes = "{ contacts { nodes { lastName } } }";
        assert_eq!(sales.query(nodes).await.ok().texts("/contacts/nodes", "/lastName"), ["Dora"]);
        // What comes back must still be there then.
        let query = format!("mutation {{ uninstallPolicy(id: \"walls\", digest: \"{}\", reason: \"x\") {{ id }} }}", digest(&dpo, "1.0.0").await);
        assert_eq!(dpo.query(&query).await.code(), "CONFLICT");
        app.clock.set(instant("2026-05-01T11:00:00Z"));
        assert_eq!(sales.query(nodes).await.ok().texts("/contacts/nodes", "/lastName"), ["Cleo"]);
    }

    async fn times_that_make_no_sense_are_refused(app: TestApp) {
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        for (from, until, field) in [
            (Some("2026-05-01T09:59:59Z"), None, "effectiveFrom"),
            (None, Some("2026-05-01T10:00:00Z"), "expiresAt"),
            (Some("2026-05-02T00:00:00Z"), Some("2026-05-01T23:00:00Z"), "expiresAt"),
            (Some("tomorrow"), None, "effectiveFrom"),
        ] {
            let answer = timed(&dpo, "OFF", from, until).await;
            assert_eq!((answer.code(), answer.error("/field")), ("BAD_USER_INPUT", &json!(field)), "{}", answer.text);
        }
        assert_eq!(walls(&dpo).await["version"], 2);
    }
}
