//! What bounds a request. No limit is optional.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::oidc::OidcConfig;

/// Limits of the API; [`Default`] gives values that suit a server on a small machine.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Bytes of a request's body.
    pub max_body_bytes: usize,
    /// Bytes of a file that is imported.
    pub max_upload_bytes: usize,
    /// Bytes of the query text inside the body.
    pub max_query_bytes: usize,
    /// Levels of fields.
    pub max_depth: usize,
    /// Fields that an answer may hold, lists counted by the page asked for.
    pub max_complexity: u64,
    /// Records on a page that names no size.
    pub default_page: u32,
    /// Records on a page at most.
    pub max_page: u32,
    /// Records that one mutation may create.
    pub batch_limit: usize,
    /// Tests (comparisons) in one filter.
    pub max_filter_tests: usize,
    /// How long a query may take.
    pub timeout: Duration,
    /// Requests that a key, a user or an address may send a minute to one process, unless a key has its own limit.
    pub requests_per_minute: NonZeroU32,
    /// Of so many seconds they may come at once.
    pub burst_seconds: u32,
    /// Providers with which people sign in.
    pub oidc: Vec<OidcConfig>,
    /// Whether webhooks may lead to private networks and over plain HTTP.
    pub webhooks_private: bool,
    /// Sites, besides the server's own, whose pages may send requests with a session's cookie.
    pub origins: Vec<String>,
    /// Whether a proxy of ours stands before the server and says for whom it asks.
    pub behind_proxy: bool,
    /// Subscriptions over WebSocket.
    pub subscriptions: Subscriptions,
}

/// What bounds subscriptions.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    /// Connections of this process.
    pub connections: usize,
    /// Subscriptions of one connection.
    pub per_connection: usize,
    /// Subscriptions of this process.
    pub per_process: usize,
    /// Records that one subscription follows.
    pub records: usize,
    /// How often it is asked whether the credential still counts.
    pub check: Duration,
    /// How often everything that is followed is looked at again: what changes with time alone is seen then.
    pub recheck: Duration,
    /// How long a client may take to accept a message.
    pub send: Duration,
    /// How long a client may take to say who it is; twice as long, and it may say nothing at all.
    pub init: Duration,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self {
            connections: 1_000,
            per_connection: 20,
            per_process: 1_000,
            records: 10_000,
            check: Duration::from_secs(5),
            recheck: Duration::from_secs(30),
            send: Duration::from_secs(10),
            init: Duration::from_secs(10),
        }
    }
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            max_body_bytes: 1024 * 1024,
            max_upload_bytes: 1024 * 1024 * 1024,
            max_query_bytes: 64 * 1024,
            max_depth: 16,
            max_complexity: 50_000,
            default_page: 50,
            max_page: 500,
            batch_limit: 100,
            max_filter_tests: 200,
            timeout: Duration::from_secs(30),
            requests_per_minute: NonZeroU32::new(6_000).unwrap_or(NonZeroU32::MAX),
            burst_seconds: 60,
            oidc: vec![],
            webhooks_private: false,
            origins: vec![],
            behind_proxy: false,
            subscriptions: Subscriptions::default(),
        }
    }
}
