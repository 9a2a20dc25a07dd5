//! The clock of the epochs. It starts and stops with the engine, so a deadline always comes.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::error::EngineError;

/// A thread that moves the engine's epoch on until it is dropped.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    pub(crate) fn start(engine: &wasmtime::Engine, tick: Duration) -> Result<Self, EngineError> {
        let (stop, stopped) = channel::<()>();
        let engine = engine.clone();
        let thread = std::thread::Builder::new()
            .name("policy-ticker".to_owned())
            .spawn(move || {
                while stopped.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                    engine.increment_epoch();
                }
            })
            .map_err(EngineError::Thread)?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            // A ticker that panicked has nothing left to stop.
            let _ = thread.join();
        }
    }
}
