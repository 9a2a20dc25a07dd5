//! What the service has done since it started, as numbers for the operator. Nothing here tells of a
//! person, an actor or a tenant.

use crate::service::Service;

/// Numbers since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Plans answered from the cache.
    pub plan_hits: u64,
    /// Plans that a plugin had to make.
    pub plan_misses: u64,
    /// Plans in the cache now.
    pub cached_plans: u64,
    /// Calls of plugins.
    pub guest_calls: u64,
    /// Instances of plugins that hold memory now.
    pub guests_running: u64,
    /// Calls of plugins that gave no decision, by code.
    pub guest_failures: Vec<(&'static str, u64)>,
    /// Group commits of the decision log.
    pub log_commits: u64,
    /// Lines in those commits.
    pub log_lines: u64,
    /// Subscriptions that are followed now.
    pub subscriptions: u64,
}

impl Service {
    /// The numbers of now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let engine = self.engine.stats();
        let log = self.store.log();
        Counters {
            plan_hits: engine.plan_hits,
            plan_misses: engine.plan_misses,
            cached_plans: engine.cached_plans,
            guest_calls: engine.calls,
            guests_running: engine.running,
            guest_failures: self.engine.failures(),
            log_commits: log.commits(),
            log_lines: log.lines(),
            subscriptions: self.watches() as u64,
        }
    }
}
