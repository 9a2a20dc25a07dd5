//! What the operator is told, and that it tells nothing of people.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use garant_testkit::{Backend, TestApp, on_both_databases};
use tower::ServiceExt;

async fn scrape(metrics: &Router) -> String {
    let request = Request::get("/metrics").body(Body::empty()).expect("a request");
    let response = metrics.clone().oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), 200);
    let bytes = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn value(page: &str, name: &str) -> u64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in\n{page}")).parse().expect("a number")
}

on_both_databases! {
    async fn requests_plans_and_commits_are_counted(app: TestApp) {
        app.contact("Lovelace", &[]).await;
        let sales = app.actor("sales").await;
        let before = scrape(&app.metrics).await;
        let query = "{ contacts { nodes { lastName } } }";
        sales.query(query).await;
        sales.for_purpose("sales").query(query).await.ok();
        sales.for_purpose("sales").query(query).await.ok();
        let after = scrape(&app.metrics).await;
        let grew = |name: &str| value(&after, name) - value(&before, name);
        assert_eq!(value(&after, "garant_requests_total{code=\"PURPOSE_REQUIRED\"}"), 1);
        assert_eq!(value(&after, "garant_requests_total{code=\"OK\"}"), 2);
        assert!(grew("garant_plan_cache_hits_total") > 0, "{after}");
        assert_eq!(grew("garant_request_duration_seconds_count"), 3);
        assert!(grew("garant_log_commits_total") > 0 && grew("garant_log_lines_total") > 0, "{after}");
        for personal in ["Lovelace", "test", "sales", "contact"] {
            assert!(!after.contains(personal), "{personal} is in\n{after}");
        }
    }
}

#[tokio::test]
async fn clients_find_no_metrics() {
    let app = TestApp::start(Backend::Sqlite).await;
    let request = Request::get("/metrics").body(Body::empty()).expect("a request");
    let response = app.router.clone().oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), 404);
}
