//! Approvals: a policy may make an operation depend on other people who approve it. Whoever was refused
//! asks with what the refusal gave them; somebody else approves or declines; the operation may then be
//! done once, before it lapses.
//!
//! What is bound is a keyed digest of the whole operation, so another value anywhere is another
//! operation. The operation itself is not kept, since it may hold personal data: who approves sees what
//! it does in names of the schema, on which entity, for which purposes and recipient, and the words of
//! whoever asks. They answer for having looked at the values together.

mod bound;
mod ticket;

use garant_domain::clock::new_id;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Duty;
use garant_store::{Approval, LogDetail, LogLine, StoreError};

pub use bound::BoundOperation;
pub(crate) use ticket::Ticket;

use crate::admin::check_reason;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// How long it may be approved, and then used.
const LAPSES_AFTER_MICROS: i64 = 86_400_000_000;

/// What one person may have open: more is a mistake, or a way to tire those who approve.
const MOST_OPEN: usize = 20;

/// What the decision log calls a step.
const OPERATION: &str = "approval";

/// What was asked, as those concerned see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalView {
    /// What was asked.
    pub approval: Approval,
    /// What became of it.
    pub state: ApprovalState,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalState {
    /// Nobody has decided.
    Pending,
    /// It may be used.
    Approved,
    /// Turned down, or taken back.
    Declined,
    /// It was used.
    Used,
    /// Too late.
    Expired,
}

impl Service {
    /// Asks others to approve what was refused.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for what no refusal gave to this caller, and without a reason; `CONFLICT` when it
    /// is asked for already, or the caller has too much open.
    pub async fn request_approval(
        &self,
        caller: &Caller,
        request: &str,
        reason: &str,
    ) -> Result<ApprovalView, Problem> {
        let reason = check_reason(reason)?;
        let ticket = Ticket::open(&self.sealer, caller, request).ok_or_else(|| {
            Problem::input("request", "This was not given to you by a refusal")
                .mend("Send `extensions.approval.wanted[].request` of the refusal, as the one who was refused.")
        })?;
        let (tenant, now) = (&caller.tenant, self.clock.now());
        let open = self.store.open_approvals(tenant, &caller.actor.id, now).await.map_err(store_problem)?;
        let same = open.iter().filter(|open| open.digest == ticket.digest && open.kind == ticket.kind).count();
        if i64::try_from(same).unwrap_or(i64::MAX) >= ticket.needed {
            return Err(Problem::new(ErrorCode::Conflict, "This was asked for already")
                .at("request")
                .mend("Wait until it is approved, or withdraw it with `decline`; `approvals` lists it."));
        }
        if open.len() >= MOST_OPEN {
            return Err(Problem::new(ErrorCode::Conflict, format!("You have {MOST_OPEN} approvals open"))
                .mend("Use or withdraw some of them; `approvals` lists them."));
        }
        let asked = Approval {
            id: new_id(),
            at: now,
            actor: caller.actor.id.clone(),
            role: caller.actor.role.clone(),
            kind: ticket.kind,
            digest: ticket.digest,
            entity: ticket.entity,
            outline: ticket.outline,
            purposes: ticket.purposes,
            channel: ticket.channel,
            recipient: ticket.recipient,
            code: ticket.code,
            reason,
            expires_at: now.saturating_add(LAPSES_AFTER_MICROS),
            approved_at: None,
            approved_by: None,
            declined_at: None,
            declined_by: None,
            declined_reason: None,
            used_at: None,
        };
        let line = self.step(caller, &asked, "requested", now).await?;
        let mut tx = self.store.begin_write(tenant).await.map_err(store_problem)?;
        tx.ask_approval(&asked).await.map_err(store_problem)?;
        tx.log(&line).await.map_err(store_problem)?;
        tx.commit().await.map_err(store_problem)?;
        Ok(view(asked, now))
    }

    /// Approves what somebody else asked for.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for other roles and for whoever asked; `NOT_FOUND` when it was decided or has lapsed.
    pub async fn approve(&self, caller: &Caller, id: &str) -> Result<ApprovalView, Problem> {
        require_approver(caller)?;
        let asked = self.asked(caller, id).await?;
        if asked.actor == caller.actor.id {
            return Err(Problem::new(ErrorCode::Forbidden, "Nobody approves what they asked for themselves")
                .at("id")
                .mend("Ask another DPO, an administrator or the controller."));
        }
        let now = self.clock.now();
        let line = self.step(caller, &asked, "approved", now).await?;
        let mut tx = self.store.begin_write(&caller.tenant).await.map_err(store_problem)?;
        tx.approve(id, &caller.actor.id, now).await.map_err(decided_meanwhile)?;
        tx.log(&line).await.map_err(store_problem)?;
        tx.commit().await.map_err(store_problem)?;
        Ok(view(self.asked(caller, id).await?, now))
    }

    /// Turns it down, or takes an approval back that was not used yet. Whoever asked may withdraw it.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` without a reason; `NOT_FOUND` when it was declined or used or has lapsed, and
    /// alike for what the caller does not see.
    pub async fn decline(&self, caller: &Caller, id: &str, reason: &str) -> Result<ApprovalView, Problem> {
        let reason = check_reason(reason)?;
        let asked = self.asked(caller, id).await?;
        let now = self.clock.now();
        let line = self.step(caller, &asked, "declined", now).await?;
        let mut tx = self.store.begin_write(&caller.tenant).await.map_err(store_problem)?;
        tx.decline_approval(id, &caller.actor.id, &reason, now).await.map_err(decided_meanwhile)?;
        tx.log(&line).await.map_err(store_problem)?;
        tx.commit().await.map_err(store_problem)?;
        Ok(view(self.asked(caller, id).await?, now))
    }

    /// What was asked, newest first: everything for those who approve, for others what they asked.
    ///
    /// # Errors
    ///
    /// `INTERNAL`.
    pub async fn approvals(&self, caller: &Caller, limit: u32) -> Result<Vec<ApprovalView>, Problem> {
        let own = (!is_approver(caller)).then_some(caller.actor.id.as_str());
        let found = self.store.approvals(&caller.tenant, own, limit).await.map_err(store_problem)?;
        let now = self.clock.now();
        Ok(found.into_iter().map(|approval| view(approval, now)).collect())
    }

    /// What was asked under an id, if the caller sees it.
    async fn asked(&self, caller: &Caller, id: &str) -> Result<Approval, Problem> {
        let found = self.store.approval(&caller.tenant, id).await.map_err(store_problem)?;
        found.filter(|asked| is_approver(caller) || asked.actor == caller.actor.id).ok_or_else(decided)
    }

    /// The line of a step. Words of people stay out of the log.
    async fn step(&self, caller: &Caller, asked: &Approval, outcome: &str, now: i64) -> Result<LogLine, Problem> {
        let set_version = self.store.current_set_version(&caller.tenant).await.map_err(store_problem)?;
        Ok(LogLine {
            tenant: caller.tenant.clone(),
            at: now,
            actor: caller.actor.id.clone(),
            role: caller.actor.role.clone(),
            operation: OPERATION.to_owned(),
            entity: asked.entity.clone(),
            purposes: asked.purposes.clone(),
            channel: asked.channel.clone(),
            recipient: asked.recipient.clone(),
            set_version: set_version.unwrap_or_default(),
            outcome: outcome.to_owned(),
            fields: vec![],
            codes: vec![asked.code.clone()],
            observed: vec![],
            observed_rows: vec![],
            break_glass: None,
            approval: Some(asked.id.clone()),
            detail: LogDetail::default(),
        })
    }
}

fn view(approval: Approval, now: i64) -> ApprovalView {
    let state = if approval.used_at.is_some() {
        ApprovalState::Used
    } else if approval.declined_at.is_some() {
        ApprovalState::Declined
    } else if approval.expires_at <= now {
        ApprovalState::Expired
    } else if approval.approved_at.is_some() {
        ApprovalState::Approved
    } else {
        ApprovalState::Pending
    };
    ApprovalView { approval, state }
}

fn is_approver(caller: &Caller) -> bool {
    caller.role().may(Duty::Approve)
}

fn require_approver(caller: &Caller) -> Result<(), Problem> {
    if is_approver(caller) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Forbidden, "Only the DPO, administrators and the controller approve")
        .mend("Ask one of them."))
}

fn decided_meanwhile(error: StoreError) -> Problem {
    match error {
        StoreError::Conflict => decided(),
        other => store_problem(other),
    }
}

fn decided() -> Problem {
    Problem::new(ErrorCode::NotFound, "No such approval waits: it was decided or used, or it has lapsed")
        .at("id")
        .mend("`approvals { id state }` lists them.")
}
