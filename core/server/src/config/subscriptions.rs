//! How many subscriptions a process serves, and how large one is.

use serde::{Deserialize, Serialize};

/// `[subscriptions]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Subscriptions {
    /// Most subscriptions of this process, and most connections for them.
    pub at_once: usize,
    /// Most records that one subscription follows.
    pub records: usize,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self { at_once: 1_000, records: 10_000 }
    }
}
