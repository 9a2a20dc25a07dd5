//! Alarms, and the break-glass that raises them.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};

use super::{Answer, argument, first, wire};
use crate::operation::Operation;
use crate::schema::{plain, told};

const ALARM: &str = "Alarm";
const BREAK_GLASS: &str = "BreakGlass";

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let instant = || TypeRef::named("DateTime");
    let id = || TypeRef::named_nn(TypeRef::ID);
    builder
        .register(plain::object(
            ALARM,
            [
                ("id", id(), ""),
                ("at", instant(), ""),
                ("kind", string(), "break_glass."),
                ("actor", string(), "Opaque id of who caused it."),
                ("role", string(), ""),
                ("reason", string(), ""),
                ("endsAt", instant(), "When it ends, or ended."),
                ("seenAt", instant(), ""),
                ("seenBy", string(), "Opaque id of who saw it."),
            ],
        ))
        .register(plain::object(
            BREAK_GLASS,
            [
                ("id", id(), "The decision log names it with every access meanwhile."),
                ("startedAt", instant(), ""),
                ("expiresAt", instant(), "It ends by itself."),
            ],
        ))
}

/// `alarms`.
pub fn query() -> Field {
    Field::new("alarms", TypeRef::named_nn_list(ALARM), |ctx| {
        FieldFuture::new(async move { Ok(told(&ctx, alarms(&ctx).await)) })
    })
    .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
    .description("What the DPO must look at, latest first; for the DPO.")
}

/// Adds `startBreakGlass`, `endBreakGlass` and `seeAlarm`.
pub fn mutations(mutation: Object) -> Object {
    mutation
        .field(
            Field::new("startBreakGlass", TypeRef::named(BREAK_GLASS), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, start(&ctx).await)) })
            })
            .argument(InputValue::new("reason", TypeRef::named_nn(TypeRef::STRING)).description("The DPO reads it."))
            .description(
                "Marks your accesses as an emergency for half an hour, and raises an alarm. It opens nothing by \
                 itself: policies may look at it.",
            ),
        )
        .field(
            Field::new("endBreakGlass", TypeRef::named(BREAK_GLASS), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, end(&ctx).await)) })
            })
            .description("Ends yours before its time."),
        )
        .field(
            Field::new("seeAlarm", TypeRef::named(TypeRef::ID), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, see(&ctx).await)) })
            })
            .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
            .description("Notes that an alarm was seen; for the DPO."),
        )
}

async fn alarms<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let alarms = operation.service.alarms(&operation.caller, first(ctx)?).await?;
    Ok(Some(FieldValue::value(Wire::List(alarms.iter().map(wire::alarm).collect()))))
}

async fn start<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let started = operation.service.start_break_glass(&operation.caller, &argument(ctx, "reason")).await?;
    Ok(Some(FieldValue::value(wire::break_glass(&started))))
}

async fn end<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let ended = operation.service.end_break_glass(&operation.caller).await?;
    Ok(Some(FieldValue::value(wire::break_glass(&ended))))
}

async fn see<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let id = argument(ctx, "id");
    operation.service.see_alarm(&operation.caller, &id).await?;
    Ok(Some(FieldValue::value(Wire::from(id))))
}
