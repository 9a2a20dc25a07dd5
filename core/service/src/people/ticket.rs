//! Tickets: an invitation, or a reset of a password. Each lets its user set a password once, and ends by itself.

use garant_domain::problem::{ErrorCode, Problem};
use garant_store::Ticket;

use super::secret::{Secret, TICKET_PREFIX};
use super::session::SignedIn;
use crate::auth::{Caller, token_hash};
use crate::error::store_problem;
use crate::service::Service;

/// What a ticket is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketKind {
    /// Somebody was invited.
    Invitation,
    /// Somebody forgot their password.
    Reset,
}

impl TicketKind {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }
}

/// A ticket, to be handed to its user.
#[derive(Debug)]
pub struct Invited {
    /// Record id of the user.
    pub user_id: String,
    /// What lets the user set a password.
    pub ticket: Secret,
    /// Microseconds UTC.
    pub expires_at: i64,
}

impl Service {
    /// Makes a ticket in the place of those that the user had.
    pub(super) async fn make_ticket(
        &self,
        caller: &Caller,
        user_id: &str,
        kind: TicketKind,
    ) -> Result<Invited, Problem> {
        let now = self.clock.now();
        let secret = Secret::fresh(TICKET_PREFIX);
        let expires_at = now.saturating_add(self.people.invitation_micros);
        let ticket = Ticket {
            hash: token_hash(secret.reveal()),
            user_id: user_id.to_owned(),
            kind: kind.key().to_owned(),
            created_at: now,
            created_by: caller.actor.id.clone(),
            expires_at,
        };
        self.store.put_ticket(&caller.tenant, &ticket).await.map_err(store_problem)?;
        Ok(Invited { user_id: user_id.to_owned(), ticket: secret, expires_at })
    }

    /// Uses a ticket: sets the password, ends what sessions there were, and begins one.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`, alike for an unknown ticket, one that was used, one that is over and one of another kind;
    /// `UNAUTHENTICATED` at `code` for an account with a second factor; `BAD_USER_INPUT` for a bad password,
    /// `RATE_LIMITED`.
    pub async fn use_ticket(
        &self,
        kind: TicketKind,
        secret: &str,
        password: &str,
        code: Option<&str>,
    ) -> Result<SignedIn, Problem> {
        let (tenant, now) = (self.tenant.as_str(), self.clock.now());
        let found = self.store.ticket(tenant, &token_hash(secret), now).await.map_err(store_problem)?;
        let ticket = found.filter(|ticket| ticket.kind == kind.key()).ok_or_else(unknown)?;
        let account = self.store.account(tenant, &ticket.user_id).await.map_err(store_problem)?;
        let account = account.filter(|account| account.active).ok_or_else(unknown)?;
        let stored = self.passwords.hash(password, "password").await?;
        if account.totp {
            // Whoever resets a password must not pass the second factor by.
            let attempt = self.begin_attempt(&account.login, None).await?;
            self.check_code(&account, code).await?;
            self.succeeded(&attempt).await?;
        }
        if !self.store.use_ticket(tenant, &ticket, &stored).await.map_err(store_problem)? {
            return Err(unknown());
        }
        self.begin_session(&account).await
    }
}

fn unknown() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no such invitation: it was used, replaced, or is over")
        .at("token")
        .mend("Ask an administrator for a new one.")
}
