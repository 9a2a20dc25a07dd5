//! `garant serve`.

use std::sync::Arc;
use std::time::Duration;

use garant_domain::clock::SystemClock;

use crate::cli::Place;
use crate::{compose, logging, serve};

pub(super) async fn run(args: &Place) -> anyhow::Result<()> {
    let config = super::load(args)?;
    logging::start(&config.log);
    let listener = serve::bind(config.server.listen).await?;
    let metrics = match config.server.metrics_listen {
        Some(address) => Some(serve::bind(address).await?),
        None => None,
    };
    let app = compose(&config, Arc::new(SystemClock)).await?;
    if let Some(listener) = metrics {
        tracing::info!(address = %listener.local_addr()?, "answering /metrics");
        serve::serve_metrics(&app, listener);
    }
    tracing::info!(address = %listener.local_addr()?, tenant = config.tenant.id, "listening");
    serve::serve(app, listener, Duration::from_millis(config.server.shutdown_timeout_ms)).await
}
