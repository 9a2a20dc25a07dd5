//! The GraphQL API: an HTTP router and a schema made from the catalogue.
//!
//! Here lives the wire: names, scalars, arguments, limits, error codes. No SQL, no WASM, no rule and
//! no decision ever live here: every record comes from `garant_service` as a reviewed row. Adding
//! an entity to the catalogue needs no line here.

mod config;
mod error;
mod http;
mod journal;
mod limits;
mod load;
mod metrics;
mod oidc;
mod operation;
mod persisted;
mod rate;
mod router;
mod schema;
mod schemas;
mod variables;

pub use config::{ApiConfig, Subscriptions};
pub use oidc::OidcConfig;
pub use router::{RouterError, Routers, router, routers};
pub use schema::{SchemaError, sdl};
