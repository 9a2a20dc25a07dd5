//! How long sessions and invitations last, and who needs a second factor.

use serde::{Deserialize, Serialize};

/// `[people]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct People {
    /// A session that is not used for so long is over.
    pub session_idle_minutes: u32,
    /// A session is over after so long, however much it is used.
    pub session_hours: u32,
    /// An invitation, or a reset of a password, may be used for so long.
    pub invitation_hours: u32,
    /// Roles whose users need a second factor besides the password.
    pub second_factor_roles: Vec<String>,
}

impl Default for People {
    fn default() -> Self {
        Self { session_idle_minutes: 720, session_hours: 336, invitation_hours: 72, second_factor_roles: vec![] }
    }
}
