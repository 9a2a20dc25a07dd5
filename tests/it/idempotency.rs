//! A mutation under a key is done once, whoever asks how often.

use garant_testkit::{TestApp, instant, on_both_databases};
use serde_json::json;

const CREATE: &str =
    "mutation($name: String!) { createContact(input: {lastName: $name}) { id lastName email deletedAt } }";

async fn contacts(app: &TestApp) -> i64 {
    let sales = app.actor("sales").await.for_purpose("sales");
    let answer = sales.query("{ contacts { totalCount } }").await.ok();
    answer.data("/contacts/totalCount").as_i64().expect("a count")
}

on_both_databases! {
    async fn asked_again_it_is_answered_and_not_done_again(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales").with_header("Idempotency-Key", "k-1");
        let first = sales.send(CREATE, json!({ "name": "Ada" })).await.ok();
        let again = sales.send(CREATE, json!({ "name": "Ada" })).await.ok();
        assert_eq!(first.text, again.text);
        assert_eq!(contacts(&app).await, 1);
        let other = sales.send(CREATE, json!({ "name": "Bea" })).await;
        assert_eq!((other.code(), other.error("/field")), ("CONFLICT", &json!("Idempotency-Key")), "{}", other.text);
        // Somebody else's key is another one.
        let colleague = app.actor("sales").await.for_purpose("sales").with_header("Idempotency-Key", "k-1");
        colleague.send(CREATE, json!({ "name": "Ada" })).await.ok();
        assert_eq!(contacts(&app).await, 2);
        let expired = instant("2026-05-02T10:00:00Z");
        app.clock.set(expired);
        sales.send(CREATE, json!({ "name": "Cleo" })).await.ok();
        assert_eq!(contacts(&app).await, 3);
        let wrong = sales.with_header("Idempotency-Key", " ").send(CREATE, json!({ "name": "x" })).await;
        assert_eq!((wrong.status, wrong.code()), (400, "BAD_USER_INPUT"));
    }

    async fn what_did_nothing_may_be_asked_again_and_tells_nothing(app: TestApp) {
        let bea = app.contact("Bea", &[]).await;
        let unknown = garant_domain::clock::new_id();
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let update = "mutation($id: ID!) { updateContact(id: $id, input: {jobTitle: \"x\"}) { id } }";
        let mut answers = vec![];
        for (key, id) in [("hidden", &bea), ("absent", &unknown)] {
            let marketer = marketer.with_header("Idempotency-Key", key);
            for _ in 0..2 {
                let before = app.store.statements();
                let answer = marketer.send(update, json!({ "id": id })).await;
                answers.push((answer.text, app.store.statements() - before));
            }
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert!(answers[0].0.contains("NOT_FOUND"));
    }

    async fn what_other_policies_decided_is_not_told_from_memory(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales").with_header("Idempotency-Key", "k-1");
        sales.send(CREATE, json!({ "name": "Ada" })).await.ok();
        let dpo = app.actor("dpo").await;
        dpo.query("mutation { setPolicyMode(id: \"consent\", mode: OBSERVE, expectedVersion: 1, reason: \"a test\") { mode } }").await.ok();
        let again = sales.send(CREATE, json!({ "name": "Ada" })).await;
        assert_eq!(again.code(), "CONFLICT");
        assert!(!again.text.contains("Ada"));
        assert_eq!(contacts(&app).await, 1);
    }
}
