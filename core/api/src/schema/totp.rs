//! The second factor: turning it on and off, and taking it away from somebody who lost it.

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::value;
use garant_domain::problem::Problem;

use super::account::{ACCOUNT, account};
use super::args::required;
use super::{plain, told};
use crate::operation::Operation;

const BEGUN: &str = "TotpBegun";
const CONFIRMED: &str = "TotpConfirmed";

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    builder
        .register(plain::object(
            BEGUN,
            [
                ("secret", string(), "To be typed into the authenticator; shown this once."),
                ("uri", string(), "The same as an `otpauth:` URI, to be shown as a QR code."),
            ],
        ))
        .register(plain::object(
            CONFIRMED,
            [(
                "recoveryCodes",
                TypeRef::named_nn_list(TypeRef::STRING),
                "Each stands in for a code once; to be kept apart from the authenticator. Shown this once.",
            )],
        ))
}

/// Adds the commands to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    let text = |name: &str| InputValue::new(name, TypeRef::named_nn(TypeRef::STRING));
    mutation
        .field(
            Field::new("beginTotp", TypeRef::named(BEGUN), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, begin(&ctx).await)) })
            })
            .description(
                "Gives the secret of a second factor (RFC 6238) for the caller, which `confirmTotp` turns on. Until \
                 then nothing changes.",
            ),
        )
        .field(
            Field::new("confirmTotp", TypeRef::named(CONFIRMED), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, confirm(&ctx).await)) })
            })
            .argument(text("code"))
            .description("Turns the caller's second factor on with a code of it; from then on `signIn` asks for one."),
        )
        .field(
            Field::new("disableTotp", TypeRef::named(TypeRef::BOOLEAN), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, disable(&ctx).await)) })
            })
            .argument(text("password"))
            .argument(text("code"))
            .description("Turns the caller's second factor off."),
        )
        .field(
            Field::new("resetTotp", TypeRef::named(ACCOUNT), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, reset(&ctx).await)) })
            })
            .argument(InputValue::new("userId", TypeRef::named_nn(TypeRef::ID)))
            .description("Takes the second factor of a user away, who lost it. Needs the duty `users`."),
        )
}

async fn begin<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    operation.journal.gives_a_secret();
    let begun = operation.service.begin_totp(&operation.caller).await?;
    Ok(Some(FieldValue::value(value!({ "secret": begun.secret, "uri": begun.uri }))))
}

async fn confirm<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    operation.journal.gives_a_secret();
    let codes = operation.service.confirm_totp(&operation.caller, &required(ctx, "code")).await?;
    Ok(Some(FieldValue::value(value!({ "recoveryCodes": codes }))))
}

async fn disable<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let (password, code) = (required(ctx, "password"), required(ctx, "code"));
    operation.service.disable_totp(&operation.caller, &password, &code).await?;
    Ok(Some(FieldValue::value(true)))
}

async fn reset<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let user = required(ctx, "userId");
    Ok(Some(FieldValue::value(account(&operation.service.reset_totp(&operation.caller, &user).await?))))
}
