//! Custom fields under the shipped policies: masked by category and channel, and no way to find out what
//! is hidden.

use garant_testkit::on_both_databases;
use serde_json::json;

use super::{define, field};

on_both_databases! {
    async fn policies_take_hold_by_category_special_kind_and_channel(app: TestApp) {
        define(&app, field("allergy", "TEXT", json!({ "category": "user.health_and_medical" }))).await;
        let work = json!({ "category": "user.contact.email", "channel": "email", "directIdentifier": true });
        define(&app, field("workEmail", "EMAIL", work)).await;
        let (ada, bea) = (app.contact("Ada", &[]).await, app.contact("Bea", &[]).await);
        app.consent(&ada, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        app.consent(&bea, "marketing", "call", "given", "2026-01-10T10:00:00Z").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let write = "mutation($id: ID!, $mail: String) { updateContact(id: $id, input: {workEmail: $mail}) { workEmail } }";
        assert_eq!(sales.send(write, json!({ "id": ada, "mail": "nobody" })).await.error("/field"), &json!("input.workEmail"));
        for (id, mail) in [(&ada, "ada@work.example"), (&bea, "bea@work.example")] {
            sales.send(write, json!({ "id": id, "mail": mail })).await.ok();
        }

        // Health: neither written, read nor asked for by whoever is not cleared.
        let health = "mutation($id: ID!) { updateContact(id: $id, input: {allergy: \"nuts\"}) { id } }";
        assert_eq!(sales.send(health, json!({ "id": ada })).await.code(), "POLICY_REFUSED");
        app.database.execute("INSERT INTO custom_value (tenant_id, entity, record_id, field, item, text_value, fold_value)
            SELECT tenant_id, 'contact', id, 'allergy', '', 'nuts', 'nuts' FROM contact").await;
        let read = sales.query("{ contacts { nodes { allergy policy { masked { field code } } } } }").await.ok();
        assert!(!read.text.contains("nuts") && read.text.contains("special-category/"), "{}", read.text);
        for asked in [
            "{ contacts(filter: {allergy: {contains: \"n\"}}) { totalCount } }",
            "{ contacts(orderBy: [{allergy: AscNullsLast}]) { totalCount } }",
            "{ contactGroupBy(by: [allergy]) { key { allergy } } }",
        ] {
            assert_eq!(sales.query(asked).await.code(), "POLICY_REFUSED", "{asked}");
        }

        // The address is shown where its channel may be used, and nowhere else.
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let shown = marketer.query("{ contacts(orderBy: [{lastName: AscNullsLast}]) { nodes { lastName workEmail } } }").await.ok();
        assert_eq!(shown.data("/contacts/nodes"), &json!([{ "lastName": "Ada", "workEmail": "ada@work.example" }, { "lastName": "Bea", "workEmail": null }]));
        let asked = "query($mail: String!) { contacts(filter: {workEmail: {eq: $mail}}) { totalCount } }";
        for (mail, count) in [("ada@work.example", 1), ("bea@work.example", 0)] {
            assert_eq!(marketer.send(asked, json!({ "mail": mail })).await.ok().data("/contacts/totalCount"), &json!(count), "{mail}");
        }
        let explained = app.actor("dpo").await.send(
            "query($id: ID!) { explainAccess(entity: \"contact\", id: $id, as: {role: \"marketing\", purposes: [\"marketing\"]}) { outcome fields } }",
            json!({ "id": bea })).await.ok();
        assert!(explained.text.contains("workEmail") || explained.text.contains("work_email"), "{}", explained.text);
    }

    async fn a_hidden_record_leaves_no_trace_in_filters_and_orders(app: TestApp) {
        define(&app, field("nickname", "TEXT", json!({ "searchable": 5 }))).await;
        let (ada, bea) = (app.contact("Ada", &[]).await, app.contact("Bea", &[]).await);
        app.consent(&ada, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        for (id, name) in [(&ada, "Duchess"), (&bea, "Badger")] {
            let write = "mutation($id: ID!, $name: String) { updateContact(id: $id, input: {nickname: $name}) { id } }";
            sales.send(write, json!({ "id": id, "name": name })).await.ok();
        }
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        // Bea is hidden: whatever is asked of her value answers like a value that nobody has.
        for query in [
            "query($v: String!) { contacts(filter: {nickname: {eq: $v}}) { nodes { id } totalCount } }",
            "query($v: String!) { contacts(filter: {not: {nickname: {eq: $v}}}, orderBy: [{nickname: DescNullsFirst}]) { nodes { id nickname } totalCount } }",
            "query($v: String!) { contacts(filter: {nickname: {startsWith: $v}}, first: 1) { edges { cursor } pageInfo { hasNextPage } } }",
            "query($v: String!) { contactGroupBy(by: [nickname], filter: {nickname: {in: [$v]}}) { aggregate { count } } }",
            "query($v: String!) { search(query: $v) { nodes { id rank } totalCount } }",
        ] {
            let before = app.store.statements();
            let hidden = marketer.send(query, json!({ "v": "Badger" })).await.ok();
            let statements = app.store.statements() - before;
            let before = app.store.statements();
            let absent = marketer.send(query, json!({ "v": "Walrus" })).await.ok();
            assert_eq!(hidden.text, absent.text, "{query}");
            assert_eq!(statements, app.store.statements() - before, "{query}");
        }
        let found = marketer.query("{ search(query: \"duch\") { totalCount } contacts(search: \"duchess\") { nodes { nickname } } }").await.ok();
        assert_eq!((found.data("/search/totalCount"), found.data("/contacts/nodes/0/nickname")), (&json!(1), &json!("Duchess")));
    }
}
