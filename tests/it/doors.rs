//! Every door under every kind of decision. The list of doors is the code's own: a new one does not
//! compile here until it says how it is walked through and what it then shows.

use std::time::Duration;

use garant_domain::catalog::camel;
use garant_domain::value::Value;
use garant_service::import::{ImportError, ImportRequest, Mapping, Reject, RejectSink};
use garant_service::{Caller, Door, ExportFormat, ExportRequest, NewWebhook, ShippedPlugin, UnitRequest};
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::{Effect, Node, Plan, Rule, Selector};
use garant_testkit::{Socket, TENANT, TestApp, listen, on_both_databases};
use serde_json::{Value as Json, json};

/// What the only policy decides about contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Allow,
    Mask,
    Hide,
    Refuse,
    Trap,
    TimeOut,
}

const CASES: [Case; 6] = [Case::Allow, Case::Mask, Case::Hide, Case::Refuse, Case::Trap, Case::TimeOut];

/// What a walk through a door came to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Walk {
    /// The value was told, or the record written.
    Done,
    /// The record was there without the value, or written unseen.
    Masked,
    /// As if there were no record.
    Absent,
    /// Refused with a code.
    Refused(String),
}

fn refused(code: &str) -> Walk {
    Walk::Refused(code.to_owned())
}

/// The value that the policy is about; it identifies its person.
const SECRET: &str = "ada@example.org";

/// What must come out.
fn expected(door: Door, case: Case) -> Walk {
    match (case, door) {
        // Nothing is due by a policy that says nothing at the hook of retention; `sweep` walks under those
        // that do.
        (_, Door::Sweep) => Walk::Absent,
        // Nobody sleeps here, so nobody is woken; the archive's own door is asked first and shuts with the
        // rest. `dormant` walks with somebody who sleeps.
        (_, Door::Wake) => Walk::Absent,
        (Case::Refuse, Door::Dormant) => refused("POLICY_REFUSED"),
        (Case::Trap | Case::TimeOut, Door::Dormant) => refused("POLICY_UNAVAILABLE"),
        (_, Door::Dormant) => refused("NOT_FOUND"),
        // A withdrawal by address asks for nobody and tells of nobody, so no rule about anybody stops it.
        (Case::Allow, _) | (_, Door::Consent) => Walk::Done,
        (Case::Trap | Case::TimeOut, _) => refused("POLICY_UNAVAILABLE"),
        // A subscriber who sees nothing is not told why.
        (Case::Refuse | Case::Hide, Door::Webhook) => Walk::Absent,
        // Behind a reference it is as if nothing were there.
        (Case::Refuse, Door::ByIds) => Walk::Absent,
        // Counts tell how many are shown, not by what.
        (Case::Refuse, Door::Preview) => Walk::Absent,
        (Case::Refuse, _) => refused("POLICY_REFUSED"),
        // A masked value is no operand, and is not written.
        (
            Case::Mask,
            Door::Aggregate
            | Door::AggregatePerParent
            | Door::GroupBy
            | Door::Create
            | Door::Update
            | Door::UpdateWhere
            | Door::Upsert
            | Door::Import,
        ) => refused("POLICY_REFUSED"),
        // Nor is it what two records are found to share.
        (Case::Mask, Door::Duplicates) => Walk::Absent,
        (Case::Mask, Door::DeleteWhere) => refused("POLICY_REFUSED"),
        (Case::Mask, _) => Walk::Masked,
        // A record that is written into the unseen is answered without its fields.
        (Case::Hide, Door::Create | Door::Upsert) => Walk::Masked,
        (Case::Hide, Door::Import) => Walk::Done,
        (Case::Hide, Door::Update | Door::Delete | Door::Restore | Door::Merge) => refused("NOT_FOUND"),
        (Case::Hide, _) => Walk::Absent,
    }
}

fn plugin(case: Case) -> ShippedPlugin {
    let rule = |when: Vec<Node>, effect: Effect, target: Vec<Selector>| Rule { when, effect, target, code: "TST-01" };
    let rules = match case {
        Case::Allow | Case::Trap | Case::TimeOut => vec![],
        Case::Mask => {
            vec![rule(vec![], Effect::Mask, vec![Selector::Field("email"), Selector::Field("last_inbound_contact_at")])]
        }
        Case::Hide => {
            vec![rule(vec![Node::Field("country"), Node::Text("FR"), Node::Eq], Effect::Hide, vec![Selector::Row])]
        }
        Case::Refuse => vec![rule(vec![], Effect::Refuse, vec![Selector::Row])],
    };
    let code = match case {
        Case::Trap => include_str!("../../core/testkit/guests/hostile/trap_for_marketing.wat"),
        Case::TimeOut => include_str!("../../core/testkit/guests/hostile/slow_for_marketing.wat"),
        _ => "",
    };
    let mut guest = Guest { plan: Plan { rules, ..Plan::default() }, ..Guest::doing(code) };
    guest.manifest.hooks = vec![0];
    guest.manifest.entities = vec!["contact".to_owned()];
    guest.manifest.fields.push("last_inbound_contact_at".to_owned());
    ShippedPlugin { id: "honest".to_owned(), bytes: guest.module(), signature: None }
}

struct House {
    app: TestApp,
    company: String,
    ada: String,
    twin: String,
    deal: String,
    trashed: String,
    recipient: String,
}

/// A company with Ada, who has a deal and a twin of the same address; Bea is in the trash. The policy takes effect afterwards.
async fn house(app: TestApp) -> House {
    let dpo = app.actor("dpo").await;
    switch(&app, "OFF", 1).await;
    let company = app.create("company", &[("name", Value::text("Acme"))]).await;
    let ada = app.contact("Ada", &[("email", Value::text(SECRET)), ("company_id", Value::text(company.clone()))]).await;
    let twin = app.contact("Twin", &[("email", Value::text(SECRET))]).await;
    let deal = app.create("deal", &[("name", Value::text("Boat")), ("contact_id", Value::text(ada.clone()))]).await;
    let trashed = app.contact("Bea", &[("email", Value::text(SECRET)), ("country", Value::text("FR"))]).await;
    let delete = "mutation($id: ID!) { deleteContact(id: $id) { id } }";
    dpo.for_purpose("sales").send(delete, json!({ "id": trashed })).await.ok();
    let recipient = app
        .create(
            "recipient",
            &[("name", Value::text("Mailer")), ("role", Value::text("processor")), ("country", Value::text("FR"))],
        )
        .await;
    House { app, company, ada, twin, deal, trashed, recipient }
}

async fn switch(app: &TestApp, mode: &str, version: i64) {
    let query = format!(
        "mutation {{ setPolicyMode(id: \"honest\", mode: {mode}, expectedVersion: {version}, reason: \"a test\") {{ mode }} }}"
    );
    app.actor("dpo").await.query(&query).await.ok();
}

fn caller() -> Caller {
    Caller {
        tenant: TENANT.to_owned(),
        actor: garant_domain::context::Actor { id: "walker".to_owned(), role: "dpo".to_owned(), country: None },
        name: "walker".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    }
}

#[derive(Default)]
struct Kept(Vec<String>);

impl RejectSink for Kept {
    fn reject(&mut self, _: &[String], row: &Reject) -> std::io::Result<()> {
        self.0.push(row.reason.clone());
        Ok(())
    }
}

/// Walks through a door for the purpose `marketing`.
async fn walk(house: &House, door: Door) -> Walk {
    let House { app, company, ada, twin, deal, trashed, recipient } = house;
    let send = async |query: &str, id: &str, found: &str| {
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let answer = marketer.send(query, json!({ "id": id })).await;
        if !answer.code().is_empty() {
            assert!(!answer.text.contains(SECRET), "{door:?}: {}", answer.text);
            return refused(answer.code());
        }
        let found = answer.data(found);
        match found {
            Json::Null => Walk::Absent,
            Json::Array(list) if list.is_empty() => Walk::Absent,
            Json::Number(number) if number.as_i64() == Some(0) => Walk::Absent,
            _ if answer.text.contains(SECRET) || found.is_number() => Walk::Done,
            _ => Walk::Masked,
        }
    };
    match door {
        Door::Page => send("query { contacts { nodes { email } } }", "", "/contacts/nodes").await,
        Door::PagePerParent => send("query($id: ID!) { company(id: $id) { contacts { nodes { email } } } }", company, "/company/contacts/nodes").await,
        Door::ByIds => send("query($id: ID!) { deal(id: $id) { contact { email } } }", deal, "/deal/contact").await,
        Door::Record => send("query($id: ID!) { contact(id: $id) { email } }", ada, "/contact").await,
        Door::Aggregate => send("query { contacts(first: 0) { aggregate { count max { lastInboundContactAt } } } }", "", "/contacts/aggregate/count").await,
        Door::AggregatePerParent => send("query($id: ID!) { company(id: $id) { contacts(first: 0) { aggregate { count max { lastInboundContactAt } } } } }", company, "/company/contacts/aggregate/count").await,
        Door::GroupBy => send("query { contactGroupBy(by: [email]) { key { email } aggregate { count } } }", "", "/contactGroupBy").await,
        Door::Search => send("query { search(query: \"ada\", entities: [contact]) { nodes { contact { email } } } }", "", "/search/nodes").await,
        Door::Duplicates => send("query { contactDuplicates { nodes { records { email } } } }", "", "/contactDuplicates/nodes").await,
        Door::Merge => send(&format!("mutation($id: ID!) {{ mergeContacts(into: $id, ids: [\"{twin}\"]) {{ record {{ email }} }} }}"), ada, "/mergeContacts").await,
        Door::Create => send(&format!("mutation {{ createContact(input: {{lastName: \"Cleo\", country: \"FR\", email: \"{SECRET}\"}}) {{ email }} }}"), "", "/createContact").await,
        Door::Update => send(&format!("mutation($id: ID!) {{ updateContact(id: $id, input: {{email: \"{SECRET}\"}}) {{ email }} }}"), ada, "/updateContact").await,
        Door::Restore => send("mutation($id: ID!) { restoreContact(id: $id) { email } }", trashed, "/restoreContact").await,
        Door::Upsert => send(&format!("mutation {{ createContacts(inputs: [{{lastName: \"Dora\", country: \"FR\", email: \"{SECRET}\"}}], onConflict: {{source: \"crm\", keys: [\"7\"]}}) {{ email }} }}"), "", "/createContacts/0").await,
        Door::UpdateWhere => send(&format!("mutation {{ updateContacts(filter: {{lastName: {{eq: \"Ada\"}}}}, input: {{email: \"{SECRET}\"}}) {{ count }} }}"), "", "/updateContacts/count").await,
        Door::DeleteWhere => send(&format!("mutation {{ deleteContacts(filter: {{email: {{eq: \"{SECRET}\"}}, lastName: {{eq: \"Ada\"}}}}, dryRun: true) {{ count }} }}"), "", "/deleteContacts/count").await,
        Door::Delete => send("mutation($id: ID!) { deleteContact(id: $id) { email } }", ada, "/deleteContact").await,
        Door::Consent => {
            let withdraw = format!("mutation {{ withdrawConsent(input: {{email: \"{SECRET}\", purpose: \"marketing\"}}) {{ recorded eventIds }} }}");
            let answer = app.actor("marketing").await.for_purpose("marketing").query(&withdraw).await;
            match answer.data("/withdrawConsent") {
                told if *told == json!({ "recorded": true, "eventIds": [] }) => Walk::Done,
                _ => refused(answer.code()),
            }
        }
        Door::Explain => explain(app, ada).await,
        Door::Preview => preview(app).await,
        Door::Export => export(app, recipient).await,
        Door::Webhook => webhook(house).await,
        Door::Subscription => subscription(house).await,
        Door::Import => import(app).await,
        Door::Sweep => sweep(app).await,
        Door::Dormant => dormant(app, ada).await,
        Door::Wake => wake(app, ada).await,
    }
}

/// What the DPO is told of Ada as marketing would be shown her.
async fn explain(app: &TestApp, ada: &str) -> Walk {
    let query = "query($id: ID!) { explainAccess(entity: \"contact\", id: $id, as: {role: \"marketing\", purpose: \"marketing\"}) { outcome fields rules { code } } }";
    let answer = app.actor("dpo").await.send(query, json!({ "id": ada })).await;
    assert!(!answer.text.contains(SECRET), "{}", answer.text);
    if !answer.code().is_empty() {
        return refused(answer.code());
    }
    match answer.data("/explainAccess/outcome").as_str() {
        Some("shown") => Walk::Done,
        Some("masked") => Walk::Masked,
        Some("hidden") => Walk::Absent,
        Some("refused") => refused("POLICY_REFUSED"),
        outcome => panic!("{outcome:?}"),
    }
}

/// What marketing is shown now, told by what it would gain without the policy.
async fn preview(app: &TestApp) -> Walk {
    let query = "{ previewPolicyChange(change: {id: \"honest\", mode: OFF}) { impacts { entity purpose channel recipient rowsBefore rowsGained
        fields { field rowsOpened } unavailableBefore { code } } } }";
    let answer = app.actor("dpo").await.query(query).await.ok();
    assert!(!answer.text.contains(SECRET), "{}", answer.text);
    let impacts = answer.data("/previewPolicyChange/impacts").as_array().expect("impacts");
    let own = |impact: &&Json| {
        impact["entity"] == "contact"
            && impact["purpose"] == "marketing"
            && impact["channel"].is_null()
            && impact["recipient"].is_null()
    };
    match impacts.iter().find(own) {
        None => Walk::Done,
        Some(impact) if impact["unavailableBefore"].is_object() => {
            refused(impact["unavailableBefore"]["code"].as_str().unwrap_or_default())
        }
        Some(impact) if impact["rowsBefore"] == 0 => Walk::Absent,
        Some(impact) => {
            let opened =
                impact["fields"].as_array().is_some_and(|fields| fields.iter().any(|field| field["field"] == "email"));
            if opened { Walk::Masked } else { panic!("{impact}") }
        }
    }
}

/// What marketing is told of Ada who is there, over a real socket.
async fn subscription(house: &House) -> Walk {
    let marketer = house.app.actor("marketing").await.for_purpose("marketing");
    let mut socket = Socket::of(listen(&house.app.router).await, &marketer).await;
    let query = "subscription($ids: [ID!]) { contactChanged(ids: $ids, existing: true) { kind node { email } } }";
    socket.subscribe("contact", query, json!({ "ids": [house.ada] })).await;
    // Of nobody: what the server says of it was begun after.
    let other = "subscription($ids: [ID!]) { companyChanged(ids: $ids, existing: true) { kind } }";
    socket.subscribe("company", other, json!({ "ids": [house.company] })).await;
    let (mut longest, mut walk) = (Duration::from_secs(30), None);
    while let Some(heard) = socket.hear_within(longest).await {
        let message = heard.message();
        match (message["id"].as_str(), message["type"].as_str()) {
            (Some("company"), Some("next")) => longest = Duration::from_secs(2),
            (_, Some("error")) => {
                assert!(!message.to_string().contains(SECRET), "{message}");
                walk = Some(refused(message["payload"][0]["extensions"]["code"].as_str().unwrap_or_default()));
            }
            _ if message.to_string().contains(SECRET) => walk = Some(Walk::Done),
            _ => walk = Some(Walk::Masked),
        }
        if let Some(walk) = walk {
            return walk;
        }
    }
    Walk::Absent
}

async fn sweep(app: &TestApp) -> Walk {
    match app.service.sweep_now("a walk").await {
        Ok(view) if view.counts.is_empty() => Walk::Absent,
        Ok(_) => Walk::Done,
        Err(problem) => refused(serde_json::to_value(problem.code).expect("a code").as_str().unwrap_or_default()),
    }
}

async fn dormant(app: &TestApp, id: &str) -> Walk {
    let dpo = app.actor("dpo").await.for_purpose("marketing");
    let query = "query($id: ID!) { dormantRecord(entity: \"contact\", id: $id, reason: \"A walk\") { values } }";
    refused(dpo.send(query, json!({ "id": id })).await.code())
}

async fn wake(app: &TestApp, id: &str) -> Walk {
    let act = "mutation($id: ID!) { noteActOfPerson(id: $id, at: \"2026-03-01T10:00:00Z\") }";
    let answer = app.actor("portal").await.send(act, json!({ "id": id })).await.ok();
    let woken = app.store.read_log(TENANT, 1_000).await.expect("the log").iter().any(|line| line.operation == "wake");
    assert_eq!(answer.data("/noteActOfPerson"), &json!(true));
    if woken { Walk::Done } else { Walk::Absent }
}

async fn export(app: &TestApp, recipient: &str) -> Walk {
    let request = ExportRequest {
        entity: "contact".to_owned(),
        columns: vec![("email".to_owned(), "email".to_owned())],
        filter: None,
        format: ExportFormat::Csv,
        unit: UnitRequest { purposes: vec!["marketing".to_owned()], channel: None },
        recipient: Some(recipient.to_owned()),
    };
    let mut export = match app.service.export(&caller(), request).await {
        Ok(export) => export,
        Err(problem) => {
            return refused(serde_json::to_value(problem.code).expect("a code").as_str().unwrap_or_default());
        }
    };
    let mut text = String::new();
    while let Some(bytes) = export.next().await.expect("the next bytes") {
        text.push_str(&String::from_utf8(bytes).expect("UTF-8"));
    }
    match (text.contains(SECRET), export.rows()) {
        (true, _) => Walk::Done,
        (false, 0) => Walk::Absent,
        (false, _) => Walk::Masked,
    }
}

async fn webhook(house: &House) -> Walk {
    let app = &house.app;
    let new = NewWebhook {
        name: "mailer".to_owned(),
        url: "https://example.org/hook".to_owned(),
        entity: "contact".to_owned(),
        fields: vec!["email".to_owned()],
        events: vec![],
        purpose: Some("marketing".to_owned()),
        channel: None,
        recipient: Some(house.recipient.clone()),
        role: "marketing".to_owned(),
        allow_private: true,
    };
    app.service.create_webhook(&caller(), new).await.expect("a webhook");
    // Somebody else changes the record while the policy says nothing.
    let version = app
        .actor("dpo")
        .await
        .query("{ policies { id version } }")
        .await
        .ok()
        .data("/policies/0/version")
        .as_i64()
        .expect("a version");
    switch(app, "OFF", version).await;
    let change = "mutation($id: ID!) { updateContact(id: $id, input: {jobTitle: \"Pilot\"}) { id } }";
    app.actor("dpo").await.for_purpose("sales").send(change, json!({ "id": house.ada })).await.ok();
    switch(app, "ENFORCE", version + 1).await;
    app.service.fan_out_changes().await.expect("fanned out");
    match app.service.next_attempt().await {
        Ok(Some(attempt)) if attempt.body.contains(SECRET) => Walk::Done,
        Ok(Some(_)) => Walk::Masked,
        // What nobody can tell now is kept for later; what is not to be told is settled.
        Ok(None) => {
            let webhook = app.service.webhooks(&caller()).await.expect("webhooks").remove(0);
            let deliveries = app.service.webhook_deliveries(&caller(), &webhook.id, 10).await.expect("deliveries");
            let waits = deliveries.iter().any(|delivery| delivery.settled_at.is_none());
            if waits { refused("POLICY_UNAVAILABLE") } else { Walk::Absent }
        }
        Err(problem) => refused(serde_json::to_value(problem.code).expect("a code").as_str().unwrap_or_default()),
    }
}

async fn import(app: &TestApp) -> Walk {
    let mapping = "entity = \"contact\"\nsource = \"file\"\nkey = \"id\"\n[field.last_name]\ncolumn = \"name\"\n[field.email]\ncolumn = \"mail\"\n[field.country]\nconstant = \"FR\"\n";
    let mapping = Mapping::parse(mapping, app.service.catalog()).expect("a mapping");
    let rows = format!("id,name,mail\n1,Eve,{SECRET}\n");
    let mut rejects = Kept::default();
    let request = ImportRequest {
        mapping: &mapping,
        reader: rows.as_bytes(),
        purposes: vec!["marketing".to_owned()],
        rejects: &mut rejects,
        progress: &mut |_| {},
    };
    match app.service.import(&caller(), request).await {
        Ok(report) if report.created == 1 => Walk::Done,
        Ok(_) if rejects.0.iter().any(|reason| reason.contains("masked")) => refused("POLICY_REFUSED"),
        Ok(report) => panic!("{report:?} {:?}", rejects.0),
        Err(ImportError::Batch { problem, .. }) => {
            refused(serde_json::to_value(problem.code).expect("a code").as_str().unwrap_or_default())
        }
        Err(error) => panic!("{error:?}"),
    }
}

/// Doors that change what others read come last.
fn in_order() -> Vec<Door> {
    let mut doors = Door::ALL.to_vec();
    doors.sort_by_key(|door| (matches!(door, Door::Delete), matches!(door, Door::Merge)));
    doors
}

async fn every_door(app: &TestApp, case: Case) {
    let app = TestApp::start_with(app.database.backend(), vec![plugin(case)]).await;
    let house = house(app).await;
    switch(&house.app, "ENFORCE", 2).await;
    for door in in_order() {
        assert_eq!(walk(&house, door).await, expected(door, case), "{door:?} under {case:?}");
    }
}

#[test]
fn the_list_holds_every_door_once() {
    let mut names: Vec<String> = Door::ALL.iter().map(|door| camel(&format!("{door:?}"))).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), Door::ALL.len());
    // The enum and its list stand in one file; a variant that the list lacks would never be walked through.
    let source = include_str!("../../core/service/src/gate/door.rs");
    let declared =
        source.split("pub enum Door {").nth(1).and_then(|rest| rest.split("\n}\n").next()).expect("the enum");
    let variants =
        declared.lines().filter(|line| line.trim().ends_with(',') && !line.trim().starts_with("///")).count();
    assert_eq!(variants, Door::ALL.len());
    assert_eq!(CASES.len(), 6);
}

on_both_databases! {
    async fn what_is_allowed_passes_every_door(app: TestApp) {
        every_door(&app, Case::Allow).await;
    }

    async fn what_is_masked_passes_no_door(app: TestApp) {
        every_door(&app, Case::Mask).await;
    }

    async fn who_is_hidden_is_behind_no_door(app: TestApp) {
        every_door(&app, Case::Hide).await;
    }

    async fn what_is_refused_is_refused_at_every_door(app: TestApp) {
        every_door(&app, Case::Refuse).await;
    }

    async fn a_policy_that_crashes_shuts_every_door(app: TestApp) {
        every_door(&app, Case::Trap).await;
    }

    async fn a_policy_that_never_answers_shuts_every_door(app: TestApp) {
        every_door(&app, Case::TimeOut).await;
    }
}
