//! The history of access, for those who say what roles may do; and the two commands that reach into the record of
//! a user: another e-mail to sign in with, and erasing.

use std::sync::Arc;

use garant_domain::clock::new_id;
use garant_domain::problem::Problem;
use garant_domain::role::Duty;
use garant_store::{AccessChange, Account};

use super::account::{AccountView, not_oneself, taken};
use super::login_form;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;
use crate::unit::UnitRequest;

/// Lines that one list answers at most.
const MOST: u32 = 500;

/// What was done to somebody's access, or to a role.
#[derive(Clone, Copy, Debug)]
pub(super) enum Did {
    Invited,
    RoleGiven,
    RoleDefined,
    Deactivated,
    Reactivated,
    TotpReset,
    EmailChanged,
    Erased,
}

impl Did {
    fn key(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::RoleGiven => "role_given",
            Self::RoleDefined => "role_defined",
            Self::Deactivated => "deactivated",
            Self::Reactivated => "reactivated",
            Self::TotpReset => "totp_reset",
            Self::EmailChanged => "email_changed",
            Self::Erased => "erased",
        }
    }
}

impl Service {
    /// A line of the history.
    pub(super) fn access_change(&self, caller: &Caller, act: Did) -> AccessChange {
        AccessChange {
            id: new_id(),
            at: self.clock.now(),
            actor: caller.actor.id.clone(),
            act: act.key().to_owned(),
            ..AccessChange::default()
        }
    }

    /// A line about a user.
    pub(super) fn change_of(&self, caller: &Caller, act: Did, user_id: &str) -> AccessChange {
        AccessChange { user_id: Some(user_id.to_owned()), ..self.access_change(caller, act) }
    }

    /// Who gave or took access, and what roles may do since, the newest first: so many, before one if it is named,
    /// of one user if they are.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` without the duty `roles`, `BAD_USER_INPUT` for too many.
    pub async fn access_history(
        &self,
        caller: &Caller,
        user_id: Option<&str>,
        before: Option<&str>,
        first: u32,
    ) -> Result<Vec<AccessChange>, Problem> {
        caller.require(Duty::Roles)?;
        if first > MOST {
            return Err(Problem::input("first", format!("`first` must be at most {MOST}"))
                .mend("Ask for fewer, and for those before the last one (`before`)."));
        }
        let found = self.store.access_changes(&caller.tenant, user_id, before, first.into()).await;
        found.map_err(store_problem)
    }

    /// Lets a user sign in with another e-mail address. Sessions go on; an invitation that was handed out is void.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`, `BAD_USER_INPUT`, `CONFLICT` for an address that has an account.
    pub async fn change_user_email(
        self: &Arc<Self>,
        caller: &Caller,
        user_id: &str,
        email: &str,
    ) -> Result<AccountView, Problem> {
        let account = self.managed(caller, user_id).await?;
        let email = login_form(email).map_err(|problem| problem.at("email"))?;
        let tenant = caller.tenant.as_str();
        let login = self.sealer.login(tenant, &email);
        let known = self.store.account_of_login(tenant, &login).await.map_err(store_problem)?;
        if known.is_some_and(|known| known.user_id != user_id) {
            return Err(taken().at("email"));
        }
        let change = self.change_of(caller, Did::EmailChanged, user_id);
        let unit = self.begin(caller, UnitRequest::default()).await?;
        unit.change_user_email(user_id, &email, &login, &change).await?;
        Ok(AccountView::from(&Account { login, ..account }))
    }

    /// Erases a user: the account with all by which they sign in, their name and their address. What they own and
    /// did stays, under an id that leads to nobody.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, also for oneself; `NOT_FOUND`.
    pub async fn erase_user(self: &Arc<Self>, caller: &Caller, user_id: &str) -> Result<(), Problem> {
        self.managed(caller, user_id).await?;
        not_oneself(caller, user_id)?;
        let change = self.change_of(caller, Did::Erased, user_id);
        let unit = self.begin(caller, UnitRequest::default()).await?;
        unit.erase_user(user_id, &change).await
    }
}
