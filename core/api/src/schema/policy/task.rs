//! What policies asked for besides their decisions.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};

use super::{Answer, argument, first, wire};
use crate::operation::Operation;
use crate::schema::{plain, told};

const TASK: &str = "PolicyTask";

/// Registers the type.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let id = || TypeRef::named(TypeRef::ID);
    let instant = || TypeRef::named("DateTime");
    builder.register(plain::object(
        TASK,
        [
            ("id", TypeRef::named_nn(TypeRef::ID), ""),
            (
                "kind",
                string(),
                "task: somebody has to act; alarm: it is among the alarms too; freeze: see recipientId.",
            ),
            ("name", string(), "What it is, in the words of the policy: ownership-check."),
            ("policy", id(), "Which policy asked."),
            ("code", string(), "With which reason."),
            ("title", string(), "The reason in words, while the policy says it."),
            ("remedy", string(), "What to do about it."),
            ("article", string(), ""),
            (
                "recipientId",
                id(),
                "The recipient of the request; of a freeze, to whom nothing goes until it is settled.",
            ),
            ("recipientName", string(), "Its name, while it is registered."),
            ("openedAt", instant(), ""),
            ("doneAt", instant(), ""),
            ("doneBy", string(), "Opaque id of who did it."),
            ("note", string(), "How it was done."),
        ],
    ))
}

/// `policyTasks`.
pub fn query() -> Field {
    Field::new("policyTasks", TypeRef::named_nn_list(TASK), |ctx| {
        FieldFuture::new(async move { Ok(told(&ctx, tasks(&ctx).await)) })
    })
    .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
    .argument(InputValue::new("done", TypeRef::named(TypeRef::BOOLEAN)).description("Also those that are done."))
    .description("What policies asked for where a rule of theirs bit, each once, the latest first; for the DPO.")
}

/// Adds `settlePolicyTask`.
pub fn mutations(mutation: Object) -> Object {
    mutation.field(
        Field::new("settlePolicyTask", TypeRef::named(TypeRef::ID), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, settle(&ctx).await)) })
        })
        .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
        .argument(InputValue::new("note", TypeRef::named_nn(TypeRef::STRING)).description("How it was done."))
        .description(
            "Notes that it was done, or lifts a freeze; it does not come back until the policy changes. For the DPO.",
        ),
    )
}

async fn tasks<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let done = ctx.args.get("done").and_then(|done| done.boolean().ok()).unwrap_or(false);
    let found = operation.service.policy_tasks(&operation.caller, done, first(ctx)?).await?;
    let locale = operation.locale;
    let told = found.iter().map(|view| wire::policy_task(view, locale)).collect();
    Ok(Some(FieldValue::value(Wire::List(told))))
}

async fn settle<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = argument(ctx, "id");
    operation.service.settle_policy_task(&operation.caller, &id, &argument(ctx, "note")).await?;
    Ok(Some(FieldValue::value(Wire::from(id))))
}
