//! What is not defined: each with the part of the input, why, and how to mend it.

use garant_testkit::on_both_databases;
use serde_json::json;

use super::{CREATE, define, field};

on_both_databases! {
    async fn what_would_harm_is_refused_by_part_with_a_remedy(app: TestApp) {
        let admin = app.actor("admin").await;
        for (input, part) in [
            (field("shoe", "TEXT", json!({ "category": null })), "input.category"),
            (field("shoe", "TEXT", json!({ "retention": null })), "input.retention"),
            (field("shoe", "TEXT", json!({ "erasure": null })), "input.erasure"),
            (field("shoe", "TEXT", json!({ "category": "user.shoes" })), "input.category"),
            (field("shoe", "TEXT", json!({ "retention": "forever" })), "input.retention"),
            (field("shoe", "TEXT", json!({ "erasure": "PRESERVE" })), "input.erasure"),
            (field("shoe", "TEXT", json!({ "erasure": "DELETE" })), "input.erasure"),
            (field("email", "TEXT", json!({})), "input.name"),
            (field("company", "TEXT", json!({})), "input.name"),
            (field("and", "TEXT", json!({})), "input.name"),
            (field("a b", "TEXT", json!({})), "input.name"),
            (field("shoe", "SELECT", json!({})), "input.options"),
            (field("shoe", "SELECT", json!({ "options": ["a b"] })), "input.options"),
            (field("shoe", "RATING", json!({ "max": 99 })), "input.max"),
            (field("shoe", "RELATION", json!({})), "input.relation"),
            (field("shoe", "NUMBER", json!({ "channel": "email" })), "input.channel"),
            (field("shoe", "TEXT", json!({ "entity": "consentEvent" })), "input.entity"),
            (field("shoe", "TEXT", json!({ "entity": "purpose" })), "input.category"),
            (field("mood", "TEXT", json!({ "category": "user.health_and_medical", "searchable": 5 })), "input.searchable"),
        ] {
            let refused = admin.send(CREATE, json!({ "input": input })).await;
            assert_eq!((refused.code(), refused.error("/field")), ("BAD_USER_INPUT", &json!(part)), "{}", refused.text);
            assert!(refused.error("/remedy").is_string(), "{}", refused.text);
        }
        let object = "mutation($name: String!, $plural: String!) { createCustomObject(reason: \"x\", input: {name: $name, plural: $plural, label: \"X\",
            fields: [{name: \"title\", label: \"T\", type: TEXT, category: \"system.operations\", retention: \"business\", erasure: PRESERVE}]}) { version } }";
        for (name, plural) in [("contact", "people"), ("viewer", "viewers"), ("x", "webhooks")] {
            let refused = admin.send(object, json!({ "name": name, "plural": plural })).await;
            assert_eq!((refused.code(), refused.error("/field")), ("BAD_USER_INPUT", &json!("input.name")), "{}", refused.text);
        }
        let sales = app.actor("sales").await;
        assert_eq!(sales.send(CREATE, json!({ "input": field("shoe", "TEXT", json!({})) })).await.code(), "FORBIDDEN");
        assert_eq!(sales.query("{ customCatalog { version } }").await.code(), "FORBIDDEN");
        assert_eq!(admin.query("{ customCatalog { version } }").await.ok().data("/customCatalog/version"), &json!(0));

        define(&app, field("size", "SELECT", json!({ "options": ["s", "m"] }))).await;
        let change = "mutation($options: [String!], $version: Int) { updateCustomField(entity: \"contact\", name: \"size\", input: {options: $options},
            reason: \"x\", expectedVersion: $version) { version } }";
        assert_eq!(admin.send(change, json!({ "options": ["s"] })).await.error("/field"), &json!("input.options"));
        assert_eq!(admin.send(change, json!({ "options": ["s", "m", "l"], "version": 7 })).await.code(), "CONFLICT");
        admin.send(change, json!({ "options": ["s", "m", "l"], "version": 1 })).await.ok();
    }
}
