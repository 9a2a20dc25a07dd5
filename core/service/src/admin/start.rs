//! What the server does for its tenant at start: the shipped plugins are installed like any others,
//! and a new tenant gets its first policy set, every one of them enforced.

use garant_domain::policy_set::{Mode, PolicyChange, PolicyEntry, PolicySet};
use garant_domain::problem::Problem;
use garant_store::{InstalledPlugin, StoreError};

use super::install::InstallRequest;
use crate::error::store_problem;
use crate::gate;
use crate::service::{Service, ShippedPlugin};

impl Service {
    pub(crate) async fn start_tenant(&self, shipped: &[ShippedPlugin]) -> Result<(), Problem> {
        let version = self.store.current_set_version(&self.tenant).await.map_err(store_problem)?;
        let mut installed = Vec::new();
        for plugin in shipped {
            match self.install_shipped(plugin).await {
                Ok(plugin) => installed.push(plugin),
                Err(problem) if version.is_none() => return Err(problem),
                // The set that decides does not need it.
                Err(problem) => tracing::error!(plugin = plugin.id, %problem, "a shipped plugin cannot be installed"),
            }
        }
        if version.is_none() {
            return self.first_set(installed).await;
        }
        // Without it the process answers the DPO, who can mend it, and nobody else: see `ready`.
        if let Err(problem) = self.publisher.current(&self.tenant, self.clock.now()).await {
            tracing::error!(%problem, "the policy set cannot be loaded: no personal data is served");
        }
        Ok(())
    }

    async fn install_shipped(&self, plugin: &ShippedPlugin) -> Result<InstalledPlugin, Problem> {
        let request = InstallRequest {
            bytes: plugin.bytes.clone(),
            signature: plugin.signature.clone(),
            reason: "Comes with the server".to_owned(),
        };
        self.install(&self.tenant, "garant", request).await
    }

    async fn first_set(&self, installed: Vec<InstalledPlugin>) -> Result<(), Problem> {
        let now = self.clock.now();
        let mut entries = Vec::new();
        for plugin in installed {
            let loaded = self.publisher.plugin(&self.tenant, &plugin.plugin, &plugin.digest).await?;
            entries.push(PolicyEntry {
                id: plugin.plugin,
                digest: plugin.digest,
                plugin_version: plugin.version,
                mode: Mode::Enforce,
                settings: default_settings(&loaded.manifest().settings_schema),
                version: 1,
                granted: plugin.needs,
                changes: vec![],
            });
        }
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        let set = PolicySet { version: 1, entries };
        let catalog = self.tenant_catalog(&self.tenant).await?;
        let prepared = self.publisher.prepare(&set, &catalog, now).await?;
        for policy in &prepared.policies {
            gate::prove(self, &self.tenant, set.version, policy).await?;
        }
        let change = PolicyChange {
            set_version: 1,
            at: now,
            actor: "garant".to_owned(),
            reason: "A new tenant starts with every shipped policy enforced (GDPR 25(2))".to_owned(),
            policy: String::new(),
            what: "created".to_owned(),
            before: serde_json::Value::Null,
            after: serde_json::json!(set.entries),
            effective_from: None,
            expires_at: None,
            confirmed_by: None,
        };
        match self.store.append_set(&self.tenant, &set, &[change]).await {
            Ok(()) => self.publish(&self.tenant, prepared).await,
            // Another process started the tenant at the same time: its set is as good.
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(store_problem(error)),
        }
        self.publisher.current(&self.tenant, now).await.map(|_| ())
    }
}

/// The defaults of the schema's top-level properties: what the DPO finds in the form.
pub(super) fn default_settings(schema: &serde_json::Value) -> serde_json::Value {
    let properties = schema.get("properties").and_then(|properties| properties.as_object());
    let defaults = properties
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| property.get("default").map(|default| (name.clone(), default.clone())));
    serde_json::Value::Object(defaults.collect())
}
