//! Many requests at once against a plugin that never answers: each is refused with a code, none
//! stalls, and whoever needs other plugins is served meanwhile.

use garant_domain::value::Value;
use garant_policy::{Engine, Limits};
use garant_service::ShippedPlugin;
use garant_testkit::guest::Guest;
use garant_testkit::{Backend, TestApp, TestDatabase};
use serde_json::json;
use tokio::task::JoinSet;

const QUERY: &str = "{ contacts { nodes { lastName } } }";
const REQUESTS: usize = 200;

async fn flood(backend: Backend) {
    let engine = Engine::new(Limits::standard()).expect("an engine");
    let mut slow = Guest::doing(include_str!("../../core/testkit/guests/hostile/slow_for_marketing.wat"));
    slow.manifest.hooks = vec![0];
    slow.manifest.entities = vec!["contact".to_owned()];
    let slow = vec![ShippedPlugin { id: slow.manifest.id.clone(), bytes: slow.module(), signature: None }];
    let app = TestApp::start_on(backend, slow, &engine).await;
    // Another server in the same sandbox, with the shipped plugins.
    let other = TestApp::start_on(Backend::Sqlite, garant::shipped_plugins(), &engine).await;
    app.contact("Ada", &[("country", Value::text("DE"))]).await;
    other.contact("Ada", &[]).await;
    let (marketing, sales) = (app.actor("marketing").await, other.actor("sales").await.for_purpose("sales"));

    let mut requests = JoinSet::new();
    for _ in 0..REQUESTS {
        let marketing = marketing.for_purpose("marketing");
        requests.spawn(async move { marketing.query(QUERY).await });
    }
    while engine.stats().running == 0 {
        tokio::task::yield_now().await;
    }
    let served = sales.query(QUERY).await.ok();
    assert_eq!(served.texts("/contacts/nodes", "/lastName"), ["Ada"]);
    assert!(engine.stats().running > 0, "the flood should still be on");

    let answers = requests.join_all().await;
    assert_eq!(answers.len(), REQUESTS);
    for answer in &answers {
        assert_eq!(answer.code(), "POLICY_UNAVAILABLE", "{}", answer.text);
        assert_eq!(answer.error("/plugin"), &json!("honest"), "{}", answer.text);
        assert!(!answer.text.contains("Ada"), "{}", answer.text);
    }
    // Guests that were given up on run to their deadline and then are gone.
    while engine.stats().running > 0 {
        tokio::task::yield_now().await;
    }
    let after = app.actor("sales").await.for_purpose("sales").query(QUERY).await.ok();
    assert_eq!(after.texts("/contacts/nodes", "/lastName"), ["Ada"], "other purposes are answered as before");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_requests_are_refused_and_none_stalls_on_sqlite() {
    flood(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_requests_are_refused_and_none_stalls_on_postgres() {
    if TestDatabase::postgres_or_skip("flood").await {
        flood(Backend::Postgres).await;
    }
}
