//! The log's one writer: it commits whatever lines have gathered while it was busy, together, and only
//! then tells those who wait. No timer: a lone line does not wait for company.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{mpsc, oneshot};

use super::{Chain, LogLine};
use crate::dialect::Dialect;
use crate::error::{DatabaseFailure, StoreError};
use crate::pool::Pool;

/// Lines that may wait; beyond that, those who log wait to be heard.
const WAITING: usize = 4_096;
/// Lines of one commit: sixteen values for each stay well below the limits of both databases.
const GROUP: usize = 512;

/// A handle to the log's writer.
#[derive(Clone, Debug)]
pub struct DecisionLog {
    lines: mpsc::Sender<Message>,
    commits: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
}

/// Told once the line is durable, or why it is not.
type Done = oneshot::Sender<Result<(), StoreError>>;

#[derive(Debug)]
enum Message {
    Line(Box<LogLine>, Done),
    /// Answer when everything before it is written.
    Flush(oneshot::Sender<()>),
}

struct Writer {
    pool: Arc<Pool>,
    dialect: Dialect,
    strict: bool,
    chain: Chain,
    commits: Arc<AtomicU64>,
    written: Arc<AtomicU64>,
}

impl DecisionLog {
    pub(crate) fn start(pool: Arc<Pool>, dialect: Dialect, strict: bool, chain: Chain) -> Self {
        let (lines, inbox) = mpsc::channel(WAITING);
        let (commits, written) = <(Arc<AtomicU64>, Arc<AtomicU64>)>::default();
        let counters = (Arc::clone(&commits), Arc::clone(&written));
        let writer = Writer { pool, dialect, strict, chain, commits: counters.0, written: counters.1 };
        tokio::spawn(writer.run(inbox));
        Self { lines, commits, written }
    }

    /// Appends a line; done when it survives a kill of this process (or a power cut, if the store is
    /// strict). An answer must wait for it.
    ///
    /// # Errors
    ///
    /// When the line could not be written: then nothing may be shown.
    pub async fn append(&self, line: LogLine) -> Result<(), StoreError> {
        let (done, written) = oneshot::channel();
        self.lines.send(Message::Line(Box::new(line), done)).await.map_err(|_| StoreError::LogClosed)?;
        written.await.map_err(|_| StoreError::LogClosed)?
    }

    /// How many groups were committed so far.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// How many lines were in those groups.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Waits until everything appended so far is written.
    pub(crate) async fn close(&self) {
        let (done, flushed) = oneshot::channel();
        if self.lines.send(Message::Flush(done)).await.is_ok() {
            // An error means that the writer has ended, so nothing waits.
            let _ = flushed.await;
        }
    }
}

impl Writer {
    async fn run(mut self, mut inbox: mpsc::Receiver<Message>) {
        let mut messages = Vec::with_capacity(GROUP);
        while inbox.recv_many(&mut messages, GROUP).await > 0 {
            let mut group = Vec::with_capacity(messages.len());
            let mut flushes = Vec::new();
            for message in messages.drain(..) {
                match message {
                    Message::Line(line, done) => group.push((line, done)),
                    Message::Flush(done) => flushes.push(done),
                }
            }
            let outcome = if group.is_empty() { Ok(()) } else { self.commit(&group).await };
            for (_, done) in group {
                // Nobody waits any more if the request was given up; the line is written all the same.
                let _ = done.send(outcome.as_ref().copied().map_err(told));
            }
            for done in flushes {
                let _ = done.send(());
            }
        }
    }

    async fn commit(&mut self, group: &[(Box<LogLine>, Done)]) -> Result<(), StoreError> {
        let mut tenants: BTreeMap<&String, Vec<(&String, &LogLine)>> = BTreeMap::new();
        for (line, _) in group {
            tenants.entry(&line.tenant).or_default().push((&line.tenant, line));
        }
        // Only a commit moves the chain on. If it is not known whether it did, a new chain begins.
        let mut chain = std::mem::replace(&mut self.chain, Chain::new());
        let before = chain.clone();
        let Some(first) = tenants.keys().next() else { return Ok(()) };
        let written = async {
            let mut lease = self.pool.lease(first).await?;
            lease.begin(self.strict).await?;
            for (tenant, lines) in &tenants {
                lease.set_tenant(tenant).await?;
                for statement in chain.append(lines)? {
                    let statement = self.dialect.build(&statement);
                    lease.execute_uncounted(&statement).await.map_err(StoreError::at("writing the decision log"))?;
                }
            }
            Ok(lease)
        };
        let mut lease = match written.await {
            Ok(lease) => lease,
            Err(error) => {
                self.chain = before;
                return Err(error);
            }
        };
        lease.commit().await?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.written.fetch_add(group.len() as u64, Ordering::Relaxed);
        self.chain = chain;
        Ok(())
    }
}

/// The same failure for each of those who waited for the group.
fn told(error: &StoreError) -> StoreError {
    let failure = match error {
        StoreError::Database { failure, .. } => {
            DatabaseFailure { code: failure.code.clone(), message: failure.message.clone() }
        }
        other => DatabaseFailure { code: String::new(), message: other.to_string() },
    };
    StoreError::Database { step: "writing the decision log", failure }
}
