//! `garant job`: the operator's look at imports and exports that run by themselves.

use std::io::Write as _;
use std::sync::Arc;

use anyhow::anyhow;
use garant_domain::clock::SystemClock;
use garant_domain::context::Actor;
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_service::{Caller, JobView};

use crate::cli::{JobCommand, JobNamed, Place};
use crate::compose;
use crate::compose::App;
use crate::config::Config;

pub(super) async fn run(command: JobCommand) -> anyhow::Result<()> {
    let told = match command {
        JobCommand::List(place) => {
            let (config, app) = opened(&place).await?;
            let jobs = app.service.jobs(&operator(&config), 100).await.map_err(told)?;
            app.service.store().close().await;
            jobs.iter().map(line).collect()
        }
        JobCommand::Cancel(JobNamed { place, id }) => {
            let (config, app) = opened(&place).await?;
            let job = app.service.cancel_job(&operator(&config), &id).await.map_err(told)?;
            app.service.store().close().await;
            line(&job)
        }
        JobCommand::Resume(JobNamed { place, id }) => {
            let (config, app) = opened(&place).await?;
            let job = app.service.resume_job(&operator(&config), &id).await.map_err(told)?;
            app.service.store().close().await;
            format!("{}a running server goes on with it\n", line(&job))
        }
    };
    std::io::stdout().write_all(told.as_bytes())?;
    Ok(())
}

async fn opened(place: &Place) -> anyhow::Result<(Config, App)> {
    let config = super::load(place)?;
    let app = compose(&config, Arc::new(SystemClock)).await?;
    Ok((config, app))
}

/// Sees every job, and what none of them holds.
fn operator(config: &Config) -> Caller {
    Caller {
        tenant: config.tenant.id.clone(),
        actor: Actor { id: "local:operator".to_owned(), role: "admin".to_owned(), country: None },
        name: "garant job".to_owned(),
        recipient: None,
        default_purpose: None,
        access: garant_service::Access::default(),
    }
}

fn line(job: &JobView) -> String {
    let JobView { id, kind, entity, state, progress, problem, .. } = job;
    let at = Value::Instant(job.created_at).display();
    let state = state.as_str();
    let counts = format!("{} read, {} rejected", progress.read, progress.rejected);
    let problem = problem.as_ref().map(|problem| format!("  {problem}")).unwrap_or_default();
    format!("{id}  {at}  {kind} {entity}  {state}  {counts}{problem}\n")
}

fn told(problem: Problem) -> anyhow::Error {
    anyhow!("{problem}; {}", problem.remedy.as_deref().unwrap_or("`garant job list` names the jobs"))
}
