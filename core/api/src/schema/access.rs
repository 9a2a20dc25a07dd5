//! The history of access, and the commands that reach into the record of a user. The service decides who may.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::value;
use garant_domain::problem::Problem;
use garant_service::AccessChange;

use super::account::{ACCOUNT, account};
use super::args::{optional, required};
use super::scalars::instant;
use super::{plain, told};
use crate::operation::Operation;

const CHANGE: &str = "AccessChange";

/// Lines of a list that names no number.
const DEFAULT: i64 = 50;

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    builder.register(plain::object(
        CHANGE,
        [
            ("id", TypeRef::named_nn(TypeRef::ID), ""),
            ("at", TypeRef::named("DateTime"), ""),
            ("actor", string(), "Opaque id of who did it."),
            (
                "act",
                string(),
                "invited, role_given, deactivated, reactivated, role_defined, totp_reset, email_changed, erased.",
            ),
            ("userId", TypeRef::named(TypeRef::ID), "Id of the user whom it is about."),
            ("role", string(), "Key of the role that it is about."),
            ("before", string(), "The role before: its key, or what it was as JSON."),
            ("after", string(), "The role since: its key, or what it is as JSON."),
        ],
    ))
}

/// Adds `accessHistory` to the query root.
pub fn queries(query: Object) -> Object {
    query.field(
        Field::new("accessHistory", TypeRef::named_nn_list(CHANGE), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, list(&ctx).await)) })
        })
        .argument(InputValue::new("first", TypeRef::named(TypeRef::INT)).description("50 unless told, 500 at most."))
        .argument(InputValue::new("before", TypeRef::named(TypeRef::ID)).description("Those before this one."))
        .argument(InputValue::new("userId", TypeRef::named(TypeRef::ID)).description("Those about this user."))
        .description(
            "Who gave or took access, and what was said of roles, the newest first; nothing of it is ever changed. \
             Needs the duty `roles`.",
        ),
    )
}

/// Adds `changeUserEmail` and `eraseUser` to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    let user = || InputValue::new("userId", TypeRef::named_nn(TypeRef::ID));
    mutation
        .field(
            Field::new("changeUserEmail", TypeRef::named(ACCOUNT), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, change_email(&ctx).await)) })
            })
            .argument(user())
            .argument(InputValue::new("email", TypeRef::named_nn(TypeRef::STRING)))
            .description(
                "Lets a user sign in with another e-mail address; an invitation that was handed out is void. Needs \
                 the duty `users`.",
            ),
        )
        .field(
            Field::new("eraseUser", TypeRef::named(TypeRef::BOOLEAN), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, erase(&ctx).await)) })
            })
            .argument(user())
            .description(
                "Erases a user's name, address, account and log-ins for good. What they own and did stays under an \
                 id that leads to nobody. Needs the duty `users`.",
            ),
        )
}

async fn list<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let first = ctx.args.get("first").and_then(|first| first.i64().ok()).unwrap_or(DEFAULT);
    let first = u32::try_from(first)
        .map_err(|_| Problem::input("first", "`first` must not be negative").mend("Ask for 1 to 500."))?;
    let (user, before) = (optional(ctx, "userId"), optional(ctx, "before"));
    let (service, caller) = (&operation.service, &operation.caller);
    let changes = service.access_history(caller, user.as_deref(), before.as_deref(), first).await?;
    Ok(Some(FieldValue::value(Wire::List(changes.iter().map(change).collect()))))
}

async fn change_email<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let (user, email) = (required(ctx, "userId"), required(ctx, "email"));
    let changed = operation.service.change_user_email(&operation.caller, &user, &email).await?;
    Ok(Some(FieldValue::value(account(&changed))))
}

async fn erase<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    operation.service.erase_user(&operation.caller, &required(ctx, "userId")).await?;
    Ok(Some(FieldValue::value(true)))
}

fn change(change: &AccessChange) -> Wire {
    value!({
        "id": change.id.as_str(),
        "at": instant(change.at),
        "actor": change.actor.as_str(),
        "act": change.act.as_str(),
        "userId": change.user_id.clone(),
        "role": change.role.clone(),
        "before": change.before.clone(),
        "after": change.after.clone(),
    })
}
