//! Writing many records at once: by filter, and under keys of a source. Visible records alone, each
//! under its own rules, all of them or none; and what is hidden is as if it were not there.

use garant_testkit::{Actor, TestApp, on_both_databases};
use serde_json::json;

async fn sales(app: &TestApp) -> Actor {
    app.actor("sales").await.for_purpose("sales")
}

/// Ada consented to e-mail marketing, Bea withdrew.
async fn ada_and_bea(app: &TestApp) -> (String, String) {
    let (ada, bea) = (app.contact("Ada", &[]).await, app.contact("Bea", &[]).await);
    app.consent(&ada, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
    app.consent(&bea, "marketing", "email", "withdrawn", "2026-02-01T10:00:00Z").await;
    (ada, bea)
}

const UPDATE: &str = "mutation($filter: ContactFilter!, $input: ContactUpdateInput!, $dry: Boolean) {
    updateContacts(filter: $filter, input: $input, dryRun: $dry) { count ids dryRun } }";

const UPSERT: &str = "mutation($inputs: [ContactCreateInput!]!, $source: String!, $keys: [String!]!) {
    createContacts(inputs: $inputs, onConflict: {source: $source, keys: $keys}) { lastName jobTitle version } }";

on_both_databases! {
    async fn a_dry_run_tells_and_changes_nothing(app: TestApp) {
        let (ada, bea) = ada_and_bea(&app).await;
        let sales = sales(&app).await;
        let change = json!({ "filter": { "lastName": { "in": ["Ada", "Bea"] } }, "input": { "jobTitle": "Pilot" }, "dry": true });
        let tried = sales.send(UPDATE, change.clone()).await.ok();
        assert_eq!(tried.data("/updateContacts/count"), &json!(2));
        assert_eq!(tried.data("/updateContacts/dryRun"), &json!(true));
        let read = "{ contacts(orderBy: [{lastName: AscNullsLast}]) { nodes { jobTitle version } } }";
        let untouched = json!({ "jobTitle": null, "version": 1 });
        assert_eq!(sales.query(read).await.ok().data("/contacts/nodes"), &json!([untouched, untouched]));
        let mut change = change;
        change["dry"] = json!(false);
        let done = sales.send(UPDATE, change).await.ok();
        let mut ids = done.texts("/updateContacts/ids", "");
        ids.sort();
        let mut both = vec![ada.clone(), bea];
        both.sort();
        assert_eq!(ids, both);
        let changed = json!({ "jobTitle": "Pilot", "version": 2 });
        assert_eq!(sales.query(read).await.ok().data("/contacts/nodes"), &json!([changed, changed]));
        let delete = "mutation($dry: Boolean) { deleteContacts(filter: {lastName: {eq: \"Ada\"}}, dryRun: $dry) { count } }";
        for (dry, left) in [(true, 2), (false, 1)] {
            assert_eq!(sales.send(delete, json!({ "dry": dry })).await.ok().data("/deleteContacts/count"), &json!(1));
            assert_eq!(sales.query("{ contacts { totalCount } }").await.ok().data("/contacts/totalCount"), &json!(left));
        }
    }

    async fn a_bulk_write_sees_visible_records_and_is_whole(app: TestApp) {
        let (ada, bea) = ada_and_bea(&app).await;
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let all = json!({ "filter": {}, "input": { "jobTitle": "Pilot" } });
        let done = marketer.send(UPDATE, all).await.ok();
        assert_eq!(done.texts("/updateContacts/ids", ""), [ada]);
        let sales = sales(&app).await;
        let kept = sales.send("query($id: ID!) { contact(id: $id) { jobTitle } }", json!({ "id": bea })).await.ok();
        assert_eq!(kept.data("/contact/jobTitle"), &json!(null));
        // One record that may not be written, and none is: its phone is masked for the channel.
        let cleo = app.contact("Cleo", &[]).await;
        for channel in ["email", "call"] {
            app.consent(&cleo, "marketing", channel, "given", "2026-01-10T10:00:00Z").await;
        }
        let anyhow = app.actor("marketing").await.for_purpose("marketing");
        let refused = anyhow.send(UPDATE, json!({ "filter": {}, "input": { "phone": "+33 1" } })).await;
        assert_eq!(refused.code(), "POLICY_REFUSED", "{}", refused.text);
        let phones = sales.query("{ contacts(filter: {phone: {is: NOT_NULL}}) { totalCount } }").await.ok();
        assert_eq!(phones.data("/contacts/totalCount"), &json!(0));
        let wrong = sales.send(UPDATE, json!({ "filter": {}, "input": {} })).await;
        assert_eq!((wrong.code(), wrong.error("/field")), ("BAD_USER_INPUT", &json!("input")), "{}", wrong.text);
    }

    async fn too_many_records_are_told_with_the_limit(app: TestApp) {
        let sales = sales(&app).await;
        let inputs: Vec<_> = (0..100).map(|index| json!({ "name": format!("Deal {index}") })).collect();
        for _ in 0..6 {
            sales.send("mutation($inputs: [DealCreateInput!]!) { createDeals(inputs: $inputs) { id } }", json!({ "inputs": inputs })).await.ok();
        }
        let answer = sales.query("mutation { deleteDeals(filter: {}) { count } }").await;
        assert_eq!((answer.code(), answer.error("/field")), ("QUERY_TOO_COMPLEX", &json!("filter")), "{}", answer.text);
        assert!(answer.text.contains("500") && answer.error("/remedy").is_string(), "{}", answer.text);
        assert_eq!(sales.query("{ deals { totalCount } }").await.ok().data("/deals/totalCount"), &json!(600));
    }

    async fn a_known_key_changes_its_record_and_a_new_one_makes_one(app: TestApp) {
        let sales = sales(&app).await;
        let send = async |title: &str| {
            let inputs = json!([{ "lastName": "Ada", "jobTitle": title }, { "lastName": "Bea" }]);
            sales.send(UPSERT, json!({ "inputs": inputs, "source": "crm", "keys": ["1", "2"] })).await
        };
        send("Pilot").await.ok();
        let again = send("Captain").await.ok();
        assert_eq!(again.data("/createContacts/0"), &json!({ "lastName": "Ada", "jobTitle": "Captain", "version": 2 }));
        assert_eq!(again.data("/createContacts/1/version"), &json!(1), "nothing to change");
        assert_eq!(sales.query("{ contacts { totalCount } }").await.ok().data("/contacts/totalCount"), &json!(2));
        for (keys, field) in [(json!(["1"]), "onConflict.keys"), (json!(["1", "1"]), "onConflict.keys.1"), (json!(["1", ""]), "onConflict.keys.1")] {
            let inputs = json!([{ "lastName": "x" }, { "lastName": "y" }]);
            let answer = sales.send(UPSERT, json!({ "inputs": inputs, "source": "crm", "keys": keys })).await;
            assert_eq!((answer.code(), answer.error("/field")), ("BAD_USER_INPUT", &json!(field)), "{}", answer.text);
        }
        let inputs = json!([{ "lastName": "Cleo" }, { "lastName": "Dora", "companyId": "nowhere" }]);
        let half = sales.send(UPSERT, json!({ "inputs": inputs, "source": "crm", "keys": ["3", "4"] })).await;
        assert_eq!((half.code(), half.error("/field")), ("NOT_FOUND", &json!("inputs.1.companyId")), "{}", half.text);
        assert_eq!(sales.query("{ contacts { totalCount } }").await.ok().data("/contacts/totalCount"), &json!(2));
    }

    /// Bea's key was sent by somebody else, and marketing does not see her: to marketing it is like a
    /// key that nobody ever sent.
    async fn a_key_of_a_hidden_record_is_like_an_unknown_one(app: TestApp) {
        let sales = sales(&app).await;
        let inputs = json!([{ "lastName": "Bea" }]);
        sales.send(UPSERT, json!({ "inputs": inputs, "source": "crm", "keys": ["hidden"] })).await.ok();
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let mut answers = vec![];
        for key in ["hidden", "absent"] {
            let before = app.store.statements();
            let answer = marketer.send(UPSERT, json!({ "inputs": inputs, "source": "crm", "keys": [key] })).await;
            answers.push((answer.ok().text, app.store.statements() - before));
        }
        assert_eq!(answers[0], answers[1]);
        let untouched = sales.query("{ contacts { nodes { lastName version } } }").await.ok();
        assert_eq!(untouched.data("/contacts/nodes"), &json!([{ "lastName": "Bea", "version": 1 }]));
        // Whoever sent a key knows that it is taken; hidden and in the trash answer alike.
        let send = async |actor: &Actor, key: &str| {
            let answer = actor.send(UPSERT, json!({ "inputs": inputs, "source": "crm", "keys": [key] })).await;
            (answer.code().to_owned(), answer.body["errors"].clone())
        };
        let hidden = send(&marketer, "absent").await;
        sales.query("mutation { deleteContacts(filter: {lastName: {eq: \"Bea\"}}) { count } }").await.ok();
        let trashed = send(&sales, "hidden").await;
        assert_eq!(hidden, trashed);
        assert_eq!(hidden.0, "NOT_FOUND");
    }

    async fn bulk_writes_tell_nothing_of_the_hidden(app: TestApp) {
        let (_, bea) = ada_and_bea(&app).await;
        let unknown = garant_domain::clock::new_id();
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        for query in [
            "mutation($id: ID!) { updateContacts(filter: {id: {eq: $id}}, input: {jobTitle: \"x\"}) { count ids } }",
            "mutation($id: ID!) { updateContacts(filter: {id: {eq: $id}}, input: {jobTitle: \"x\"}, dryRun: true) { count ids } }",
            "mutation($id: ID!) { deleteContacts(filter: {id: {eq: $id}}) { count ids } }",
            "query($id: ID!) { contacts(filter: {id: {eq: $id}}) { aggregate { count max { collectedAt } } } }",
            "query($id: ID!) { contactGroupBy(by: [lastName], filter: {id: {eq: $id}}) { key { lastName } aggregate { count } } }",
        ] {
            let mut answers = vec![];
            for id in [&bea, &unknown] {
                let before = app.store.statements();
                let answer = marketer.send(query, json!({ "id": id })).await;
                answers.push((answer.text, app.store.statements() - before));
            }
            assert_eq!(answers[0], answers[1], "{query}");
        }
    }
}
