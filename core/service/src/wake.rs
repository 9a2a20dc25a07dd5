//! The ways back from the archive: an act of the person, or a decision of the DPO with its reason. Nothing
//! else wakes anybody, and nothing wakes many.

use std::sync::Arc;

use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Duty;

use crate::admin::{check_reason, require_dpo};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate::{Door, DormantRecord, DormantRequest};
use crate::service::Service;
use crate::unit::{Unit, UnitRequest};

/// The field of a person that holds their last act, by its fact.
const LAST_ACT: &str = "subject.last_inbound_contact_at";

impl Service {
    /// Opens a record that sleeps: for the DPO with a reason, for others with a case besides.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` without a reason or a case; as [`Unit::dormant`].
    pub async fn dormant_record(
        self: &Arc<Self>,
        unit: &Unit,
        mut request: DormantRequest,
    ) -> Result<DormantRecord, Problem> {
        request.reason = check_reason(&request.reason)?;
        unit.dormant(&request).await
    }

    /// Wakes a person because the DPO decides so.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` without a reason, `NOT_FOUND` for somebody who does not sleep.
    pub async fn wake_person(self: &Arc<Self>, caller: &Caller, id: &str, reason: &str) -> Result<(), Problem> {
        require_dpo(caller)?;
        let reason = check_reason(reason)?;
        let unit = self.begin(caller, UnitRequest::default()).await?;
        let mut tx = unit.store().begin_write(&caller.tenant).await.map_err(store_problem)?;
        if !unit.wake(Door::Wake, &mut tx, id, "dpo", &reason).await? {
            return Err(Problem::new(ErrorCode::NotFound, "Nothing of such a person sleeps")
                .at("id")
                .mend("`dormantRecord` opens what sleeps."));
        }
        tx.commit().await.map_err(store_problem)
    }

    /// Notes that a person did something by themselves: wrote, called, clicked, ordered, logged in. Whoever
    /// slept wakes; of whoever is awake it is their last contact. The answer is the same whether somebody is
    /// there, sleeps or never was.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but a system through which people act, `BAD_USER_INPUT` for an act that lies
    /// ahead.
    pub async fn note_act_of_person(self: &Arc<Self>, caller: &Caller, id: &str, at: i64) -> Result<(), Problem> {
        if !caller.role().may(Duty::Intake) {
            return Err(Problem::new(
                ErrorCode::Forbidden,
                "Only a system through which people act notes what they do",
            )
            .mend("Use a token with the role `portal`."));
        }
        if at > self.clock.now() {
            return Err(Problem::input("at", "The act lies ahead").mend("Give the instant at which it happened."));
        }
        let unit = self.begin(&Caller { default_purpose: None, ..caller.clone() }, UnitRequest::default()).await?;
        let mut tx = unit.store().begin_write(&caller.tenant).await.map_err(store_problem)?;
        unit.wake(Door::Wake, &mut tx, id, "person", "an act of the person").await?;
        unit.note_act(&mut tx, id, LAST_ACT, at).await?;
        tx.commit().await.map_err(store_problem)
    }
}
