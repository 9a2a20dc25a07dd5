//! Keys of API clients as administrators see them. The service decides who may.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::value;
use garant_domain::problem::Problem;
use garant_service::{KeyView, NewKey, Rotation, Secret};

use super::args::{Fields, instant as instant_argument, required};
use super::scalars::instant;
use super::{plain, told};
use crate::operation::Operation;

const KEY: &str = "ApiKey";
const CREATED: &str = "ApiKeyCreated";
const INPUT: &str = "CreateApiKeyInput";

/// Hours for which a key that was rotated goes on, unless told otherwise.
const OVERLAP_HOURS: i64 = 24;

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let time = || TypeRef::named("DateTime");
    let input = |name: &str, ty: TypeRef, doc: &str| InputValue::new(name, ty).description(doc);
    builder
        .register(plain::object(
            KEY,
            [
                ("id", TypeRef::named_nn(TypeRef::ID), ""),
                ("name", string(), "Who or what uses it."),
                ("prefix", string(), "How its secret begins."),
                ("role", string(), ""),
                ("purposes", TypeRef::named_nn_list(TypeRef::STRING), "Null: all that the role may name."),
                ("defaultPurpose", string(), "Meant by requests that name none."),
                ("recipient", string(), "Id in the register of recipients."),
                ("country", string(), ""),
                ("createdAt", time(), ""),
                ("expiresAt", time(), ""),
                ("usedAt", time(), "When it was last used, to the minute."),
                ("revokedAt", time(), ""),
                ("rotatedTo", string(), "Id of the key that takes its place."),
                (
                    "requestsPerMinute",
                    TypeRef::named(TypeRef::INT),
                    "Its own limit of requests; null: the server's, `server.requests_per_minute`.",
                ),
            ],
        ))
        .register(plain::object(
            CREATED,
            [("apiKey", TypeRef::named(KEY), ""), ("secret", string(), "Send it as a bearer token; shown this once.")],
        ))
        .register(
            InputObject::new(INPUT)
                .field(input("name", TypeRef::named_nn(TypeRef::STRING), "Who or what uses it."))
                .field(input("role", TypeRef::named_nn(TypeRef::STRING), "One that may do no more than yours."))
                .field(input("purposes", TypeRef::named_nn_list(TypeRef::STRING), "All of the role when absent."))
                .field(input("defaultPurpose", string(), "Meant by requests that name none."))
                .field(input("recipient", TypeRef::named(TypeRef::ID), "On whose behalf the client works."))
                .field(input("country", string(), "Where it is used (ISO 3166)."))
                .field(input("expiresAt", time(), "When it ends by itself."))
                .field(input(
                    "requestsPerMinute",
                    TypeRef::named(TypeRef::INT),
                    "How many requests it may send a minute to each server process; the server's limit when absent.",
                )),
        )
}

/// Adds `apiKeys` to the query root.
pub fn queries(query: Object) -> Object {
    query.field(
        Field::new("apiKeys", TypeRef::named_nn_list(KEY), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, list(&ctx).await)) })
        })
        .description("Every key, the oldest first. Needs the duty `keys`."),
    )
}

/// Adds `createApiKey`, `rotateApiKey` and `revokeApiKey` to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    let id = || InputValue::new("id", TypeRef::named_nn(TypeRef::ID));
    mutation
        .field(
            Field::new("createApiKey", TypeRef::named(CREATED), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, create(&ctx).await)) })
            })
            .argument(InputValue::new("input", TypeRef::named_nn(INPUT)))
            .description("Makes a key for an API client. Needs the duty `keys`."),
        )
        .field(
            Field::new("rotateApiKey", TypeRef::named(CREATED), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, rotate(&ctx).await)) })
            })
            .argument(id())
            .argument(
                InputValue::new("overlapHours", TypeRef::named(TypeRef::INT))
                    .description("For how long the key before goes on; 24 unless told, 0 for not at all."),
            )
            .argument(
                InputValue::new("expiresAt", TypeRef::named("DateTime"))
                    .description("When the new one ends; after as long as the one before unless told."),
            )
            .argument(
                InputValue::new("requestsPerMinute", TypeRef::named(TypeRef::INT))
                    .description("How many requests the new one may send a minute; as the one before unless told."),
            )
            .description("Makes a key like another one, which it takes the place of. Needs the duty `keys`."),
        )
        .field(
            Field::new("revokeApiKey", TypeRef::named(KEY), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, revoke(&ctx).await)) })
            })
            .argument(id())
            .description("Ends a key with the next request. Needs the duty `keys`."),
        )
}

async fn list<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let keys = operation.service.api_keys(&operation.caller).await?;
    Ok(Some(FieldValue::value(Wire::List(keys.iter().map(key).collect()))))
}

async fn create<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let fields = Fields::of(ctx);
    let new = NewKey {
        name: fields.one("name").unwrap_or_default(),
        role: fields.one("role").unwrap_or_default(),
        purposes: fields.several("purposes"),
        default_purpose: fields.one("defaultPurpose"),
        recipient: fields.one("recipient"),
        country: fields.one("country"),
        expires_at: fields.instant("expiresAt")?,
        requests_per_minute: fields.integer("requestsPerMinute"),
    };
    operation.journal.gives_a_secret();
    let (made, secret) = operation.service.create_api_key(&operation.caller, new).await?;
    Ok(Some(created(&made, &secret)))
}

async fn rotate<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let number = |name: &str| ctx.args.get(name).and_then(|number| number.i64().ok());
    let rotation = Rotation {
        overlap_hours: number("overlapHours").unwrap_or(OVERLAP_HOURS),
        expires_at: instant_argument(ctx, "expiresAt")?,
        requests_per_minute: number("requestsPerMinute"),
    };
    operation.journal.gives_a_secret();
    let id = required(ctx, "id");
    let (made, secret) = operation.service.rotate_api_key(&operation.caller, &id, rotation).await?;
    Ok(Some(created(&made, &secret)))
}

async fn revoke<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let revoked = operation.service.revoke_api_key(&operation.caller, &required(ctx, "id")).await?;
    Ok(Some(FieldValue::value(key(&revoked))))
}

fn created<'a>(made: &KeyView, secret: &Secret) -> FieldValue<'a> {
    FieldValue::value(value!({ "apiKey": key(made), "secret": secret.reveal() }))
}

fn key(key: &KeyView) -> Wire {
    value!({
        "id": key.id.as_str(),
        "name": key.name.as_str(),
        "prefix": key.prefix.as_str(),
        "role": key.role.as_str(),
        "purposes": key.purposes.clone(),
        "defaultPurpose": key.default_purpose.clone(),
        "recipient": key.recipient_id.clone(),
        "country": key.country.clone(),
        "createdAt": instant(key.created_at),
        "expiresAt": key.expires_at.map(instant),
        "usedAt": key.used_at.map(instant),
        "revokedAt": key.revoked_at.map(instant),
        "rotatedTo": key.rotated_to.clone(),
        "requestsPerMinute": key.requests_per_minute,
    })
}
