//! Consent and objection as a fold over events that are only ever added (Art. 7(1), 7(3), 21; states
//! of DPV and ISO/IEC TS 27560). The events are the truth; a state is what they amount to at an
//! instant.
//!
//! Whether a state suffices for a purpose (basis, validity, double opt-in, channel rules) is a
//! policy's business and never decided here. The store's SQL mirrors [`effective`].

mod merge;
mod shared;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::value::covers;

pub use merge::said_again;
pub use shared::{CARRIED, Shared, fold_shared};

/// The channel key that stands for every channel.
pub const ANY_CHANNEL: &str = "any";

/// What happened. Declared in the order in which events of one instant count: what takes consent
/// away comes last and so wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The person was asked.
    Requested,
    /// The person put the answer off.
    Deferred,
    /// The person consented.
    Given,
    /// The person consented again before the end.
    Renewed,
    /// The person confirmed, as double opt-in demands.
    Confirmed,
    /// The consent ran out.
    Expired,
    /// The controller stopped relying on it.
    Terminated,
    /// An authority voided it.
    Invalidated,
    /// The person said no.
    Refused,
    /// The person took it back.
    Withdrawn,
    /// An objection was lifted.
    ObjectionLifted,
    /// The controller recorded compelling grounds that override it (Art. 21(1)).
    ObjectionOverridden,
    /// The person objected (Art. 21).
    Objected,
}

/// Consent and objection do not touch each other: lifting an objection gives no consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// Art. 6(1)(a).
    Consent,
    /// Art. 21.
    Objection,
}

/// The state of one track for one purpose and channel. Declared from the least to the most
/// restrictive: at a tie the later one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Consent: stands.
    Given,
    /// Consent: stands, renewed.
    Renewed,
    /// Consent: asked for.
    Requested,
    /// Consent: put off.
    Deferred,
    /// Consent: ran out.
    Expired,
    /// Consent: no longer relied on.
    Terminated,
    /// Consent: voided.
    Invalidated,
    /// Consent: refused.
    Refused,
    /// Consent: taken back.
    Withdrawn,
    /// Objection: lifted.
    ObjectionLifted,
    /// Objection: stands, overridden by compelling grounds on file.
    ObjectionOverridden,
    /// Objection: stands.
    Objected,
}

/// An event as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Record id; the last tie-breaker, so that a fold does not depend on the order of reading.
    pub id: String,
    /// Dotted purpose key.
    pub purpose: String,
    /// Channel key or [`ANY_CHANNEL`].
    pub channel: String,
    /// What happened.
    pub kind: EventKind,
    /// When, in microseconds UTC.
    pub at: i64,
    /// Wording, time and notice version are on file (Art. 7(1)).
    pub proven: bool,
    /// Given explicitly (Art. 9(2)(a)).
    pub explicit: bool,
    /// How it was captured; empty when unknown.
    pub method: String,
    /// Who gave it, and to what.
    pub provenance: Provenance,
}

/// What else makes a consent one: who gave it, to which notice, and whether they were free to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of the notice that the person saw; empty when unknown.
    pub notice: String,
    /// `person`, `guardian` or `both`; empty when unknown.
    pub given_by: String,
    /// A service was refused without it that did not need it, and nobody said why it is free all the same
    /// (Art. 7(4)).
    pub conditional: bool,
}

/// What a state is about, exactly: no ancestors, no other channels.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Dotted purpose key.
    pub purpose: String,
    /// Channel key or [`ANY_CHANNEL`].
    pub channel: String,
    /// Consent or objection.
    pub track: Track,
}

/// What the events amount to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentState {
    /// The state.
    pub status: Status,
    /// When it began, in microseconds UTC.
    pub at: i64,
    /// Wording, time and notice version are on file for it.
    pub proven: bool,
    /// Confirmed by double opt-in.
    pub confirmed: bool,
    /// Given explicitly.
    pub explicit: bool,
    /// How it was captured; empty when unknown.
    pub method: String,
    /// Who gave it, and to what.
    pub provenance: Provenance,
}

/// All states of a person.
pub type States = BTreeMap<Key, ConsentState>;

/// An event that cannot follow a state. It stays on file as evidence and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} cannot follow {}", .from.map_or("no record", Status::key))]
pub struct TransitionError {
    /// The state before; `None` when there is none.
    pub from: Option<Status>,
    /// The event.
    pub kind: EventKind,
}

macro_rules! keys {
    ($name:ident { $($variant:ident => $key:literal),+ $(,)? }) => {
        impl $name {
            /// The key in records and facts.
            #[must_use]
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }

            /// By its key.
            #[must_use]
            pub fn from_key(key: &str) -> Option<Self> {
                match key { $($key => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.key())
            }
        }
    };
}

keys!(EventKind {
    Requested => "requested", Deferred => "deferred", Given => "given", Renewed => "renewed",
    Confirmed => "confirmed", Expired => "expired", Terminated => "terminated",
    Invalidated => "invalidated", Refused => "refused", Withdrawn => "withdrawn",
    ObjectionLifted => "objection_lifted", ObjectionOverridden => "objection_overridden",
    Objected => "objected",
});
keys!(Status {
    Given => "given", Renewed => "renewed", Requested => "requested", Deferred => "deferred",
    Expired => "expired", Terminated => "terminated", Invalidated => "invalidated",
    Refused => "refused", Withdrawn => "withdrawn", ObjectionLifted => "objection_lifted",
    ObjectionOverridden => "objection_overridden", Objected => "objected",
});
keys!(Track { Consent => "consent", Objection => "objection" });

impl EventKind {
    /// The track it belongs to.
    #[must_use]
    pub fn track(self) -> Track {
        match self {
            Self::Objected | Self::ObjectionOverridden | Self::ObjectionLifted => Track::Objection,
            _ => Track::Consent,
        }
    }
}

impl Status {
    /// Whether the person's consent stands; a policy may still find it too old or unconfirmed.
    #[must_use]
    pub fn stands(self) -> bool {
        matches!(self, Self::Given | Self::Renewed)
    }

    /// How restrictive it is: at a tie the greater one wins. The store orders by this number.
    #[must_use]
    pub fn rank(self) -> i32 {
        self as i32
    }
}

impl Event {
    /// What the event's state is about.
    #[must_use]
    pub fn key(&self) -> Key {
        Key { purpose: self.purpose.clone(), channel: self.channel.clone(), track: self.kind.track() }
    }
}

/// The state after an event.
///
/// A person may always refuse, withdraw or object, and may always consent anew. Being asked again or
/// putting the answer off leaves a standing consent alone. Renewal, expiry, termination and
/// invalidation need a consent that stands, a confirmation too.
///
/// # Errors
/// When the event cannot follow the state.
pub fn apply(state: Option<&ConsentState>, event: &Event) -> Result<ConsentState, TransitionError> {
    let from = state.map(|state| state.status);
    let refused = Err(TransitionError { from, kind: event.kind });
    let enter = |status, confirmed| {
        Ok(ConsentState {
            status,
            at: event.at,
            proven: event.proven,
            confirmed,
            explicit: event.explicit,
            method: event.method.clone(),
            provenance: event.provenance.clone(),
        })
    };
    let standing = state.filter(|state| state.status.stands());
    match (event.kind, standing) {
        (EventKind::Given, _) => enter(Status::Given, false),
        (EventKind::Renewed, Some(state)) => enter(Status::Renewed, state.confirmed),
        (EventKind::Confirmed, Some(state)) => Ok(ConsentState { confirmed: true, ..state.clone() }),
        (EventKind::Expired, Some(_)) => enter(Status::Expired, false),
        (EventKind::Terminated, Some(_)) => enter(Status::Terminated, false),
        (EventKind::Invalidated, Some(_)) => enter(Status::Invalidated, false),
        (EventKind::Requested, None) => enter(Status::Requested, false),
        (EventKind::Deferred, None) if matches!(from, None | Some(Status::Requested | Status::Deferred)) => {
            enter(Status::Deferred, false)
        }
        (EventKind::Refused, _) => enter(Status::Refused, false),
        (EventKind::Withdrawn, _) => enter(Status::Withdrawn, false),
        (EventKind::Objected, _) => enter(Status::Objected, false),
        (EventKind::ObjectionLifted, _) if matches!(from, Some(Status::Objected | Status::ObjectionOverridden)) => {
            enter(Status::ObjectionLifted, false)
        }
        (EventKind::ObjectionOverridden, _) if from == Some(Status::Objected) => {
            enter(Status::ObjectionOverridden, false)
        }
        _ => refused,
    }
}

/// The states at an instant, from all events in any order. Events after the instant do not count.
#[must_use]
pub fn fold(events: &[Event], as_of: i64) -> States {
    let mut past: Vec<&Event> = events.iter().filter(|event| event.at <= as_of).collect();
    past.sort_by(|a, b| (a.at, a.kind, &a.id).cmp(&(b.at, b.kind, &b.id)));
    let mut states = States::new();
    for event in past {
        let key = event.key();
        if let Ok(state) = apply(states.get(&key), event) {
            states.insert(key, state);
        }
    }
    states
}

/// The consent that counts for a purpose and a channel: the latest over the purpose and its dotted
/// ancestors, and over the channel and `any`. At a tie the most restrictive wins, then the nearest
/// purpose, then the named channel.
#[must_use]
pub fn effective<'a>(purpose: &str, channel: &str, states: &'a States) -> Option<&'a ConsentState> {
    states
        .iter()
        .filter(|(key, _)| {
            key.track == Track::Consent
                && (key.channel == channel || key.channel == ANY_CHANNEL)
                && covers(&key.purpose, purpose)
        })
        .max_by_key(|(key, state)| (state.at, state.status.rank(), key.purpose.len(), key.channel != ANY_CHANNEL))
        .map(|(_, state)| state)
}

/// Whether a state is the one that counts through a channel, among those of its purpose and track through the
/// channel and through any. What [`effective`] tells of one purpose, told when the state is written.
#[must_use]
pub fn counts_for(key: &Key, channel: &str, states: &States) -> bool {
    let other = if key.channel == channel { ANY_CHANNEL } else { channel };
    if key.channel != channel && key.channel != ANY_CHANNEL {
        return false;
    }
    let place = |key: &Key, state: &ConsentState| (state.at, state.status.rank(), key.channel != ANY_CHANNEL);
    let beside = Key { channel: other.to_owned(), ..key.clone() };
    match (states.get(key), states.get(&beside)) {
        (Some(state), Some(rival)) => place(key, state) > place(&beside, rival),
        (state, _) => state.is_some(),
    }
}

/// Whether an objection to the purpose stands: to it, to an ancestor or to a descendant of it,
/// through whatever channel.
#[must_use]
pub fn objected(purpose: &str, states: &States) -> bool {
    objections(purpose, states).next().is_some()
}

/// Whether objections to the purpose stand and compelling grounds are on file against each of them.
#[must_use]
pub fn overridden(purpose: &str, states: &States) -> bool {
    objected(purpose, states) && objections(purpose, states).all(|status| status == Status::ObjectionOverridden)
}

fn objections<'a>(purpose: &'a str, states: &'a States) -> impl Iterator<Item = Status> + 'a {
    let concerns = move |key: &Key| covers(&key.purpose, purpose) || covers(purpose, &key.purpose);
    let stands = |status| matches!(status, Status::Objected | Status::ObjectionOverridden);
    states.iter().filter(move |(key, state)| stands(state.status) && concerns(key)).map(|(_, state)| state.status)
}

/// Whether consent for the purpose stands through another channel only.
#[must_use]
pub fn other_channel(purpose: &str, channel: &str, states: &States) -> bool {
    let stands = |channel: &str| effective(purpose, channel, states).is_some_and(|state| state.status.stands());
    !stands(channel) && states.keys().any(|key| key.track == Track::Consent && stands(&key.channel))
}

#[cfg(test)]
mod tests;
