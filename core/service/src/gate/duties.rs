//! What a rule asks the host to do besides where it bites: open a task, raise an alarm, freeze the flows to
//! the recipient. Done once for a version of the policy, a code and a recipient, before the answer goes out.
//! An observed policy asks for nothing; nor does a rule that hides by what stands in a record, since nobody
//! looked at the records that are not there.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use garant_domain::catalog::{Entity, SubjectPath};
use garant_domain::clock::new_id;
use garant_domain::context::Context;
use garant_domain::lattice::BoundRule;
use garant_domain::problem::Problem;
use garant_domain::reason::{Localised, Reason};
use garant_domain::rule::{Cond, Duty, Effect, Rule, Selector, Target};
use garant_store::{ALARM, CausedBy, FREEZE, PolicyTask};

use super::decision::Decision;
use super::plan::Asked;
use crate::error::store_problem;
use crate::published::ActivePolicy;
use crate::unit::Unit;

/// What is remembered of what was opened; one too many, and all is forgotten and asked of the database again.
const MOST: usize = 10_000;
/// The kind of flows that a freeze stops.
const TO_RECIPIENT: &str = "recipient";

/// What an enforced rule asks for.
#[derive(Clone, Debug)]
pub(crate) struct Owed {
    /// The rule, by its reason.
    reason: usize,
    /// Whether it bites on this request, whatever the records are.
    always: bool,
    policy: String,
    policy_version: i64,
    code: String,
    duty: Duty,
}

/// What was opened, so that it is not asked of the database with every request.
#[derive(Default)]
pub(crate) struct Opened(Mutex<HashSet<String>>);

impl Owed {
    /// What a rule asks for.
    pub(super) fn of<'a>(
        policy: &'a ActivePolicy,
        rule: &'a Rule,
        bound: &'a BoundRule,
    ) -> impl Iterator<Item = Self> + 'a {
        rule.duties.iter().filter(|_| bound.when != Cond::Const(Some(false))).map(|duty| Self {
            reason: bound.reason,
            always: matches!(bound.when, Cond::Const(_)),
            policy: policy.entry.id.clone(),
            policy_version: policy.entry.version,
            code: rule.code.clone(),
            duty: duty.clone(),
        })
    }

    fn task(&self, context: &Context) -> Option<PolicyTask> {
        let (kind, name) = match &self.duty {
            Duty::Task(name) => ("task", name),
            Duty::Alarm(name) => (ALARM, name),
            Duty::Freeze(name) => (FREEZE, name),
        };
        let recipient = context.recipient.as_ref().map(|recipient| recipient.id.clone());
        // There is nothing to freeze where nobody is named, and no other kind of flow is known.
        if kind == FREEZE && (recipient.is_none() || name != TO_RECIPIENT) {
            return None;
        }
        Some(PolicyTask {
            id: new_id(),
            kind: kind.to_owned(),
            name: name.clone(),
            policy: self.policy.clone(),
            policy_version: self.policy_version,
            code: self.code.clone(),
            recipient,
            opened_at: context.now,
            done_at: None,
            done_by: None,
            note: None,
        })
    }
}

impl Opened {
    fn key(tenant: &str, task: &PolicyTask) -> String {
        let version = task.policy_version.to_string();
        let recipient = task.recipient.as_deref().unwrap_or_default();
        [tenant, &task.kind, &task.name, &task.policy, &version, &task.code, recipient].join("\u{1f}")
    }

    fn without(&self, tenant: &str, tasks: Vec<PolicyTask>) -> Vec<PolicyTask> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.into_iter().filter(|task| !known.contains(&Self::key(tenant, task))).collect()
    }

    fn add(&self, tenant: &str, tasks: &[PolicyTask]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.extend(tasks.iter().map(|task| Self::key(tenant, task)));
    }
}

impl Unit {
    /// Does what the rules that bit ask for: those of these reasons, and those that bite on every record.
    pub(super) async fn carry_out(&self, decision: &Decision, bitten: &BTreeSet<usize>) -> Result<(), Problem> {
        if decision.duties.is_empty() {
            return Ok(());
        }
        let tenant = &self.context.tenant;
        let due = decision.duties.iter().filter(|owed| owed.always || bitten.contains(&owed.reason));
        let tasks = self.service.opened.without(tenant, due.filter_map(|owed| owed.task(&self.context)).collect());
        if tasks.is_empty() {
            return Ok(());
        }
        let by = CausedBy { actor: &self.context.actor.id, role: &self.context.actor.role };
        let new = self.service.store.open_policy_tasks(tenant, &tasks, by).await.map_err(store_problem)?;
        for task in &new {
            tracing::warn!(
                kind = task.kind,
                name = task.name,
                policy = task.policy,
                code = task.code,
                "a policy asks the data protection officer to act"
            );
        }
        self.service.opened.add(tenant, &tasks);
        Ok(())
    }
}

/// Where the flows to the recipient are frozen, everything is refused, whatever the policies say by now.
pub(super) fn add_freeze(asked: &mut Asked, context: &Context, entity: &Entity) {
    let frozen = context.recipient.as_ref().and_then(|recipient| recipient.frozen.as_deref());
    // Whether one was frozen in the past is not on file.
    let Some(code) = frozen.filter(|_| !context.of_past && entity.subject != SubjectPath::None) else { return };
    asked.rules.push(BoundRule {
        when: Cond::Const(Some(true)),
        effect: Effect::Refuse,
        target: Target { selectors: vec![Selector::Row], complement: false },
        reason: asked.reasons.len(),
        enforced: true,
    });
    asked.reasons.push(reason(code));
}

fn reason(code: &str) -> Arc<Reason> {
    let text = |en: String, fr: String| Localised { en, fr };
    Arc::new(Reason {
        plugin: "core".to_owned(),
        code: "FROZEN".to_owned(),
        title: text("Flows to this recipient are frozen".to_owned(), "Flux vers ce destinataire gelés".to_owned()),
        message: text(
            format!("A rule ({code}) had every flow to this recipient stopped."),
            format!("Une règle ({code}) a fait arrêter tout flux vers ce destinataire."),
        ),
        remedy: text(
            "The data protection officer looks at `policyTasks` and lifts it with `settlePolicyTask`.".to_owned(),
            "Le délégué à la protection des données consulte `policyTasks` et le lève avec `settlePolicyTask`."
                .to_owned(),
        ),
        article: "GDPR 5(2), 24".to_owned(),
    })
}
