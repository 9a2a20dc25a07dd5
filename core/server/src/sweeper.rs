//! Sweeping when it is time to. The database remembers when a sweep was last begun, so several processes
//! share one schedule, and a restart neither skips a sweep nor makes one too many.

use std::sync::Arc;
use std::time::Duration;

use garant_domain::problem::ErrorCode;
use garant_service::Service;
use tokio::sync::watch;

/// How often the schedule is looked at.
const PULSE: Duration = Duration::from_secs(30);
const MINUTE_MICROS: i64 = 60 * 1_000_000;

/// Sweeps every so many minutes until it is told to stop; never for zero. A sweep under way when the process
/// stops is taken up by the next.
pub async fn run(service: Arc<Service>, every_minutes: u32, mut stopping: watch::Receiver<bool>) {
    if every_minutes == 0 {
        return;
    }
    let every = i64::from(every_minutes) * MINUTE_MICROS;
    let mut pulse = tokio::time::interval(PULSE);
    pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            _ = pulse.tick() => {}
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            swept = service.sweep_if_due(every) => match swept {
                Ok(Some(view)) => {
                    let records: u64 = view.counts.iter().filter(|count| !count.observed).map(|count| count.records).sum();
                    tracing::info!(run = view.run.id, records, receipt = view.run.receipt, "swept");
                }
                Ok(None) => {}
                // Another process is at it.
                Err(problem) if problem.code == ErrorCode::Conflict => {}
                Err(problem) => tracing::warn!(%problem, "the sweep did not come to its end"),
            },
        }
    }
}
