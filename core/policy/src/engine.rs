//! The engine: wasmtime, its ticker, the threads and the caches, built together or not at all.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::cache::PlanCache;
use crate::error::{EngineError, PluginError};
use crate::limits::{Limits, MEMORIES};
use crate::load::Compiled;
use crate::pool::Pool;
use crate::ticker::Ticker;

/// Compiled components kept in memory. A server has a handful; the bound is for a DPO who tries
/// out many.
const COMPILED: u64 = 64;

/// The sandbox. One per process; dropping it waits for the guests that run.
#[derive(Debug)]
pub struct Engine {
    // The pool goes first: its guests need the ticker to end.
    pool: Pool,
    _ticker: Ticker,
    wasm: wasmtime::Engine,
    limits: Arc<Limits>,
    loading: Arc<Semaphore>,
    compiled: moka::sync::Cache<String, Arc<Compiled>>,
    plans: PlanCache,
    calls: AtomicU64,
    failures: Mutex<BTreeMap<&'static str, u64>>,
}

/// What the sandbox has done since it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineStats {
    /// Plans answered from the cache.
    pub plan_hits: u64,
    /// Plans that a guest had to make.
    pub plan_misses: u64,
    /// Plans in the cache now.
    pub cached_plans: u64,
    /// Guests started, for whatever hook.
    pub calls: u64,
    /// Guests that hold memory now.
    pub running: u64,
}

impl Engine {
    /// Builds the sandbox, with its ticker and its threads.
    ///
    /// # Errors
    /// A limit that makes no sense, a machine that cannot give the memory or the threads.
    pub fn new(limits: Limits) -> Result<Arc<Self>, EngineError> {
        limits.validate()?;
        let wasm = wasmtime::Engine::new(&config(&limits)).map_err(EngineError::Wasmtime)?;
        let ticker = Ticker::start(&wasm, limits.tick)?;
        let pool = Pool::start(&limits)?;
        Ok(Arc::new(Self {
            pool,
            _ticker: ticker,
            wasm,
            loading: Arc::new(Semaphore::new(1.max(limits.threads / 2))),
            compiled: moka::sync::Cache::new(COMPILED),
            plans: PlanCache::new(limits.cached_nodes),
            limits: Arc::new(limits),
            calls: AtomicU64::new(0),
            failures: Mutex::default(),
        }))
    }

    /// The limits that hold.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Counters since the start.
    #[must_use]
    pub fn stats(&self) -> EngineStats {
        let (plan_hits, plan_misses) = self.plans.counts();
        let running = self.wasm.pooling_allocator_metrics().map_or(0, |pool| pool.component_instances());
        let cached_plans = self.plans.len();
        EngineStats { plan_hits, plan_misses, cached_plans, calls: self.calls.load(Ordering::Relaxed), running }
    }

    /// Calls of plugins that gave no decision since the start, by code.
    #[must_use]
    pub fn failures(&self) -> Vec<(&'static str, u64)> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.iter().map(|(code, count)| (*code, *count)).collect()
    }

    /// Counts a failure.
    pub(crate) fn failed<T>(&self, result: Result<T, PluginError>) -> Result<T, PluginError> {
        if let Err(error) = &result {
            *self.failures.lock().unwrap_or_else(PoisonError::into_inner).entry(error.code()).or_default() += 1;
        }
        result
    }

    pub(crate) fn plans(&self) -> &PlanCache {
        &self.plans
    }

    pub(crate) fn wasm(&self) -> &wasmtime::Engine {
        &self.wasm
    }

    pub(crate) fn shared_limits(&self) -> Arc<Limits> {
        Arc::clone(&self.limits)
    }

    pub(crate) fn compiled(&self) -> &moka::sync::Cache<String, Arc<Compiled>> {
        &self.compiled
    }

    /// Runs a guest.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        own: &Arc<Semaphore>,
        job: impl FnOnce() -> Result<T, PluginError> + Send + 'static,
    ) -> Result<T, PluginError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.failed(self.pool.run(own, self.limits.wait, job).await)
    }

    /// Compiles, on the same threads: it is work for one core, and half of them stay free of it.
    /// Compiling takes longer than a guest, so whoever waits for it is more patient.
    pub(crate) async fn run_load<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> Result<T, PluginError> + Send + 'static,
    ) -> Result<T, PluginError> {
        let wait = self.limits.wait + 10 * self.limits.setup_deadline;
        self.failed(self.pool.run(&self.loading, wait, job).await)
    }
}

fn config(limits: &Limits) -> Config {
    let guests = u32::try_from(limits.threads).unwrap_or(u32::MAX);
    let instances = guests.saturating_mul(limits.core_instances);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(guests)
        .total_core_instances(instances)
        .total_memories(guests.saturating_mul(MEMORIES))
        .total_tables(instances)
        .max_core_instances_per_component(limits.core_instances)
        .max_memories_per_component(MEMORIES)
        .max_tables_per_component(limits.core_instances)
        .max_memories_per_module(1)
        .max_tables_per_module(8)
        .max_memory_size(limits.memory_bytes)
        .table_elements(limits.table_elements)
        // Resetting a little memory by hand is quicker than asking the kernel to. Where the kernel can say
        // which pages were touched (Linux 6.7), these alone are reset, so that more may be kept.
        .pagemap_scan(Enabled::Auto)
        .linear_memory_keep_resident(if PoolingAllocationConfig::is_pagemap_scan_available() {
            2 << 20
        } else {
            256 << 10
        })
        .table_keep_resident(16 << 10);

    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .memory_init_cow(true)
        .epoch_interruption(true)
        .max_wasm_stack(limits.stack_bytes)
        .concurrency_support(false)
        // Traps are told by name; where inside a guest they happened helps nobody here.
        .wasm_backtrace_max_frames(None)
        // Same input, same answer, on every machine.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        // Proposals that no guest needs. Threads, exceptions and stack switching are not even
        // compiled into this build.
        .wasm_memory64(false)
        .wasm_multi_memory(false)
        .wasm_tail_call(false)
        .wasm_gc(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false)
        .shared_memory(false);
    config
}
