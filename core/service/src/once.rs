//! Asking once: a client that does not know whether its request arrived sends it again under the same
//! key, and it is not done again. Kept per tenant and actor for a day.
//!
//! What is kept says what was done (ids and outcomes, never a value) and is sealed; whoever tells it again
//! reads the records again through the door, so that what was withdrawn or hidden meanwhile is not told
//! from memory. A request that did nothing leaves its key free.

use garant_domain::problem::{ErrorCode, Problem};
use sha2::{Digest, Sha256};

use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

const DAY_MICROS: i64 = 86_400_000_000;

/// How a request under a key goes on.
#[derive(Debug)]
pub enum Once {
    /// It was never asked: do it, then [`Service::settle_once`].
    New(OnceKey),
    /// It was: this was kept of it.
    Known(String),
}

/// A key that was taken for a request.
#[derive(Clone, Debug)]
pub struct OnceKey {
    tenant: String,
    actor: String,
    key: String,
    digest: String,
}

impl OnceKey {
    fn scope(&self) -> String {
        format!("once\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}", self.tenant, self.actor, self.key, self.digest)
    }
}

impl Service {
    /// Takes a key for a request, whose every part must be the same when it is asked again.
    ///
    /// # Errors
    ///
    /// `CONFLICT` for another request under the key, and for one that is still under way; `INTERNAL`.
    pub async fn once(&self, caller: &Caller, key: &str, parts: &[&[u8]]) -> Result<Once, Problem> {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let own = OnceKey {
            tenant: caller.tenant.clone(),
            actor: caller.actor.id.clone(),
            key: key.to_owned(),
            digest: hex::encode(hash.finalize()),
        };
        let now = self.clock.now();
        let taken = self.store.take_key(&own.tenant, &own.actor, key, &own.digest, now, now.saturating_add(DAY_MICROS));
        let Some(known) = taken.await.map_err(store_problem)? else { return Ok(Once::New(own)) };
        let conflict = |message: &str| Problem::new(ErrorCode::Conflict, message).at("Idempotency-Key");
        if known.digest != own.digest {
            return Err(
                conflict("Another request was sent under this key").mend("Send each request under a key of its own.")
            );
        }
        let Some(kept) = known.answer else {
            return Err(conflict("The request of this key is under way, or it ended without an answer")
                .mend("Wait, then read what it should have changed; send it under a new key if it did not."));
        };
        let opened = self.sealer.open_text(&own.scope(), &kept);
        opened.map(Once::Known).ok_or_else(|| Problem::new(ErrorCode::Internal, "what was kept cannot be opened"))
    }

    /// Keeps what a request did. One that did nothing frees its key.
    ///
    /// # Errors
    ///
    /// `INTERNAL`.
    pub async fn settle_once(&self, key: &OnceKey, kept: Option<&str>) -> Result<(), Problem> {
        let sealed = kept.map(|kept| self.sealer.seal_text(&key.scope(), kept));
        self.store.settle_key(&key.tenant, &key.actor, &key.key, sealed.as_deref()).await.map_err(store_problem)
    }
}
