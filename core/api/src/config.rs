//! What bounds a request. No limit is optional.

use std::time::Duration;

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
    /// Whether webhooks may lead to private networks and over plain HTTP.
    pub webhooks_private: bool,
    /// Sites, besides the server's own, whose pages may send requests with a session's cookie.
    pub origins: Vec<String>,
    /// Whether a proxy of ours stands before the server and says for whom it asks.
    pub behind_proxy: bool,
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
            webhooks_private: false,
            origins: vec![],
            behind_proxy: false,
        }
    }
}
