//! Webhooks: a subscriber is a registered recipient that is told when a record that it may see changes,
//! and when it may see it no longer. Every attempt reads the record again through the door, under the
//! hooks `read` and `transfer`. Nothing here speaks HTTP.

mod attempt;
mod sign;
mod view;

use garant_domain::catalog::Entity;
use garant_domain::clock::new_id;
use garant_domain::context::Actor;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Duty;
use garant_store::{Delivery, StoreError, Webhook};
use url::Url;

pub use attempt::{Attempt, AttemptOutcome};
pub use sign::WebhookSecret;

use crate::auth::Caller;
use crate::error::store_problem;
use crate::register;
use crate::service::Service;
use crate::unit::CHANNELS;

/// What a subscriber can be told: the first sight of a record, a change of what it sees, and that it
/// sees the record no longer, whatever the cause.
pub const WEBHOOK_EVENTS: &[&str] = &["created", "updated", "access_ended"];

/// Deliveries that one list answers at most.
const MAX_DELIVERIES: u32 = 500;

/// A subscription to be made.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// For people.
    pub name: String,
    /// Where deliveries are posted.
    pub url: String,
    /// Entity name.
    pub entity: String,
    /// Fields that are told; empty means every field.
    pub fields: Vec<String>,
    /// Which of [`WEBHOOK_EVENTS`]; empty means all.
    pub events: Vec<String>,
    /// Key of the purpose of the disclosure.
    pub purpose: Option<String>,
    /// Channel through which people would be reached.
    pub channel: Option<String>,
    /// Id of the registered recipient.
    pub recipient: Option<String>,
    /// Role under which the records are read.
    pub role: String,
    /// Whether the address may be a private one and plain HTTP, as an operator may allow.
    pub allow_private: bool,
}

impl Service {
    /// Every subscription, the oldest first.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO and administrators.
    pub async fn webhooks(&self, caller: &Caller) -> Result<Vec<Webhook>, Problem> {
        require_administrator(caller)?;
        self.store.webhooks(&caller.tenant).await.map_err(store_problem)
    }

    /// Makes a subscription and answers it with its signing secret.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` naming the field, `NOT_FOUND` for a recipient that is not registered.
    pub async fn create_webhook(&self, caller: &Caller, new: NewWebhook) -> Result<(Webhook, WebhookSecret), Problem> {
        require_administrator(caller)?;
        let catalog = self.catalog_of(&caller.tenant).await?;
        let entity = catalog.entity(&new.entity).filter(|entity| !entity.retired).ok_or_else(|| {
            Problem::input("input.entity", "There is no such entity").mend("Use a name such as contact.")
        })?;
        check_url(&new.url, new.allow_private)?;
        check_name(&new.name)?;
        // A subscription reads in a role, so nobody makes one that sees more than they may.
        self.may_give(caller, &new.role, "input.role").await?;
        let fields = fields_of(entity, new.fields)?;
        let events = events_of(new.events)?;
        if let Some(channel) = &new.channel
            && !CHANNELS.contains(&channel.as_str())
        {
            return Err(Problem::input("input.channel", "No such channel")
                .mend(format!("Use one of: {}.", CHANNELS.join(", "))));
        }
        let webhook = Webhook {
            id: new_id(),
            name: new.name,
            url: new.url,
            entity: entity.name.clone(),
            fields,
            events,
            purpose: new.purpose,
            channel: new.channel,
            recipient_id: new.recipient,
            role: new.role,
            active: true,
            version: 1,
            created_at: self.clock.now(),
            created_by: caller.actor.id.clone(),
        };
        self.check_disclosure(entity, &caller.tenant, &webhook).await?;
        self.store.put_webhook(&caller.tenant, &webhook).await.map_err(store_problem)?;
        let secret = self.webhook_secret(&caller.tenant, &webhook.id);
        Ok((webhook, secret))
    }

    /// Switches a subscription on or off.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`, `CONFLICT` for another version.
    pub async fn set_webhook_active(
        &self,
        caller: &Caller,
        id: &str,
        expected_version: i64,
        active: bool,
    ) -> Result<Webhook, Problem> {
        let known = self.webhook(caller, id).await?;
        let switched = self.store.set_webhook_active(&caller.tenant, id, expected_version, active).await;
        switched.map_err(|error| match error {
            StoreError::VersionConflict => Problem::new(ErrorCode::Conflict, "The webhook was changed in the meantime")
                .at("expectedVersion")
                .mend(format!("Read it again (its version was {} a moment ago).", known.version)),
            other => store_problem(other),
        })?;
        self.webhook(caller, id).await
    }

    /// Deliveries of a subscription, the newest first.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`, `BAD_USER_INPUT` for too many.
    pub async fn webhook_deliveries(&self, caller: &Caller, id: &str, first: u32) -> Result<Vec<Delivery>, Problem> {
        if first > MAX_DELIVERIES {
            return Err(Problem::input("first", format!("`first` must be at most {MAX_DELIVERIES}"))
                .mend("Ask for fewer deliveries."));
        }
        let webhook = self.webhook(caller, id).await?;
        self.store.deliveries(&caller.tenant, &webhook.id, u64::from(first)).await.map_err(store_problem)
    }

    /// Queues a delivery anew, whatever became of it. What it says is decided when it is tried.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`.
    pub async fn replay_delivery(&self, caller: &Caller, id: &str) -> Result<Delivery, Problem> {
        require_administrator(caller)?;
        let unknown = || Problem::new(ErrorCode::NotFound, "There is no such delivery").at("id");
        let store = &self.store;
        let old = store.delivery(&caller.tenant, id).await.map_err(store_problem)?.ok_or_else(unknown)?;
        let now = self.clock.now();
        let new = store.enqueue_delivery(&caller.tenant, &old.webhook_id, &old.record_id, now);
        let new = new.await.map_err(store_problem)?;
        store.delivery(&caller.tenant, &new).await.map_err(store_problem)?.ok_or_else(unknown)
    }

    async fn webhook(&self, caller: &Caller, id: &str) -> Result<Webhook, Problem> {
        let known = self.webhooks(caller).await?.into_iter().find(|webhook| webhook.id == id);
        known.ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, "There is no such webhook").at("id").mend("`webhooks { id }` lists them.")
        })
    }

    /// Purpose and recipient: people's data goes to nobody without both.
    async fn check_disclosure(&self, entity: &Entity, tenant: &str, webhook: &Webhook) -> Result<(), Problem> {
        let reader = reader(tenant, webhook);
        match (&webhook.purpose, entity.is_personal()) {
            (Some(key), _) => {
                let available = register::purposes(&self.store, &reader, &self.purpose_fields).await?;
                register::named(&available, std::slice::from_ref(key))
                    .map_err(|problem| problem.at("input.purpose"))?;
            }
            (None, true) => {
                return Err(Problem::input("input.purpose", format!("`{}` holds personal data", entity.name))
                    .mend("Name the purpose of the disclosure."));
            }
            (None, false) => {}
        }
        if webhook.recipient_id.is_none() && entity.is_personal() {
            return Err(Problem::input(
                "input.recipient",
                "A webhook is a disclosure, and this one names no recipient",
            )
            .mend("Name the id of one of `recipients { nodes { id name } }`; the DPO registers them."));
        }
        register::recipient(&self.store, &reader, &self.recipient_fields).await.map(drop).map_err(|problem| {
            if problem.code != ErrorCode::Forbidden {
                return problem;
            }
            Problem::new(ErrorCode::NotFound, "There is no such recipient")
                .at("input.recipient")
                .mend("`recipients { nodes { id name } }` lists them; the DPO registers them.")
        })
    }
}

/// Who reads the records of a subscription.
fn reader(tenant: &str, webhook: &Webhook) -> Caller {
    Caller {
        tenant: tenant.to_owned(),
        actor: Actor { id: format!("webhook:{}", webhook.id), role: webhook.role.clone(), country: None },
        name: webhook.name.clone(),
        recipient: webhook.recipient_id.clone(),
        default_purpose: None,
        access: crate::auth::Access::default(),
    }
}

fn require_administrator(caller: &Caller) -> Result<(), Problem> {
    if caller.role().may(Duty::Webhooks) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Forbidden, "Only the DPO and administrators see and change webhooks")
        .mend("Ask one of them."))
}

fn check_name(name: &str) -> Result<(), Problem> {
    if name.trim().is_empty() || name.chars().count() > 200 {
        return Err(Problem::input("input.name", "A webhook needs a name of 1 to 200 characters").mend("Give one."));
    }
    Ok(())
}

fn check_url(text: &str, allow_private: bool) -> Result<(), Problem> {
    let wrong =
        |what: &str| Problem::input("input.url", what).mend("Give an address such as https://example.org/hook.");
    let url = Url::parse(text).map_err(|_| wrong("This is no URL"))?;
    let secure = url.scheme() == "https" || (allow_private && url.scheme() == "http");
    if !secure {
        return Err(wrong("A webhook is posted over https only"));
    }
    if url.host().is_none() || !url.username().is_empty() || url.password().is_some() || text.len() > 2_000 {
        return Err(wrong("The URL needs a host, holds no password and has at most 2000 characters"));
    }
    Ok(())
}

fn fields_of(entity: &Entity, named: Vec<String>) -> Result<Vec<String>, Problem> {
    if named.is_empty() {
        return Ok(entity.in_use().map(|field| field.name.clone()).collect());
    }
    match named.iter().find(|name| !entity.in_use().any(|field| field.name == **name)) {
        Some(_) => Err(Problem::input("input.fields", format!("A field is none of `{}`", entity.name))
            .mend("Name fields as the schema does; `id` always comes.")),
        None => Ok(named),
    }
}

fn events_of(named: Vec<String>) -> Result<Vec<String>, Problem> {
    if named.is_empty() {
        return Ok(WEBHOOK_EVENTS.iter().map(|event| (*event).to_owned()).collect());
    }
    match named.iter().find(|event| !WEBHOOK_EVENTS.contains(&event.as_str())) {
        Some(_) => Err(Problem::input("input.events", "No such event")
            .mend(format!("Use some of: {}.", WEBHOOK_EVENTS.join(", ")))),
        None => Ok(named),
    }
}
