//! Jobs: imports and exports that run by themselves, also after whoever asked has gone and when the process is
//! killed. Each batch is a unit of work with the set and the registers of that instant; what it did and how
//! far the job is are committed together, so a crash loses nothing and repeats nothing.
//!
//! Nothing here speaks HTTP or loops by itself: a server claims and runs, see `garant`'s `jobs`.

mod asked;
mod claimed;
mod export;
mod file;
mod import;
mod run;
mod upload;
mod view;

use std::sync::Arc;

use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Duty;
use garant_store::{Job, JobState};

pub use claimed::Claimed;
pub use file::{JobFile, JobLink, JobPart};
pub use upload::{CHUNK, Upload, UploadError};
pub use view::{JobProgress, JobView};

pub(crate) use claimed::{ImportPosition, Stop};

use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// Jobs that one list answers at most.
const MAX_JOBS: u32 = 500;
const DAY_MICROS: i64 = 86_400_000_000;

impl Service {
    /// The caller's jobs, the newest first; everybody's for who has the duty `jobs`.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for too many.
    pub async fn jobs(&self, caller: &Caller, first: u32) -> Result<Vec<JobView>, Problem> {
        if first > MAX_JOBS {
            return Err(
                Problem::input("first", format!("`first` must be at most {MAX_JOBS}")).mend("Ask for fewer jobs.")
            );
        }
        caller.has_factor()?;
        let owner = (!is_administrator(caller)).then_some(caller.actor.id.as_str());
        let jobs = self.store.jobs(&caller.tenant, owner, u64::from(first)).await.map_err(store_problem)?;
        Ok(jobs.into_iter().map(JobView::of).collect())
    }

    /// One job.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`, also for somebody else's.
    pub async fn job(&self, caller: &Caller, id: &str) -> Result<JobView, Problem> {
        self.find_job(caller, id).await.map(JobView::of)
    }

    /// Stops a job. What it did stands, and after the answer nothing more is done.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`; `CONFLICT` for one that has ended.
    pub async fn cancel_job(&self, caller: &Caller, id: &str) -> Result<JobView, Problem> {
        let from = [JobState::Uploading, JobState::Queued, JobState::Running];
        self.turn(caller, id, &from, JobState::Cancelled, "The job has ended").await
    }

    /// Goes on with a job that was cancelled or that a problem stopped, where it stood.
    ///
    /// # Errors
    ///
    /// `NOT_FOUND`; `CONFLICT` for one that waits, runs or is done, or whose file never came whole.
    pub async fn resume_job(&self, caller: &Caller, id: &str) -> Result<JobView, Problem> {
        let known = self.find_job(caller, id).await?;
        if known.kind == "import" && known.position.is_none() {
            return Err(conflict("The file of this job never came whole", "Send the file again."));
        }
        let from = [JobState::Failed, JobState::Cancelled];
        self.turn(caller, id, &from, JobState::Queued, "The job waits, runs, or is done").await
    }

    /// Destroys jobs that are past their days, with all that they hold; answers how many.
    ///
    /// # Errors
    ///
    /// `INTERNAL`.
    pub async fn expire_jobs(&self) -> Result<usize, Problem> {
        let mut gone = 0;
        loop {
            match self.store.expire_jobs(&self.tenant, self.clock.now()).await.map_err(store_problem)? {
                0 => return Ok(gone),
                some => gone += some,
            }
        }
    }

    async fn turn(
        &self,
        caller: &Caller,
        id: &str,
        from: &[JobState],
        to: JobState,
        otherwise: &str,
    ) -> Result<JobView, Problem> {
        self.find_job(caller, id).await?;
        let now = self.clock.now();
        let turned = self.store.turn_job(&caller.tenant, id, from, to, now, self.job_expiry(now)).await;
        if !turned.map_err(store_problem)? {
            return Err(conflict(otherwise, "Read its state; start another job if there is more to do."));
        }
        self.job(caller, id).await
    }

    async fn find_job(&self, caller: &Caller, id: &str) -> Result<Job, Problem> {
        caller.has_factor()?;
        let found = self.store.job(&caller.tenant, id).await.map_err(store_problem)?;
        let visible = |job: &Job| job.owner == caller.actor.id || is_administrator(caller);
        found.filter(visible).ok_or_else(no_job)
    }

    /// A job that is the caller's own: what it holds is shown to nobody else.
    async fn own_job(&self, caller: &Caller, id: &str) -> Result<Job, Problem> {
        let job = self.find_job(caller, id).await?;
        if job.owner == caller.actor.id { Ok(job) } else { Err(no_job()) }
    }

    /// When what is kept now goes.
    fn job_expiry(&self, now: i64) -> i64 {
        now.saturating_add(i64::from(self.job_days) * DAY_MICROS)
    }

    /// Enters a job and answers its key.
    async fn enter_job(
        self: &Arc<Self>,
        caller: &Caller,
        id: &str,
        kind: &str,
        entity: &str,
        state: JobState,
        asked: &asked::Asked,
    ) -> Result<claimed::JobKey, Problem> {
        let (key, wrapped) = claimed::JobKey::fresh(&self.vault, &caller.tenant, id)?;
        let now = self.clock.now();
        let job = Job {
            id: id.to_owned(),
            kind: kind.to_owned(),
            owner: caller.actor.id.clone(),
            entity: entity.to_owned(),
            state,
            wrapped,
            request: key.seal_json("request", 0, asked)?,
            position: None,
            progress: view::JobProgress::default().json(),
            problem: None,
            fence: 0,
            attempts: 0,
            due_at: now,
            created_at: now,
            started_at: None,
            ended_at: None,
            expires_at: self.job_expiry(now),
        };
        self.store.put_job(&caller.tenant, &job).await.map_err(store_problem)?;
        Ok(key)
    }
}

/// Whether somebody sees everybody's jobs and may stop them; what a job holds is its owner's alone.
fn is_administrator(caller: &Caller) -> bool {
    caller.role().may(Duty::Jobs)
}

fn no_job() -> Problem {
    Problem::new(ErrorCode::NotFound, "There is no such job").at("id").mend("`jobs { id state }` lists yours.")
}

fn conflict(message: &str, remedy: &str) -> Problem {
    Problem::new(ErrorCode::Conflict, message).at("id").mend(remedy)
}
