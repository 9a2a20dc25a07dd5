//! Switching and setting a policy.

use garant_domain::policy_set::{Mode, PolicyChange, PolicyEntry, PolicySet};
use garant_domain::problem::{ErrorCode, Problem};

use super::view::{PolicyView, require_dpo, view};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate;
use crate::published::PublishedSet;
use crate::service::Service;

/// The longest reason for a change, in characters.
const MAX_REASON: usize = 2_000;

/// The longest settings document, in bytes.
const MAX_SETTINGS: usize = 256 * 1024;

impl Service {
    /// Switches a policy between `off`, `observe` and `enforce`.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`, `CONFLICT` for a stale version, `BAD_USER_INPUT` without a reason;
    /// nothing is changed then.
    pub async fn set_policy_mode(
        &self,
        caller: &Caller,
        id: &str,
        mode: Mode,
        expected_version: i64,
        reason: &str,
    ) -> Result<PolicyView, Problem> {
        self.change_policy(caller, id, expected_version, reason, "mode", |entry| {
            let (before, after) = (serde_json::json!(entry.mode), serde_json::json!(mode));
            entry.mode = mode;
            (before, after)
        })
        .await
    }

    /// Changes the settings of a policy. The plugin checks them before anything is stored.
    ///
    /// # Errors
    ///
    /// As [`Self::set_policy_mode`]; `BAD_USER_INPUT` lists path, message and hint of each problem.
    pub async fn set_policy_settings(
        &self,
        caller: &Caller,
        id: &str,
        settings: serde_json::Value,
        expected_version: i64,
        reason: &str,
    ) -> Result<PolicyView, Problem> {
        check_settings(&settings)?;
        self.change_policy(caller, id, expected_version, reason, "settings", |entry| {
            let before = std::mem::replace(&mut entry.settings, settings.clone());
            (before, settings)
        })
        .await
    }

    async fn change_policy(
        &self,
        caller: &Caller,
        id: &str,
        expected_version: i64,
        reason: &str,
        what: &str,
        edit: impl FnOnce(&mut PolicyEntry) -> (serde_json::Value, serde_json::Value),
    ) -> Result<PolicyView, Problem> {
        require_dpo(caller)?;
        let reason = check_reason(reason)?;
        // Read from the database, not from what is loaded: a set that cannot be loaded any more must
        // still be mendable.
        let version = self.store.current_set_version(&caller.tenant).await.map_err(store_problem)?;
        let version = version.ok_or_else(|| unknown(id))?;
        let mut set = self.store.load_set(&caller.tenant, version).await.map_err(store_problem)?;
        let entry = set.entries.iter_mut().find(|entry| entry.id == id).ok_or_else(|| unknown(id))?;
        if entry.version != expected_version {
            return Err(stale(entry.version));
        }
        entry.version += 1;
        let (before, after) = edit(entry);
        set.version = version + 1;
        let change = PolicyChange {
            set_version: set.version,
            at: self.clock.now(),
            actor: caller.actor.id.clone(),
            reason,
            policy: id.to_owned(),
            what: what.to_owned(),
            before,
            after,
        };
        let prepared = self.prove(&caller.tenant, &set).await?;
        self.store.append_set(&caller.tenant, &set, &[change]).await.map_err(|error| match error {
            garant_store::StoreError::Conflict => stale(expected_version),
            other => store_problem(other),
        })?;
        let answer =
            prepared.policies.iter().find(|policy| policy.entry.id == id).map(|policy| view(&prepared, policy));
        self.publisher.publish(&caller.tenant, prepared).await;
        answer.ok_or_else(|| unknown(id))
    }

    /// Tries a set out: every plugin loads, takes its settings and gives rules that type-check for
    /// each hook and entity that it declares.
    pub(crate) async fn prove(&self, tenant: &str, set: &PolicySet) -> Result<PublishedSet, Problem> {
        let prepared = self.publisher.prepare(set).await?;
        gate::prove(self, tenant, &prepared).await?;
        Ok(prepared)
    }
}

/// Refuses settings that are too long to be settings.
pub(crate) fn check_settings(settings: &serde_json::Value) -> Result<(), Problem> {
    if settings.to_string().len() > MAX_SETTINGS {
        return Err(Problem::input("settings", format!("The settings are longer than {MAX_SETTINGS} bytes"))
            .mend("Shorten them."));
    }
    Ok(())
}

fn check_reason(reason: &str) -> Result<String, Problem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Problem::input("reason", "A change of a policy needs a reason")
            .mend("Say in a sentence why; it is kept in the history."));
    }
    if reason.chars().count() > MAX_REASON {
        return Err(Problem::input("reason", format!("The reason is longer than {MAX_REASON} characters")));
    }
    Ok(reason.to_owned())
}

pub(crate) fn unknown(id: &str) -> Problem {
    let id: String = id.chars().take(64).collect();
    Problem::new(ErrorCode::NotFound, format!("There is no policy `{id}`"))
        .at("id")
        .mend("`policies { id }` lists them.")
}

fn stale(current: i64) -> Problem {
    Problem::new(ErrorCode::Conflict, "The policy was changed in the meantime")
        .at("expectedVersion")
        .mend(format!("Read `policies {{ id version }}` again (it was {current} a moment ago) and repeat the change."))
}
