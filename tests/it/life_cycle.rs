//! The life of a policy: installed, granted, exchanged, rolled back, timed, removed; and who may.

mod break_glass;
mod install;
mod previewed;
mod second_person;
mod timed;
mod unready;
mod versions;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use garant_testkit::guest::Guest;
use garant_testkit::guest::image::{Effect, Node, Rule, Selector};
use garant_testkit::{Actor, Answer, TestApp, signed};
use serde_json::{Value as Json, json};

const COUNT: &str = "{ contacts { totalCount } }";

/// A plugin that shows those in this country, of the contacts that these tests have.
fn shows_only(country: &str, version: &str) -> Guest {
    let other = if country == "FR" { "DE" } else { "FR" };
    let rule = Rule {
        when: vec![Node::Field("country"), Node::Text(other), Node::Eq],
        effect: Effect::Hide,
        target: vec![Selector::Row],
        code: "TST-01",
    };
    let mut guest = Guest::with_rule(rule);
    guest.manifest.id = "walls".to_owned();
    guest.manifest.version = version.to_owned();
    guest.manifest.hooks = vec![0];
    guest.manifest.entities = vec!["contact".to_owned()];
    guest
}

async fn install(dpo: &Actor, guest: &Guest) -> Answer {
    let file = guest.module();
    install_file(dpo, &file, Some(signed(&file))).await
}

async fn install_file(dpo: &Actor, file: &[u8], signature: Option<String>) -> Answer {
    let query = "mutation($component: String!, $signature: String) {
        installPolicy(component: $component, signature: $signature, reason: \"a test\") {
            id version digest publisher installedBy inSet needs { facts } ungranted { fields } } }";
    dpo.send(query, json!({"component": STANDARD.encode(file), "signature": signature})).await
}

/// What the plugin of these tests asks for, as the argument `grant`.
fn grant() -> Json {
    json!({"hooks": ["read"], "entities": ["contact"], "fields": ["country", "email"],
        "facts": ["consent.status", "subject.country"], "attributes": ["purpose.key"],
        "boundAttributes": ["ctx.actor.id"]})
}

/// A change of the policy `walls`, at the version that it has.
async fn change(dpo: &Actor, mutation: &str, types: &str, arguments: &str, mut variables: Json) -> Answer {
    let version = walls(dpo).await["version"].as_i64().unwrap_or(0);
    variables["version"] = json!(version);
    let query = format!(
        "mutation($version: Int!{types}) {{ {mutation}(id: \"walls\", expectedVersion: $version, reason: \"a test\"{arguments})
            {{ id mode version pluginVersion unavailable pending {{ id }} scheduled {{ change mode effectiveFrom expiresAt }} }} }}"
    );
    dpo.send(&query, variables).await
}

async fn add(dpo: &Actor, plugin_version: &str, mode: &str) -> Answer {
    let variables = json!({"plugin": plugin_version, "mode": mode, "grant": grant()});
    let types = ", $plugin: String!, $mode: PolicyMode!, $grant: PolicyGrant";
    change(dpo, "addPolicy", types, ", pluginVersion: $plugin, mode: $mode, grant: $grant", variables).await
}

async fn upgrade(dpo: &Actor, plugin_version: &str) -> Answer {
    let variables = json!({"plugin": plugin_version});
    change(dpo, "upgradePolicy", ", $plugin: String!", ", pluginVersion: $plugin", variables).await
}

async fn set_mode(dpo: &Actor, mode: &str) -> Answer {
    change(dpo, "setPolicyMode", ", $mode: PolicyMode!", ", mode: $mode", json!({"mode": mode})).await
}

async fn plainly(dpo: &Actor, mutation: &str) -> Answer {
    change(dpo, mutation, "", "", json!({})).await
}

/// The policy of these tests as the DPO sees it, or null.
async fn walls(dpo: &Actor) -> Json {
    let query = "{ policies { id mode version pluginVersion digest unavailable granted { facts } pending { id }
        scheduled { change mode effectiveFrom expiresAt } } }";
    let answer = dpo.query(query).await.ok();
    let list = answer.data("/policies").as_array().cloned().unwrap_or_default();
    list.into_iter().find(|policy| policy["id"] == "walls").unwrap_or(Json::Null)
}

async fn digest(dpo: &Actor, version: &str) -> String {
    let answer = dpo.query("{ policyVersions(id: \"walls\") { version digest inSet } }").await.ok();
    let list = answer.data("/policyVersions").as_array().cloned().unwrap_or_default();
    let found = list.iter().find(|row| row["version"] == version).map(|row| row["digest"].clone());
    found.and_then(|digest| digest.as_str().map(str::to_owned)).unwrap_or_default()
}

async fn count(actor: &Actor) -> Json {
    actor.query(COUNT).await.ok().data("/contacts/totalCount").clone()
}

/// One contact in France, one in Germany, and somebody in sales who sees both.
async fn two_contacts(app: &TestApp) -> Actor {
    app.contact("Cleo", &[]).await;
    app.contact("Dora", &[("country", garant_domain::value::Value::text("DE"))]).await;
    app.actor("sales").await.for_purpose("sales")
}
