//! Policies as the DPO reads, switches and sets them. The service decides who may.

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Value as Wire, value};
use garant_domain::policy_set::{Mode, PolicyChange};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Reason;
use garant_service::PolicyView;

use super::scalars::{JSON, instant, text};
use super::{node_policy, plain, told};
use crate::operation::{Locale, Operation};

const POLICY: &str = "Policy";
/// How much a policy decides.
pub const MODE: &str = "PolicyMode";
const NEEDS: &str = "PolicyNeeds";
const REASON: &str = "PolicyReason";
const CHANGE: &str = "PolicyChange";
const MODES: [(&str, &str); 3] = [
    ("OFF", "Not asked."),
    ("OBSERVE", "Asked; what it would have done is logged, nothing changes."),
    ("ENFORCE", "Asked and obeyed."),
];

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let strings = || TypeRef::named_nn_list(TypeRef::STRING);
    let int = || TypeRef::named(TypeRef::INT);
    let json = || TypeRef::named(JSON);
    let needs = ["hooks", "entities", "fields", "facts", "attributes", "references"];
    builder
        .register(Enum::new(MODE).items(MODES.map(|(name, doc)| EnumItem::new(name).description(doc))))
        .register(plain::object(NEEDS, needs.map(|name| (name, strings(), ""))))
        .register(plain::object(
            REASON,
            [
                ("code", string(), "Stable code inside the plugin."),
                ("title", string(), ""),
                ("message", string(), ""),
                ("remedy", string(), "The smallest change that would allow it."),
                ("article", string(), ""),
            ],
        ))
        .register(plain::object(
            POLICY,
            [
                ("id", TypeRef::named_nn(TypeRef::ID), ""),
                ("title", string(), ""),
                ("summary", string(), ""),
                ("mode", TypeRef::named(MODE), ""),
                ("version", int(), "Grows by one with each change; send it as `expectedVersion`."),
                ("setVersion", int(), "Version of the policy set that it is part of."),
                ("pluginVersion", string(), ""),
                ("digest", string(), "SHA-256 of the component."),
                ("settings", json(), "Settings in force."),
                ("settingsSchema", json(), "JSON Schema of the settings."),
                ("needs", TypeRef::named(NEEDS), "What it may see and where it decides."),
                ("reasons", TypeRef::named_nn_list(REASON), "What it can decide."),
            ],
        ))
        .register(plain::object(
            CHANGE,
            [
                ("policy", string(), "Id of the policy; empty for the first set."),
                ("what", string(), "created, mode, settings, component."),
                ("setVersion", int(), ""),
                ("at", TypeRef::named("DateTime"), ""),
                ("actor", string(), "Opaque id of who did it."),
                ("reason", string(), ""),
                ("before", json(), ""),
                ("after", json(), ""),
            ],
        ))
}

/// Adds `policies`, `policy` and `policyHistory` to the query root.
pub fn queries(query: Object) -> Object {
    let id = |ty| InputValue::new("id", ty);
    query
        .field(
            Field::new("policies", TypeRef::named_nn_list(POLICY), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, list(&ctx).await)) })
            })
            .description("Every policy; for the DPO."),
        )
        .field(
            Field::new("policy", TypeRef::named(POLICY), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, single(&ctx).await)) })
            })
            .argument(id(TypeRef::named_nn(TypeRef::ID)))
            .description("One policy; for the DPO."),
        )
        .field(
            Field::new("policyHistory", TypeRef::named_nn_list(CHANGE), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, history(&ctx).await)) })
            })
            .argument(id(TypeRef::named(TypeRef::ID)))
            .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
            .description("Changes of policies, newest first; for the DPO."),
        )
}

/// Adds `setPolicyMode` and `setPolicySettings` to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    let change = |field: Field, name: &str, ty: &str| {
        field
            .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
            .argument(InputValue::new(name, TypeRef::named_nn(ty)))
            .argument(InputValue::new("expectedVersion", TypeRef::named_nn(TypeRef::INT)))
            .argument(InputValue::new("reason", TypeRef::named_nn(TypeRef::STRING)).description("Kept in the history."))
    };
    let mode = Field::new("setPolicyMode", TypeRef::named(POLICY), |ctx| {
        FieldFuture::new(async move { Ok(told(&ctx, set_mode(&ctx).await)) })
    });
    let settings = Field::new("setPolicySettings", TypeRef::named(POLICY), |ctx| {
        FieldFuture::new(async move { Ok(told(&ctx, set_settings(&ctx).await)) })
    });
    mutation
        .field(change(mode, "mode", MODE).description("Switches a policy; the next request obeys. For the DPO."))
        .field(
            change(settings, "settings", JSON)
                .description("Sets a policy; the plugin checks the settings. For the DPO."),
        )
}

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

async fn list<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let policies = operation.service.policies(&operation.caller).await?;
    let wire = |view: &PolicyView| policy(view, operation.locale);
    Ok(Some(FieldValue::value(Wire::List(policies.iter().map(wire).collect()))))
}

async fn single<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = argument(ctx, "id");
    let policies = operation.service.policies(&operation.caller).await?;
    let view = policies.iter().find(|view| view.id == id).ok_or_else(|| {
        Problem::new(ErrorCode::NotFound, "There is no such policy").at("id").mend("`policies { id }` lists them.")
    })?;
    Ok(Some(FieldValue::value(policy(view, operation.locale))))
}

async fn history<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let config = &operation.config;
    let first = match ctx.args.get("first").filter(|first| !first.is_null()) {
        None => config.default_page,
        Some(first) => first
            .u64()
            .ok()
            .and_then(|first| u32::try_from(first).ok())
            .filter(|first| *first <= config.max_page)
            .ok_or_else(|| {
                Problem::input("first", format!("`first` must be between 0 and {}", config.max_page))
                    .mend("Ask for fewer changes.")
            })?,
    };
    let id = argument(ctx, "id");
    let id = (!id.is_empty()).then_some(id.as_str());
    let changes = operation.service.policy_history(&operation.caller, id, first).await?;
    Ok(Some(FieldValue::value(Wire::List(changes.into_iter().map(change).collect()))))
}

async fn set_mode<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let mode = match argument(ctx, "mode").as_str() {
        "OFF" => Mode::Off,
        "OBSERVE" => Mode::Observe,
        "ENFORCE" => Mode::Enforce,
        _ => return Err(Problem::input("mode", "Not a mode").mend("Use one of: OFF, OBSERVE, ENFORCE.")),
    };
    let (id, reason) = (argument(ctx, "id"), argument(ctx, "reason"));
    let version = super::expected_version(ctx).unwrap_or_default();
    let view = operation.service.set_policy_mode(&operation.caller, &id, mode, version, &reason).await?;
    Ok(Some(FieldValue::value(policy(&view, operation.locale))))
}

async fn set_settings<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let not_json = || {
        Problem::input("settings", "The settings must be a JSON object")
            .mend("`policy { settingsSchema }` says what they may hold.")
    };
    let settings = ctx.args.get("settings").map(|value| value.as_value().clone());
    let settings = settings.and_then(|value| value.into_json().ok()).filter(serde_json::Value::is_object);
    let settings = settings.ok_or_else(not_json)?;
    let (id, reason) = (argument(ctx, "id"), argument(ctx, "reason"));
    let version = super::expected_version(ctx).unwrap_or_default();
    let view = operation.service.set_policy_settings(&operation.caller, &id, settings, version, &reason).await?;
    Ok(Some(FieldValue::value(policy(&view, operation.locale))))
}

fn argument(ctx: &ResolverContext<'_>, name: &str) -> String {
    let value = ctx.args.get(name).filter(|value| !value.is_null());
    value.map(|value| text(value.as_value()).into_owned()).unwrap_or_default()
}

fn policy(view: &PolicyView, locale: Locale) -> Wire {
    let mode = match view.mode {
        Mode::Off => "OFF",
        Mode::Observe => "OBSERVE",
        Mode::Enforce => "ENFORCE",
    };
    let needs = &view.needs;
    value!({
        "id": view.id.as_str(),
        "title": locale.pick(&view.title),
        "summary": locale.pick(&view.summary),
        "mode": mode,
        "version": view.version,
        "setVersion": view.set_version,
        "pluginVersion": view.plugin_version.as_str(),
        "digest": view.digest.as_str(),
        "settings": json(&view.settings),
        "settingsSchema": json(&view.settings_schema),
        "needs": {
            "hooks": needs.hooks.clone(),
            "entities": needs.entities.clone(),
            "fields": needs.fields.clone(),
            "facts": needs.facts.clone(),
            "attributes": needs.attributes.clone(),
            "references": needs.references.clone(),
        },
        "reasons": view.reasons.iter().map(|reason| titled(reason, locale)).collect::<Vec<_>>(),
    })
}

fn titled(reason: &Reason, locale: Locale) -> Wire {
    let mut wire = node_policy::reason(reason, locale);
    if let Wire::Object(fields) = &mut wire {
        fields.insert(async_graphql::Name::new("title"), Wire::from(locale.pick(&reason.title)));
    }
    wire
}

fn change(change: PolicyChange) -> Wire {
    value!({
        "policy": change.policy,
        "what": change.what,
        "setVersion": change.set_version,
        "at": instant(change.at),
        "actor": change.actor,
        "reason": change.reason,
        "before": json(&change.before),
        "after": json(&change.after),
    })
}

fn json(value: &serde_json::Value) -> Wire {
    Wire::from_json(value.clone()).unwrap_or_default()
}
