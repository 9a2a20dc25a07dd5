//! Accounts as administrators see them: inviting, roles, ending access. The service decides who may.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::value;
use garant_domain::problem::Problem;
use garant_service::{AccountView, Invited, NewUser};

use super::args::{Fields, required};
use super::scalars::instant;
use super::{plain, told};
use crate::operation::Operation;

pub(super) const ACCOUNT: &str = "Account";
const INVITED: &str = "Invited";
const INPUT: &str = "InviteUserInput";

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let time = || TypeRef::named("DateTime");
    let input = |name: &str, ty: TypeRef, doc: &str| InputValue::new(name, ty).description(doc);
    builder
        .register(plain::object(
            ACCOUNT,
            [
                ("userId", TypeRef::named_nn(TypeRef::ID), "Id of the `User`, who owns records."),
                ("name", string(), ""),
                ("email", string(), "What the user signs in with."),
                ("role", string(), ""),
                ("country", string(), "Where the user works (ISO 3166)."),
                ("state", string(), "INVITED, ACTIVE, DEACTIVATED."),
                ("totp", TypeRef::named(TypeRef::BOOLEAN), "Whether a second factor is on."),
                ("createdAt", time(), ""),
            ],
        ))
        .register(plain::object(
            INVITED,
            [
                ("userId", TypeRef::named_nn(TypeRef::ID), ""),
                ("token", string(), "Hand it to the user; shown this once, used once."),
                ("expiresAt", time(), ""),
            ],
        ))
        .register(
            InputObject::new(INPUT)
                .field(input("name", TypeRef::named_nn(TypeRef::STRING), ""))
                .field(input("email", TypeRef::named_nn(TypeRef::STRING), "What the user signs in with."))
                .field(input("role", TypeRef::named_nn(TypeRef::STRING), "One that may do no more than yours."))
                .field(input("team", TypeRef::named(TypeRef::ID), "Id of the user's `Team`."))
                .field(input("country", string(), "Where the user works (ISO 3166).")),
        )
}

/// Adds `accounts` to the query root.
pub fn queries(query: Object) -> Object {
    query.field(
        Field::new("accounts", TypeRef::named_nn_list(ACCOUNT), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, list(&ctx).await)) })
        })
        .description("Everybody who may sign in, or might. Needs the duty `users`."),
    )
}

/// Adds the commands of administrators to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    let user = || InputValue::new("userId", TypeRef::named_nn(TypeRef::ID));
    let active = |name: &str, active: bool, doc: &str| {
        Field::new(name, TypeRef::named(ACCOUNT), move |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, set_active(&ctx, active).await)) })
        })
        .argument(user())
        .description(doc)
    };
    mutation
        .field(
            Field::new("inviteUser", TypeRef::named(INVITED), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, invite(&ctx).await)) })
            })
            .argument(InputValue::new("input", TypeRef::named_nn(INPUT)))
            .description("Makes a user, who sets a password with `acceptInvitation`. Needs the duty `users`."),
        )
        .field(
            Field::new("createPasswordReset", TypeRef::named(INVITED), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, reset(&ctx).await)) })
            })
            .argument(user())
            .description(
                "What lets a user set another password with `resetPassword`; a new invitation for one who has none \
                 yet. Needs the duty `users`.",
            ),
        )
        .field(
            Field::new("setUserRole", TypeRef::named(ACCOUNT), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, set_role(&ctx).await)) })
            })
            .argument(user())
            .argument(InputValue::new("role", TypeRef::named_nn(TypeRef::STRING)))
            .description("Gives a user another role, from the next request on. Needs the duty `users`."),
        )
        .field(active("deactivateUser", false, "Ends a user's access and all sessions. Needs the duty `users`."))
        .field(active("reactivateUser", true, "Lets a user sign in again. Needs the duty `users`."))
}

async fn list<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let accounts = operation.service.accounts(&operation.caller).await?;
    Ok(Some(FieldValue::value(Wire::List(accounts.iter().map(account).collect()))))
}

async fn invite<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let fields = Fields::of(ctx);
    let new = NewUser {
        name: fields.one("name").unwrap_or_default(),
        email: fields.one("email").unwrap_or_default(),
        role: fields.one("role").unwrap_or_default(),
        team: fields.one("team"),
        country: fields.one("country"),
    };
    operation.journal.gives_a_secret();
    Ok(Some(invited(&operation.service.invite_user(&operation.caller, new).await?)))
}

async fn reset<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    operation.journal.gives_a_secret();
    Ok(Some(invited(&operation.service.reset_password(&operation.caller, &required(ctx, "userId")).await?)))
}

async fn set_role<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let (user, role) = (required(ctx, "userId"), required(ctx, "role"));
    Ok(Some(FieldValue::value(account(&operation.service.set_user_role(&operation.caller, &user, &role).await?))))
}

async fn set_active<'a>(ctx: &ResolverContext<'a>, active: bool) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let user = required(ctx, "userId");
    Ok(Some(FieldValue::value(account(&operation.service.set_user_active(&operation.caller, &user, active).await?))))
}

pub(super) fn account(account: &AccountView) -> Wire {
    value!({
        "userId": account.user_id.as_str(),
        "name": account.name.clone(),
        "email": account.email.clone(),
        "role": account.role.as_str(),
        "country": account.country.clone(),
        "state": account.state.key(),
        "totp": account.totp,
        "createdAt": instant(account.created_at),
    })
}

fn invited<'a>(invited: &Invited) -> FieldValue<'a> {
    FieldValue::value(value!({
        "userId": invited.user_id.as_str(),
        "token": invited.ticket.reveal(),
        "expiresAt": instant(invited.expires_at),
    }))
}
