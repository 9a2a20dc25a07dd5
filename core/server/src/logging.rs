//! What the server says of itself, on standard error. No values of records: spans and events carry
//! codes, counts and opaque references.

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Log, LogFormat};

/// Starts the log; a second call changes nothing.
pub fn start(log: &Log) {
    // The level was checked when the configuration was read; a broken one here means silence is worse.
    let filter = EnvFilter::try_new(directives(&log.level)).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.with_target(false).try_init(),
    };
    if started.is_err() {
        tracing::debug!("the log was started before");
    }
}

/// The database driver tells every notice of a migration that finds its tables; that is for who asks.
fn directives(level: &str) -> String {
    if level.contains("sqlx") { level.to_owned() } else { format!("{level},sqlx=warn") }
}
