//! Keys of API clients: bound to a role, to purposes and to a recipient; shown once, rotated with an overlap,
//! ended with the next request.

use garant_domain::clock::new_id;
use garant_domain::country;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Duty;
use garant_store::{NewToken, StoreError, Token};

use super::HOUR_MICROS;
use super::secret::Secret;
use crate::auth::{Caller, token_hash};
use crate::error::store_problem;
use crate::register;
use crate::service::Service;

/// A key as administrators see it.
pub type KeyView = Token;

/// A key to be made.
#[derive(Clone, Debug, Default)]
pub struct NewKey {
    /// Who or what uses it.
    pub name: String,
    /// Role key.
    pub role: String,
    /// The purposes that a request may name; `None`: all that the role may.
    pub purposes: Option<Vec<String>>,
    /// Purpose of requests that name none.
    pub default_purpose: Option<String>,
    /// Id of the recipient on whose behalf it works.
    pub recipient: Option<String>,
    /// ISO 3166 country where it is used.
    pub country: Option<String>,
    /// Microseconds UTC.
    pub expires_at: Option<i64>,
    /// Requests that it may send a minute; `None`: as many as the server lets any.
    pub requests_per_minute: Option<i64>,
}

/// How a key takes the place of another one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rotation {
    /// Hours for which the key before goes on.
    pub overlap_hours: i64,
    /// When the new one ends, in microseconds UTC; `None`: after as long as the one before.
    pub expires_at: Option<i64>,
    /// Requests that the new one may send a minute; `None`: as many as the one before.
    pub requests_per_minute: Option<i64>,
}

/// The longest overlap of a rotation.
const MOST_OVERLAP_HOURS: i64 = 24 * 30;

/// The most requests a minute that a key may be given.
const MOST_REQUESTS: i64 = 1_000_000;

impl Service {
    /// Every key, the oldest first; those that are over too.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` without the duty `keys`.
    pub async fn api_keys(&self, caller: &Caller) -> Result<Vec<KeyView>, Problem> {
        caller.require(Duty::Keys)?;
        self.store.tokens(&caller.tenant).await.map_err(store_problem)
    }

    /// Makes a key, and answers it with its secret.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` naming the field, `NOT_FOUND` for a recipient that is not registered.
    pub async fn create_api_key(&self, caller: &Caller, new: NewKey) -> Result<(KeyView, Secret), Problem> {
        caller.require(Duty::Keys)?;
        self.may_give(caller, &new.role, "input.role").await?;
        let now = self.clock.now();
        check(&new, now)?;
        let requests_per_minute = limit(new.requests_per_minute, "input.requestsPerMinute")?;
        let key = Caller {
            actor: garant_domain::context::Actor { role: new.role.clone(), ..caller.actor.clone() },
            recipient: new.recipient.clone(),
            ..Caller::nobody(&caller.tenant)
        };
        if new.recipient.is_some() {
            register::recipient(&self.store, &key, &self.recipient_fields).await.map_err(|problem| {
                if problem.code != ErrorCode::Forbidden {
                    return problem;
                }
                Problem::new(ErrorCode::NotFound, "There is no such recipient")
                    .at("input.recipient")
                    .mend("`recipients { nodes { id name } }` lists them; the DPO registers them.")
            })?;
        }
        let secret = Secret::key();
        let token = NewToken {
            hash: token_hash(secret.reveal()),
            tenant: caller.tenant.clone(),
            id: new_id(),
            prefix: secret.beginning(),
            actor_id: new_id(),
            name: new.name.trim().to_owned(),
            role: new.role,
            country: new.country,
            recipient_id: new.recipient,
            purposes: new.purposes,
            default_purpose: new.default_purpose,
            expires_at: new.expires_at,
            requests_per_minute,
            created_by: Some(caller.actor.id.clone()),
        };
        self.store.put_token(&token, now).await.map_err(store_problem)?;
        Ok((self.key(caller, &token.id).await?, secret))
    }

    /// Makes a key that takes the place of another one, which goes on for some hours.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`, `BAD_USER_INPUT` for an overlap that is too long, `CONFLICT` for a key that
    /// is over or was rotated.
    pub async fn rotate_api_key(
        &self,
        caller: &Caller,
        id: &str,
        rotation: Rotation,
    ) -> Result<(KeyView, Secret), Problem> {
        caller.require(Duty::Keys)?;
        let now = self.clock.now();
        let Rotation { overlap_hours, expires_at, .. } = rotation;
        if !(0..=MOST_OVERLAP_HOURS).contains(&overlap_hours) {
            return Err(Problem::input("overlapHours", "The overlap is out of range")
                .mend(format!("Use 0 to {MOST_OVERLAP_HOURS} hours.")));
        }
        check_end(expires_at, now, "expiresAt")?;
        let requests_per_minute = limit(rotation.requests_per_minute, "requestsPerMinute")?;
        let old = self.key(caller, id).await?;
        self.may_give(caller, &old.role, "id").await?;
        let over = || {
            Problem::new(ErrorCode::Conflict, "The key is over, or was rotated before")
                .at("id")
                .mend("Rotate the key that took its place, or make a new one.")
        };
        let (ends_at, lifetime) = match old.expires_at {
            Some(ends_at) if ends_at <= now => return Err(over()),
            Some(ends_at) => (ends_at, Some(ends_at.saturating_sub(old.created_at))),
            None => (i64::MAX, None),
        };
        let secret = Secret::key();
        let new = NewToken {
            hash: token_hash(secret.reveal()),
            tenant: caller.tenant.clone(),
            id: new_id(),
            prefix: secret.beginning(),
            actor_id: old.actor_id,
            name: old.name,
            role: old.role,
            country: old.country,
            recipient_id: old.recipient_id,
            purposes: old.purposes,
            default_purpose: old.default_purpose,
            // As long as the one before, unless told otherwise.
            expires_at: expires_at.or(lifetime.map(|lifetime| now.saturating_add(lifetime))),
            requests_per_minute: requests_per_minute.or(old.requests_per_minute),
            created_by: Some(caller.actor.id.clone()),
        };
        let until = now.saturating_add(overlap_hours.saturating_mul(HOUR_MICROS)).min(ends_at);
        self.store.rotate_token(id, &new, until, now).await.map_err(|error| match error {
            StoreError::VersionConflict => over(),
            other => store_problem(other),
        })?;
        Ok((self.key(caller, &new.id).await?, secret))
    }

    /// Ends a key with the next request.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`.
    pub async fn revoke_api_key(&self, caller: &Caller, id: &str) -> Result<KeyView, Problem> {
        caller.require(Duty::Keys)?;
        let known = self.key(caller, id).await?;
        self.may_give(caller, &known.role, "id").await?;
        self.store.revoke_token(&caller.tenant, id, self.clock.now()).await.map_err(store_problem)?;
        self.key(caller, id).await
    }

    async fn key(&self, caller: &Caller, id: &str) -> Result<KeyView, Problem> {
        let known = self.store.tokens(&caller.tenant).await.map_err(store_problem)?;
        known.into_iter().find(|key| key.id == id).ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, "There is no such key").at("id").mend("`apiKeys { id }` lists them.")
        })
    }
}

fn check(new: &NewKey, now: i64) -> Result<(), Problem> {
    if new.name.trim().is_empty() || new.name.chars().count() > 200 {
        return Err(
            Problem::input("input.name", "A key needs a name of 1 to 200 characters").mend("Say who or what uses it.")
        );
    }
    if !new.country.as_deref().is_none_or(country::is_code) {
        return Err(Problem::input("input.country", "This is no country")
            .mend("Use two capital letters (ISO 3166), such as FR."));
    }
    let plain = |key: &String| !key.is_empty() && !key.contains(char::is_whitespace) && key.len() <= 200;
    if let Some(purposes) = &new.purposes {
        if purposes.len() > 100 || !purposes.iter().all(plain) {
            return Err(Problem::input("input.purposes", "These are no keys of purposes").mend(
                "Name at most 100 keys of `purposes { nodes { key } }`; leave the list out for all of the role.",
            ));
        }
        if let Some(default) = &new.default_purpose
            && !purposes.contains(default)
        {
            return Err(Problem::input("input.defaultPurpose", "The key may not be used for this purpose")
                .mend("Name one of its purposes."));
        }
    }
    check_end(new.expires_at, now, "input.expiresAt")
}

/// A limit of requests as it is stored.
fn limit(given: Option<i64>, field: &str) -> Result<Option<u32>, Problem> {
    let Some(given) = given else { return Ok(None) };
    let known = (1..=MOST_REQUESTS).contains(&given).then(|| u32::try_from(given).ok()).flatten();
    known.map(Some).ok_or_else(|| {
        Problem::input(field, "This is no limit of requests")
            .mend(format!("Use 1 to {MOST_REQUESTS} a minute, or leave it out for what the server lets any key send."))
    })
}

fn check_end(expires_at: Option<i64>, now: i64, field: &str) -> Result<(), Problem> {
    match expires_at {
        Some(at) if at <= now => Err(Problem::input(field, "This lies behind").mend("Give an instant ahead.")),
        _ => Ok(()),
    }
}
