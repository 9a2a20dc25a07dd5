//! Signing in and out, and the caller's own sessions. What gives a credential needs none
//! (`http/client.rs` lists it).

use async_graphql::Value as Wire;
use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputValue, Object, ResolverContext, SchemaBuilder, TypeRef,
};
use async_graphql::value;
use garant_domain::problem::Problem;
use garant_service::{SessionView, SignIn, SignedIn, TicketKind};

use super::args::{flag, optional, required};
use super::scalars::instant;
use super::{plain, told};
use crate::http::session_cookie;
use crate::operation::Operation;

const SESSION: &str = "Session";
const SIGNED_IN: &str = "SignedIn";

type Answer<'a> = Result<Option<FieldValue<'a>>, Problem>;

/// Registers the types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let time = || TypeRef::named("DateTime");
    builder
        .register(plain::object(
            SESSION,
            [
                ("id", TypeRef::named_nn(TypeRef::ID), ""),
                ("createdAt", time(), ""),
                ("seenAt", time(), "When it was last used, to the minute."),
                ("expiresAt", time(), "When it is over, however much it is used."),
                ("current", TypeRef::named(TypeRef::BOOLEAN), "Whether it is the one of this request."),
            ],
        ))
        .register(plain::object(
            SIGNED_IN,
            [
                ("token", TypeRef::named(TypeRef::STRING), "Send it as a bearer token; null where a cookie was set."),
                ("userId", TypeRef::named_nn(TypeRef::ID), ""),
                ("expiresAt", time(), "When the session is over, however much it is used."),
            ],
        ))
}

/// Adds `sessions` to the query root.
pub fn queries(query: Object) -> Object {
    query.field(
        Field::new("sessions", TypeRef::named_nn_list(SESSION), |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, list(&ctx).await)) })
        })
        .description("The caller's own sessions, the newest first."),
    )
}

/// Adds the commands of those who sign in to the mutation root.
pub fn mutations(mutation: Object) -> Object {
    let text = |name: &str| InputValue::new(name, TypeRef::named_nn(TypeRef::STRING));
    let cookie = || {
        InputValue::new("cookie", TypeRef::named(TypeRef::BOOLEAN))
            .description("Set a cookie that scripts cannot read, for a browser, instead of answering the token.")
    };
    let code = || {
        InputValue::new("code", TypeRef::named(TypeRef::STRING)).description(
            "The code of the second factor, or a recovery code, for an account that has one: without it the refusal \
             names `code`.",
        )
    };
    let ticket = |name: &str, kind: TicketKind, doc: &str| {
        Field::new(name, TypeRef::named(SIGNED_IN), move |ctx| {
            FieldFuture::new(async move { Ok(told(&ctx, use_ticket(&ctx, kind).await)) })
        })
        .argument(text("token"))
        .argument(text("password"))
        .argument(code())
        .argument(cookie())
        .description(doc)
    };
    let yes = || TypeRef::named(TypeRef::BOOLEAN);
    mutation
        .field(
            Field::new("signIn", TypeRef::named(SIGNED_IN), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, sign_in(&ctx).await)) })
            })
            .argument(text("email"))
            .argument(text("password"))
            .argument(code())
            .argument(cookie())
            .description("Begins a session. Needs no token, and must be the request's only field."),
        )
        .field(ticket(
            "acceptInvitation",
            TicketKind::Invitation,
            "Sets the first password and begins a session. Needs no token, and must be the request's only field.",
        ))
        .field(ticket(
            "resetPassword",
            TicketKind::Reset,
            "Sets another password with what an administrator handed out, ends all sessions and begins one. Needs no \
             token, and must be the request's only field.",
        ))
        .field(
            Field::new("signOut", yes(), |ctx| FieldFuture::new(async move { Ok(told(&ctx, sign_out(&ctx).await)) }))
                .description("Ends the session of this request."),
        )
        .field(
            Field::new("signOutEverywhere", TypeRef::named(TypeRef::INT), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, sign_out_everywhere(&ctx).await)) })
            })
            .description("Ends all sessions of the caller; answers how many there were."),
        )
        .field(
            Field::new("endSession", yes(), |ctx| FieldFuture::new(async move { Ok(told(&ctx, end(&ctx).await)) }))
                .argument(InputValue::new("id", TypeRef::named_nn(TypeRef::ID)))
                .description("Ends one of the caller's own sessions."),
        )
        .field(
            Field::new("changePassword", yes(), |ctx| {
                FieldFuture::new(async move { Ok(told(&ctx, change_password(&ctx).await)) })
            })
            .argument(text("current"))
            .argument(text("new"))
            .description("Gives the caller another password; all other sessions end."),
        )
}

async fn list<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let sessions = operation.service.sessions(&operation.caller).await?;
    Ok(Some(FieldValue::value(Wire::List(sessions.iter().map(session).collect()))))
}

async fn sign_in<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let request = SignIn {
        email: required(ctx, "email"),
        password: required(ctx, "password"),
        code: optional(ctx, "code"),
        address: operation.address,
    };
    signed_in(ctx, &operation.service.sign_in(request).await?)
}

async fn use_ticket<'a>(ctx: &ResolverContext<'a>, kind: TicketKind) -> Answer<'a> {
    let service = &Operation::of(ctx)?.service;
    let (token, password, code) = (required(ctx, "token"), required(ctx, "password"), optional(ctx, "code"));
    signed_in(ctx, &service.use_ticket(kind, &token, &password, code.as_deref()).await?)
}

async fn sign_out<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    operation.service.sign_out(&operation.caller).await?;
    forget_cookie(ctx);
    Ok(Some(FieldValue::value(true)))
}

async fn sign_out_everywhere<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let ended = operation.service.sign_out_everywhere(&operation.caller).await?;
    forget_cookie(ctx);
    Ok(Some(FieldValue::value(ended)))
}

async fn end<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    operation.service.end_session(&operation.caller, &required(ctx, "id")).await?;
    Ok(Some(FieldValue::value(true)))
}

async fn change_password<'a>(ctx: &ResolverContext<'a>) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    let (current, new) = (required(ctx, "current"), required(ctx, "new"));
    operation.service.change_password(&operation.caller, &current, &new).await?;
    Ok(Some(FieldValue::value(true)))
}

/// The answer of what began a session: its token, or a cookie with it.
fn signed_in<'a>(ctx: &ResolverContext<'a>, begun: &SignedIn) -> Answer<'a> {
    let operation = Operation::of(ctx)?;
    operation.journal.gives_a_secret();
    let mut token = Some(begun.token.reveal());
    if flag(ctx, "cookie") {
        let seconds = begun.expires_at.saturating_sub(operation.service.clock().now()).div_euclid(1_000_000);
        ctx.append_http_header("set-cookie", session_cookie(token.take().unwrap_or_default(), seconds));
    }
    Ok(Some(FieldValue::value(value!({
        "token": token,
        "userId": begun.user_id.as_str(),
        "expiresAt": instant(begun.expires_at),
    }))))
}

fn forget_cookie(ctx: &ResolverContext<'_>) {
    ctx.append_http_header("set-cookie", session_cookie("", 0));
}

fn session(session: &SessionView) -> Wire {
    value!({
        "id": session.id.as_str(),
        "createdAt": instant(session.created_at),
        "seenAt": instant(session.seen_at),
        "expiresAt": instant(session.expires_at),
        "current": session.current,
    })
}
