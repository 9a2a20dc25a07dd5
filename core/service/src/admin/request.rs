//! What a DPO asks for, and what is wrong with it.

use garant_domain::policy_set::{Edit, EditError, Mode, Needs, Timing};
use garant_domain::problem::{ErrorCode, Problem};
use serde::{Deserialize, Serialize};

/// The longest reason for a change, in characters.
const MAX_REASON: usize = 2_000;

/// The longest settings document, in bytes.
const MAX_SETTINGS: usize = 256 * 1024;

/// An installed version of a plugin: by the digest of its component, or by the version it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// SHA-256 of the component, hex.
    Digest(String),
    /// As the plugin names it.
    Named(String),
}

/// What is to be done to a policy.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Another mode.
    SetMode(Mode),
    /// Other settings.
    SetSettings(serde_json::Value),
    /// Another installed version, with other settings if given.
    Upgrade(Version, Option<serde_json::Value>),
    /// An installed plugin into the set; its defaults where no settings are given.
    Add(Version, Mode, Option<serde_json::Value>),
    /// Out of the set.
    Remove,
    /// As it was before its last change.
    Rollback,
    /// A change that waits for its time, or runs until its end, is called off.
    Cancel(i64),
}

/// A change of one policy.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeRequest {
    /// Plugin id.
    pub id: String,
    /// What is to be done.
    pub action: Action,
    /// Version of the entry that the caller has seen; 0 for a policy that is not in the set.
    pub expected_version: i64,
    /// Why; kept in the history.
    pub reason: String,
    /// When it is in force.
    pub timing: Timing,
    /// What the plugin is allowed beyond what it was granted already.
    pub grant: Needs,
}

impl ChangeRequest {
    /// A change at once and for good that grants nothing.
    #[must_use]
    pub fn new(id: &str, action: Action, expected_version: i64, reason: &str) -> Self {
        Self {
            id: id.to_owned(),
            action,
            expected_version,
            reason: reason.to_owned(),
            timing: Timing::default(),
            grant: Needs::default(),
        }
    }
}

/// A change as it is carried out, now or once a second person has confirmed it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Order {
    pub id: String,
    pub edit: Edit,
    pub expected_version: i64,
    pub reason: String,
    pub timing: Timing,
    pub grant: Needs,
    /// Who asked for it.
    pub actor: String,
}

pub(crate) fn check_reason(reason: &str) -> Result<String, Problem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(
            Problem::input("reason", "This needs a reason").mend("Say in a sentence why; it is kept in the history.")
        );
    }
    if reason.chars().count() > MAX_REASON {
        return Err(Problem::input("reason", format!("The reason is longer than {MAX_REASON} characters"))
            .mend("Say it shorter."));
    }
    Ok(reason.to_owned())
}

pub(super) fn check_settings(settings: &serde_json::Value) -> Result<(), Problem> {
    if settings.to_string().len() > MAX_SETTINGS {
        return Err(Problem::input("settings", format!("The settings are longer than {MAX_SETTINGS} bytes"))
            .mend("Leave out what has a default."));
    }
    Ok(())
}

pub(super) fn unknown(id: &str) -> Problem {
    let id: String = id.chars().take(64).collect();
    Problem::new(ErrorCode::NotFound, format!("There is no policy `{id}`"))
        .at("id")
        .mend("`policies { id }` lists those in force, `policyVersions { id }` those installed.")
}

pub(super) fn stale(current: i64) -> Problem {
    Problem::new(ErrorCode::Conflict, "The policy was changed in the meantime")
        .at("expectedVersion")
        .mend(format!("Read `policies {{ id version }}` again (it was {current} a moment ago) and repeat the change."))
}

/// What a DPO is told of an edit that makes no sense.
pub(crate) fn edit_problem(id: &str, error: EditError) -> Problem {
    match error {
        EditError::Unknown => unknown(id),
        EditError::Present => Problem::new(ErrorCode::Conflict, format!("The policy `{id}` is in the set already"))
            .at("id")
            .mend("Exchange its version with `upgradePolicy`, or its mode with `setPolicyMode`."),
        EditError::NoSuchChange => {
            Problem::new(ErrorCode::NotFound, "No such change of this policy waits for its time or its end")
                .at("change")
                .mend("`policy(id) { scheduled { change } }` lists them.")
        }
        EditError::Past => Problem::input("effectiveFrom", "The change would begin in the past")
            .mend("Leave `effectiveFrom` out for a change at once."),
        EditError::NeverInForce => Problem::input("expiresAt", "The change would end before it begins")
            .mend("Give an instant after `effectiveFrom`, and after now."),
        EditError::Untimed => Problem::input("effectiveFrom", "This change takes effect at once and for good")
            .mend("Leave `effectiveFrom` and `expiresAt` out."),
        EditError::TooMany => Problem::input("effectiveFrom", "Too many changes of this policy wait already")
            .mend("Call some off with `cancelPolicyChange`."),
    }
}
