//! What the DPO sees of obligations, and notes as done. They are opened by the writes that make them due
//! (`gate/write/follow_up.rs`).

use garant_domain::calendar;
use garant_domain::problem::{ErrorCode, Problem};
use garant_store::Obligation;

use crate::admin::{check_reason, require_dpo};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::register;
use crate::service::Service;

/// An obligation as the DPO sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObligationView {
    /// What is on file.
    pub obligation: Obligation,
    /// Name of the recipient, while it is registered.
    pub recipient_name: Option<String>,
    /// Its day has passed, and it is open.
    pub overdue: bool,
}

impl Service {
    /// The obligations, the most urgent first; with those that are done after them, where asked for.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO.
    pub async fn obligations(&self, caller: &Caller, done: bool, limit: u32) -> Result<Vec<ObligationView>, Problem> {
        require_dpo(caller)?;
        let found = self.store.obligations(&caller.tenant, done, limit).await.map_err(store_problem)?;
        let fields = ["name".to_owned()];
        let (recipients, _) = register::recipients(&self.store, &caller.tenant, &fields).await?;
        let today = calendar::local_date(self.clock.now(), self.zone);
        let view = |obligation: Obligation| {
            let recipient = recipients.iter().find(|one| obligation.recipient.as_ref() == Some(&one.id));
            ObligationView {
                recipient_name: recipient.map(|recipient| recipient.name.clone()),
                overdue: obligation.done_at.is_none() && obligation.due_on < today,
                obligation,
            }
        };
        Ok(found.into_iter().map(view).collect())
    }

    /// Notes that an obligation was met, and how. The id of the record goes.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` without a word on how, `NOT_FOUND` for one that is not open.
    pub async fn settle_obligation(&self, caller: &Caller, id: &str, note: &str) -> Result<(), Problem> {
        require_dpo(caller)?;
        let note = check_reason(note).map_err(|problem| problem.at("note"))?;
        let (now, actor) = (self.clock.now(), &caller.actor.id);
        if self.store.settle_obligation(&caller.tenant, id, now, actor, &note).await.map_err(store_problem)? {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::NotFound, "There is no such open obligation")
            .at("id")
            .mend("`obligations { id doneAt }` lists them."))
    }
}
