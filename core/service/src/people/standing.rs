//! Who asked for something that goes on by itself, as they are by now: a job, or a long file. Whoever has no access
//! any more gets nothing done either, and what a role may do since counts.

use garant_domain::context::Actor;
use garant_domain::problem::{ErrorCode, Problem};

use crate::auth::{Access, Caller, Credential};
use crate::error::store_problem;
use crate::service::Service;

/// So many rotations of a key are followed.
const MOST_ROTATIONS: usize = 100;

impl Service {
    /// A caller as they are by now.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a key that is over without another one in its place, and for a user without access. A
    /// session that is over says nothing: people go home.
    pub(crate) async fn by_now(&self, caller: &Caller) -> Result<Caller, Problem> {
        match &caller.access.credential {
            Credential::Local | Credential::Nobody => Ok(caller.clone()),
            Credential::Key(id) => self.key_by_now(caller, id.clone()).await,
            Credential::Session(_) => self.user_by_now(caller).await,
        }
    }

    async fn key_by_now(&self, caller: &Caller, mut id: String) -> Result<Caller, Problem> {
        let now = self.clock.now();
        for _ in 0..MOST_ROTATIONS {
            let key = self.store.token(&caller.tenant, &id).await.map_err(store_problem)?.ok_or_else(gone)?;
            if key.revoked_at.is_some() {
                break;
            }
            if key.expires_at.is_none_or(|at| at > now) {
                return Ok(Caller { access: Access { role: None, ..caller.access.clone() }, ..caller.clone() });
            }
            // The same client goes on under the key that took its place.
            id = key.rotated_to.ok_or_else(gone)?;
        }
        Err(gone())
    }

    async fn user_by_now(&self, caller: &Caller) -> Result<Caller, Problem> {
        let (tenant, user) = (caller.tenant.as_str(), caller.actor.id.as_str());
        let account = self.store.account(tenant, user).await.map_err(store_problem)?;
        let account = account.filter(|account| account.active).ok_or_else(gone)?;
        let (name, team) = self.user(tenant, user).await?.ok_or_else(gone)?;
        Ok(Caller {
            actor: Actor { id: user.to_owned(), role: account.role, country: account.country },
            name,
            access: Access { role: None, team, ..caller.access.clone() },
            ..caller.clone()
        })
    }
}

fn gone() -> Problem {
    Problem::new(ErrorCode::Forbidden, "Whoever asked for this has no access any more")
        .mend("Give the user access again and go on (`resumeJob`), or let somebody else ask.")
}
