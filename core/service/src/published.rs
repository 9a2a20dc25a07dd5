//! Policy sets ready to decide: every plugin of a set loaded and configured. A set is immutable; a
//! unit of work holds one from its first statement to its end.

use std::collections::HashMap;
use std::sync::Arc;

use garant_domain::catalog::Catalog;
use garant_domain::policy_set::{Mode, PolicyEntry, PolicySet};
use garant_domain::problem::{ErrorCode, Problem};
use garant_policy::{ConfigureError, Configured, Engine, Plugin};
use garant_store::Store;
use tokio::sync::RwLock;

use crate::error::{plugin_problem, store_problem};

/// A plugin of a set, ready to be asked.
pub struct ActivePolicy {
    /// What the set says of it.
    pub entry: PolicyEntry,
    /// The loaded component.
    pub plugin: Arc<Plugin>,
    /// Its compiled settings.
    pub configured: Arc<Configured>,
}

/// A policy set, ready to decide.
pub struct PublishedSet {
    /// Version.
    pub version: i64,
    /// Every plugin of the set, also those that are off.
    pub policies: Vec<ActivePolicy>,
}

impl PublishedSet {
    /// The plugins that are asked.
    pub fn asked(&self) -> impl Iterator<Item = &ActivePolicy> {
        self.policies.iter().filter(|policy| policy.entry.mode != Mode::Off)
    }
}

/// The newest set of each tenant that this process has loaded.
pub struct Publisher {
    store: Store,
    engine: Arc<Engine>,
    catalog: Arc<Catalog>,
    sets: RwLock<HashMap<String, Arc<PublishedSet>>>,
}

impl Publisher {
    pub(crate) fn new(store: Store, engine: Arc<Engine>, catalog: Arc<Catalog>) -> Self {
        Self { store, engine, catalog, sets: RwLock::default() }
    }

    /// The set that decides now: its version is read from the database, so that a change made by any
    /// process is seen by the next unit of work of every process.
    ///
    /// # Errors
    ///
    /// `POLICY_UNAVAILABLE` when the newest set cannot be loaded: an older one is never used instead.
    pub async fn current(&self, tenant: &str) -> Result<Arc<PublishedSet>, Problem> {
        let version = self.store.current_set_version(tenant).await.map_err(store_problem)?.ok_or_else(|| {
            Problem::new(ErrorCode::PolicyUnavailable, "This tenant has no policy set, so nothing may be shown")
        })?;
        if let Some(set) = self.sets.read().await.get(tenant)
            && set.version == version
        {
            return Ok(Arc::clone(set));
        }
        let mut sets = self.sets.write().await;
        // Another unit may have loaded it while this one waited.
        if let Some(set) = sets.get(tenant)
            && set.version == version
        {
            return Ok(Arc::clone(set));
        }
        let loaded = self.store.load_set(tenant, version).await.map_err(store_problem)?;
        let set = Arc::new(self.prepare(&loaded).await?);
        sets.insert(tenant.to_owned(), Arc::clone(&set));
        Ok(set)
    }

    /// Loads and configures every plugin of a set: the proof before a commit, and the loading after.
    ///
    /// # Errors
    ///
    /// `POLICY_UNAVAILABLE` naming the plugin, or `BAD_USER_INPUT` with the problems of its settings.
    pub async fn prepare(&self, set: &PolicySet) -> Result<PublishedSet, Problem> {
        let mut policies = Vec::new();
        for entry in &set.entries {
            let bytes = self.store.get_component(&entry.digest).await.map_err(store_problem)?.ok_or_else(|| {
                Problem::new(ErrorCode::PolicyUnavailable, format!("The component of policy `{}` is missing", entry.id))
                    .mend("Install the plugin file again.")
            })?;
            let plugin = self
                .engine
                .load(&bytes, Arc::clone(&self.catalog))
                .await
                .map_err(|error| plugin_problem(&entry.id, &error))?;
            let configured = plugin.configure(&entry.settings.to_string()).await.map_err(|error| match error {
                ConfigureError::Problems(problems) => {
                    let mut problem = Problem::new(
                        ErrorCode::BadUserInput,
                        format!("The settings of policy `{}` are not valid", entry.id),
                    )
                    .at("settings")
                    .mend("Mend each of the listed problems; nothing was changed.");
                    problem.settings = problems;
                    problem
                }
                ConfigureError::Unavailable(error) => plugin_problem(&entry.id, &error),
            })?;
            policies.push(ActivePolicy { entry: entry.clone(), plugin, configured });
        }
        Ok(PublishedSet { version: set.version, policies })
    }

    /// Puts a proved and committed set in place, unless a newer one is there already.
    pub(crate) async fn publish(&self, tenant: &str, set: PublishedSet) {
        let mut sets = self.sets.write().await;
        if sets.get(tenant).is_none_or(|current| current.version < set.version) {
            sets.insert(tenant.to_owned(), Arc::new(set));
        }
    }
}
