//! The service: everything that a server needs to answer, put together once at start.

use std::path::PathBuf;
use std::sync::Arc;

use chrono_tz::Tz;
use garant_domain::catalog::Catalog;
use garant_domain::chain::Hosting;
use garant_domain::clock::SharedClock;
use garant_domain::context::ATTRIBUTES;
use garant_domain::problem::Problem;
use garant_policy::{Engine, Trust};
use garant_store::Store;

use crate::auth::{Caller, Noted};
use crate::catalogs::{Catalogs, Current};
use crate::error::store_problem;
use crate::gate::Opened;
use crate::people::{Passwords, PeopleConfig};
use crate::published::Publisher;
use crate::reference::References;
use crate::register::{self, PurposeInfo, Registers};
use crate::seal::Sealer;
use crate::unit::{Unit, UnitRequest};
use crate::vault::Vault;
use crate::watch::Feed;

/// A plugin that comes with the server. It has no privilege: a new tenant starts with the shipped
/// ones enforced, and the DPO may switch or replace each.
#[derive(Clone, Debug)]
pub struct ShippedPlugin {
    /// Plugin id.
    pub id: String,
    /// A core module or a component.
    pub bytes: Vec<u8>,
    /// The text of its signature.
    pub signature: Option<String>,
}

/// The parts of a service.
pub struct ServiceConfig {
    /// The database.
    pub store: Store,
    /// The sandbox.
    pub engine: Arc<Engine>,
    /// The clock.
    pub clock: SharedClock,
    /// The catalogue.
    pub catalog: Arc<Catalog>,
    /// The tenant that this server is set up for; it gets its first policy set at start.
    pub tenant: String,
    /// The tenant's zone: periods end at its midnight.
    pub zone: Tz,
    /// Whether its records are nobody's: everybody may then read explanations and set their clock.
    pub sandbox: bool,
    /// Whose plugins may be installed.
    pub trust: Trust,
    /// Whether a change that may weaken a policy waits for a second person.
    pub second_person: bool,
    /// Roles that may break the glass.
    pub break_glass_roles: Vec<String>,
    /// Plugins that come with the server.
    pub shipped: Vec<ShippedPlugin>,
    /// Folder with newer reference tables.
    pub reference_dir: Option<PathBuf>,
    /// Where its records lie.
    pub hosting: Hosting,
    /// Days after which the trash gives up what lies in it; 0 for never.
    pub trash_days: u32,
    /// Days after which a job goes with its file, its rejects and its answer.
    pub job_days: u32,
    /// How long sessions and invitations last.
    pub people: PeopleConfig,
    /// Seals cursors and log references, and wraps the keys of the archive.
    pub secret: [u8; 32],
}

/// Why a service could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A reference table.
    #[error("the reference data cannot be used")]
    Reference(#[from] crate::reference::ReferenceError),
    /// The addresses that people share.
    #[error("the addresses of tenant `{tenant}` cannot be brought up to date: {problem}")]
    Addresses {
        /// Tenant.
        tenant: String,
        /// What is wrong.
        #[source]
        problem: Problem,
    },
    /// The first policy set.
    #[error("the policy set of tenant `{tenant}` cannot be used: {problem}")]
    Policies {
        /// Tenant.
        tenant: String,
        /// What is wrong.
        #[source]
        problem: Problem,
    },
}

/// Use cases over the store and the policies.
pub struct Service {
    pub(crate) store: Store,
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: SharedClock,
    /// The standard one: for registers and for who is a person, which no tenant defines.
    pub(crate) catalog: Arc<Catalog>,
    pub(crate) catalogs: Arc<Catalogs>,
    pub(crate) tenant: String,
    pub(crate) zone: Tz,
    pub(crate) sandbox: bool,
    pub(crate) references: References,
    pub(crate) hosting: Arc<Hosting>,
    pub(crate) sealer: Sealer,
    pub(crate) vault: Vault,
    pub(crate) publisher: Publisher,
    pub(crate) registers: Registers,
    pub(crate) trust: Trust,
    pub(crate) second_person: bool,
    pub(crate) break_glass_roles: Vec<String>,
    pub(crate) trash_days: u32,
    pub(crate) job_days: u32,
    pub(crate) people: PeopleConfig,
    pub(crate) passwords: Passwords,
    pub(crate) noted: Noted,
    /// What policies asked for and this process has opened.
    pub(crate) opened: Opened,
    pub(crate) feed: Feed,
    pub(crate) recipient_fields: Vec<String>,
    pub(crate) purpose_fields: Vec<String>,
}

impl Service {
    /// Puts a service together and gives its tenant a first policy set if it has none.
    ///
    /// # Errors
    ///
    /// A reference table that is no table, or a first policy set that cannot be proved. A later set
    /// that cannot be loaded is no reason not to start: the DPO must get in to mend it.
    pub async fn open(config: ServiceConfig) -> Result<Arc<Self>, OpenError> {
        let references = References::load(config.reference_dir.as_deref())?;
        let catalogs = Arc::new(Catalogs::new(Arc::clone(&config.catalog), config.store.clone()));
        let publisher = Publisher::new(config.store.clone(), Arc::clone(&config.engine), Arc::clone(&catalogs));
        // The registers' fields that policies may see, the recipient's name for people, and who it is
        // among the legal entities.
        let mut recipient_fields = vec!["name".to_owned(), register::ENTITY_OF_RECIPIENT.to_owned()];
        recipient_fields.extend(visible_fields(&config.catalog, "recipient"));
        let purpose_fields = visible_fields(&config.catalog, "purpose");
        let service = Arc::new(Self {
            store: config.store,
            engine: config.engine,
            clock: config.clock,
            catalog: config.catalog,
            catalogs,
            tenant: config.tenant,
            zone: config.zone,
            sandbox: config.sandbox,
            references,
            hosting: Arc::new(config.hosting),
            sealer: Sealer::new(&config.secret),
            vault: Vault::new(&config.secret),
            publisher,
            registers: Registers::default(),
            trust: config.trust,
            second_person: config.second_person,
            break_glass_roles: config.break_glass_roles,
            trash_days: config.trash_days,
            job_days: config.job_days,
            people: config.people,
            passwords: Passwords::new(),
            noted: Noted::default(),
            opened: Opened::default(),
            feed: Feed::default(),
            recipient_fields,
            purpose_fields,
        });
        let tenant = &service.tenant;
        let indexed = match service.tenant_catalog(tenant).await {
            Ok(catalog) => catalog.store.index_addresses(tenant).await.map_err(store_problem),
            Err(problem) => Err(problem),
        };
        indexed.map_err(|problem| OpenError::Addresses { tenant: tenant.clone(), problem })?;
        let started = service.start_tenant(&config.shipped).await;
        started.map_err(|problem| OpenError::Policies { tenant: service.tenant.clone(), problem })?;
        Ok(service)
    }

    /// The standard catalogue, without what a tenant defined besides.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The database, for commands that set the server up (tokens, log verification).
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// The tenant that this server is set up for.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The purposes that the caller may name.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the store fails.
    pub async fn purposes_for(&self, caller: &Caller) -> Result<Vec<PurposeInfo>, Problem> {
        register::purposes(&self.store, caller, &self.purpose_fields).await
    }

    /// Begins a unit of work: its first statement reads the version of the policy set that decides.
    ///
    /// # Errors
    ///
    /// `POLICY_UNAVAILABLE`, `FORBIDDEN` for a purpose that may not be named, `BAD_USER_INPUT`.
    pub async fn begin(self: &Arc<Self>, caller: &Caller, request: UnitRequest) -> Result<Unit, Problem> {
        Unit::begin(self, caller, request, None, None).await
    }

    /// The same for whoever has read the tenant's state with their own first statement.
    ///
    /// # Errors
    ///
    /// As [`Self::begin`].
    pub async fn begin_in(
        self: &Arc<Self>,
        caller: &Caller,
        request: UnitRequest,
        current: Current,
    ) -> Result<Unit, Problem> {
        Unit::begin(self, caller, request, None, Some(current)).await
    }

    /// Whether this process may serve: the database answers and the newest policy set is loaded.
    ///
    /// # Errors
    ///
    /// What is missing.
    pub async fn ready(&self) -> Result<(), Problem> {
        self.store.ping().await.map_err(store_problem)?;
        self.publisher.current(&self.tenant, self.clock.now()).await.map(|_| ())
    }
}

/// The fields of a register that are context attributes.
fn visible_fields(catalog: &Catalog, entity: &str) -> Vec<String> {
    let register = catalog.entity(entity);
    let fields = ATTRIBUTES.iter().filter_map(|(name, _)| name.strip_prefix(entity)?.strip_prefix('.'));
    fields.filter(|field| register.is_some_and(|register| register.field(field).is_some())).map(str::to_owned).collect()
}
