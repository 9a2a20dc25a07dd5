//! A mutation under a key is done once, whoever asks how often; what it did is told again as it may be
//! seen by then.

use garant_domain::value::Value;
use garant_testkit::{Actor, Answer, TestApp, instant, on_both_databases};
use serde_json::{Value as Json, json};
use sqlx::{Connection, PgConnection, SqliteConnection};

const CREATE: &str =
    "mutation($name: String!) { createContact(input: {lastName: $name}) { id lastName email deletedAt } }";
const UPDATE: &str = "mutation($id: ID!) { updateContact(id: $id, input: {jobTitle: \"Pilot\"}) {
    id version lastName email phone company { name } policy { masked { field code } } } }";

async fn contacts(app: &TestApp) -> i64 {
    let sales = app.actor("sales").await.for_purpose("sales");
    let answer = sales.query("{ contacts { totalCount } }").await.ok();
    answer.data("/contacts/totalCount").as_i64().expect("a count")
}

/// Somebody in a company who agreed to marketing through channels.
async fn agreed(app: &TestApp, name: &str, channels: &[&str]) -> String {
    let company = app.create("company", &[("name", Value::text("Acme"))]).await;
    let more = [("phone", Value::text("+33 1 22 22 22 22")), ("company_id", Value::text(company))];
    let contact = app.contact(name, &more).await;
    for channel in channels {
        app.consent(&contact, "marketing", channel, "given", "2026-01-10T10:00:00Z").await;
    }
    contact
}

async fn withdraws(app: &TestApp, contact: &str, channel: &str) {
    app.consent(contact, "marketing", channel, "withdrawn", "2026-04-10T10:00:00Z").await;
}

async fn under(actor: &Actor, key: &str, query: &str, id: &str) -> Answer {
    actor.with_header("Idempotency-Key", key).send(query, json!({ "id": id })).await
}

/// The decision log takes no reads any more, as when its disk is full; or takes them again.
async fn log_of_reads(app: &TestApp, fails: bool) {
    let (sqlite, postgres) = if fails {
        (
            "CREATE TRIGGER full BEFORE INSERT ON decision_log WHEN NEW.operation = 'read' BEGIN SELECT RAISE(ABORT, 'full'); END",
            "CREATE FUNCTION is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$;
             CREATE TRIGGER full_now BEFORE INSERT ON decision_log FOR EACH ROW WHEN (NEW.operation = 'read') EXECUTE FUNCTION is_full()",
        )
    } else {
        ("DROP TRIGGER full", "DROP TRIGGER full_now ON decision_log")
    };
    let url = &app.database.url;
    if url.starts_with("sqlite") {
        let mut connection = SqliteConnection::connect(url).await.expect("SQLite");
        sqlx::raw_sql(sqlite).execute(&mut connection).await.expect("a trigger");
    } else {
        let mut connection = PgConnection::connect(url).await.expect("PostgreSQL");
        sqlx::raw_sql(postgres).execute(&mut connection).await.expect("a trigger");
    }
}

on_both_databases! {
    async fn a_merge_is_told_again_and_not_done_again(app: TestApp) {
        const MERGE: &str = "mutation($into: ID!, $ids: [ID!]!) { mergeContacts(into: $into, ids: $ids) {
            record { id version lastName phone } filled ids dryRun moved { entity field count } } }";
        let sales = app.actor("sales").await.for_purpose("sales").with_header("Idempotency-Key", "m-1");
        let (into, gone) = (app.contact("Ada", &[]).await, agreed(&app, "Ada", &["email"]).await);
        let variables = json!({ "into": into, "ids": [gone] });
        let first = sales.send(MERGE, variables.clone()).await.ok();
        assert_eq!(first.data("/mergeContacts/ids"), &json!([gone]));
        assert!(!first.data("/mergeContacts/filled").as_array().expect("fields").is_empty(), "{}", first.text);
        let again = sales.send(MERGE, variables.clone()).await.ok();
        assert_eq!(first.body["data"], again.body["data"]);
        assert_eq!(contacts(&app).await, 1);
        // What may not be seen by then is not told from memory.
        let colleague = app.actor("sales").await.for_purpose("sales");
        let restrict = "mutation($id: ID!) { updateContact(id: $id, input: {restricted: true, restrictedAt: \"2026-05-01T10:00:00Z\"}) { id } }";
        colleague.send(restrict, json!({ "id": into })).await.ok();
        let hidden = sales.send(MERGE, variables).await.ok();
        assert_eq!(hidden.data("/mergeContacts/record/id"), &json!(into));
        assert_eq!(hidden.data("/mergeContacts/record/lastName"), &Json::Null, "{}", hidden.text);
    }

    async fn asked_again_it_is_answered_and_not_done_again(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales").with_header("Idempotency-Key", "k-1");
        let first = sales.send(CREATE, json!({ "name": "Ada" })).await.ok();
        let again = sales.send(CREATE, json!({ "name": "Ada" })).await.ok();
        assert_eq!(first.text, again.text);
        assert_eq!(contacts(&app).await, 1);
        let other = sales.send(CREATE, json!({ "name": "Bea" })).await;
        assert_eq!((other.code(), other.error("/field")), ("CONFLICT", &json!("Idempotency-Key")), "{}", other.text);
        // Somebody else's key is another one.
        let colleague = app.actor("sales").await.for_purpose("sales").with_header("Idempotency-Key", "k-1");
        colleague.send(CREATE, json!({ "name": "Ada" })).await.ok();
        assert_eq!(contacts(&app).await, 2);
        let expired = instant("2026-05-02T10:00:00Z");
        app.clock.set(expired);
        sales.send(CREATE, json!({ "name": "Cleo" })).await.ok();
        assert_eq!(contacts(&app).await, 3);
        let wrong = sales.with_header("Idempotency-Key", " ").send(CREATE, json!({ "name": "x" })).await;
        assert_eq!((wrong.status, wrong.code()), (400, "BAD_USER_INPUT"));
    }

    async fn what_did_nothing_may_be_asked_again_and_tells_nothing(app: TestApp) {
        let bea = app.contact("Bea", &[]).await;
        let unknown = garant_domain::clock::new_id();
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let update = "mutation($id: ID!) { __typename updateContact(id: $id, input: {jobTitle: \"x\"}) { id } }";
        let mut answers = vec![];
        for (key, id) in [("hidden", &bea), ("absent", &unknown)] {
            let marketer = marketer.with_header("Idempotency-Key", key);
            for _ in 0..2 {
                let before = app.store.statements();
                let answer = marketer.send(update, json!({ "id": id })).await;
                answers.push((answer.text, app.store.statements() - before));
            }
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert!(answers[0].0.contains("NOT_FOUND"));
        // Its key is free: what could not be done then can be now.
        app.consent(&bea, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
        under(&marketer, "hidden", update, &bea).await.ok();
    }

    async fn who_withdrew_meanwhile_is_not_told_again(app: TestApp) {
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let (ada, bea) = (agreed(&app, "Ada", &["email"]).await, agreed(&app, "Bea", &["email"]).await);
        for (id, name) in [(&ada, "Ada"), (&bea, "Bea")] {
            let first = under(&marketer, name, UPDATE, id).await.ok();
            let told = first.data("/updateContact");
            assert_eq!((&told["lastName"], &told["company"]["name"]), (&json!(name), &json!("Acme")), "{}", first.text);
        }
        withdraws(&app, &ada, "email").await;
        let dpo = app.actor("dpo").await.for_purpose("sales");
        dpo.send("mutation($id: ID!) { deleteContact(id: $id) { id } }", json!({ "id": bea })).await.ok();
        // Hidden and gone answer the same: the id that they know, and nothing else.
        let mut answers = vec![];
        for (id, name) in [(&ada, "Ada"), (&bea, "Bea")] {
            let before = app.store.statements();
            let again = under(&marketer, name, UPDATE, id).await.ok();
            let told = again.data("/updateContact");
            assert_eq!((&told["id"], &told["lastName"], &told["email"]), (&json!(id), &Json::Null, &Json::Null));
            assert!(!again.text.contains("Acme") && !again.text.contains(name), "{}", again.text);
            answers.push((again.text.replace(id.as_str(), "ID"), app.store.statements() - before));
        }
        assert_eq!(answers[0], answers[1]);
        let read = dpo.send("query($id: ID!) { contact(id: $id) { version jobTitle } }", json!({ "id": ada })).await.ok();
        assert_eq!(read.data("/contact"), &json!({"version": 2, "jobTitle": "Pilot"}), "done once");
    }

    async fn what_is_masked_by_now_is_told_masked(app: TestApp) {
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let ada = agreed(&app, "Ada", &["email", "call"]).await;
        let first = under(&marketer, "k", UPDATE, &ada).await.ok();
        assert_eq!(first.data("/updateContact/email"), &json!("ada@example.org"), "{}", first.text);
        withdraws(&app, &ada, "email").await;
        let again = under(&marketer, "k", UPDATE, &ada).await.ok();
        let read = "query($id: ID!) { contact(id: $id) { id version lastName email phone company { name } policy { masked { field code } } } }";
        let read = marketer.send(read, json!({ "id": ada })).await.ok();
        assert_eq!(again.data("/updateContact"), read.data("/contact"), "as a read tells it");
        assert_eq!((again.data("/updateContact/lastName"), again.data("/updateContact/email")), (&json!("Ada"), &Json::Null));
    }

    async fn the_policies_in_force_decide_what_is_told(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let switch = async |mode: &str, version: i64| {
            let query = format!("mutation {{ setPolicyMode(id: \"consent\", mode: {mode}, expectedVersion: {version}, reason: \"a test\") {{ mode }} }}");
            dpo.query(&query).await.ok()
        };
        switch("OBSERVE", 1).await;
        let ada = agreed(&app, "Ada", &[]).await;
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let first = under(&marketer, "k", UPDATE, &ada).await.ok();
        assert_eq!(first.data("/updateContact/lastName"), &json!("Ada"));
        switch("ENFORCE", 2).await;
        let again = under(&marketer, "k", UPDATE, &ada).await.ok();
        assert_eq!((again.data("/updateContact/id"), again.data("/updateContact/lastName")), (&json!(ada), &Json::Null));
        assert!(!again.text.contains("Ada"), "{}", again.text);
    }

    async fn what_was_written_is_not_written_again_because_its_answer_failed(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales").with_header("Idempotency-Key", "k");
        log_of_reads(&app, true).await;
        let failed = sales.send(CREATE, json!({ "name": "Ada" })).await;
        assert_eq!((failed.code(), failed.data("/createContact")), ("INTERNAL", &Json::Null), "{}", failed.text);
        log_of_reads(&app, false).await;
        let again = sales.send(CREATE, json!({ "name": "Ada" })).await;
        assert_eq!((again.code(), again.error("/field")), ("CONFLICT", &json!("Idempotency-Key")), "{}", again.text);
        assert_eq!(contacts(&app).await, 1);
    }

    async fn each_kind_of_write_is_told_again(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales");
        let ada = app.contact("Ada", &[]).await;
        let lead = [("title", Value::text("Twelve seats")), ("contact_id", Value::text(ada.clone()))];
        let lead = app.create("lead", &lead).await;
        let unknown = garant_domain::clock::new_id();
        for (key, query) in [
            ("delete", "mutation($id: ID!) { deleteContact(id: $id) { id lastName } }".to_owned()),
            ("restore", "mutation($id: ID!) { back: restoreContact(id: $id) { id lastName version } }".to_owned()),
            ("many", "mutation { createContacts(inputs: [{lastName: \"Cleo\"}, {lastName: \"Dora\"}]) { id lastName version } }".to_owned()),
            ("keyed", "mutation { createContacts(inputs: [{lastName: \"Eve\"}], onConflict: {source: \"crm\", keys: [\"7\"]}) { id lastName } }".to_owned()),
            ("bulk", "mutation { updateContacts(filter: {lastName: {in: [\"Cleo\", \"Dora\"]}}, input: {jobTitle: \"x\"}) { count ids dryRun } }".to_owned()),
            ("tried", "mutation { deleteContacts(filter: {lastName: {eq: \"Dora\"}}, dryRun: true) { count ids dryRun } }".to_owned()),
            ("gone", "mutation { deleteContacts(filter: {lastName: {eq: \"Dora\"}}) { count ids dryRun } }".to_owned()),
            ("deal", format!("mutation {{ convertLead(id: \"{lead}\") {{ id name contact {{ lastName }} }} }}")),
            ("said", "mutation($id: ID!) { object(input: {contactId: $id, purpose: \"marketing\"}) { recorded eventIds } }".to_owned()),
            // What failed beside it failed, and is told as it was.
            ("half", format!("mutation {{ a: createContact(input: {{lastName: \"Fay\"}}) {{ id lastName }} b: updateContact(id: \"{unknown}\", input: {{jobTitle: \"x\"}}) {{ id }} }}")),
        ] {
            let first = under(&sales, key, &query, &ada).await;
            let again = under(&sales, key, &query, &ada).await;
            assert_eq!((&first.body["data"], &first.body["errors"]), (&again.body["data"], &again.body["errors"]), "{key}: {}", again.text);
            assert!(!first.body["data"].is_null() && (key == "half") == (first.code() == "NOT_FOUND"), "{}", first.text);
        }
        assert_eq!(contacts(&app).await, 4, "Ada, Cleo, Eve and Fay");
    }

    async fn of_a_bulk_write_the_count_stays_and_the_hidden_go(app: TestApp) {
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let (ada, bea) = (agreed(&app, "Ada", &["email"]).await, agreed(&app, "Bea", &["email"]).await);
        let query = "mutation { updateContacts(filter: {country: {eq: \"FR\"}}, input: {jobTitle: \"x\"}) { count ids } }";
        let first = under(&marketer, "k", query, "").await.ok();
        assert_eq!(first.data("/updateContacts/ids").as_array().map(Vec::len), Some(2));
        withdraws(&app, &ada, "email").await;
        let again = under(&marketer, "k", query, "").await.ok();
        assert_eq!(again.data("/updateContacts"), &json!({"count": 2, "ids": [bea]}));
    }

    async fn what_administers_is_told_as_it_was(app: TestApp) {
        let dpo = app.actor("dpo").await.for_purpose("sales").with_header("Idempotency-Key", "k");
        let query = "mutation { setPolicyMode(id: \"consent\", mode: OBSERVE, expectedVersion: 1, reason: \"a test\") { version mode } }";
        let first = dpo.query(query).await.ok();
        assert_eq!(first.text, dpo.query(query).await.text);
        // What did both is done once and told once.
        let both = "mutation { createContact(input: {lastName: \"Ada\"}) { lastName } setPolicyMode(id: \"consent\", mode: ENFORCE, expectedVersion: 2, reason: \"a test\") { version } }";
        let dpo = dpo.with_header("Idempotency-Key", "both");
        dpo.query(both).await.ok();
        let again = dpo.query(both).await;
        assert_eq!((again.code(), again.text.contains("Ada")), ("CONFLICT", false), "{}", again.text);
        assert_eq!(contacts(&app).await, 1);
    }
}
