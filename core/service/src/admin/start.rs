//! The first policy set of a tenant: every shipped plugin enforced, with its default settings.

use std::sync::Arc;

use garant_domain::policy_set::{Mode, PolicyChange, PolicyEntry, PolicySet};
use garant_domain::problem::Problem;
use garant_store::StoreError;

use crate::error::{plugin_problem, store_problem};
use crate::service::{Service, ShippedPlugin};

impl Service {
    pub(crate) async fn start_tenant(&self, shipped: &[ShippedPlugin]) -> Result<(), Problem> {
        if self.store.current_set_version(&self.tenant).await.map_err(store_problem)?.is_some() {
            return self.publisher.current(&self.tenant).await.map(|_| ());
        }
        let mut entries = Vec::new();
        for plugin in shipped {
            entries.push(self.first_entry(plugin).await?);
        }
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        let set = PolicySet { version: 1, entries };
        let prepared = self.prove(&self.tenant, &set).await?;
        let change = PolicyChange {
            set_version: 1,
            at: self.clock.now(),
            actor: "garant".to_owned(),
            reason: "A new tenant starts with every shipped policy enforced (GDPR 25(2))".to_owned(),
            policy: String::new(),
            what: "created".to_owned(),
            before: serde_json::Value::Null,
            after: serde_json::json!(set.entries),
        };
        match self.store.append_set(&self.tenant, &set, &[change]).await {
            Ok(()) => self.publisher.publish(&self.tenant, prepared).await,
            // Another process started the tenant at the same time: its set is as good.
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(store_problem(error)),
        }
        self.publisher.current(&self.tenant).await.map(|_| ())
    }

    async fn first_entry(&self, shipped: &ShippedPlugin) -> Result<PolicyEntry, Problem> {
        let plugin = self
            .engine
            .load(&shipped.bytes, Arc::clone(&self.catalog))
            .await
            .map_err(|error| plugin_problem(&shipped.id, &error))?;
        let now = self.clock.now();
        self.store.put_component(plugin.digest(), &shipped.bytes, now).await.map_err(store_problem)?;
        Ok(PolicyEntry {
            id: plugin.manifest().id.clone(),
            digest: plugin.digest().to_owned(),
            plugin_version: plugin.manifest().version.clone(),
            mode: Mode::Enforce,
            settings: default_settings(&plugin.manifest().settings_schema),
            version: 1,
        })
    }
}

/// The defaults of the schema's top-level properties: what the DPO finds in the form.
fn default_settings(schema: &serde_json::Value) -> serde_json::Value {
    let properties = schema.get("properties").and_then(|properties| properties.as_object());
    let defaults = properties
        .into_iter()
        .flatten()
        .filter_map(|(name, property)| property.get("default").map(|default| (name.clone(), default.clone())));
    serde_json::Value::Object(defaults.collect())
}
