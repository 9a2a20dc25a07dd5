//! The configuration file of a server: TOML, every key known, every default written in the reference
//! that `garant config` prints. What a DPO decides is never here: policies live in the database.

mod error;
mod log;
mod oidc;
mod people;
pub mod reference;
mod subscriptions;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use garant_domain::chain::{ASSESSMENTS, Hosting, KEY_HOLDERS, MECHANISMS, Tool};
use garant_domain::country;
use serde::{Deserialize, Serialize};

pub use error::ConfigError;
pub use log::{Log, LogFormat};
pub use oidc::{Newcomers, Oidc};
pub use people::People;
pub use subscriptions::Subscriptions;

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// File with 32 random bytes (hex) that seal cursors and wrap the keys of the archive; made when missing.
    #[serde(default = "secret_file")]
    pub secret_file: PathBuf,
    /// HTTP.
    #[serde(default)]
    pub server: Server,
    /// Where records live.
    pub database: Database,
    /// Whose records.
    #[serde(default)]
    pub tenant: Tenant,
    /// Signing in.
    #[serde(default)]
    pub people: People,
    /// Providers with which people sign in.
    #[serde(default)]
    pub oidc: Vec<Oidc>,
    /// The sandbox of the policy plugins.
    #[serde(default)]
    pub policy: Policy,
    /// Telling subscribers of changes.
    #[serde(default)]
    pub webhooks: Webhooks,
    /// The same over WebSocket.
    #[serde(default)]
    pub subscriptions: Subscriptions,
    /// Destroying what is due.
    #[serde(default)]
    pub sweep: Sweep,
    /// Imports and exports that run by themselves.
    #[serde(default)]
    pub jobs: Jobs,
    /// Where its records lie, and who can lay hands on them there.
    #[serde(default)]
    pub hosting: Hosting,
    /// What the server says of itself.
    #[serde(default)]
    pub log: Log,
    /// Where this was read from, for errors that show only when it is used.
    #[serde(skip)]
    pub file: PathBuf,
}

/// `[server]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Address and port of `/metrics`; none without it.
    pub metrics_listen: Option<SocketAddr>,
    /// Largest request body.
    pub max_body_bytes: usize,
    /// Longest query text.
    pub max_query_bytes: usize,
    /// Deepest nesting of a query.
    pub max_depth: usize,
    /// Most fields that an answer may hold, lists counted by the page asked for.
    pub max_complexity: u64,
    /// Records on a page that names no size.
    pub default_page: u32,
    /// Most records on a page.
    pub max_page: u32,
    /// Most records that one mutation may create.
    pub max_batch: usize,
    /// Longest time for a request.
    pub request_timeout_ms: u64,
    /// Longest time for requests under way when the server is told to stop.
    pub shutdown_timeout_ms: u64,
    /// Requests that a key, a user or an address may send a minute to this process.
    pub requests_per_minute: u32,
    /// Of so many seconds they may come at once.
    pub burst_seconds: u32,
    /// Sites, besides the server's own, whose pages may send requests with a session's cookie.
    pub origins: Vec<String>,
    /// Whether a proxy of ours stands before the server and says for whom it asks.
    pub behind_proxy: bool,
}

/// `[database]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:path` or `postgres://user:password@host/name`.
    pub url: String,
    /// Most connections.
    #[serde(default = "max_connections")]
    pub max_connections: u32,
    /// What the decision log survives before an answer leaves.
    #[serde(default)]
    pub durability: Durability,
}

/// What the log of reads survives; changes of policies always survive a power cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// A kill of the process.
    #[default]
    Normal,
    /// A power cut too.
    Strict,
}

/// `[tenant]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tenant {
    /// First part of every key.
    pub id: String,
    /// IANA time zone in which days begin and periods end.
    #[serde(with = "zone")]
    pub zone: chrono_tz::Tz,
    /// Whether the records are nobody's: everybody may read explanations and set their clock.
    pub sandbox: bool,
    /// Whether a change that may weaken a policy waits for a second person.
    pub second_person: bool,
    /// Roles that may break the glass.
    pub break_glass_roles: Vec<String>,
}

/// `[policy]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Folder with reference tables that take the place of the built-in ones.
    pub reference_dir: Option<PathBuf>,
    /// Longest time for one answer of a plugin.
    pub deadline_ms: u64,
    /// Longest time for a plugin to describe itself or to check settings.
    pub setup_deadline_ms: u64,
    /// Most memory of one plugin instance.
    pub memory_mb: usize,
    /// Most that one call may answer.
    pub max_output_kb: usize,
    /// Threads that run plugins.
    pub threads: usize,
    /// Threads that one plugin may take.
    pub threads_per_plugin: usize,
    /// Callers that may wait for a thread.
    pub queue: usize,
    /// Whether a plugin without a signature may be installed.
    pub allow_unsigned: bool,
    /// Authors whose plugins may be installed, besides the server's own.
    pub publishers: Vec<Publisher>,
}

/// `[[policy.publishers]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publisher {
    /// For people.
    pub name: String,
    /// The public key, as `garant plugin keygen` prints it.
    pub key: String,
}

/// `[webhooks]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// Whether subscribers in private networks, and plain HTTP, are allowed.
    pub allow_private: bool,
    /// Longest time that a subscriber may take to answer.
    pub timeout_ms: u64,
}

/// `[sweep]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sweep {
    /// Minutes from the beginning of one sweep to that of the next; 0 for none by itself.
    pub every_minutes: u32,
    /// Days after which a sweep erases what lies in the trash; 0 for never.
    pub trash_days: u32,
}

/// `[jobs]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jobs {
    /// How many this server runs at once.
    pub at_once: usize,
    /// Days after which a job goes with its file, its rejects and its answer.
    pub keep_days: u32,
    /// Largest file that is imported.
    pub max_upload_mb: usize,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_listen: None,
            max_body_bytes: 1 << 20,
            max_query_bytes: 64 << 10,
            max_depth: 16,
            max_complexity: 50_000,
            default_page: 50,
            max_page: 500,
            max_batch: 100,
            request_timeout_ms: 30_000,
            shutdown_timeout_ms: 20_000,
            requests_per_minute: 6_000,
            burst_seconds: 60,
            origins: vec![],
            behind_proxy: false,
        }
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Self {
            id: "main".to_owned(),
            zone: chrono_tz::Europe::Paris,
            sandbox: false,
            second_person: false,
            break_glass_roles: vec![],
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            reference_dir: None,
            deadline_ms: 250,
            setup_deadline_ms: 2_000,
            memory_mb: 32,
            max_output_kb: 4_096,
            threads: 4,
            threads_per_plugin: 3,
            queue: 512,
            allow_unsigned: false,
            publishers: vec![],
        }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { allow_private: false, timeout_ms: 15_000 }
    }
}

impl Default for Sweep {
    fn default() -> Self {
        Self { every_minutes: 1_440, trash_days: 30 }
    }
}

impl Default for Jobs {
    fn default() -> Self {
        Self { at_once: 2, keep_days: 7, max_upload_mb: 1_024 }
    }
}

fn secret_file() -> PathBuf {
    PathBuf::from("garant.secret")
}

fn max_connections() -> u32 {
    10
}

impl Config {
    /// A configuration with every default.
    #[must_use]
    pub fn with_database(url: impl Into<String>) -> Self {
        Self {
            secret_file: secret_file(),
            server: Server::default(),
            database: Database { url: url.into(), max_connections: max_connections(), durability: Durability::Normal },
            tenant: Tenant::default(),
            people: People::default(),
            oidc: vec![],
            policy: Policy::default(),
            webhooks: Webhooks::default(),
            subscriptions: Subscriptions::default(),
            sweep: Sweep::default(),
            jobs: Jobs::default(),
            hosting: Hosting::default(),
            log: Log::default(),
            file: PathBuf::new(),
        }
    }

    /// Reads a file. Relative paths in it start at the file's folder.
    ///
    /// # Errors
    /// If the file cannot be read, is no TOML of this shape, or a value makes no sense.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { file: path.to_path_buf(), source })?;
        let mut config = Self::parse(&text, path)?;
        config.anchor(path.parent().unwrap_or(Path::new("")));
        path.clone_into(&mut config.file);
        Ok(config)
    }

    /// Reads a text; `file` is for messages.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| ConfigError::from_toml(file, text, &error))?;
        config.check(file)?;
        Ok(config)
    }

    /// Puts another database in place, such as one from the environment.
    ///
    /// # Errors
    /// If it is neither SQLite nor PostgreSQL.
    pub fn set_database_url(&mut self, url: &str, file: &Path) -> Result<(), ConfigError> {
        self.database.url = url.to_owned();
        self.check(file)
    }

    /// An error that names the file, the key and the remedy, for what shows only when a value is used.
    #[must_use]
    pub fn unusable(&self, key: &str, message: &str, remedy: &str) -> ConfigError {
        ConfigError::value(&self.file, key, message, remedy)
    }

    fn anchor(&mut self, folder: &Path) {
        let place = |path: &mut PathBuf| *path = folder.join(&*path);
        place(&mut self.secret_file);
        if let Some(folder) = &mut self.policy.reference_dir {
            place(folder);
        }
        self.oidc.iter_mut().filter_map(|provider| provider.client_secret_file.as_mut()).for_each(place);
        let path = self.database.url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
        if let Some(path) = path.filter(|path| !path.starts_with(':')) {
            self.database.url = format!("sqlite:{}", folder.join(path).display());
        }
    }

    fn check(&self, file: &Path) -> Result<(), ConfigError> {
        let wrong = |key: &str, message: &str, remedy: &str| Err(ConfigError::value(file, key, message, remedy));
        let url = &self.database.url;
        if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            let remedy = "write sqlite:garant.db or postgres://user:password@host/name";
            return wrong("database.url", "is neither SQLite nor PostgreSQL", remedy);
        }
        let id = &self.tenant.id;
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        if id.is_empty() || id.len() > 63 || !id.chars().all(plain) {
            return wrong("tenant.id", "is no tenant id", "use 1 to 63 of a-z, 0-9 and -");
        }
        if tracing_subscriber::EnvFilter::try_new(&self.log.level).is_err() {
            return wrong("log.level", "is no level", "use error, warn, info or debug");
        }
        if let Some((key, message, remedy)) = wrong_hosting(&self.hosting) {
            return wrong(key, message, remedy);
        }
        for publisher in &self.policy.publishers {
            if let Err(error) = garant_policy::Publisher::new(&publisher.name, &publisher.key) {
                let remedy = "write the line that `garant plugin keygen` printed for the author";
                return wrong("policy.publishers.key", &error.to_string(), remedy);
            }
        }
        let site = |origin: &String| {
            let parsed = url::Url::parse(origin);
            parsed.is_ok_and(|url| url.origin().ascii_serialization() == *origin && url.has_host())
        };
        if !self.server.origins.iter().all(site) {
            let remedy = "write scheme and host alone, such as https://crm.example.org";
            return wrong("server.origins", "holds something that is no origin", remedy);
        }
        if let Some((key, message, remedy)) = oidc::wrong(&self.oidc) {
            return wrong(key, message, remedy);
        }
        if self.sweep.every_minutes > 44_640 {
            return wrong(
                "sweep.every_minutes",
                "is out of range",
                "use a number up to 44640 (a month), or 0 for never",
            );
        }
        if self.sweep.trash_days > 3_650 {
            return wrong("sweep.trash_days", "is out of range", "use a number up to 3650 (ten years), or 0 for never");
        }
        let (server, policy) = (&self.server, &self.policy);
        let people = &self.people;
        let numbers: [(&str, u64, u64); 27] = [
            ("database.max_connections", self.database.max_connections.into(), 1_000),
            ("server.max_body_bytes", server.max_body_bytes as u64, 1 << 30),
            ("server.max_query_bytes", server.max_query_bytes as u64, 1 << 24),
            ("server.max_depth", server.max_depth as u64, 50),
            ("server.max_complexity", server.max_complexity, 10_000_000),
            ("server.default_page", server.default_page.into(), server.max_page.into()),
            ("server.max_page", server.max_page.into(), 1_000),
            ("server.max_batch", server.max_batch as u64, 1_000),
            ("server.request_timeout_ms", server.request_timeout_ms, 3_600_000),
            ("server.shutdown_timeout_ms", server.shutdown_timeout_ms, 3_600_000),
            ("server.requests_per_minute", server.requests_per_minute.into(), 10_000_000),
            ("server.burst_seconds", server.burst_seconds.into(), 3_600),
            // A claim of a delivery lasts two minutes, so an attempt must end before.
            ("webhooks.timeout_ms", self.webhooks.timeout_ms, 60_000),
            ("subscriptions.at_once", self.subscriptions.at_once as u64, 100_000),
            ("subscriptions.records", self.subscriptions.records as u64, 1_000_000),
            ("jobs.at_once", self.jobs.at_once as u64, 64),
            ("jobs.keep_days", self.jobs.keep_days.into(), 365),
            ("jobs.max_upload_mb", self.jobs.max_upload_mb as u64, 65_536),
            ("people.session_idle_minutes", people.session_idle_minutes.into(), 43_200),
            ("people.session_hours", people.session_hours.into(), 8_760),
            ("people.invitation_hours", people.invitation_hours.into(), 720),
            ("policy.deadline_ms", policy.deadline_ms, 60_000),
            ("policy.setup_deadline_ms", policy.setup_deadline_ms, 60_000),
            ("policy.memory_mb", policy.memory_mb as u64, 4_096),
            ("policy.max_output_kb", policy.max_output_kb as u64, 65_536),
            ("policy.threads", policy.threads as u64, 1_024),
            ("policy.threads_per_plugin", policy.threads_per_plugin as u64, policy.threads as u64),
        ];
        match numbers.iter().find(|(_, value, most)| *value == 0 || value > most) {
            Some((key, _, most)) => wrong(key, "is out of range", &format!("use a number from 1 to {most}")),
            None => Ok(()),
        }
    }
}

/// What makes no sense about the hosting: key, message and remedy.
fn wrong_hosting(hosting: &Hosting) -> Option<(&'static str, &'static str, &'static str)> {
    let chain = hosting.chain.iter();
    let countries = [("hosting.country", &hosting.country)];
    let mut countries = countries.into_iter().chain(chain.clone().map(|part| ("hosting.chain.country", &part.country)));
    if let Some((key, _)) = countries.find(|(_, code)| code.as_ref().is_some_and(|code| !country::is_code(code))) {
        return Some((key, "is no country", "use two capital letters (ISO 3166), such as FR"));
    }
    let holders = [("hosting.key_holder", &hosting.key_holder)];
    let mut holders = holders.into_iter().chain(chain.map(|part| ("hosting.chain.key_holder", &part.key_holder)));
    let unknown = |holder: &Option<String>| holder.as_deref().is_some_and(|holder| !KEY_HOLDERS.contains(&holder));
    if let Some((key, _)) = holders.find(|(_, holder)| unknown(holder)) {
        return Some((key, "is nobody who may hold keys", "use customer, eu_third_party or provider"));
    }
    let tools = [("hosting.tool", &hosting.tool)];
    let mut tools = tools.into_iter().chain(hosting.chain.iter().map(|part| ("hosting.chain.tool", &part.tool)));
    if let Some((key, _)) = tools.find(|(_, tool)| tool.as_ref().is_some_and(is_unknown)) {
        let remedy = "mechanism is none, adequacy, dpf, scc or bcr; assessment is none, positive or negative";
        return Some((key, "names a mechanism or an assessment that does not exist", remedy));
    }
    let named = hosting.provider.is_some();
    (hosting.external == Some(false) && named).then_some((
        "hosting.provider",
        "names whose machines they are, and `external` says that they are ours",
        "set external to true, or leave the provider out",
    ))
}

/// Whether a tool names what nobody knows.
fn is_unknown(tool: &Tool) -> bool {
    let outside = |said: &Option<String>, known: &[&str]| said.as_deref().is_some_and(|said| !known.contains(&said));
    outside(&tool.mechanism, &MECHANISMS) || outside(&tool.assessment, &ASSESSMENTS)
}

/// A zone by its IANA name.
mod zone {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(zone: &chrono_tz::Tz, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<chrono_tz::Tz, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(|_| Error::custom("is no IANA time zone, such as Europe/Paris"))
    }
}

#[cfg(test)]
mod tests;
