//! Records that become one: whatever led to those that go leads to the survivor, what the person said no
//! to stays so, and nothing tells of what is hidden or masked.

use garant_domain::clock::Clock as _;
use garant_domain::consent::{Status, effective};
use garant_domain::value::Value;
use garant_testkit::{Actor, TENANT, TestApp, on_both_databases};
use serde_json::json;

async fn sales(app: &TestApp) -> Actor {
    app.actor("sales").await.for_purpose("sales")
}

const MERGE: &str = "mutation($into: ID!, $ids: [ID!]!, $versions: [RecordVersion!], $dry: Boolean) {
    mergeContacts(into: $into, ids: $ids, versions: $versions, dryRun: $dry) {
        record { id version lastName email phone jobTitle legalHold } filled moved { entity field count } ids dryRun } }";

const READ: &str = "query($id: ID!) { contact(id: $id) { version lastName phone jobTitle deals { totalCount } activities { totalCount } } }";

/// Ada, and Ada again with more of her: a deal, an activity, a phone, a title.
async fn twice(app: &TestApp) -> (String, String) {
    let ada = app.contact("Ada", &[]).await;
    let more = [("phone", Value::text("+33 1 23 45 67 89")), ("job_title", Value::text("Countess"))];
    let again = app.contact("Adah", &more).await;
    app.create("deal", &[("name", Value::text("Engine")), ("contact_id", Value::text(again.clone()))]).await;
    let call = [
        ("kind", Value::text("call")),
        ("subject_line", Value::text("Hello")),
        ("contact_id", Value::text(again.clone())),
    ];
    app.create("activity", &call).await;
    (ada, again)
}

on_both_databases! {
    async fn a_dry_run_tells_and_a_merge_does(app: TestApp) {
        let (ada, again) = twice(&app).await;
        let sales = sales(&app).await;
        let before = sales.send(READ, json!({ "id": again })).await.ok();
        let tried = sales.send(MERGE, json!({ "into": ada, "ids": [again], "dry": true })).await.ok();
        let expected = json!({
            "filled": ["jobTitle", "phone"],
            "moved": [{ "entity": "deal", "field": "contactId", "count": 1 }, { "entity": "activity", "field": "contactId", "count": 1 }],
            "ids": [again],
        });
        for part in ["filled", "moved", "ids"] {
            assert_eq!(tried.data(&format!("/mergeContacts/{part}")), &expected[part], "{part}");
        }
        assert_eq!(tried.data("/mergeContacts/record/version"), &json!(1));
        assert_eq!(sales.send(READ, json!({ "id": again })).await.ok().text, before.text);
        let versions = json!([{ "id": ada, "version": 1 }, { "id": again, "version": 1 }]);
        let done = sales.send(MERGE, json!({ "into": ada, "ids": [again], "versions": versions })).await.ok();
        for part in ["filled", "moved", "ids"] {
            assert_eq!(done.data(&format!("/mergeContacts/{part}")), &expected[part], "{part}");
        }
        let record = json!({ "id": ada, "version": 2, "lastName": "Ada", "email": "ada@example.org", "phone": "+33 1 23 45 67 89", "jobTitle": "Countess", "legalHold": false });
        assert_eq!(done.data("/mergeContacts/record"), &record);
        let read = sales.send(READ, json!({ "id": ada })).await.ok();
        assert_eq!((read.data("/contact/deals/totalCount"), read.data("/contact/activities/totalCount")), (&json!(1), &json!(1)));
        assert_eq!(sales.send(READ, json!({ "id": again })).await.ok().data("/contact"), &json!(null));
        let trash = "{ contacts(trashed: true) { nodes { lastName mergedIntoId mergedInto { lastName } } } }";
        assert_eq!(sales.query(trash).await.ok().data("/contacts/nodes"), &json!([{ "lastName": "Adah", "mergedIntoId": ada, "mergedInto": { "lastName": "Ada" } }]));
        let found = sales.query("{ contacts(search: \"countess\") { nodes { lastName } } }").await.ok();
        assert_eq!(found.texts("/contacts/nodes", "/lastName"), ["Ada"]);
        let restored = sales.send("mutation($id: ID!) { restoreContact(id: $id) { lastName mergedIntoId } }", json!({ "id": again })).await.ok();
        assert_eq!(restored.data("/restoreContact"), &json!({ "lastName": "Adah", "mergedIntoId": null }));
        let written = sales.send("mutation($id: ID!, $into: ID!) { updateContact(id: $id, input: {mergedIntoId: $into}) { id } }", json!({ "id": again, "into": ada })).await;
        assert!(!written.code().is_empty() || written.body.get("errors").is_some(), "{}", written.text);
    }

    async fn what_is_wrong_with_a_merge_is_told_and_changes_nothing(app: TestApp) {
        let (ada, again) = twice(&app).await;
        let sales = sales(&app).await;
        let before = sales.send(READ, json!({ "id": ada })).await.ok();
        for (variables, code, field) in [
            (json!({ "into": ada, "ids": [again], "versions": [{ "id": again, "version": 7 }] }), "CONFLICT", "versions"),
            (json!({ "into": ada, "ids": [again], "versions": [{ "id": "other", "version": 1 }] }), "BAD_USER_INPUT", "versions"),
            (json!({ "into": ada, "ids": [] }), "BAD_USER_INPUT", "ids"),
            (json!({ "into": ada, "ids": [again, again] }), "BAD_USER_INPUT", "ids.1"),
            (json!({ "into": ada, "ids": [ada] }), "BAD_USER_INPUT", "ids.0"),
            (json!({ "into": ada, "ids": [again, "nobody"] }), "NOT_FOUND", "ids.1"),
            (json!({ "into": "nobody", "ids": [again] }), "NOT_FOUND", "into"),
        ] {
            let wrong = sales.send(MERGE, variables).await;
            assert_eq!((wrong.code(), wrong.error("/field")), (code, &json!(field)), "{}", wrong.text);
        }
        assert_eq!(sales.send(READ, json!({ "id": ada })).await.ok().text, before.text);
        let nobody = app.actor("sales").await.send(MERGE, json!({ "into": ada, "ids": [again] })).await;
        assert_eq!(nobody.code(), "PURPOSE_REQUIRED", "{}", nobody.text);
    }

    /// Ada's other record withdrew; she consented on this one later. As one person she has withdrawn.
    async fn what_a_person_said_no_to_stays_so(app: TestApp) {
        let (ada, again) = twice(&app).await;
        app.consent(&again, "marketing", "any", "withdrawn", "2026-02-01T10:00:00Z").await;
        app.consent(&ada, "marketing", "email", "given", "2026-03-01T10:00:00Z").await;
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let seen = "{ contacts { totalCount } }";
        assert_eq!(marketer.query(seen).await.ok().data("/contacts/totalCount"), &json!(1));
        let sales = sales(&app).await;
        sales.send(MERGE, json!({ "into": ada, "ids": [again] })).await.ok();
        assert_eq!(marketer.query(seen).await.ok().data("/contacts/totalCount"), &json!(0));
        // It is said again, dated with the merge: so it counts last on the joined history.
        let mut tx = app.store.begin_write(TENANT).await.expect("a transaction");
        let states = tx.consent_states(&ada, i64::MAX).await.expect("states");
        let counts = effective("marketing", "email", &states).expect("a state");
        assert_eq!((counts.status, counts.at), (Status::Withdrawn, app.clock.now()));
        let gone = tx.consent_states(&again, i64::MAX).await.expect("states");
        assert!(!gone.values().any(|state| state.status.stands()), "the events went with the person: {gone:?}");
    }

    async fn a_hold_and_the_keys_of_sources_go_with_the_person(app: TestApp) {
        let (ada, _) = twice(&app).await;
        let sales = sales(&app).await;
        let upsert = "mutation($name: String!, $key: String!) { createContacts(inputs: [{lastName: $name}], onConflict: {source: \"crm\", keys: [$key]}) { id lastName version } }";
        let keyed = sales.send(upsert, json!({ "name": "Adam", "key": "7" })).await.ok();
        let id = keyed.data("/createContacts/0/id").clone();
        let hold = "mutation($id: ID!) { updateContact(id: $id, input: {legalHold: true}) { id } }";
        app.actor("dpo").await.for_purpose("sales").send(hold, json!({ "id": id })).await.ok();
        let merged = sales.send(MERGE, json!({ "into": ada, "ids": [id] })).await.ok();
        assert_eq!(merged.data("/mergeContacts/record/legalHold"), &json!(true), "{}", merged.text);
        let again = sales.send(upsert, json!({ "name": "Ada King", "key": "7" })).await.ok();
        assert_eq!((again.data("/createContacts/0/id"), again.data("/createContacts/0/lastName")), (&json!(ada), &json!("Ada King")));
        // Companies become one too; a subsidiary of the one that went is one of the survivor's.
        let (parent, child) = (app.create("company", &[("name", Value::text("Old"))]).await, app.create("company", &[("name", Value::text("New"))]).await);
        let third = app.create("company", &[("name", Value::text("Third")), ("parent_id", Value::text(parent.clone()))]).await;
        let change = "mutation($id: ID!, $parent: ID) { updateCompany(id: $id, input: {parentId: $parent}) { id } }";
        sales.send(change, json!({ "id": child, "parent": parent })).await.ok();
        let merge = "mutation($into: ID!, $ids: [ID!]!) { mergeCompanies(into: $into, ids: $ids) { record { parentId subsidiaries { nodes { id } } } moved { entity count } } }";
        let merged = sales.send(merge, json!({ "into": child, "ids": [parent] })).await.ok();
        assert_eq!(merged.data("/mergeCompanies/record"), &json!({ "parentId": null, "subsidiaries": { "nodes": [{ "id": third }] } }));
    }

    async fn a_merge_tells_nothing_of_the_hidden_and_the_masked(app: TestApp) {
        let (ada, again) = twice(&app).await;
        for id in [&ada, &again] {
            app.consent(id, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        }
        let hidden = app.contact("Hidden", &[]).await;
        let unknown = garant_domain::clock::new_id();
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        for dry in [false, true] {
            let answers = async |place: &str| {
                let mut answers = vec![];
                for id in [&hidden, &unknown] {
                    let variables = match place {
                        "into" => json!({ "into": id, "ids": [again], "dry": dry }),
                        "ids" => json!({ "into": ada, "ids": [id], "dry": dry }),
                        _ => json!({ "into": ada, "ids": [again, id], "versions": [{ "id": id, "version": 9 }], "dry": dry }),
                    };
                    let before = app.store.statements();
                    let answer = marketer.send(MERGE, variables).await;
                    assert_eq!(answer.code(), "NOT_FOUND", "{}", answer.text);
                    answers.push((answer.text, app.store.statements() - before));
                }
                answers
            };
            for place in ["into", "ids", "last"] {
                let answers = answers(place).await;
                assert_eq!(answers[0], answers[1], "{place}");
            }
        }
        // Without a consent to calls the phone is masked in both: it is neither read nor filled in.
        let merged = marketer.send(MERGE, json!({ "into": ada, "ids": [again] })).await.ok();
        assert_eq!(merged.data("/mergeContacts/filled"), &json!(["jobTitle"]), "{}", merged.text);
        assert!(!merged.text.contains("23 45 67"), "{}", merged.text);
        let read = sales(&app).await.send(READ, json!({ "id": ada })).await.ok();
        assert_eq!((read.data("/contact/phone"), read.data("/contact/jobTitle")), (&json!(null), &json!("Countess")));
    }

    /// Somebody hidden who leads to a record that goes changes neither answer nor statements, and leads
    /// to the survivor afterwards.
    async fn hidden_references_move_in_silence(app: TestApp) {
        let mut answers = vec![];
        // What the server keeps in memory is there after the first time.
        for with_hidden in [false, false, true] {
            let company = app.create("company", &[("name", Value::text("Acme"))]).await;
            let other = app.create("company", &[("name", Value::text("Acme Inc"))]).await;
            // Somebody is entered each time, so that the server has read the same before.
            let more = if with_hidden { vec![("company_id", Value::text(other.clone()))] } else { vec![] };
            app.contact("Hidden", &more).await;
            let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
            let merge = "mutation($into: ID!, $ids: [ID!]!) { mergeCompanies(into: $into, ids: $ids) { record { version } filled moved { entity count } } }";
            let before = app.store.statements();
            let answer = marketer.send(merge, json!({ "into": company, "ids": [other] })).await.ok();
            answers.push((answer.text, app.store.statements() - before));
            if with_hidden {
                let query = "query($id: ID!) { company(id: $id) { contacts { nodes { lastName version } } } }";
                let read = sales(&app).await.send(query, json!({ "id": company })).await.ok();
                assert_eq!(read.data("/company/contacts/nodes"), &json!([{ "lastName": "Hidden", "version": 2 }]));
            }
        }
        assert_eq!(answers[1], answers[2]);
    }
}
