//! From a configuration to a running service: the one place that knows every crate.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use garant_api::{ApiConfig, Subscriptions};
use garant_domain::catalog::Catalog;
use garant_domain::clock::SharedClock;
use garant_policy::{Engine, Limits, Publisher, Trust};
use garant_service::{PeopleConfig, Service, ServiceConfig};
use garant_store::{AddressKey, Store, StoreConfig};

use crate::config::{self, Config};
use crate::webhooks::Postman;
use crate::{secret, shipped_plugins, shipped_publisher};

/// Everything that answers requests.
pub struct App {
    /// Use cases.
    pub service: Arc<Service>,
    /// HTTP for clients.
    pub router: axum::Router,
    /// HTTP for the operator.
    pub metrics: axum::Router,
    /// Tells subscribers of changes.
    pub postman: Postman,
    /// Minutes between two sweeps; 0 for none.
    pub sweep_minutes: u32,
    /// Jobs that are run at once.
    pub jobs_at_once: usize,
    /// The secret of this installation.
    pub secret: [u8; 32],
}

/// Opens the database (migrating it), starts the sandbox and puts the service together.
///
/// # Errors
///
/// What is missing or wrong, with its chain.
pub async fn compose(config: &Config, clock: SharedClock) -> anyhow::Result<App> {
    let secret = secret::read_or_create(&config.secret_file)?;
    let catalog = Arc::new(Catalog::standard().context("the catalogue of this build cannot be used")?);
    let store = open_store(config, &catalog).await?;
    let service = Service::open(ServiceConfig {
        store,
        engine: Engine::new(limits(&config.policy)).context("the sandbox of the policies cannot be started")?,
        clock,
        catalog,
        tenant: config.tenant.id.clone(),
        zone: config.tenant.zone,
        sandbox: config.tenant.sandbox,
        trust: trust(&config.policy)?,
        second_person: config.tenant.second_person,
        break_glass_roles: config.tenant.break_glass_roles.clone(),
        shipped: shipped_plugins(),
        reference_dir: config.policy.reference_dir.clone(),
        hosting: config.hosting.clone(),
        trash_days: config.sweep.trash_days,
        job_days: config.jobs.keep_days,
        people: people(&config.people),
        secret,
    })
    .await
    .context("the service cannot be started")?;
    let allow_private = config.webhooks.allow_private;
    let max_upload_bytes = config.jobs.max_upload_mb << 20;
    let subscriptions = subscriptions(&config.subscriptions);
    let oidc = config.oidc.iter().map(|provider| provider.read(config)).collect::<Result<_, _>>()?;
    let limits = api(&config.server);
    let api = ApiConfig { webhooks_private: allow_private, max_upload_bytes, subscriptions, oidc, ..limits };
    let routers = garant_api::routers(Arc::clone(&service), api).context("the API cannot be made")?;
    let timeout = Duration::from_millis(config.webhooks.timeout_ms);
    let postman = Postman::new(Arc::clone(&service), timeout, allow_private)?;
    Ok(App {
        service,
        router: routers.api,
        metrics: routers.metrics,
        postman,
        sweep_minutes: config.sweep.every_minutes,
        jobs_at_once: config.jobs.at_once,
        secret,
    })
}

/// Opens the database alone, for commands that need no policy.
///
/// # Errors
///
/// If it cannot be reached or migrated.
pub async fn open_store(config: &Config, catalog: &Arc<Catalog>) -> anyhow::Result<Store> {
    let store = store_config(config)?;
    let remedy = if config.database.url.starts_with("sqlite:") {
        "see that its folder exists and may be written"
    } else {
        "see that the server runs, and that host, user, password and name of the database are right"
    };
    Store::connect(&store, Arc::clone(catalog))
        .await
        .with_context(|| config.unusable("database.url", "the database cannot be used", remedy))
}

/// Makes the words of every record anew.
///
/// # Errors
///
/// If the database cannot be reached or fails; what was done until then stays.
pub async fn rebuild_search(config: &Config, catalog: &Catalog) -> anyhow::Result<()> {
    Store::rebuild_search(&store_config(config)?, catalog).await.context("the words could not be made anew")
}

fn store_config(config: &Config) -> anyhow::Result<StoreConfig> {
    let durability = match config.database.durability {
        config::Durability::Normal => garant_store::Durability::Normal,
        config::Durability::Strict => garant_store::Durability::Strict,
    };
    let max_connections = config.database.max_connections;
    let address_key = AddressKey::derived(&secret::read_or_create(&config.secret_file)?);
    Ok(StoreConfig { url: config.database.url.clone(), durability, max_connections, address_key })
}

/// Whose plugins may be installed: the server's own publisher, and those that the operator named.
///
/// # Errors
///
/// A publisher's key that is none.
pub fn trust(policy: &config::Policy) -> anyhow::Result<Trust> {
    let mut publishers = vec![shipped_publisher()?];
    for publisher in &policy.publishers {
        let known = Publisher::new(&publisher.name, &publisher.key);
        publishers.push(known.with_context(|| format!("the key of publisher `{}`", publisher.name))?);
    }
    Ok(Trust { publishers, allow_unsigned: policy.allow_unsigned })
}

/// The limits of the sandbox.
#[must_use]
pub fn limits(policy: &config::Policy) -> Limits {
    Limits {
        memory_bytes: policy.memory_mb << 20,
        output_bytes: policy.max_output_kb << 10,
        answer_deadline: Duration::from_millis(policy.deadline_ms),
        setup_deadline: Duration::from_millis(policy.setup_deadline_ms),
        threads: policy.threads,
        threads_per_plugin: policy.threads_per_plugin,
        queue: policy.queue,
        ..Limits::standard()
    }
}

fn people(people: &config::People) -> PeopleConfig {
    let minutes = |minutes: u32| i64::from(minutes) * 60_000_000;
    PeopleConfig {
        session_idle_micros: minutes(people.session_idle_minutes),
        session_longest_micros: minutes(people.session_hours * 60),
        invitation_micros: minutes(people.invitation_hours * 60),
        second_factor_roles: people.second_factor_roles.clone(),
    }
}

fn subscriptions(limits: &config::Subscriptions) -> Subscriptions {
    let (connections, per_process, records) = (limits.at_once, limits.at_once, limits.records);
    Subscriptions { connections, per_process, records, ..Subscriptions::default() }
}

fn api(server: &config::Server) -> ApiConfig {
    ApiConfig {
        max_body_bytes: server.max_body_bytes,
        max_query_bytes: server.max_query_bytes,
        max_depth: server.max_depth,
        max_complexity: server.max_complexity,
        default_page: server.default_page,
        max_page: server.max_page,
        batch_limit: server.max_batch,
        timeout: Duration::from_millis(server.request_timeout_ms),
        requests_per_minute: NonZeroU32::new(server.requests_per_minute).unwrap_or(NonZeroU32::MIN),
        burst_seconds: server.burst_seconds,
        origins: server.origins.clone(),
        behind_proxy: server.behind_proxy,
        ..ApiConfig::default()
    }
}
