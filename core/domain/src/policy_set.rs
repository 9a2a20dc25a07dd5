//! The policy set: which plugins decide, in which mode, with which settings. Immutable; a change is
//! a new version. What is in force is a function of the set and the instant: an entry carries the
//! changes that begin later or end by themselves.

mod edit;
mod needs;
mod timeline;

use serde::{Deserialize, Serialize};

pub use edit::{Edit, EditError, Edited, Timing};
pub use needs::Needs;
pub use timeline::{Component, Patch, TimedChange};

/// How much a plugin decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Not asked.
    Off,
    /// Asked; what it would have done is logged, nothing changes.
    Observe,
    /// Asked and obeyed.
    Enforce,
}

/// One plugin in a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyEntry {
    /// Plugin id.
    pub id: String,
    /// SHA-256 of the component, hex.
    pub digest: String,
    /// Version that the plugin names itself.
    pub plugin_version: String,
    /// Mode.
    pub mode: Mode,
    /// Settings as a JSON document.
    pub settings: serde_json::Value,
    /// Grows with each change to this entry.
    pub version: i64,
    /// What the DPO lets the plugin see and decide on.
    #[serde(default)]
    pub granted: Needs,
    /// Changes that begin later or end by themselves; they win over the fields above while they are
    /// in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<TimedChange>,
}

/// All plugins of a tenant at one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySet {
    /// Grows by one with each change.
    pub version: i64,
    /// The plugins, by id.
    pub entries: Vec<PolicyEntry>,
}

impl PolicyEntry {
    /// Whether the plugin decides or is observed.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.mode != Mode::Off
    }
}

impl PolicySet {
    /// The entry of a plugin.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&PolicyEntry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// The set as it is in force at an instant, without what comes or goes by itself.
    #[must_use]
    pub fn at(&self, now: i64) -> Self {
        Self { version: self.version, entries: self.entries.iter().map(|entry| entry.at(now)).collect() }
    }

    /// The next instant after `now` at which something begins or ends by itself.
    #[must_use]
    pub fn next_turn(&self, now: i64) -> Option<i64> {
        self.entries.iter().flat_map(|entry| entry.turns(now)).min()
    }

    /// Whether a policy may restrict less here than `before`, at `now` or any later instant: where it is
    /// enforced there, it must be enforced here by the same code with the same settings.
    ///
    /// That other settings or another version restrict no less cannot be shown in general: what a policy
    /// plans depends on every context, and what it judges on every record. So each such change counts,
    /// also a strengthening.
    #[must_use]
    pub fn may_be_weaker_than(&self, before: &Self, id: &str, now: i64) -> bool {
        let (old, new) = (before.entry(id), self.entry(id));
        let turns = [old, new].into_iter().flatten().flat_map(|entry| entry.turns(now));
        let enforced =
            |entry: Option<&PolicyEntry>, at| entry.map(|entry| entry.at(at)).filter(|then| then.mode == Mode::Enforce);
        let holds = |old: &PolicyEntry, new: Option<PolicyEntry>| {
            new.is_some_and(|new| new.digest == old.digest && new.settings == old.settings)
        };
        std::iter::once(now).chain(turns).any(|at| enforced(old, at).is_some_and(|old| !holds(&old, enforced(new, at))))
    }
}

/// What a change did, for the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyChange {
    /// The set version that the change made.
    pub set_version: i64,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of the actor.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Plugin id; empty for the first set of a tenant.
    pub policy: String,
    /// `created`, `mode`, `settings`, `component`, `added`, `removed`, `rollback`, `cancelled`.
    pub what: String,
    /// Before, as JSON.
    pub before: serde_json::Value,
    /// After, as JSON.
    pub after: serde_json::Value,
    /// When it takes effect, if later than it was made.
    pub effective_from: Option<i64>,
    /// When it ends by itself.
    pub expires_at: Option<i64>,
    /// Opaque id of the second person, where the tenant asks for one.
    pub confirmed_by: Option<String>,
}

#[cfg(test)]
mod tests;
