//! `previewPolicyChange` and `policyObservations`: what a policy would do, and what an observed one
//! would have done. For the DPO; the service decides who may ask.

mod change;
mod recipient;

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Value as Wire, value};
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_service::{ActiveClient, Count, Counts, FieldImpact, Impact, Observed, Preview};

use super::explain::{LOCALISED, both};
use super::model::Kind;
use super::names::camel;
use super::policy::{NEEDS, needs};
use super::scalars::{from_wire, instant, text};
use super::{plain, told};
use crate::operation::Operation;

const PREVIEW: &str = "PolicyPreview";
const IMPACT: &str = "PolicyImpact";
const COUNT: &str = "ReasonCount";
const FIELD: &str = "FieldImpact";
const CLIENT: &str = "ActiveClient";
const UNABLE: &str = "PreviewProblem";
const OBSERVED: &str = "PolicyObservation";

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let strings = || TypeRef::named_nn_list_nn(TypeRef::STRING);
    let int = || TypeRef::named(TypeRef::INT);
    let list = |name: &str| TypeRef::named_nn_list_nn(name);
    let time = || TypeRef::named("DateTime");
    let unable = || TypeRef::named(UNABLE);
    recipient::register(change::register(builder))
        .register(plain::object(
            UNABLE,
            [
                ("code", string(), "POLICY_UNAVAILABLE, or QUERY_TOO_COMPLEX where the time was over."),
                ("plugin", string(), "The policy that could not decide."),
                ("message", string(), ""),
                ("remedy", string(), ""),
            ],
        ))
        .register(plain::object(
            COUNT,
            [
                ("plugin", string(), ""),
                ("code", string(), "Stable code inside the plugin."),
                ("article", string(), ""),
                ("title", TypeRef::named(LOCALISED), ""),
                ("rows", int(), "How many rows, each counted once."),
            ],
        ))
        .register(plain::object(
            FIELD,
            [
                ("field", string(), ""),
                ("rowsMasked", int(), "Rows that stay and in which it would be masked."),
                ("rowsOpened", int(), "Rows that stay and in which it would be opened."),
                ("masked", list(COUNT), "By the reason that would mask it."),
                ("opened", list(COUNT), "By the reason that masks it now."),
            ],
        ))
        .register(plain::object(
            CLIENT,
            [
                ("actor", string(), "Opaque id of the user or client."),
                ("tokens", strings(), "Names of its tokens."),
                ("role", string(), ""),
                ("requests", int(), "How many in the last 30 days."),
                ("lastAt", time(), "The last of them."),
            ],
        ))
        .register(plain::object(
            IMPACT,
            [
                ("entity", string(), ""),
                ("purpose", string(), ""),
                ("roles", strings(), "Roles whose requests it would treat so."),
                ("channel", string(), "The channel that the requests name."),
                ("recipient", string(), "Id of the recipient on whose behalf they are made."),
                ("breakGlass", TypeRef::named(TypeRef::BOOLEAN), "Whether a break-glass runs for whoever asks."),
                ("unavailableBefore", unable(), "Why policies cannot decide now: nothing is shown."),
                ("unavailableAfter", unable(), "Why they could not after the change."),
                ("uncounted", unable(), "Why the rows could not be counted; then no number is told."),
                ("rowsBefore", int(), "Rows shown now."),
                ("rowsAfter", int(), "Rows shown after the change."),
                ("rowsLost", int(), ""),
                ("rowsGained", int(), ""),
                ("lost", list(COUNT), "Rows lost, by the first reason that would hide them."),
                ("gained", list(COUNT), "Rows gained, by the first reason that hides them now."),
                ("fields", list(FIELD), "Fields masked or opened in rows that stay."),
                ("judges", strings(), "Policies that judge records besides their rules; their verdicts are not counted."),
                ("clients", list(CLIENT), "Who asked so in the last 30 days."),
            ],
        ))
        .register(plain::object(
            PREVIEW,
            [
                ("setVersion", int(), "Version of the policies that it was compared with."),
                ("at", time(), "The instant at which both were compared."),
                ("ungranted", TypeRef::named(NEEDS), "What the plugin would have to be granted for the change."),
                ("complete", TypeRef::named(TypeRef::BOOLEAN), "Whether every kind of request was looked at in time."),
                ("notes", list(LOCALISED), "What to bear in mind."),
                (
                    "impacts",
                    list(IMPACT),
                    "For each entity and purpose where the rules would be others, one for each kind of request; what is not listed stays as it is.",
                ),
            ],
        ))
        .register(plain::object(
            OBSERVED,
            [
                ("plugin", string(), ""),
                ("code", string(), "What it would have said; POLICY_UNAVAILABLE where it could not decide."),
                ("title", TypeRef::named(LOCALISED), ""),
                ("article", string(), ""),
                ("entity", string(), ""),
                ("purposes", strings(), ""),
                ("requests", int(), "Requests in which it would have taken effect."),
                ("rows", int(), "Records in their answers on which it would have."),
                ("lastAt", time(), "The last of them."),
            ],
        ))
}

/// Adds `previewPolicyChange` and `policyObservations` to the query root.
pub fn queries(query: Object) -> Object {
    recipient::queries(query)
        .field(
            Field::new("previewPolicyChange", TypeRef::named(PREVIEW), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, preview(&ctx).await)) })
            })
            .argument(InputValue::new("change", TypeRef::named_nn(change::CHANGE)))
            .argument(
                InputValue::new("at", TypeRef::named("DateTime"))
                    .description("When both are compared; when the change takes effect, unless told."),
            )
            .argument(
                InputValue::new("channel", TypeRef::named(TypeRef::STRING))
                    .description("The channel that requests name; without it none, and those of the last 30 days."),
            )
            .argument(InputValue::new("recipient", TypeRef::named(TypeRef::ID)).description(
                "The recipient of the requests; without it none, those of the last 30 days and, where \
                         disclosures are concerned, those registered for the purpose.",
            ))
            .description(
                "What a change of a policy, of reference data or of a register would do to which requests; writes \
                 nothing. Rules are counted; what policies judge record by record is not. For the DPO.",
            ),
        )
        .field(
            Field::new("policyObservations", TypeRef::named_nn_list(OBSERVED), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, observations(&ctx).await)) })
            })
            .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
            .argument(
                InputValue::new("since", TypeRef::named("DateTime")).description("The last 30 days when left out."),
            )
            .description("What a policy would have done while it was observed, by code. For the DPO."),
        )
}

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

async fn preview<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let request = change::read(ctx)?;
    let preview = operation.service.preview_policy_change(&operation.caller, request).await?;
    Ok(Some(FieldValue::value(wire(&preview))))
}

fn wire(preview: &Preview) -> Wire {
    value!({
        "setVersion": preview.set_version,
        "at": instant(preview.at),
        "ungranted": needs(&preview.ungranted),
        "complete": preview.complete,
        "notes": preview.notes.iter().map(both).collect::<Vec<_>>(),
        "impacts": preview.impacts.iter().map(impact).collect::<Vec<_>>(),
    })
}

fn impact(impact: &Impact) -> Wire {
    let counted = impact.counts.as_ref().ok();
    let lists = |list: fn(&Counts) -> Wire| counted.map_or_else(|| Wire::List(vec![]), list);
    value!({
        "entity": impact.entity.as_str(),
        "purpose": impact.purpose.as_str(),
        "roles": impact.roles.clone(),
        "channel": impact.channel.clone(),
        "recipient": impact.recipient.clone(),
        "breakGlass": impact.break_glass,
        "unavailableBefore": impact.unavailable_before.as_ref().map_or(Wire::Null, unable),
        "unavailableAfter": impact.unavailable_after.as_ref().map_or(Wire::Null, unable),
        "uncounted": impact.counts.as_ref().err().map_or(Wire::Null, unable),
        "rowsBefore": counted.map(|counts| counts.rows_before),
        "rowsAfter": counted.map(|counts| counts.rows_after),
        "rowsLost": counted.map(Counts::rows_lost),
        "rowsGained": counted.map(Counts::rows_gained),
        "lost": lists(|counts| self::counts(&counts.lost)),
        "gained": lists(|counts| self::counts(&counts.gained)),
        "fields": lists(|counts| Wire::List(counts.fields.iter().map(field).collect())),
        "judges": impact.judges.clone(),
        "clients": impact.clients.iter().map(client).collect::<Vec<_>>(),
    })
}

fn unable(problem: &Problem) -> Wire {
    value!({
        "code": serde_json::to_value(problem.code).ok().and_then(|code| code.as_str().map(str::to_owned)),
        "plugin": problem.field.clone(),
        "message": problem.message.as_str(),
        "remedy": problem.remedy.clone(),
    })
}

fn counts(counts: &[Count]) -> Wire {
    let count = |count: &Count| {
        value!({
            "plugin": count.reason.plugin.as_str(),
            "code": count.reason.code.as_str(),
            "article": count.reason.article.as_str(),
            "title": both(&count.reason.title),
            "rows": count.rows,
        })
    };
    Wire::List(counts.iter().map(count).collect())
}

fn field(field: &FieldImpact) -> Wire {
    let rows = |counts: &[Count]| counts.iter().map(|count| count.rows).sum::<i64>();
    value!({
        "field": camel(&field.field),
        "rowsMasked": rows(&field.masked),
        "rowsOpened": rows(&field.opened),
        "masked": counts(&field.masked),
        "opened": counts(&field.opened),
    })
}

fn client(client: &ActiveClient) -> Wire {
    value!({
        "actor": client.actor.as_str(),
        "tokens": client.names.clone(),
        "role": client.role.as_str(),
        "requests": client.requests,
        "lastAt": instant(client.last_at),
    })
}

async fn observations<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = ctx.args.get("id").map(|id| text(id.as_value()).into_owned()).unwrap_or_default();
    let since = match ctx.args.get("since").filter(|since| !since.is_null()) {
        None => None,
        Some(since) => match from_wire(since.as_value(), &Kind::Instant, "since")? {
            Value::Instant(since) => Some(since),
            _ => None,
        },
    };
    let observed = operation.service.policy_observations(&operation.caller, &id, since).await?;
    Ok(Some(FieldValue::value(Wire::List(observed.iter().map(observation).collect()))))
}

fn observation(observed: &Observed) -> Wire {
    value!({
        "plugin": observed.plugin.as_str(),
        "code": observed.code.as_str(),
        "title": observed.reason.as_ref().map_or(Wire::Null, |reason| both(&reason.title)),
        "article": observed.reason.as_ref().map(|reason| reason.article.clone()),
        "entity": observed.entity.as_str(),
        "purposes": observed.purposes.clone(),
        "requests": observed.requests,
        "rows": observed.rows,
        "lastAt": instant(observed.last_at),
    })
}
