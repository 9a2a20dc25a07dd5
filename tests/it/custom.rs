//! Fields and objects that a tenant defines: there with the next request of every process, under the same
//! policies as all others, and gone from everywhere with the person.

use garant_testkit::{Actor, TestApp, on_both_databases};
use serde_json::{Value as Json, json};

mod masks;
mod objects;
mod records;
mod refused;

const CREATE: &str = "mutation($input: CustomFieldInput!, $dry: Boolean) {
    createCustomField(input: $input, reason: \"We need it\", dryRun: $dry) { version fields { entity name type special active } } }";

/// A field of contacts about behaviour, with what a test wants otherwise.
pub fn field(name: &str, kind: &str, more: Json) -> Json {
    let mut input = json!({ "entity": "contact", "name": name, "label": name, "type": kind, "category": "user.behavior",
        "retention": "contact", "erasure": "NULLIFY" });
    for (key, value) in more.as_object().expect("an object") {
        input[key] = value.clone();
    }
    input
}

/// Defines a field as an administrator.
pub async fn define(app: &TestApp, input: Json) {
    let admin = app.actor("admin").await;
    admin.send(CREATE, json!({ "input": input })).await.ok();
}

/// The fields of a type, as a client finds them.
pub async fn members(actor: &Actor, name: &str) -> Vec<String> {
    let query = "query($name: String!) { __type(name: $name) { fields { name } inputFields { name } } }";
    let answer = actor.send(query, json!({ "name": name })).await.ok();
    let mut names = answer.texts("/__type/fields", "/name");
    names.extend(answer.texts("/__type/inputFields", "/name"));
    names
}

on_both_databases! {
    async fn every_process_sees_a_field_with_its_next_request_and_no_other_tenant_does(app: TestApp) {
        let second = app.second_process().await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let there = sales.on(&second);
        let contact = app.contact("Ada", &[]).await;
        let write = "mutation($id: ID!) { updateContact(id: $id, input: {shoeSize: 42}) { shoeSize } }";
        assert_eq!(there.send(write, json!({ "id": contact })).await.code(), "BAD_USER_INPUT", "it is not there yet");

        let tried = app.actor("admin").await.send(CREATE, json!({ "input": field("shoeSize", "NUMBER", json!({})), "dry": true })).await.ok();
        assert_eq!(tried.data("/createCustomField/version"), &json!(1));
        assert!(!members(&there, "Contact").await.contains(&"shoeSize".to_owned()), "tried out is not done");

        define(&app, field("shoeSize", "NUMBER", json!({}))).await;
        let written = there.send(write, json!({ "id": contact })).await.ok();
        assert_eq!(written.data("/updateContact/shoeSize"), &json!(42));
        let read = sales.query("{ contacts(filter: {shoeSize: {gte: 40}}) { nodes { lastName shoeSize } } }").await.ok();
        assert_eq!(read.data("/contacts/nodes"), &json!([{ "lastName": "Ada", "shoeSize": 42 }]));
        for name in ["Contact", "ContactFilter", "ContactOrderBy", "ContactCreateInput", "ContactUpdateInput", "ContactSum", "ContactGroupKey"] {
            assert!(members(&there, name).await.contains(&"shoeSize".to_owned()), "{name}");
        }

        // Another tenant of the same server has its own, and never sees this one.
        let other = app.actor_of("elsewhere", "admin").await;
        assert!(!members(&other, "Contact").await.contains(&"shoeSize".to_owned()));
        assert_eq!(other.query("{ customCatalog { version fields { name } } }").await.ok().data("/customCatalog/fields"), &json!([]));
        let size = field("shoeSize", "TEXT", json!({}));
        other.send(CREATE, json!({ "input": size })).await.ok();
        let kinds = "{ __type(name: \"Contact\") { fields { name type { name } } } }";
        for (actor, kind) in [(&other, "String"), (&sales, "Int")] {
            let fields = actor.query(kinds).await.ok();
            let fields = fields.data("/__type/fields").as_array().cloned().expect("fields");
            let shoe = fields.iter().find(|field| field["name"] == "shoeSize").expect("it is there");
            assert_eq!(shoe["type"]["name"], kind);
        }

        // Out of use it is gone from the schema of every process, and comes back with its values.
        let admin = app.actor("admin").await;
        let out = "mutation { deactivateCustomField(entity: \"contact\", name: \"shoeSize\", reason: \"x\") { version } }";
        admin.on(&second).query(out).await.ok();
        assert!(!members(&sales, "Contact").await.contains(&"shoeSize".to_owned()));
        assert_eq!(sales.send(write, json!({ "id": contact })).await.code(), "BAD_USER_INPUT");
        admin.query("mutation { restoreCustomField(entity: \"contact\", name: \"shoeSize\", reason: \"x\", expectedVersion: 2) { version } }").await.ok();
        let back = there.send("query($id: ID!) { contact(id: $id) { shoeSize } }", json!({ "id": contact })).await.ok();
        assert_eq!(back.data("/contact/shoeSize"), &json!(42));
        let history = admin.query("{ customChanges(first: 2) { version what subject reason } }").await.ok();
        assert_eq!(history.data("/customChanges/0"), &json!({ "version": 3, "what": "restoreCustomField", "subject": "contact.shoe_size", "reason": "x" }));
    }
}
