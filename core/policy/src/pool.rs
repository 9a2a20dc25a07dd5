//! The threads that run guests: a fixed number of our own, with a bounded queue in front, so that
//! a slow plugin can neither take the server's executor nor all of the sandbox.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::error::{EngineError, PluginError};
use crate::limits::Limits;

type Job = Box<dyn FnOnce() + Send>;

/// The pool. Its threads end when it is dropped, after the guests that run.
#[derive(Debug)]
pub(crate) struct Pool {
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
}

impl Pool {
    pub(crate) fn start(limits: &Limits) -> Result<Self, EngineError> {
        // The places admit no more jobs than there are threads, so a send never blocks.
        let (jobs, receiver) = bounded::<Job>(limits.threads);
        let mut threads = Vec::with_capacity(limits.threads);
        for index in 0..limits.threads {
            let receiver = receiver.clone();
            let thread = std::thread::Builder::new()
                .name(format!("policy-{index}"))
                // The host converts and type-checks the answer on the same stack.
                .stack_size(limits.stack_bytes + (2 << 20))
                .spawn(move || work(&receiver))
                .map_err(EngineError::Thread)?;
            threads.push(thread);
        }
        Ok(Self {
            jobs: Some(jobs),
            threads,
            places: Arc::new(Semaphore::new(limits.threads)),
            waiting: AtomicUsize::new(0),
            queue: limits.queue,
        })
    }

    /// Runs a job on a thread of the pool, once `own` (the plugin's permits) and the pool have a
    /// place for it. A caller that goes away leaves the job running to its deadline, with its
    /// places taken: they are truly in use.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        own: &Arc<Semaphore>,
        wait: Duration,
        job: impl FnOnce() -> Result<T, PluginError> + Send + 'static,
    ) -> Result<T, PluginError> {
        let permits = self.admit(own, wait).await?;
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move || {
            let result = catch_unwind(AssertUnwindSafe(job));
            drop(permits);
            let result = result.unwrap_or_else(|_| Err(host("a thread of the sandbox panicked")));
            // The caller may have gone away.
            let _ = answer.send(result);
        });
        let jobs = self.jobs.as_ref().ok_or_else(|| host("the sandbox is closing"))?;
        jobs.try_send(job).map_err(|_| host("the threads of the sandbox are gone"))?;
        answered.await.map_err(|_| host("a thread of the sandbox was lost"))?
    }

    async fn admit(&self, own: &Arc<Semaphore>, wait: Duration) -> Result<[OwnedSemaphorePermit; 2], PluginError> {
        if let (Ok(own), Ok(place)) =
            (Arc::clone(own).try_acquire_owned(), Arc::clone(&self.places).try_acquire_owned())
        {
            return Ok([own, place]);
        }
        let _waiting = Waiting::join(&self.waiting, self.queue)?;
        let both = async {
            // The plugin's permit first: whoever waits for a greedy plugin holds no place of others.
            let own = Arc::clone(own).acquire_owned().await.ok()?;
            let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
            Some([own, place])
        };
        match tokio::time::timeout(wait, both).await {
            Ok(Some(permits)) => Ok(permits),
            Ok(None) => Err(host("the sandbox is closing")),
            Err(_) => Err(PluginError::Busy),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.jobs.take();
        for thread in self.threads.drain(..) {
            // Jobs catch their panics, so there is nothing to learn from a failed join.
            let _ = thread.join();
        }
    }
}

/// One caller in the queue; it leaves when dropped, also when its future is.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn join(waiting: &'a AtomicUsize, queue: usize) -> Result<Self, PluginError> {
        let place = Self(waiting);
        if waiting.fetch_add(1, Ordering::Relaxed) >= queue {
            return Err(PluginError::Busy);
        }
        Ok(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn work(jobs: &Receiver<Job>) {
    for job in jobs {
        job();
    }
}

fn host(detail: &str) -> PluginError {
    PluginError::Host { detail: detail.to_owned() }
}
