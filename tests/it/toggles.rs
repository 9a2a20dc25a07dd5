//! What the DPO switches, and who sees it when.

use garant_domain::value::Value;
use garant_testkit::{Actor, on_both_databases};
use serde_json::{Value as Json, json};

async fn policy(dpo: &Actor, id: &str) -> Json {
    let answer = dpo
        .query("{ policies { id mode version settings needs { facts fields attributes } reasons { code article } } }")
        .await
        .ok();
    let list = answer.data("/policies").as_array().expect("policies").clone();
    list.into_iter().find(|policy| policy["id"] == id).unwrap_or_else(|| panic!("no policy {id}"))
}

const SET_MODE: &str = "mutation($id: ID!, $mode: PolicyMode!, $version: Int!, $reason: String!) {
    setPolicyMode(id: $id, mode: $mode, expectedVersion: $version, reason: $reason) { id mode version } }";

const SET_SETTINGS: &str = "mutation($id: ID!, $settings: JSON!, $version: Int!) {
    setPolicySettings(id: $id, settings: $settings, expectedVersion: $version, reason: \"a test\") { id version settings } }";

async fn switch(dpo: &Actor, id: &str, mode: &str) -> Json {
    let version = policy(dpo, id).await["version"].clone();
    let answer = dpo.send(SET_MODE, json!({"id": id, "mode": mode, "version": version, "reason": "a test"})).await.ok();
    answer.data("/setPolicyMode").clone()
}

on_both_databases! {
    async fn the_next_request_on_every_process_sees_a_toggle(app: TestApp) {
        app.contact("Cleo", &[]).await;
        let second = app.second_process().await;
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let there = marketer.on(&second);
        let count = "{ contacts { totalCount } }";
        let dpo = app.actor("dpo").await;
        for actor in [&marketer, &there] {
            assert_eq!(actor.query(count).await.ok().data("/contacts/totalCount"), &json!(0));
        }
        switch(&dpo, "consent", "OFF").await;
        for actor in [&marketer, &there] {
            assert_eq!(actor.query(count).await.ok().data("/contacts/totalCount"), &json!(1));
        }
        switch(&dpo.on(&second), "consent", "OBSERVE").await;
        for actor in [&marketer, &there] {
            assert_eq!(actor.query(count).await.ok().data("/contacts/totalCount"), &json!(1), "observing changes nothing");
        }
        switch(&dpo, "consent", "ENFORCE").await;
        for actor in [&marketer, &there] {
            assert_eq!(actor.query(count).await.ok().data("/contacts/totalCount"), &json!(0));
        }
        let history = dpo.query("{ policyHistory(id: \"consent\", first: 10) { what before after reason setVersion } }").await.ok();
        let modes = history.texts("/policyHistory", "/after");
        assert_eq!(modes, ["enforce", "observe", "off"]);
    }

    async fn every_shipped_policy_can_be_switched_off_and_on_again(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let ids = dpo.query("{ policies { id } }").await.ok().texts("/policies", "/id");
        assert!(ids.len() > 5, "{ids:?}");
        for mode in ["OFF", "OBSERVE", "ENFORCE"] {
            for id in &ids {
                assert_eq!(switch(&dpo, id, mode).await["mode"], mode, "{id}");
            }
        }
    }

    async fn what_an_observed_policy_would_do_is_logged(app: TestApp) {
        app.contact("Cleo", &[]).await;
        let dpo = app.actor("dpo").await;
        switch(&dpo, "consent", "OBSERVE").await;
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let answer = marketer.query("{ contacts { nodes { lastName email policy { masked { field } flags { code } } } } }").await.ok();
        assert_eq!(answer.texts("/contacts/nodes", "/email"), ["cleo@example.org"]);
        assert!(!answer.text.contains("consent"), "{}", answer.text);
        let log = app.store.read_log(garant_testkit::TENANT, 100).await.expect("the log");
        assert!(log.iter().any(|line| line.observed.iter().any(|code| code.starts_with("consent/"))), "{log:?}");
    }

    async fn nobody_but_the_dpo_reads_or_changes_policies(app: TestApp) {
        for role in ["sales", "marketing", "admin"] {
            let actor = app.actor(role).await;
            assert_eq!(actor.query("{ policies { id } }").await.code(), "FORBIDDEN");
            assert_eq!(actor.query("{ policyHistory(first: 1) { reason } }").await.code(), "FORBIDDEN");
            let mode = json!({"id": "consent", "mode": "OFF", "version": 1, "reason": "x"});
            assert_eq!(actor.send(SET_MODE, mode).await.code(), "FORBIDDEN");
            let settings = json!({"id": "consent", "settings": {}, "version": 1});
            assert_eq!(actor.send(SET_SETTINGS, settings).await.code(), "FORBIDDEN");
        }
        let dpo = app.actor("dpo").await;
        let consent = policy(&dpo, "consent").await;
        assert_eq!((&consent["mode"], &consent["version"]), (&json!("ENFORCE"), &json!(1)));
        assert!(consent["needs"]["facts"].as_array().is_some_and(|facts| !facts.is_empty()));
        assert!(consent["reasons"].as_array().is_some_and(|reasons| reasons.len() > 3));
    }

    async fn a_wrong_change_changes_nothing(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let change = |id: &str, version: i64, reason: &str| json!({"id": id, "mode": "OFF", "version": version, "reason": reason});
        assert_eq!(dpo.send(SET_MODE, change("astrology", 1, "x")).await.code(), "NOT_FOUND");
        assert_eq!(dpo.send(SET_MODE, change("consent", 7, "x")).await.code(), "CONFLICT");
        assert_eq!(dpo.send(SET_MODE, change("consent", 1, "  ")).await.code(), "BAD_USER_INPUT");
        let bad = dpo.send(SET_SETTINGS, json!({"id": "retention", "settings": {"nonsense": true}, "version": 1})).await;
        assert_eq!(bad.code(), "BAD_USER_INPUT", "{}", bad.text);
        let problem = bad.error("/problems/0");
        assert!(problem["path"].is_string() && problem["message"].is_string(), "{}", bad.text);
        for id in ["consent", "retention", "transfer"] {
            let policy = policy(&dpo, id).await;
            assert_eq!((&policy["mode"], &policy["version"]), (&json!("ENFORCE"), &json!(1)));
        }
        let history = dpo.query("{ policyHistory(first: 10) { what } }").await.ok();
        assert_eq!(history.texts("/policyHistory", "/what"), ["created"]);
    }

    async fn a_setting_takes_effect_with_the_next_request(app: TestApp) {
        app.contact("Old", &[("last_inbound_contact_at", Value::Instant(garant_testkit::instant("2023-06-15T10:00:00Z")))]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let count = "{ contacts { totalCount } }";
        assert_eq!(sales.query(count).await.ok().data("/contacts/totalCount"), &json!(1), "within three years");
        let dpo = app.actor("dpo").await;
        let mut settings = policy(&dpo, "retention").await["settings"].clone();
        settings["prospect_months"] = json!(12);
        let answer = dpo.send(SET_SETTINGS, json!({"id": "retention", "settings": settings, "version": 1})).await.ok();
        assert_eq!(answer.data("/setPolicySettings/version"), &json!(2));
        assert_eq!(sales.query(count).await.ok().data("/contacts/totalCount"), &json!(0), "past a year");
    }

    async fn past_its_period_a_person_is_absent_from_midnight_on(app: TestApp) {
        app.contact("Edge", &[("last_inbound_contact_at", Value::Instant(garant_testkit::instant("2023-05-01T10:00:00Z")))]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let count = "{ contacts { totalCount } }";
        // The tenant's zone is Paris, two hours ahead of UTC in May.
        app.clock.set(garant_testkit::instant("2026-05-01T21:59:59Z"));
        assert_eq!(sales.query(count).await.ok().data("/contacts/totalCount"), &json!(1));
        app.clock.set(garant_testkit::instant("2026-05-01T22:00:00Z"));
        assert_eq!(sales.query(count).await.ok().data("/contacts/totalCount"), &json!(0));
    }

    async fn a_recipient_without_a_tool_is_refused(app: TestApp) {
        app.contact("Ada", &[]).await;
        let recipient = async |name: &str, country: &str, more: &[(&str, Value)]| {
            let mut values = vec![("name", Value::text(name)), ("role", Value::text("processor")), ("country", Value::text(country)),
                ("contract_until", Value::Date(30_000)), ("purposes", Value::text("sales"))];
            values.extend(more.iter().cloned());
            app.create("recipient", &values).await
        };
        let eu = recipient("Paris Mail SAS", "FR", &[]).await;
        let us = recipient("Mailer Inc.", "US", &[]).await;
        let expired = recipient("Alt GmbH", "DE", &[("contract_until", Value::Date(20_000))]).await;
        let query = "{ contacts { nodes { lastName } } }";
        let allowed = app.client("sales", Some(&eu)).await.for_purpose("sales").query(query).await.ok();
        assert_eq!(allowed.texts("/contacts/nodes", "/lastName"), ["Ada"]);
        let refused = app.client("sales", Some(&us)).await.for_purpose("sales").query(query).await;
        assert_eq!(refused.code(), "POLICY_REFUSED", "{}", refused.text);
        let reasons = refused.error("/reasons").as_array().cloned().unwrap_or_default();
        let by = |plugin: &str| reasons.iter().any(|one| one["plugin"] == plugin && one["article"].is_string());
        assert!(by("transfer") && by("cloud-act"), "{}", refused.text);
        assert!(!refused.text.contains("Ada"));
        let contract = app.client("sales", Some(&expired)).await.for_purpose("sales").query(query).await;
        assert_eq!(contract.error("/reason"), &json!("transfer/TRF-29"));
    }
}
