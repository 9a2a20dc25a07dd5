//! The queue of duplicates: pairs by what two visible records show alike, the likeliest first; what is
//! hidden or masked makes no pair.

use garant_domain::value::Value;
use garant_testkit::{Actor, TestApp, on_both_databases};
use serde_json::json;

async fn sales(app: &TestApp) -> Actor {
    app.actor("sales").await.for_purpose("sales")
}

const QUEUE: &str = "query($first: Int, $after: String) { contactDuplicates(first: $first, after: $after) {
    edges { cursor node { score reasons ids records { lastName } } } pageInfo { hasNextPage endCursor } } }";

fn phone(number: &str) -> (&'static str, Value) {
    ("phone", Value::text(number))
}

on_both_databases! {
    async fn pairs_come_with_reasons_and_score(app: TestApp) {
        let acme = app.create("company", &[("name", Value::text("Acme"))]).await;
        let ada = app.contact("Ada", &[phone("+33 1 23 45 67 89")]).await;
        let twin = app.contact("Lovelace", &[("email", Value::text("ADA@example.org")), phone("01.23.45.67.89")]).await;
        app.contact("Bea", &[("phone_2", Value::text("0033123456789"))]).await;
        for email in ["c@example.org", "cleo@example.com"] {
            app.contact("Cleó", &[("email", Value::text(email)), ("company_id", Value::text(acme.clone()))]).await;
        }
        app.contact("Cleo", &[("email", Value::text("other@example.org"))]).await;
        let sales = sales(&app).await;
        let queue = sales.send(QUEUE, json!({})).await.ok();
        let pairs = queue.data("/contactDuplicates/edges").as_array().expect("pairs").clone();
        let told = pairs.iter().map(|edge| {
            let node = &edge["node"];
            let names = node["records"].as_array().expect("records").iter().map(|record| record["lastName"].clone());
            json!([node["score"], node["reasons"], names.collect::<Vec<_>>()])
        });
        assert_eq!(told.collect::<Vec<_>>(), [
            json!([100, ["email", "phone"], ["Ada", "Lovelace"]]),
            json!([50, ["nameAndCompany"], ["Cleó", "Cleó"]]),
            json!([40, ["phone"], ["Ada", "Bea"]]),
        ]);
        assert_eq!(pairs[0]["node"]["ids"], json!([ada, twin]));
        let (mut seen, mut after) = (vec![], json!(null));
        for more in [true, true, false] {
            let page = sales.send(QUEUE, json!({ "first": 1, "after": after })).await.ok();
            seen.extend(page.data("/contactDuplicates/edges").as_array().expect("a page").clone());
            after = page.data("/contactDuplicates/pageInfo/endCursor").clone();
            assert_eq!(page.data("/contactDuplicates/pageInfo/hasNextPage"), &json!(more));
        }
        assert_eq!(seen, pairs);
        // The name counts together with the company: with another one it says nothing.
        let change = "mutation($id: ID!) { updateContact(id: $id, input: {firstName: \"Grace\"}) { id } }";
        sales.send(change, json!({ "id": pairs[1]["node"]["ids"][1] })).await.ok();
        let after = sales.send(QUEUE, json!({})).await.ok();
        assert_eq!(after.data("/contactDuplicates/edges").as_array().map(Vec::len), Some(2), "{}", after.text);
        app.create("company", &[("name", Value::text("ACME"))]).await;
        let companies = sales.query("{ companyDuplicates { nodes { score reasons records { name } } } }").await.ok();
        assert_eq!(companies.data("/companyDuplicates/nodes"), &json!([{ "score": 60, "reasons": ["name"], "records": [{ "name": "Acme" }, { "name": "ACME" }] }]));
        let wrong = sales.send(QUEUE, json!({ "after": "x" })).await;
        assert_eq!((wrong.code(), wrong.error("/field")), ("BAD_USER_INPUT", &json!("after")), "{}", wrong.text);
    }

    /// Everything that the queue tells, before and after hidden records share what others show: as the
    /// eldest, between them, and alone with one of them.
    async fn the_hidden_make_no_pair(app: TestApp) {
        let acme = app.create("company", &[("name", Value::text("Acme"))]).await;
        let person = async |name: &str, email: &str, state: &str| {
            let more = [("email", Value::text(email)), ("company_id", Value::text(acme.clone()))];
            let id = app.contact(name, &more).await;
            if !state.is_empty() {
                app.consent(&id, "marketing", "email", state, "2026-01-10T10:00:00Z").await;
            }
            id
        };
        let eldest = person("Same", "eldest@example.org", "").await;
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        for (name, email) in [("Same", "ada@example.org"), ("Same", "bea@example.org"), ("Cleo", "cleo@example.org")] {
            person(name, email, "given").await;
        }
        let ask = async || {
            let mut answers = vec![];
            for variables in [json!({}), json!({ "first": 1 })] {
                let before = app.store.statements();
                let answer = marketer.send(QUEUE, variables).await.ok();
                answers.push((answer.text, app.store.statements() - before));
            }
            answers
        };
        let without = ask().await;
        assert!(without[0].0.contains("nameAndCompany") && !without[0].0.contains(&eldest), "{}", without[0].0);
        person("Same", "hidden@example.org", "withdrawn").await;
        person("Cleo", "hidden2@example.org", "withdrawn").await;
        assert_eq!(ask().await, without);
        let all = sales(&app).await.send(QUEUE, json!({})).await.ok();
        let pairs = all.data("/contactDuplicates/edges").as_array().expect("pairs");
        assert_eq!(pairs.len(), 4, "three with the eldest, and Cleo's: {}", all.text);
        assert!(pairs.iter().filter(|pair| pair["node"]["ids"][0] == json!(eldest)).count() == 3, "{}", all.text);
    }

    async fn what_is_masked_in_one_of_two_is_not_shared(app: TestApp) {
        let ada = app.contact("Ada", &[phone("+33 1 23 45 67 89")]).await;
        let bea = app.contact("Bea", &[phone("01 23 45 67 89")]).await;
        for (id, channel) in [(&ada, "email"), (&ada, "call"), (&bea, "email")] {
            app.consent(id, "marketing", channel, "given", "2026-01-10T10:00:00Z").await;
        }
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let queue = marketer.send(QUEUE, json!({})).await.ok();
        assert_eq!(queue.data("/contactDuplicates/edges"), &json!([]), "{}", queue.text);
        app.consent(&bea, "marketing", "call", "given", "2026-01-10T10:00:00Z").await;
        let queue = marketer.send(QUEUE, json!({})).await.ok();
        assert_eq!(queue.data("/contactDuplicates/edges/0/node/reasons"), &json!(["phone"]), "{}", queue.text);
    }
}
