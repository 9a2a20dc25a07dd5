//! What a job holds, for its owner alone: the file of an export, and the rows that an import rejected. A link
//! opens it without a token for a few minutes; whether the records may still leave is asked at each opening.

use std::sync::Arc;

use garant_domain::problem::{ErrorCode, Problem};
use garant_store::{Job, JobState};
use serde::{Deserialize, Serialize};

use super::asked::{Asked, What};
use super::claimed::{ImportPosition, JobKey};
use super::export::RESULT;
use super::no_job;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::export::ExportFormat;
use crate::import::{ImportError, LINE_COLUMN, REASON_COLUMN, Reject, RejectSink, own_columns, read_rejects};
use crate::service::Service;

/// How long a link opens.
const LINK_MICROS: i64 = 10 * 60 * 1_000_000;
const REJECTS: &str = "rejects";

/// Which of a job's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JobPart {
    /// What an export wrote.
    Result,
    /// What an import did not take.
    Rejects,
}

/// A link to a file.
#[derive(Clone, Debug)]
pub struct JobLink {
    /// Sealed; whoever has it may fetch the file.
    pub ticket: String,
    /// Until when; microseconds UTC.
    pub until: i64,
}

#[derive(Serialize, Deserialize)]
struct Ticket {
    job: String,
    owner: String,
    part: JobPart,
    until: i64,
}

/// A file being fetched: its bytes are pulled.
pub struct JobFile {
    service: Arc<Service>,
    key: JobKey,
    tenant: String,
    job: String,
    part: &'static str,
    seq: i64,
    head: Option<Vec<u8>>,
    /// The media type.
    pub media_type: &'static str,
    /// A name for it.
    pub name: String,
}

impl Service {
    /// A link to a file of the caller's own job.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`, also where there is no such file (yet).
    pub async fn job_link(&self, caller: &Caller, id: &str, part: JobPart) -> Result<JobLink, Problem> {
        let job = self.own_job(caller, id).await?;
        if !has(&job, part) {
            return Err(no_job());
        }
        let until = self.clock.now().saturating_add(LINK_MICROS).min(job.expires_at);
        let ticket = Ticket { job: job.id, owner: job.owner, part, until };
        let text = serde_json::to_string(&ticket).unwrap_or_default();
        Ok(JobLink { ticket: self.sealer.seal_text(&scope(&caller.tenant), &text), until })
    }

    /// Opens a file of the caller's own job.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`; for an export what its policies refuse by now.
    pub async fn job_file(self: &Arc<Self>, caller: &Caller, id: &str, part: JobPart) -> Result<JobFile, Problem> {
        let job = self.own_job(caller, id).await?;
        self.open_file(&caller.tenant, job, part).await
    }

    /// Opens what a link leads to.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for a link that is none or whose time is over; as [`Self::job_file`].
    pub async fn linked_file(self: &Arc<Self>, id: &str, part: JobPart, ticket: &str) -> Result<JobFile, Problem> {
        let ended = || {
            Problem::new(ErrorCode::Unauthenticated, "This link opens nothing, or not any more")
                .mend("Ask for another one: `job(id) { download }`.")
        };
        let opened = self.sealer.open_text(&scope(&self.tenant), ticket);
        let ticket: Ticket = opened.and_then(|text| serde_json::from_str(&text).ok()).ok_or_else(ended)?;
        if ticket.job != id || ticket.part != part || ticket.until <= self.clock.now() {
            return Err(ended());
        }
        let job = self.store.job(&self.tenant, id).await.map_err(store_problem)?;
        let job = job.filter(|job| job.owner == ticket.owner).ok_or_else(no_job)?;
        let tenant = self.tenant.clone();
        self.open_file(&tenant, job, part).await
    }

    /// The first rejected rows, with their lines and reasons.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`.
    pub async fn job_rejects(&self, caller: &Caller, id: &str, first: usize) -> Result<Vec<Reject>, Problem> {
        let job = self.own_job(caller, id).await?;
        let key = JobKey::of(&self.vault, &caller.tenant, &job)?;
        let delimiter = delimiter(&key, &job)?;
        let (mut rejects, mut seq) = (Vec::new(), 0);
        while rejects.len() < first
            && let Some(sealed) = self.store.job_part(&caller.tenant, id, REJECTS, seq).await.map_err(store_problem)?
        {
            rejects.extend(read_rejects(&key.open(REJECTS, seq, &sealed)?, delimiter));
            seq += 1;
        }
        rejects.truncate(first);
        Ok(rejects)
    }

    /// What stands between the columns of an import's file, and so of its rejects.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`.
    pub async fn import_delimiter(&self, caller: &Caller, id: &str) -> Result<char, Problem> {
        let job = self.own_job(caller, id).await?;
        delimiter(&JobKey::of(&self.vault, &caller.tenant, &job)?, &job)
    }

    /// Gives every rejected row to whoever waits for them.
    pub(crate) async fn feed_rejects(
        &self,
        caller: &Caller,
        id: &str,
        sink: &mut (dyn RejectSink + Send),
    ) -> Result<(), ImportError> {
        let failed = |problem| ImportError::Batch { line: 1, problem };
        let job = self.own_job(caller, id).await.map_err(failed)?;
        let key = JobKey::of(&self.vault, &caller.tenant, &job).map_err(failed)?;
        let delimiter = delimiter(&key, &job).map_err(failed)?;
        let header = own_columns(&columns(&key, &job).map_err(failed)?);
        let mut seq = 0;
        loop {
            let sealed = self.store.job_part(&caller.tenant, id, REJECTS, seq).await;
            let Some(sealed) = sealed.map_err(|error| failed(store_problem(error)))? else { return Ok(()) };
            let bytes = key.open(REJECTS, seq, &sealed).map_err(failed)?;
            for reject in read_rejects(&bytes, delimiter) {
                sink.reject(&header, &reject).map_err(ImportError::Rejects)?;
            }
            seq += 1;
        }
    }

    async fn open_file(self: &Arc<Self>, tenant: &str, job: Job, part: JobPart) -> Result<JobFile, Problem> {
        if !has(&job, part) {
            return Err(no_job());
        }
        let key = JobKey::of(&self.vault, tenant, &job)?;
        let asked: Asked = key.open_json("request", 0, &job.request)?;
        // A link opens for a few minutes, but for nobody who has no access any more.
        self.by_now(&asked.caller).await?;
        let (head, media_type, extension) = match (&asked.what, part) {
            (What::Export(wanted), JobPart::Result) => {
                // The recipient may have gone, or a policy may refuse it by now.
                self.export_of(&asked, wanted).await?.check().await?;
                let extension = match wanted.format {
                    ExportFormat::Csv => "csv",
                    ExportFormat::Ndjson => "ndjson",
                };
                (None, wanted.format.media_type(), extension)
            }
            (What::Import(mapping), JobPart::Rejects) => {
                let delimiter = u8::try_from(mapping.delimiter).unwrap_or(b',');
                let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
                let columns = own_columns(&columns(&key, &job)?);
                let names = [LINE_COLUMN, REASON_COLUMN].into_iter().chain(columns.iter().map(String::as_str));
                let unwritable = || Problem::new(ErrorCode::Internal, "a header could not be written");
                writer.write_record(names).map_err(|_| unwritable())?;
                let head = writer.into_inner().map_err(|_| unwritable())?;
                (Some(head), ExportFormat::Csv.media_type(), "rejects.csv")
            }
            _ => return Err(no_job()),
        };
        Ok(JobFile {
            service: Arc::clone(self),
            key,
            tenant: tenant.to_owned(),
            name: format!("{}.{extension}", job.entity),
            job: job.id,
            part: if part == JobPart::Result { RESULT } else { REJECTS },
            seq: 0,
            head,
            media_type,
        })
    }
}

impl JobFile {
    /// The next bytes; `None` when the file is complete.
    ///
    /// # Errors
    ///
    /// `INTERNAL`.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        if let Some(head) = self.head.take() {
            return Ok(Some(head));
        }
        let sealed = self.service.store.job_part(&self.tenant, &self.job, self.part, self.seq).await;
        let Some(sealed) = sealed.map_err(store_problem)? else { return Ok(None) };
        let bytes = self.key.open(self.part, self.seq, &sealed)?;
        self.seq += 1;
        Ok(Some(bytes))
    }
}

/// Whether a job has (by now) such a file: an export's is not there before it is whole.
fn has(job: &Job, part: JobPart) -> bool {
    match part {
        JobPart::Result => job.kind == "export" && job.state == JobState::Done,
        JobPart::Rejects => job.kind == "import" && job.position.is_some(),
    }
}

fn columns(key: &JobKey, job: &Job) -> Result<Vec<String>, Problem> {
    let sealed = job.position.as_deref().ok_or_else(no_job)?;
    key.open_json::<ImportPosition>("position", 0, sealed).map(|position| position.header)
}

fn delimiter(key: &JobKey, job: &Job) -> Result<char, Problem> {
    match key.open_json::<Asked>("request", 0, &job.request)?.what {
        What::Import(mapping) => Ok(mapping.delimiter),
        What::Export(_) => Err(no_job()),
    }
}

fn scope(tenant: &str) -> String {
    format!("{tenant}\u{1f}job-ticket")
}
