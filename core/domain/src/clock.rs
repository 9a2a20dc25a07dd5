//! The one place that reads the clock and makes ids; everything else takes them as arguments.

use std::sync::Arc;

/// Gives the time as microseconds UTC.
pub trait Clock: Send + Sync {
    /// Microseconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> i64;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one clock")]
    fn now(&self) -> i64 {
        chrono::Utc::now().timestamp_micros()
    }
}

/// A clock that stands where it was put, for tests and for a demo frozen in time.
#[derive(Debug)]
pub struct FixedClock(std::sync::atomic::AtomicI64);

impl FixedClock {
    /// A clock at an instant.
    #[must_use]
    pub fn at(micros: i64) -> Self {
        Self(micros.into())
    }

    /// Moves it.
    pub fn set(&self, micros: i64) {
        self.0.store(micros, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> i64 {
        self.0.load(std::sync::atomic::Ordering::SeqCst)
    }
}

/// A clock shared by all parts of a server.
pub type SharedClock = Arc<dyn Clock>;

/// A fresh, time-ordered record id.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one source of ids")]
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
