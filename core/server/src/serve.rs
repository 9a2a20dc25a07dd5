//! Listening and stopping: a stop drains the requests under way, then the log writer, then ends.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::compose::App;
use crate::{jobs, sweeper};

/// Takes the address.
///
/// # Errors
///
/// If it is taken or not ours.
pub async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let taken = || {
        format!(
            "{address} cannot be listened on; another program may have it, so give another with `server.listen`, `server.metrics_listen` or --listen"
        )
    };
    TcpListener::bind(address).await.with_context(taken)
}

/// Answers `/metrics` by the side, until the process ends: a scrape needs no draining.
pub fn serve_metrics(app: &App, listener: TcpListener) {
    let router = app.metrics.clone();
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(error = &error as &dyn std::error::Error, "/metrics is answered no more");
        }
    });
}

/// Answers until the process is told to stop.
///
/// # Errors
///
/// If the listener fails.
pub async fn serve(app: App, listener: TcpListener, drain: Duration) -> anyhow::Result<()> {
    let (stop, mut stopping) = watch::channel(false);
    tokio::spawn(async move {
        stop_signal().await;
        tracing::info!("stopping: finishing the requests under way");
        // Nobody listens any more only if the server has ended by itself.
        let _ = stop.send(true);
    });
    let postman = tokio::spawn(app.postman.run(stopping.clone()));
    let sweeper = tokio::spawn(sweeper::run(Arc::clone(&app.service), app.sweep_minutes, stopping.clone()));
    let jobs = tokio::spawn(jobs::run(Arc::clone(&app.service), app.jobs_at_once, stopping.clone()));
    let mut told = stopping.clone();
    let router = app.router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        let _ = told.wait_for(|stop| *stop).await;
    });
    tokio::select! {
        ended = server.into_future() => ended.context("the server failed")?,
        () = async {
            let _ = stopping.wait_for(|stop| *stop).await;
            tokio::time::sleep(drain).await;
        } => tracing::warn!("some requests did not end in time and were cut off"),
    }
    // Posts under way are finished, or tried again by whoever comes next.
    let _ = tokio::time::timeout(drain, postman).await;
    let _ = tokio::time::timeout(drain, sweeper).await;
    let _ = tokio::time::timeout(drain, jobs).await;
    app.service.store().close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Ctrl-C, or SIGTERM as service managers send it.
async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! { () = interrupt => {}, () = terminate => {} }
}
