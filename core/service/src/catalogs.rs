//! The catalogue of each tenant: the standard entities with what the tenant defined besides. A unit of work
//! reads with its first statement which version counts; the catalogue of that version is kept in memory,
//! with the store that reads and writes by it, so that a change made by any process is seen by the next
//! unit of every process.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use garant_domain::catalog::Catalog;
use garant_domain::catalog::custom::{Custom, LeftOut};
use garant_domain::problem::{ErrorCode, Problem};
use garant_store::{CurrentState, Store};

use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// A tenant's catalogue in one version.
pub(crate) struct TenantCatalog {
    /// Version; 0 for a tenant that defined nothing.
    pub version: i64,
    /// The standard entities and the tenant's own.
    pub catalog: Arc<Catalog>,
    /// The store that reads and writes by it.
    pub store: Store,
    /// Definitions that do not fit the standard entities any more.
    pub left_out: Vec<LeftOut>,
}

/// The catalogues of the tenants that this process has served.
pub(crate) struct Catalogs {
    standard: Arc<TenantCatalog>,
    kept: RwLock<HashMap<String, Arc<TenantCatalog>>>,
}

/// In which state a tenant is, read in one statement: what requests are answered by.
#[derive(Clone)]
pub struct Current {
    pub(crate) state: CurrentState,
    catalog: Arc<TenantCatalog>,
}

impl Current {
    /// The tenant's catalogue.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog.catalog
    }
}

impl Catalogs {
    pub(crate) fn new(catalog: Arc<Catalog>, store: Store) -> Self {
        let standard = Arc::new(TenantCatalog { version: 0, catalog, store, left_out: vec![] });
        Self { standard, kept: RwLock::default() }
    }

    /// A tenant's catalogue in the version that was read from the database.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when what the tenant defined cannot be read.
    pub(crate) async fn of(&self, tenant: &str, version: i64) -> Result<Arc<TenantCatalog>, Problem> {
        if version == self.standard.version {
            return Ok(Arc::clone(&self.standard));
        }
        let known = self.kept.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned();
        match known.filter(|known| known.version == version) {
            Some(known) => Ok(known),
            None => self.load(tenant, version).await,
        }
    }

    /// The catalogue with these definitions. What does not fit the standard entities any more is left out.
    pub(crate) fn joined(&self, tenant: &str, version: i64, custom: &Custom) -> Result<TenantCatalog, Problem> {
        let (catalog, left_out) = self.standard.catalog.joined(custom).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, tenant, version, "a catalogue cannot be joined");
            Problem::new(ErrorCode::Internal, "The fields of this tenant cannot be used; the log says why")
        })?;
        for left in &left_out {
            tracing::error!(tenant, place = left.place, flaw = %left.flaw, "a definition does not fit any more");
        }
        Ok(self.over(version, catalog, left_out))
    }

    /// A catalogue that holds together, ready to be read and written by.
    pub(crate) fn over(&self, version: i64, catalog: Catalog, left_out: Vec<LeftOut>) -> TenantCatalog {
        let catalog = Arc::new(catalog);
        TenantCatalog { version, store: self.standard.store.seeing(Arc::clone(&catalog)), catalog, left_out }
    }

    /// Puts a catalogue that was committed in place, unless a newer one is there already.
    pub(crate) fn publish(&self, tenant: &str, catalog: Arc<TenantCatalog>) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.get(tenant).is_none_or(|known| known.version < catalog.version) {
            kept.insert(tenant.to_owned(), catalog);
        }
    }

    async fn load(&self, tenant: &str, version: i64) -> Result<Arc<TenantCatalog>, Problem> {
        let custom = self.standard.store.load_custom(tenant, version).await.map_err(store_problem)?;
        let catalog = Arc::new(self.joined(tenant, version, &custom)?);
        // Whatever was kept: after a restore a lower version counts.
        self.kept.write().unwrap_or_else(PoisonError::into_inner).insert(tenant.to_owned(), Arc::clone(&catalog));
        Ok(catalog)
    }
}

impl Service {
    /// In which state the caller's tenant is now.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the store fails.
    pub async fn current(&self, caller: &Caller) -> Result<Current, Problem> {
        let state = self.store.current_state(&caller.tenant).await.map_err(store_problem)?;
        let catalog = self.catalogs.of(&caller.tenant, state.catalog_version).await?;
        Ok(Current { state, catalog })
    }

    /// The catalogue of a tenant as it is now.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the store fails.
    pub async fn catalog_of(&self, tenant: &str) -> Result<Arc<Catalog>, Problem> {
        Ok(Arc::clone(&self.tenant_catalog(tenant).await?.catalog))
    }

    pub(crate) async fn tenant_catalog(&self, tenant: &str) -> Result<Arc<TenantCatalog>, Problem> {
        let state = self.store.current_state(tenant).await.map_err(store_problem)?;
        self.catalogs.of(tenant, state.catalog_version).await
    }
}
