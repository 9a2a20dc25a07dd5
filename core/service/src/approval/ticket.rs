//! What a refusal gives to whoever may ask for an approval: everything that is then told to those who
//! approve, as the gate saw it, sealed so that nobody can make one or pass it on.

use serde::{Deserialize, Serialize};

use crate::auth::Caller;
use crate::seal::Sealer;

/// What a refusal gives to whoever may ask; sealed for them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub kind: String,
    pub needed: i64,
    pub digest: String,
    pub entity: String,
    pub outline: String,
    pub purposes: Vec<String>,
    pub channel: Option<String>,
    pub recipient: Option<String>,
    pub code: String,
}

impl Ticket {
    fn scope(tenant: &str, actor: &str) -> String {
        format!("approval\u{1f}{tenant}\u{1f}{actor}")
    }

    pub(crate) fn seal(&self, sealer: &Sealer, tenant: &str, actor: &str) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        sealer.seal_text(&Self::scope(tenant, actor), &text)
    }

    pub(super) fn open(sealer: &Sealer, caller: &Caller, sealed: &str) -> Option<Self> {
        let text = sealer.open_text(&Self::scope(&caller.tenant, &caller.actor.id), sealed)?;
        serde_json::from_str(&text).ok()
    }
}
