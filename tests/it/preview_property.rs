//! A preview equals its run, whatever is changed: generated changes of generated policies over generated
//! people. What was previewed as lost, gained, masked and opened is the difference of two real reads.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use garant_domain::catalog::{Catalog, camel};
use garant_domain::value::Value;
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::{Effect, Node, Plan, Rule, Selector};
use garant_testkit::{Actor, TestApp, on_both_databases, signed};
use serde_json::{Value as Json, json};

/// Throws that come out alike each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        // Knuth's MMIX generator; its high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % sides
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.throw(of.len())]
    }
}

const COUNTRIES: [&str; 4] = ["FR", "DE", "US", "KE"];
const STATUSES: [&str; 4] = ["given", "withdrawn", "none", "refused"];
const FIELDS: [&str; 4] = ["email", "phone", "last_name", "country"];

async fn people(app: &TestApp, dice: &mut Dice) {
    let dpo = app.actor("dpo").await.for_purpose("sales");
    for number in 0..30 {
        let more = [
            ("country", Value::text(dice.one(&COUNTRIES))),
            ("kind", Value::text(dice.one(&["prospect", "customer", "employee_of_client"]))),
            ("audience", Value::text(dice.one(&["consumer", "professional"]))),
            ("phone", Value::text("+33 1")),
        ];
        let id = app.contact(&format!("P{number}"), &more).await;
        for _ in 0..dice.throw(4) {
            let purpose = dice.one(&["marketing", "marketing.communications.email"]);
            let channel = dice.one(&["email", "call", "any"]);
            let state = dice.one(&["given", "withdrawn", "refused", "objected", "renewed"]);
            let channel = if state == "objected" { "any" } else { channel };
            let at = format!("2026-0{}-10T10:00:00Z", 1 + dice.throw(4));
            app.consent(&id, purpose, channel, state, &at).await;
        }
        // Last, since who is past their period is seen by nobody who could add to them.
        let contact = dice.one(&["2021-05-01T10:00:00Z", "2023-06-20T10:00:00Z", "2025-12-01T10:00:00Z"]);
        let old = "mutation($id: ID!, $at: DateTime) { updateContact(id: $id, input: {lastInboundContactAt: $at}) { version } }";
        dpo.send(old, json!({"id": id, "at": contact})).await.ok();
    }
}

fn rule(dice: &mut Dice) -> Rule {
    let mut when = vec![];
    let parts = 1 + dice.throw(2);
    for _ in 0..parts {
        let (operand, values): (Node, &[&'static str]) = match dice.throw(4) {
            0 => (Node::Field("country"), &COUNTRIES),
            1 => (Node::Fact("subject.country", vec![]), &COUNTRIES),
            2 => (Node::Fact("consent.status", vec!["marketing", "email"]), &STATUSES),
            _ => (Node::Fact("consent.status", vec!["marketing", "call"]), &STATUSES),
        };
        when.extend([operand, Node::Text(dice.one(values)), Node::Eq]);
    }
    when.push(Node::All(u32::try_from(parts).unwrap_or_default()));
    let (effect, target) = match dice.throw(5) {
        0 | 1 => (Effect::Hide, vec![Selector::Row]),
        2 => (Effect::Mask, vec![Selector::Personal]),
        _ => (Effect::Mask, vec![Selector::Field(dice.one(&FIELDS))]),
    };
    // Now and then it refuses everything, which only a rule on the request may.
    let (when, effect) = if dice.throw(12) == 0 { (vec![], Effect::Refuse) } else { (when, effect) };
    Rule { when, effect, target, code: dice.one(&["TST-01", "TST-02"]) }
}

fn guest(dice: &mut Dice, version: &str) -> Guest {
    let rules = (0..1 + dice.throw(4)).map(|_| rule(dice)).collect();
    let mut guest = Guest { plan: Plan { rules, ..Plan::default() }, ..Guest::default() };
    guest.manifest.id = "walls".to_owned();
    guest.manifest.version = version.to_owned();
    guest.manifest.hooks = vec![0];
    guest.manifest.entities = vec!["contact".to_owned()];
    guest.manifest.fields = FIELDS.map(str::to_owned).to_vec();
    guest.manifest.codes = vec!["TST-01".to_owned(), "TST-02".to_owned()];
    guest
}

/// The policies in force, by id.
async fn policies(dpo: &Actor) -> BTreeMap<String, Json> {
    let answer = dpo.query("{ policies { id version settings pluginVersion } }").await.ok();
    let list = answer.data("/policies").as_array().expect("policies").clone();
    list.into_iter().map(|policy| (policy["id"].as_str().expect("an id").to_owned(), policy)).collect()
}

/// Some change, as a preview takes it.
async fn some_change(dpo: &Actor, dice: &mut Dice, round: usize) -> Json {
    let known = policies(dpo).await;
    let mode = dice.one(&["OFF", "OBSERVE", "ENFORCE"]);
    match dice.throw(6) {
        0 | 1 => {
            let version = format!("{}.0.0", round + 1);
            let file = guest(dice, &version).module();
            let query = "mutation($component: String!, $signature: String) {
                installPolicy(component: $component, signature: $signature, reason: \"a test\") { id } }";
            dpo.send(query, json!({"component": STANDARD.encode(&file), "signature": signed(&file)})).await.ok();
            json!({"id": "walls", "pluginVersion": version, "mode": "ENFORCE"})
        }
        2 if known.contains_key("walls") => json!({"id": "walls", "remove": true}),
        3 => {
            let (id, setting, months) =
                dice.one(&[("retention", "prospect_months", 48), ("consent", "validity_months", 6)]);
            let mut settings = known[id]["settings"].clone();
            settings[setting] = json!(1 + dice.throw(months));
            json!({"id": id, "settings": settings})
        }
        _ => {
            let ids: Vec<&String> = known.keys().collect();
            json!({"id": dice.one(&ids), "mode": mode})
        }
    }
}

/// Makes the change that was previewed.
async fn make(dpo: &Actor, change: &Json) {
    let id = change["id"].as_str().expect("an id");
    let known = policies(dpo).await;
    let step = async |mutation: &str, arguments: &str, types: &str| {
        let known = policies(dpo).await;
        let mut variables = change.clone();
        variables["version"] = known.get(id).map_or(json!(0), |policy| policy["version"].clone());
        variables["grant"] = json!({"hooks": ["read"], "entities": ["contact"], "fields": FIELDS,
            "facts": ["consent.status", "subject.country"], "attributes": ["purpose.key"], "boundAttributes": ["ctx.actor.id"]});
        let query = format!(
            "mutation($id: ID!, $version: Int!{types}) {{ {mutation}(id: $id, expectedVersion: $version, reason: \"a test\"{arguments}) {{ id }} }}"
        );
        dpo.send(&query, variables).await.ok();
    };
    let versioned = ", $pluginVersion: String!, $grant: PolicyGrant";
    if change["remove"] == true {
        return step("removePolicy", "", "").await;
    }
    if change["pluginVersion"].is_string() && !known.contains_key(id) {
        let arguments = ", pluginVersion: $pluginVersion, grant: $grant, mode: $mode";
        return step("addPolicy", arguments, &format!("{versioned}, $mode: PolicyMode!")).await;
    }
    if change["pluginVersion"].is_string() {
        step("upgradePolicy", ", pluginVersion: $pluginVersion, grant: $grant", versioned).await;
    }
    if change["settings"].is_object() {
        step("setPolicySettings", ", settings: $settings", ", $settings: JSON!").await;
    }
    if change["mode"].is_string() {
        step("setPolicyMode", ", mode: $mode", ", $mode: PolicyMode!").await;
    }
}

/// Who is shown, and of each which fields are masked; nobody where the request is refused.
type Seen = BTreeMap<String, BTreeSet<String>>;

async fn seen(actor: &Actor, fields: &str) -> Seen {
    let query = format!("{{ contacts(first: 100) {{ nodes {{ id {fields} policy {{ masked {{ field }} }} }} }} }}");
    let answer = actor.query(&query).await;
    if answer.code() == "POLICY_REFUSED" {
        return Seen::new();
    }
    let answer = answer.ok();
    let nodes = answer.data("/contacts/nodes").as_array().expect("nodes");
    let masked = |node: &Json| -> BTreeSet<String> {
        let masks = node["policy"]["masked"].as_array().into_iter().flatten();
        masks.filter_map(|mask| mask["field"].as_str().map(str::to_owned)).collect()
    };
    nodes.iter().map(|node| (node["id"].as_str().expect("an id").to_owned(), masked(node))).collect()
}

fn rows(counts: &Json) -> usize {
    let rows = counts.as_array().into_iter().flatten().filter_map(|count| count["rows"].as_u64());
    usize::try_from(rows.sum::<u64>()).unwrap_or_default()
}

/// Compares an impact with what was seen before and after.
fn check(impact: Option<&Json>, before: &Seen, after: &Seen, what: &str) {
    let only = |one: &Seen, other: &Seen| one.keys().filter(|id| !other.contains_key(*id)).count();
    let Some(impact) = impact else {
        assert_eq!(before, after, "{what}: what is not listed stays as it is");
        return;
    };
    assert_eq!(impact["rowsBefore"], before.len(), "{what}: {impact}");
    assert_eq!(impact["rowsAfter"], after.len(), "{what}: {impact}");
    assert_eq!(
        (rows(&impact["lost"]), rows(&impact["gained"])),
        (only(before, after), only(after, before)),
        "{what}: {impact}"
    );
    let mut expected: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (id, fields) in before {
        let Some(then) = after.get(id) else { continue };
        then.difference(fields).for_each(|field| expected.entry(field.clone()).or_default().0 += 1);
        fields.difference(then).for_each(|field| expected.entry(field.clone()).or_default().1 += 1);
    }
    let mut told: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for field in impact["fields"].as_array().into_iter().flatten() {
        let counts = (rows(&field["masked"]), rows(&field["opened"]));
        told.insert(field["field"].as_str().expect("a name").to_owned(), counts);
    }
    told.retain(|_, counts| *counts != (0, 0));
    assert_eq!(told, expected, "{what}: {impact}");
}

const PREVIEW: &str = "query($change: PolicyChangeInput!) { previewPolicyChange(change: $change) { complete impacts {
    entity purpose roles channel recipient rowsBefore rowsAfter uncounted { code } lost { code rows } gained { code rows }
    fields { field masked { code rows } opened { code rows } } } } }";

on_both_databases! {
    async fn whatever_is_changed_the_preview_equals_the_run(app: TestApp) {
        let mut dice = Dice(42);
        people(&app, &mut dice).await;
        let catalog = Catalog::standard().expect("the catalogue");
        let fields: Vec<String> = catalog.entity("contact").expect("contacts").fields.iter().map(|field| camel(&field.name)).collect();
        let fields = fields.join(" ");
        let dpo = app.actor("dpo").await;
        let mut askers = vec![];
        for (role, purpose, channel) in [("sales", "sales", None), ("marketing", "marketing", None), ("marketing", "marketing", Some("email")), ("accountant", "accounting", None)] {
            let actor = app.actor(role).await.for_purpose(purpose);
            askers.push((role, purpose, channel, channel.map_or(actor.clone(), |channel| actor.through(channel))));
        }
        let mut changed = 0;
        for round in 0..14 {
            let change = some_change(&dpo, &mut dice, round).await;
            let mut before = vec![];
            for (_, _, _, actor) in &askers {
                before.push(seen(actor, &fields).await);
            }
            let preview = dpo.send(PREVIEW, json!({"change": change})).await.ok();
            assert_eq!(preview.data("/previewPolicyChange/complete"), &json!(true));
            let impacts = preview.data("/previewPolicyChange/impacts").as_array().expect("impacts").clone();
            make(&dpo, &change).await;
            for ((role, purpose, channel, actor), before) in askers.iter().zip(before) {
                let after = seen(actor, &fields).await;
                let impact = impacts.iter().find(|impact| {
                    impact["entity"] == "contact" && impact["purpose"] == *purpose && impact["channel"] == json!(channel)
                        && impact["recipient"].is_null() && impact["roles"].as_array().is_some_and(|roles| roles.contains(&json!(role)))
                });
                changed += usize::from(before != after);
                check(impact, &before, &after, &format!("round {round}: {change} for {purpose} through {channel:?}"));
            }
        }
        assert!(changed > 10, "only {changed} answers changed");
    }
}
