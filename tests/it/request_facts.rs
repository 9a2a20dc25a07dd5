//! Facts about the request: how much somebody has read lately.

use garant_service::ShippedPlugin;
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::{Effect, Node, Rule, Selector};
use garant_testkit::{Backend, TestApp, TestDatabase, instant};

const QUERY: &str = "{ contacts { nodes { lastName } } }";

/// Refuses whoever was shown three records in the last hours.
fn greedy(hours: &'static str) -> ShippedPlugin {
    let mut guest = Guest::with_rule(Rule {
        when: vec![Node::Fact("actor.reads", vec![hours]), Node::Integer(3), Node::Ge],
        effect: Effect::Refuse,
        target: vec![Selector::Row],
        code: "TST-01",
    });
    guest.manifest.hooks = vec![0];
    guest.manifest.entities = vec!["contact".to_owned()];
    guest.manifest.facts = vec!["actor.reads".to_owned()];
    ShippedPlugin { id: guest.manifest.id.clone(), bytes: guest.module(), signature: None }
}

async fn reading_is_counted(backend: Backend) {
    let app = TestApp::start_with(backend, vec![greedy("24")]).await;
    for name in ["Ada", "Bea"] {
        app.contact(name, &[]).await;
    }
    let sales = app.actor("sales").await.for_purpose("sales");
    for round in 0..2 {
        let shown = sales.query(QUERY).await.ok();
        assert_eq!(shown.texts("/contacts/nodes", "/lastName").len(), 2, "round {round}");
    }
    let refused = sales.query(QUERY).await;
    assert_eq!((refused.code(), refused.error("/reason")), ("POLICY_REFUSED", &serde_json::json!("honest/TST-01")));
    let other = app.actor("sales").await.for_purpose("sales");
    assert_eq!(other.query(QUERY).await.ok().texts("/contacts/nodes", "/lastName").len(), 2, "each for himself");
    app.clock.set(instant("2026-05-02T10:00:01Z"));
    assert_eq!(sales.query(QUERY).await.ok().texts("/contacts/nodes", "/lastName").len(), 2, "a day later");
}

async fn an_argument_that_is_none_restricts(backend: Backend) {
    let app = TestApp::start_with(backend, vec![greedy("a while")]).await;
    let answer = app.actor("sales").await.for_purpose("sales").query(QUERY).await;
    assert_eq!(answer.code(), "POLICY_REFUSED", "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_has_read_binds_on_sqlite() {
    reading_is_counted(Backend::Sqlite).await;
    an_argument_that_is_none_restricts(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_has_read_binds_on_postgres() {
    if TestDatabase::postgres_or_skip("request_facts").await {
        reading_is_counted(Backend::Postgres).await;
        an_argument_that_is_none_restricts(Backend::Postgres).await;
    }
}
