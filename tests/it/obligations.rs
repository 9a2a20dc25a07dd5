//! Who got a person is told to stop, and people are told of a new processor: by a day, and noted when done.

use garant_domain::value::Value;
use garant_service::AttemptOutcome;
use garant_testkit::{Actor, TestApp, instant, on_both_databases};
use serde_json::{Value as Json, json};

const NAMES: &str = "{ contacts { nodes { lastName } } }";
const LIST: &str = "{ obligations(done: true) { id kind cause recipientId recipientName purpose recordId dueOn overdue doneAt note } }";

async fn recipient(app: &TestApp, name: &str, purposes: &str) -> String {
    let values = [
        ("name", Value::text(name)),
        ("role", Value::text("processor")),
        ("country", Value::text("FR")),
        ("contract_until", Value::Date(30_000)),
        ("purposes", Value::text(purposes)),
    ];
    app.create("recipient", &values).await
}

async fn consenting(app: &TestApp, name: &str) -> String {
    let id = app.contact(name, &[("email", Value::text("ada@example.org"))]).await;
    app.consent(&id, "marketing", "email", "given", "2026-04-01T10:00:00Z").await;
    id
}

async fn open(dpo: &Actor) -> Vec<Json> {
    let all = dpo.query(LIST).await.ok();
    all.data("/obligations").as_array().expect("a list").iter().filter(|one| one["doneAt"].is_null()).cloned().collect()
}

async fn say(app: &TestApp, command: &str, input: &str, said: Json) {
    let query = format!("mutation($input: {input}!) {{ {command}(input: $input) {{ recorded }} }}");
    app.actor("sales").await.for_purpose("sales").send(&query, json!({ "input": said })).await.ok();
}

on_both_databases! {
    async fn every_recipient_who_got_a_person_is_to_be_told_to_stop(app: TestApp) {
        let (ada, bea) = (consenting(&app, "Ada").await, consenting(&app, "Bea").await);
        let (mailer, idle) = (recipient(&app, "Mailer", "marketing").await, recipient(&app, "Idle", "marketing sales").await);
        let dpo = app.actor("dpo").await;
        let client = app.client("marketing", Some(&mailer)).await.for_purpose("marketing").through("email");
        assert_eq!(client.query(NAMES).await.ok().texts("/contacts/nodes", "/lastName").len(), 2);
        // Another got her for another purpose, which is left alone; a count and a refusal disclose nobody.
        let seller = app.client("sales", Some(&idle)).await.for_purpose("sales");
        seller.send("query($id: ID!) { contact(id: $id) { lastName } }", json!({ "id": ada })).await.ok();
        let counting = app.client("marketing", Some(&idle)).await.for_purpose("marketing").through("email");
        counting.query("{ contacts(first: 0) { totalCount } }").await.ok();
        assert_eq!(open(&dpo).await, [] as [Json; 0]);

        // Both have the address, so both are taken away, by an answer that tells of neither.
        say(&app, "withdrawConsent", "WithdrawConsentInput", json!({ "email": "ADA@example.org", "purpose": "marketing" })).await;
        let tasks = open(&dpo).await;
        let mut whom: Vec<&str> = tasks.iter().filter_map(|task| task["recordId"].as_str()).collect();
        whom.sort_unstable();
        let mut both = [ada.as_str(), bea.as_str()];
        both.sort_unstable();
        assert_eq!(whom, both);
        for task in &tasks {
            assert_eq!((&task["kind"], &task["cause"], &task["purpose"]), (&json!("stop_delivery"), &json!("withdrawn"), &json!("marketing")));
            assert_eq!((&task["recipientId"], &task["recipientName"], &task["dueOn"]), (&json!(mailer), &json!("Mailer"), &json!("2026-05-04")));
        }
        // Said again, nothing is opened twice.
        say(&app, "withdrawConsent", "WithdrawConsentInput", json!({ "email": "ada@example.org", "purpose": "marketing" })).await;
        assert_eq!(open(&dpo).await.len(), 2);

        let settle = "mutation($id: ID!, $note: String!) { settleObligation(id: $id, note: $note) }";
        let first = json!({ "id": tasks[0]["id"], "note": "Told by mail" });
        for role in ["sales", "marketing", "admin"] {
            let other = app.actor(role).await;
            assert_eq!(other.query(LIST).await.code(), "FORBIDDEN");
            assert_eq!(other.send(settle, first.clone()).await.code(), "FORBIDDEN");
        }
        assert_eq!(dpo.send(settle, json!({ "id": tasks[0]["id"], "note": " " })).await.error("/field"), &json!("note"));
        dpo.send(settle, first.clone()).await.ok();
        assert_eq!(dpo.send(settle, first).await.code(), "NOT_FOUND");
        let all = dpo.query(LIST).await.ok();
        let done = all.data("/obligations").as_array().expect("a list").iter().find(|one| !one["doneAt"].is_null()).cloned().expect("one");
        assert_eq!((&done["note"], &done["recordId"], &done["overdue"]), (&json!("Told by mail"), &Json::Null, &json!(false)));
        app.clock.set(instant("2026-05-04T21:59:59Z"));
        assert_eq!(open(&dpo).await[0]["overdue"], json!(false), "its last day");
        app.clock.set(instant("2026-05-04T22:00:00Z"));
        assert_eq!(open(&dpo).await[0]["overdue"], json!(true));
    }

    async fn files_and_webhooks_are_disclosures_too(app: TestApp) {
        let ada = consenting(&app, "Ada").await;
        let (filed, posted) = (recipient(&app, "Filed", "sales").await, recipient(&app, "Posted", "sales").await);
        let dpo = app.actor("dpo").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let export = json!({"entity": "contact", "format": "csv", "recipient": filed, "fields": ["lastName"]}).to_string();
        assert!(sales.post_to("/export", export).await.text.contains("Ada"));
        let create = "mutation($to: ID!) { createWebhook(input: {name: \"m\", url: \"https://example.org/hook\", entity: \"contact\",
            fields: [\"lastName\"], purpose: \"sales\", recipient: $to, role: \"sales\"}) { webhook { id } } }";
        dpo.send(create, json!({ "to": posted })).await.ok();
        sales.send("mutation($id: ID!) { updateContact(id: $id, input: {city: \"Lyon\"}) { id } }", json!({ "id": ada })).await.ok();
        app.service.fan_out_changes().await.expect("fanned out");
        let attempt = app.service.next_attempt().await.expect("an attempt").expect("something to tell");
        let restrict = "mutation($id: ID!, $on: Boolean!) { updateContact(id: $id, input: {restricted: $on, restrictedAt: \"2026-05-01T10:00:00Z\"}) { id } }";
        // What was not taken was not disclosed.
        app.service.settle_attempt(&attempt, AttemptOutcome::Failed { status: None, code: "TIMEOUT" }).await.expect("settled");
        app.clock.set(instant("2026-05-01T10:10:00Z"));
        let attempt = app.service.next_attempt().await.expect("an attempt").expect("something to tell");
        app.service.settle_attempt(&attempt, AttemptOutcome::Taken { status: 200 }).await.expect("settled");
        sales.send(restrict, json!({ "id": ada, "on": true })).await.ok();
        let mut told: Vec<(String, String)> = open(&dpo).await.iter().map(|task| {
            (task["recipientName"].as_str().unwrap_or_default().to_owned(), task["cause"].as_str().unwrap_or_default().to_owned())
        }).collect();
        told.sort();
        assert_eq!(told, [("Filed".to_owned(), "restricted".to_owned()), ("Posted".to_owned(), "restricted".to_owned())]);
    }

    async fn a_withdrawal_that_was_overtaken_stops_nothing(app: TestApp) {
        let ada = consenting(&app, "Ada").await;
        let mailer = recipient(&app, "Mailer", "marketing").await;
        let client = app.client("marketing", Some(&mailer)).await.for_purpose("marketing").through("email");
        client.query(NAMES).await.ok();
        app.consent(&ada, "marketing", "email", "withdrawn", "2026-03-01T10:00:00Z").await;
        let dpo = app.actor("dpo").await;
        assert_eq!(open(&dpo).await, [] as [Json; 0], "she consented after that");
        app.consent(&ada, "marketing", "email", "withdrawn", "2026-04-01T10:00:00Z").await;
        assert_eq!(open(&dpo).await.len(), 1, "at the same instant it is the withdrawal that counts");
    }

    async fn a_new_processor_is_to_be_told_and_the_consent_stands(app: TestApp) {
        consenting(&app, "Ada").await;
        let company = async |name: &str| app.create("legal_entity", &[("name", Value::text(name)), ("country", Value::text("FR"))]).await;
        let (mail, host, deep) = (company("Mailer").await, company("Host").await, company("Deep").await);
        let (mailer, seller) = (recipient(&app, "Mailer", "marketing").await, recipient(&app, "Seller", "sales").await);
        let dpo = app.actor("dpo").await;
        for id in [&mailer, &seller] {
            let who = "mutation($id: ID!, $who: ID!) { updateRecipient(id: $id, input: {legalEntityId: $who}) { id } }";
            dpo.send(who, json!({ "id": id, "who": mail })).await.ok();
        }
        let link = "mutation($input: ProcessingLinkCreateInput!) { createProcessingLink(input: $input) { id } }";
        let of = |tasks: Vec<Json>| -> Vec<(Json, Json)> {
            let mut of: Vec<_> = tasks.iter().map(|one| (one["recipientId"].clone(), one["purpose"].clone())).collect();
            of.sort_by_key(|(recipient, purpose)| (recipient.to_string(), purpose.to_string()));
            of
        };
        // For the seller nothing rests on consent.
        dpo.send(link, json!({ "input": { "recipientId": seller, "processorId": host } })).await.ok();
        assert_eq!(open(&dpo).await, [] as [Json; 0]);
        dpo.send(link, json!({ "input": { "recipientId": mailer, "processorId": host, "validFrom": "2026-06-01" } })).await.ok();
        let tasks = open(&dpo).await;
        assert!(tasks.iter().all(|one| one["kind"] == "notice_of_new_processor" && one["dueOn"] == "2026-05-31"), "{tasks:?}");
        let both = [(json!(mailer), json!("marketing")), (json!(mailer), json!("marketing.communications.email"))];
        assert_eq!(of(tasks), both);
        // One who takes part already is not new; one behind it is, in every chain that it is of.
        dpo.send(link, json!({ "input": { "recipientId": mailer, "processorId": host, "role": "support" } })).await.ok();
        assert_eq!(open(&dpo).await.len(), 2);
        dpo.send(link, json!({ "input": { "engagedById": host, "processorId": deep } })).await.ok();
        assert_eq!(open(&dpo).await.len(), 4);
        dpo.send(link, json!({ "input": { "hosting": true, "processorId": deep } })).await.ok();
        let ours = open(&dpo).await.into_iter().filter(|one| one["recipientId"].is_null()).count();
        assert_eq!(ours, 2);
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        assert_eq!(marketer.query(NAMES).await.ok().texts("/contacts/nodes", "/lastName"), ["Ada"]);
    }

    async fn whoever_got_a_person_is_told_of_the_erasure(app: TestApp) {
        let last = [("last_inbound_contact_at", Value::Instant(instant("2023-05-02T08:00:00Z")))];
        let ada = app.contact("Ada", &last).await;
        app.contact("Bea", &[]).await;
        let agency = recipient(&app, "Agency", "sales").await;
        let (dpo, client) = (app.actor("dpo").await, app.client("sales", Some(&agency)).await.for_purpose("sales"));
        client.send("query($id: ID!) { contact(id: $id) { lastName } }", json!({ "id": ada })).await.ok();
        app.clock.set(instant("2026-05-03T10:00:00Z"));
        let run = "mutation { runSweep(reason: \"It is due\") { outcome } }";
        dpo.query(run).await.ok();
        let told = open(&dpo).await;
        let [task] = &told[..] else { panic!("{told:?}") };
        assert_eq!((&task["kind"], &task["cause"], &task["recordId"]), (&json!("stop_delivery"), &json!("erased"), &json!(ada)));
        assert_eq!((&task["recipientId"], &task["dueOn"]), (&json!(agency), &json!("2026-05-06")));
        dpo.query(run).await.ok();
        assert_eq!(open(&dpo).await.len(), 1);
    }

    async fn whoever_got_one_of_two_that_become_one_got_that_one(app: TestApp) {
        let (ada, again) = (consenting(&app, "Ada").await, consenting(&app, "Ada").await);
        let mailer = recipient(&app, "Mailer", "marketing").await;
        let dpo = app.actor("dpo").await;
        let client = app.client("marketing", Some(&mailer)).await.for_purpose("marketing").through("email");
        client.send("query($id: ID!) { contact(id: $id) { lastName } }", json!({ "id": again })).await.ok();
        let merge = "mutation($into: ID!, $ids: [ID!]!) { mergeContacts(into: $into, ids: $ids) { ids } }";
        let sales = app.actor("sales").await.for_purpose("sales");
        sales.send(merge, json!({ "into": ada, "ids": [again] })).await.ok();
        say(&app, "withdrawConsent", "WithdrawConsentInput", json!({ "email": "ada@example.org", "purpose": "marketing" })).await;
        let told = open(&dpo).await;
        assert!(told.iter().any(|task| task["recordId"] == json!(ada) && task["recipientId"] == json!(mailer)), "{told:?}");
    }
}
