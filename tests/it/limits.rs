//! What bounds a request says by how much, and how to mend it; and queries that are sent once.

use garant_testkit::{Answer, on_both_databases};
use serde_json::json;
use sha2::{Digest, Sha256};

/// Refused as too complex, with the limit and a remedy.
fn bounded(answer: &Answer, limit: &str) {
    let message = answer.body["errors"][0]["message"].as_str().unwrap_or_default();
    assert_eq!(answer.code(), "QUERY_TOO_COMPLEX", "{}", answer.text);
    assert!(message.contains(limit), "the limit {limit} is told: {message}");
    assert!(answer.error("/remedy").as_str().is_some_and(|remedy| remedy.len() > 10), "{}", answer.text);
}

on_both_databases! {
    async fn every_limit_is_told_with_its_number_and_its_remedy(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales");
        let deep = (0..20).fold("id".to_owned(), |inner, _| format!("parent {{ {inner} }}"));
        bounded(&sales.query(&format!("{{ companies(first: 1) {{ nodes {{ {deep} }} }} }}")).await, "16");
        bounded(&sales.query("{ companies { nodes { deals { nodes { activities { nodes { id subjectLine kind } } } } } } }").await, "50000");
        bounded(&sales.query("{ contacts(first: 501) { nodes { id } } }").await, "500");
        let inputs: Vec<_> = (0..101).map(|index| json!({ "name": format!("C{index}") })).collect();
        bounded(&sales.send("mutation($i: [CompanyCreateInput!]!) { createCompanies(inputs: $i) { id } }", json!({ "i": inputs })).await, "100");
        let ids: Vec<String> = (0..201).map(|index| index.to_string()).collect();
        bounded(&sales.send("query($i: [ID!]) { contacts(filter: {id: {in: $i}}) { nodes { id } } }", json!({ "i": ids })).await, "200");
        bounded(&sales.query(&format!("{{ contacts {}", "{ a ".repeat(70))).await, "64");
        bounded(&sales.query(&format!("{{ contacts {{ {} }} }}", "totalCount ".repeat(8_000))).await, "65536");
        let large = sales.query(&"x".repeat(2 << 20)).await;
        assert_eq!((large.status, large.body["errors"][0]["message"].as_str().is_some_and(|text| text.contains("1048576"))), (413, true), "{}", large.text);
    }

    async fn a_query_is_sent_once_and_named_by_its_digest(app: TestApp) {
        let (sales, dpo) = (app.actor("sales").await, app.actor("dpo").await);
        let text = "{ viewer { roles } }";
        let digest: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        let named = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": digest } } });
        let unknown = sales.post(named.to_string()).await;
        assert_eq!((unknown.status, unknown.code()), (200, "PERSISTED_QUERY_NOT_FOUND"), "{}", unknown.text);
        assert_eq!(unknown.body["errors"][0]["message"], "PersistedQueryNotFound");
        let mut brought = named.clone();
        brought["query"] = json!(text);
        let first = sales.post(brought.to_string()).await.ok();
        assert_eq!(sales.post(named.to_string()).await.ok().text, first.text);
        // A text is no right: whoever names it is asked anew who they are.
        assert_ne!(dpo.post(named.to_string()).await.ok().text, first.text);
        assert_eq!(app.nobody().post(named.to_string()).await.status, 401);
        brought["query"] = json!("{ viewer { purposes { key } } }");
        assert_eq!(sales.post(brought.to_string()).await.error("/field"), "extensions.persistedQuery");
    }
}
