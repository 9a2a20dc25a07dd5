//! Policies as the DPO reads and changes them. The service decides who may.

mod alarm;
mod change;
mod obligation;
mod task;
mod wire;

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder,
    TypeRef,
};
use garant_domain::problem::{ErrorCode, Problem};

use super::scalars::{JSON, text};
use super::{plain, told};
use crate::operation::Operation;

pub use change::mutations;
pub use wire::needs;

const POLICY: &str = "Policy";
/// How much a policy decides.
pub const MODE: &str = "PolicyMode";
/// What a plugin may see and where it decides.
pub const NEEDS: &str = "PolicyNeeds";
const REASON: &str = "PolicyReason";
const CHANGE: &str = "PolicyChange";
const SCHEDULED: &str = "ScheduledPolicyChange";
const PENDING: &str = "PendingPolicyChange";
const INSTALLED: &str = "InstalledPolicy";
const GRANT: &str = "PolicyGrant";
const KINDS: [&str; 7] = ["hooks", "entities", "fields", "facts", "attributes", "boundAttributes", "references"];
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
    let instant = || TypeRef::named("DateTime");
    let grant = KINDS.iter().fold(InputObject::new(GRANT), |input, kind| {
        input.field(InputValue::new(*kind, TypeRef::named_nn_list(TypeRef::STRING)))
    });
    task::register(obligation::register(alarm::register(builder)))
        .register(
            grant.description("What a policy is allowed beyond what it was granted: as `extensions.grant` says it."),
        )
        .register(Enum::new(MODE).items(MODES.map(|(name, doc)| EnumItem::new(name).description(doc))))
        .register(plain::object(NEEDS, KINDS.map(|name| (name, strings(), ""))))
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
                ("granted", TypeRef::named(NEEDS), "What this and earlier versions were granted."),
                ("unavailable", string(), "Why the plugin cannot be loaded, if it cannot: nothing is shown then."),
                (
                    "scheduled",
                    TypeRef::named_nn_list(SCHEDULED),
                    "Changes that wait for their time or run until their end.",
                ),
                ("pending", TypeRef::named_nn_list(PENDING), "Changes that wait for a second person."),
                ("reasons", TypeRef::named_nn_list(REASON), "What it can decide."),
            ],
        ))
        .register(plain::object(
            CHANGE,
            [
                ("policy", string(), "Id of the policy; empty for the first set."),
                ("what", string(), "created, mode, settings, component, added, removed, rollback, cancelled."),
                ("setVersion", int(), ""),
                ("at", TypeRef::named("DateTime"), ""),
                ("actor", string(), "Opaque id of who did it."),
                ("reason", string(), ""),
                ("before", json(), ""),
                ("after", json(), ""),
                ("effectiveFrom", instant(), "When it takes effect, if later than it was made."),
                ("expiresAt", instant(), "When it ends by itself."),
                ("confirmedBy", string(), "Opaque id of the second person."),
            ],
        ))
        .register(plain::object(
            SCHEDULED,
            [
                ("change", int(), "Number of the change, for `cancelPolicyChange`."),
                ("effectiveFrom", instant(), ""),
                ("expiresAt", instant(), "When what was before comes back by itself."),
                ("mode", TypeRef::named(MODE), ""),
                ("settings", json(), ""),
                ("pluginVersion", string(), ""),
                ("digest", string(), ""),
            ],
        ))
        .register(plain::object(
            PENDING,
            [
                ("id", TypeRef::named_nn(TypeRef::ID), ""),
                ("policy", string(), ""),
                ("at", instant(), ""),
                ("actor", string(), "Opaque id of who asked for it."),
                ("reason", string(), ""),
                ("edit", json(), "What is to be done."),
                ("effectiveFrom", instant(), "When it begins, if not at once."),
                ("endsAt", instant(), "When it ends by itself, if it does."),
                ("expiresAt", instant(), "Nobody can confirm it from then on."),
            ],
        ))
        .register(plain::object(
            INSTALLED,
            [
                ("id", TypeRef::named_nn(TypeRef::ID), "Id of the policy."),
                ("version", string(), "Version that the plugin names."),
                ("digest", string(), "SHA-256 of the component."),
                ("publisher", string(), "The trusted publisher who signed it; null for an unsigned one."),
                ("installedAt", instant(), ""),
                ("installedBy", string(), "Opaque id of who installed it."),
                ("reason", string(), ""),
                ("inSet", TypeRef::named(TypeRef::BOOLEAN), "Whether the policy set refers to it, now or later."),
                ("needs", TypeRef::named(NEEDS), "What it asks for."),
                ("ungranted", TypeRef::named(NEEDS), "What of it was not granted yet."),
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
        .field(
            Field::new("policyVersions", TypeRef::named_nn_list(INSTALLED), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, versions(&ctx).await)) })
            })
            .argument(id(TypeRef::named(TypeRef::ID)))
            .description("What is installed, of one policy or of all, latest first; for the DPO."),
        )
        .field(
            Field::new("pendingPolicyChanges", TypeRef::named_nn_list(PENDING), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, pending(&ctx).await)) })
            })
            .description("Weakenings that wait for a second person; for the DPO and the controller."),
        )
        .field(alarm::query())
        .field(obligation::query())
        .field(task::query())
}

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

async fn list<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let policies = operation.service.policies(&operation.caller).await?;
    let wire = policies.iter().map(|view| wire::policy(view, operation.locale)).collect();
    Ok(Some(FieldValue::value(Wire::List(wire))))
}

async fn single<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = argument(ctx, "id");
    let policies = operation.service.policies(&operation.caller).await?;
    let view = policies.iter().find(|view| view.id == id).ok_or_else(|| {
        Problem::new(ErrorCode::NotFound, "There is no such policy").at("id").mend("`policies { id }` lists them.")
    })?;
    Ok(Some(FieldValue::value(wire::policy(view, operation.locale))))
}

async fn history<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = optional(ctx, "id");
    let changes = operation.service.policy_history(&operation.caller, id.as_deref(), first(ctx)?).await?;
    Ok(Some(FieldValue::value(Wire::List(changes.into_iter().map(wire::change).collect()))))
}

async fn versions<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = optional(ctx, "id");
    let installed = operation.service.installed_policies(&operation.caller, id.as_deref()).await?;
    Ok(Some(FieldValue::value(Wire::List(installed.iter().map(wire::installed).collect()))))
}

async fn pending<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let pending = operation.service.pending_changes(&operation.caller).await?;
    Ok(Some(FieldValue::value(Wire::List(pending.iter().map(wire::pending).collect()))))
}

/// How many the caller wants of a list that has no cursor.
pub fn first(ctx: &ResolverContext<'_>) -> Result<u32, Problem> {
    let config = &Operation::of(ctx)?.config;
    let Some(first) = ctx.args.get("first").filter(|first| !first.is_null()) else { return Ok(config.default_page) };
    let first = first.u64().ok().and_then(|first| u32::try_from(first).ok()).filter(|first| *first <= config.max_page);
    first.ok_or_else(|| {
        Problem::input("first", format!("`first` must be between 0 and {}", config.max_page)).mend("Ask for fewer.")
    })
}

pub fn argument(ctx: &ResolverContext<'_>, name: &str) -> String {
    let value = ctx.args.get(name).filter(|value| !value.is_null());
    value.map(|value| text(value.as_value()).into_owned()).unwrap_or_default()
}

fn optional(ctx: &ResolverContext<'_>, name: &str) -> Option<String> {
    Some(argument(ctx, name)).filter(|text| !text.is_empty())
}
