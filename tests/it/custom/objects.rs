//! Objects that a tenant defines: records about a person, hidden with the person, erased with the person.

use garant_domain::value::Value;
use garant_service::ShippedPlugin;
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::{Effect, Node, Plan, Rule, Selector};
use garant_testkit::{TestApp, on_both_databases};
use serde_json::json;

use super::{define, field, members};

const VISIT: &str = "mutation { createCustomObject(reason: \"We receive people\", input: {name: \"visit\", plural: \"visits\", label: \"Visit\", labelFr: \"Visite\",
    about: \"contact\", fields: [
      {name: \"title\", label: \"Title\", type: TEXT, category: \"system.operations\", retention: \"business\", erasure: PRESERVE, required: true, searchable: 5, freeText: false},
      {name: \"mood\", label: \"Mood\", type: TEXT, category: \"user.behavior\", retention: \"contact\", erasure: NULLIFY},
      {name: \"cost\", label: \"Cost\", type: DECIMAL, category: \"system.operations\", retention: \"business\", erasure: PRESERVE},
      {name: \"hostId\", label: \"Host\", type: RELATION, relation: \"company\", category: \"system.operations\", retention: \"business\", erasure: PRESERVE}
    ]}) { version } }";

/// Erases, or makes anonymous, whoever lives in France.
fn sweeping(effect: Effect) -> ShippedPlugin {
    let when = vec![Node::Field("country"), Node::Text("FR"), Node::Eq];
    let rule = Rule { when, effect, target: vec![Selector::Row], code: "TST-01" };
    let mut guest = Guest { plan: Plan { rules: vec![rule], ..Plan::default() }, ..Guest::doing("") };
    guest.manifest.hooks = vec![3];
    guest.manifest.entities = vec!["contact".to_owned()];
    guest.manifest.fields = vec!["country".to_owned()];
    ShippedPlugin { id: "honest".to_owned(), bytes: guest.module(), signature: None }
}

on_both_databases! {
    async fn an_object_is_an_entity_like_all_others(app: TestApp) {
        let second = app.second_process().await;
        app.actor("admin").await.query(VISIT).await.ok();
        let (ada, bea) = (app.contact("Ada", &[]).await, app.contact("Bea", &[]).await);
        app.consent(&ada, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        let company = app.create("company", &[("name", Value::text("Acme"))]).await;
        let sales = app.actor("sales").await.for_purpose("sales").on(&second);
        let create = "mutation($inputs: [VisitCreateInput!]!) { createVisits(inputs: $inputs) { id version title contact { lastName } host { name } } }";
        let inputs = json!([
            { "title": "Spring fair", "contactId": ada, "mood": "merry", "cost": "10", "hostId": company },
            { "title": "Autumn fair", "contactId": bea, "mood": "grave", "cost": "5" },
            { "title": "Nobody came", "cost": "1" },
        ]);
        let made = sales.send(create, json!({ "inputs": inputs })).await.ok();
        assert_eq!(made.data("/createVisits/0/contact/lastName"), &json!("Ada"));
        assert_eq!(made.data("/createVisits/0/host/name"), &json!("Acme"));
        assert_eq!(sales.query("mutation { createVisit(input: {mood: \"x\"}) { id } }").await.code(), "BAD_USER_INPUT", "the title is required");
        let nested = "{ contacts(orderBy: [{lastName: AscNullsLast}]) { nodes { lastName visits(orderBy: [{cost: DescNullsLast}]) { totalCount nodes { title cost } } } }
            visits(filter: {contact: {lastName: {eq: \"Ada\"}}}) { nodes { title } aggregate { sum { cost } } }
            withVisits: contacts(filter: {visits: {some: {title: {startsWith: \"spring\"}}}}) { totalCount }
            companies { nodes { visits { nodes { title } } } } search(query: \"fair\") { totalCount } }";
        let all = sales.query(nested).await.ok();
        assert_eq!(all.data("/contacts/nodes/0/visits"), &json!({ "totalCount": 1, "nodes": [{ "title": "Spring fair", "cost": "10" }] }));
        assert_eq!(all.data("/visits"), &json!({ "nodes": [{ "title": "Spring fair" }], "aggregate": { "sum": { "cost": "10" } } }));
        assert_eq!((all.data("/withVisits/totalCount"), all.data("/search/totalCount")), (&json!(1), &json!(2)));
        assert_eq!(all.data("/companies/nodes/0/visits/nodes/0/title"), &json!("Spring fair"));

        // Bea is hidden from marketing, and so is her visit, alike for one that is not there.
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let seen = marketer.query("{ visits { totalCount nodes { title contact { lastName } } } }").await.ok();
        assert!(!seen.text.contains("Autumn") && seen.text.contains("Spring"), "{}", seen.text);
        let autumn = made.data("/createVisits/1/id").clone();
        let single = "query($id: ID!) { visit(id: $id) { title } visits(filter: {id: {eq: $id}}, orderBy: [{title: AscNullsLast}]) { totalCount } }";
        let before = app.store.statements();
        let hidden = marketer.send(single, json!({ "id": autumn })).await.ok();
        let statements = app.store.statements() - before;
        let before = app.store.statements();
        let absent = marketer.send(single, json!({ "id": garant_domain::clock::new_id() })).await.ok();
        assert_eq!((hidden.text, statements), (absent.text, app.store.statements() - before));
        assert_eq!(app.actor("sales").await.query("{ visits { totalCount } }").await.code(), "PURPOSE_REQUIRED");

        // Changed, put into the trash, taken out, and merged along with its person.
        let id = made.data("/createVisits/0/id").clone();
        let update = "mutation($id: ID!) { updateVisit(id: $id, expectedVersion: 1, input: {mood: null, cost: \"12\"}) { version mood cost title } }";
        assert_eq!(sales.send(update, json!({ "id": id })).await.ok().data("/updateVisit"), &json!({ "version": 2, "mood": null, "cost": "12", "title": "Spring fair" }));
        assert_eq!(sales.send(update, json!({ "id": id })).await.code(), "CONFLICT");
        sales.send("mutation($id: ID!) { deleteVisit(id: $id) { id } }", json!({ "id": id })).await.ok();
        assert_eq!(sales.query("{ visits { totalCount } }").await.ok().data("/visits/totalCount"), &json!(2));
        sales.send("mutation($id: ID!) { restoreVisit(id: $id) { id } }", json!({ "id": id })).await.ok();
        let merge = "mutation($into: ID!, $ids: [ID!]!) { mergeContacts(into: $into, ids: $ids) { moved { entity field count } } }";
        let merged = sales.send(merge, json!({ "into": bea, "ids": [ada] })).await.ok();
        let visit = json!({ "entity": "visit", "field": "contactId", "count": 1 });
        assert!(merged.data("/mergeContacts/moved").as_array().is_some_and(|moved| moved.contains(&visit)), "{}", merged.text);
        let moved = sales.query("{ contacts { nodes { lastName visits { totalCount } } } }").await.ok();
        assert_eq!(moved.data("/contacts/nodes"), &json!([{ "lastName": "Bea", "visits": { "totalCount": 2 } }]));
        app.actor("admin").await.query("mutation { deactivateCustomObject(name: \"visit\", reason: \"x\") { version } }").await.ok();
        assert!(!members(&sales, "Query").await.contains(&"visits".to_owned()));
        assert!(!members(&sales, "Contact").await.contains(&"visits".to_owned()));
    }

    async fn what_is_the_tenants_own_goes_with_the_person(app: TestApp) {
        for (name, effect) in [("erase", Effect::Erase), ("anonymise", Effect::Anonymise), ("sleep", Effect::MakeDormant)] {
            let app = TestApp::start_with(app.database.backend(), vec![sweeping(effect)]).await;
            app.actor("admin").await.query(VISIT).await.ok();
            define(&app, field("nickname", "TEXT", json!({ "searchable": 5 }))).await;
            define(&app, field("motto", "TEXT", json!({}))).await;
            let ada = app.contact("Ada", &[]).await;
            let bea = app.contact("Bea", &[("country", Value::text("DE"))]).await;
            let sales = app.actor("sales").await.for_purpose("sales");
            for id in [&ada, &bea] {
                let write = "mutation($id: ID!) { updateContact(id: $id, input: {nickname: \"Zebulon\", motto: \"Quagmire\"}) { id }
                    createVisit(input: {title: \"Fair\", mood: \"Xanthous\", contactId: $id}) { id } }";
                sales.send(write, json!({ "id": id })).await.ok();
            }
            // Out of use is not out of reach of the law.
            app.actor("admin").await.query("mutation { deactivateCustomField(entity: \"contact\", name: \"motto\", reason: \"x\") { version } }").await.ok();
            app.service.sweep_now("a test").await.expect("a sweep");
            let values = |dump: &str, word: &str| dump.matches(word).count();
            let dump = rows(&app).await;
            // One of each is left: Bea's, who lives in Germany.
            assert_eq!((values(&dump, "Zebulon"), values(&dump, "Quagmire"), values(&dump, "Xanthous")), (1, 1, 1), "{name}: {dump}");
            let left = sales.query("{ contacts { nodes { lastName nickname visits { nodes { mood } } } } search(query: \"zebulon\") { totalCount } }").await.ok();
            assert!(left.text.contains("\"nickname\":\"Zebulon\",\"visits\":{\"nodes\":[{\"mood\":\"Xanthous\"}]}"), "{}", left.text);
            assert_eq!(left.data("/search/totalCount"), &json!(1), "{name}");
            if name == "sleep" {
                app.service.wake_person(&dpo(), &ada, "They wrote to us").await.expect("awake");
                let dump = rows(&app).await;
                assert_eq!((values(&dump, "Zebulon"), values(&dump, "Quagmire"), values(&dump, "Xanthous")), (2, 2, 2), "{dump}");
            }
        }
    }
}

fn dpo() -> garant_service::Caller {
    garant_service::Caller {
        tenant: garant_testkit::TENANT.to_owned(),
        actor: garant_domain::context::Actor { id: "dpo".to_owned(), role: "dpo".to_owned(), country: None },
        name: "dpo".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    }
}

/// Every custom value that lies in the database.
async fn rows(app: &TestApp) -> String {
    app.database
        .texts("SELECT entity || ' ' || field || ' ' || coalesce(text_value, '') FROM custom_value ORDER BY 1")
        .await
        .join("\n")
}
