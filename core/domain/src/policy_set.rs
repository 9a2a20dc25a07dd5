//! The policy set: which plugins decide, in which mode, with which settings. Immutable; a change is
//! a new version.

use serde::{Deserialize, Serialize};

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
    /// Grows by one with each change to this entry.
    pub version: i64,
}

/// All plugins of a tenant at one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySet {
    /// Grows by one with each change.
    pub version: i64,
    /// The plugins, by id.
    pub entries: Vec<PolicyEntry>,
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
    /// `created`, `mode`, `settings`, `component`.
    pub what: String,
    /// Before, as JSON.
    pub before: serde_json::Value,
    /// After, as JSON.
    pub after: serde_json::Value,
}
