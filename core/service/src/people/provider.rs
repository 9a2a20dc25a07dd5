//! Signing in with a provider (OpenID Connect): whose log-in it is, once the provider has vouched for it. How it
//! does so is not known here. Whoever is not known by a log-in may be by the e-mail address that the provider has
//! verified, and is known by the log-in from then on; an address that goes to somebody else at the provider takes
//! no account along.

use std::sync::Arc;

use garant_domain::context::Actor;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::value::Value;
use garant_store::{AccessChange, Account, AccountLink, RoleTexts};
use serde::{Deserialize, Serialize};

use super::account::check_role_key;
use super::history::Did;
use super::login_form;
use super::session::SignedIn;
use crate::auth::{Access, Caller};
use crate::error::store_problem;
use crate::input::Input;
use crate::service::Service;
use crate::unit::UnitRequest;

/// Somebody for whom a provider vouches.
#[derive(Clone, Debug)]
pub struct Vouched {
    /// The provider, as it calls itself.
    pub issuer: String,
    /// How it calls the user: never another one.
    pub subject: String,
    /// E-mail address, if it says that it has verified it.
    pub verified_email: Option<String>,
    /// For people.
    pub name: Option<String>,
    /// Role of somebody whom nobody here knows; `None`: they stay out.
    pub role: Option<String>,
}

/// What a browser keeps between leaving for a provider and coming back; sealed, so nobody else reads or makes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInUnderWay {
    /// Comes back with the browser.
    pub state: String,
    /// Comes back within the provider's word.
    pub nonce: String,
    /// Proves to the provider that who asks for its word is who began.
    pub verifier: String,
    /// Microseconds UTC.
    pub until: i64,
}

impl Service {
    /// Seals what a browser keeps until it comes back from a provider.
    #[must_use]
    pub fn seal_sign_in(&self, provider: &str, under_way: &SignInUnderWay) -> String {
        let text = serde_json::to_string(under_way).unwrap_or_default();
        self.sealer.seal_text(&scope(&self.tenant, provider), &text)
    }

    /// Opens it; `None` for what was begun with another provider, elsewhere, or too long ago.
    #[must_use]
    pub fn open_sign_in(&self, provider: &str, sealed: &str) -> Option<SignInUnderWay> {
        let text = self.sealer.open_text(&scope(&self.tenant, provider), sealed)?;
        let opened: SignInUnderWay = serde_json::from_str(&text).ok()?;
        (opened.until > self.clock.now()).then_some(opened)
    }

    /// Begins a session of whom a provider vouches for.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for somebody who is not known here, or may not sign in.
    pub async fn sign_in_by_provider(self: &Arc<Self>, vouched: &Vouched) -> Result<SignedIn, Problem> {
        let tenant = self.tenant.as_str();
        let link = self.sealer.provider_subject(tenant, &vouched.issuer, &vouched.subject);
        let known = self.store.account_of_link(tenant, &link).await.map_err(store_problem)?;
        let account = match known {
            Some(account) => account,
            None => self.linked(vouched, link).await?,
        };
        // Alike for somebody who has no access any more.
        let account = active(account)?;
        self.begin_session(&account).await
    }

    /// The account of a log-in that is seen for the first time.
    async fn linked(self: &Arc<Self>, vouched: &Vouched, link: String) -> Result<Account, Problem> {
        let tenant = self.tenant.as_str();
        let email = vouched.verified_email.as_deref().and_then(|email| login_form(email).ok()).ok_or_else(|| {
            Problem::new(ErrorCode::Forbidden, "The provider vouches for no verified e-mail address")
                .mend("Verify the address with the provider, and let it tell `email` and `email_verified`.")
        })?;
        let login = self.sealer.login(tenant, &email);
        let account = match self.store.account_of_login(tenant, &login).await.map_err(store_problem)? {
            Some(account) => account,
            None => self.created(vouched, email, login).await?,
        };
        // Whoever may not sign in is not linked either.
        let account = active(account)?;
        let (user_id, linked_at) = (account.user_id.clone(), self.clock.now());
        let link = AccountLink { link, user_id, issuer: vouched.issuer.clone(), linked_at };
        if !self.store.put_account_link(tenant, &link).await.map_err(store_problem)? {
            return Err(Problem::new(
                ErrorCode::Forbidden,
                "The account of this address belongs to another log-in there",
            )
            .mend("Sign in as the one before, or ask an administrator."));
        }
        tracing::info!(user = link.user_id, issuer = link.issuer, "a log-in was linked");
        Ok(account)
    }

    /// A user whom nobody here knows, if the operator lets the provider bring them.
    async fn created(self: &Arc<Self>, vouched: &Vouched, email: String, login: String) -> Result<Account, Problem> {
        let role = vouched.role.clone().ok_or_else(unknown)?;
        check_role_key(&role, "role")?;
        let caller = Caller {
            tenant: self.tenant.clone(),
            // The operator of the server said who may come, and may give every role.
            actor: Actor { id: "local:oidc".to_owned(), role: "dpo".to_owned(), country: None },
            name: "oidc".to_owned(),
            recipient: None,
            default_purpose: None,
            access: Access::default(),
        };
        let name = vouched.name.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or(&email);
        let name: String = name.chars().take(200).collect();
        let unit = self.begin(&caller, UnitRequest::default()).await?;
        let user_id = unit.create_user(Input::from([("name".to_owned(), Value::Text(name))]), &email).await?;
        let account = Account {
            user_id,
            login,
            role,
            country: None,
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
            ..self.change_of(&caller, Did::Invited, &account.user_id)
        };
        if !self.store.put_account(&self.tenant, &account, &change).await.map_err(store_problem)? {
            return Err(Problem::new(ErrorCode::Conflict, "Somebody signs in with this address at this moment")
                .mend("Begin again."));
        }
        Ok(account)
    }
}

fn active(account: Account) -> Result<Account, Problem> {
    if account.active { Ok(account) } else { Err(unknown()) }
}

/// What is kept is sealed for.
fn scope(tenant: &str, provider: &str) -> String {
    format!("oidc:{tenant}:{provider}")
}

fn unknown() -> Problem {
    Problem::new(ErrorCode::Forbidden, "Nobody here is known by this log-in")
        .mend("Ask an administrator to invite you with the e-mail address that the provider knows.")
}
