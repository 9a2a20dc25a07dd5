//! What the DPO reads of a policy. It comes from the database, so that it can be read, and mended,
//! where the plugin itself cannot be loaded.

use garant_domain::policy_set::{Mode, Needs, PolicyChange, PolicyEntry, TimedChange};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::{Localised, Reason};
use garant_domain::role::Duty;

use super::install::needs;
use super::pending::PendingView;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// A change that waits for its time, or runs until its end.
pub type ScheduledView = TimedChange;

/// A policy as the DPO sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyView {
    /// Plugin id.
    pub id: String,
    /// A few words.
    pub title: Localised,
    /// One paragraph.
    pub summary: Localised,
    /// Mode in force.
    pub mode: Mode,
    /// Version of this entry, for `expectedVersion`.
    pub version: i64,
    /// Version of the set that it is part of.
    pub set_version: i64,
    /// Version that the plugin names.
    pub plugin_version: String,
    /// SHA-256 of the component.
    pub digest: String,
    /// Settings in force.
    pub settings: serde_json::Value,
    /// JSON Schema of the settings.
    pub settings_schema: serde_json::Value,
    /// What it asks for.
    pub needs: Needs,
    /// What it was granted, by this and earlier versions.
    pub granted: Needs,
    /// What it can decide.
    pub reasons: Vec<Reason>,
    /// Why the plugin cannot be loaded here, if it cannot.
    pub unavailable: Option<String>,
    /// Changes that wait for their time, or run until their end.
    pub scheduled: Vec<ScheduledView>,
    /// Changes that wait for a second person.
    pub pending: Vec<PendingView>,
}

impl Service {
    /// Every policy of the caller's tenant.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO.
    pub async fn policies(&self, caller: &Caller) -> Result<Vec<PolicyView>, Problem> {
        require_dpo(caller)?;
        let now = self.clock.now();
        let set = self.stored_set(&caller.tenant).await?;
        let mut views = Vec::with_capacity(set.entries.len());
        for entry in &set.entries {
            views.push(self.policy_view(&caller.tenant, set.version, entry, now).await?);
        }
        Ok(views)
    }

    /// The changes of the policies, newest first.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO.
    pub async fn policy_history(
        &self,
        caller: &Caller,
        id: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PolicyChange>, Problem> {
        require_dpo(caller)?;
        self.store.changes(&caller.tenant, id, limit).await.map_err(store_problem)
    }

    pub(super) async fn policy_view(
        &self,
        tenant: &str,
        set_version: i64,
        stored: &PolicyEntry,
        now: i64,
    ) -> Result<PolicyView, Problem> {
        let entry = stored.at(now);
        let name = || Localised { en: entry.id.clone(), fr: String::new() };
        let mut view = PolicyView {
            id: entry.id.clone(),
            title: name(),
            summary: Localised { en: String::new(), fr: String::new() },
            mode: entry.mode,
            version: entry.version,
            set_version,
            plugin_version: entry.plugin_version.clone(),
            digest: entry.digest.clone(),
            settings: entry.settings.clone(),
            settings_schema: serde_json::Value::Null,
            needs: Needs::default(),
            granted: entry.granted.clone(),
            reasons: vec![],
            unavailable: None,
            scheduled: stored.settled(now).changes,
            pending: self.pending_of(tenant, Some(&entry.id), now).await?,
        };
        match self.publisher.plugin(tenant, &entry.id, &entry.digest).await {
            Ok(plugin) => {
                let manifest = plugin.manifest();
                view.title = manifest.title.clone();
                view.summary = manifest.summary.clone();
                view.settings_schema = manifest.settings_schema.clone();
                view.needs = needs(manifest);
                view.reasons = manifest.reasons.iter().map(|reason| (**reason).clone()).collect();
            }
            Err(problem) => view.unavailable = Some(problem.message),
        }
        Ok(view)
    }
}

pub(crate) fn require_dpo(caller: &Caller) -> Result<(), Problem> {
    if caller.role().may(Duty::Policies) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Forbidden, "Only the data protection officer reads and changes policies")
        .mend("Ask the DPO."))
}
