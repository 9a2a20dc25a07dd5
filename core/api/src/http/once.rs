//! A mutation under an idempotency key: asked for the first time, or before.

use async_graphql::Response;
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::{Caller, Once, OnceKey, Unit};

use super::failed;
use crate::journal::{Kept, Told, not_told};
use crate::operation::{Locale, Operation};
use crate::router::App;

/// A key under which a mutation is done once, and all that its request consists of.
pub type Repeatable = (String, Vec<Vec<u8>>);

/// How a mutation under a key goes on.
pub enum Asked {
    /// It is to be done.
    New(OnceKey),
    /// It was done, and is told again.
    Before(Told),
    /// There is nothing to do: it was answered as it is now.
    Answered(Box<Response>),
}

/// Takes the key, or finds what was done under it.
pub async fn ask(app: &App, caller: &Caller, (key, parts): Repeatable, locale: Locale) -> Asked {
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    let lost = || failed(&Problem::new(ErrorCode::Internal, "what was kept cannot be read"), locale);
    let answered = match app.service.once(caller, &key, &parts).await {
        Ok(Once::New(key)) => return Asked::New(key),
        Ok(Once::Known(kept)) => match serde_json::from_str(&kept) {
            Ok(Kept::Records(told)) => return Asked::Before(told),
            Ok(Kept::Answer(answer)) => serde_json::from_str(&answer).unwrap_or_else(|_| lost()),
            Ok(Kept::Untold) => failed(&not_told(), locale),
            Err(_) => lost(),
        },
        Err(problem) => failed(&problem, locale),
    };
    Asked::Answered(Box::new(answered))
}

/// Keeps what was done under a key, or frees it.
pub async fn settle(app: &App, operation: &Operation, key: &OnceKey, kept: Option<Kept>) {
    if kept.is_none() && operation.begun().is_some_and(Unit::has_written) {
        // Written, but its answer failed: the key stays taken, or it would be done again.
        return;
    }
    let kept = kept.and_then(|kept| serde_json::to_string(&kept).ok());
    if let Err(problem) = app.service.settle_once(key, kept.as_deref()).await {
        // The change stands; asked again, it is told to be under way.
        tracing::error!(problem = %problem.message, "what a key did could not be kept");
    }
}
