//! What policies asked for besides their decisions, as the DPO sees it and settles it. They are opened where a
//! rule bites (`gate/duties.rs`).

use std::sync::Arc;

use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Reason;
use garant_store::PolicyTask;

use crate::admin::{check_reason, require_dpo};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::register;
use crate::service::Service;

/// What a policy asked for, as the DPO sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyTaskView {
    /// What is on file.
    pub task: PolicyTask,
    /// Why, in the words of the policy as it is now; none once it is gone or says it otherwise.
    pub reason: Option<Arc<Reason>>,
    /// Name of the recipient, while it is registered.
    pub recipient_name: Option<String>,
}

impl Service {
    /// What policies asked for, the latest first; with what is done where asked for.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO.
    pub async fn policy_tasks(&self, caller: &Caller, done: bool, limit: u32) -> Result<Vec<PolicyTaskView>, Problem> {
        require_dpo(caller)?;
        let tenant = &caller.tenant;
        let found = self.store.policy_tasks(tenant, done, limit).await.map_err(store_problem)?;
        let (recipients, _) = register::recipients(&self.store, tenant, &["name".to_owned()]).await?;
        let set = self.publisher.current(tenant, self.clock.now()).await?;
        let view = |task: PolicyTask| {
            let policy = set.policies.iter().find(|policy| policy.entry.id == task.policy);
            let recipient = recipients.iter().find(|one| task.recipient.as_ref() == Some(&one.id));
            PolicyTaskView {
                reason: policy.and_then(|policy| policy.plugin.manifest().reason(&task.code)).map(Arc::clone),
                recipient_name: recipient.map(|recipient| recipient.name.clone()),
                task,
            }
        };
        Ok(found.into_iter().map(view).collect())
    }

    /// Notes that something was done, or lifts a freeze. It does not come back until the policy changes.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` without a word on how, `NOT_FOUND` for one that is not open.
    pub async fn settle_policy_task(&self, caller: &Caller, id: &str, note: &str) -> Result<(), Problem> {
        require_dpo(caller)?;
        let note = check_reason(note).map_err(|problem| problem.at("note"))?;
        let (now, actor) = (self.clock.now(), &caller.actor.id);
        if self.store.settle_policy_task(&caller.tenant, id, now, actor, &note).await.map_err(store_problem)? {
            return Ok(());
        }
        Err(Problem::new(ErrorCode::NotFound, "There is no such open task of a policy")
            .at("id")
            .mend("`policyTasks { id doneAt }` lists them."))
    }
}
