//! Who sends too many requests is told so on every path, before anything is done, and others are not slowed down.

use std::num::NonZeroU32;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use garant_testkit::{Actor, ApiConfig, Setup, instant, on_both_databases};
use serde_json::{Value as Json, json};
use tower::ServiceExt;

/// Six at once, and one each ten seconds.
fn slow() -> Setup {
    let six = NonZeroU32::new(6).expect("a number");
    Setup {
        api: ApiConfig { requests_per_minute: six, behind_proxy: true, ..ApiConfig::default() },
        ..Setup::default()
    }
}

const VIEWER: &str = "{ viewer { role } }";

/// How many of twenty requests are answered.
async fn answered(actor: &Actor) -> usize {
    let mut answered = 0;
    for _ in 0..20 {
        answered += usize::from(actor.query(VIEWER).await.status == 200);
    }
    answered
}

async fn refusals(metrics: &Router, caller: &str) -> u64 {
    let request = Request::get("/metrics").body(Body::empty()).expect("a request");
    let response = metrics.clone().oneshot(request).await.expect("an answer");
    let page = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    let page = String::from_utf8(page.to_vec()).expect("UTF-8");
    let name = format!("garant_rate_limited_total{{caller=\"{caller}\"}} ");
    let line = page.lines().find_map(|line| line.strip_prefix(&name));
    line.unwrap_or_else(|| panic!("no {name} in\n{page}")).parse().expect("a number")
}

on_both_databases! {
    async fn who_sends_too_many_requests_waits_on_every_path_and_nobody_else_does(app: TestApp) {
        let routers = app.processes(slow()).await;
        let (sales, other) = (app.actor("sales").await.on(&routers.api), app.actor("sales").await.on(&routers.api));
        assert_eq!(answered(&sales).await, 6);
        let refused = sales.query("mutation { createCompany(input: {name: \"Late\"}) { id } }").await;
        assert_eq!((refused.status, refused.code(), refused.error("/retryAfterSeconds")), (429, "RATE_LIMITED", &json!(10)));
        assert_eq!(refused.headers.get("retry-after").map(String::as_str), Some("10"));
        assert!(refused.text.contains("6 requests a minute") && refused.error("/remedy").as_str().is_some_and(|text| text.contains("rotateApiKey")), "{}", refused.text);
        let export = sales.post_to("/export", json!({ "entity": "company", "format": "csv" }).to_string()).await;
        let import = sales.post_form("/import", &[("mapping", "entity = 1"), ("file", "id\n")]).await;
        let file = sales.get("/jobs/0190a5f0-0000-7000-8000-000000000000/file").await;
        assert_eq!([export.status, import.status, file.status], [429; 3], "{} {} {}", export.text, import.text, file.text);
        assert_eq!(other.query("{ companies { totalCount } }").await.ok().data("/companies/totalCount"), &json!(0), "others go on, and nothing was done");
        app.clock.set(instant("2026-05-01T10:00:30Z"));
        assert_eq!(answered(&sales).await, 3, "as many as the time gave");
        assert_eq!(refusals(&routers.metrics, "key").await, 14 + 4 + 17);
    }

    async fn a_key_has_a_limit_of_its_own_that_its_rotation_keeps_and_shares(app: TestApp) {
        let api = app.process(slow()).await;
        let admin = app.actor("admin").await;
        let create = "mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id requestsPerMinute } } }";
        for limit in [0, -1, 1_000_001] {
            let refused = admin.send(create, json!({ "input": { "name": "x", "role": "sales", "requestsPerMinute": limit } })).await;
            assert_eq!((refused.code(), refused.error("/field")), ("BAD_USER_INPUT", &json!("input.requestsPerMinute")));
        }
        let made = admin.send(create, json!({ "input": { "name": "robot", "role": "sales", "requestsPerMinute": 12 } })).await.ok();
        assert_eq!(made.data("/createApiKey/apiKey/requestsPerMinute"), &json!(12));
        let secret = |value: &Json| value.as_str().expect("a secret").to_owned();
        let robot = app.bearer(&secret(made.data("/createApiKey/secret"))).on(&api);
        assert_eq!(answered(&robot).await, 12);
        let rotate = "mutation($id: ID!, $limit: Int) { rotateApiKey(id: $id, requestsPerMinute: $limit) { secret apiKey { id requestsPerMinute } } }";
        let rotated = admin.send(rotate, json!({ "id": made.data("/createApiKey/apiKey/id") })).await.ok();
        assert_eq!(rotated.data("/rotateApiKey/apiKey/requestsPerMinute"), &json!(12));
        let newer = app.bearer(&secret(rotated.data("/rotateApiKey/secret"))).on(&api);
        assert_eq!(answered(&newer).await, 0, "another secret is no other client");
        let raised = admin.send(rotate, json!({ "id": rotated.data("/rotateApiKey/apiKey/id"), "limit": 18 })).await.ok();
        let newest = app.bearer(&secret(raised.data("/rotateApiKey/secret"))).on(&api);
        assert_eq!(answered(&newest).await, 18);
    }

    async fn a_user_counts_once_and_who_signs_in_by_their_address(app: TestApp) {
        let routers = app.processes(slow()).await;
        let dpo = app.actor("dpo").await;
        let invited = dpo.query("mutation { inviteUser(input: {name: \"Ada\", email: \"ada@example.org\", role: \"sales\"}) { token } }").await.ok();
        let accept = format!("mutation {{ acceptInvitation(token: {}, password: \"correct horse battery\") {{ token }} }}", invited.data("/inviteUser/token"));
        let first = app.nobody().query(&accept).await.ok();
        let sign_in = "mutation { signIn(email: \"ada@example.org\", password: \"correct horse battery\") { token } }";
        let second = app.nobody().query(sign_in).await.ok();
        let session = |value: &Json| app.bearer(value.as_str().expect("a token")).on(&routers.api);
        let (one, two) = (session(first.data("/acceptInvitation/token")), session(second.data("/signIn/token")));
        assert_eq!((answered(&one).await, answered(&two).await), (6, 0), "another session is nobody else");
        assert_eq!(refusals(&routers.metrics, "user").await, 34);

        let from = |address: &str| app.nobody().on(&routers.api).with_header("x-forwarded-for", address);
        let unknown = "mutation { resetPassword(token: \"x\", password: \"correct horse battery\") { userId } }";
        let mut codes = Vec::new();
        for _ in 0..7 {
            codes.push(from("192.0.2.7").query(unknown).await.code().to_owned());
        }
        assert_eq!(codes, [vec!["NOT_FOUND"; 6], vec!["RATE_LIMITED"]].concat());
        assert_eq!(from("192.0.2.8").query(unknown).await.code(), "NOT_FOUND");
    }
}
