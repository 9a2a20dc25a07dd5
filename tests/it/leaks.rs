//! What is hidden is absent, and what is masked cannot be found out: through filter, relation
//! filter, order, cursor, count, error, conflict or `extensions`.

use garant_domain::query::Query;
use garant_domain::value::Value;
use garant_service::{Caller, UnitRequest, only};
use garant_testkit::{Actor, TestApp, on_both_databases};
use serde_json::{Value as Json, json};

/// Ada consented to e-mail marketing, Bea withdrew, Cleo never answered, Dora objected.
async fn people(app: &TestApp) -> [String; 4] {
    let mut ids = Vec::new();
    for name in ["Ada", "Bea", "Cleo", "Dora"] {
        ids.push(app.contact(name, &[]).await);
    }
    for id in [&ids[0], &ids[1], &ids[3]] {
        app.consent(id, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
    }
    app.consent(&ids[1], "marketing", "email", "withdrawn", "2026-02-01T10:00:00Z").await;
    app.consent(&ids[3], "marketing", "any", "objected", "2026-02-01T10:00:00Z").await;
    ids.try_into().expect("four")
}

async fn marketer(app: &TestApp) -> Actor {
    app.actor("marketing").await.for_purpose("marketing").through("email")
}

on_both_databases! {
    async fn a_withdrawal_hides_from_list_and_count(app: TestApp) {
        people(&app).await;
        let answer = marketer(&app).await.query("{ contacts { nodes { lastName email } totalCount } }").await.ok();
        assert_eq!(answer.texts("/contacts/nodes", "/lastName"), ["Ada"]);
        assert_eq!(answer.texts("/contacts/nodes", "/email"), ["ada@example.org"]);
        assert_eq!(answer.data("/contacts/totalCount"), &json!(1));
        assert!(!answer.text.contains("Bea") && !answer.text.contains("Cleo"));
        let sales = app.actor("sales").await.for_purpose("sales");
        let all = sales.query("{ contacts { totalCount } }").await.ok();
        assert_eq!(all.data("/contacts/totalCount"), &json!(4), "another purpose is not this policy's business");
    }

    async fn hidden_and_absent_answer_the_same_bytes(app: TestApp) {
        let [_, bea, _, _] = people(&app).await;
        let unknown = garant_domain::clock::new_id();
        let marketer = marketer(&app).await;
        for query in [
            "query($id: ID!) { contact(id: $id) { id lastName } }",
            "query($id: ID!) { contacts(filter: {id: {eq: $id}}) { nodes { id } totalCount } }",
            "mutation($id: ID!) { updateContact(id: $id, expectedVersion: 7, input: {jobTitle: \"x\"}) { id } }",
            "mutation($id: ID!) { updateContact(id: $id, expectedVersion: 1, input: {kind: \"alien\"}) { id } }",
            "mutation($id: ID!) { deleteContact(id: $id) { id } }",
            "mutation($id: ID!) { restoreContact(id: $id) { id } }",
            "mutation($id: ID!) { createDeal(input: {name: \"x\", contactId: $id}) { id } }",
            "mutation($id: ID!) { createActivity(input: {kind: \"call\", subjectLine: \"x\", contactId: $id}) { id } }",
        ] {
            let before = app.store.statements();
            let hidden = marketer.send(query, json!({"id": bea})).await;
            let statements = app.store.statements() - before;
            let before = app.store.statements();
            let absent = marketer.send(query, json!({"id": unknown})).await;
            assert_eq!(hidden.text, absent.text, "{query}");
            assert_eq!(statements, app.store.statements() - before, "{query}");
        }
        let sales = app.actor("sales").await.for_purpose("sales");
        let kept = sales.send("query($id: ID!) { contact(id: $id) { version jobTitle } }", json!({"id": bea})).await.ok();
        assert_eq!(kept.data("/contact"), &json!({"version": 1, "jobTitle": null}));
    }

    async fn whoever_follows_looks_at_hidden_and_absent_alike(app: TestApp) {
        let [_, bea, _, _] = people(&app).await;
        let caller = Caller {
            tenant: garant_testkit::TENANT.to_owned(),
            actor: garant_domain::context::Actor { id: "follower".to_owned(), role: "marketing".to_owned(), country: None },
            name: "follower".to_owned(),
            recipient: None,
            default_purpose: None,
            access: garant_service::Access::default(),
        };
        let request = UnitRequest { purposes: vec!["marketing".to_owned()], channel: Some("email".to_owned()) };
        let all = Query { entity: "contact".to_owned(), fields: vec!["last_name".to_owned()], ..Query::default() };
        let mut costs = vec![];
        for id in [&garant_domain::clock::new_id(), &bea, &garant_domain::clock::new_id()] {
            let unit = app.service.begin(&caller, request.clone()).await.expect("a unit");
            let before = app.store.statements();
            assert!(unit.look(&only(all.clone(), &[id]), 10).await.expect("a look").is_empty());
            assert!(unit.told(&all, id).await.expect("a look").is_none());
            costs.push(app.store.statements() - before);
        }
        // The first one fills caches.
        assert_eq!(costs[1], costs[2]);
        let unit = app.service.begin(&caller, request).await.expect("a unit");
        assert_eq!(unit.look(&all, 10).await.expect("a look").len(), 1, "Ada alone is in view");
    }

    async fn a_hidden_person_is_not_found_through_a_filter_or_a_relation(app: TestApp) {
        let [ada, bea, _, _] = people(&app).await;
        let company = app.create("company", &[("name", Value::text("Acme"))]).await;
        for contact in [&ada, &bea] {
            app.create("deal", &[("name", Value::text(format!("Deal of {contact}"))), ("contact_id", Value::text(contact.clone())), ("company_id", Value::text(company.clone()))]).await;
        }
        let marketer = marketer(&app).await;
        let by_email = marketer.query("{ contacts(filter: {email: {eq: \"bea@example.org\"}}) { totalCount } }").await.ok();
        assert_eq!(by_email.data("/contacts/totalCount"), &json!(0));
        let related = marketer.query("{ deals(filter: {contact: {lastName: {eq: \"Bea\"}}}) { totalCount } }").await.ok();
        assert_eq!(related.data("/deals/totalCount"), &json!(0));
        let shown = marketer.query("{ deals(filter: {contact: {lastName: {eq: \"Ada\"}}}) { totalCount } }").await.ok();
        assert_eq!(shown.data("/deals/totalCount"), &json!(1));
        let not = marketer.query("{ deals(filter: {not: {contact: {lastName: {eq: \"Bea\"}}}}) { totalCount } }").await.ok();
        assert_eq!(not.data("/deals/totalCount"), &json!(2), "a shared deal stays, whoever stands behind it");
    }

    async fn a_deal_stays_and_its_link_goes(app: TestApp) {
        let [ada, bea, _, _] = people(&app).await;
        for (name, contact) in [("A", &ada), ("B", &bea)] {
            app.create("deal", &[("name", Value::text(name)), ("contact_id", Value::text(contact.clone())), ("note", Value::text("likes boats"))]).await;
        }
        let answer = marketer(&app).await.query("{ deals(orderBy: [{name: AscNullsLast}]) { nodes { name note contactId contact { lastName } } } }").await.ok();
        let nodes = answer.data("/deals/nodes");
        assert_eq!(nodes[0], json!({"name": "A", "note": "likes boats", "contactId": ada, "contact": {"lastName": "Ada"}}));
        assert_eq!(nodes[1], json!({"name": "B", "note": null, "contactId": null, "contact": null}));
        let filter = "{ deals(filter: {note: {contains: \"boats\"}}) { totalCount } }";
        let judged = marketer(&app).await.query(filter).await;
        assert_eq!(judged.code(), "POLICY_REFUSED", "what a policy looks at is no operand");
        let settings = "mutation { setPolicySettings(id: \"special-category\", settings: {health_terms: []}, expectedVersion: 1, reason: \"a test\") { version } }";
        app.actor("dpo").await.query(settings).await.ok();
        let null_filter = marketer(&app).await.query(filter).await.ok();
        assert_eq!(null_filter.data("/deals/totalCount"), &json!(1), "a masked note does not match");
    }

    async fn order_cursor_and_filter_see_the_shown_value(app: TestApp) {
        let [ada, _, _, _] = people(&app).await;
        // No consent for calls: the phone of each shown person is masked, row by row.
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let eve = app.contact("Eve", &[("phone", Value::text("+33 1 11 11 11 11"))]).await;
        let fay = app.contact("Fay", &[("phone", Value::text("+33 9 99 99 99 99"))]).await;
        for (id, channel) in [(&eve, "email"), (&fay, "email"), (&fay, "call")] {
            app.consent(id, "marketing", channel, "given", "2026-01-10T10:00:00Z").await;
        }
        let query = "{ contacts(orderBy: [{phone: AscNullsLast}]) { edges { cursor node { lastName phone policy { masked { field code article message remedy } } } } } }";
        let answer = marketer.query(query).await.ok();
        let names = answer.texts("/contacts/edges", "/node/lastName");
        assert_eq!(names[0], "Fay", "the only phone that is shown comes first: {}", answer.text);
        assert!(!answer.text.contains("11 11"), "{}", answer.text);
        let edges = answer.data("/contacts/edges").as_array().expect("edges");
        let eve_edge = edges.iter().find(|edge| edge["node"]["lastName"] == "Eve").expect("Eve is shown");
        assert_eq!(eve_edge["node"]["phone"], Json::Null);
        let masked = &eve_edge["node"]["policy"]["masked"][0];
        assert_eq!(masked["field"], "phone");
        for part in ["code", "article", "message", "remedy"] {
            assert!(masked[part].as_str().is_some_and(|text| !text.is_empty()), "{part}: {masked}");
        }
        let filtered = marketer.query("{ contacts(filter: {phone: {like: \"%11 11%\"}}) { totalCount } }").await.ok();
        assert_eq!(filtered.data("/contacts/totalCount"), &json!(0));
        let is_null = marketer.query("{ contacts(filter: {phone: {is: NULL}}) { nodes { lastName } } }").await.ok();
        assert!(is_null.texts("/contacts/nodes", "/lastName").contains(&"Eve".to_owned()), "a masked phone reads as null everywhere");
        let _ = ada;
    }

    async fn extensions_do_not_vary_with_hidden_rows(app: TestApp) {
        let marketer = marketer(&app).await;
        let query = "{ contacts { nodes { lastName } totalCount } }";
        let empty = marketer.query(query).await.ok();
        let bea = app.contact("Bea", &[]).await;
        app.consent(&bea, "marketing", "email", "withdrawn", "2026-02-01T10:00:00Z").await;
        let hidden = marketer.query(query).await.ok();
        assert_eq!(empty.text, hidden.text);
    }

    /// The same queries before and after somebody hidden is there: before and after everybody else in
    /// every order, linked like them, and named like them.
    async fn every_reading_answers_as_if_the_hidden_were_not_there(app: TestApp) {
        let company = app.create("company", &[("name", Value::text("Acme"))]).await;
        let linked = [("company_id", Value::text(company.clone()))];
        for name in ["Ada", "Mia", "Zoe"] {
            let id = app.contact(name, &linked).await;
            app.consent(&id, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        }
        let marketer = marketer(&app).await;
        let first = "{ contacts(first: 1, orderBy: [{lastName: AscNullsLast}]) { pageInfo { endCursor } } }";
        let cursor = marketer.query(first).await.ok().data("/contacts/pageInfo/endCursor").clone();
        let variables = json!({ "id": company, "after": cursor });
        let queries = [
            "{ contacts(filter: {lastName: {startsWith: \"b\"}}) { nodes { id } totalCount } }",
            "{ contacts(filter: {not: {lastName: {eq: \"Ada\"}}}) { nodes { lastName } totalCount } }",
            "{ companies(filter: {contacts: {some: {lastName: {eq: \"Bea\"}}}}) { totalCount } }",
            "{ companies(filter: {contacts: {none: {lastName: {eq: \"Bea\"}}}}) { totalCount } }",
            "{ contacts(filter: {company: {name: {eq: \"Acme\"}}}) { totalCount } }",
            "{ contacts(first: 2, orderBy: [{lastName: AscNullsLast}]) { edges { cursor node { lastName } } pageInfo { hasNextPage endCursor } } }",
            "{ contacts(last: 2, orderBy: [{createdAt: DescNullsLast}]) { nodes { lastName } pageInfo { hasPreviousPage startCursor } } }",
            "query($after: String) { contacts(first: 1, after: $after, orderBy: [{lastName: AscNullsLast}]) { nodes { lastName } pageInfo { hasNextPage } } }",
            "{ contacts { aggregate { count max { collectedAt } min { lastInboundContactAt } } } }",
            "{ contactGroupBy(by: [lastName, country]) { key { lastName country } aggregate { count } } }",
            "query($id: ID!) { company(id: $id) { contacts { totalCount nodes { lastName } aggregate { count } } } }",
            "{ contacts(filter: {lastName: {eq: 1}}) { totalCount } }",
            "{ consentEvents { totalCount aggregate { count } } }",
        ];
        let ask = async || {
            let mut answers = vec![];
            for query in queries {
                let before = app.store.statements();
                let answer = marketer.send(query, variables.clone()).await.text;
                answers.push((query, answer, app.store.statements() - before));
            }
            answers
        };
        let without = ask().await;
        for name in ["Aaron", "Bea", "Mia", "Zzz"] {
            // An address of their own: what is said for an address is said for whoever shares it.
            let email = ("email", Value::text(format!("hidden.{name}@example.org")));
            let id = app.contact(name, &[linked[0].clone(), email]).await;
            app.consent(&id, "marketing", "email", "withdrawn", "2026-02-01T10:00:00Z").await;
        }
        for (with, without) in ask().await.into_iter().zip(without) {
            assert_eq!(with, without);
        }
    }

    async fn masks_bite_whether_or_not_there_is_a_value(app: TestApp) {
        let with = app.contact("With", &[("phone", Value::text("+33 1"))]).await;
        let without = app.contact("Without", &[]).await;
        for id in [&with, &without] {
            app.consent(id, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        }
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let answer = marketer.query("{ contacts { nodes { phone policy { masked { field code } } } } }").await.ok();
        let nodes = answer.data("/contacts/nodes").as_array().expect("nodes");
        assert_eq!(nodes.len(), 2);
        assert_eq!(nodes[0], nodes[1]);
        assert_eq!(nodes[0]["policy"]["masked"][0]["field"], "phone");
    }

    async fn a_masked_field_cannot_be_written(app: TestApp) {
        let eve = app.contact("Eve", &[]).await;
        app.consent(&eve, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let answer = marketer.send("mutation($id: ID!) { updateContact(id: $id, input: {phone: \"+33 2\"}) { id } }", json!({"id": eve})).await;
        assert_eq!(answer.code(), "POLICY_REFUSED", "{}", answer.text);
        assert!(answer.error("/plugin").is_string());
    }
}
