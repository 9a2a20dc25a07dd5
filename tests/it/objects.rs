//! The objects of a sales team beside contact, company and deal: leads and what becomes of them,
//! pipelines, products and lines, several addresses and people, tags. All of them are data of the
//! catalogue; the rules of the person reach each of them.

use garant_domain::value::Value;
use garant_testkit::{TestApp, on_both_databases};
use serde_json::{Value as Json, json};

/// A lead about a new contact of this name; answers the contact and the lead.
async fn lead(app: &TestApp, last_name: &str) -> (String, String) {
    let contact = app.contact(last_name, &[]).await;
    let lead = app
        .create(
            "lead",
            &[
                ("title", Value::text("Twelve seats")),
                ("estimated_value", Value::Decimal(12_500_000)),
                ("contact_id", Value::text(contact.clone())),
            ],
        )
        .await;
    (contact, lead)
}

const CONVERT: &str = "mutation($id: ID!, $deal: DealUpdateInput, $version: Int) {
    convertLead(id: $id, deal: $deal, expectedVersion: $version) { id name amount currency probability contact { lastName } } }";

on_both_databases! {
    async fn a_lead_becomes_a_deal_once(app: TestApp) {
        let (_, id) = lead(&app, "Petit").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let deal = sales.send(CONVERT, json!({ "id": id, "deal": { "probability": 40 } })).await.ok();
        let expected = json!({ "name": "Twelve seats", "amount": "1250", "currency": "EUR", "probability": 40, "contact": { "lastName": "Petit" } });
        let mut shown = deal.data("/convertLead").clone();
        let deal = shown.as_object_mut().and_then(|deal| deal.remove("id")).expect("an id");
        assert_eq!(shown, expected);
        let read = "query($id: ID!) { lead(id: $id) { status version convertedAt deal { id } } deals { totalCount } }";
        let after = sales.send(read, json!({ "id": id })).await.ok();
        assert_eq!(after.data("/lead/status"), &json!("converted"));
        assert_eq!(after.data("/lead/deal/id"), &deal);
        assert!(after.data("/lead/convertedAt").is_string());
        let again = sales.send(CONVERT, json!({ "id": id })).await;
        assert_eq!((again.code(), again.error("/field")), ("CONFLICT", &json!("id")));
        let after = sales.send(read, json!({ "id": id })).await.ok();
        assert_eq!((after.data("/deals/totalCount"), after.data("/lead/version")), (&json!(1), &json!(2)));
    }

    async fn a_conversion_that_fails_leaves_nothing(app: TestApp) {
        let (_, id) = lead(&app, "Petit").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let stale = sales.send(CONVERT, json!({ "id": id, "version": 7 })).await;
        assert_eq!(stale.code(), "CONFLICT");
        let wrong = sales.send(CONVERT, json!({ "id": id, "deal": { "stage": "nowhere" } })).await;
        assert_eq!((wrong.code(), wrong.error("/field")), ("BAD_USER_INPUT", &json!("deal.stage")));
        let nobody = "0190a5f0-0000-7000-8000-000000000000";
        let dangling = sales.send(CONVERT, json!({ "id": id, "deal": { "companyId": nobody } })).await;
        assert_eq!((dangling.code(), dangling.error("/field")), ("NOT_FOUND", &json!("deal.companyId")));
        let after = sales.send("query($id: ID!) { lead(id: $id) { status version } deals { totalCount } }", json!({ "id": id })).await.ok();
        assert_eq!(after.data("/lead"), &json!({ "status": "new", "version": 1 }));
        assert_eq!(after.data("/deals/totalCount"), &json!(0));
    }

    async fn a_lead_of_somebody_hidden_is_absent(app: TestApp) {
        let (contact, id) = lead(&app, "Petit").await;
        app.consent(&contact, "sales", "any", "objected", "2026-04-01T10:00:00Z").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let convert = |id: String| {
            let sales = sales.clone();
            let app = &app;
            async move {
                let before = app.store.statements();
                let answer = sales.send(CONVERT, json!({ "id": id })).await;
                (answer.text.clone(), app.store.statements() - before)
            }
        };
        let hidden = convert(id.clone()).await;
        let absent = convert("0190a5f0-0000-7000-8000-000000000000".to_owned()).await;
        assert!(hidden.0.contains("NOT_FOUND"), "{}", hidden.0);
        assert_eq!(hidden, absent);
        assert_eq!(sales.query("{ leads { totalCount } }").await.ok().data("/leads/totalCount"), &json!(0));
    }

    async fn a_pipeline_has_ordered_stages_and_a_deal_its_lines(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales");
        let made = sales.query("mutation { createPipeline(input: {key: \"direct\", name: \"Direct sales\"}) { id } createProduct(input: {code: \"S-1\", name: \"Seat\", unitPrice: \"19.9\"}) { id currency } }").await.ok();
        let (pipeline, product) = (made.data("/createPipeline/id").clone(), made.data("/createProduct/id").clone());
        let stages = "mutation($p: ID!) { createPipelineStages(inputs: [{pipelineId: $p, name: \"Won\", position: 3, outcome: \"won\", probability: 100},
            {pipelineId: $p, name: \"First call\", position: 1, probability: 10}]) { id name } }";
        let stages = sales.send(stages, json!({ "p": pipeline })).await.ok();
        let first = stages.data("/createPipelineStages/1/id").clone();
        let deal = "mutation($p: ID!, $s: ID!) { createDeal(input: {name: \"Big\", pipelineId: $p, pipelineStageId: $s, expectedCloseOn: \"2026-07-01\"}) { id } }";
        let deal = sales.send(deal, json!({ "p": pipeline, "s": first })).await.ok().data("/createDeal/id").clone();
        let line = "mutation($d: ID!, $p: ID!) { createDealLine(input: {dealId: $d, productId: $p, quantity: \"2.5\", unitPrice: \"19.9\"}) { id } }";
        sales.send(line, json!({ "d": deal, "p": product })).await.ok();
        let read = "{ pipelines(first: 5) { nodes { name stages(first: 9, orderBy: [{position: AscNullsLast}]) { nodes { name outcome deals(first: 5) { nodes { name lines(first: 5) { nodes { quantity product { name unitPrice } } } } } } } } } }";
        let read = sales.query(read).await.ok();
        assert_eq!(read.texts("/pipelines/nodes/0/stages/nodes", "/name"), ["First call", "Won"]);
        assert_eq!(
            read.data("/pipelines/nodes/0/stages/nodes/0/deals/nodes/0"),
            &json!({ "name": "Big", "lines": { "nodes": [{ "quantity": "2.5", "product": { "name": "Seat", "unitPrice": "19.9" } }] } })
        );
        let twice = sales.query("mutation { createProduct(input: {code: \"S-1\", name: \"Another\"}) { id } }").await;
        assert_eq!((twice.code(), twice.error("/field")), ("CONFLICT", &json!("input.code")));
    }

    async fn further_addresses_and_people_follow_the_rules_of_the_person(app: TestApp) {
        let (ada, bea) = (app.contact("Ada", &[]).await, app.contact("Bea", &[]).await);
        for (contact, email) in [(&ada, "x@example.org"), (&bea, "y@example.org")] {
            let values = [("contact_id", Value::text(contact.clone())), ("email", Value::text(email))];
            app.create("contact_email", &values).await;
        }
        let deal = app.create("deal", &[("name", Value::text("Shared"))]).await;
        for contact in [&ada, &bea] {
            let values = [("contact_id", Value::text(contact.clone())), ("deal_id", Value::text(deal.clone())), ("role", Value::text("buyer"))];
            app.create("deal_contact", &values).await;
        }
        app.consent(&ada, "marketing", "call", "given", "2026-03-01T10:00:00Z").await;
        app.consent(&bea, "sales", "any", "objected", "2026-04-01T10:00:00Z").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let read = "{ contactEmails { totalCount nodes { email } } deals { nodes { participants { totalCount nodes { role contact { lastName } } } } } }";
        let read = sales.query(read).await.ok();
        assert_eq!(read.data("/contactEmails"), &json!({ "totalCount": 1, "nodes": [{ "email": "x@example.org" }] }));
        let participants = json!({ "totalCount": 1, "nodes": [{ "role": "buyer", "contact": { "lastName": "Ada" } }] });
        assert_eq!(read.data("/deals/nodes/0/participants"), &participants);
        // Marketing may call Ada, not write: each field is masked by its own channel, here as on the contact.
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let masked = marketer.query("{ contactEmails { nodes { email policy { masked { field code } } } } }").await.ok();
        assert_eq!(masked.data("/contactEmails/nodes"), &json!([{ "email": Json::Null, "policy": { "masked": [{ "field": "email", "code": "CNS-09" }] } }]));
    }

    async fn a_tag_on_a_person_is_absent_when_the_person_is(app: TestApp) {
        let (ada, bea) = (app.contact("Ada", &[]).await, app.contact("Bea", &[]).await);
        let company = app.create("company", &[("name", Value::text("Acme"))]).await;
        let tag = app.create("tag", &[("name", Value::text("Fair 2026"))]).await;
        for (field, id) in [("contact_id", &ada), ("contact_id", &bea), ("company_id", &company)] {
            app.create("tagging", &[("tag_id", Value::text(tag.clone())), (field, Value::text(id.clone()))]).await;
        }
        app.consent(&bea, "sales", "any", "objected", "2026-04-01T10:00:00Z").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let read = "{ tags { nodes { name taggings { totalCount nodes { contact { lastName } company { name } } } } } tagged: contacts(filter: {taggings: {some: {tag: {name: {eq: \"Fair 2026\"}}}}}) { nodes { lastName } } }";
        let read = sales.query(read).await.ok();
        assert_eq!(read.data("/tags/nodes/0/taggings/totalCount"), &json!(2));
        assert_eq!(read.texts("/tagged/nodes", "/lastName"), ["Ada"]);
    }
}
