//! Who is behind a recipient, and behind our own hosting, decides what leaves: from the next access on.

use garant_domain::chain::{Engaged, Hosting, Tool};
use garant_domain::value::Value;
use garant_testkit::{Setup, TestApp, instant, on_both_databases};
use serde_json::{Value as Json, json};

/// Days since 1970 of a date.
fn day(date: &str) -> Value {
    let micros = instant(&format!("{date}T00:00:00Z"));
    Value::Date(i32::try_from(micros / 86_400_000_000).expect("a date"))
}

async fn company(app: &TestApp, name: &str, country: &str) -> String {
    let values = [
        ("name", Value::text(name)),
        ("country", Value::text(country)),
        ("activity", Value::text("computing")),
        ("independent_checked_at", day("2026-03-01")),
    ];
    app.create("legal_entity", &values).await
}

async fn owned(app: &TestApp, owner: &str, owned: &str, from: &str) -> String {
    let values = [
        ("owner_id", Value::text(owner)),
        ("owned_id", Value::text(owned)),
        ("percent", Value::Decimal(1_000_000)),
        ("valid_from", day(from)),
        ("checked_at", day("2026-03-01")),
    ];
    app.create("ownership", &values).await
}

async fn processor(app: &TestApp, entity: &str) -> String {
    let values = [
        ("name", Value::text("Paris Mail SAS")),
        ("role", Value::text("processor")),
        ("country", Value::text("FR")),
        ("contract_until", Value::Date(30_000)),
        ("purposes", Value::text("sales")),
        ("legal_entity_id", Value::text(entity)),
    ];
    app.create("recipient", &values).await
}

const NAMES: &str = "{ contacts { nodes { lastName } } }";

on_both_databases! {
    async fn a_changed_owner_decides_the_next_access_at_every_door(app: TestApp) {
        app.contact("Ada", &[]).await;
        let (mail, paris, beijing) =
            (company(&app, "Paris Mail SAS", "FR").await, company(&app, "Paris Holding SA", "FR").await, company(&app, "Beijing Group", "CN").await);
        let french = owned(&app, &paris, &mail, "2020-01-01").await;
        let recipient = processor(&app, &mail).await;
        let client = app.client("sales", Some(&recipient)).await.for_purpose("sales");
        let sales = app.actor("sales").await.for_purpose("sales");
        let export = json!({"entity": "contact", "format": "csv", "recipient": recipient, "fields": ["lastName"]}).to_string();
        assert_eq!(client.query(NAMES).await.ok().texts("/contacts/nodes", "/lastName"), ["Ada"]);
        assert!(sales.post_to("/export", export.clone()).await.text.contains("Ada"));

        // Sold today: the old share ended yesterday.
        let dpo = app.actor("dpo").await;
        let end = "mutation($id: ID!) { updateOwnership(id: $id, input: {validTo: \"2026-04-30\"}) { id } }";
        dpo.send(end, json!({"id": french})).await.ok();
        let sold = owned(&app, &beijing, &mail, "2026-05-01").await;
        for refused in [client.query(NAMES).await, sales.post_to("/export", export.clone()).await] {
            assert_eq!((refused.code(), refused.error("/reason")), ("POLICY_REFUSED", &json!("cloud-act/REA-14")), "{}", refused.text);
            assert!(!refused.text.contains("Ada"));
        }
        assert_eq!(sales.query(NAMES).await.ok().texts("/contacts/nodes", "/lastName"), ["Ada"], "our own people go on");
        // And back again.
        dpo.send("mutation($id: ID!) { deleteOwnership(id: $id) { id } }", json!({"id": sold})).await.ok();
        assert_eq!(client.query(NAMES).await.ok().texts("/contacts/nodes", "/lastName"), ["Ada"]);
    }

    async fn a_chain_of_processors_is_followed_as_of_the_day(app: TestApp) {
        app.contact("Ada", &[]).await;
        let (mail, host) = (company(&app, "Paris Mail SAS", "FR").await, company(&app, "Harbour Inc.", "US").await);
        let recipient = processor(&app, &mail).await;
        let client = app.client("sales", Some(&recipient)).await.for_purpose("sales");
        client.query(NAMES).await.ok();
        let link = [("recipient_id", Value::text(recipient)), ("processor_id", Value::text(host)), ("valid_from", day("2026-05-02"))];
        app.create("processing_link", &link).await;
        client.query(NAMES).await.ok();
        app.clock.set(instant("2026-05-02T10:00:00Z"));
        let refused = client.query(NAMES).await;
        assert_eq!(refused.code(), "POLICY_REFUSED");
        for code in ["cloud-act/REA-03", "transfer/TRF-14", "transfer/TRF-21"] {
            assert!(refused.text.contains(code), "{code}: {}", refused.text);
        }
    }

    async fn our_own_hosting_is_judged_like_a_recipient(app: TestApp) {
        app.contact("Ada", &[]).await;
        let (host, parent) = (company(&app, "Nuage SAS", "FR").await, company(&app, "Harbour Inc.", "US").await);
        let recipient = processor(&app, &company(&app, "Paris Mail SAS", "FR").await).await;
        let external = Hosting { external: Some(true), provider: Some("Nuage SAS".to_owned()), country: Some("FR".to_owned()),
            tool: Some(Tool { contract_until: Some(30_000), ..Tool::default() }), ..Hosting::default() };
        let elsewhere = app.process(Setup { hosting: external, ..Setup::default() }).await;
        let unsaid = app.process(Setup { hosting: Hosting::default(), ..Setup::default() }).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let client = app.client("sales", Some(&recipient)).await.for_purpose("sales");
        let codes = |answer: &Json| answer.to_string().matches("cloud-act/REA-").count();
        for asks in [&sales, &client] {
            let ours = asks.query(NAMES).await.ok();
            assert_eq!(codes(&ours.body), 0, "{}", ours.text);
            let there = asks.on(&elsewhere).query(NAMES).await.ok();
            assert_eq!(codes(&there.body), 0, "{}", there.text);
            let nowhere = asks.on(&unsaid).query(NAMES).await.ok();
            assert!(nowhere.text.contains("cloud-act/REA-10"), "{}", nowhere.text);
        }
        let write = "mutation { createContact(input: {lastName: \"Bea\", healthNote: \"asthma\"}) { id } }";
        owned(&app, &parent, &host, "2020-01-01").await;
        for asks in [&sales, &client] {
            let flagged = asks.on(&elsewhere).query(NAMES).await.ok();
            assert_eq!(flagged.texts("/contacts/nodes", "/lastName"), ["Ada"]);
            assert!(flagged.text.contains("cloud-act/REA-02"), "{}", flagged.text);
            let operand = asks.on(&elsewhere).query("{ contacts(filter: {healthNote: {eq: \"asthma\"}}) { totalCount } }").await;
            assert!(operand.text.contains("cloud-act/REA-02"), "withheld as an operand: {}", operand.text);
        }
        let refused = sales.on(&elsewhere).query(write).await;
        assert!(refused.code() == "POLICY_REFUSED" && refused.text.contains("cloud-act/REA-02"), "{}", refused.text);
        // Its contract is over: our own people read nothing there any more.
        let host_without = Hosting { external: Some(true), provider: Some("Nuage SAS".to_owned()), country: Some("FR".to_owned()), ..Hosting::default() };
        let without = app.process(Setup { hosting: host_without, ..Setup::default() }).await;
        assert_eq!(sales.on(&without).query(NAMES).await.error("/reason"), &json!("transfer/TRF-29"));
        // An order against the host: likewise.
        let order = "mutation($id: ID!) { updateLegalEntity(id: $id, input: {orderSince: \"2026-05-01\"}) { id } }";
        app.actor("dpo").await.send(order, json!({"id": host})).await.ok();
        assert_eq!(sales.on(&elsewhere).query(NAMES).await.error("/reason"), &json!("cloud-act/TRF-25"));
    }

    async fn software_of_others_on_our_machines_is_named_in_the_configuration(app: TestApp) {
        app.contact("Ada", &[]).await;
        company(&app, "Harbour Inc.", "US").await;
        let with = |telemetry: bool| {
            let harbour = Engaged { provider: "Harbour Inc.".to_owned(), role: Some("software".to_owned()), country: None,
                key_holder: None, plaintext_needed: None, licence_only: true, telemetry: Some(telemetry), tool: None };
            Setup { hosting: Hosting { chain: vec![harbour], ..Hosting::own() }, ..Setup::default() }
        };
        let sales = app.actor("sales").await.for_purpose("sales");
        for telemetry in [true, false] {
            let answer = sales.on(&app.process(with(telemetry)).await).query(NAMES).await.ok();
            assert_eq!(answer.text.contains("cloud-act/REA-08"), telemetry, "{}", answer.text);
        }
    }

    async fn the_registers_are_the_dpos(app: TestApp) {
        let sales = app.actor("sales").await;
        let create = "mutation { createLegalEntity(input: {name: \"Harbour Inc.\", country: \"US\"}) { id owners { nodes { percent } } } }";
        assert_eq!(sales.query(create).await.code(), "FORBIDDEN");
        app.actor("dpo").await.query(create).await.ok();
        let seen = sales.query("{ legalEntities { nodes { name country } } }").await.ok();
        assert_eq!(seen.data("/legalEntities/nodes"), &json!([{"name": "Harbour Inc.", "country": "US"}]));
    }
}
