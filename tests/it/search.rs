//! Searching: every word in some shown field of a record that may be seen, the best found first; and
//! neither what is found nor its rank, count, place or error tells of what is hidden or masked.

use garant_domain::value::Value;
use garant_testkit::{Actor, TestApp, on_both_databases};
use serde_json::json;

async fn sales(app: &TestApp) -> Actor {
    app.actor("sales").await.for_purpose("sales")
}

/// A marketer who reaches people by e-mail; Ada and Cleo consented, Bea withdrew.
async fn marketer(app: &TestApp) -> Actor {
    app.actor("marketing").await.for_purpose("marketing").through("email")
}

async fn consenting(app: &TestApp, name: &str, more: &[(&str, Value)], state: &str) -> String {
    let id = app.contact(name, more).await;
    app.consent(&id, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
    if state != "given" {
        app.consent(&id, "marketing", "email", state, "2026-02-01T10:00:00Z").await;
    }
    id
}

const LIST: &str = "query($text: String, $first: Int, $after: String) {
    contacts(search: $text, first: $first, after: $after) { edges { cursor node { lastName } } pageInfo { hasNextPage endCursor } totalCount } }";

const ALL: &str = "query($text: String!, $first: Int, $after: String, $entities: [SearchEntity!]) {
    search(query: $text, first: $first, after: $after, entities: $entities) {
        edges { cursor node { entity id rank contact { lastName email company { name } } company { name } deal { name } } }
        pageInfo { hasNextPage endCursor } totalCount } }";

on_both_databases! {
    async fn a_list_is_searched_and_ranked(app: TestApp) {
        let acme = app.create("company", &[("name", Value::text("Lovelace & Sons")), ("website", Value::text("https://www.lovelace.example"))]).await;
        app.contact("Lovelace", &[("first_name", Value::text("Ada")), ("company_id", Value::text(acme.clone()))]).await;
        app.contact("Byron", &[("first_name", Value::text("Ada")), ("city", Value::text("Lovelace Hills"))]).await;
        app.contact("Éluard", &[("phone", Value::text("+33 1 23 45 67 89"))]).await;
        let sales = sales(&app).await;
        let names = async |text: &str| {
            let answer = sales.send(LIST, json!({ "text": text })).await.ok();
            let names = answer.texts("/contacts/edges", "/node/lastName");
            assert_eq!(answer.data("/contacts/totalCount"), &json!(names.len()), "{text}");
            names
        };
        assert_eq!(names("ada lovelace").await, ["Lovelace", "Byron"]);
        assert_eq!(names("LOVE").await, ["Lovelace", "Byron"]);
        assert_eq!(names("eluard").await, ["Éluard"]);
        assert_eq!(names("01 23 45 67 89").await, ["Éluard"]);
        assert_eq!(names("byron@example.org").await, ["Byron"]);
        assert_eq!(names("ada zola").await, Vec::<String>::new());
        assert_eq!(names("  ").await.len(), 3, "an empty box is no search");
        let ordered = "{ contacts(search: \"ada\", orderBy: [{lastName: AscNullsLast}]) { nodes { lastName } aggregate { count } } }";
        let answer = sales.query(ordered).await.ok();
        assert_eq!(answer.texts("/contacts/nodes", "/lastName"), ["Byron", "Lovelace"]);
        assert_eq!(answer.data("/contacts/aggregate/count"), &json!(2));
        let nested = sales.send("query($id: ID!) { company(id: $id) { contacts(search: \"ada\") { totalCount nodes { lastName } } none: contacts(search: \"byron\") { totalCount } } }", json!({ "id": acme })).await.ok();
        assert_eq!(nested.texts("/company/contacts/nodes", "/lastName"), ["Lovelace"]);
        assert_eq!(nested.data("/company/none/totalCount"), &json!(0));
        let searched = &answer.body["extensions"]["policy"]["searched"];
        assert_eq!(searched[0]["entity"], "contact");
        assert!(searched[0]["fields"].as_array().is_some_and(|fields| fields.contains(&json!("lastName"))), "{searched}");
        for text in ["--", &"x".repeat(300), "a b c d e f g h i j"] {
            let wrong = sales.send(LIST, json!({ "text": text })).await;
            assert_eq!((wrong.code(), wrong.error("/field")), ("BAD_USER_INPUT", &json!("search")), "{}", wrong.text);
            assert!(wrong.error("/remedy").is_string() && !wrong.text.contains("xxx"), "{}", wrong.text);
        }
    }

    async fn a_search_is_read_page_by_page(app: TestApp) {
        for index in 0..5 {
            app.contact(&format!("Ada{index}"), &[("first_name", Value::text(if index == 3 { "Ada" } else { "Test" }))]).await;
        }
        let sales = sales(&app).await;
        for (query, list) in [(LIST, "/contacts"), (ALL, "/search")] {
            let whole = sales.send(query, json!({ "text": "ada" })).await.ok();
            let cursors = whole.texts(&format!("{list}/edges"), "/cursor");
            assert_eq!((cursors.len(), whole.data(&format!("{list}/totalCount"))), (5, &json!(5)));
            let (mut seen, mut after) = (vec![], json!(null));
            loop {
                let page = sales.send(query, json!({ "text": "ada", "first": 2, "after": after })).await.ok();
                seen.extend(page.texts(&format!("{list}/edges"), "/cursor"));
                after = page.data(&format!("{list}/pageInfo/endCursor")).clone();
                if page.data(&format!("{list}/pageInfo/hasNextPage")) == &json!(false) {
                    break;
                }
            }
            assert_eq!(seen, cursors);
            let other = sales.send(query, json!({ "text": "test", "after": after })).await;
            assert_eq!((other.code(), other.error("/field")), ("BAD_USER_INPUT", &json!("after")), "{}", other.text);
        }
        let back = sales.query("{ contacts(search: \"ada\", last: 2) { nodes { lastName } } }").await.ok();
        assert_eq!(back.texts("/contacts/nodes", "/lastName"), ["Ada2", "Ada4"]);
    }

    async fn several_entities_are_searched_at_once(app: TestApp) {
        let acme = app.create("company", &[("name", Value::text("Acme Boats"))]).await;
        app.contact("Boats", &[("company_id", Value::text(acme))]).await;
        app.create("deal", &[("name", Value::text("Boat for Ada"))]).await;
        let sales = sales(&app).await;
        let answer = sales.send(ALL, json!({ "text": "boat" })).await.ok();
        let edges = answer.data("/search/edges").as_array().expect("edges").clone();
        assert_eq!(edges.len(), 3, "{}", answer.text);
        let entities = answer.texts("/search/edges", "/node/entity");
        assert_eq!(entities, ["contact", "deal", "company"], "two fields, a whole word, the beginning of one");
        assert_eq!(edges[1]["node"]["deal"], json!({ "name": "Boat for Ada" }));
        let of = |entity: &str| edges.iter().find(|edge| edge["node"]["entity"] == entity).expect("an edge")["node"].clone();
        assert_eq!(of("contact")["contact"], json!({ "lastName": "Boats", "email": "boats@example.org", "company": { "name": "Acme Boats" } }));
        assert_eq!((&of("company")["company"], &of("company")["contact"]), (&json!({ "name": "Acme Boats" }), &json!(null)));
        let one = sales.send(ALL, json!({ "text": "boat", "entities": ["deal"] })).await.ok();
        assert_eq!(one.data("/search/totalCount"), &json!(1));
        let nobody = app.actor("sales").await.send(ALL, json!({ "text": "boat" })).await;
        assert_eq!(nobody.code(), "PURPOSE_REQUIRED", "{}", nobody.text);
        let companies = app.actor("sales").await.send(ALL, json!({ "text": "boat", "entities": ["company"] })).await.ok();
        assert_eq!(companies.data("/search/totalCount"), &json!(1), "nobody's data needs no purpose");
        for (variables, field) in [
            (json!({ "text": " " }), "query"),
            (json!({ "text": "x", "entities": [] }), "entities"),
            (json!({ "text": "x", "first": -1 }), "first"),
        ] {
            let wrong = sales.send(ALL, variables).await;
            assert_eq!((wrong.code(), wrong.error("/field")), ("BAD_USER_INPUT", &json!(field)), "{}", wrong.text);
        }
    }

    /// Everything that a search tells, before and after somebody hidden is there who would be found
    /// first, between the others, and last.
    async fn the_hidden_change_nothing(app: TestApp) {
        consenting(&app, "Ada", &[("city", Value::text("Boatville"))], "given").await;
        consenting(&app, "Boat", &[], "given").await;
        let marketer = marketer(&app).await;
        let first = marketer.send(LIST, json!({ "text": "boat", "first": 1 })).await.ok();
        let after = first.data("/contacts/pageInfo/endCursor").clone();
        let asked = [
            (LIST, json!({ "text": "boat" })),
            (LIST, json!({ "text": "boat", "first": 1 })),
            (LIST, json!({ "text": "boat", "first": 1, "after": after })),
            (LIST, json!({ "text": "bea" })),
            (LIST, json!({ "text": "bea@hidden.example" })),
            (ALL, json!({ "text": "boat" })),
            (ALL, json!({ "text": "boat", "first": 1, "entities": ["contact"] })),
            (ALL, json!({ "text": "bea", "entities": ["contact"] })),
            ("{ contacts(search: \"boat\") { aggregate { count max { collectedAt } } } }", json!({})),
            ("{ contacts(search: \"boat\", orderBy: [{lastName: DescNullsLast}]) { nodes { lastName } } }", json!({})),
        ];
        let ask = async || {
            let mut answers = vec![];
            for (query, variables) in &asked {
                let before = app.store.statements();
                let answer = marketer.send(query, variables.clone()).await.ok();
                answers.push((variables.clone(), answer.text, app.store.statements() - before));
            }
            answers
        };
        let without = ask().await;
        for name in ["Bea", "Boat", "Boatswain"] {
            // Nobody shares an address with them: what they withdrew is theirs alone.
            let email = Value::text(format!("{name}@hidden.example"));
            let more = [("city", Value::text("Boat")), ("first_name", Value::text("Boat")), ("email", email)];
            consenting(&app, name, &more, "withdrawn").await;
        }
        for (with, without) in ask().await.into_iter().zip(without) {
            assert_eq!(with, without);
        }
        let sales = sales(&app).await;
        assert_eq!(sales.send(LIST, json!({ "text": "boat" })).await.ok().data("/contacts/totalCount"), &json!(5));
    }

    async fn what_is_masked_is_not_found(app: TestApp) {
        // Through any channel: the phone is masked row by row, where there is no consent to calls.
        let phone = [("phone", Value::text("+33 1 23 45 67 89"))];
        consenting(&app, "Ada", &phone, "given").await;
        let cleo = consenting(&app, "Cleo", &phone, "given").await;
        app.consent(&cleo, "marketing", "call", "given", "2026-01-10T10:00:00Z").await;
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let found = marketer.send(LIST, json!({ "text": "0123456789" })).await.ok();
        assert_eq!(found.texts("/contacts/edges", "/node/lastName"), ["Cleo"]);
        assert_eq!(found.data("/contacts/totalCount"), &json!(1));
        let all = marketer.send(ALL, json!({ "text": "0123456789", "entities": ["contact"] })).await.ok();
        assert_eq!(all.data("/search/totalCount"), &json!(1));
        // A note that a policy looks at is not searched, whatever stands in it.
        let deal = [("name", Value::text("Boat")), ("note", Value::text("loves Paris")), ("contact_id", Value::text(cleo))];
        app.create("deal", &deal).await;
        let query = "query($text: String) { deals(search: $text) { totalCount } }";
        for (text, count) in [("boat", 1), ("paris", 0), ("boat paris", 0)] {
            let answer = sales(&app).await.send(query, json!({ "text": text })).await.ok();
            assert_eq!(answer.data("/deals/totalCount"), &json!(count), "{text}");
            let searched = answer.body["extensions"]["policy"]["searched"][0]["fields"].clone();
            assert_eq!(searched, json!(["name", "product", "ownerName"]));
        }
    }

    async fn changes_are_found_at_once_and_the_trash_apart(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        let sales = sales(&app).await;
        let count = async |text: &str, trashed: bool| {
            let query = "query($text: String, $trashed: Boolean) { contacts(search: $text, trashed: $trashed) { totalCount } }";
            sales.send(query, json!({ "text": text, "trashed": trashed })).await.ok().data("/contacts/totalCount").clone()
        };
        sales.send("mutation($id: ID!) { updateContact(id: $id, input: {lastName: \"Byron\"}) { id } }", json!({ "id": ada })).await.ok();
        assert_eq!((count("byron", false).await, count("ada", false).await), (json!(1), json!(1)), "her address is still hers");
        sales.query("mutation { updateContacts(filter: {lastName: {eq: \"Byron\"}}, input: {email: \"x@example.org\"}) { count } }").await.ok();
        assert_eq!(count("ada", false).await, json!(0));
        sales.send("mutation($id: ID!) { deleteContact(id: $id) { id } }", json!({ "id": ada })).await.ok();
        assert_eq!((count("byron", false).await, count("byron", true).await), (json!(0), json!(1)));
        sales.send("mutation($id: ID!) { restoreContact(id: $id) { id } }", json!({ "id": ada })).await.ok();
        assert_eq!((count("byron", false).await, count("byron", true).await), (json!(1), json!(0)));
        let upsert = "mutation { createContacts(inputs: [{lastName: \"Zola\"}], onConflict: {source: \"crm\", keys: [\"1\"]}) { id } }";
        sales.query(upsert).await.ok();
        sales.query(&upsert.replace("Zola", "Mann")).await.ok();
        assert_eq!((count("zola", false).await, count("mann", false).await), (json!(0), json!(1)));
    }
}
