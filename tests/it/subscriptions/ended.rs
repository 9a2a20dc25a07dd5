//! What ends a subscription: a policy that cannot decide, a credential that counts no longer, a client that is
//! too slow, a view that is too large.

use std::time::Duration;

use garant_domain::value::Value;
use garant_service::ShippedPlugin;
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::Plan;
use garant_testkit::{ApiConfig, Heard, Socket, TestApp, listen, on_both_databases};
use serde_json::json;

use super::{CHANGED, change, consenting, marketer, told, told_of};

/// A policy about contacts that cannot decide for marketing.
fn hostile(code: &'static str) -> ShippedPlugin {
    let mut guest = Guest { plan: Plan::default(), ..Guest::doing(code) };
    guest.manifest.hooks = vec![0];
    guest.manifest.entities = vec!["contact".to_owned()];
    ShippedPlugin { id: "honest".to_owned(), bytes: guest.module(), signature: None }
}

on_both_databases! {
    async fn a_policy_that_cannot_decide_ends_it_without_data(app: TestApp) {
        for code in [
            include_str!("../../../core/testkit/guests/hostile/trap_for_marketing.wat"),
            include_str!("../../../core/testkit/guests/hostile/slow_for_marketing.wat"),
        ] {
            let app = TestApp::start_with(app.database.backend(), vec![hostile(code)]).await;
            let switch = async |mode: &str, version: u32| {
                let query = format!("mutation {{ setPolicyMode(id: \"honest\", mode: {mode}, expectedVersion: {version}, reason: \"A test\") {{ mode }} }}");
                app.actor("dpo").await.query(&query).await.ok();
            };
            switch("OFF", 1).await;
            let ada = app.contact("Ada", &[]).await;
            let address = listen(&app.router).await;
            let mut socket = Socket::of(address, &marketer(&app).await).await;
            socket.subscribe("1", CHANGED, json!({ "existing": true })).await;
            assert_eq!(told(&socket.event("contactChanged").await), told_of("CREATED", &ada, Some("Ada")));
            switch("ENFORCE", 2).await;
            let error = socket.error("1").await;
            assert_eq!((&error["code"], &error["plugin"]), (&json!("POLICY_UNAVAILABLE"), &json!("honest")));
            // The connection stays, and nothing begins under a policy that cannot decide.
            socket.subscribe("1", CHANGED, json!({})).await;
            assert_eq!(socket.error("1").await["code"], "POLICY_UNAVAILABLE");
        }
    }

    async fn a_revoked_key_ends_the_connection(app: TestApp) {
        let ada = consenting(&app, "Ada").await;
        let admin = app.actor("admin").await;
        let make = "mutation { createApiKey(input: {name: \"reader\", role: \"sales\", purposes: [\"sales\"], defaultPurpose: \"sales\"}) { secret apiKey { id } } }";
        let made = admin.query(make).await.ok();
        let token = made.data("/createApiKey/secret").as_str().expect("a token").to_owned();
        let mut socket = Socket::of(listen(&app.router).await, &app.bearer(&token)).await;
        socket.subscribe("1", CHANGED, json!({ "ids": [ada], "existing": true })).await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("CREATED", &ada, Some("Ada")));
        let revoke = "mutation($id: ID!) { revokeApiKey(id: $id) { revokedAt } }";
        admin.send(revoke, json!({ "id": made.data("/createApiKey/apiKey/id") })).await.ok();
        // Also where nothing happens.
        assert_eq!(socket.error("1").await["code"], "UNAUTHENTICATED");
        assert_eq!(socket.hear().await.code(), 4401);
    }

    async fn a_narrower_role_counts_for_what_is_open(app: TestApp) {
        let ada = consenting(&app, "Ada").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let mut socket = Socket::of(listen(&app.router).await, &sales).await;
        socket.subscribe("1", CHANGED, json!({ "ids": [ada], "existing": true })).await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("CREATED", &ada, Some("Ada")));
        // From now on only what is their own, which a key has none of.
        let all = |entity: &str, read: &str| json!({ "entity": entity, "read": read, "create": "all", "update": "all", "delete": "all", "export": "all", "import": "all", "merge": "all" });
        let narrow = "mutation($input: SetRoleInput!) { setRole(input: $input, expectedVersion: 0) { version } }";
        let input = json!({ "key": "sales", "label": "Sales", "records": [all("*", "all"), all("contact", "own")] });
        app.actor("admin").await.send(narrow, json!({ "input": input })).await.ok();
        assert_eq!(told(&socket.event("contactChanged").await), told_of("ACCESS_ENDED", &ada, None));
    }

    async fn a_client_that_does_not_listen_is_cut(app: TestApp) {
        let mut limits = ApiConfig::default();
        limits.subscriptions.send = Duration::from_millis(500);
        let address = listen(&app.with_limits(limits)).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let ada = app.contact("Ada", &[]).await;
        let mut socket = Socket::of(address, &sales).await;
        // A long text many times over, so that the buffers between the two are full soon.
        let long = "x".repeat(60_000);
        for _ in 0..2 {
            app.create("activity", &[("kind", Value::text("note")), ("subject_line", Value::text("long")), ("body", Value::text(long.clone())), ("contact_id", Value::text(ada.clone()))]).await;
        }
        let many: String = (0..40).map(|i| format!("a{i}: activities(first: 2) {{ nodes {{ body }} }} ")).collect();
        let query = format!("subscription {{ contactChanged(existing: true) {{ id node {{ lastName {many} }} }} }}");
        socket.subscribe("1", &query, json!({})).await;
        let mut names = (0..).map(|i| format!("Ada {i}"));
        for _ in 0..12 {
            change(&app, &ada, json!({ "lastName": names.next() })).await;
            tokio::time::sleep(Duration::from_millis(400)).await;
        }
        let mut events = 0;
        loop {
            match socket.hear().await {
                Heard::Message(message) => {
                    assert_eq!(message["type"], "next", "{message}");
                    events += 1;
                }
                closed => break assert_eq!(closed.code(), 4450),
            }
        }
        assert!(events < 12, "{events} were sent to somebody who did not listen");
        assert_eq!(app.service.watches(), 0);
    }

    async fn a_view_that_is_too_large_is_refused(app: TestApp) {
        let mut limits = ApiConfig::default();
        limits.subscriptions.records = 2;
        let address = listen(&app.with_limits(limits)).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let ids = [app.contact("Ada", &[]).await, app.contact("Bea", &[]).await];
        let mut socket = Socket::of(address, &sales).await;
        socket.subscribe("1", CHANGED, json!({ "existing": true })).await;
        for _ in &ids {
            socket.event("contactChanged").await;
        }
        app.contact("Cleo", &[]).await;
        assert_eq!(socket.error("1").await["code"], "QUERY_TOO_COMPLEX");
        socket.subscribe("2", CHANGED, json!({})).await;
        let error = socket.error("2").await;
        assert_eq!((&error["code"], &error["field"]), (&json!("QUERY_TOO_COMPLEX"), &json!("filter")));
        socket.subscribe("3", CHANGED, json!({ "ids": ids, "existing": true })).await;
        socket.event("contactChanged").await;
    }
}
