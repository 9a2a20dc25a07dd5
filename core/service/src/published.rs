//! Policy sets ready to decide: every plugin that is asked loaded and configured, over the catalogue of the
//! tenant. A set is immutable; a unit of work holds one from its first statement to its end.

use std::collections::HashMap;
use std::sync::Arc;

use garant_domain::policy_set::{Mode, PolicyEntry, PolicySet};
use garant_domain::problem::{ErrorCode, Problem};
use garant_policy::{ConfigureError, Configured, Engine, Plugin};
use garant_store::{CurrentState, Store};
use tokio::sync::RwLock;

use crate::catalogs::{Catalogs, TenantCatalog};
use crate::error::{plugin_problem, store_problem};
use crate::gate::KnownDecisions;

/// A plugin of a set, ready to be asked.
pub struct ActivePolicy {
    /// What the set says of it, as it is in force.
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
    /// The catalogue that its rules were made for.
    pub(crate) catalog: Arc<TenantCatalog>,
    /// The plugins that are not off.
    pub policies: Vec<ActivePolicy>,
    /// From which instant on what is in force is this.
    since: i64,
    /// The instant at which something begins or ends by itself.
    until: Option<i64>,
    /// What its plans amounted to for the requests so far.
    pub(crate) decisions: KnownDecisions,
}

impl PublishedSet {
    /// The plugins that are asked.
    pub fn asked(&self) -> impl Iterator<Item = &ActivePolicy> {
        self.policies.iter().filter(|policy| policy.entry.mode != Mode::Off)
    }

    /// Whether this is what a version means at an instant, over a version of the catalogue.
    pub(crate) fn decides(&self, version: i64, catalog_version: i64, now: i64) -> bool {
        let same = self.version == version && self.catalog.version == catalog_version;
        same && self.since <= now && self.until.is_none_or(|until| now < until)
    }
}

/// The newest set of each tenant that this process has loaded.
pub struct Publisher {
    store: Store,
    engine: Arc<Engine>,
    catalogs: Arc<Catalogs>,
    sets: RwLock<HashMap<String, Arc<PublishedSet>>>,
}

impl Publisher {
    pub(crate) fn new(store: Store, engine: Arc<Engine>, catalogs: Arc<Catalogs>) -> Self {
        Self { store, engine, catalogs, sets: RwLock::default() }
    }

    /// The set that decides at an instant: its version is read from the database, so that a change
    /// made by any process is seen by the next unit of work of every process, and what begins or ends
    /// by itself is resolved as of the instant.
    ///
    /// # Errors
    ///
    /// `POLICY_UNAVAILABLE` when the newest set cannot be loaded: an older one is never used instead.
    pub async fn current(&self, tenant: &str, now: i64) -> Result<Arc<PublishedSet>, Problem> {
        let state = self.store.current_state(tenant).await.map_err(store_problem)?;
        self.deciding(tenant, &state, now).await
    }

    /// The same for whoever has read the state with their own first statement.
    ///
    /// # Errors
    ///
    /// As [`Self::current`].
    pub(crate) async fn deciding(
        &self,
        tenant: &str,
        state: &CurrentState,
        now: i64,
    ) -> Result<Arc<PublishedSet>, Problem> {
        let version = state.set_version.ok_or_else(|| {
            Problem::new(ErrorCode::PolicyUnavailable, "This tenant has no policy set, so nothing may be shown")
        })?;
        if let Some(set) = self.sets.read().await.get(tenant)
            && set.decides(version, state.catalog_version, now)
        {
            return Ok(Arc::clone(set));
        }
        let mut sets = self.sets.write().await;
        // Another unit may have loaded it while this one waited.
        if let Some(set) = sets.get(tenant)
            && set.decides(version, state.catalog_version, now)
        {
            return Ok(Arc::clone(set));
        }
        let catalog = self.catalogs.of(tenant, state.catalog_version).await?;
        let stored = self.store.load_set(tenant, version).await.map_err(store_problem)?;
        let set = Arc::new(self.prepare(&stored, &catalog, now).await.map_err(unavailable)?);
        sets.insert(tenant.to_owned(), Arc::clone(&set));
        Ok(set)
    }

    /// Loads and configures every plugin of a set that is asked at an instant.
    ///
    /// # Errors
    ///
    /// `POLICY_UNAVAILABLE` naming the plugin, or `BAD_USER_INPUT` with the problems of its settings.
    pub(crate) async fn prepare(
        &self,
        stored: &PolicySet,
        catalog: &Arc<TenantCatalog>,
        now: i64,
    ) -> Result<PublishedSet, Problem> {
        let mut policies = Vec::new();
        for entry in stored.at(now).entries.into_iter().filter(|entry| entry.mode != Mode::Off) {
            policies.push(self.activate(entry, catalog).await?);
        }
        Ok(PublishedSet {
            version: stored.version,
            catalog: Arc::clone(catalog),
            policies,
            since: now,
            until: stored.next_turn(now),
            decisions: KnownDecisions::default(),
        })
    }

    /// Loads and configures one plugin.
    ///
    /// # Errors
    ///
    /// As [`Self::prepare`].
    pub(crate) async fn activate(&self, entry: PolicyEntry, catalog: &TenantCatalog) -> Result<ActivePolicy, Problem> {
        let plugin = self.load(&entry.id, &entry.digest, catalog).await?;
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
        Ok(ActivePolicy { entry, plugin, configured })
    }

    /// The plugin of a digest: out of the set that decides, or else loaded for whoever wants to look
    /// at it.
    ///
    /// # Errors
    ///
    /// `POLICY_UNAVAILABLE` naming the plugin.
    pub(crate) async fn plugin(&self, tenant: &str, id: &str, digest: &str) -> Result<Arc<Plugin>, Problem> {
        let known = self.sets.read().await.get(tenant).and_then(|set| {
            let found = set.policies.iter().find(|policy| policy.plugin.digest() == digest);
            found.map(|policy| Arc::clone(&policy.plugin))
        });
        match known {
            Some(plugin) => Ok(plugin),
            None => {
                let state = self.store.current_state(tenant).await.map_err(store_problem)?;
                let catalog = self.catalogs.of(tenant, state.catalog_version).await?;
                self.load(id, digest, &catalog).await
            }
        }
    }

    async fn load(&self, id: &str, digest: &str, catalog: &TenantCatalog) -> Result<Arc<Plugin>, Problem> {
        let bytes = self.store.get_component(digest).await.map_err(store_problem)?.ok_or_else(|| {
            Problem::new(ErrorCode::PolicyUnavailable, format!("The component of policy `{id}` is missing"))
                .at(id)
                .mend("Install the plugin file again.")
        })?;
        let loaded = self.engine.load(&bytes, Arc::clone(&catalog.catalog)).await;
        loaded.map_err(|error| plugin_problem(id, &error))
    }

    /// Puts a proved and committed set in place, unless a newer one is there already.
    pub(crate) async fn publish(&self, tenant: &str, set: PublishedSet) {
        let mut sets = self.sets.write().await;
        let newer = |current: &Arc<PublishedSet>| {
            (current.version, current.catalog.version) < (set.version, set.catalog.version)
        };
        if sets.get(tenant).is_none_or(newer) {
            sets.insert(tenant.to_owned(), Arc::new(set));
        }
    }
}

/// What is wrong with a set that decides is nobody's input, whoever asks.
fn unavailable(problem: Problem) -> Problem {
    if problem.code == ErrorCode::BadUserInput {
        Problem { code: ErrorCode::PolicyUnavailable, ..problem }
    } else {
        problem
    }
}
