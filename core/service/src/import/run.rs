//! An import that somebody waits for: a job like any other, run in this process where nobody else was faster.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use garant_domain::problem::Problem;
use garant_store::JobState;

use super::mapping::Mapping;
use super::reject::RejectSink;
use super::report::{ImportError, ImportReport, Progress};
use crate::auth::Caller;
use crate::job::{CHUNK, JobProgress, JobView, UploadError};
use crate::service::Service;
use crate::unit::UnitRequest;

/// How often a job that another process runs is looked at.
const PULSE: Duration = Duration::from_millis(250);

/// An import of one file.
pub struct ImportRequest<'a, R> {
    /// How rows become records.
    pub mapping: &'a Mapping,
    /// The file.
    pub reader: R,
    /// Purposes for which the data is collected.
    pub purposes: Vec<String>,
    /// Where rejected rows go.
    pub rejects: &'a mut (dyn RejectSink + Send),
    /// Is told how far the import is, after each batch.
    pub progress: &'a mut (dyn FnMut(Progress) + Send),
}

impl Service {
    /// Imports a file. Good rows are kept whatever becomes of the others.
    ///
    /// # Errors
    ///
    /// A file that does not fit the mapping, a rejected row that cannot be kept, or what concerns a
    /// whole batch: `FORBIDDEN`, `PURPOSE_REQUIRED`, `POLICY_REFUSED`, `POLICY_UNAVAILABLE`, `INTERNAL`.
    pub async fn import<R: Read + Send>(
        self: &Arc<Self>,
        caller: &Caller,
        request: ImportRequest<'_, R>,
    ) -> Result<ImportReport, ImportError> {
        let ImportRequest { mapping, mut reader, purposes, rejects, progress } = request;
        let unit = UnitRequest { purposes, channel: None };
        let refused = |problem: Problem| ImportError::Batch { line: 1, problem };
        let mut upload = self.begin_import(caller, unit, mapping.clone()).await.map_err(refused)?;
        loop {
            let bytes = chunk(&mut reader).map_err(|error| ImportError::Source(csv::Error::from(error).into()))?;
            if bytes.is_empty() {
                break;
            }
            upload.push(&bytes).await.map_err(told)?;
        }
        let job = upload.complete().await.map_err(told)?;
        self.finish_import(caller, &job.id, rejects, progress).await
    }

    /// Goes on with an import that was killed, stopped or cancelled, and waits for its end.
    ///
    /// # Errors
    ///
    /// As [`Self::import`]; `NOT_FOUND`, and `CONFLICT` for a job that came to its end.
    pub async fn resume_import(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        rejects: &mut (dyn RejectSink + Send),
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ImportReport, ImportError> {
        let refused = |problem: Problem| ImportError::Batch { line: 1, problem };
        let job = self.job(caller, id).await.map_err(refused)?;
        if job.state.is_ended() {
            self.resume_job(caller, id).await.map_err(refused)?;
        }
        self.finish_import(caller, id, rejects, progress).await
    }

    async fn finish_import(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        rejects: &mut (dyn RejectSink + Send),
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<ImportReport, ImportError> {
        let failed = |problem: Problem| ImportError::Batch { line: 1, problem };
        let ended = loop {
            if let Some(claimed) = self.claim_this_job(id).await.map_err(failed)? {
                self.run_job_watched(claimed, &mut |now| progress(shown(now))).await.map_err(failed)?;
            }
            let job = self.job(caller, id).await.map_err(failed)?;
            if job.state.is_ended() {
                break job;
            }
            // Another process was faster.
            progress(shown(&job.progress));
            tokio::time::sleep(PULSE).await;
        };
        self.feed_rejects(caller, id, rejects).await?;
        report(ended)
    }
}

fn report(job: JobView) -> Result<ImportReport, ImportError> {
    match (job.state, job.problem) {
        (JobState::Done, _) => Ok(ImportReport::from(&job.progress)),
        (JobState::Cancelled, _) => Err(ImportError::Cancelled),
        (_, Some(problem)) => Err(ImportError::Batch { line: job.line.unwrap_or(1), problem }),
        (_, None) => Err(ImportError::Cancelled),
    }
}

fn shown(progress: &JobProgress) -> Progress {
    Progress { bytes: progress.bytes, total: progress.total_bytes, rows: progress.read, rejected: progress.rejected }
}

fn told(error: UploadError) -> ImportError {
    match error {
        UploadError::Source(error) => ImportError::Source(error),
        UploadError::Problem(problem) => ImportError::Batch { line: 1, problem },
    }
}

/// As much as is kept in one piece, or what is left.
fn chunk(reader: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.by_ref().take(CHUNK as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
