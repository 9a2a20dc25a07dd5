//! A file on its way into a job: cut into pieces of one size and sealed as it comes, so that none of it lies
//! in memory or in clear.

use std::sync::Arc;

use garant_domain::clock::new_id;
use garant_domain::problem::Problem;
use garant_store::JobState;

use super::asked::{Asked, What};
use super::claimed::{ImportPosition, JobKey};
use super::view::{JobProgress, JobView};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate::Door;
use crate::import::{Mapping, SourceError, header};
use crate::service::Service;
use crate::unit::UnitRequest;

/// Bytes of one piece of a file.
pub const CHUNK: usize = 256 << 10;
/// What a file that came in is called among the parts of its job.
pub(super) const FILE: &str = "file";

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It does not fit its mapping.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// It could not be kept.
    #[error("{0}")]
    Problem(#[from] Problem),
}

impl UploadError {
    /// What a caller is told.
    #[must_use]
    pub fn problem(self) -> Problem {
        match self {
            Self::Source(error) => unfit(&error),
            Self::Problem(problem) => problem,
        }
    }
}

/// What a caller is told of a file that does not fit.
pub(super) fn unfit(error: &SourceError) -> Problem {
    Problem::input("file", error.to_string()).mend("Mend the file or the mapping, and send it again.")
}

/// A file that is coming. Dropped, its job ends with the day.
pub struct Upload {
    service: Arc<Service>,
    caller: Caller,
    asked: Asked,
    mapping: Mapping,
    id: String,
    key: Option<JobKey>,
    position: Option<ImportPosition>,
    buffer: Vec<u8>,
    pieces: i64,
    bytes: u64,
}

impl Service {
    /// Begins an import whose file is to come: what refuses it as a whole is told before a byte is kept.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `PURPOSE_REQUIRED`, `POLICY_REFUSED`, `POLICY_UNAVAILABLE`, `BAD_USER_INPUT`.
    pub async fn begin_import(
        self: &Arc<Self>,
        caller: &Caller,
        unit: UnitRequest,
        mapping: Mapping,
    ) -> Result<Upload, Problem> {
        self.begin(caller, unit.clone()).await?.writable(&mapping.entity, Door::Import).await?;
        let asked = Asked { caller: caller.clone(), unit, what: What::Import(mapping.clone()) };
        Ok(Upload {
            service: Arc::clone(self),
            caller: caller.clone(),
            asked,
            mapping,
            id: new_id(),
            key: None,
            position: None,
            buffer: Vec::new(),
            pieces: 0,
            bytes: 0,
        })
    }
}

impl Upload {
    /// Takes more of the file.
    ///
    /// # Errors
    ///
    /// A header that does not fit the mapping; `INTERNAL`.
    pub async fn push(&mut self, mut bytes: &[u8]) -> Result<(), UploadError> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() == CHUNK {
                self.keep().await?;
            }
        }
        Ok(())
    }

    /// The file is whole: the job waits to be run.
    ///
    /// # Errors
    ///
    /// As [`Self::push`]; `CONFLICT` if it was cancelled meanwhile.
    pub async fn complete(mut self) -> Result<JobView, UploadError> {
        if !self.buffer.is_empty() || self.pieces == 0 {
            self.keep().await?;
        }
        let progress = JobProgress { total_bytes: self.bytes, ..JobProgress::default() };
        let Self { service, caller, id, key, position, .. } = self;
        let (Some(key), Some(position)) = (key, position) else { return Err(SourceError::Empty.into()) };
        let position = key.seal_json("position", 0, &position)?;
        let tenant = &caller.tenant;
        let ready = service.store.ready_job(tenant, &id, &position, &progress.json()).await.map_err(store_problem)?;
        if !ready {
            let problem = super::conflict("The job was cancelled while its file came", "Send the file again.");
            return Err(problem.into());
        }
        Ok(service.job(&caller, &id).await?)
    }

    async fn keep(&mut self) -> Result<(), UploadError> {
        let piece = std::mem::take(&mut self.buffer);
        if self.position.is_none() {
            let (header, place) = header(&piece, &self.mapping)?;
            self.position = Some(ImportPosition { header, place, rejects: 0 });
        }
        let key = match &mut self.key {
            Some(key) => key,
            None => {
                let entity = &self.mapping.entity;
                let entered =
                    self.service.enter_job(&self.caller, &self.id, "import", entity, JobState::Uploading, &self.asked);
                self.key.insert(entered.await?)
            }
        };
        let sealed = key.seal(FILE, self.pieces, &piece)?;
        let store = &self.service.store;
        store.put_job_part(&self.caller.tenant, &self.id, FILE, self.pieces, &sealed).await.map_err(store_problem)?;
        self.pieces += 1;
        self.bytes += piece.len() as u64;
        Ok(())
    }
}
