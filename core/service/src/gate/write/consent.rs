//! What people say about their data, as commands: a consent recorded and confirmed, a consent
//! withdrawn, an objection. Each adds evidence; none changes any.
//!
//! A person whom the purpose hides must still be able to say no. So a withdrawal or an objection may
//! name an address instead of a record: it is kept for whoever has it now or later, and the answer is
//! the same, in bytes and statements, whether anybody has it. A confirmation names the token that only
//! the person was sent.

use std::collections::BTreeMap;

use garant_domain::address::AddressKind;
use garant_domain::catalog::Entity;
use garant_domain::consent::{ANY_CHANNEL, EventKind};
use garant_domain::context::Operation;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::value::Value;
use garant_store::{AddressStatement, NewRecord, WriteTx};

use crate::error::store_problem;
use crate::gate::door::Door;
use crate::input::{self, Input};
use crate::register;
use crate::unit::{CHANNELS, Unit};

/// The entity whose records are the evidence.
pub(super) const EVENTS: &str = "consent_event";
/// More consents than one token confirms.
const MAX_CHANNELS: usize = 8;

/// Whom something is said about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A record that the caller sees, by id.
    Contact(String),
    /// Whoever has the e-mail address or number, now or later.
    Address(AddressKind, String),
}

/// Something that a person said.
#[derive(Clone, Debug)]
pub struct Statement {
    /// About whom.
    pub who: Who,
    /// What was said.
    pub kind: EventKind,
    /// Dotted purpose key.
    pub purpose: String,
    /// Channels; empty means every one.
    pub channels: Vec<String>,
    /// When, in microseconds UTC; now unless told.
    pub happened_at: Option<i64>,
    /// What else is on file of it: further fields of the event, by name.
    pub evidence: Input,
}

/// What was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// The events, by id; none where it was said for an address.
    pub events: Vec<String>,
    /// What the person confirms it with, where the purpose asks for double opt-in. For the person alone.
    pub token: Option<String>,
}

impl Unit {
    /// The same unit, which also takes consents without wording or notice: as an import may be told to.
    /// They count for nothing until their proof is found.
    #[must_use]
    pub(crate) fn accepting_unproven(&self) -> Self {
        Self { accepts_unproven: true, ..self.clone() }
    }

    /// Records what a person said, for each channel an event.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for a purpose that is not registered, a consent without wording or notice, a date
    /// in the future; `NOT_FOUND` for a record that the caller cannot see; as [`Self::create`].
    pub async fn state(&self, said: Statement) -> Result<Recorded, Problem> {
        let channels = channels(&said.channels)?;
        match &said.who {
            Who::Contact(contact) => self.state_of_contact(&said, contact, channels).await,
            Who::Address(kind, text) => self.state_for_address(&said, *kind, text, channels).await,
        }
    }

    async fn state_of_contact(
        &self,
        said: &Statement,
        contact: &str,
        channels: Vec<&str>,
    ) -> Result<Recorded, Problem> {
        let entity = self.writable(EVENTS, Door::Create).await?;
        let mut tx = self.begin_write().await?;
        let mut recorded = Recorded::default();
        for channel in channels {
            let mut input = said.evidence.clone();
            input.extend(event(
                contact,
                &said.purpose,
                channel,
                said.kind,
                said.happened_at.unwrap_or(self.context.now),
            ));
            recorded.events.push(self.insert(&mut tx, entity, input, None).await?);
        }
        self.log_write(&mut tx, Operation::Create, entity, &recorded.events).await?;
        self.commit(tx).await?;
        if matches!(said.kind, EventKind::Given | EventKind::Renewed) && self.double_opt_in(&said.purpose).await? {
            recorded.token = Some(self.service.sealer.seal_text(&self.token_scope(), &recorded.events.join(" ")));
        }
        Ok(recorded)
    }

    /// Nobody is looked up for the caller, so no rule about anybody applies and nothing is told.
    async fn state_for_address(
        &self,
        said: &Statement,
        kind: AddressKind,
        text: &str,
        channels: Vec<&str>,
    ) -> Result<Recorded, Problem> {
        let entity = self.writable(EVENTS, Door::Consent).await?;
        let field = |name: &str| said.evidence.get(name).and_then(Value::as_text).map(str::to_owned);
        if kind.normalise(text).is_none() {
            let what = if kind == AddressKind::Email { "e-mail address" } else { "telephone number" };
            return Err(Problem::input(format!("input.{}", kind.key()), format!("This is no {what}"))
                .mend("Send it as the person gave it."));
        }
        let at = said.happened_at.unwrap_or(self.context.now);
        let values = event("", &said.purpose, channels.first().copied().unwrap_or(ANY_CHANNEL), said.kind, at);
        input::for_create(
            entity,
            said.evidence.iter().map(|(k, v)| (k.clone(), v.clone())).chain(values.clone()).collect(),
        )?;
        self.check_event(entity, &values).await?;
        let mut tx = self.begin_write().await?;
        for channel in channels {
            let statement = AddressStatement {
                id: garant_domain::clock::new_id(),
                kind,
                text: text.to_owned(),
                purpose: said.purpose.clone(),
                channel: channel.to_owned(),
                state: said.kind,
                at,
                method: field("method"),
                wording: field("wording"),
                collector: field("collector"),
                evidence: field("evidence"),
                now: self.context.now,
                actor: self.context.actor.id.clone(),
            };
            tx.say_for_address(&statement).await.map_err(store_problem)?;
            self.stop_said(&mut tx, &statement.id, said.kind, &said.purpose).await?;
        }
        self.log_write(&mut tx, Operation::Create, entity, &[]).await?;
        self.commit(tx).await?;
        Ok(Recorded::default())
    }

    /// Confirms the consents that a token was made for. Whoever has it was sent it, so a person whom the
    /// purpose hides until then is found.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND` for a token that is none; as [`Self::state`].
    pub async fn confirm(&self, token: &str, happened_at: Option<i64>, evidence: Input) -> Result<Recorded, Problem> {
        let entity = self.writable(EVENTS, Door::Consent).await?;
        let ids = self.service.sealer.open_text(&self.token_scope(), token).ok_or_else(no_token)?;
        let at = happened_at.unwrap_or(self.context.now);
        let mut tx = self.begin_write().await?;
        let mut recorded = Recorded::default();
        for id in ids.split(' ') {
            let given = tx.get(EVENTS, id, false).await.map_err(store_problem)?.ok_or_else(no_token)?.values;
            let text = |name: &str| given.get(name).and_then(Value::as_text).unwrap_or_default();
            if is_after(given.get("happened_at"), at) {
                return Err(Problem::input("input.happenedAt", "The consent was given only after that")
                    .mend("Send the instant of the confirmation, or leave it out for now."));
            }
            let mut input = evidence.clone();
            input.extend(event(text("contact_id"), text("purpose"), text("channel"), EventKind::Confirmed, at));
            recorded.events.push(self.insert_unseen(&mut tx, entity, input).await?);
        }
        self.log_write(&mut tx, Operation::Create, entity, &recorded.events).await?;
        self.commit(tx).await?;
        Ok(recorded)
    }

    /// As [`Self::insert`], about somebody whom the caller need not see.
    async fn insert_unseen(&self, tx: &mut WriteTx, entity: &Entity, input: Input) -> Result<String, Problem> {
        let given: Vec<String> = input.keys().cloned().collect();
        let values = input::for_create(entity, input)?;
        self.check_event(entity, &values).await?;
        let id = garant_domain::clock::new_id();
        self.check_rules(tx, entity, &id, &values, &given).await?;
        let record = NewRecord {
            id: id.clone(),
            values,
            now: self.context.now,
            collected_at: Some(self.context.now),
            collected_for: self.context.purposes.first().map(|purpose| purpose.key.clone()),
        };
        tx.insert(&entity.name, &record).await.map_err(store_problem)?;
        self.history(tx, entity, &id, Operation::Create, given).await?;
        Ok(id)
    }

    /// Refuses evidence that could never be evidence: of a purpose that nobody registered, of the future,
    /// or of a consent to words that nobody kept (Art. 7(1)).
    pub(super) async fn check_event(&self, entity: &Entity, values: &Input) -> Result<(), Problem> {
        if entity.name != EVENTS {
            return Ok(());
        }
        let text = |name: &str| values.get(name).and_then(Value::as_text).map(str::trim).unwrap_or_default();
        if is_after(values.get("happened_at"), self.context.now) {
            return Err(Problem::input("input.happened_at", "This has not happened yet")
                .mend("Send the instant at which the person said it."));
        }
        if matches!(text("state"), "given" | "renewed") && !self.accepts_unproven {
            for (name, what) in
                [("wording", "the words that the person saw"), ("notice_version", "the version of the notice")]
            {
                if text(name).is_empty() {
                    return Err(Problem::input(format!("input.{name}"), format!("A consent needs {what} as its proof"))
                        .mend("Give it; a consent that nobody can prove is none (GDPR 7(1)). An import may be told to take such consents: they count for nothing."));
                }
            }
        }
        if self.registered(text("purpose")).await?.is_none() {
            return Err(Problem::input("input.purpose", "The purpose is not registered")
                .mend("Use the key of one of `purposes`; the DPO registers them."));
        }
        Ok(())
    }

    async fn double_opt_in(&self, purpose: &str) -> Result<bool, Problem> {
        Ok(self.registered(purpose).await? == Some(Value::Boolean(true)))
    }

    /// Whether a purpose is registered, and then whether it asks for double opt-in.
    async fn registered(&self, key: &str) -> Result<Option<Value>, Problem> {
        register::purpose_field(&self.service.store, &self.context.tenant, key, "double_opt_in").await
    }

    fn token_scope(&self) -> String {
        format!("confirm-consent\u{1f}{}", self.context.tenant)
    }
}

/// The fields that every event has.
fn event(contact: &str, purpose: &str, channel: &str, kind: EventKind, at: i64) -> BTreeMap<String, Value> {
    let fields = [
        ("contact_id", Value::text(contact)),
        ("purpose", Value::text(purpose)),
        ("channel", Value::text(channel)),
        ("state", Value::text(kind.key())),
        ("happened_at", Value::Instant(at)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn is_after(value: Option<&Value>, at: i64) -> bool {
    matches!(value, Some(Value::Instant(value)) if *value > at)
}

fn channels(named: &[String]) -> Result<Vec<&str>, Problem> {
    if named.len() > MAX_CHANNELS {
        return Err(Problem::input("input.channels", format!("Name at most {MAX_CHANNELS} channels")));
    }
    if let Some(index) = named.iter().position(|name| name != ANY_CHANNEL && !CHANNELS.contains(&name.as_str())) {
        return Err(Problem::input(format!("input.channels.{index}"), "No such channel")
            .mend(format!("Use some of: {}, {ANY_CHANNEL}.", CHANNELS.join(", "))));
    }
    let mut channels: Vec<&str> = named.iter().map(String::as_str).collect();
    channels.sort_unstable();
    channels.dedup();
    Ok(if channels.is_empty() { vec![ANY_CHANNEL] } else { channels })
}

fn no_token() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no consent to confirm with this token")
        .at("input.token")
        .mend("Send the token as `recordConsent` answered it.")
}
