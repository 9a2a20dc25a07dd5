//! The sweep: what is due is archived, made anonymous or erased, in batches of one transaction each. It
//! carries no input and may be started at any time: a second one changes nothing, a killed one is taken up
//! by the next, and a lease lets one process sweep at a time. Each batch is a unit of work of its own,
//! decided by the policy set of that instant; where a policy cannot decide, nothing is done.

mod archived;
mod count;
mod restored;

use std::sync::Arc;

use garant_domain::catalog::SubjectPath;
use garant_domain::clock::new_id;
use garant_domain::context::Actor;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::rule::Effect;
use garant_store::{SweepOutcome, SweepRun};

pub use count::{SweepCount, SweepPreview, SweepView};

use crate::admin::{check_reason, require_dpo};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate::{Door, emptied_entities, swept_entities};
use crate::service::Service;
use crate::unit::{Unit, UnitRequest};
use count::Tallies;

/// Records in one transaction: enough that commits do not count, few enough to hold no lock long.
const BATCH: u64 = 200;
/// How long a lease lasts without a batch.
const LEASE_MICROS: i64 = 120 * 1_000_000;

/// References of the decision log have an end of their own (RET-11): the host's reason, not a policy's.
const LOG_CEILING: &str = "host/RET-11";
const LOG: &str = "decision_log";
/// Who got whom is forgotten five years after the last time, when claims have lapsed (C. civ. 2224).
const DISCLOSED_MICROS: i64 = 5 * 366 * 86_400_000_000;

/// A run under way.
struct Run {
    record: SweepRun,
    tallies: Tallies,
}

impl Service {
    /// Sweeps because the DPO says so.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` without a reason, `CONFLICT` while a sweep is under way,
    /// `POLICY_UNAVAILABLE` naming the policy that could not decide.
    pub async fn run_sweep(self: &Arc<Self>, caller: &Caller, reason: &str) -> Result<SweepView, Problem> {
        require_dpo(caller)?;
        let reason = check_reason(reason)?;
        self.sweep(caller, &reason).await
    }

    /// Sweeps because it is time to, or because the operator says so.
    ///
    /// # Errors
    ///
    /// As [`Self::run_sweep`].
    pub async fn sweep_now(self: &Arc<Self>, reason: &str) -> Result<SweepView, Problem> {
        self.sweep(&self.sweeper(), reason).await
    }

    /// Sweeps if the last one was begun so many microseconds ago; by whom does not matter.
    ///
    /// # Errors
    ///
    /// As [`Self::run_sweep`].
    pub async fn sweep_if_due(self: &Arc<Self>, every: i64) -> Result<Option<SweepView>, Problem> {
        let last = self.store.sweeps(&self.tenant, 1).await.map_err(store_problem)?.pop();
        if last.is_some_and(|run| run.started_at.saturating_add(every) > self.clock.now()) {
            return Ok(None);
        }
        // What a process that was killed left of its subscriptions.
        self.store.forget_changes(&self.tenant, self.clock.now()).await.map_err(store_problem)?;
        self.sweep_now("It was time to").await.map(Some)
    }

    /// What a sweep would do now; nothing is written.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `POLICY_UNAVAILABLE`.
    pub async fn preview_sweep(self: &Arc<Self>, caller: &Caller) -> Result<SweepPreview, Problem> {
        require_dpo(caller)?;
        self.would_sweep(caller).await
    }

    /// The same for the operator.
    ///
    /// # Errors
    ///
    /// `POLICY_UNAVAILABLE`.
    pub async fn sweep_dry_run(self: &Arc<Self>) -> Result<SweepPreview, Problem> {
        self.would_sweep(&self.sweeper()).await
    }

    /// Runs with their receipts, the latest first.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO.
    pub async fn sweeps(&self, caller: &Caller, limit: u32) -> Result<Vec<SweepView>, Problem> {
        require_dpo(caller)?;
        let runs = self.store.sweeps(&caller.tenant, limit).await.map_err(store_problem)?;
        Ok(runs.into_iter().map(SweepView::of).collect())
    }

    /// Who sweeps when nobody asks.
    fn sweeper(&self) -> Caller {
        Caller {
            tenant: self.tenant.clone(),
            actor: Actor { id: "sweep".to_owned(), role: "system".to_owned(), country: None },
            name: "sweep".to_owned(),
            recipient: None,
            default_purpose: None,
            access: crate::auth::Access::default(),
        }
    }

    async fn sweep_unit(self: &Arc<Self>, caller: &Caller) -> Result<Unit, Problem> {
        // The default purpose of whoever starts it is nothing to the sweep.
        let caller = Caller { default_purpose: None, ..caller.clone() };
        self.begin(&caller, UnitRequest::default()).await
    }

    async fn would_sweep(self: &Arc<Self>, caller: &Caller) -> Result<SweepPreview, Problem> {
        let unit = self.sweep_unit(caller).await?;
        let due = unit.due(Door::Sweep).await?;
        let mut tallies = Tallies::default();
        self.count_archive(&unit, &due, &mut tallies).await?;
        for due in &due {
            self.count_restored(&unit, due, &mut tallies).await?;
            for (index, records) in unit.store().due_counts(&caller.tenant, &due.rules).await.map_err(store_problem)? {
                let Some(effect) = due.effects.get(index) else { continue };
                tallies.add(&due.rules.entity, effect.effect, &due.code(effect), false, false, records);
            }
            self.count_observed(&unit, due, &mut tallies).await?;
        }
        let old = self.store.expired_details(&caller.tenant, unit.context.now).await.map_err(store_problem)?;
        tallies.add(LOG, Effect::Erase, LOG_CEILING, false, false, old);
        Ok(SweepPreview { set_version: unit.context.set_version, counts: tallies.counts() })
    }

    async fn sweep(self: &Arc<Self>, caller: &Caller, reason: &str) -> Result<SweepView, Problem> {
        let record = SweepRun {
            id: new_id(),
            started_at: self.clock.now(),
            ended_at: None,
            actor: caller.actor.id.clone(),
            reason: reason.to_owned(),
            set_version: 0,
            outcome: SweepOutcome::Running,
            culprit: None,
            counts: "[]".to_owned(),
            receipt: String::new(),
        };
        let mut run = Run { record, tallies: Tallies::default() };
        // Whether the policies can decide is asked before a lease is taken: a set that cannot be loaded is
        // noted, and nothing else happens.
        match self.ask_first(caller).await {
            Ok(set_version) => run.record.set_version = set_version,
            Err(problem) => return Err(self.note_refused(caller, run.record, problem).await?),
        }
        self.take_lease(caller, &run.record).await?;
        let ended = self.sweep_all(caller, &mut run).await;
        self.end(caller, &mut run, ended.as_ref().err()).await?;
        ended.map(|()| SweepView::of(run.record))
    }

    async fn ask_first(self: &Arc<Self>, caller: &Caller) -> Result<i64, Problem> {
        let unit = self.sweep_unit(caller).await?;
        unit.due(Door::Sweep).await?;
        Ok(unit.context.set_version)
    }

    async fn take_lease(&self, caller: &Caller, run: &SweepRun) -> Result<(), Problem> {
        let mut tx = self.store.begin_write(&caller.tenant).await.map_err(store_problem)?;
        let until = run.started_at.saturating_add(LEASE_MICROS);
        if !tx.take_sweep(run, until).await.map_err(store_problem)? {
            return Err(Problem::new(ErrorCode::Conflict, "A sweep is under way").mend("`sweeps` tells how far it is."));
        }
        tx.commit().await.map_err(store_problem)
    }

    async fn sweep_all(self: &Arc<Self>, caller: &Caller, run: &mut Run) -> Result<(), Problem> {
        let catalog = self.catalog_of(&caller.tenant).await?;
        // What sleeps comes first, so that what is put to sleep now is judged there by the next sweep.
        let mut held = self.sweep_archive(caller, run).await?;
        for entity in swept_entities(&catalog) {
            self.erase_restored(caller, run, &entity.name, held.remove(&entity.name).unwrap_or_default()).await?;
            self.note_observed(caller, run, &entity.name).await?;
            let mut after = String::new();
            while let Some(last) = self.batch(caller, run, &entity.name, &after).await? {
                after = last;
            }
        }
        // Of what is about nobody only the trash goes.
        for entity in emptied_entities(&catalog).into_iter().filter(|entity| entity.subject == SubjectPath::None) {
            let mut after = String::new();
            while let Some(last) = self.batch(caller, run, &entity.name, &after).await? {
                after = last;
            }
        }
        let unit = self.sweep_unit(caller).await?;
        let mut tx = unit.store().begin_write(&caller.tenant).await.map_err(store_problem)?;
        let old = tx.expire_details(unit.context.now).await.map_err(store_problem)?;
        run.tallies.add(LOG, Effect::Erase, LOG_CEILING, false, false, old);
        let ceiling = unit.context.now.saturating_sub(DISCLOSED_MICROS);
        tx.forget_disclosures(ceiling).await.map_err(store_problem)?;
        self.commit_batch(run, &unit, tx, &[]).await
    }

    /// One batch of an entity; answers the last id of it, or nothing when there was none.
    async fn batch(
        self: &Arc<Self>,
        caller: &Caller,
        run: &mut Run,
        entity: &str,
        after: &str,
    ) -> Result<Option<String>, Problem> {
        let unit = self.sweep_unit(caller).await?;
        let due = unit.due(Door::Sweep).await?;
        let Some(due) = due.iter().find(|due| due.rules.entity == entity) else { return Ok(None) };
        let mut tx = unit.store().begin_write(&caller.tenant).await.map_err(store_problem)?;
        let records = tx.due(&due.rules, after, BATCH).await.map_err(store_problem)?;
        let Some(last) = records.last().map(|record| record.id.clone()) else { return Ok(None) };
        let done = unit.sweep(&mut tx, due, &records).await?;
        self.commit_batch(run, &unit, tx, &done).await?;
        Ok(Some(last))
    }

    /// Commits a batch with how far the run is, if the lease is still its own.
    async fn commit_batch(
        &self,
        run: &mut Run,
        unit: &Unit,
        mut tx: garant_store::WriteTx,
        done: &[crate::gate::Acted],
    ) -> Result<(), Problem> {
        run.record.set_version = unit.context.set_version;
        for acted in done {
            run.tallies.note(acted);
            run.record.receipt = count::receipt(&run.record.receipt, acted);
        }
        run.record.counts = run.tallies.json();
        let until = self.clock.now().saturating_add(LEASE_MICROS);
        if !tx.keep_sweep(&run.record, until).await.map_err(store_problem)? {
            return Err(Problem::new(ErrorCode::Conflict, "Another process has taken the sweep over")
                .mend("Nothing of this batch was kept; the other one does it."));
        }
        tx.commit().await.map_err(store_problem)
    }

    /// Notes how a run ended.
    async fn end(&self, caller: &Caller, run: &mut Run, problem: Option<&Problem>) -> Result<(), Problem> {
        let record = &mut run.record;
        record.ended_at = Some(self.clock.now());
        record.counts = run.tallies.json();
        record.outcome = match problem.map(|problem| problem.code) {
            None => SweepOutcome::Done,
            Some(ErrorCode::PolicyUnavailable) => SweepOutcome::Unavailable,
            Some(_) => SweepOutcome::Interrupted,
        };
        record.culprit = problem.and_then(culprit);
        let mut tx = self.store.begin_write(&caller.tenant).await.map_err(store_problem)?;
        let until = self.clock.now().saturating_add(LEASE_MICROS);
        tx.keep_sweep(record, until).await.map_err(store_problem)?;
        tx.give_sweep(record).await.map_err(store_problem)?;
        if record.outcome == SweepOutcome::Unavailable {
            tx.log(&count::unavailable(caller, record)).await.map_err(store_problem)?;
        }
        tx.commit().await.map_err(store_problem)
    }

    /// Notes a run that did nothing, and gives its problem back.
    async fn note_refused(&self, caller: &Caller, mut record: SweepRun, problem: Problem) -> Result<Problem, Problem> {
        if problem.code != ErrorCode::PolicyUnavailable {
            return Ok(problem);
        }
        record.outcome = SweepOutcome::Unavailable;
        record.ended_at = Some(record.started_at);
        record.culprit = culprit(&problem);
        let mut tx = self.store.begin_write(&caller.tenant).await.map_err(store_problem)?;
        tx.enter_sweep(&record).await.map_err(store_problem)?;
        tx.log(&count::unavailable(caller, &record)).await.map_err(store_problem)?;
        tx.commit().await.map_err(store_problem)?;
        Ok(problem)
    }
}

/// The policy that could not decide.
fn culprit(problem: &Problem) -> Option<String> {
    (problem.code == ErrorCode::PolicyUnavailable).then(|| problem.field.clone()).flatten()
}
