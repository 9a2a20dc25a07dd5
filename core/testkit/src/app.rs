//! A whole server for one test.

use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};

use axum::Router;
use chrono::DateTime;
use garant_api::ApiConfig;
use garant_domain::catalog::Catalog;
use garant_domain::chain::Hosting;
use garant_domain::clock::{FixedClock, SharedClock, new_id};
use garant_domain::value::Value;
use garant_policy::{Engine, Limits, Publisher, Trust};
use garant_service::{
    Caller, Input, NewHold, PeopleConfig, Service, ServiceConfig, ShippedPlugin, UnitRequest, token_hash,
};
use garant_store::{AddressKey, Durability, NewToken, Store, StoreConfig};

use crate::actor::Actor;
use crate::database::{Backend, TestDatabase};

/// The tenant of tests.
pub const TENANT: &str = "test";

/// The secret of the servers under test.
const SECRET: [u8; 32] = [42; 32];

/// The instant at which tests begin, unless they move the clock.
pub const START: &str = "2026-05-01T10:00:00Z";

/// What sales and counsel work with: everything of a person but special categories.
const SALES_NEEDS: &str = "user.name user.contact user.job_title user.workplace user.account user.behavior \
    user.content user.unique_id user.privacy_preferences";

/// What marketing works with.
const MARKETING_NEEDS: &str = "user.name user.contact user.job_title user.workplace user.account user.unique_id \
    user.behavior user.privacy_preferences user.content";

/// One engine for all tests of the binary: plugins are compiled once.
static ENGINE: LazyLock<Arc<Engine>> = LazyLock::new(|| Engine::new(Limits::standard()).expect("an engine"));

/// Microseconds of an instant written as RFC 3339.
///
/// # Panics
///
/// When it is not written so.
#[must_use]
pub fn instant(text: &str) -> i64 {
    DateTime::parse_from_rfc3339(text).expect("an instant").timestamp_micros()
}

/// How a server process is set up.
#[derive(Clone)]
pub struct Setup {
    /// Plugins that come with it; one without a signature is signed by [`author`].
    pub plugins: Vec<ShippedPlugin>,
    /// Its sandbox.
    pub engine: Arc<Engine>,
    /// Whether its tenant is a sandbox.
    pub sandbox: bool,
    /// Whether a plugin without a signature may be installed.
    pub allow_unsigned: bool,
    /// Whether a change that may weaken a policy waits for a second person.
    pub second_person: bool,
    /// Roles that may break the glass.
    pub break_glass_roles: Vec<String>,
    /// Where its records lie.
    pub hosting: Hosting,
    /// The limits of its API.
    pub api: ApiConfig,
    /// Its rules of signing in.
    pub people: PeopleConfig,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            plugins: garant::shipped_plugins(),
            engine: Arc::clone(&ENGINE),
            sandbox: false,
            allow_unsigned: false,
            second_person: false,
            break_glass_roles: vec![],
            hosting: Hosting::own(),
            // The clock of tests stands still, so nobody's allowance of requests grows.
            api: ApiConfig { requests_per_minute: NonZeroU32::MAX, ..ApiConfig::default() },
            people: PeopleConfig::default(),
        }
    }
}

/// The author whom servers under test trust, besides the server's own publisher: secret and public
/// key.
#[must_use]
pub fn author() -> (String, String) {
    garant_policy::key_pair([9; 32])
}

/// A signature of the author.
///
/// # Panics
///
/// Never.
#[must_use]
pub fn signed(file: &[u8]) -> String {
    garant_policy::sign(&author().0, file).expect("a key")
}

/// A server with its database, clock and actors.
pub struct TestApp {
    /// The database; the last to go.
    pub store: Store,
    /// The use cases.
    pub service: Arc<Service>,
    /// The real router.
    pub router: Router,
    /// The operator's router.
    pub metrics: Router,
    /// The clock.
    pub clock: Arc<FixedClock>,
    /// Where the database is.
    pub database: TestDatabase,
}

impl TestApp {
    /// A server with the shipped plugins enforced and the registers of tests: purposes `sales`,
    /// `marketing`, `marketing.communications.email`, `accounting` and `legal`.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, garant::shipped_plugins()).await
    }

    /// A server with other plugins.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn start_with(backend: Backend, plugins: Vec<ShippedPlugin>) -> Self {
        Self::start_on(backend, plugins, &ENGINE).await
    }

    /// A server with other plugins in a sandbox of its own, for tests that wear a sandbox out.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn start_on(backend: Backend, plugins: Vec<ShippedPlugin>, engine: &Arc<Engine>) -> Self {
        let app = Self::over(TestDatabase::create(backend).await, plugins, engine).await;
        app.register().await;
        app
    }

    /// A server over a database that holds what it holds.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn over(database: TestDatabase, plugins: Vec<ShippedPlugin>, engine: &Arc<Engine>) -> Self {
        let setup = Setup { plugins, engine: Arc::clone(engine), ..Setup::default() };
        let clock = Arc::new(FixedClock::at(instant(START)));
        let (store, service) = open(&database, &clock, &setup).await;
        let routers = garant_api::routers(Arc::clone(&service), setup.api).expect("a schema");
        Self { store, service, router: routers.api, metrics: routers.metrics, clock, database }
    }

    /// A second server process over the same database that takes its tenant for a sandbox.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn sandbox_process(&self) -> Router {
        self.process(Setup { sandbox: true, ..Setup::default() }).await
    }

    /// A second server process over the same database.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn second_process(&self) -> Router {
        self.process(Setup::default()).await
    }

    /// Another server process over the same database, set up otherwise.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn process(&self, setup: Setup) -> Router {
        self.processes(setup).await.api
    }

    /// The same, with the operator's router.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn processes(&self, setup: Setup) -> garant_api::Routers {
        let (_, service) = open(&self.database, &self.clock, &setup).await;
        garant_api::routers(service, setup.api).expect("a schema")
    }

    /// The same service behind other limits of the API.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn with_limits(&self, limits: garant_api::ApiConfig) -> Router {
        garant_api::router(Arc::clone(&self.service), limits).expect("a schema")
    }

    /// Another server process over the same database, for tests without HTTP.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub async fn service_process(&self, plugins: Vec<ShippedPlugin>) -> Arc<Service> {
        open(&self.database, &self.clock, &Setup { plugins, ..Setup::default() }).await.1
    }

    /// Opens a legal hold over people as counsel; answers its id.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub async fn hold(&self, people: &[&str]) -> String {
        let new = NewHold {
            people: people.iter().map(|&id| id.to_owned()).collect(),
            case_id: "2026-17".to_owned(),
            basis: "GDPR 17(3)(e)".to_owned(),
            // 2030-01-01, past every test.
            review_on: 21_915,
        };
        self.service.open_legal_hold(&counsel(), new).await.expect("a hold").id
    }

    /// Releases a legal hold.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub async fn release(&self, hold: &str) {
        self.service.release_legal_hold(&counsel(), hold, "The case is closed").await.expect("released");
    }

    /// A new actor of a role.
    pub async fn actor(&self, role: &str) -> Actor {
        self.client(role, None).await
    }

    /// A new actor of a role in another tenant of the same server.
    ///
    /// # Panics
    ///
    /// When the token cannot be stored.
    pub async fn actor_of(&self, tenant: &str, role: &str) -> Actor {
        self.holder(tenant, role, None).await
    }

    /// A new client of a role that works on behalf of a recipient.
    ///
    /// # Panics
    ///
    /// When the token cannot be stored.
    pub async fn client(&self, role: &str, recipient: Option<&str>) -> Actor {
        self.holder(TENANT, role, recipient).await
    }

    async fn holder(&self, tenant: &str, role: &str, recipient: Option<&str>) -> Actor {
        let token = format!("grt_{}", new_id());
        let new = NewToken {
            hash: token_hash(&token),
            tenant: tenant.to_owned(),
            actor_id: new_id(),
            name: role.to_owned(),
            role: role.to_owned(),
            country: Some("FR".to_owned()),
            recipient_id: recipient.map(str::to_owned),
            ..NewToken::default()
        };
        self.store.put_token(&new, instant(START)).await.expect("a token");
        // That it is used is written down by the side, and not while a test counts statements.
        let id: String = new.hash.chars().take(32).collect();
        self.store.touch_token(TENANT, &id, instant(START)).await.expect("a token");
        Actor { router: self.router.clone(), token: Some(token), headers: vec![] }
    }

    /// Somebody with a token that was given out.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Actor {
        Actor { token: Some(token.to_owned()), ..self.nobody() }
    }

    /// Somebody without a token.
    #[must_use]
    pub fn nobody(&self) -> Actor {
        Actor { router: self.router.clone(), token: None, headers: vec![] }
    }

    /// Creates a record as the DPO acting for `sales`, through the door; answers its id.
    ///
    /// # Panics
    ///
    /// When it is refused.
    pub async fn create(&self, entity: &str, values: &[(&str, Value)]) -> String {
        let caller = Caller {
            tenant: TENANT.to_owned(),
            actor: garant_domain::context::Actor { id: "seed".to_owned(), role: "dpo".to_owned(), country: None },
            name: "seed".to_owned(),
            recipient: None,
            default_purpose: None,
            access: garant_service::Access::default(),
        };
        let register = self.service.catalog().entity(entity).is_some_and(|entity| !entity.needs_purpose());
        let purposes = if register { vec![] } else { vec!["sales".to_owned()] };
        let unit = self.service.begin(&caller, UnitRequest { purposes, channel: None }).await.expect("a unit");
        let input: Input = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        unit.create(entity, input, vec![]).await.expect(entity).id().to_owned()
    }

    /// A contact in France whom the person last contacted a month before the tests begin.
    pub async fn contact(&self, last_name: &str, more: &[(&str, Value)]) -> String {
        let mut values = vec![
            ("first_name", Value::text("Test")),
            ("last_name", Value::text(last_name)),
            ("email", Value::text(format!("{}@example.org", last_name.to_lowercase()))),
            ("country", Value::text("FR")),
            ("last_inbound_contact_at", Value::Instant(instant("2026-04-01T10:00:00Z"))),
        ];
        values.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        values.extend(more.iter().cloned());
        self.create("contact", &values).await
    }

    /// A consent event with its proof.
    pub async fn consent(&self, contact: &str, purpose: &str, channel: &str, state: &str, at: &str) -> String {
        self.create(
            "consent_event",
            &[
                ("contact_id", Value::text(contact)),
                ("purpose", Value::text(purpose)),
                ("channel", Value::text(channel)),
                ("state", Value::text(state)),
                ("happened_at", Value::Instant(instant(at))),
                ("wording", Value::text("I want to hear from you")),
                ("notice_version", Value::text("1")),
                ("method", Value::text("checkbox")),
            ],
        )
        .await
    }

    /// Purposes with what they need, and the assessments that let data collected for sales serve them.
    async fn register(&self) {
        for (key, basis, direct_marketing, roles, needed) in [
            ("sales", "A6-1-f", false, "sales dpo", SALES_NEEDS),
            ("marketing", "A6-1-a", true, "marketing dpo", MARKETING_NEEDS),
            ("marketing.communications.email", "A6-1-a", true, "marketing dpo", MARKETING_NEEDS),
            ("accounting", "A6-1-c", false, "accountant dpo", "user.name user.contact user.account user.unique_id"),
            ("legal", "A6-1-f", false, "counsel dpo", SALES_NEEDS),
        ] {
            let interest = if basis == "A6-1-f" { "passed" } else { "none" };
            let law = if basis == "A6-1-c" { Value::text("C. com. L123-22") } else { Value::Null };
            self.create(
                "purpose",
                &[
                    ("key", Value::text(key)),
                    ("label_en", Value::text(key)),
                    ("legal_basis", Value::text(basis)),
                    ("direct_marketing", Value::Boolean(direct_marketing)),
                    ("roles", Value::text(roles)),
                    ("needed_categories", Value::text(needed)),
                    ("balancing_test", Value::text(interest)),
                    ("law_reference", law),
                ],
            )
            .await;
        }
        for target in ["marketing", "legal"] {
            self.create(
                "compatibility_assessment",
                &[
                    ("source_purpose", Value::text("sales")),
                    ("target_purpose", Value::text(target)),
                    ("status", Value::text("approved")),
                    // 2030-01-01, past every test.
                    ("valid_until", Value::Date(21_915)),
                    ("reasoning", Value::text("The person expects it; no special categories; can object")),
                ],
            )
            .await;
        }
    }
}

fn counsel() -> Caller {
    Caller {
        tenant: TENANT.to_owned(),
        actor: garant_domain::context::Actor { id: "counsel".to_owned(), role: "counsel".to_owned(), country: None },
        name: "counsel".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    }
}

/// The engine that all tests of a binary share, unless they wear one out.
#[must_use]
pub fn engine() -> Arc<Engine> {
    Arc::clone(&ENGINE)
}

async fn open(database: &TestDatabase, clock: &Arc<FixedClock>, setup: &Setup) -> (Store, Arc<Service>) {
    let catalog = Arc::new(Catalog::standard().expect("the catalogue"));
    let config = StoreConfig {
        url: database.url.clone(),
        durability: Durability::Normal,
        max_connections: 4,
        address_key: AddressKey::derived(&SECRET),
    };
    let store = Store::connect(&config, Arc::clone(&catalog)).await.expect("a store");
    let author = Publisher::new("Test author", &author().1).expect("a key");
    let mut shipped = setup.plugins.clone();
    for plugin in &mut shipped {
        plugin.signature.get_or_insert_with(|| signed(&plugin.bytes));
    }
    let service = Service::open(ServiceConfig {
        store: store.clone(),
        engine: Arc::clone(&setup.engine),
        clock: Arc::clone(clock) as SharedClock,
        catalog,
        tenant: TENANT.to_owned(),
        zone: chrono_tz::Europe::Paris,
        sandbox: setup.sandbox,
        trust: Trust {
            publishers: vec![garant::shipped_publisher().expect("a key"), author],
            allow_unsigned: setup.allow_unsigned,
        },
        second_person: setup.second_person,
        break_glass_roles: setup.break_glass_roles.clone(),
        shipped,
        reference_dir: None,
        hosting: setup.hosting.clone(),
        trash_days: 30,
        job_days: 7,
        people: setup.people.clone(),
        secret: SECRET,
    })
    .await
    .expect("a service");
    (store, service)
}
