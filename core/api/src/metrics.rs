//! `/metrics`, in Prometheus' text format. For the operator, on an address of its own: it is not
//! behind a token, so it is never part of the public router.
//!
//! A label holds a stable code and nothing else: no tenant, actor, purpose, record or query is ever
//! counted apart.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::{Response, Value};
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use garant_domain::problem::ErrorCode;
use garant_service::{Counters, Service};

use crate::rate::Rates;

/// Upper bounds of the buckets of durations, in milliseconds.
const BUCKETS_MS: [u64; 13] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];

/// What the format is called.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Requests answered so far.
#[derive(Debug, Default)]
pub struct Requests {
    /// By the code of the first error, `OK` without one.
    by_code: Mutex<BTreeMap<String, u64>>,
    /// Per bucket, not yet cumulated; the last one has no bound.
    buckets: [AtomicU64; BUCKETS_MS.len() + 1],
    micros: AtomicU64,
}

impl Requests {
    pub(crate) fn note(&self, code: &str, took: Duration) {
        let mut by_code = self.by_code.lock().unwrap_or_else(PoisonError::into_inner);
        match by_code.get_mut(code) {
            Some(count) => *count += 1,
            None => {
                by_code.insert(code.to_owned(), 1);
            }
        }
        drop(by_code);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS_MS.iter().position(|bound| micros <= bound * 1_000).unwrap_or(BUCKETS_MS.len());
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

/// The code that an answer is counted under.
pub(crate) fn code_of(response: &Response) -> String {
    let Some(error) = response.errors.first() else { return "OK".to_owned() };
    match error.extensions.as_ref().and_then(|extensions| extensions.get("code")) {
        Some(Value::String(code)) => code.clone(),
        _ => code_name(ErrorCode::Internal),
    }
}

/// A code as it travels.
pub(crate) fn code_name(code: ErrorCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(name)) => name,
        _ => "INTERNAL".to_owned(),
    }
}

/// What `/metrics` reads.
struct Source {
    service: Arc<Service>,
    requests: Arc<Requests>,
    rates: Arc<Rates>,
}

/// The operator's router.
pub(crate) fn router(service: Arc<Service>, requests: Arc<Requests>, rates: Arc<Rates>) -> Router {
    Router::new().route("/metrics", get(metrics)).with_state(Arc::new(Source { service, requests, rates }))
}

async fn metrics(State(source): State<Arc<Source>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, FORMAT)], text(&source.service.counters(), &source.requests, source.rates.refused()))
}

fn text<'a>(counters: &Counters, requests: &Requests, refused: impl Iterator<Item = (&'a str, u64)>) -> String {
    let mut page = Page::default();
    let by_code = requests.by_code.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let by_code = by_code.iter().map(|(code, count)| (code.as_str(), *count));
    let help = "GraphQL requests answered, by the code of their first error.";
    page.counts("garant_requests_total", help, "code", by_code);
    let help = "Requests on any path refused because their caller sent too many, by what the caller is.";
    page.counts("garant_rate_limited_total", help, "caller", refused);
    page.durations("garant_request_duration_seconds", "Time from a read body to a made answer.", requests);
    page.counter("garant_plan_cache_hits_total", "Plans answered from the cache.", counters.plan_hits);
    page.counter("garant_plan_cache_misses_total", "Plans that a plugin had to make.", counters.plan_misses);
    page.gauge("garant_plan_cache_plans", "Plans in the cache.", counters.cached_plans);
    page.counter("garant_guest_calls_total", "Calls of plugins, each with a fresh instance.", counters.guest_calls);
    page.gauge("garant_guests_running", "Instances of plugins that hold memory now.", counters.guests_running);
    let failures = counters.guest_failures.iter().copied();
    page.counts("garant_guest_failures_total", "Calls of plugins that gave no decision, by code.", "code", failures);
    page.counter("garant_log_commits_total", "Group commits of the decision log.", counters.log_commits);
    page.counter("garant_log_lines_total", "Lines of the decision log in those commits.", counters.log_lines);
    page.gauge("garant_subscriptions", "Subscriptions that are followed now.", counters.subscriptions);
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, help: &str, kind: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "counter");
        let _ = writeln!(self.0, "{name} {value}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "gauge");
        let _ = writeln!(self.0, "{name} {value}");
    }

    /// Labels are letters and underscores of ours, so nothing needs escaping.
    fn counts<'a>(&mut self, name: &str, help: &str, label: &str, counts: impl Iterator<Item = (&'a str, u64)>) {
        self.head(name, help, "counter");
        for (value, count) in counts {
            let _ = writeln!(self.0, "{name}{{{label}=\"{value}\"}} {count}");
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "seconds since the start, for a graph")]
    fn durations(&mut self, name: &str, help: &str, requests: &Requests) {
        self.head(name, help, "histogram");
        let mut below = 0;
        for (bucket, bound) in requests.buckets.iter().zip(BUCKETS_MS) {
            below += bucket.load(Ordering::Relaxed);
            let _ = writeln!(self.0, "{name}_bucket{{le=\"{}\"}} {below}", bound as f64 / 1e3);
        }
        let all = below + requests.buckets[BUCKETS_MS.len()].load(Ordering::Relaxed);
        let seconds = requests.micros.load(Ordering::Relaxed) as f64 / 1e6;
        let _ = writeln!(self.0, "{name}_bucket{{le=\"+Inf\"}} {all}\n{name}_sum {seconds}\n{name}_count {all}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_what_a_scraper_reads() {
        let requests = Requests::default();
        requests.note("OK", Duration::from_micros(900));
        requests.note("OK", Duration::from_millis(7));
        requests.note("POLICY_REFUSED", Duration::from_secs(60));
        let counters = Counters { plan_hits: 3, guest_failures: vec![("DEADLINE", 2)], ..Counters::default() };
        let page = text(&counters, &requests, [("key", 4)].into_iter());
        for line in [
            "# TYPE garant_requests_total counter",
            "garant_requests_total{code=\"OK\"} 2",
            "garant_requests_total{code=\"POLICY_REFUSED\"} 1",
            "garant_rate_limited_total{caller=\"key\"} 4",
            "garant_request_duration_seconds_bucket{le=\"0.001\"} 1",
            "garant_request_duration_seconds_bucket{le=\"0.005\"} 1",
            "garant_request_duration_seconds_bucket{le=\"0.01\"} 2",
            "garant_request_duration_seconds_bucket{le=\"10\"} 2",
            "garant_request_duration_seconds_bucket{le=\"+Inf\"} 3",
            "garant_request_duration_seconds_sum 60.0079",
            "garant_request_duration_seconds_count 3",
            "garant_plan_cache_hits_total 3",
            "garant_guest_failures_total{code=\"DEADLINE\"} 2",
        ] {
            assert!(page.lines().any(|found| found == line), "{line} is not in\n{page}");
        }
    }
}
