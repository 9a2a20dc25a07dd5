//! Signing in and out. A wrong password and an unknown account cost the same work and are told alike.

use std::net::IpAddr;

use garant_domain::clock::new_id;
use garant_domain::problem::{ErrorCode, Problem};
use garant_store::{Account, Session};

use super::login_form;
use super::secret::{SESSION_PREFIX, Secret};
use crate::auth::{Caller, token_hash};
use crate::error::store_problem;
use crate::service::Service;

/// What somebody signs in with.
pub struct SignIn {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// Code of the second factor, where the account has one.
    pub code: Option<String>,
    /// Address of the client, if it is known.
    pub address: Option<IpAddr>,
}

/// A session that has begun.
#[derive(Debug)]
pub struct SignedIn {
    /// Its token.
    pub token: Secret,
    /// Record id of the user.
    pub user_id: String,
    /// Microseconds UTC; over then, however much it is used.
    pub expires_at: i64,
}

/// A session as its user sees it.
#[derive(Debug)]
pub struct SessionView {
    /// Id.
    pub id: String,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC, to the minute.
    pub seen_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
    /// Whether it is the one of this request.
    pub current: bool,
}

impl Service {
    /// Begins a session.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED`, alike for an unknown account, one that may not sign in and a wrong password; at `code`
    /// for an account that needs one, once the password was right; `RATE_LIMITED`.
    pub async fn sign_in(&self, request: SignIn) -> Result<SignedIn, Problem> {
        // A text that is no address is nobody's, and told like any other.
        let email = login_form(&request.email).unwrap_or_default();
        let login = self.sealer.login(&self.tenant, &email);
        let attempt = self.begin_attempt(&login, request.address).await?;
        let account = self.store.account_of_login(&self.tenant, &login).await.map_err(store_problem)?;
        let account = account.filter(|account| account.active);
        let stored = account.as_ref().and_then(|account| account.password.as_deref());
        let fits = self.passwords.verify(&request.password, stored).await?;
        let Some(account) = account.filter(|_| fits) else { return Err(wrong()) };
        // Without its code the attempt counts as failed, so that codes cannot be guessed for free.
        self.check_code(&account, request.code.as_deref()).await?;
        self.succeeded(&attempt).await?;
        self.begin_session(&account).await
    }

    /// A session of an account whose user has shown who they are.
    pub(super) async fn begin_session(&self, account: &Account) -> Result<SignedIn, Problem> {
        let now = self.clock.now();
        let token = Secret::fresh(SESSION_PREFIX);
        let session = Session {
            tenant: self.tenant.clone(),
            id: new_id(),
            hash: token_hash(token.reveal()),
            user_id: account.user_id.clone(),
            created_at: now,
            seen_at: now,
            ends_at: now.saturating_add(self.people.session_longest_micros),
        };
        self.store.put_session(&session, now).await.map_err(store_problem)?;
        Ok(SignedIn { token, user_id: session.user_id, expires_at: session.ends_at })
    }

    /// Ends the session of this request.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key.
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), Problem> {
        let (user, session) = caller.session()?;
        self.store.end_sessions(&caller.tenant, user, Some(session), None).await.map(drop).map_err(store_problem)
    }

    /// Ends all sessions of the user, this one too; how many there were.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key.
    pub async fn sign_out_everywhere(&self, caller: &Caller) -> Result<u64, Problem> {
        let (user, _) = caller.session()?;
        self.store.end_sessions(&caller.tenant, user, None, None).await.map_err(store_problem)
    }

    /// Ends one of the user's own sessions.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key, `NOT_FOUND` for a session that is not the user's.
    pub async fn end_session(&self, caller: &Caller, id: &str) -> Result<(), Problem> {
        let (user, _) = caller.session()?;
        match self.store.end_sessions(&caller.tenant, user, Some(id), None).await.map_err(store_problem)? {
            0 => Err(Problem::new(ErrorCode::NotFound, "There is no such session")
                .at("id")
                .mend("`sessions { id }` lists your own.")),
            _ => Ok(()),
        }
    }

    /// The user's own sessions that go on, the newest first.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key.
    pub async fn sessions(&self, caller: &Caller) -> Result<Vec<SessionView>, Problem> {
        let (user, current) = caller.session()?;
        let now = self.clock.now();
        let goes_on = |session: &Session| {
            session.ends_at > now && now.saturating_sub(session.seen_at) < self.people.session_idle_micros
        };
        let found = self.store.sessions_of(&caller.tenant, user).await.map_err(store_problem)?;
        let view = |session: Session| SessionView {
            current: session.id == current,
            id: session.id,
            created_at: session.created_at,
            seen_at: session.seen_at,
            expires_at: session.ends_at,
        };
        Ok(found.into_iter().filter(goes_on).map(view).collect())
    }

    /// Gives the user another password; all other sessions end.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key, `BAD_USER_INPUT` for a wrong or a bad password, `RATE_LIMITED`.
    pub async fn change_password(&self, caller: &Caller, current: &str, new: &str) -> Result<(), Problem> {
        let (user, session) = caller.session()?;
        let account = self.store.account(&caller.tenant, user).await.map_err(store_problem)?.ok_or_else(wrong)?;
        let attempt = self.begin_attempt(&account.login, None).await?;
        if !self.passwords.verify(current, account.password.as_deref()).await? {
            return Err(Problem::input("current", "This is not the password").mend("Give the one you sign in with."));
        }
        self.succeeded(&attempt).await?;
        let stored = self.passwords.hash(new, "new").await?;
        self.store.set_password(&caller.tenant, user, &stored, Some(session)).await.map_err(store_problem)
    }
}

fn wrong() -> Problem {
    Problem::new(ErrorCode::Unauthenticated, "E-mail or password is wrong")
        .mend("Check both; an administrator can invite you or reset the password.")
}
