//! One call of one guest. The only file that makes a `Store`: fresh for each call, with every
//! limit set, dropped with its guest after it.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap};

use crate::bindings::{Policy, PolicyPre, host, types};
use crate::error::{PluginError, cut};
use crate::limits::{Growth, GrowthRefused, Limits};

/// Log lines of one call that are written; the rest is counted.
const LOG_LINES: usize = 20;
/// Characters of a log line that are written.
const LOG_CHARS: usize = 500;

/// A compiled plugin, ready to be started.
#[derive(Clone)]
pub(crate) struct Sandbox {
    pre: PolicyPre<Guest>,
    limits: Arc<Limits>,
    /// For the log: the first digits of the digest.
    name: String,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether a guest's words may reach the log. In `judge` it holds values of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Log {
    Open,
    Closed,
}

/// The state behind one guest.
pub(crate) struct Guest {
    growth: Growth,
    log: Log,
    lines: usize,
    name: String,
}

impl Sandbox {
    /// Links a component to the host. Nothing but the contract's `host` is offered.
    pub(crate) fn link(component: &Component, limits: Arc<Limits>, digest: &str) -> Result<Self, PluginError> {
        let mut linker = Linker::new(component.engine());
        Policy::add_to_linker::<_, HasSelf<Guest>>(&mut linker, |guest| guest)
            .map_err(|error| PluginError::Host { detail: error.to_string() })?;
        let pre = linker.instantiate_pre(component).and_then(PolicyPre::new).map_err(other_contract)?;
        Ok(Self { pre, limits, name: digest.chars().take(12).collect() })
    }

    /// Starts a fresh guest, calls it and drops it.
    pub(crate) fn call<T>(
        &self,
        deadline: Duration,
        log: Log,
        call: impl FnOnce(&Policy, &mut Store<Guest>) -> wasmtime::Result<T>,
    ) -> Result<T, PluginError> {
        let guest = Guest { growth: Growth::new(&self.limits), log, lines: 0, name: self.name.clone() };
        #[expect(clippy::disallowed_methods, reason = "the one place where guests are started")]
        let mut store = Store::new(self.pre.engine(), guest);
        store.limiter(|guest| &mut guest.growth);
        store.set_epoch_deadline(self.limits.ticks(deadline));
        store.epoch_deadline_trap();
        store.set_hostcall_fuel(self.limits.output_bytes);
        let policy = self
            .pre
            .instantiate(&mut store)
            .map_err(|error| self.known(&error, deadline).unwrap_or_else(|| other_contract(error)))?;
        let result = call(&policy, &mut store);
        let dropped = store.data().lines.saturating_sub(LOG_LINES);
        if dropped > 0 {
            tracing::warn!(plugin = %self.name, dropped, "a plugin logged too much");
        }
        result.map_err(|error| self.known(&error, deadline).unwrap_or_else(|| self.malformed(&error)))
    }

    /// The failures that have a type.
    fn known(&self, error: &wasmtime::Error, deadline: Duration) -> Option<PluginError> {
        if error.is::<GrowthRefused>() {
            return Some(PluginError::Memory { limit: self.limits.memory_bytes });
        }
        if error.is::<PoolConcurrencyLimitError>() {
            return Some(PluginError::Busy);
        }
        Some(match error.downcast_ref::<Trap>()? {
            Trap::Interrupt => {
                PluginError::Deadline { limit_ms: u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX) }
            }
            Trap::StackOverflow => PluginError::Stack { limit: self.limits.stack_bytes },
            trap => PluginError::Trap { detail: trap.to_string() },
        })
    }

    /// What is left once traps are known: the answer could not be read. wasmtime gives the case of
    /// too much data no public type, so its words are all there is to tell it by; a test holds them.
    fn malformed(&self, error: &wasmtime::Error) -> PluginError {
        let detail = error.root_cause().to_string();
        if detail.contains("fuel allocated for hostcalls has been exhausted") {
            return PluginError::OutputTooLarge { limit: self.limits.output_bytes };
        }
        PluginError::BadOutput { detail: cut(&detail, 200) }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function of the error in map_err")]
fn other_contract(error: wasmtime::Error) -> PluginError {
    PluginError::AbiVersion { found: cut(&format!("{error:#}"), 300) }
}

impl types::Host for Guest {}

impl host::Host for Guest {
    fn log(&mut self, level: host::Level, message: String) {
        self.lines += 1;
        if self.lines > LOG_LINES || self.log == Log::Closed {
            return;
        }
        let (plugin, message) = (&self.name, cut(&message, LOG_CHARS));
        // Quoted, so that a guest cannot forge lines or colours.
        match level {
            host::Level::Debug => tracing::debug!(%plugin, ?message, "plugin"),
            host::Level::Info => tracing::info!(%plugin, ?message, "plugin"),
            host::Level::Warn => tracing::warn!(%plugin, ?message, "plugin"),
            host::Level::Error => tracing::error!(%plugin, ?message, "plugin"),
        }
    }
}
