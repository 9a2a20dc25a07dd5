//! Counts, measures and groups: exact, over shown values of visible records alone, and withheld where
//! a policy asks for larger groups.

use garant_domain::value::Value;
use garant_service::ShippedPlugin;
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::{Effect, Rule, Selector};
use garant_testkit::{Actor, TestApp, on_both_databases};
use serde_json::json;

/// A server on a database of its own whose only policy has this one rule on deals.
async fn with(app: &TestApp, effect: Effect, target: Vec<Selector>) -> TestApp {
    let mut guest = Guest::with_rule(Rule { when: vec![], effect, target, code: "TST-01" });
    guest.manifest.hooks = vec![0];
    guest.manifest.entities = vec!["deal".to_owned()];
    guest.manifest.fields = vec!["amount".to_owned()];
    let plugin = ShippedPlugin { id: "honest".to_owned(), bytes: guest.module(), signature: None };
    TestApp::start_with(app.database.backend(), vec![plugin]).await
}

async fn deal(app: &TestApp, name: &str, stage: &str, amount: Option<i64>, contact: Option<&str>) {
    let values = [
        ("name", Value::text(name)),
        ("stage", Value::text(stage)),
        ("amount", amount.map_or(Value::Null, Value::Decimal)),
        ("contact_id", contact.map_or(Value::Null, Value::text)),
    ];
    app.create("deal", &values).await;
}

async fn sales(app: &TestApp) -> Actor {
    app.actor("sales").await.for_purpose("sales")
}

const MEASURES: &str = "count sum { amount } avg { amount } min { amount closedOn } max { amount }";

on_both_databases! {
    async fn decimals_are_summed_and_averaged_exactly(app: TestApp) {
        for (name, stage, amount) in [("A", "won", Some(1)), ("B", "won", Some(2)), ("C", "lost", Some(9_007_199_254_740_993)), ("D", "won", None)] {
            deal(&app, name, stage, amount, None).await;
        }
        let sales = sales(&app).await;
        let query = format!("{{ deals(first: 0, filter: {{stage: {{eq: \"won\"}}}}) {{ totalCount aggregate {{ {MEASURES} }} }} all: deals {{ aggregate {{ sum {{ amount }} }} }} none: deals(filter: {{name: {{eq: \"x\"}}}}) {{ aggregate {{ {MEASURES} }} }} }}");
        let answer = sales.query(&query).await.ok();
        let won = json!({ "count": 3, "sum": { "amount": "0.0003" }, "avg": { "amount": "0.0002" }, "min": { "amount": "0.0001", "closedOn": null }, "max": { "amount": "0.0002" } });
        assert_eq!(answer.data("/deals/aggregate"), &won);
        assert_eq!(answer.data("/all/aggregate/sum/amount"), "900719925474.0996");
        let none = json!({ "count": 0, "sum": { "amount": null }, "avg": { "amount": null }, "min": { "amount": null, "closedOn": null }, "max": { "amount": null } });
        assert_eq!(answer.data("/none/aggregate"), &none);
        for _ in 0..2 {
            deal(&app, "Huge", "won", Some(i64::MAX - 5), None).await;
        }
        let too_large = sales.query("{ deals { aggregate { sum { amount } } } }").await;
        assert_eq!(too_large.code(), "BAD_USER_INPUT", "{}", too_large.text);
    }

    async fn groups_and_nested_aggregates_hold_visible_records_alone(app: TestApp) {
        let (ada, bea) = (app.contact("Ada", &[]).await, app.contact("Bea", &[("country", Value::text("DE"))]).await);
        app.contact("Cleo", &[]).await;
        app.consent(&ada, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        app.consent(&bea, "marketing", "email", "withdrawn", "2026-02-01T10:00:00Z").await;
        deal(&app, "A", "won", Some(10_000), Some(&ada)).await;
        deal(&app, "B", "lost", Some(20_000), Some(&bea)).await;
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let groups = "{ contactGroupBy(by: [country]) { key { country city } aggregate { count max { collectedAt } } } }";
        let of_marketer = marketer.query(groups).await.ok();
        assert_eq!(of_marketer.data("/contactGroupBy"), &json!([{ "key": { "country": "FR", "city": null }, "aggregate": { "count": 1, "max": { "collectedAt": "2026-05-01T10:00:00Z" } } }]));
        let all = sales(&app).await.query("{ contactGroupBy(by: [country]) { key { country } aggregate { count } } }").await.ok();
        assert_eq!(all.texts("/contactGroupBy", "/key/country"), ["DE", "FR"]);
        // A link to somebody hidden makes the group of those without a link.
        let linked = marketer.query("{ dealGroupBy(by: [contactId]) { key { contactId } aggregate { count } } }").await.ok();
        assert_eq!(linked.data("/dealGroupBy"), &json!([
            { "key": { "contactId": ada }, "aggregate": { "count": 1 } },
            { "key": { "contactId": null }, "aggregate": { "count": 1 } },
        ]));
        let nested = "{ contacts(orderBy: [{lastName: AscNullsLast}]) { nodes { lastName deals { aggregate { count sum { amount } } } } } }";
        let before = app.store.statements();
        let nested_all = sales(&app).await.query(nested).await.ok();
        let statements = app.store.statements() - before;
        assert_eq!(nested_all.data("/contacts/nodes/0/deals/aggregate"), &json!({ "count": 1, "sum": { "amount": "1" } }));
        assert_eq!(nested_all.data("/contacts/nodes/2/deals/aggregate"), &json!({ "count": 0, "sum": { "amount": null } }));
        app.contact("Dora", &[]).await;
        let before = app.store.statements();
        sales(&app).await.query(nested).await.ok();
        assert_eq!(app.store.statements() - before, statements, "one statement a level, however many parents");
        for (query, field) in [
            ("{ contactGroupBy(by: []) { aggregate { count } } }", "by"),
            ("{ contactGroupBy(by: [country], filter: {kind: {eq: \"x\"}}) { aggregate { count } } }", "filter.kind.eq"),
        ] {
            let answer = sales(&app).await.query(query).await;
            assert_eq!((answer.code(), answer.error("/field")), ("BAD_USER_INPUT", &json!(field)), "{}", answer.text);
        }
    }

    async fn a_masked_field_is_neither_measured_nor_grouped_by(app: TestApp) {
        let app = with(&app, Effect::Mask, vec![Selector::Field("amount")]).await;
        let ada = app.contact("Ada", &[]).await;
        deal(&app, "A", "won", Some(10_000), Some(&ada)).await;
        deal(&app, "B", "won", Some(20_000), None).await;
        let sales = sales(&app).await;
        // The mask bites where a person is concerned.
        let shown = sales.query("{ deals { aggregate { count sum { amount } } } }").await.ok();
        assert_eq!(shown.data("/deals/aggregate"), &json!({ "count": 2, "sum": { "amount": "2" } }));
        let groups = sales.query("{ dealGroupBy(by: [amount]) { key { amount } aggregate { count } } }").await.ok();
        assert_eq!(groups.data("/dealGroupBy"), &json!([{ "key": { "amount": "2" }, "aggregate": { "count": 1 } }, { "key": { "amount": null }, "aggregate": { "count": 1 } }]));
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        marketer.query("{ dealGroupBy(by: [stage]) { aggregate { count } } }").await.ok();
    }

    async fn small_groups_and_small_measures_are_withheld(app: TestApp) {
        let app = with(&app, Effect::MinGroup, vec![Selector::Row]).await;
        let sales = sales(&app).await;
        let query = "{ deals { aggregate { count sum { amount } } } dealGroupBy(by: [stage]) { key { stage } aggregate { count sum { amount } } } }";
        let empty = sales.query(query).await.ok();
        for index in 0..2 {
            deal(&app, "A", "won", Some(10_000 * (index + 1)), None).await;
        }
        let few = sales.query(query).await.ok();
        assert_eq!(few.text, empty.text, "two records are as none where three are asked for");
        assert_eq!(few.data("/deals/aggregate"), &json!({ "count": null, "sum": { "amount": null } }));
        assert_eq!(few.data("/dealGroupBy"), &json!([]));
        deal(&app, "C", "won", None, None).await;
        let enough = sales.query(query).await.ok();
        assert_eq!(enough.data("/dealGroupBy/0"), &json!({ "key": { "stage": "won" }, "aggregate": { "count": 3, "sum": { "amount": null } } }), "only two have an amount");
        deal(&app, "D", "won", Some(10_000), None).await;
        let all = sales.query(query).await.ok();
        assert_eq!(all.data("/deals/aggregate"), &json!({ "count": 4, "sum": { "amount": "4" } }));
    }
}
