//! What a guest may use. Every limit is required by type: there is no way to say "unlimited".

use std::time::Duration;

use crate::error::{EngineError, PluginError};

/// The limits of the sandbox. Start from [`Limits::standard`] and change what you must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of a plugin's file.
    pub component_bytes: usize,
    /// Linear memory of one guest.
    pub memory_bytes: usize,
    /// Elements of one table of a guest.
    pub table_elements: usize,
    /// Core instances in one component; one made by `cargo build` has a few, one from Python dozens.
    pub core_instances: u32,
    /// Stack of a guest.
    pub stack_bytes: usize,
    /// Data that one answer may hold, counted as the host would hold it.
    pub output_bytes: usize,
    /// Rules of one plan.
    pub rules: usize,
    /// Time for `plan` and `judge`.
    pub answer_deadline: Duration,
    /// Time for `describe` and `configure`.
    pub setup_deadline: Duration,
    /// How often the deadline is looked at.
    pub tick: Duration,
    /// Threads that run guests, so also guests that run at once.
    pub threads: usize,
    /// Guests of one plugin that run at once.
    pub threads_per_plugin: usize,
    /// Callers that may wait for a thread; the next one is told that we are busy.
    pub queue: usize,
    /// How long a caller waits for a thread before it is told that we are busy.
    pub wait: Duration,
    /// Size of the plan cache, in nodes of conditions.
    pub cached_nodes: u64,
}

impl Limits {
    /// Limits for a small server. One plugin cannot take all threads.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            component_bytes: 32 << 20,
            memory_bytes: 32 << 20,
            table_elements: 20_000,
            core_instances: 64,
            stack_bytes: 512 << 10,
            output_bytes: 4 << 20,
            rules: 2_000,
            answer_deadline: Duration::from_millis(250),
            setup_deadline: Duration::from_secs(2),
            tick: Duration::from_millis(5),
            threads: 4,
            threads_per_plugin: 3,
            queue: 512,
            wait: Duration::from_secs(1),
            cached_nodes: 2_000_000,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), EngineError> {
        let positive = "greater than zero";
        let rules: [(&'static str, bool, &'static str); 9] = [
            ("memory_bytes", self.memory_bytes >= 64 << 10, "at least one page of 64 KiB"),
            ("core_instances", self.core_instances > 0, positive),
            ("stack_bytes", (64 << 10..=8 << 20).contains(&self.stack_bytes), "between 64 KiB and 8 MiB"),
            ("output_bytes", self.output_bytes > 0, positive),
            (
                "tick",
                !self.tick.is_zero() && self.tick <= self.answer_deadline,
                "above zero and at most answer_deadline",
            ),
            ("setup_deadline", !self.setup_deadline.is_zero(), positive),
            ("threads", (1..=1024).contains(&self.threads), "between 1 and 1024"),
            ("threads_per_plugin", (1..=self.threads).contains(&self.threads_per_plugin), "between 1 and threads"),
            ("wait", !self.wait.is_zero(), positive),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((limit, _, rule)) => Err(EngineError::Limit { limit, rule }),
            None => Ok(()),
        }
    }

    /// The deadline in ticks of the epoch. One more than it divides into, since the first tick may
    /// come at once.
    pub(crate) fn ticks(&self, deadline: Duration) -> u64 {
        let ticks = deadline.as_nanos().div_ceil(self.tick.as_nanos());
        u64::try_from(ticks).unwrap_or(u64::MAX - 1).saturating_add(1)
    }
}

/// Growth of one guest. A refused growth ends the guest, so that the reason is known; an allocator
/// that is merely told "no" would crash somewhere else.
#[derive(Debug)]
pub(crate) struct Growth {
    memory_bytes: usize,
    table_elements: usize,
    core_instances: usize,
}

impl Growth {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory_bytes: limits.memory_bytes,
            table_elements: limits.table_elements,
            core_instances: limits.core_instances as usize,
        }
    }
}

/// Thrown through the guest when it grows beyond its limit.
#[derive(Debug, thiserror::Error)]
#[error("the guest's limit of memory or table elements is reached")]
pub(crate) struct GrowthRefused;

impl wasmtime::ResourceLimiter for Growth {
    fn memory_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        grow(desired, maximum, self.memory_bytes)
    }

    fn table_growing(&mut self, _: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        grow(desired, maximum, self.table_elements)
    }

    fn instances(&self) -> usize {
        self.core_instances
    }

    fn tables(&self) -> usize {
        self.core_instances
    }

    fn memories(&self) -> usize {
        MEMORIES as usize
    }
}

/// Linear memories of one component. The limit on memory is per memory, so this one is small.
pub(crate) const MEMORIES: u32 = 2;

fn grow(desired: usize, maximum: Option<usize>, limit: usize) -> wasmtime::Result<bool> {
    if desired > limit {
        return Err(GrowthRefused.into());
    }
    Ok(maximum.is_none_or(|maximum| desired <= maximum))
}

/// Which memory does not fit, before anything is compiled.
pub(crate) fn initial_memory_fits(limits: &Limits, bytes: u64) -> Result<(), PluginError> {
    if bytes > limits.memory_bytes as u64 {
        return Err(PluginError::Memory { limit: limits.memory_bytes });
    }
    Ok(())
}
