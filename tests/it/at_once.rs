//! What takes a person away from a purpose does so with the next access, at every reading door: there is no
//! copy of a decision that could outlive it.

use garant_domain::value::Value;
use garant_service::{Attempt, AttemptOutcome, Caller, ExportFormat, ExportRequest, UnitRequest};
use garant_testkit::{Actor, TENANT, TestApp, on_both_databases};
use serde_json::{Value as Json, json};

const SECRET: &str = "ada@example.org";

struct House {
    app: TestApp,
    ada: String,
    deal: String,
    company: String,
    recipient: String,
    marketer: Actor,
}

/// Ada of Acme has a deal, consented, and is seen by a marketer of a recipient in France.
async fn house(app: TestApp) -> House {
    let company = app.create("company", &[("name", Value::text("Acme"))]).await;
    let ada = app.contact("Ada", &[("email", Value::text(SECRET)), ("company_id", Value::text(company.clone()))]).await;
    let deal = app.create("deal", &[("name", Value::text("Boat")), ("contact_id", Value::text(ada.clone()))]).await;
    app.consent(&ada, "marketing", "email", "given", "2026-04-01T10:00:00Z").await;
    let recipient = app
        .create(
            "recipient",
            &[
                ("name", Value::text("Mailer")),
                ("role", Value::text("processor")),
                ("country", Value::text("FR")),
                // 2030-01-01.
                ("contract_until", Value::Date(21_915)),
                ("purposes", Value::text("marketing")),
            ],
        )
        .await;
    let marketer = app.client("marketing", Some(&recipient)).await.for_purpose("marketing").through("email");
    House { app, ada, deal, company, recipient, marketer }
}

/// At how many doors Ada is seen, and at how many she could be.
async fn seen(house: &House) -> (usize, usize) {
    let House { app, ada, deal, company, marketer, .. } = house;
    let queries = [
        ("{ contacts { nodes { email } } }", "", "/contacts/nodes/0/email"),
        ("query($id: ID!) { contact(id: $id) { email } }", ada, "/contact/email"),
        ("query($id: ID!) { deal(id: $id) { contact { email } } }", deal, "/deal/contact/email"),
        (
            "query($id: ID!) { company(id: $id) { contacts { nodes { email } } } }",
            company,
            "/company/contacts/nodes/0/email",
        ),
        ("{ contacts(filter: {email: {eq: \"ada@example.org\"}}) { totalCount } }", "", "/contacts/totalCount"),
        ("{ contacts(first: 0) { aggregate { count } } }", "", "/contacts/aggregate/count"),
        ("{ contactGroupBy(by: [country]) { aggregate { count } } }", "", "/contactGroupBy/0/aggregate/count"),
        ("{ contacts(search: \"ada\") { nodes { email } } }", "", "/contacts/nodes/0/email"),
        ("{ search(query: \"ada\") { totalCount } }", "", "/search/totalCount"),
    ];
    let mut seen = 0;
    for (query, id, found) in queries {
        let answer = marketer.send(query, json!({ "id": id })).await;
        let found = answer.data(found);
        seen += usize::from(*found == json!(SECRET) || found.as_i64().is_some_and(|count| count > 0));
        assert!(found.as_i64() != Some(0) || !answer.text.contains(SECRET), "{}", answer.text);
    }
    let request = ExportRequest {
        entity: "contact".to_owned(),
        columns: vec![("email".to_owned(), "email".to_owned())],
        filter: None,
        format: ExportFormat::Csv,
        unit: UnitRequest { purposes: vec!["marketing".to_owned()], channel: Some("email".to_owned()) },
        recipient: Some(house.recipient.clone()),
    };
    let caller = Caller {
        tenant: TENANT.to_owned(),
        actor: garant_domain::context::Actor { id: "walker".to_owned(), role: "dpo".to_owned(), country: None },
        name: "walker".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    };
    let mut text = String::new();
    if let Ok(mut export) = app.service.export(&caller, request).await {
        while let Ok(Some(bytes)) = export.next().await {
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    (seen + usize::from(text.contains(SECRET)), queries.len() + 1)
}

async fn all_then_none(house: &House, what: impl AsyncFnOnce(&House)) {
    let service = &house.app.service;
    let told = subscribed(house).await;
    assert!(told.event == "created" && told.body.contains(SECRET), "{}", told.body);
    service.settle_attempt(&told, AttemptOutcome::Taken { status: 200 }).await.expect("settled");
    let (before, doors) = seen(house).await;
    assert_eq!(before, doors, "seen at every door");
    what(house).await;
    assert_eq!(seen(house).await.0, 0, "and then at none");
    // The subscriber is told that it sees her no longer, once, and by id alone.
    service.fan_out_changes().await.expect("fanned out");
    service.sweep_views().await.expect("swept");
    let last = service.next_attempt().await.expect("an attempt").expect("something to tell");
    assert!(
        last.event == "access_ended" && last.body.contains(&house.ada) && !last.body.contains(SECRET),
        "{}",
        last.body
    );
    service.settle_attempt(&last, AttemptOutcome::Taken { status: 200 }).await.expect("settled");
    assert!(service.next_attempt().await.expect("no attempt").is_none());
}

/// What a subscriber of the recipient is first told.
async fn subscribed(house: &House) -> Attempt {
    let create = "mutation($to: ID!) { createWebhook(input: {name: \"m\", url: \"https://example.org/hook\", entity: \"contact\",
        fields: [\"email\"], purpose: \"marketing\", channel: \"email\", recipient: $to, role: \"marketing\"}) { webhook { id } } }";
    let dpo = house.app.actor("dpo").await;
    dpo.send(create, json!({ "to": house.recipient })).await.ok();
    let sales = house.app.actor("sales").await.for_purpose("sales");
    let change = "mutation($id: ID!) { updateContact(id: $id, input: {city: \"Paris\"}) { id } }";
    sales.send(change, json!({ "id": house.ada })).await.ok();
    house.app.service.fan_out_changes().await.expect("fanned out");
    house.app.service.next_attempt().await.expect("an attempt").expect("something to tell")
}

async fn say(house: &House, command: &str, input: &str, said: Json) {
    let sales = house.app.actor("sales").await.for_purpose("sales");
    let query = format!("mutation($input: {input}!) {{ {command}(input: $input) {{ recorded }} }}");
    sales.send(&query, json!({ "input": said })).await.ok();
}

on_both_databases! {
    async fn a_withdrawal(app: TestApp) {
        let house = house(app).await;
        all_then_none(&house, async |house| {
            say(house, "withdrawConsent", "WithdrawConsentInput", json!({ "contactId": house.ada, "purpose": "marketing" })).await;
        }).await;
    }

    async fn an_objection_by_address(app: TestApp) {
        let house = house(app).await;
        all_then_none(&house, async |house| {
            say(house, "object", "ObjectInput", json!({ "email": "ADA@example.org", "purpose": "marketing" })).await;
        }).await;
    }

    async fn a_restriction(app: TestApp) {
        let house = house(app).await;
        all_then_none(&house, async |house| {
            let sales = house.app.actor("sales").await.for_purpose("sales");
            let restrict = "mutation($id: ID!) { updateContact(id: $id, input: {restricted: true, restrictedAt: \"2026-05-01T10:00:00Z\"}) { id } }";
            sales.send(restrict, json!({ "id": house.ada })).await.ok();
        }).await;
    }

    async fn a_contract_that_ended(app: TestApp) {
        let house = house(app).await;
        all_then_none(&house, async |house| {
            let end = "mutation($id: ID!) { updateRecipient(id: $id, input: {contractUntil: \"2026-04-30\"}) { id } }";
            house.app.actor("dpo").await.send(end, json!({ "id": house.recipient })).await.ok();
        }).await;
    }

    async fn an_owner_that_changed(app: TestApp) {
        let house = house(app).await;
        let company = |name: &str, country: &str| vec![("name", Value::text(name)), ("country", Value::text(country)), ("activity", Value::text("computing"))];
        let mailer = house.app.create("legal_entity", &company("Mailer", "FR")).await;
        let group = house.app.create("legal_entity", &company("Beijing Group", "CN")).await;
        let dpo = house.app.actor("dpo").await;
        let who = "mutation($id: ID!, $who: ID!) { updateRecipient(id: $id, input: {legalEntityId: $who}) { id } }";
        dpo.send(who, json!({ "id": house.recipient, "who": mailer })).await.ok();
        all_then_none(&house, async |house| {
            let shares = [("owner_id", Value::text(group)), ("owned_id", Value::text(mailer)), ("percent", Value::Decimal(1_000_000))];
            house.app.create("ownership", &shares).await;
        }).await;
    }

    async fn what_reaches_a_person_is_refused_from_the_withdrawal_on(app: TestApp) {
        let house = house(app).await;
        let dpo = house.app.actor("dpo").await.for_purpose("sales");
        let send = "mutation($id: ID!, $kind: String!, $channel: String, $purpose: String) { createActivity(input: {contactId: $id, kind: $kind, direction: \"outbound\",
            subjectLine: \"Spring offers\", purpose: $purpose, channel: $channel}) { id purpose channel } }";
        let mail = json!({ "id": house.ada, "kind": "email", "purpose": "marketing" });
        let sent = dpo.send(send, mail.clone()).await.ok();
        assert_eq!(sent.data("/createActivity/channel"), &json!("email"), "the channel follows from the kind");
        say(&house, "withdrawConsent", "WithdrawConsentInput", json!({ "contactId": house.ada, "purpose": "marketing" })).await;
        let refused = dpo.send(send, mail).await;
        assert_eq!((refused.code(), refused.error("/reason")), ("POLICY_REFUSED", &json!("consent/CNS-05")), "{}", refused.text);
        // The request's own purpose is another matter, and is what an activity carries that names none.
        let sales = house.app.actor("sales").await.for_purpose("sales");
        let own = sales.send(send, json!({ "id": house.ada, "kind": "email" })).await.ok();
        assert_eq!(own.data("/createActivity/purpose"), &json!("sales"));
        let foreign = sales.send(send, json!({ "id": house.ada, "kind": "email", "purpose": "marketing" })).await;
        assert_eq!((foreign.code(), foreign.error("/field")), ("FORBIDDEN", &json!("input.purpose")), "{}", foreign.text);
        let unsaid = sales.send(send, json!({ "id": house.ada, "kind": "campaign" })).await;
        assert_eq!((unsaid.code(), unsaid.error("/field")), ("BAD_USER_INPUT", &json!("input.channel")), "{}", unsaid.text);
        // Turning a note into a call is no way round.
        let note = "mutation($id: ID!) { createActivity(input: {contactId: $id, kind: \"note\", subjectLine: \"n\", purpose: \"marketing\", channel: \"call\"}) { id } }";
        let id = dpo.send(note, json!({ "id": house.ada })).await.ok().data("/createActivity/id").clone();
        let turned = dpo.send("mutation($id: ID!) { updateActivity(id: $id, input: {kind: \"call\", direction: \"outbound\"}) { id } }", json!({ "id": id })).await;
        assert_eq!(turned.code(), "POLICY_REFUSED", "{}", turned.text);
        // An objection at the same instant as a sending wins as well.
        say(&house, "object", "ObjectInput", json!({ "contactId": house.ada, "purpose": "marketing" })).await;
        let refused = dpo.send(send, json!({ "id": house.ada, "kind": "campaign", "purpose": "marketing", "channel": "email" })).await;
        assert!(refused.text.contains("consent/CNS-19"), "{}", refused.text);
    }
}
