//! Subscriptions over a real socket: what happens with records, as the subscriber may see it at that moment.

mod ended;
mod protocol;

use garant_domain::value::Value;
use garant_testkit::{Actor, Socket, TestApp, listen, on_both_databases};
use serde_json::{Value as Json, json};

const CHANGED: &str = "subscription($ids: [ID!], $existing: Boolean) { contactChanged(ids: $ids, existing: $existing) {
    kind id node { lastName phone policy { masked { field } } } } }";

async fn marketer(app: &TestApp) -> Actor {
    app.actor("marketing").await.for_purpose("marketing").through("email")
}

/// A contact who consented to marketing by e-mail.
async fn consenting(app: &TestApp, name: &str) -> String {
    let id = app.contact(name, &[("phone", Value::text("+33 1 33 33 33 33"))]).await;
    app.consent(&id, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
    id
}

async fn change(app: &TestApp, id: &str, input: Json) {
    let query = "mutation($id: ID!, $input: ContactUpdateInput!) { updateContact(id: $id, input: $input) { version } }";
    app.actor("sales").await.for_purpose("sales").send(query, json!({ "id": id, "input": input })).await.ok();
}

/// Kind, id and last name.
fn told(event: &Json) -> (String, String, Option<String>) {
    let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
    (text("kind"), text("id"), event["node"]["lastName"].as_str().map(str::to_owned))
}

fn told_of(kind: &str, id: &str, name: Option<&str>) -> (String, String, Option<String>) {
    (kind.to_owned(), id.to_owned(), name.map(str::to_owned))
}

on_both_databases! {
    async fn a_subscriber_is_told_what_it_may_see_then(app: TestApp) {
        let ada = consenting(&app, "Ada").await;
        let hidden = app.contact("Hidden", &[]).await;
        let mut socket = Socket::of(listen(&app.router).await, &marketer(&app).await).await;
        socket.subscribe("1", CHANGED, json!({ "existing": true })).await;
        let first = socket.hear().await.message();
        let event = &first["payload"]["data"]["contactChanged"];
        assert_eq!(told(event), told_of("CREATED", &ada, Some("Ada")), "{first}");
        assert_eq!((&event["node"]["phone"], &event["node"]["policy"]["masked"][0]["field"]), (&Json::Null, &json!("phone")));
        assert!(first["payload"]["extensions"]["policy"]["rules"].as_array().is_some_and(|rules| !rules.is_empty()), "{first}");

        // A hidden record, what is masked and what was not asked for are no news.
        change(&app, &hidden, json!({ "lastName": "Concealed" })).await;
        change(&app, &ada, json!({ "phone": "+33 1 44 44 44 44" })).await;
        change(&app, &ada, json!({ "jobTitle": "Captain" })).await;
        change(&app, &ada, json!({ "lastName": "Adams" })).await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("UPDATED", &ada, Some("Adams")));

        // Who comes into view is told, and who leaves it by id alone.
        app.consent(&hidden, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("CREATED", &hidden, Some("Concealed")));
        app.consent(&hidden, "marketing", "email", "withdrawn", "2026-02-10T10:00:00Z").await;
        let ended = socket.hear().await.message();
        assert_eq!(ended["payload"]["data"]["contactChanged"], json!({ "kind": "ACCESS_ENDED", "id": hidden, "node": null }));
        assert!(!ended.to_string().contains("Concealed"), "{ended}");
        change(&app, &hidden, json!({ "lastName": "Gone" })).await;

        let bea = consenting(&app, "Bea").await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("CREATED", &bea, Some("Bea")));
        let sales = app.actor("sales").await.for_purpose("sales");
        sales.send("mutation($id: ID!) { deleteContact(id: $id) { id } }", json!({ "id": bea })).await.ok();
        assert_eq!(told(&socket.event("contactChanged").await), told_of("DELETED", &bea, None));

        // Each event was a read of its own, and nobody hidden is in the log of it.
        let log = app.store.read_log(garant_testkit::TENANT, 500).await.expect("the log");
        assert!(log.iter().any(|line| line.operation == "read" && line.role == "marketing" && line.entity == "contact"));
    }

    async fn another_process_tells_of_it_too(app: TestApp) {
        let ada = consenting(&app, "Ada").await;
        let other = listen(&app.second_process().await).await;
        let mut socket = Socket::of(other, &marketer(&app).await).await;
        socket.subscribe("a", CHANGED, json!({ "ids": [ada], "existing": true })).await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("CREATED", &ada, Some("Ada")));
        for name in ["Adams", "Baker", "Clark"] {
            change(&app, &ada, json!({ "lastName": name })).await;
            assert_eq!(told(&socket.event("contactChanged").await), told_of("UPDATED", &ada, Some(name)));
        }
        app.consent(&ada, "marketing", "email", "withdrawn", "2026-02-10T10:00:00Z").await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("ACCESS_ENDED", &ada, None));
    }

    async fn a_policy_that_is_switched_is_seen_by_an_open_subscription(app: TestApp) {
        let ada = consenting(&app, "Ada").await;
        let cleo = app.contact("Cleo", &[]).await;
        let mut socket = Socket::of(listen(&app.router).await, &marketer(&app).await).await;
        socket.subscribe("1", CHANGED, json!({ "existing": true })).await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("CREATED", &ada, Some("Ada")));
        let dpo = app.actor("dpo").await;
        let switch = async |mode: &str, version: u32| {
            let query = format!("mutation {{ setPolicyMode(id: \"consent\", mode: {mode}, expectedVersion: {version}, reason: \"A trial\") {{ mode }} }}");
            dpo.query(&query).await.ok();
        };
        switch("OFF", 1).await;
        // The phone is masked no longer, and whoever never answered is shown.
        let mut kinds = vec![];
        for _ in 0..2 {
            let event = socket.event("contactChanged").await;
            assert_eq!(event["node"]["phone"].is_string(), event["id"] == json!(ada), "{event}");
            kinds.push(told(&event));
        }
        kinds.sort();
        assert_eq!(kinds, [told_of("CREATED", &cleo, Some("Cleo")), told_of("UPDATED", &ada, Some("Ada"))]);
        switch("ENFORCE", 2).await;
        let mut kinds = vec![told(&socket.event("contactChanged").await), told(&socket.event("contactChanged").await)];
        kinds.sort();
        assert_eq!(kinds, [told_of("ACCESS_ENDED", &cleo, None), told_of("UPDATED", &ada, Some("Ada"))]);
    }

    async fn a_filter_is_a_view_that_records_enter_and_leave(app: TestApp) {
        let [ada, bea] = [app.contact("Ada", &[]).await, app.contact("Bea", &[("country", Value::text("DE"))]).await];
        let sales = app.actor("sales").await.for_purpose("sales");
        let mut socket = Socket::of(listen(&app.router).await, &sales).await;
        let query = "subscription { contactChanged(filter: {country: {eq: \"FR\"}}, existing: true) { kind id node { lastName company { name } } } }";
        socket.subscribe("1", query, json!({})).await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("CREATED", &ada, Some("Ada")));
        change(&app, &bea, json!({ "country": "FR" })).await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("CREATED", &bea, Some("Bea")));
        change(&app, &ada, json!({ "country": "DE" })).await;
        assert_eq!(told(&socket.event("contactChanged").await), told_of("ACCESS_ENDED", &ada, None));
        let company = app.create("company", &[("name", Value::text("Acme"))]).await;
        change(&app, &bea, json!({ "companyId": company })).await;
        let event = socket.event("contactChanged").await;
        assert_eq!((&event["kind"], &event["node"]["company"]["name"]), (&json!("UPDATED"), &json!("Acme")));
    }

    async fn without_records_there_is_nothing_to_tell_of_either(app: TestApp) {
        let hidden = app.contact("Hidden", &[]).await;
        let absent = garant_domain::clock::new_id();
        let marketer = marketer(&app).await;
        let address = listen(&app.router).await;
        let control = consenting(&app, "Ada").await;
        let mut heard = vec![];
        for id in [&hidden, &absent] {
            let mut socket = Socket::of(address, &marketer).await;
            socket.subscribe("1", CHANGED, json!({ "ids": [id, control], "existing": true })).await;
            let mut all = vec![socket.hear().await.message().to_string()];
            change(&app, &hidden, json!({ "jobTitle": format!("After {}", heard.len()) })).await;
            change(&app, &control, json!({ "lastName": "Adams" })).await;
            all.push(socket.hear().await.message().to_string());
            change(&app, &control, json!({ "lastName": "Ada" })).await;
            all.push(socket.hear().await.message().to_string());
            heard.push(all);
        }
        assert_eq!(heard[0], heard[1]);
    }
}
