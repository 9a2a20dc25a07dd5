//! A job as its owner is shown it: where it stands, counts and what stopped it; never what it holds.

use garant_domain::problem::Problem;
use garant_store::{Job, JobState};
use serde::{Deserialize, Serialize};

/// Counts of a job; what does not concern its kind stays 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobProgress {
    /// Rows read from the file, or records written into it.
    pub read: u64,
    /// New records.
    pub created: u64,
    /// Known records that changed.
    pub updated: u64,
    /// Known records that did not.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub rejected: u64,
    /// New records that look like one that was there.
    pub duplicates: u64,
    /// Records made because a row refers to them and they were missing, and that no row completed.
    pub references: u64,
    /// Bytes read, or written.
    pub bytes: u64,
    /// Bytes of the file that came in.
    pub total_bytes: u64,
}

impl JobProgress {
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What stopped a job, as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Stopped {
    pub problem: Problem,
    pub line: Option<u64>,
}

impl Stopped {
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A job.
#[derive(Clone, Debug)]
pub struct JobView {
    /// Id.
    pub id: String,
    /// `import` or `export`.
    pub kind: String,
    /// Entity name.
    pub entity: String,
    /// Opaque id of whose it is.
    pub owner: String,
    /// Where it stands.
    pub state: JobState,
    /// How far it is.
    pub progress: JobProgress,
    /// What stopped it, or why it is tried again.
    pub problem: Option<Problem>,
    /// The last line of the batch that was stopped.
    pub line: Option<u64>,
    /// Microseconds UTC.
    pub created_at: i64,
    /// Microseconds UTC.
    pub started_at: Option<i64>,
    /// Microseconds UTC.
    pub ended_at: Option<i64>,
    /// When it goes with all that it holds; microseconds UTC.
    pub expires_at: i64,
}

impl JobView {
    pub(super) fn of(job: Job) -> Self {
        let stopped: Option<Stopped> = job.problem.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let (problem, line) = stopped.map(|stopped| (stopped.problem, stopped.line)).unzip();
        Self {
            progress: serde_json::from_str(&job.progress).unwrap_or_default(),
            id: job.id,
            kind: job.kind,
            entity: job.entity,
            owner: job.owner,
            state: job.state,
            problem,
            line: line.flatten(),
            created_at: job.created_at,
            started_at: job.started_at,
            ended_at: job.ended_at,
            expires_at: job.expires_at,
        }
    }
}
