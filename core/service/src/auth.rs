//! Who calls: sessions of people, and keys of clients. Only the hashes of their secrets are stored.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use garant_domain::context::Actor;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Guards, Page, Query};
use garant_domain::role::{Duty, Role};
use garant_domain::value::Value;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::store_problem;
use crate::people::{MINUTE_MICROS, SESSION_PREFIX, described};
use crate::service::Service;

/// The entity of those who sign in.
pub(crate) const USER: &str = "user";

/// An authenticated caller.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Caller {
    /// Tenant of the token; a caller never leaves it.
    pub tenant: String,
    /// Who it is.
    pub actor: Actor,
    /// Name of the user or of the key, for people.
    pub name: String,
    /// Id of the recipient on whose behalf the client works, if any.
    pub recipient: Option<String>,
    /// The purpose meant when a request names none.
    pub default_purpose: Option<String>,
    /// By what it came in, and what that narrows.
    #[serde(default)]
    pub access: Access,
}

/// By what a caller came in, and what that narrows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Access {
    /// By what.
    pub credential: Credential,
    /// The purposes that a request may name; `None`: all that the role may.
    pub purposes: Option<Vec<String>>,
    /// The team of the user.
    pub team: Option<String>,
    /// What the role may do, as of the look-up of the credential; without it each unit of work looks.
    /// Never kept: what is done later is done by what the role may do then.
    #[serde(skip)]
    pub role: Option<Arc<Role>>,
    /// Requests that the key may send a minute, where it has a limit of its own.
    #[serde(skip)]
    pub requests_per_minute: Option<u32>,
    /// Whether the user has yet to turn on the second factor that the role needs, and may do nothing else.
    #[serde(skip)]
    pub lacks_factor: bool,
}

/// By what a caller came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Credential {
    /// Nothing: a command on the machine, or the server itself.
    #[default]
    Local,
    /// The key of this id.
    Key(String),
    /// The session of this id, of a user.
    Session(String),
    /// Nobody: somebody who has yet to sign in.
    Nobody,
}

impl Caller {
    /// Somebody who has yet to sign in: of no role that could be given, and so with no rights.
    #[must_use]
    pub fn nobody(tenant: &str) -> Self {
        Self {
            tenant: tenant.to_owned(),
            actor: Actor { id: "nobody".to_owned(), role: String::new(), country: None },
            name: String::new(),
            recipient: None,
            default_purpose: None,
            access: Access {
                credential: Credential::Nobody,
                purposes: Some(vec![]),
                team: None,
                role: Some(Arc::new(Role::nothing(""))),
                requests_per_minute: None,
                lacks_factor: false,
            },
        }
    }

    /// Whether a request may name a purpose, as far as its key says.
    pub(crate) fn may_name(&self, purpose: &str) -> bool {
        self.access.purposes.as_ref().is_none_or(|purposes| purposes.iter().any(|known| known == purpose))
    }

    /// What its role may do; as shipped where nobody has looked.
    #[must_use]
    pub fn role(&self) -> Arc<Role> {
        self.access.role.clone().unwrap_or_else(|| Arc::new(Role::shipped(&self.actor.role)))
    }

    /// Refuses what the role does not administer.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub(crate) fn require(&self, duty: Duty) -> Result<(), Problem> {
        self.has_factor()?;
        if self.role().may(duty) {
            return Ok(());
        }
        let (what, _) = duty.label();
        Err(Problem::new(ErrorCode::Forbidden, format!("This role may not do this: {what}"))
            .mend(format!("Ask somebody whose role has the duty `{}`.", duty.key())))
    }

    /// Refuses whoever lacks the second factor that the role needs.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`.
    pub(crate) fn has_factor(&self) -> Result<(), Problem> {
        if !self.access.lacks_factor {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::Forbidden, "This role needs a second factor, and none is on")
            .mend("Call `beginTotp`, then `confirmTotp` with a code of the authenticator; then send this again."))
    }

    /// The user behind a session.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key.
    pub(crate) fn session(&self) -> Result<(&str, &str), Problem> {
        match &self.access.credential {
            Credential::Session(session) => Ok((&self.actor.id, session)),
            _ => Err(Problem::new(ErrorCode::Forbidden, "This is for somebody who signed in, and this is a key")
                .mend("Sign in first, and send the session's token.")),
        }
    }
}

/// The stored form of a token: SHA-256, hex. Tokens carry 256 random bits, so no salt is needed.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// When each credential was noted to be in use: at most once a minute, by this process.
#[derive(Default)]
pub(crate) struct Noted {
    at: Mutex<HashMap<String, i64>>,
}

/// So many credentials are remembered before all are forgotten, which costs a write for each.
const MOST_NOTED: usize = 10_000;

impl Noted {
    /// Whether the use of a credential is to be written down now.
    fn is_due(&self, id: &str, now: i64) -> bool {
        let mut noted = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.get(id).is_some_and(|at| now.saturating_sub(*at) < MINUTE_MICROS) {
            return false;
        }
        if noted.len() >= MOST_NOTED {
            noted.clear();
        }
        noted.insert(id.to_owned(), now);
        true
    }
}

impl Service {
    /// Finds the caller behind a bearer token.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` without a token, with an unknown, an expired or a revoked one: all alike.
    pub async fn authenticate(&self, token: Option<&str>) -> Result<Caller, Problem> {
        self.find_caller(token, true).await
    }

    /// The same for a connection that stays open: that it is looked at again is no use of the credential, so a
    /// session that nobody uses ends in its time.
    ///
    /// # Errors
    ///
    /// As [`Self::authenticate`].
    pub async fn authenticate_again(&self, token: Option<&str>) -> Result<Caller, Problem> {
        self.find_caller(token, false).await
    }

    async fn find_caller(&self, token: Option<&str>, used: bool) -> Result<Caller, Problem> {
        let token = token.filter(|token| !token.is_empty()).ok_or_else(denied)?;
        if token.starts_with(SESSION_PREFIX) {
            self.by_session(&token_hash(token), used).await
        } else {
            self.by_key(&token_hash(token), used).await
        }
    }

    async fn by_key(&self, hash: &str, used: bool) -> Result<Caller, Problem> {
        let now = self.clock.now();
        let found = self.store.find_token(hash).await.map_err(store_problem)?.ok_or_else(denied)?;
        if found.revoked_at.is_some() || found.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(denied());
        }
        if used
            && found.used_at.is_none_or(|at| now.saturating_sub(at) >= MINUTE_MICROS)
            && self.noted.is_due(&found.id, now)
        {
            let (store, tenant, id) = (self.store.clone(), found.tenant.clone(), found.id.clone());
            // Nobody waits for it, and nothing depends on it.
            tokio::spawn(async move { store.touch_token(&tenant, &id, now).await.map_err(store_problem) });
        }
        let role = described(&found.role, &found.texts);
        Ok(Caller {
            tenant: found.tenant,
            actor: Actor { id: found.actor_id, role: found.role, country: found.country },
            name: found.name,
            recipient: found.recipient_id,
            default_purpose: found.default_purpose,
            access: Access {
                credential: Credential::Key(found.id),
                purposes: found.purposes,
                team: None,
                role: Some(role),
                requests_per_minute: found.requests_per_minute,
                lacks_factor: false,
            },
        })
    }

    async fn by_session(&self, hash: &str, used: bool) -> Result<Caller, Problem> {
        let now = self.clock.now();
        let found = self.store.find_session(hash).await.map_err(store_problem)?.ok_or_else(denied)?;
        if found.ends_at <= now || now.saturating_sub(found.seen_at) >= self.people.session_idle_micros {
            return Err(denied());
        }
        let account = self.store.account(&found.tenant, &found.user_id).await.map_err(store_problem)?;
        let account = account.filter(|account| account.active).ok_or_else(denied)?;
        let (name, team) = self.user(&found.tenant, &found.user_id).await?.ok_or_else(denied)?;
        if used && now.saturating_sub(found.seen_at) >= MINUTE_MICROS && self.noted.is_due(&found.id, now) {
            let (store, tenant, id) = (self.store.clone(), found.tenant.clone(), found.id.clone());
            tokio::spawn(async move { store.touch_session(&tenant, &id, now).await.map_err(store_problem) });
        }
        // Who signs in with a provider alone shows it whatever else it asks for.
        let needs_factor = account.password.is_some() && self.people.second_factor_roles.contains(&account.role);
        let lacks_factor = needs_factor && !account.totp;
        let role = described(&account.role, &account.texts);
        let role = if lacks_factor { Arc::new(Role::nothing(&account.role)) } else { role };
        Ok(Caller {
            tenant: found.tenant,
            actor: Actor { id: found.user_id, role: account.role, country: account.country },
            name,
            recipient: None,
            default_purpose: None,
            access: Access {
                credential: Credential::Session(found.id),
                purposes: lacks_factor.then(Vec::new),
                team,
                role: Some(role),
                requests_per_minute: None,
                lacks_factor,
            },
        })
    }

    /// Name and team of a user; `None` for one whose record is gone.
    pub(crate) async fn user(&self, tenant: &str, id: &str) -> Result<Option<(String, Option<String>)>, Problem> {
        let query = Query {
            entity: USER.to_owned(),
            fields: ["name", "team_id"].map(str::to_owned).to_vec(),
            filter: Some(Filter::Field("id".to_owned(), FieldTest::Eq(Value::text(id)))),
            page: Page { limit: 1, ..Page::default() },
            ..Query::default()
        };
        let guards: Guards = [USER, "team"].map(|entity| (entity.to_owned(), Default::default())).into();
        let found = self.store.page(tenant, &query, &guards).await.map_err(store_problem)?.rows;
        Ok(found.into_iter().next().map(|row| {
            let text = |index: usize| row.values.get(index).and_then(Value::as_text).map(str::to_owned);
            (text(0).unwrap_or_default(), text(1))
        }))
    }
}

fn denied() -> Problem {
    Problem::new(ErrorCode::Unauthenticated, "The request carries no valid token")
        .mend("Send `Authorization: Bearer <token>`; `signIn` gives one, and `garant token create` makes one.")
}
