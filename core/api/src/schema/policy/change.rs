//! What the DPO changes: installing, adding, exchanging, switching, setting and removing policies.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, TypeRef};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use garant_domain::policy_set::{Mode, Needs, Timing};
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_service::{Action, ChangeRequest, InstallRequest, Version};

use super::{Answer, GRANT, INSTALLED, MODE, PENDING, POLICY, alarm, argument, obligation, optional, task, wire};
use crate::operation::Operation;
use crate::schema::model::Kind;
use crate::schema::scalars::{JSON, from_wire};
use crate::schema::told;

/// Largest plugin that comes through GraphQL, in bytes; a larger one is installed on the command line.
const MAX_COMPONENT: usize = 4 << 20;

/// A change of one policy, by the name of its mutation.
#[derive(Clone, Copy)]
enum Kinds {
    Mode,
    Settings,
    Upgrade,
    Add,
    Remove,
    Rollback,
    Cancel,
}

/// Adds the changes of policies to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    let change = |name: &str, kind: Kinds, doc: &str| {
        Field::new(name, TypeRef::named(POLICY), move |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, change(&ctx, kind).await)) })
        })
        .description(doc)
        .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
        .argument(InputValue::new("reason", TypeRef::named_nn(TypeRef::STRING)).description("Kept in the history."))
        .argument(
            InputValue::new("expectedVersion", TypeRef::named_nn(TypeRef::INT))
                .description("`version` of the policy that you have seen; 0 for one that is not in the set."),
        )
    };
    let timed = |field: Field| {
        field
            .argument(InputValue::new("effectiveFrom", TypeRef::named("DateTime")).description("At once, unless told."))
            .argument(
                InputValue::new("expiresAt", TypeRef::named("DateTime"))
                    .description("When what was before comes back by itself."),
            )
    };
    let versioned = |field: Field| {
        field
            .argument(InputValue::new("pluginVersion", TypeRef::named(TypeRef::STRING)))
            .argument(
                InputValue::new("digest", TypeRef::named(TypeRef::STRING))
                    .description("Instead of `pluginVersion`, where several components name the same."),
            )
            .argument(InputValue::new("settings", TypeRef::named(JSON)))
            .argument(InputValue::new("grant", TypeRef::named(GRANT)))
    };
    let mode = || InputValue::new("mode", TypeRef::named_nn(MODE));
    let settings = InputValue::new("settings", TypeRef::named_nn(JSON));
    let number = InputValue::new("change", TypeRef::named_nn(TypeRef::INT));
    let mutation = mutation
        .field(
            timed(change("setPolicyMode", Kinds::Mode, "Switches a policy; the next request obeys. For the DPO."))
                .argument(mode()),
        )
        .field(
            timed(change(
                "setPolicySettings",
                Kinds::Settings,
                "Sets a policy; the plugin checks the settings. For the DPO.",
            ))
            .argument(settings),
        )
        .field(timed(versioned(change(
            "upgradePolicy",
            Kinds::Upgrade,
            "Exchanges a policy for another installed version, newer or older. For the DPO.",
        ))))
        .field(
            versioned(change("addPolicy", Kinds::Add, "Adds an installed policy to the set. For the DPO."))
                .argument(mode()),
        )
        .field(change(
            "removePolicy",
            Kinds::Remove,
            "Takes a policy out of the set; answers it as it was. For the DPO.",
        ))
        .field(change(
            "rollbackPolicy",
            Kinds::Rollback,
            "Brings a policy back to what it was before its last change, also a removed one. For the DPO.",
        ))
        .field(
            change(
                "cancelPolicyChange",
                Kinds::Cancel,
                "Calls a change off that waits for its time or runs until its end. For the DPO.",
            )
            .argument(number),
        );
    task::mutations(obligation::mutations(alarm::mutations(second_person(installing(mutation)))))
}

fn installing(mutation: Object) -> Object {
    let reason = || InputValue::new("reason", TypeRef::named_nn(TypeRef::STRING)).description("Kept in the register.");
    mutation
        .field(
            Field::new("installPolicy", TypeRef::named(INSTALLED), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, install(&ctx).await)) })
            })
            .argument(
                InputValue::new("component", TypeRef::named_nn(TypeRef::STRING))
                    .description("The plugin\'s file in base64; a large one is installed on the command line."),
            )
            .argument(
                InputValue::new("signature", TypeRef::named(TypeRef::STRING))
                    .description("The text of its `.sig` file."),
            )
            .argument(reason())
            .description("Installs a policy; it decides nothing until it is added or upgraded to. For the DPO."),
        )
        .field(
            Field::new("uninstallPolicy", TypeRef::named(INSTALLED), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, uninstall(&ctx).await)) })
            })
            .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
            .argument(InputValue::new("digest", TypeRef::named_nn(TypeRef::STRING)))
            .argument(reason())
            .description("Uninstalls a version that is not in use. For the DPO."),
        )
}

fn second_person(mutation: Object) -> Object {
    let decide = |name: &str, confirms: bool, doc: &str| {
        Field::new(name, TypeRef::named(PENDING), move |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, decide(&ctx, confirms).await)) })
        })
        .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
        .description(doc)
    };
    mutation
        .field(decide(
            "confirmPolicyChange",
            true,
            "Confirms and makes a change that waits. For another DPO than who asked for it, or the controller.",
        ))
        .field(decide("rejectPolicyChange", false, "Turns a change down that waits. For the DPO and the controller."))
}

async fn change<'a>(ctx: &ResolverContext<'a>, kind: Kinds) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let action = match kind {
        Kinds::Mode => Action::SetMode(mode(ctx)?),
        Kinds::Settings => Action::SetSettings(settings(ctx)?.ok_or_else(not_json)?),
        Kinds::Upgrade => Action::Upgrade(version(ctx)?, settings(ctx)?),
        Kinds::Add => Action::Add(version(ctx)?, mode(ctx)?, settings(ctx)?),
        Kinds::Remove => Action::Remove,
        Kinds::Rollback => Action::Rollback,
        Kinds::Cancel => {
            Action::Cancel(ctx.args.get("change").and_then(|number| number.i64().ok()).unwrap_or_default())
        }
    };
    let version = crate::schema::expected_version(ctx).unwrap_or_default();
    let mut request = ChangeRequest::new(&argument(ctx, "id"), action, version, &argument(ctx, "reason"));
    request.timing = Timing { from: instant(ctx, "effectiveFrom")?, until: instant(ctx, "expiresAt")? };
    request.grant = grant(ctx)?;
    let view = operation.service.change_policy(&operation.caller, request).await?;
    Ok(Some(FieldValue::value(wire::policy(&view, operation.locale))))
}

async fn install<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let text = argument(ctx, "component");
    if text.len() > MAX_COMPONENT / 3 * 4 {
        return Err(Problem::input("component", format!("The plugin is larger than {MAX_COMPONENT} bytes"))
            .mend("Install it on the command line: `garant plugin install FILE`."));
    }
    let bytes = STANDARD.decode(text.trim()).map_err(|_| {
        Problem::input("component", "The component is not base64").mend("Send the file in base64, with padding.")
    })?;
    let request = InstallRequest { bytes, signature: optional(ctx, "signature"), reason: argument(ctx, "reason") };
    let installed = operation.service.install_policy(&operation.caller, request).await?;
    Ok(Some(FieldValue::value(wire::installed(&installed))))
}

async fn uninstall<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let (id, digest, reason) = (argument(ctx, "id"), argument(ctx, "digest"), argument(ctx, "reason"));
    let gone = operation.service.uninstall_policy(&operation.caller, &id, &digest, &reason).await?;
    Ok(Some(FieldValue::value(wire::installed(&gone))))
}

async fn decide<'a>(ctx: &ResolverContext<'a>, confirms: bool) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let (service, id) = (&operation.service, argument(ctx, "id"));
    let decided = if confirms {
        service.confirm_change(&operation.caller, &id).await?
    } else {
        service.reject_change(&operation.caller, &id).await?
    };
    Ok(Some(FieldValue::value(wire::pending(&decided))))
}

fn mode(ctx: &ResolverContext<'_>) -> Result<Mode, Problem> {
    match argument(ctx, "mode").as_str() {
        "OFF" => Ok(Mode::Off),
        "OBSERVE" => Ok(Mode::Observe),
        "ENFORCE" => Ok(Mode::Enforce),
        _ => Err(Problem::input("mode", "Not a mode").mend("Use one of: OFF, OBSERVE, ENFORCE.")),
    }
}

fn version(ctx: &ResolverContext<'_>) -> Result<Version, Problem> {
    match (optional(ctx, "digest"), optional(ctx, "pluginVersion")) {
        (Some(digest), None) => Ok(Version::Digest(digest)),
        (None, Some(name)) => Ok(Version::Named(name)),
        _ => Err(Problem::input("pluginVersion", "Name the version once: by `pluginVersion` or by `digest`")
            .mend("`policyVersions(id) { version digest }` lists them.")),
    }
}

fn not_json() -> Problem {
    Problem::input("settings", "The settings must be a JSON object")
        .mend("`policy { settingsSchema }` says what they may hold.")
}

fn settings(ctx: &ResolverContext<'_>) -> Result<Option<serde_json::Value>, Problem> {
    let Some(settings) = ctx.args.get("settings").filter(|settings| !settings.is_null()) else { return Ok(None) };
    let settings = settings.as_value().clone().into_json().ok().filter(serde_json::Value::is_object);
    settings.map(Some).ok_or_else(not_json)
}

fn instant(ctx: &ResolverContext<'_>, name: &str) -> Result<Option<i64>, Problem> {
    let given = ctx.args.get(name).map(|given| given.as_value().clone()).unwrap_or(Wire::Null);
    match from_wire(&given, &Kind::Instant, name)? {
        Value::Instant(at) => Ok(Some(at)),
        _ => Ok(None),
    }
}

fn grant(ctx: &ResolverContext<'_>) -> Result<Needs, Problem> {
    let Some(grant) = ctx.args.get("grant").filter(|grant| !grant.is_null()) else { return Ok(Needs::default()) };
    let Wire::Object(mut fields) = grant.as_value().clone() else { return Ok(Needs::default()) };
    fields.retain(|_, names| *names != Wire::Null);
    let wrong =
        || Problem::input("grant", "The grant is none").mend("Send it as `extensions.grant` of the error says it.");
    let json = Wire::Object(fields).into_json().map_err(|_| wrong())?;
    serde_json::from_value(json).map_err(|_| wrong())
}
