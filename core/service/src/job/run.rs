//! Claiming a job, running it to its end, and what becomes of it when it does not come so far.

use std::sync::Arc;
use std::time::Duration;

use garant_domain::problem::{ErrorCode, Problem};
use garant_store::{Job, JobState};
use tokio::task::JoinHandle;

use super::asked::{Asked, What};
use super::claimed::{Claimed, JobKey, LEASE_MICROS, Stop};
use super::view::{JobProgress, Stopped};
use crate::error::store_problem;
use crate::service::Service;

/// Seconds until a job is tried again, after each attempt that got nowhere.
const BACK_OFF_SECONDS: [i64; 5] = [5, 30, 120, 600, 1_800];
const SECOND: i64 = 1_000_000;
/// How often a job gives a sign of life: thrice before its lease ends.
const HEARTBEAT: Duration = Duration::from_secs(10);

impl Service {
    /// Claims the job that is due longest; nobody else runs it while it gives signs of life.
    ///
    /// # Errors
    ///
    /// `INTERNAL`.
    pub async fn claim_job(self: &Arc<Self>) -> Result<Option<Claimed>, Problem> {
        self.claim(None, false).await
    }

    /// Claims one job, for somebody who waits for its end.
    pub(crate) async fn claim_this_job(self: &Arc<Self>, id: &str) -> Result<Option<Claimed>, Problem> {
        self.claim(Some(id), true).await
    }

    async fn claim(self: &Arc<Self>, only: Option<&str>, awaited: bool) -> Result<Option<Claimed>, Problem> {
        loop {
            let now = self.clock.now();
            let until = now.saturating_add(LEASE_MICROS);
            let claimed = self.store.claim_job(&self.tenant, only, now, until).await.map_err(store_problem)?;
            let Some(job) = claimed else { return Ok(None) };
            match self.opened(&job) {
                Ok((key, asked)) => {
                    let (tenant, service) = (self.tenant.clone(), Arc::clone(self));
                    return Ok(Some(Claimed { job, key, asked, tenant, service, awaited, stopping: Arc::default() }));
                }
                // Another secret sealed it; nobody here can run it.
                Err(problem) => self.leave(job, JobState::Failed, Some((problem, None)), 0).await?,
            }
        }
    }

    fn opened(&self, job: &Job) -> Result<(JobKey, Asked), Problem> {
        let key = JobKey::of(&self.vault, &self.tenant, job)?;
        let asked = key.open_json("request", 0, &job.request)?;
        Ok((key, asked))
    }

    /// Runs a job as far as it comes. What stops it is noted with it.
    ///
    /// # Errors
    ///
    /// `INTERNAL` where even that cannot be noted: then it is taken up once its lease has ended.
    pub async fn run_job(self: &Arc<Self>, claimed: Claimed) -> Result<(), Problem> {
        self.run_job_watched(claimed, &mut |_| {}).await
    }

    /// Claims and runs what is due, until nothing is; answers how many jobs were run.
    ///
    /// # Errors
    ///
    /// As [`Self::run_job`].
    pub async fn run_due_jobs(self: &Arc<Self>) -> Result<u64, Problem> {
        let mut run = 0;
        while let Some(claimed) = self.claim_job().await? {
            self.run_job(claimed).await?;
            run += 1;
        }
        Ok(run)
    }

    /// The same for somebody who watches.
    pub(crate) async fn run_job_watched(
        self: &Arc<Self>,
        claimed: Claimed,
        told: &mut (dyn FnMut(&JobProgress) + Send),
    ) -> Result<(), Problem> {
        let heart = Heart::beating(&claimed);
        let ended = match &claimed.asked.what {
            What::Import(mapping) => self.run_import(&claimed, mapping, told).await,
            What::Export(wanted) => self.run_export(&claimed, wanted, told).await,
        };
        drop(heart);
        let Claimed { job, awaited, .. } = claimed;
        match ended {
            Ok(()) => self.leave(job, JobState::Done, None, 0).await,
            Err(Stop::Lost) => Ok(()),
            Err(Stop::Stopping) => self.leave(job, JobState::Queued, None, 0).await,
            Err(Stop::Problem(problem, line)) => {
                tracing::warn!(job = job.id, code = ?problem.code, "a job was stopped by a problem");
                let again = if awaited { None } else { back_off(&job, &problem) };
                match again {
                    Some(seconds) => self.leave(job, JobState::Queued, Some((problem, line)), seconds).await,
                    None => self.leave(job, JobState::Failed, Some((problem, line)), 0).await,
                }
            }
        }
    }

    async fn leave(
        &self,
        job: Job,
        state: JobState,
        problem: Option<(Problem, Option<u64>)>,
        seconds: i64,
    ) -> Result<(), Problem> {
        let now = self.clock.now();
        let left = Job {
            state,
            problem: problem.map(|(problem, line)| Stopped { problem, line }.json()),
            due_at: now.saturating_add(seconds * SECOND),
            ended_at: state.is_ended().then_some(now),
            expires_at: self.job_expiry(now),
            ..job
        };
        // Whoever took it over, or cancelled it, has the last word.
        self.store.leave_job(&self.tenant, &left).await.map(drop).map_err(store_problem)
    }
}

/// In how many seconds it may go better; never, for what only a person can mend.
fn back_off(job: &Job, problem: &Problem) -> Option<i64> {
    let passing =
        matches!(problem.code, ErrorCode::Internal | ErrorCode::PolicyUnavailable | ErrorCode::QueryTooComplex);
    let made = usize::try_from(job.attempts - 1).ok()?;
    BACK_OFF_SECONDS.get(made).copied().filter(|_| passing)
}

/// Keeps the lease while a batch takes long.
struct Heart(JoinHandle<()>);

impl Heart {
    fn beating(claimed: &Claimed) -> Self {
        let (service, tenant) = (Arc::clone(&claimed.service), claimed.tenant.clone());
        let (id, fence) = (claimed.job.id.clone(), claimed.job.fence);
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                let until = service.clock.now().saturating_add(LEASE_MICROS);
                match service.store.keep_job(&tenant, &id, fence, until).await {
                    Ok(true) => {}
                    // Not ours any more: the next commit finds out.
                    Ok(false) => return,
                    Err(error) => {
                        tracing::warn!(
                            job = id,
                            error = &error as &dyn std::error::Error,
                            "a job's lease was not kept"
                        );
                    }
                }
            }
        }))
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        self.0.abort();
    }
}
