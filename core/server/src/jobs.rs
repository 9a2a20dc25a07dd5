//! Running jobs by the side of the server: a worker of `apalis` pulls what the service has claimed, so many at
//! once, and lets those under way come to the end of their batch when the server stops. Whose a job is, its
//! lease and its fence are rows beside the records, so that they commit with them; several servers share them.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use apalis_core::error::WorkerError;
use apalis_core::worker::builder::WorkerBuilder;
use futures::stream::{self, BoxStream, StreamExt as _};
use garant_service::{Claimed, Service};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// How often a job is looked for where there was none.
const PULSE: Duration = Duration::from_secs(1);
/// How often jobs past their days are destroyed.
const EXPIRY: Duration = Duration::from_secs(300);

/// A job and its place among those that run at once.
struct Work {
    claimed: Claimed,
    place: OwnedSemaphorePermit,
}

/// Runs jobs until it is told to stop.
pub async fn run(service: Arc<Service>, at_once: usize, stopping: watch::Receiver<bool>) {
    let expiry = tokio::spawn(expire(Arc::clone(&service)));
    let stop = Arc::new(AtomicBool::new(false));
    while !*stopping.borrow() {
        let backend = claims(Arc::clone(&service), at_once);
        let (service, told) = (Arc::clone(&service), Arc::clone(&stop));
        let worker = WorkerBuilder::new("jobs").backend(backend).build(move |work: Work| {
            let (service, stop) = (Arc::clone(&service), Arc::clone(&told));
            async move { one(service, work, &stop).await }
        });
        let (mut signal, stop) = (stopping.clone(), Arc::clone(&stop));
        let ended = worker.run_until(async move {
            // A server that is gone stops nothing any more.
            let _ = signal.wait_for(|stop| *stop).await;
            stop.store(true, Ordering::Relaxed);
            Ok::<_, WorkerError>(())
        });
        if let Err(error) = ended.await {
            tracing::error!(error = &error as &dyn std::error::Error, "the worker of jobs ended, and begins anew");
            tokio::time::sleep(PULSE).await;
        }
    }
    expiry.abort();
}

/// What is claimed, whenever there is a place for it.
fn claims(service: Arc<Service>, at_once: usize) -> BoxStream<'static, Result<Work, Infallible>> {
    let places = Arc::new(Semaphore::new(at_once));
    stream::unfold((service, places), async |(service, places)| {
        loop {
            let place = Arc::clone(&places).acquire_owned().await.ok()?;
            match service.claim_job().await {
                Ok(Some(claimed)) => return Some((Ok(Work { claimed, place }), (service, places))),
                Ok(None) => {}
                Err(problem) => tracing::warn!(%problem, "no job could be claimed"),
            }
            drop(place);
            tokio::time::sleep(PULSE).await;
        }
    })
    .boxed()
}

/// Runs one job as a task of its own, so that a panic ends nothing else.
async fn one(service: Arc<Service>, work: Work, stop: &Arc<AtomicBool>) {
    let Work { claimed, place } = work;
    let (id, claimed) = (claimed.id().to_owned(), claimed.stopping_with(stop));
    match tokio::spawn(async move { service.run_job(claimed).await }).await {
        Ok(Ok(())) => {}
        Ok(Err(problem)) => tracing::warn!(job = id, %problem, "how a job ended was not noted"),
        Err(error) => tracing::error!(job = id, error = &error as &dyn std::error::Error, "a job panicked"),
    }
    drop(place);
}

async fn expire(service: Arc<Service>) {
    let mut pulse = tokio::time::interval(EXPIRY);
    pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        pulse.tick().await;
        match service.expire_jobs().await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "jobs past their days are destroyed"),
            Err(problem) => tracing::warn!(%problem, "jobs past their days could not be destroyed"),
        }
    }
}
