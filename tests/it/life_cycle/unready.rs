//! A process that cannot load the newest set serves nobody but the DPO, who can mend it there.

use axum::body::Body;
use axum::http::Request;
use garant_policy::{Engine, Limits};
use garant_testkit::{Setup, on_both_databases};
use serde_json::json;
use tower::ServiceExt;

use super::*;

async fn ready(router: &axum::Router) -> u16 {
    let request = Request::get("/ready").body(Body::empty()).expect("a request");
    router.clone().oneshot(request).await.expect("an answer").status().as_u16()
}

on_both_databases! {
    async fn it_is_not_ready_and_refuses_but_the_dpo_gets_in(app: TestApp) {
        let sales = two_contacts(&app).await;
        let dpo = app.actor("dpo").await;
        // The other process takes smaller plugins only.
        let limits = Limits { component_bytes: 600 << 10, ..Limits::standard() };
        let small = Engine::new(limits).expect("an engine");
        let other = app.process(Setup { engine: small.clone(), ..Setup::default() }).await;
        let there = sales.on(&other);
        let padding = "x".repeat(650 << 10);
        let file = [shows_only("FR", "1.0.0").module(), custom_section(padding.as_bytes())].concat();
        assert_eq!((ready(&app.router).await, ready(&other).await, count(&there).await), (200, 200, json!(2)));
        install_file(&dpo, &file, Some(signed(&file))).await.ok();
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        assert_eq!((ready(&app.router).await, count(&sales).await), (200, json!(1)));
        assert_eq!(ready(&other).await, 503);
        let refused = there.query(COUNT).await;
        assert_eq!((refused.code(), refused.error("/plugin")), ("POLICY_UNAVAILABLE", &json!("walls")), "{}", refused.text);
        // One that starts now is no better, but it starts.
        let third = app.process(Setup { engine: small, ..Setup::default() }).await;
        assert_eq!((ready(&third).await, there.on(&third).query(COUNT).await.code()), (503, "POLICY_UNAVAILABLE"));
        let dpo = dpo.on(&other);
        let policy = walls(&dpo).await;
        assert!(policy["unavailable"].as_str().is_some_and(|why| why.contains("TOO_LARGE")), "{policy}");
        // Others can be changed meanwhile, and the broken one cannot be made worse.
        let consent = "mutation { setPolicyMode(id: \"consent\", mode: OBSERVE, expectedVersion: 1, reason: \"x\") { mode } }";
        assert_eq!(dpo.query(consent).await.ok().data("/setPolicyMode/mode"), &json!("OBSERVE"));
        assert_eq!(set_mode(&dpo, "OBSERVE").await.code(), "POLICY_UNAVAILABLE", "it could not be observed either");
        set_mode(&dpo, "OFF").await.ok();
        assert_eq!((ready(&other).await, ready(&third).await, count(&there).await), (200, 200, json!(2)));
    }
}

/// A custom section of a module: a name and bytes that nobody reads.
fn custom_section(bytes: &[u8]) -> Vec<u8> {
    let leb = |mut number: usize| {
        let mut out = Vec::new();
        while number >= 0x80 {
            out.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        out.push(number as u8);
        out
    };
    let content = [vec![1, b'x'], bytes.to_vec()].concat();
    [vec![0], leb(content.len()), content].concat()
}
