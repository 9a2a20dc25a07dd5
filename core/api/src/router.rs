//! The HTTP routers: `/graphql`, `/import`, `/export`, `/jobs`, `/auth`, `/health`, `/ready` for everybody, `/metrics` for
//! the operator.

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use garant_domain::problem::{ErrorCode, Problem};
use garant_service::Service;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::config::ApiConfig;
use crate::http::{self, export, graphql, import, job_rejects, job_result, refuse, socket};
use crate::metrics::{self, Requests};
use crate::oidc::{OidcConfig, Provider};
use crate::operation::Locale;
use crate::persisted::Persisted;
use crate::rate::Rates;
use crate::schema::SchemaError;
use crate::schemas::Schemas;

/// What every request shares.
pub struct App {
    /// Use cases.
    pub service: Arc<Service>,
    /// The schema of each catalogue.
    pub schemas: Schemas,
    /// Limits.
    pub config: ApiConfig,
    /// Queries that clients name by their digest.
    pub persisted: Persisted,
    /// Counted for the operator.
    pub requests: Arc<Requests>,
    /// Connections that may be open.
    pub connections: Arc<Semaphore>,
    /// How many requests a caller may send.
    pub rates: Arc<Rates>,
    /// With which people sign in.
    pub providers: Vec<Provider>,
}

/// Why a router cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum RouterError {
    /// The catalogue.
    #[error("the catalogue cannot be a schema")]
    Schema(#[from] SchemaError),
    /// The client of the providers.
    #[error("providers cannot be asked from this build")]
    Providers(#[from] reqwest::Error),
}

/// What a server listens with.
pub struct Routers {
    /// For clients.
    pub api: Router,
    /// `/metrics`, without a token: for an address that only the operator reaches.
    pub metrics: Router,
}

/// The router over a service.
///
/// # Errors
/// The service's catalogue cannot be a schema, or providers cannot be asked.
pub fn router(service: Arc<Service>, config: ApiConfig) -> Result<Router, RouterError> {
    Ok(routers(service, config)?.api)
}

/// The clients' router and the operator's.
///
/// # Errors
/// As [`router`].
pub fn routers(service: Arc<Service>, config: ApiConfig) -> Result<Routers, RouterError> {
    let schemas = Schemas::new(service.catalog())?;
    let requests = Arc::new(Requests::default());
    let clock = Arc::clone(service.clock());
    let rates = Arc::new(Rates::new(config.requests_per_minute, config.burst_seconds, clock));
    let metrics = metrics::router(Arc::clone(&service), Arc::clone(&requests), Arc::clone(&rates));
    let provider = |provider: &OidcConfig| Provider::new(provider.clone(), Arc::clone(service.clock()));
    let providers = config.oidc.iter().map(provider).collect::<Result<_, _>>()?;
    let (max_body_bytes, max_upload_bytes) = (config.max_body_bytes, config.max_upload_bytes);
    let connections = Arc::new(Semaphore::new(config.subscriptions.connections));
    let persisted = Persisted::default();
    let app = Arc::new(App { service, schemas, config, persisted, requests, connections, rates, providers });
    // Answers depend on the purpose and on policies that may change at any time: nobody keeps them.
    let no_store = SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let api = Router::new()
        .route("/graphql", post(graphql).get(socket).fallback(wrong_method))
        .route("/export", post(export).fallback(wrong_method))
        .route("/import", post(import).fallback(wrong_method).layer(DefaultBodyLimit::max(max_upload_bytes)))
        .route("/jobs/{id}/file", get(job_result))
        .route("/jobs/{id}/rejects", get(job_rejects))
        .route("/auth", get(http::providers))
        .route("/auth/{provider}/start", get(http::start))
        .route("/auth/{provider}/callback", get(http::callback))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(max_body_bytes))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(no_store)
        .with_state(app);
    Ok(Routers { api, metrics })
}

async fn health() -> &'static str {
    "ok"
}

async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Response> {
    match app.service.ready().await {
        Ok(()) => Ok("ready"),
        Err(problem) => Err(refuse(StatusCode::SERVICE_UNAVAILABLE, &problem, Locale::En)),
    }
}

async fn unknown() -> Response {
    let problem = Problem::new(ErrorCode::NotFound, "There is nothing at this path")
        .mend("POST to /graphql, /import or /export.");
    refuse(StatusCode::NOT_FOUND, &problem, Locale::En)
}

pub(crate) async fn wrong_method() -> Response {
    let problem = Problem::new(ErrorCode::BadUserInput, "This path is answered to POST only").mend("Send a POST.");
    refuse(StatusCode::METHOD_NOT_ALLOWED, &problem, Locale::En)
}

#[expect(clippy::needless_pass_by_value, reason = "the layer gives the panic away")]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    // The text of a panic may hold values; its place is in the log of the panic hook.
    let kind = if panic.is::<String>() { "formatted" } else { "static" };
    tracing::error!(kind, "a request panicked");
    refuse(StatusCode::INTERNAL_SERVER_ERROR, &Problem::new(ErrorCode::Internal, "a request panicked"), Locale::En)
}
