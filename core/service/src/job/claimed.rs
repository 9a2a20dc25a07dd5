//! A job in the hands of whoever runs it: its key, what it was asked, and the step by which it commits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::value::Value;
use garant_store::{Job, JobStep, WriteTx};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::view::JobProgress;
use crate::error::store_problem;
use crate::import::Place;
use crate::seal::Sealer;
use crate::service::Service;
use crate::vault::{SubjectKey, Vault};

/// How long a job is left to whoever claimed it without a sign of life.
pub(super) const LEASE_MICROS: i64 = 30 * 1_000_000;

/// Seals what one job holds.
pub(crate) struct JobKey {
    key: SubjectKey,
    tenant: String,
    id: String,
}

impl JobKey {
    /// A key with its wrapped form.
    pub fn fresh(vault: &Vault, tenant: &str, id: &str) -> Result<(Self, String), Problem> {
        let (key, wrapped) = vault.fresh(tenant, &subject(id)).ok_or_else(unusable)?;
        Ok((Self { key, tenant: tenant.to_owned(), id: id.to_owned() }, wrapped))
    }

    /// The key of a job.
    pub fn of(vault: &Vault, tenant: &str, job: &Job) -> Result<Self, Problem> {
        let key = vault.unwrap(tenant, &subject(&job.id), &job.wrapped).ok_or_else(unusable)?;
        Ok(Self { key, tenant: tenant.to_owned(), id: job.id.clone() })
    }

    /// Seals bytes for their place.
    pub fn seal(&self, part: &str, seq: i64, plain: &[u8]) -> Result<String, Problem> {
        self.key.seal(&[&self.tenant, &self.id, part, &seq.to_string()], plain).ok_or_else(unusable)
    }

    /// Opens what was sealed for the place.
    pub fn open(&self, part: &str, seq: i64, sealed: &str) -> Result<Vec<u8>, Problem> {
        self.key.open(&[&self.tenant, &self.id, part, &seq.to_string()], sealed).ok_or_else(unusable)
    }

    /// Seals a value for its place.
    pub fn seal_json(&self, part: &str, seq: i64, value: &impl Serialize) -> Result<String, Problem> {
        let plain = serde_json::to_vec(value).map_err(|_| unusable())?;
        self.seal(part, seq, &plain)
    }

    /// Opens a value.
    pub fn open_json<T: DeserializeOwned>(&self, part: &str, seq: i64, sealed: &str) -> Result<T, Problem> {
        serde_json::from_slice(&self.open(part, seq, sealed)?).map_err(|_| unusable())
    }
}

/// Whose key it is, among the keys of people.
fn subject(job: &str) -> String {
    format!("job:{job}")
}

fn unusable() -> Problem {
    Problem::new(ErrorCode::Internal, "what a job holds cannot be sealed or opened")
}

/// How far an import is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ImportPosition {
    /// Column names.
    pub header: Vec<String>,
    /// Where the next row begins.
    pub place: Place,
    /// Pieces of rejects so far.
    pub rejects: i64,
}

/// How far an export is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ExportPosition {
    /// The last record's place in the list.
    pub after: Option<Vec<Value>>,
    /// Records so far.
    pub rows: u64,
    /// Pieces of the file so far.
    pub parts: i64,
    /// Whether the list has ended.
    pub ended: bool,
}

/// Why a run ended before the job did.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It was cancelled, or another process has taken it over: nothing of this batch was kept.
    Lost,
    /// This process stops; the next one goes on.
    Stopping,
    /// What is wrong, and up to which line of the file nothing more was done.
    Problem(Problem, Option<u64>),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem, None)
    }
}

/// A job that was claimed.
pub struct Claimed {
    pub(crate) job: Job,
    pub(crate) key: JobKey,
    pub(crate) asked: Asked,
    pub(super) tenant: String,
    pub(super) service: Arc<Service>,
    /// Whether somebody waits for its end: then a problem is told at once instead of tried again.
    pub(super) awaited: bool,
    pub(super) stopping: Arc<AtomicBool>,
}

impl Claimed {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.job.id
    }

    /// Set when the process stops: the job is left after its batch, for the next process.
    #[must_use]
    pub fn stopping_with(self, stopping: &Arc<AtomicBool>) -> Self {
        Self { stopping: Arc::clone(stopping), ..self }
    }

    /// A keyed hash of a key that the file names.
    pub(crate) fn digest(&self, sealer: &Sealer, what: &str, key: &str) -> String {
        sealer.key_reference(&self.tenant, &format!("job:{}", self.job.id), what, key)
    }

    /// Adds a piece to what the job holds.
    pub(crate) async fn put_part(&self, tx: &mut WriteTx, part: &str, seq: i64, plain: &[u8]) -> Result<(), Problem> {
        let sealed = self.key.seal(part, seq, plain)?;
        tx.put_job_part(&self.job.id, part, seq, &sealed).await.map_err(store_problem)
    }

    /// A piece of what the job holds.
    pub(super) async fn part(&self, part: &str, seq: i64) -> Result<Option<Vec<u8>>, Problem> {
        let sealed = self.service.store.job_part(&self.tenant, &self.job.id, part, seq).await;
        sealed.map_err(store_problem)?.map(|sealed| self.key.open(part, seq, &sealed)).transpose()
    }

    /// Notes how far the job is, in the transaction of what it did.
    pub(crate) async fn step(
        &self,
        tx: &mut WriteTx,
        position: &impl Serialize,
        progress: &JobProgress,
    ) -> Result<(), Stop> {
        let now = self.service.clock.now();
        let position = self.key.seal_json("position", 0, position)?;
        let step = JobStep {
            id: &self.job.id,
            fence: self.job.fence,
            position: &position,
            progress: &progress.json(),
            until: now.saturating_add(LEASE_MICROS),
            expires_at: self.service.job_expiry(now),
        };
        if tx.step_job(&step).await.map_err(store_problem)? { Ok(()) } else { Err(Stop::Lost) }
    }

    /// Where it stands; nothing before it began.
    pub(super) fn position<T: DeserializeOwned>(&self) -> Result<Option<T>, Problem> {
        self.job.position.as_deref().map(|sealed| self.key.open_json("position", 0, sealed)).transpose()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}
