//! Every operation of the API, with what it needs: made of the server's own description of itself, so that one
//! that nobody has thought about fails the test.

use std::collections::BTreeMap;

use garant_domain::catalog::{Catalog, FieldType, camel};
use garant_domain::role::{Act, Duty};
use garant_testkit::Actor;
use serde_json::Value as Json;

/// What an operation needs.
#[derive(Clone, Debug)]
pub enum Need {
    /// Anybody with a credential.
    Nothing,
    /// A session, which the walk's keys have not.
    Session,
    /// A role named in the configuration.
    Setting,
    /// A duty.
    Duty(Duty),
    /// Acts on records, all of them.
    Records(Vec<(String, Act)>),
}

/// An operation with arguments that are well-formed and about nothing.
#[derive(Clone, Debug)]
pub struct Operation {
    pub name: String,
    pub mutation: bool,
    pub need: Need,
    pub text: String,
}

/// Operations written by hand: about no entity, or about several.
fn by_hand(name: &str) -> Option<Need> {
    let records =
        |all: &[(&str, Act)]| Need::Records(all.iter().map(|(entity, act)| ((*entity).to_owned(), *act)).collect());
    Some(match name {
        "viewer" | "signIn" | "acceptInvitation" | "resetPassword" | "search" | "approvals" | "requestApproval" => {
            Need::Nothing
        }
        "sessions" | "signOut" | "signOutEverywhere" | "endSession" | "changePassword" | "beginTotp"
        | "confirmTotp" | "disableTotp" => Need::Session,
        "startBreakGlass" | "endBreakGlass" => Need::Setting,
        "accounts"
        | "inviteUser"
        | "createPasswordReset"
        | "setUserRole"
        | "deactivateUser"
        | "reactivateUser"
        | "resetTotp"
        | "changeUserEmail"
        | "eraseUser" => Need::Duty(Duty::Users),
        "apiKeys" | "createApiKey" | "rotateApiKey" | "revokeApiKey" => Need::Duty(Duty::Keys),
        "roles" | "setRole" | "accessHistory" => Need::Duty(Duty::Roles),
        "customCatalog"
        | "customChanges"
        | "createCustomField"
        | "updateCustomField"
        | "deactivateCustomField"
        | "restoreCustomField"
        | "createCustomObject"
        | "updateCustomObject"
        | "deactivateCustomObject"
        | "restoreCustomObject" => Need::Duty(Duty::Catalog),
        // Of each record it is made of what may be read.
        "timeline" => Need::Nothing,
        "webhooks" | "webhookDeliveries" | "createWebhook" | "setWebhookActive" | "replayWebhookDelivery" => {
            Need::Duty(Duty::Webhooks)
        }
        "approve" => Need::Duty(Duty::Approve),
        "legalHolds" | "openLegalHold" | "approveLegalHold" | "releaseLegalHold" => Need::Duty(Duty::LegalHolds),
        "noteActOfPerson" => Need::Duty(Duty::Intake),
        "pendingPolicyChanges" | "confirmPolicyChange" | "rejectPolicyChange" => Need::Duty(Duty::ConfirmPolicies),
        "obligations"
        | "settleObligation"
        | "policyTasks"
        | "settlePolicyTask"
        | "policies"
        | "policy"
        | "policyHistory"
        | "policyVersions"
        | "policyObservations"
        | "alarms"
        | "seeAlarm"
        | "explainAccess"
        | "previewRecipient"
        | "providerCards"
        | "previewPolicyChange"
        | "previewSweep"
        | "sweeps"
        | "runSweep"
        | "wakePerson"
        | "setPolicyMode"
        | "setPolicySettings"
        | "upgradePolicy"
        | "addPolicy"
        | "removePolicy"
        | "rollbackPolicy"
        | "cancelPolicyChange"
        | "installPolicy"
        | "uninstallPolicy" => Need::Duty(Duty::Policies),
        "convertLead" => records(&[("lead", Act::Update), ("deal", Act::Create)]),
        "recordConsent" | "confirmConsent" | "withdrawConsent" | "object" => records(&[("consent_event", Act::Create)]),
        // Who does not have the duty needs a case, and is then decided by the rules.
        "dormantRecord" => Need::Nothing,
        // Whoever asked may take it back.
        "decline" => Need::Nothing,
        // Everybody has their own; an export is decided by what the role may do when it runs.
        "jobs" | "job" | "importJob" | "exportJob" | "startExport" | "cancelJob" | "resumeJob" => Need::Nothing,
        _ => return None,
    })
}

/// Operations that every entity has.
fn of_entities(catalog: &Catalog) -> BTreeMap<String, Need> {
    let mut all = BTreeMap::new();
    for entity in &catalog.entities {
        let (one, many) = (camel(&entity.name), camel(&entity.plural));
        let upper = |name: &str| name[..1].to_uppercase() + &name[1..];
        let (one_up, many_up) = (upper(&one), upper(&many));
        let named = [
            (one.clone(), Act::Read),
            (many.clone(), Act::Read),
            (format!("{one}GroupBy"), Act::Read),
            (format!("{one}Duplicates"), Act::Read),
            (format!("create{one_up}"), Act::Create),
            (format!("create{many_up}"), Act::Create),
            (format!("update{one_up}"), Act::Update),
            (format!("update{many_up}"), Act::Update),
            (format!("delete{one_up}"), Act::Delete),
            (format!("delete{many_up}"), Act::Delete),
            (format!("restore{one_up}"), Act::Delete),
            (format!("merge{many_up}"), Act::Merge),
            (format!("dismiss{one_up}Duplicate"), Act::Merge),
        ];
        all.extend(named.map(|(name, act)| (name, Need::Records(vec![(entity.name.clone(), act)]))));
    }
    all
}

const TYPE: &str = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";

/// Every operation that the server says it has.
pub async fn operations(actor: &Actor, catalog: &Catalog) -> Vec<Operation> {
    let query = format!(
        "{{ __schema {{ queryType {{ name }} mutationType {{ name }} types {{ name kind enumValues {{ name }}
            inputFields {{ name type {{ {TYPE} }} }} fields {{ name type {{ {TYPE} }} args {{ name type {{ {TYPE} }} }} }} }} }} }}"
    );
    let schema = actor.query(&query).await.ok();
    let types: BTreeMap<String, Json> = schema
        .data("/__schema/types")
        .as_array()
        .expect("types")
        .iter()
        .map(|ty| (ty["name"].as_str().unwrap_or_default().to_owned(), ty.clone()))
        .collect();
    let of_entities = of_entities(catalog);
    let types = Types { types, selects: selects(catalog) };
    let mut all = Vec::new();
    for (root, mutation) in [("Query", false), ("Mutation", true)] {
        for field in types.types[root]["fields"].as_array().expect("fields") {
            let name = field["name"].as_str().expect("a name").to_owned();
            let need = by_hand(&name).or_else(|| of_entities.get(&name).cloned());
            let need = need.unwrap_or_else(|| panic!("say in role_walk.rs what `{name}` needs"));
            let text = format!("{name}{}{}", arguments(field, &types), selection(&field["type"], &types));
            all.push(Operation { name, mutation, need, text });
        }
    }
    all
}

/// The types of the schema, and a value of each field that takes few.
struct Types {
    types: BTreeMap<String, Json>,
    selects: BTreeMap<String, String>,
}

/// A key of each selection, and a country, by type and field.
fn selects(catalog: &Catalog) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for entity in &catalog.entities {
        let name = camel(&entity.name);
        for field in &entity.fields {
            let key = match &field.ty {
                FieldType::Select(keys) => keys[0].as_str(),
                FieldType::Country => "FR",
                _ => continue,
            };
            let ty = name[..1].to_uppercase() + &name[1..] + "CreateInput";
            all.insert(format!("{ty}.{}", camel(&field.name)), format!("\"{key}\""));
        }
    }
    all
}

fn arguments(field: &Json, types: &Types) -> String {
    let mut args: Vec<String> = required(&field["args"]).map(|arg| pair("", arg, types)).collect();
    // One of two optional arguments is needed.
    if field["args"].as_array().is_some_and(|args| args.iter().any(|arg| arg["name"] == "pluginVersion")) {
        args.push("pluginVersion: \"1\"".to_owned());
    }
    if args.is_empty() { String::new() } else { format!("({})", args.join(", ")) }
}

fn required(fields: &Json) -> impl Iterator<Item = &Json> {
    fields.as_array().into_iter().flatten().filter(|field| field["type"]["kind"] == "NON_NULL")
}

fn pair(of: &str, field: &Json, types: &Types) -> String {
    let name = field["name"].as_str().unwrap_or_default();
    // Named so, a text must be something that is there, or the wire itself refuses it.
    let value = match name {
        "entity" => "\"company\"".to_owned(),
        // Base 64.
        "component" => "\"AGFzbQEAAAA=\"".to_owned(),
        "role" if of.is_empty() || !types.selects.contains_key(&format!("{of}.role")) => "\"sales\"".to_owned(),
        _ if types.selects.contains_key(&format!("{of}.{name}")) => types.selects[&format!("{of}.{name}")].clone(),
        _ => value(&field["type"], types),
    };
    format!("{name}: {value}")
}

/// A value of a type: the least that is well-formed.
fn value(ty: &Json, types: &Types) -> String {
    match ty["kind"].as_str().unwrap_or_default() {
        "NON_NULL" => value(&ty["ofType"], types),
        "LIST" => format!("[{}]", value(&ty["ofType"], types)),
        "ENUM" => types.types[ty["name"].as_str().unwrap_or_default()]["enumValues"][0]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        "INPUT_OBJECT" => {
            let of = ty["name"].as_str().unwrap_or_default();
            let fields = &types.types[of]["inputFields"];
            format!("{{{}}}", required(fields).map(|field| pair(of, field, types)).collect::<Vec<_>>().join(", "))
        }
        _ => match ty["name"].as_str().unwrap_or_default() {
            "Int" => "1".to_owned(),
            "Boolean" => "true".to_owned(),
            "ID" => "\"0190a5f0-0000-7000-8000-000000000000\"".to_owned(),
            "Date" => "\"2026-04-01\"".to_owned(),
            "DateTime" => "\"2026-04-01T10:00:00Z\"".to_owned(),
            "Decimal" => "\"1\"".to_owned(),
            "JSON" => "{}".to_owned(),
            _ => "\"x\"".to_owned(),
        },
    }
}

fn selection(ty: &Json, types: &Types) -> &'static str {
    let mut ty = ty;
    while ty["ofType"].is_object() {
        ty = &ty["ofType"];
    }
    let composite = types.types[ty["name"].as_str().unwrap_or_default()]["kind"] == "OBJECT";
    if composite { " { __typename }" } else { "" }
}
