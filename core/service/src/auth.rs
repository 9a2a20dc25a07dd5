//! Who calls: bearer tokens of people and clients. Only their hashes are stored.

use garant_domain::clock::SharedClock;
use garant_domain::context::Actor;
use garant_domain::problem::{ErrorCode, Problem};
use garant_store::Store;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::store_problem;

/// An authenticated caller.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Caller {
    /// Tenant of the token; a caller never leaves it.
    pub tenant: String,
    /// Who it is.
    pub actor: Actor,
    /// Name of the token, for people.
    pub name: String,
    /// Id of the recipient on whose behalf the client works, if any.
    pub recipient: Option<String>,
    /// The purpose meant when a request names none.
    pub default_purpose: Option<String>,
}

/// The stored form of a token: SHA-256, hex. Tokens carry 256 random bits, so no salt is needed.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// Finds the caller behind a bearer token.
///
/// # Errors
///
/// `UNAUTHENTICATED` without a token, with an unknown or an expired one: all three alike.
pub(crate) async fn authenticate(store: &Store, clock: &SharedClock, token: Option<&str>) -> Result<Caller, Problem> {
    let denied = || {
        Problem::new(ErrorCode::Unauthenticated, "The request carries no valid token")
            .mend("Send `Authorization: Bearer <token>`; `garant token create` makes one.")
    };
    let token = token.filter(|token| !token.is_empty()).ok_or_else(denied)?;
    let found = store.find_token(&token_hash(token)).await.map_err(store_problem)?.ok_or_else(denied)?;
    if found.expires_at.is_some_and(|expires_at| expires_at <= clock.now()) {
        return Err(denied());
    }
    Ok(Caller {
        tenant: found.tenant,
        actor: Actor { id: found.actor_id, role: found.role, country: found.country },
        name: found.name,
        recipient: found.recipient_id,
        default_purpose: found.default_purpose,
    })
}
