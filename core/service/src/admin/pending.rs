//! The second person: in a tenant that asks for one, a change that may weaken an enforced policy (no
//! longer enforcing it, other settings, another version, now or at a later instant) waits until somebody
//! else has confirmed it, and lapses if nobody does.

use garant_domain::clock::new_id;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Duty;
use garant_store::{Decision, PendingChange, StoreError};

use super::change::expect_version;
use super::request::Order;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// How long a change waits for its second person.
const LAPSES_AFTER_MICROS: i64 = 3 * 86_400_000_000;

/// A change that waits for its second person.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingView {
    /// Id.
    pub id: String,
    /// Plugin id.
    pub policy: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Opaque id of who asked for it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What is to be done, as JSON.
    pub edit: serde_json::Value,
    /// When it begins, if not at once.
    pub effective_from: Option<i64>,
    /// When it ends, if it does.
    pub ends_at: Option<i64>,
    /// Microseconds UTC; nobody can confirm it from then on.
    pub expires_at: i64,
}

impl Service {
    /// The changes that wait for their second person.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO and the controller.
    pub async fn pending_changes(&self, caller: &Caller) -> Result<Vec<PendingView>, Problem> {
        require_second_person(caller)?;
        self.pending_of(&caller.tenant, None, self.clock.now()).await
    }

    pub(super) async fn pending_of(
        &self,
        tenant: &str,
        policy: Option<&str>,
        now: i64,
    ) -> Result<Vec<PendingView>, Problem> {
        let pending = self.store.pending(tenant, now).await.map_err(store_problem)?;
        let wanted = pending.into_iter().filter(|change| policy.is_none_or(|policy| change.policy == policy));
        wanted.map(|change| pending_view(&change)).collect()
    }

    pub(super) async fn ask_second_person(&self, tenant: &str, order: &Order, now: i64) -> Result<(), Problem> {
        let request = serde_json::to_value(order).map_err(|_| unreadable())?;
        let pending = PendingChange {
            id: new_id(),
            at: now,
            actor: order.actor.clone(),
            reason: order.reason.clone(),
            policy: order.id.clone(),
            request,
            expires_at: now.saturating_add(LAPSES_AFTER_MICROS),
        };
        self.store.put_pending(tenant, &pending).await.map_err(store_problem)
    }

    /// Confirms a change that waits, as another person than the one who asked for it, and makes it.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for whoever asked for it and for other roles, `NOT_FOUND` when it was decided or
    /// has lapsed, `CONFLICT` when the policy was changed since.
    pub async fn confirm_change(&self, caller: &Caller, id: &str) -> Result<PendingView, Problem> {
        let (pending, order, now) = self.waiting(caller, id).await?;
        if pending.actor == caller.actor.id {
            return Err(Problem::new(ErrorCode::Forbidden, "Whoever asked for a change cannot confirm it")
                .mend("Ask another DPO or the controller."));
        }
        let set = self.stored_set(&caller.tenant).await?;
        expect_version(&set, &order.id, order.expected_version)?;
        // What was to begin meanwhile begins now.
        let mut order = order;
        order.timing.from = order.timing.from.map(|from| from.max(now));
        let edited = self.proved(&caller.tenant, &set, &order, now).await?;
        let decision = Decision { id: pending.id.clone(), at: now, by: caller.actor.id.clone(), confirmed: true };
        self.commit(&caller.tenant, &order, edited, now, Some(&decision)).await?;
        pending_view(&pending)
    }

    /// Turns a change that waits down; whoever asked for it may do so too.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`.
    pub async fn reject_change(&self, caller: &Caller, id: &str) -> Result<PendingView, Problem> {
        let (pending, _, now) = self.waiting(caller, id).await?;
        let decision = Decision { id: pending.id.clone(), at: now, by: caller.actor.id.clone(), confirmed: false };
        self.store.reject_pending(&caller.tenant, &decision).await.map_err(|error| match error {
            StoreError::Conflict => decided(),
            other => store_problem(other),
        })?;
        pending_view(&pending)
    }

    async fn waiting(&self, caller: &Caller, id: &str) -> Result<(PendingChange, Order, i64), Problem> {
        require_second_person(caller)?;
        let now = self.clock.now();
        let pending = self.store.pending(&caller.tenant, now).await.map_err(store_problem)?;
        let pending = pending.into_iter().find(|change| change.id == id).ok_or_else(decided)?;
        let order = serde_json::from_value(pending.request.clone()).map_err(|_| unreadable())?;
        Ok((pending, order, now))
    }
}

fn require_second_person(caller: &Caller) -> Result<(), Problem> {
    if caller.role().may(Duty::ConfirmPolicies) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Forbidden, "Only the data protection officer and the controller see these changes")
        .mend("Ask the DPO."))
}

fn decided() -> Problem {
    Problem::new(ErrorCode::NotFound, "No such change waits: it was decided, or nobody confirmed it in time")
        .at("id")
        .mend("`pendingPolicyChanges { id }` lists what waits.")
}

fn unreadable() -> Problem {
    Problem::new(ErrorCode::Internal, "a pending change cannot be read")
}

fn pending_view(pending: &PendingChange) -> Result<PendingView, Problem> {
    let order: Order = serde_json::from_value(pending.request.clone()).map_err(|_| unreadable())?;
    Ok(PendingView {
        id: pending.id.clone(),
        policy: pending.policy.clone(),
        at: pending.at,
        actor: pending.actor.clone(),
        reason: pending.reason.clone(),
        edit: serde_json::to_value(&order.edit).map_err(|_| unreadable())?,
        effective_from: order.timing.from,
        ends_at: order.timing.until,
        expires_at: pending.expires_at,
    })
}
