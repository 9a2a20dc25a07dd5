//! What sleeps: no trace for ordinary reads, opened by few and with a reason, woken by the person or the
//! DPO alone, erased with its key.

use garant_domain::value::Value;
use garant_service::ShippedPlugin;
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::{Effect, Node, Plan, Rule, Selector};
use garant_testkit::{Actor, Answer, TENANT, TestApp, on_both_databases};
use serde_json::{Value as Json, json};

/// Puts whoever lives in France to sleep; then erases who sleeps, if it is `impatient`.
fn lullaby(impatient: bool) -> ShippedPlugin {
    let rule = |when, effect| Rule { when, effect, target: vec![Selector::Row], code: "TST-01" };
    let french = || vec![Node::Field("country"), Node::Text("FR"), Node::Eq];
    let mut rules = vec![rule(french(), Effect::MakeDormant)];
    if impatient {
        let asleep = [Node::Fact("subject.dormant", vec![]), Node::All(2)];
        rules.push(rule(french().into_iter().chain(asleep).collect(), Effect::Erase));
    }
    let mut guest = Guest { plan: Plan { rules, ..Plan::default() }, ..Guest::default() };
    guest.manifest.id = "lullaby".to_owned();
    guest.manifest.hooks = vec![3];
    guest.manifest.entities = vec!["contact".to_owned()];
    guest.manifest.fields = vec!["country".to_owned()];
    guest.manifest.facts = vec!["subject.dormant".to_owned()];
    ShippedPlugin { id: "lullaby".to_owned(), bytes: guest.module(), signature: None }
}

/// The shipped policies but those that decide at the hook of retention on their own account, with ours.
fn policies(impatient: bool) -> Vec<ShippedPlugin> {
    let shipped = garant::shipped_plugins().into_iter().filter(|plugin| plugin.id != "retention");
    shipped.chain([lullaby(impatient)]).collect()
}

struct House {
    app: TestApp,
    /// Who sent Ada.
    seller: Actor,
    ada: String,
    deal: String,
    call: String,
}

/// Ada, who wrote to us, has a deal and gave a consent; a source knows her by a key.
async fn house(app: &TestApp) -> House {
    house_of(app, false).await
}

const PUT: &str = "mutation { createContacts(inputs: [{lastName: \"Lovelace\", email: \"ada@example.org\", country: \"FR\"}], onConflict: {source: \"crm\", keys: [\"7\"]}) { id } }";

async fn house_of(app: &TestApp, impatient: bool) -> House {
    house_under(app, policies(impatient)).await
}

async fn house_under(app: &TestApp, policies: Vec<ShippedPlugin>) -> House {
    let app = TestApp::start_with(app.database.backend(), policies).await;
    let seller = app.actor("sales").await.for_purpose("sales");
    let ada = seller.query(PUT).await.ok().data("/createContacts/0/id").as_str().expect("an id").to_owned();
    let to_ada = || ("contact_id", Value::text(ada.as_str()));
    let deal =
        app.create("deal", &[("name", Value::text("Boat")), ("note", Value::text("Ada likes blue")), to_ada()]).await;
    let call = app
        .create("activity", &[("kind", Value::text("call")), ("subject_line", Value::text("Ada called")), to_ada()])
        .await;
    app.consent(&ada, "marketing", "email", "given", "2026-03-01T10:00:00Z").await;
    House { app, seller, ada, deal, call }
}

impl House {
    async fn sleep(&self) {
        let swept = self.app.service.sweep_now("a test").await.expect("a sweep");
        let done: Vec<(&str, &str, u64)> =
            swept.counts.iter().map(|count| (count.entity.as_str(), count.effect.as_str(), count.records)).collect();
        assert_eq!(done, [("contact", "make-dormant", 1)]);
    }

    async fn sales(&self) -> Actor {
        self.app.actor("sales").await.for_purpose("sales")
    }

    /// The DPO, who supervises.
    async fn supervisor(&self) -> Actor {
        let dpo = self.app.actor("dpo").await;
        let purpose = "mutation { createPurpose(input: {key: \"supervision\", labelEn: \"Supervision\", legalBasis: \"A6-1-c\", roles: \"dpo counsel\",
            neededCategories: \"user\", nature: \"supervision\", lawReference: \"GDPR 39\"}) { id } }";
        dpo.query(purpose).await.ok();
        dpo.for_purpose("supervision")
    }

    async fn contact(&self, actor: &Actor, id: &str) -> Answer {
        actor
            .send("query($id: ID!) { contact(id: $id) { lastName deals { nodes { id } } } }", json!({ "id": id }))
            .await
    }

    async fn open(&self, actor: &Actor, id: &str) -> Answer {
        let query = "query($id: ID!) { dormantRecord(entity: \"contact\", id: $id, reason: \"She asks\", caseId: \"2026-17\") { id code values masked { field code } flags } }";
        actor.send(query, json!({ "id": id })).await
    }
}

const UNKNOWN: &str = "01900000-0000-7000-8000-000000000000";

on_both_databases! {
    /// DOR-02: no answer tells that there is somebody; DOR-09: nor does a measure or a group; DOR-10: nobody is
    /// touched on the side; DOR-14: the row is not merely marked, it lies elsewhere.
    async fn to_ordinary_users_who_sleeps_does_not_exist(app: TestApp) {
        let house = house(&app).await;
        let sales = house.sales().await;
        house.sleep().await;
        for query in [
            "query($id: ID!) { contact(id: $id) { lastName } }",
            "query($id: ID!) { contacts(filter: {id: {eq: $id}}) { totalCount nodes { lastName } } }",
            "query($id: ID!) { contacts(filter: {id: {eq: $id}}) { aggregate { count } } }",
            "query($id: ID!) { contactGroupBy(by: [country], filter: {id: {eq: $id}}) { aggregate { count } } }",
            "mutation($id: ID!) { mergeContacts(into: $id, ids: [\"01900000-0000-7000-8000-000000000001\"]) { record { id } } }",
            "query($id: ID!) { activities(filter: {contactId: {eq: $id}}) { totalCount } }",
            "query($id: ID!) { deals(filter: {contactId: {eq: $id}}) { totalCount } }",
            "mutation($id: ID!) { updateContact(id: $id, input: {city: \"Paris\"}) { id } }",
            "mutation($id: ID!) { deleteContact(id: $id) { id } }",
            "mutation($id: ID!) { restoreContact(id: $id) { id } }",
            "mutation($id: ID!) { createActivity(input: {kind: \"call\", subjectLine: \"x\", contactId: $id}) { id } }",
        ] {
            let mut answers = Vec::new();
            for id in [house.ada.as_str(), UNKNOWN] {
                let before = house.app.store.statements();
                let answer = sales.send(query, json!({ "id": id })).await;
                answers.push((answer.text, house.app.store.statements() - before));
            }
            assert_eq!(answers[0], answers[1], "{query}");
        }
        let deal = sales.send("query($id: ID!) { deal(id: $id) { name note contactId } }", json!({ "id": house.deal })).await.ok();
        assert_eq!(deal.data("/deal"), &json!({ "name": "Boat", "note": null, "contactId": null }));
        let found = sales.query("{ contacts(search: \"Lovelace\") { totalCount } }").await.ok();
        assert_eq!(found.data("/contacts/totalCount"), &json!(0));
        // Nor in the tables: only the archive has it, and sealed.
        let dump = house.app.database.dump().await;
        for trace in ["Lovelace", "lovelace", "ada@example.org", "likes blue", "Ada called"] {
            assert!(!dump.contains(trace), "{trace}");
        }
    }

    async fn no_switch_of_a_policy_opens_the_archive(app: TestApp) {
        let house = house(&app).await;
        let sales = house.sales().await;
        house.sleep().await;
        let dpo = house.app.actor("dpo").await;
        let policies = dpo.query("{ policies { id version } }").await.ok();
        for (index, id) in policies.texts("/policies", "/id").into_iter().enumerate() {
            let version = policies.data(&format!("/policies/{index}/version")).as_i64().expect("a version");
            let off = format!("mutation {{ setPolicyMode(id: \"{id}\", mode: OFF, expectedVersion: {version}, reason: \"A test\") {{ mode }} }}");
            dpo.query(&off).await.ok();
        }
        assert_eq!(house.contact(&sales, &house.ada).await.ok().data("/contact"), &Json::Null);
        let shut = house.open(&sales, &house.ada).await;
        assert_eq!(shut.code(), "POLICY_UNAVAILABLE", "{}", shut.text);
        assert_eq!(sales.query("{ contacts { totalCount } }").await.ok().data("/contacts/totalCount"), &json!(0));
    }

    async fn the_dpo_opens_it_with_a_reason_and_it_is_noted(app: TestApp) {
        let house = house(&app).await;
        let dpo = house.supervisor().await;
        house.sleep().await;
        let opened = house.open(&dpo, &house.ada).await.ok();
        assert_eq!(opened.data("/dormantRecord/values/lastName"), &json!("Lovelace"));
        assert_eq!(opened.data("/dormantRecord/flags"), &json!(["dormancy/DOR-03"]));
        assert_eq!(opened.data("/dormantRecord/code"), &json!("lullaby/TST-01"));
        let alarms = dpo.query("{ alarms { kind reason } }").await.ok();
        assert_eq!(alarms.data("/alarms/0"), &json!({ "kind": "dormant_access", "reason": "She asks" }));
        let log = house.app.store.read_log(TENANT, 1_000).await.expect("the log");
        assert!(log.iter().any(|line| line.outcome == "opened" && line.codes.contains(&"dormancy/DOR-03".to_owned())));
        let silent = dpo.send("query($id: ID!) { dormantRecord(entity: \"contact\", id: $id, reason: \" \") { id } }", json!({ "id": house.ada })).await;
        assert_eq!(silent.code(), "BAD_USER_INPUT");
        // For an ordinary purpose it is not there for the DPO either.
        let ordinary = house.open(&dpo.for_purpose("sales"), &house.ada).await;
        assert_eq!(ordinary.code(), "NOT_FOUND", "{}", ordinary.text);
    }

    async fn hidden_and_absent_answer_alike_at_the_archives_own_door(app: TestApp) {
        let house = house(&app).await;
        let sales = house.sales().await;
        house.sleep().await;
        let mut answers = Vec::new();
        for id in [house.ada.as_str(), UNKNOWN] {
            let before = house.app.store.statements();
            let answer = house.open(&sales, id).await;
            answers.push((answer.code().to_owned(), answer.text, house.app.store.statements() - before));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].0, "NOT_FOUND");
    }

    async fn counsel_with_a_case_sees_the_fields_of_the_archive(app: TestApp) {
        let house = house(&app).await;
        let dpo = house.app.actor("dpo").await;
        let purpose = "mutation { createPurpose(input: {key: \"claims\", labelEn: \"Claims\", legalBasis: \"A6-1-f\", roles: \"counsel sales\", balancingTest: \"passed\",
            neededCategories: \"user\", nature: \"legal_claim\"}) { id } }";
        dpo.query(purpose).await.ok();
        let assessed = "mutation { createCompatibilityAssessment(input: {sourcePurpose: \"sales\", targetPurpose: \"claims\", status: \"approved\", validUntil: \"2030-01-01\", reasoning: \"Claims\"}) { id } }";
        dpo.query(assessed).await.ok();
        house.sleep().await;
        let counsel = house.app.actor("counsel").await.for_purpose("claims");
        let opened = house.open(&counsel, &house.ada).await.ok();
        assert_eq!(opened.data("/dormantRecord/values/lastName"), &json!("Lovelace"));
        let masked = opened.texts("/dormantRecord/masked", "/field");
        assert!(masked.iter().any(|field| field == "last_inbound_contact_at" || field == "lastInboundContactAt"), "{masked:?}");
        let without = counsel.send("query($id: ID!) { dormantRecord(entity: \"contact\", id: $id, reason: \"x\") { id } }", json!({ "id": house.ada })).await;
        assert_eq!((without.code(), without.error("/field")), ("BAD_USER_INPUT", &json!("caseId")));
        let seller = house.app.actor("sales").await.for_purpose("claims");
        assert_eq!(house.open(&seller, &house.ada).await.code(), "NOT_FOUND", "no role of the archive");
    }

    /// DOR-07; and DOR-08: sales wakes nobody, neither one nor many.
    async fn the_person_coming_back_wakes_everything(app: TestApp) {
        let house = house(&app).await;
        let sales = house.sales().await;
        let before = house.contact(&sales, &house.ada).await.ok().text;
        house.sleep().await;
        let act = "mutation($id: ID!) { noteActOfPerson(id: $id, at: \"2026-05-01T09:00:00Z\") }";
        let refused = sales.send(act, json!({ "id": house.ada })).await;
        assert_eq!(refused.code(), "FORBIDDEN", "sales wakes nobody");
        let portal = house.app.actor("portal").await;
        let (known, unknown) = (portal.send(act, json!({ "id": house.ada })).await, portal.send(act, json!({ "id": UNKNOWN })).await);
        assert_eq!(known.text, unknown.text, "the answer tells nothing");
        assert_eq!(house.contact(&sales, &house.ada).await.ok().text, before);
        let found = sales.send("query($id: ID!) { contact(id: $id) { lastInboundContactAt activities { nodes { subjectLine } } consentEvents { totalCount } } }", json!({ "id": house.ada })).await.ok();
        assert_eq!(found.data("/contact/activities/nodes/0/subjectLine"), &json!("Ada called"));
        assert_eq!(found.data("/contact/consentEvents/totalCount"), &json!(1));
        assert_eq!(found.data("/contact/lastInboundContactAt"), &json!("2026-05-01T09:00:00Z"));
        let deal = sales.send("query($id: ID!) { deal(id: $id) { note contact { lastName } } }", json!({ "id": house.deal })).await.ok();
        assert_eq!(deal.data("/deal"), &json!({ "note": "Ada likes blue", "contact": { "lastName": "Lovelace" } }));
        let again = sales.query("{ contacts(search: \"Lovelace\") { totalCount } }").await.ok();
        assert_eq!(again.data("/contacts/totalCount"), &json!(1));
        // The consent counts again, and the source finds her by its key.
        let marketer = house.app.actor("marketing").await.for_purpose("marketing").through("email");
        assert_eq!(marketer.query("{ contacts { totalCount } }").await.ok().data("/contacts/totalCount"), &json!(1));
        let call = sales.send("query($id: ID!) { activity(id: $id) { subjectLine } }", json!({ "id": house.call })).await.ok();
        assert_eq!(call.data("/activity/subjectLine"), &json!("Ada called"));
    }

    async fn the_dpo_wakes_with_a_reason(app: TestApp) {
        let house = house(&app).await;
        let sales = house.sales().await;
        house.sleep().await;
        let wake = "mutation($id: ID!) { wakePerson(id: $id, reason: \"Put to sleep by a wrong date\") }";
        assert_eq!(sales.send(wake, json!({ "id": house.ada })).await.code(), "FORBIDDEN");
        let dpo = house.app.actor("dpo").await;
        assert_eq!(dpo.send(wake, json!({ "id": UNKNOWN })).await.code(), "NOT_FOUND");
        dpo.send(wake, json!({ "id": house.ada })).await.ok();
        assert_eq!(house.contact(&sales, &house.ada).await.ok().data("/contact/lastName"), &json!("Lovelace"));
        let log = house.app.store.read_log(TENANT, 1_000).await.expect("the log");
        assert_eq!(log.iter().filter(|line| line.operation == "wake").count(), 1);
    }

    async fn the_source_that_sent_a_sleeper_makes_no_second_one(app: TestApp) {
        let house = house(&app).await;
        house.sleep().await;
        let again = house.seller.query(PUT).await;
        assert_eq!(again.code(), "NOT_FOUND", "{}", again.text);
        // To anybody else it is a key that nobody ever sent.
        let other = house.sales().await.query(PUT).await.ok();
        assert_ne!(other.data("/createContacts/0/id"), &json!(house.ada));
    }

    async fn what_sleeps_is_erased_with_its_key_when_its_time_is_over(app: TestApp) {
        let house = house_of(&app, true).await;
        house.sleep().await;
        let service = &house.app.service;
        let hold = house.app.hold(&[&house.ada]).await;
        assert_eq!(service.sweep_now("held").await.expect("a sweep").counts, []);
        house.app.release(&hold).await;
        let preview = service.sweep_dry_run().await.expect("a preview");
        let swept = service.sweep_now("due").await.expect("a sweep");
        assert_eq!(swept.counts, preview.counts);
        let count = &swept.counts[0];
        assert_eq!((count.effect.as_str(), count.archived, count.records), ("erase", true, 1));
        assert_eq!(service.sweep_now("again").await.expect("a sweep").counts, []);
        let mut tx = house.app.store.begin_write(TENANT).await.expect("a transaction");
        assert_eq!(tx.wrapped_key(&house.ada).await.expect("read"), None);
        assert_eq!(tx.asleep(&house.ada).await.expect("read"), []);
        // The proof of her consent stays, as where somebody is erased awake.
        assert_eq!(tx.records_by("consent_event", "contact_id", std::slice::from_ref(&house.ada)).await.expect("read").len(), 1);
        drop(tx);
        let again = house.seller.query(PUT).await;
        assert_eq!(again.code(), "CONFLICT", "what was erased does not come back with the next file: {}", again.text);
    }

    /// DOR-13: there is no event of somebody who sleeps but that they are not seen any more.
    async fn subscribers_are_told_that_they_see_the_record_no_more(app: TestApp) {
        let house = house_under(&app, vec![lullaby(false)]).await;
        let recipient = house.app.create("recipient", &[("name", Value::text("Mailer")), ("role", Value::text("processor")), ("country", Value::text("FR")), ("contract_until", Value::Date(21_915))]).await;
        let dpo = house.app.actor("dpo").await;
        let create = "mutation($to: ID!) { createWebhook(input: {name: \"m\", url: \"https://example.org/hook\", entity: \"contact\", fields: [\"lastName\"], purpose: \"sales\", recipient: $to, role: \"sales\"}) { webhook { id } } }";
        dpo.send(create, json!({ "to": recipient })).await.ok();
        let sales = house.sales().await;
        sales.send("mutation($id: ID!) { updateContact(id: $id, input: {city: \"Paris\"}) { id } }", json!({ "id": house.ada })).await.ok();
        house.app.service.fan_out_changes().await.expect("fanned out");
        let first = house.app.service.next_attempt().await.expect("an attempt").expect("something to tell");
        assert_eq!(first.event, "created");
        house.app.service.settle_attempt(&first, garant_service::AttemptOutcome::Taken { status: 200 }).await.expect("settled");
        house.sleep().await;
        house.app.service.fan_out_changes().await.expect("fanned out");
        let last = house.app.service.next_attempt().await.expect("an attempt").expect("something to tell");
        assert_eq!(last.event, "access_ended");
        assert!(!last.body.contains("Lovelace"));
    }
}
