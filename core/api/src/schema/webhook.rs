//! Webhooks as administrators see them. The service decides who may, and what each subscriber is told.

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::{Value as Wire, value};
use garant_domain::catalog::camel;
use garant_domain::problem::Problem;
use garant_service::{Delivery, NewWebhook, Webhook};

use super::scalars::{instant, text};
use super::{plain, told};
use crate::operation::Operation;

const WEBHOOK: &str = "Webhook";
const CREATED: &str = "WebhookCreated";
const DELIVERY: &str = "WebhookDelivery";
const INPUT: &str = "CreateWebhookInput";

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let strings = || TypeRef::named_nn_list(TypeRef::STRING);
    let int = || TypeRef::named(TypeRef::INT);
    let time = || TypeRef::named("DateTime");
    let input = |name: &str, ty: TypeRef, doc: &str| InputValue::new(name, ty).description(doc);
    builder
        .register(plain::object(
            WEBHOOK,
            [
                ("id", TypeRef::named_nn(TypeRef::ID), ""),
                ("name", string(), ""),
                ("url", string(), ""),
                ("entity", string(), ""),
                ("fields", strings(), "What is told, besides the id."),
                ("events", strings(), "created, updated, access_ended."),
                ("purpose", string(), ""),
                ("channel", string(), ""),
                ("recipient", string(), "Id in the register of recipients."),
                ("role", string(), "Role under which the records are read."),
                ("active", TypeRef::named(TypeRef::BOOLEAN), ""),
                ("version", int(), "Send it as `expectedVersion`."),
                ("createdAt", time(), ""),
            ],
        ))
        .register(plain::object(
            CREATED,
            [
                ("webhook", TypeRef::named(WEBHOOK), ""),
                ("secret", string(), "Verifies the signature of deliveries (Standard Webhooks); shown this once."),
            ],
        ))
        .register(plain::object(
            DELIVERY,
            [
                ("id", TypeRef::named_nn(TypeRef::ID), "The header `webhook-id`, the same for every attempt."),
                ("recordId", string(), ""),
                ("state", string(), "due, delivered, dead, cancelled (there was nothing to tell)."),
                ("event", string(), "What was told last."),
                ("attempts", int(), ""),
                ("nextAt", time(), "When it is tried again."),
                ("status", int(), "HTTP status of the last attempt."),
                ("failure", string(), "STATUS, TIMEOUT, UNREACHABLE, PRIVATE_ADDRESS, POLICY_UNAVAILABLE."),
                ("createdAt", time(), ""),
                ("settledAt", time(), ""),
            ],
        ))
        .register(
            InputObject::new(INPUT)
                .field(input("name", TypeRef::named_nn(TypeRef::STRING), "For people."))
                .field(input("url", TypeRef::named_nn(TypeRef::STRING), "Where deliveries are posted; https."))
                .field(input("entity", TypeRef::named_nn(TypeRef::STRING), "As the schema names one record: contact."))
                .field(input("fields", TypeRef::named_nn_list(TypeRef::STRING), "All fields when absent."))
                .field(input("events", TypeRef::named_nn_list(TypeRef::STRING), "All events when absent."))
                .field(input("purpose", string(), "Needed where personal data is told."))
                .field(input("channel", string(), "Through which people would be reached."))
                .field(input("recipient", TypeRef::named(TypeRef::ID), "Needed where personal data is told."))
                .field(input("role", TypeRef::named_nn(TypeRef::STRING), "Role under which the records are read.")),
        )
}

/// Adds `webhooks` and `webhookDeliveries` to the query root.
pub fn queries(query: Object) -> Object {
    query
        .field(
            Field::new("webhooks", TypeRef::named_nn_list(WEBHOOK), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, list(&ctx).await)) })
            })
            .description("Every webhook; for the DPO and administrators."),
        )
        .field(
            Field::new("webhookDeliveries", TypeRef::named_nn_list(DELIVERY), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, deliveries(&ctx).await)) })
            })
            .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
            .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)))
            .description("Deliveries of a webhook, the newest first; for the DPO and administrators."),
        )
}

/// Adds `createWebhook`, `setWebhookActive` and `replayWebhookDelivery` to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    mutation
        .field(
            Field::new("createWebhook", TypeRef::named(CREATED), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, create(&ctx).await)) })
            })
            .argument(InputValue::new("input", TypeRef::named_nn(INPUT)))
            .description(
                "Subscribes a recipient; each delivery holds what it may see then. For the DPO and administrators.",
            ),
        )
        .field(
            Field::new("setWebhookActive", TypeRef::named(WEBHOOK), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, set_active(&ctx).await)) })
            })
            .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
            .argument(InputValue::new("active", TypeRef::named_nn(TypeRef::BOOLEAN)))
            .argument(InputValue::new("expectedVersion", TypeRef::named_nn(TypeRef::INT)))
            .description("Switches a webhook on or off. For the DPO and administrators."),
        )
        .field(
            Field::new("replayWebhookDelivery", TypeRef::named(DELIVERY), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, replay(&ctx).await)) })
            })
            .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
            .description("Queues a delivery anew; it tells what is so by then. For the DPO and administrators."),
        )
}

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

async fn list<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let webhooks = operation.service.webhooks(&operation.caller).await?;
    Ok(Some(FieldValue::value(Wire::List(webhooks.iter().map(webhook).collect()))))
}

async fn deliveries<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let first = match ctx.args.get("first").filter(|first| !first.is_null()) {
        None => operation.config.default_page,
        Some(first) => first.u64().ok().and_then(|first| u32::try_from(first).ok()).ok_or_else(|| {
            Problem::input("first", "`first` must be a whole number from 0").mend("Ask for fewer deliveries.")
        })?,
    };
    let found = operation.service.webhook_deliveries(&operation.caller, &argument(ctx, "id"), first).await?;
    Ok(Some(FieldValue::value(Wire::List(found.iter().map(delivery).collect()))))
}

async fn create<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let input = ctx.args.get("input").map(|input| input.as_value().clone()).unwrap_or_default();
    let one = |name: &str| match &input {
        Wire::Object(fields) => {
            let value = fields.get(name).filter(|value| **value != Wire::Null);
            value.map(|value| text(value).into_owned())
        }
        _ => None,
    };
    let several = |name: &str| match &input {
        Wire::Object(fields) => match fields.get(name) {
            Some(Wire::List(values)) => values.iter().map(|value| text(value).into_owned()).collect(),
            _ => vec![],
        },
        _ => vec![],
    };
    let named = one("entity").unwrap_or_default();
    let shape =
        operation.model.shapes().find(|shape| shape.singular == named).ok_or_else(|| {
            Problem::input("input.entity", "There is no such entity").mend("Use a name such as contact.")
        })?;
    let field = |api: String| {
        let column = shape.columns.iter().find(|column| column.api == api && column.writable);
        column.map(|column| column.name.clone()).ok_or_else(|| {
            Problem::input("input.fields", "A field is none of the entity's")
                .mend("Name fields as the schema does; `id` always comes.")
        })
    };
    let new = NewWebhook {
        name: one("name").unwrap_or_default(),
        url: one("url").unwrap_or_default(),
        entity: shape.entity.clone(),
        fields: several("fields").into_iter().map(field).collect::<Result<_, _>>()?,
        events: several("events"),
        purpose: one("purpose"),
        channel: one("channel"),
        recipient: one("recipient"),
        role: one("role").unwrap_or_default(),
        allow_private: operation.config.webhooks_private,
    };
    let (created, secret) = operation.service.create_webhook(&operation.caller, new).await?;
    Ok(Some(FieldValue::value(value!({ "webhook": webhook(&created), "secret": secret.reveal() }))))
}

async fn set_active<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let active = ctx.args.get("active").and_then(|active| active.boolean().ok()).unwrap_or_default();
    let version = super::expected_version(ctx).unwrap_or_default();
    let id = argument(ctx, "id");
    let switched = operation.service.set_webhook_active(&operation.caller, &id, version, active).await?;
    Ok(Some(FieldValue::value(webhook(&switched))))
}

async fn replay<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let queued = operation.service.replay_delivery(&operation.caller, &argument(ctx, "id")).await?;
    Ok(Some(FieldValue::value(delivery(&queued))))
}

fn argument(ctx: &ResolverContext<'_>, name: &str) -> String {
    ctx.args.get(name).map(|value| text(value.as_value()).into_owned()).unwrap_or_default()
}

fn webhook(webhook: &Webhook) -> Wire {
    let fields: Vec<String> = webhook.fields.iter().map(|field| camel(field)).collect();
    value!({
        "id": webhook.id.as_str(),
        "name": webhook.name.as_str(),
        "url": webhook.url.as_str(),
        "entity": camel(&webhook.entity),
        "fields": fields,
        "events": webhook.events.clone(),
        "purpose": webhook.purpose.clone(),
        "channel": webhook.channel.clone(),
        "recipient": webhook.recipient_id.clone(),
        "role": webhook.role.as_str(),
        "active": webhook.active,
        "version": webhook.version,
        "createdAt": instant(webhook.created_at),
    })
}

fn delivery(delivery: &Delivery) -> Wire {
    value!({
        "id": delivery.id.as_str(),
        "recordId": delivery.record_id.as_str(),
        "state": delivery.state.as_str(),
        "event": delivery.event.clone(),
        "attempts": delivery.attempts,
        "nextAt": instant(delivery.next_at),
        "status": delivery.status,
        "failure": delivery.failure.clone(),
        "createdAt": instant(delivery.created_at),
        "settledAt": delivery.settled_at.map(instant),
    })
}
