//! Accounts: inviting, roles, ending access. Nobody gives a role that may do what they may not, nor acts upon
//! somebody who has one.

use std::collections::HashMap;
use std::sync::Arc;

use garant_domain::country;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Duty;
use garant_domain::value::Value;
use garant_store::{AccessChange, Account, RoleTexts};

use super::history::Did;
use super::login_form;
use super::ticket::{Invited, TicketKind};
use crate::auth::{Caller, USER};
use crate::error::store_problem;
use crate::input::Input;
use crate::service::Service;
use crate::unit::UnitRequest;

/// Somebody to be invited.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// For people.
    pub name: String,
    /// What they sign in with.
    pub email: String,
    /// Role key.
    pub role: String,
    /// Record id of their team.
    pub team: Option<String>,
    /// ISO 3166 country where they work.
    pub country: Option<String>,
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// No password was set yet, and no provider signed the user in.
    Invited,
    /// May sign in.
    Active,
    /// May not.
    Deactivated,
}

impl AccountState {
    /// The name that clients see.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Invited => "INVITED",
            Self::Active => "ACTIVE",
            Self::Deactivated => "DEACTIVATED",
        }
    }
}

/// An account as administrators see it.
#[derive(Debug)]
pub struct AccountView {
    /// Record id of the user.
    pub user_id: String,
    /// Name, as far as the caller may see it.
    pub name: Option<String>,
    /// E-mail, as far as the caller may see it.
    pub email: Option<String>,
    /// Role key.
    pub role: String,
    /// ISO 3166 country where the user works.
    pub country: Option<String>,
    /// Where it stands.
    pub state: AccountState,
    /// Whether a second factor is on.
    pub totp: bool,
    /// Microseconds UTC.
    pub created_at: i64,
}

/// Names are read for so many users at once.
const BATCH: usize = 500;

impl Service {
    /// Every account, the oldest first. Who they are is read through the door like any record.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` without the duty `users`.
    pub async fn accounts(self: &Arc<Self>, caller: &Caller) -> Result<Vec<AccountView>, Problem> {
        caller.require(Duty::Users)?;
        let accounts = self.store.accounts(&caller.tenant).await.map_err(store_problem)?;
        let unit = self.begin(caller, UnitRequest::default()).await?;
        let fields = || ["name", "email"].map(str::to_owned).to_vec();
        let mut known = HashMap::new();
        for batch in accounts.chunks(BATCH) {
            let ids = batch.iter().map(|account| account.user_id.clone()).collect();
            known.extend(unit.by_ids(USER, ids, fields()).await?);
        }
        let view = |account: Account| {
            let text = |field: &str| known.get(&account.user_id)?.get(field).as_text().map(str::to_owned);
            AccountView { name: text("name"), email: text("email"), ..AccountView::from(&account) }
        };
        Ok(accounts.into_iter().map(view).collect())
    }

    /// Makes a user with an account that has no password yet.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` naming the field, `NOT_FOUND` for a team, `CONFLICT` for an e-mail that
    /// has an account.
    pub async fn invite_user(self: &Arc<Self>, caller: &Caller, new: NewUser) -> Result<Invited, Problem> {
        caller.require(Duty::Users)?;
        self.may_give(caller, &new.role, "input.role").await?;
        let email = login_form(&new.email)?;
        if !new.country.as_deref().is_none_or(country::is_code) {
            return Err(Problem::input("input.country", "This is no country")
                .mend("Use two capital letters (ISO 3166), such as FR."));
        }
        let tenant = caller.tenant.as_str();
        let login = self.sealer.login(tenant, &email);
        if self.store.account_of_login(tenant, &login).await.map_err(store_problem)?.is_some() {
            return Err(taken());
        }
        let mut input = Input::from([("name".to_owned(), Value::text(new.name.trim()))]);
        if let Some(team) = new.team {
            input.insert("team_id".to_owned(), Value::Text(team));
        }
        if new.name.trim().is_empty() || new.name.chars().count() > 200 {
            return Err(Problem::input("input.name", "A user needs a name of 1 to 200 characters").mend("Give one."));
        }
        let unit = self.begin(caller, UnitRequest::default()).await?;
        let user_id = unit.create_user(input, &email).await?;
        let account = Account {
            user_id,
            login,
            role: new.role,
            country: new.country,
            password: None,
            active: true,
            created_at: self.clock.now(),
            created_by: caller.actor.id.clone(),
            texts: RoleTexts::default(),
            totp: false,
            linked: false,
        };
        let change = AccessChange {
            role: Some(account.role.clone()),
            after: Some(account.role.clone()),
            ..self.change_of(caller, Did::Invited, &account.user_id)
        };
        if !self.store.put_account(tenant, &account, &change).await.map_err(store_problem)? {
            return Err(taken());
        }
        self.make_ticket(caller, &account.user_id, TicketKind::Invitation).await
    }

    /// Makes another ticket for a user: an invitation as long as there is no password, then a reset.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`.
    pub async fn reset_password(&self, caller: &Caller, user_id: &str) -> Result<Invited, Problem> {
        let account = self.managed(caller, user_id).await?;
        let kind = if account.password.is_some() { TicketKind::Reset } else { TicketKind::Invitation };
        self.make_ticket(caller, user_id, kind).await
    }

    /// Gives a user another role, from the next request on.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`, `BAD_USER_INPUT`.
    pub async fn set_user_role(&self, caller: &Caller, user_id: &str, role: &str) -> Result<AccountView, Problem> {
        let account = self.managed(caller, user_id).await?;
        self.may_give(caller, role, "role").await?;
        not_oneself(caller, user_id)?;
        let change = AccessChange {
            role: Some(role.to_owned()),
            before: Some(account.role.clone()),
            after: Some(role.to_owned()),
            ..self.change_of(caller, Did::RoleGiven, user_id)
        };
        self.store.set_account_role(&caller.tenant, user_id, role, &change).await.map_err(store_problem)?;
        Ok(AccountView::from(&Account { role: role.to_owned(), ..account }))
    }

    /// Ends or reopens a user's access. Ended, no session goes on.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`.
    pub async fn set_user_active(&self, caller: &Caller, user_id: &str, active: bool) -> Result<AccountView, Problem> {
        let account = self.managed(caller, user_id).await?;
        not_oneself(caller, user_id)?;
        let change = self.change_of(caller, if active { Did::Reactivated } else { Did::Deactivated }, user_id);
        self.store.set_account_active(&caller.tenant, user_id, active, &change).await.map_err(store_problem)?;
        Ok(AccountView::from(&Account { active, ..account }))
    }

    /// The account of a user upon whom the caller may act.
    pub(super) async fn managed(&self, caller: &Caller, user_id: &str) -> Result<Account, Problem> {
        caller.require(Duty::Users)?;
        let account = self.store.account(&caller.tenant, user_id).await.map_err(store_problem)?.ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, "There is no such account")
                .at("userId")
                .mend("`accounts { userId }` lists them.")
        })?;
        self.may_give(caller, &account.role, "userId").await?;
        Ok(account)
    }
}

impl From<&Account> for AccountView {
    fn from(account: &Account) -> Self {
        let state = match (account.active, account.password.is_some() || account.linked) {
            (false, _) => AccountState::Deactivated,
            (true, false) => AccountState::Invited,
            (true, true) => AccountState::Active,
        };
        Self {
            user_id: account.user_id.clone(),
            name: None,
            email: None,
            role: account.role.clone(),
            country: account.country.clone(),
            state,
            totp: account.totp,
            created_at: account.created_at,
        }
    }
}

/// The key of a role.
///
/// # Errors
///
/// `BAD_USER_INPUT` for a text that is none.
pub(super) fn check_role_key(role: &str, field: &str) -> Result<(), Problem> {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "_-".contains(letter);
    if role.is_empty() || role.len() > 63 || !role.chars().all(plain) {
        return Err(Problem::input(field, "This is no role").mend("Use 1 to 63 of a-z, 0-9, _ and -."));
    }
    Ok(())
}

impl Service {
    /// Whether a caller may give a role, or act upon whoever has it.
    pub(crate) async fn may_give(&self, caller: &Caller, role: &str, field: &str) -> Result<(), Problem> {
        check_role_key(role, field)?;
        if caller.role().covers(&*self.role(&caller.tenant, role).await?) {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::Forbidden, format!("The role `{role}` may do what yours may not"))
            .at(field)
            .mend("Ask somebody who has that role, or use `garant user` on the server."))
    }
}

pub(super) fn not_oneself(caller: &Caller, user_id: &str) -> Result<(), Problem> {
    if caller.actor.id != user_id {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Forbidden, "Nobody changes their own role or access")
        .at("userId")
        .mend("Ask another administrator."))
}

pub(super) fn taken() -> Problem {
    Problem::new(ErrorCode::Conflict, "There is an account with this e-mail already")
        .at("input.email")
        .mend("`accounts { userId email state }` lists them; reactivate it, or reset its password.")
}
