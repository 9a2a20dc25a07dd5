//! Approvals: asked for after a refusal, given or declined by others. The service decides who may.

use async_graphql::dynamic::{
    Enum, EnumItem, Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Value as Wire, value};
use garant_domain::problem::Problem;
use garant_service::{ApprovalState, ApprovalView};

use super::policy::{argument, first};
use super::scalars::instant;
use super::{plain, told};
use crate::operation::Operation;

const APPROVAL: &str = "Approval";
const STATE: &str = "ApprovalState";
const STATES: [(&str, &str); 5] = [
    ("PENDING", "Nobody has decided."),
    ("APPROVED", "It may be used."),
    ("DECLINED", "Turned down, or taken back before it was used."),
    ("USED", "It was used, once."),
    ("EXPIRED", "It was not approved and used in time."),
];

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let time = || TypeRef::named("DateTime");
    builder.register(Enum::new(STATE).items(STATES.map(|(name, doc)| EnumItem::new(name).description(doc)))).register(
        plain::object(
            APPROVAL,
            [
                ("id", TypeRef::named_nn(TypeRef::ID), ""),
                ("state", TypeRef::named(STATE), ""),
                ("kind", string(), "As the policy names it."),
                ("at", time(), ""),
                ("actor", string(), "Opaque id of who asks."),
                ("role", string(), "Role of who asks."),
                ("reason", string(), "Why, in the words of who asks."),
                ("operation", string(), "What it does: fields and names of arguments, without any value."),
                (
                    "digest",
                    string(),
                    "Keyed digest of the whole operation, values and all: another value is another digest.",
                ),
                ("entity", string(), "Where it was refused."),
                ("policy", string(), "Code of the rule that refused."),
                ("purposes", TypeRef::named_nn_list(TypeRef::STRING), ""),
                ("channel", string(), ""),
                ("recipient", string(), "Id in the register of recipients."),
                ("expiresAt", time(), "Neither approved nor used from then on."),
                ("approvedAt", time(), ""),
                ("approvedBy", string(), "Opaque id of who approved."),
                ("declinedAt", time(), ""),
                ("declinedBy", string(), "Opaque id of who declined."),
                ("declinedReason", string(), ""),
                ("usedAt", time(), ""),
            ],
        ),
    )
}

/// Adds `approvals` to the query root.
pub fn queries(query: Object) -> Object {
    query.field(
        Field::new("approvals", TypeRef::named_nn_list(APPROVAL), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, list(&ctx).await)) })
        })
        .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
        .description(
            "What others were asked to approve, newest first: everything for the DPO, administrators and the \
             controller, for anybody else what they asked.",
        ),
    )
}

/// Adds `requestApproval`, `approve` and `decline` to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    let id = || InputValue::new("id", TypeRef::named_nn(TypeRef::ID));
    let reason = |doc: &str| InputValue::new("reason", TypeRef::named_nn(TypeRef::STRING)).description(doc);
    mutation
        .field(
            Field::new("requestApproval", TypeRef::named(APPROVAL), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, request(&ctx).await)) })
            })
            .argument(
                InputValue::new("request", TypeRef::named_nn(TypeRef::STRING))
                    .description("`extensions.approval.wanted[].request` of the refusal."),
            )
            .argument(reason("Who approves reads it; name no person whom the records are about."))
            .description(
                "Asks others to let you do once what was refused: the very same operation, with the same values, \
                 purposes, channel and recipient, within a day.",
            ),
        )
        .field(
            Field::new("approve", TypeRef::named(APPROVAL), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, approve(&ctx).await)) })
            })
            .argument(id())
            .description("Approves what somebody else asked for. For the DPO, administrators and the controller."),
        )
        .field(
            Field::new("decline", TypeRef::named(APPROVAL), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, decline(&ctx).await)) })
            })
            .argument(id())
            .argument(reason("Who asked reads it."))
            .description(
                "Declines what was asked for, or takes an approval back that was not used. For those who approve, \
                 and for who asked.",
            ),
        )
}

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

async fn list<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let views = operation.service.approvals(&operation.caller, first(ctx)?).await?;
    Ok(Some(FieldValue::value(Wire::List(views.iter().map(wire).collect()))))
}

async fn request<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let (request, reason) = (argument(ctx, "request"), argument(ctx, "reason"));
    let view = operation.service.request_approval(&operation.caller, &request, &reason).await?;
    Ok(Some(FieldValue::value(wire(&view))))
}

async fn approve<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let view = operation.service.approve(&operation.caller, &argument(ctx, "id")).await?;
    Ok(Some(FieldValue::value(wire(&view))))
}

async fn decline<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let (id, reason) = (argument(ctx, "id"), argument(ctx, "reason"));
    let view = operation.service.decline(&operation.caller, &id, &reason).await?;
    Ok(Some(FieldValue::value(wire(&view))))
}

fn wire(view: &ApprovalView) -> Wire {
    let state = match view.state {
        ApprovalState::Pending => "PENDING",
        ApprovalState::Approved => "APPROVED",
        ApprovalState::Declined => "DECLINED",
        ApprovalState::Used => "USED",
        ApprovalState::Expired => "EXPIRED",
    };
    let asked = &view.approval;
    let time = |at: Option<i64>| at.map_or(Wire::Null, instant);
    value!({
        "id": asked.id.as_str(),
        "state": state,
        "kind": asked.kind.as_str(),
        "at": instant(asked.at),
        "actor": asked.actor.as_str(),
        "role": asked.role.as_str(),
        "reason": asked.reason.as_str(),
        "operation": asked.outline.as_str(),
        "digest": asked.digest.as_str(),
        "entity": asked.entity.as_str(),
        "policy": asked.code.as_str(),
        "purposes": asked.purposes.clone(),
        "channel": asked.channel.as_deref(),
        "recipient": asked.recipient.as_deref(),
        "expiresAt": instant(asked.expires_at),
        "approvedAt": time(asked.approved_at),
        "approvedBy": asked.approved_by.as_deref(),
        "declinedAt": time(asked.declined_at),
        "declinedBy": asked.declined_by.as_deref(),
        "declinedReason": asked.declined_reason.as_deref(),
        "usedAt": time(asked.used_at),
    })
}
