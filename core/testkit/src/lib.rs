//! For tests only: a whole server with the real router, the shipped plugins in the real sandbox, a
//! real database, a clock that tests set, actors as values with verbs, and guests from text.

mod actor;
mod answer;
mod app;
mod database;
mod example;
pub mod guest;
mod socket;

pub use actor::Actor;
pub use answer::Answer;
pub use app::{START, Setup, TENANT, TestApp, author, engine, instant, signed};
pub use database::{Backend, TestDatabase};
pub use example::example_plugin;
pub use garant_api::{ApiConfig, OidcConfig};
pub use garant_service::PeopleConfig;
pub use socket::{Heard, Socket, listen};

/// Runs a test on SQLite and, where one is reachable, on PostgreSQL.
///
/// In CI a missing PostgreSQL fails the test; elsewhere it is skipped, loudly.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "each test uses what it needs of its module")]
            use super::*;

            async fn scenario($app: $crate::TestApp) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                scenario($crate::TestApp::start($crate::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                if $crate::TestDatabase::postgres_or_skip(stringify!($name)).await {
                    scenario($crate::TestApp::start($crate::Backend::Postgres).await).await;
                }
            }
        }
    )*};
}
