//! Obligations: what somebody has to do by a day.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};

use super::{Answer, argument, first, wire};
use crate::operation::Operation;
use crate::schema::{plain, told};

const OBLIGATION: &str = "Obligation";

/// Registers the type.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let id = || TypeRef::named(TypeRef::ID);
    let instant = || TypeRef::named("DateTime");
    builder.register(plain::object(
        OBLIGATION,
        [
            ("id", TypeRef::named_nn(TypeRef::ID), ""),
            ("kind", string(), "stop_delivery: tell the recipient to stop; notice_of_new_processor: tell the people."),
            (
                "cause",
                string(),
                "What opened it: withdrawn, objected, restricted, erased, anonymised, new_processor, ...",
            ),
            ("recipientId", id(), "The registered recipient; none for our own hosting."),
            ("recipientName", string(), "Its name, while it is registered."),
            ("purpose", string(), "For which the recipient got the person, or which rests on consent."),
            ("reference", string(), "The record as the decision log refers to it."),
            ("recordId", id(), "The record, as the recipient knows it: until it is done."),
            ("openedAt", instant(), ""),
            ("dueOn", TypeRef::named("Date"), "The last day on which it is not late."),
            ("overdue", TypeRef::named(TypeRef::BOOLEAN), ""),
            ("doneAt", instant(), ""),
            ("doneBy", string(), "Opaque id of who did it."),
            ("note", string(), "How it was done."),
        ],
    ))
}

/// `obligations`.
pub fn query() -> Field {
    Field::new("obligations", TypeRef::named_nn_list(OBLIGATION), |ctx| {
        FieldFuture::new(async move { Ok(told(&ctx, obligations(&ctx).await)) })
    })
    .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
    .argument(InputValue::new("done", TypeRef::named(TypeRef::BOOLEAN)).description("Also those that are done."))
    .description("What somebody has to do by a day, the most urgent first; for the DPO.")
}

/// Adds `settleObligation`.
pub fn mutations(mutation: Object) -> Object {
    mutation.field(
        Field::new("settleObligation", TypeRef::named(TypeRef::ID), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, settle(&ctx).await)) })
        })
        .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
        .argument(InputValue::new("note", TypeRef::named_nn(TypeRef::STRING)).description("How it was done."))
        .description("Notes that an obligation was met; for the DPO."),
    )
}

async fn obligations<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let done = ctx.args.get("done").and_then(|done| done.boolean().ok()).unwrap_or(false);
    let found = operation.service.obligations(&operation.caller, done, first(ctx)?).await?;
    Ok(Some(FieldValue::value(Wire::List(found.iter().map(wire::obligation).collect()))))
}

async fn settle<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = argument(ctx, "id");
    operation.service.settle_obligation(&operation.caller, &id, &argument(ctx, "note")).await?;
    Ok(Some(FieldValue::value(Wire::from(id))))
}
