//! The catalogue of each tenant: the standard entities with what the tenant defined besides. A unit of work
//! reads with its first statement which version counts; the catalogue of that version is kept in memory,
//! with the store that reads and writes by it, so that a change made by any process is seen by the next
//! unit of every process.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use garant_domain::catalog::Catalog;
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
        let standard = Arc::new(TenantCatalog { version: 0, catalog, store });
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
            None => Err(Problem::new(ErrorCode::Internal, "What the tenant defined cannot be read by this version")),
        }
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
