//! The decision log: who touched what, for which purpose, under which policy set, with which codes.
//! No values; records appear only as opaque references, in a detail row with an end date of its own.

mod activity;
mod chain;
mod read;
mod verify;
mod writer;

use serde::{Deserialize, Serialize};

pub use activity::{Activity, Observation};
pub(crate) use chain::{Chain, Chains};
pub use read::LoggedLine;
pub use verify::LogCheck;
pub use writer::DecisionLog;

/// One access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// The tenant.
    pub tenant: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of the actor.
    pub actor: String,
    /// Role key.
    pub role: String,
    /// `read`, `create`, `update`, `delete`, `restore`, `import`, `policy`, ...
    pub operation: String,
    /// Entity name.
    pub entity: String,
    /// Purpose keys.
    pub purposes: Vec<String>,
    /// Channel, if one was named.
    pub channel: Option<String>,
    /// Opaque id of the recipient, if any.
    pub recipient: Option<String>,
    /// The policy set that decided.
    pub set_version: i64,
    /// `answered`, `refused`, `rejected`, `unavailable`, ...
    pub outcome: String,
    /// Names of the fields asked for or written.
    pub fields: Vec<String>,
    /// Reason codes that took effect, `plugin/CODE`.
    pub codes: Vec<String>,
    /// Reason codes that would have taken effect, from plugins that only observe.
    pub observed: Vec<String>,
    /// On how many records each of them would have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed_rows: Vec<u64>,
    /// Id of the break-glass that ran for the actor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<String>,
    /// Id of the approval that was asked for, given, declined or used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<String>,
    /// Which records, and until when that may be known; kept apart from the line, which holds only
    /// a salted digest of it.
    #[serde(skip)]
    pub detail: LogDetail,
}

/// Which records an access touched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogDetail {
    /// Record ids.
    pub refs: Vec<String>,
    /// Microseconds UTC from which on the detail row is to be destroyed.
    pub ends_at: i64,
}
