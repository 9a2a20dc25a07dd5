//! Approvals: what a policy lets pass once when other people have approved this very operation.

use garant_domain::value::Value;
use garant_service::{Caller, ShippedPlugin, UnitRequest};
use garant_testkit::guest::four_eyes;
use garant_testkit::{Actor, Answer, TENANT, TestApp, instant, on_both_databases};
use serde_json::{Value as Json, json};

const READ: u8 = 0;
const WRITE: u8 = 1;
const TRANSFER: u8 = 2;

const LIST: &str = "query($name: String!) { contacts(filter: {lastName: {eq: $name}}) { nodes { lastName email } } }";
const CREATE: &str = "mutation($name: String!) { createContact(input: {lastName: $name}) { id lastName } }";
const UPDATE: &str = "mutation($id: ID!) { updateContact(id: $id, input: {jobTitle: \"Pilot\"}) { jobTitle } }";

/// A server whose only policy wants people to approve at a hook; Ada and Bea are there.
async fn house(app: &TestApp, people: i64, hook: u8) -> (TestApp, String) {
    let guest = four_eyes(people, &[hook]);
    let plugin = ShippedPlugin { id: guest.manifest.id.clone(), bytes: guest.module(), signature: None };
    let app = TestApp::start_with(app.database.backend(), vec![plugin]).await;
    switch(&app, "OFF", 1).await;
    let ada = app.contact("Ada", &[]).await;
    app.contact("Bea", &[]).await;
    switch(&app, "ENFORCE", 2).await;
    (app, ada)
}

async fn switch(app: &TestApp, mode: &str, version: i64) {
    let query = format!(
        "mutation {{ setPolicyMode(id: \"four-eyes\", mode: {mode}, expectedVersion: {version}, reason: \"a test\") {{ mode }} }}"
    );
    app.actor("dpo").await.query(&query).await.ok();
}

/// What the refusal gives to whoever may ask.
fn ticket(refused: &Answer) -> Json {
    assert_eq!(refused.code(), "POLICY_REFUSED", "{}", refused.text);
    refused.error("/approval/wanted/0/request").clone()
}

async fn request(actor: &Actor, ticket: &Json) -> Answer {
    let query =
        "mutation($request: String!) { requestApproval(request: $request, reason: \"The quarter ends\") { id state } }";
    actor.send(query, json!({ "request": ticket })).await
}

/// Asks for the approval of what was refused; answers its id.
async fn asked(actor: &Actor, refused: &Answer) -> Json {
    request(actor, &ticket(refused)).await.ok().data("/requestApproval/id").clone()
}

async fn approve(actor: &Actor, id: &Json) -> Answer {
    actor.send("mutation($id: ID!) { approve(id: $id) { state } }", json!({ "id": id })).await
}

async fn decline(actor: &Actor, id: &Json) -> Answer {
    actor.send("mutation($id: ID!) { decline(id: $id, reason: \"Not this one\") { state } }", json!({ "id": id })).await
}

async fn approved(app: &TestApp, actor: &Actor, refused: &Answer) -> Json {
    let id = asked(actor, refused).await;
    approve(&app.actor("dpo").await, &id).await.ok();
    id
}

async fn state(actor: &Actor, id: &Json) -> String {
    let answer = actor.query("{ approvals { id state } }").await.ok();
    let list = answer.data("/approvals").as_array().cloned().unwrap_or_default();
    let found = list.iter().find(|approval| approval["id"] == *id).map(|approval| approval["state"].clone());
    found.and_then(|state| state.as_str().map(str::to_owned)).unwrap_or_default()
}

async fn named(app: &TestApp, name: &str) -> usize {
    let caller = Caller {
        tenant: TENANT.to_owned(),
        actor: garant_domain::context::Actor { id: "counter".to_owned(), role: "dpo".to_owned(), country: None },
        name: "counter".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    };
    let request = UnitRequest { purposes: vec!["sales".to_owned()], channel: None };
    let unit = app.service.begin(&caller, request).await.expect("a unit");
    let query = garant_domain::query::Query {
        entity: "contact".to_owned(),
        filter: Some(garant_domain::query::Filter::Field(
            "last_name".to_owned(),
            garant_domain::query::FieldTest::Eq(Value::text(name)),
        )),
        page: garant_domain::query::Page { limit: 100, ..Default::default() },
        ..Default::default()
    };
    unit.page(query).await.expect("a page").rows.len()
}

on_both_databases! {
    async fn what_was_refused_passes_once_when_somebody_else_approves(app: TestApp) {
        let (app, _) = house(&app, 1, READ).await;
        let asker = app.actor("dpo").await.for_purpose("sales");
        let ada = json!({ "name": "Ada" });
        let refused = asker.send(LIST, ada.clone()).await;
        let wanted = refused.error("/approval/wanted/0");
        assert_eq!((&wanted["kind"], &wanted["needed"], &wanted["given"]), (&json!("four-eyes"), &json!(1), &json!(0)));
        assert!(refused.error("/approval/ask").as_str().is_some_and(|ask| ask.contains("requestApproval")), "{}", refused.text);
        let ticket = ticket(&refused);
        // It was given to one person, and nobody can make one.
        let stranger = app.actor("dpo").await;
        for (actor, ticket) in [(&stranger, &ticket), (&asker, &json!("x")), (&asker, &json!(""))] {
            let answer = request(actor, ticket).await;
            assert_eq!((answer.code(), answer.error("/field")), ("BAD_USER_INPUT", &json!("request")), "{}", answer.text);
        }
        let silent = "mutation($request: String!) { requestApproval(request: $request, reason: \" \") { id } }";
        assert_eq!(asker.send(silent, json!({ "request": ticket })).await.error("/field"), &json!("reason"));
        let id = request(&asker, &ticket).await.ok().data("/requestApproval/id").clone();
        assert_eq!(request(&asker, &ticket).await.code(), "CONFLICT", "asked once is enough");
        assert_eq!(asker.send(LIST, ada.clone()).await.code(), "POLICY_REFUSED", "it waits");
        assert_eq!(approve(&asker, &id).await.code(), "FORBIDDEN", "nobody approves for themselves");
        assert_eq!(approve(&app.actor("sales").await, &id).await.code(), "FORBIDDEN");
        let controller = app.actor("controller").await;
        assert_eq!(approve(&controller, &id).await.ok().data("/approve/state"), &json!("APPROVED"));
        assert_eq!(approve(&controller, &id).await.code(), "NOT_FOUND", "it is decided");
        // Other values, another purpose, another person: other operations.
        let other = asker.send(LIST, json!({ "name": "Bea" })).await;
        assert_ne!(other.error("/approval/digest"), refused.error("/approval/digest"));
        for elsewhere in [
            other,
            asker.for_purpose("legal").send(LIST, ada.clone()).await,
            asker.through("email").send(LIST, ada.clone()).await,
            asker.send(&LIST.replace("email", "phone"), ada.clone()).await,
            stranger.for_purpose("sales").send(LIST, ada.clone()).await,
        ] {
            assert_eq!(elsewhere.code(), "POLICY_REFUSED", "{}", elsewhere.text);
        }
        // A policy that only watches uses nothing.
        switch(&app, "OBSERVE", 3).await;
        asker.send(LIST, ada.clone()).await.ok();
        switch(&app, "ENFORCE", 4).await;
        let shown = asker.send(LIST, ada.clone()).await.ok();
        assert_eq!(shown.texts("/contacts/nodes", "/lastName"), ["Ada"]);
        assert_eq!(state(&asker, &id).await, "USED");
        let again = asker.send(LIST, ada).await;
        assert_eq!((again.code(), again.error("/approval/wanted/0/given")), ("POLICY_REFUSED", &json!(0)));
    }

    async fn who_approves_sees_what_it_does_and_no_value(app: TestApp) {
        let (app, _) = house(&app, 1, READ).await;
        let asker = app.actor("sales").await.for_purpose("sales").through("email");
        let query = "query AdaByName($name: String!) { ada: contacts(filter: {lastName: {eq: $name}, firstName: {eq: \"Test\"}}) { nodes { email } totalCount } }";
        let refused = asker.send(query, json!({ "name": "Ada" })).await;
        let id = approved(&app, &asker, &refused).await;
        let fields = "{ approvals { id kind operation entity policy purposes channel recipient reason role digest approvedBy expiresAt } }";
        let dpo = app.actor("dpo").await;
        let seen = dpo.query(fields).await.ok();
        let seen = seen.data("/approvals/0");
        assert_eq!(seen["operation"], "query { contacts(filter) { nodes { email } totalCount } }");
        assert_eq!((&seen["entity"], &seen["policy"], &seen["role"]), (&json!("contact"), &json!("four-eyes/TST-01"), &json!("sales")));
        assert_eq!((&seen["purposes"], &seen["channel"], &seen["recipient"]), (&json!(["sales"]), &json!("email"), &Json::Null));
        assert_eq!((&seen["reason"], &seen["expiresAt"]), (&json!("The quarter ends"), &json!("2026-05-02T10:00:00Z")));
        assert_eq!(seen["digest"], *refused.error("/approval/digest"));
        asker.send(query, json!({ "name": "Ada" })).await.ok();
        // Others see what they asked themselves.
        assert_eq!(app.actor("sales").await.query(fields).await.ok().data("/approvals"), &json!([]));
        assert_eq!(asker.query(fields).await.ok().data("/approvals/0/id"), &id);
        let kept = app.store.approvals(TENANT, None, 10).await.expect("approvals");
        assert!(!format!("{kept:?}").contains("Ada"), "{kept:?}");
        let log = app.store.read_log(TENANT, 100).await.expect("the log");
        let steps: Vec<&str> = log.iter().filter(|line| line.approval.as_deref() == id.as_str()).map(|line| line.outcome.as_str()).collect();
        assert!(["requested", "approved", "used"].iter().all(|step| steps.contains(step)) && steps.len() == 3, "{steps:?}");
        assert!(log.iter().all(|line| !format!("{line:?}").contains("quarter")), "no words of people in the log");
    }

    async fn a_write_that_is_rolled_back_has_used_nothing(app: TestApp) {
        let (app, ada) = house(&app, 1, WRITE).await;
        let asker = app.actor("sales").await.for_purpose("sales");
        let variables = json!({ "id": ada });
        let id = approved(&app, &asker, &asker.send(UPDATE, variables.clone()).await).await;
        let dpo = app.actor("dpo").await.for_purpose("sales");
        dpo.send("mutation($id: ID!) { deleteContact(id: $id) { id } }", variables.clone()).await.ok();
        assert_eq!(asker.send(UPDATE, variables.clone()).await.code(), "NOT_FOUND");
        assert_eq!(state(&dpo, &id).await, "APPROVED");
        dpo.send("mutation($id: ID!) { restoreContact(id: $id) { id } }", variables.clone()).await.ok();
        assert_eq!(asker.send(UPDATE, variables.clone()).await.ok().data("/updateContact/jobTitle"), &json!("Pilot"));
        assert_eq!(state(&dpo, &id).await, "USED");
        assert_eq!(asker.send(UPDATE, variables).await.code(), "POLICY_REFUSED");
    }

    async fn what_a_delete_reads_before_it_fails_has_used_nothing(app: TestApp) {
        let (app, ada) = house(&app, 1, READ).await;
        let asker = app.actor("sales").await.for_purpose("sales");
        let delete = "mutation($id: ID!) { deleteContact(id: $id, expectedVersion: 2) { lastName } }";
        let variables = json!({ "id": ada });
        let id = approved(&app, &asker, &asker.send(delete, variables.clone()).await).await;
        let failed = asker.send(delete, variables.clone()).await;
        assert_eq!((failed.code(), failed.text.contains("Ada")), ("CONFLICT", false), "{}", failed.text);
        assert_eq!(state(&asker, &id).await, "APPROVED");
        switch(&app, "OFF", 3).await;
        asker.send(UPDATE, variables.clone()).await.ok();
        switch(&app, "ENFORCE", 4).await;
        assert_eq!(asker.send(delete, variables).await.ok().data("/deleteContact/lastName"), &json!("Ada"));
        assert_eq!(state(&asker, &id).await, "USED");
        let steps = app.store.read_log(TENANT, 100).await.expect("the log");
        let used = steps.iter().filter(|line| line.approval.is_some() && line.outcome == "used").count();
        assert_eq!(used, 1, "it reads and writes and reads, and that is one use");
    }

    async fn of_many_uses_at_once_one_succeeds(app: TestApp) {
        for (hook, query) in [(READ, LIST), (WRITE, CREATE)] {
            let (app, _) = house(&app, 1, hook).await;
            let asker = app.actor("sales").await.for_purpose("sales");
            let variables = json!({ "name": "Ada" });
            let id = approved(&app, &asker, &asker.send(query, variables.clone()).await).await;
            let tasks = (0..8).map(|_| {
                let (asker, variables) = (asker.clone(), variables.clone());
                async move { asker.send(query, variables).await }
            });
            let answers = tasks.collect::<tokio::task::JoinSet<_>>().join_all().await;
            let (done, refused): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.code().is_empty());
            assert_eq!(done.len(), 1, "{answers:?}");
            for answer in refused {
                assert!(["CONFLICT", "POLICY_REFUSED"].contains(&answer.code()) && !answer.text.contains("Ada"), "{}", answer.text);
            }
            assert_eq!(state(&asker, &id).await, "USED");
            if hook == WRITE {
                assert_eq!(named(&app, "Ada").await, 2, "one was there, one was made");
            }
        }
    }

    async fn everything_that_one_request_does_is_one_use(app: TestApp) {
        let (app, _) = house(&app, 1, WRITE).await;
        let asker = app.actor("sales").await.for_purpose("sales");
        let twice = "mutation { a: createContact(input: {lastName: \"Cleo\"}) { id } b: createContact(input: {lastName: \"Dora\"}) { id } }";
        approved(&app, &asker, &asker.query(twice).await).await;
        asker.query(twice).await.ok();
        assert_eq!((named(&app, "Cleo").await, named(&app, "Dora").await), (1, 1));
        assert_eq!(asker.query(twice).await.code(), "POLICY_REFUSED");
        let (app, _) = house(&app, 1, READ).await;
        let asker = app.actor("sales").await.for_purpose("sales");
        let twice = "{ a: contacts { totalCount } b: contacts { nodes { lastName } } deals { nodes { contact { id } } } }";
        approved(&app, &asker, &asker.query(twice).await).await;
        asker.query(twice).await.ok();
        assert_eq!(asker.query(twice).await.code(), "POLICY_REFUSED");
    }

    async fn what_lapsed_or_was_declined_opens_nothing(app: TestApp) {
        let (app, _) = house(&app, 1, READ).await;
        let (asker, dpo) = (app.actor("sales").await.for_purpose("sales"), app.actor("admin").await);
        let variables = json!({ "name": "Ada" });
        let refused = asker.send(LIST, variables.clone()).await;
        let first = asked(&asker, &refused).await;
        assert_eq!(decline(&app.actor("sales").await, &first).await.code(), "NOT_FOUND", "they do not see it");
        assert_eq!(decline(&dpo, &first).await.ok().data("/decline/state"), &json!("DECLINED"));
        assert_eq!(approve(&dpo, &first).await.code(), "NOT_FOUND");
        assert_eq!(decline(&dpo, &first).await.code(), "NOT_FOUND");
        // Approved, and taken back before it was used.
        let second = approved(&app, &asker, &refused).await;
        decline(&dpo, &second).await.ok();
        assert_eq!(asker.send(LIST, variables.clone()).await.code(), "POLICY_REFUSED");
        let third = asked(&asker, &refused).await;
        assert_eq!(decline(&asker, &third).await.ok().data("/decline/state"), &json!("DECLINED"), "withdrawn");
        let (fourth, fifth) = (approved(&app, &asker, &refused).await, asked(&asker, &asker.send(LIST, json!({ "name": "Bea" })).await).await);
        app.clock.set(instant("2026-05-02T10:00:00Z"));
        assert_eq!(asker.send(LIST, variables.clone()).await.code(), "POLICY_REFUSED");
        assert_eq!(approve(&dpo, &fifth).await.code(), "NOT_FOUND");
        assert_eq!(decline(&dpo, &fourth).await.code(), "NOT_FOUND");
        let states = [state(&dpo, &first).await, state(&dpo, &second).await, state(&dpo, &fourth).await, state(&dpo, &fifth).await];
        assert_eq!(states, ["DECLINED", "DECLINED", "EXPIRED", "EXPIRED"]);
        // What was declined or has lapsed may be asked again.
        let again = approved(&app, &asker, &refused).await;
        asker.send(LIST, variables).await.ok();
        assert_eq!(state(&dpo, &again).await, "USED");
    }

    async fn two_people_are_two_people(app: TestApp) {
        let (app, _) = house(&app, 2, READ).await;
        let asker = app.actor("sales").await.for_purpose("sales");
        let (dpo, other) = (app.actor("dpo").await, app.actor("dpo").await);
        let variables = json!({ "name": "Ada" });
        let refused = asker.send(LIST, variables.clone()).await;
        assert_eq!(refused.error("/approval/wanted/0/needed"), &json!(2));
        let (first, second) = (asked(&asker, &refused).await, asked(&asker, &refused).await);
        assert_eq!(request(&asker, &ticket(&refused)).await.code(), "CONFLICT");
        approve(&dpo, &first).await.ok();
        approve(&dpo, &second).await.ok();
        let still = asker.send(LIST, variables.clone()).await;
        assert_eq!((still.code(), still.error("/approval/wanted/0/given")), ("POLICY_REFUSED", &json!(1)));
        decline(&dpo, &second).await.ok();
        let third = asked(&asker, &refused).await;
        approve(&other, &third).await.ok();
        asker.send(LIST, variables).await.ok();
        assert_eq!((state(&dpo, &first).await, state(&dpo, &third).await), ("USED".to_owned(), "USED".to_owned()));
    }

    async fn a_file_is_one_operation(app: TestApp) {
        let (app, _) = house(&app, 1, TRANSFER).await;
        let recipient = [("name", Value::text("Mailer")), ("role", Value::text("processor")), ("country", Value::text("FR"))];
        let recipient = app.create("recipient", &recipient).await;
        let many = "mutation($inputs: [ContactCreateInput!]!) { createContacts(inputs: $inputs) { id } }";
        let asker = app.actor("sales").await.for_purpose("sales");
        for batch in 0..6 {
            let inputs: Vec<Json> = (0..100).map(|n| json!({ "lastName": format!("P{batch}-{n}") })).collect();
            asker.send(many, json!({ "inputs": inputs })).await.ok();
        }
        let body = |fields: &[&str]| json!({"entity": "contact", "format": "csv", "recipient": recipient, "fields": fields}).to_string();
        let refused = asker.post_to("/export", body(&["lastName"])).await;
        assert_eq!(refused.status, 403);
        let id = approved(&app, &asker, &refused).await;
        let seen = asker.query("{ approvals { operation recipient } }").await.ok();
        assert_eq!(seen.data("/approvals/0"), &json!({"operation": "export contact(no filter) { lastName }", "recipient": recipient}));
        assert_eq!(asker.post_to("/export", body(&["lastName", "email"])).await.code(), "POLICY_REFUSED");
        let file = asker.post_to("/export", body(&["lastName"])).await;
        assert_eq!((file.status, file.text.lines().count()), (200, 603), "all batches are one use");
        assert_eq!(state(&asker, &id).await, "USED");
        assert_eq!(asker.post_to("/export", body(&["lastName"])).await.code(), "POLICY_REFUSED");
    }

    async fn told_again_under_its_key_it_needs_no_second_approval(app: TestApp) {
        // What was written is read again when it is told again: that must pass the policy too.
        for hook in [WRITE, READ] {
            let (app, _) = house(&app, 1, hook).await;
            let asker = app.actor("sales").await.for_purpose("sales");
            let keyed = asker.with_header("Idempotency-Key", "k-1");
            let variables = json!({ "name": "Cleo" });
            // What was refused did nothing, so its key is free.
            let id = approved(&app, &asker, &keyed.send(CREATE, variables.clone()).await).await;
            let first = keyed.send(CREATE, variables.clone()).await.ok();
            app.clock.set(instant("2026-05-02T09:59:59Z"));
            let again = keyed.send(CREATE, variables.clone()).await.ok();
            assert_eq!(first.data("/createContact"), again.data("/createContact"));
            assert_eq!(again.data("/createContact/lastName"), &json!("Cleo"));
            assert_eq!(state(&asker, &id).await, "USED");
            let fresh = asker.with_header("Idempotency-Key", "k-2");
            assert_eq!(fresh.send(CREATE, variables).await.code(), "POLICY_REFUSED");
        }
    }
}
