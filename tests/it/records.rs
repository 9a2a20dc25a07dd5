//! Working with records: lists, pages, nested reads, writes, the trash, optimistic locking.

use garant_domain::value::Value;
use garant_testkit::{TestApp, on_both_databases};
use serde_json::{Value as Json, json};

async fn shop(app: &TestApp) -> Vec<String> {
    let mut companies = Vec::new();
    for (index, name) in ["Acme", "Belle", "Cora"].iter().enumerate() {
        let company = app
            .create("company", &[("name", Value::text(*name)), ("employees", Value::Integer(10 * index as i64))])
            .await;
        for person in 0..3 {
            let contact =
                app.contact(&format!("{name}{person}"), &[("company_id", Value::text(company.clone()))]).await;
            app.create(
                "deal",
                &[
                    ("name", Value::text(format!("{name} deal {person}"))),
                    ("amount", Value::Decimal((person + 1) * 10_000_000)),
                    ("company_id", Value::text(company.clone())),
                    ("contact_id", Value::text(contact)),
                ],
            )
            .await;
        }
        companies.push(company);
    }
    companies
}

on_both_databases! {
    async fn a_list_is_filtered_ordered_paged_and_counted(app: TestApp) {
        shop(&app).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let page = "query($after: String) { contacts(first: 2, after: $after, orderBy: [{lastName: DescNullsLast}],
            filter: {lastName: {startsWith: \"b\"}}) { nodes { lastName } totalCount pageInfo { hasNextPage endCursor } } }";
        let first = sales.send(page, json!({})).await.ok();
        assert_eq!(first.texts("/contacts/nodes", "/lastName"), ["Belle2", "Belle1"]);
        assert_eq!(first.data("/contacts/totalCount"), &json!(3));
        assert_eq!(first.data("/contacts/pageInfo/hasNextPage"), &json!(true));
        let after = first.data("/contacts/pageInfo/endCursor").clone();
        assert!(!after.as_str().expect("a cursor").contains("Belle"));
        let second = sales.send(page, json!({ "after": after })).await.ok();
        assert_eq!(second.texts("/contacts/nodes", "/lastName"), ["Belle0"]);
        assert_eq!(second.data("/contacts/pageInfo/hasNextPage"), &json!(false));
        let last = "{ contacts(last: 2, orderBy: [{lastName: AscNullsFirst}]) { nodes { lastName } pageInfo { hasPreviousPage } } }";
        let last = sales.query(last).await.ok();
        assert_eq!(last.texts("/contacts/nodes", "/lastName"), ["Cora1", "Cora2"]);
        assert_eq!(last.data("/contacts/pageInfo/hasPreviousPage"), &json!(true));
    }

    async fn nested_reads_run_one_statement_a_level(app: TestApp) {
        shop(&app).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let query = |first: usize| format!(
            "{{ companies(first: {first}) {{ nodes {{ name contacts(first: 2) {{ nodes {{ lastName company {{ name }} deals {{ nodes {{ name amount }} }} }} }} }} }} }}"
        );
        sales.query(&query(1)).await.ok();
        let before = app.store.statements();
        sales.query(&query(1)).await.ok();
        let one = app.store.statements() - before;
        let before = app.store.statements();
        let answer = sales.query(&query(3)).await.ok();
        let three = app.store.statements() - before;
        assert_eq!(one, three, "the number of statements grows with the rows");
        let nodes = answer.data("/companies/nodes").as_array().expect("nodes").clone();
        assert_eq!(nodes.len(), 3);
        for node in nodes {
            let contacts = node["contacts"]["nodes"].as_array().expect("contacts");
            assert_eq!(contacts.len(), 2);
            for contact in contacts {
                assert_eq!(contact["company"]["name"], node["name"]);
                assert_eq!(contact["deals"]["nodes"].as_array().map(Vec::len), Some(1));
            }
        }
    }

    async fn decimals_are_exact_texts(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales");
        let created = sales.query("mutation { createDeal(input: {name: \"Big\", amount: \"1234567.8901\"}) { amount currency stage version } }").await.ok();
        assert_eq!(created.data("/createDeal"), &json!({"amount": "1234567.8901", "currency": "EUR", "stage": "prospecting", "version": 1}));
        let absent = sales.query("mutation { createDeal(input: {name: \"None\"}) { amount closedOn deletedAt } }").await.ok();
        assert_eq!(absent.data("/createDeal"), &json!({"amount": null, "closedOn": null, "deletedAt": null}));
        let wrong = sales.query("mutation { createDeal(input: {name: \"Big\", amount: \"1.23456\"}) { id } }").await;
        assert_eq!(wrong.code(), "BAD_USER_INPUT");
    }

    async fn a_stale_version_conflicts_and_changes_nothing(app: TestApp) {
        let id = app.contact("Petit", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let update = "mutation($id: ID!, $version: Int!, $title: String) {
            updateContact(id: $id, expectedVersion: $version, input: {jobTitle: $title}) { version jobTitle } }";
        let first = sales.send(update, json!({"id": id, "version": 1, "title": "CEO"})).await.ok();
        assert_eq!(first.data("/updateContact"), &json!({"version": 2, "jobTitle": "CEO"}));
        let stale = sales.send(update, json!({"id": id, "version": 1, "title": "CTO"})).await;
        assert_eq!(stale.code(), "CONFLICT");
        assert!(stale.error("/remedy").is_string());
        let read = sales.send("query($id: ID!) { contact(id: $id) { jobTitle version } }", json!({"id": id})).await.ok();
        assert_eq!(read.data("/contact"), &json!({"jobTitle": "CEO", "version": 2}));
    }

    async fn the_trash_hides_and_gives_back(app: TestApp) {
        let id = app.contact("Moreau", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let by_id = "query($id: ID!) { contact(id: $id) { lastName } }";
        sales.send("mutation($id: ID!) { deleteContact(id: $id) { id } }", json!({"id": id})).await.ok();
        assert_eq!(sales.send(by_id, json!({"id": id})).await.ok().data("/contact"), &Json::Null);
        let again = sales.send("mutation($id: ID!) { deleteContact(id: $id) { id } }", json!({"id": id})).await;
        assert_eq!(again.code(), "NOT_FOUND");
        let trash = sales.query("{ contacts(trashed: true) { nodes { lastName } } }").await.ok();
        assert_eq!(trash.texts("/contacts/nodes", "/lastName"), ["Moreau"]);
        sales.send("mutation($id: ID!) { restoreContact(id: $id) { id } }", json!({"id": id})).await.ok();
        assert_eq!(sales.send(by_id, json!({"id": id})).await.ok().data("/contact/lastName"), &json!("Moreau"));
    }

    async fn bad_input_names_field_and_remedy(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales");
        for (mutation, field) in [
            ("createContact(input: {firstName: \"x\"})", "lastName"),
            ("createContact(input: {lastName: \"x\", country: \"France\"})", "country"),
            ("createContact(input: {lastName: \"x\", kind: \"alien\"})", "kind"),
            ("createContact(input: {lastName: \"x\", companyId: \"nope\"})", "companyId"),
        ] {
            let answer = sales.query(&format!("mutation {{ {mutation} {{ id }} }}")).await;
            let code = if field == "companyId" { "NOT_FOUND" } else { "BAD_USER_INPUT" };
            assert_eq!(answer.code(), code, "{mutation}: {}", answer.text);
            assert!(answer.error("/field").as_str().is_some_and(|at| at.contains(field)), "{mutation}: {}", answer.text);
            assert!(answer.error("/remedy").is_string(), "{mutation}: {}", answer.text);
        }
        let none = sales.query("{ contacts { totalCount } }").await.ok();
        assert_eq!(none.data("/contacts/totalCount"), &json!(0));
    }

    async fn only_the_dpo_writes_the_registers(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales");
        let mutation = "mutation { createPurpose(input: {key: \"x\", labelEn: \"x\", legalBasis: \"A6-1-f\", roles: \"sales\"}) { id } }";
        assert_eq!(sales.query(mutation).await.code(), "FORBIDDEN");
        let dpo = app.actor("dpo").await;
        dpo.query(mutation).await.ok();
        assert_eq!(dpo.query(mutation).await.code(), "CONFLICT");
        let events = sales.query("mutation { deleteConsentEvent(id: \"x\") { id } }").await;
        assert_eq!(events.code(), "BAD_USER_INPUT", "there is no such mutation: evidence is only added");
    }
}
