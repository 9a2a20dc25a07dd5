//! Break-glass: in an emergency somebody whose role may do so says why, and is marked for half an
//! hour. It lifts nothing by itself: policies that declare `actor.break_glass` see it and decide what
//! it means. It raises an alarm, and every access meanwhile carries its mark in the decision log.

use garant_domain::clock::new_id;
use garant_domain::problem::{ErrorCode, Problem};
use garant_store::{Alarm, LogDetail, LogLine};

use super::request::check_reason;
use super::view::require_dpo;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// The kind of its alarm.
const BREAK_GLASS: &str = "break_glass";

/// How long it lasts.
const LASTS_MICROS: i64 = 30 * 60 * 1_000_000;

/// An alarm as the DPO sees it.
pub type AlarmView = Alarm;

/// A break-glass that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakGlass {
    /// Id; the decision log names it.
    pub id: String,
    /// Microseconds UTC.
    pub started_at: i64,
    /// Microseconds UTC.
    pub expires_at: i64,
}

impl Service {
    /// Starts a break-glass for the caller.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a role that may not, `CONFLICT` while one runs, `BAD_USER_INPUT` without a
    /// reason.
    pub async fn start_break_glass(&self, caller: &Caller, reason: &str) -> Result<BreakGlass, Problem> {
        self.require_break_glass(caller)?;
        let reason = check_reason(reason)?;
        let now = self.clock.now();
        let (tenant, actor) = (&caller.tenant, &caller.actor);
        let running = self.store.running_alarm(tenant, BREAK_GLASS, &actor.id, now).await.map_err(store_problem)?;
        if running.is_some() {
            return Err(Problem::new(ErrorCode::Conflict, "A break-glass runs for you already")
                .mend("It ends by itself; `endBreakGlass` ends it before."));
        }
        let started = BreakGlass { id: new_id(), started_at: now, expires_at: now.saturating_add(LASTS_MICROS) };
        let alarm = Alarm {
            id: started.id.clone(),
            at: now,
            kind: BREAK_GLASS.to_owned(),
            actor: actor.id.clone(),
            role: actor.role.clone(),
            reason,
            ends_at: Some(started.expires_at),
            seen_at: None,
            seen_by: None,
        };
        // The alarm first: nothing may run that nobody was told of.
        self.store.put_alarm(tenant, &alarm).await.map_err(store_problem)?;
        tracing::warn!(tenant, actor = actor.id, role = actor.role, alarm = started.id, "break-glass was started");
        self.log_break_glass(caller, "started", &started.id, now).await?;
        Ok(started)
    }

    /// Ends the caller's break-glass before its time.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND` when none runs.
    pub async fn end_break_glass(&self, caller: &Caller) -> Result<BreakGlass, Problem> {
        self.require_break_glass(caller)?;
        let now = self.clock.now();
        let (tenant, actor) = (&caller.tenant, &caller.actor.id);
        let running = self.store.running_alarm(tenant, BREAK_GLASS, actor, now).await.map_err(store_problem)?;
        let running = running.ok_or_else(|| Problem::new(ErrorCode::NotFound, "No break-glass runs for you"))?;
        self.store.end_alarm(tenant, BREAK_GLASS, actor, now).await.map_err(store_problem)?;
        self.log_break_glass(caller, "ended", &running.id, now).await?;
        Ok(BreakGlass { id: running.id, started_at: running.at, expires_at: now })
    }

    /// The alarms, the latest first.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO.
    pub async fn alarms(&self, caller: &Caller, limit: u32) -> Result<Vec<AlarmView>, Problem> {
        require_dpo(caller)?;
        self.store.alarms(&caller.tenant, limit).await.map_err(store_problem)
    }

    /// Notes that the DPO has seen an alarm.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND` for an alarm that is not there or was seen before.
    pub async fn see_alarm(&self, caller: &Caller, id: &str) -> Result<(), Problem> {
        require_dpo(caller)?;
        let now = self.clock.now();
        if self.store.see_alarm(&caller.tenant, id, now, &caller.actor.id).await.map_err(store_problem)? {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::NotFound, "There is no such alarm that nobody has seen yet")
            .at("id")
            .mend("`alarms { id seenAt }` lists them."))
    }

    /// The break-glass that runs for a caller. Roles that may not start one cost no statement.
    pub(crate) async fn break_glass_of(&self, caller: &Caller, now: i64) -> Result<Option<String>, Problem> {
        if !self.may_break_glass(caller) {
            return Ok(None);
        }
        let running = self.store.running_alarm(&caller.tenant, BREAK_GLASS, &caller.actor.id, now).await;
        Ok(running.map_err(store_problem)?.map(|alarm| alarm.id))
    }

    fn may_break_glass(&self, caller: &Caller) -> bool {
        self.break_glass_roles.contains(&caller.actor.role)
    }

    fn require_break_glass(&self, caller: &Caller) -> Result<(), Problem> {
        if self.may_break_glass(caller) {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::Forbidden, "Your role may not break the glass")
            .mend("The roles that may are in `tenant.break_glass_roles` of the server's configuration."))
    }

    async fn log_break_glass(&self, caller: &Caller, outcome: &str, id: &str, now: i64) -> Result<(), Problem> {
        let set_version = self.store.current_set_version(&caller.tenant).await.map_err(store_problem)?;
        let line = LogLine {
            tenant: caller.tenant.clone(),
            at: now,
            actor: caller.actor.id.clone(),
            role: caller.actor.role.clone(),
            operation: BREAK_GLASS.to_owned(),
            entity: String::new(),
            purposes: vec![],
            channel: None,
            recipient: caller.recipient.clone(),
            set_version: set_version.unwrap_or_default(),
            outcome: outcome.to_owned(),
            fields: vec![],
            codes: vec![],
            observed: vec![],
            observed_rows: vec![],
            break_glass: Some(id.to_owned()),
            approval: None,
            detail: LogDetail::default(),
        };
        self.store.log().append(line).await.map_err(store_problem)
    }
}
