//! What the DPO reads of a policy.

use garant_domain::policy_set::{Mode, PolicyChange};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::{Localised, Reason};

use crate::auth::Caller;
use crate::error::store_problem;
use crate::published::{ActivePolicy, PublishedSet};
use crate::service::Service;

/// What a plugin may see and where it decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyNeeds {
    /// Hooks: `read`, `write`, `transfer`, `retention`.
    pub hooks: Vec<String>,
    /// Entities.
    pub entities: Vec<String>,
    /// Fields of records.
    pub fields: Vec<String>,
    /// Facts about people.
    pub facts: Vec<String>,
    /// Attributes of the request.
    pub attributes: Vec<String>,
    /// Reference tables.
    pub references: Vec<String>,
}

/// A policy as the DPO sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyView {
    /// Plugin id.
    pub id: String,
    /// A few words.
    pub title: Localised,
    /// One paragraph.
    pub summary: Localised,
    /// Mode.
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
    /// What it may see.
    pub needs: PolicyNeeds,
    /// What it can decide.
    pub reasons: Vec<Reason>,
}

impl Service {
    /// Every policy of the caller's tenant.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO.
    pub async fn policies(&self, caller: &Caller) -> Result<Vec<PolicyView>, Problem> {
        require_dpo(caller)?;
        let set = self.publisher.current(&caller.tenant).await?;
        Ok(set.policies.iter().map(|policy| view(&set, policy)).collect())
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
}

pub(crate) fn require_dpo(caller: &Caller) -> Result<(), Problem> {
    if caller.actor.is_dpo() {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Forbidden, "Only the data protection officer reads and changes policies")
        .mend("Ask the DPO."))
}

pub(super) fn view(set: &PublishedSet, policy: &ActivePolicy) -> PolicyView {
    let manifest = policy.plugin.manifest();
    let names = |list: &[String]| list.to_vec();
    PolicyView {
        id: policy.entry.id.clone(),
        title: manifest.title.clone(),
        summary: manifest.summary.clone(),
        mode: policy.entry.mode,
        version: policy.entry.version,
        set_version: set.version,
        plugin_version: policy.entry.plugin_version.clone(),
        digest: policy.entry.digest.clone(),
        settings: policy.entry.settings.clone(),
        settings_schema: manifest.settings_schema.clone(),
        needs: PolicyNeeds {
            hooks: manifest.hooks.iter().map(|hook| format!("{hook:?}").to_lowercase()).collect(),
            entities: names(&manifest.entities),
            fields: names(&manifest.fields),
            facts: names(&manifest.facts),
            attributes: names(&manifest.attributes),
            references: names(&manifest.references),
        },
        reasons: manifest.reasons.iter().map(|reason| (**reason).clone()).collect(),
    }
}
