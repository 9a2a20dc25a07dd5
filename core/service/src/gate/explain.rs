//! Why is this record, or this field, not shown? Every rule of every policy, with the facts that it
//! saw, natively evaluated over one record as it would be asked for by somebody else.
//!
//! For the DPO alone, and logged: an explanation is the one answer that tells of hidden records.

use std::sync::Arc;

use garant_domain::context::Operation;
use garant_domain::lattice::{BoundRule, resolve};
use garant_domain::policy_set::Mode;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Reason;
use garant_domain::rule::{Effect, Hook, Trace, trace};
use garant_domain::value::Value;

use super::decision::effect_name;
use super::log::{Access, Outcome};
use super::plan;
use super::write::Needs;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::unit::{Unit, UnitRequest};

/// Whose access is to be explained.
#[derive(Clone, Debug, Default)]
pub struct ExplainRequest {
    /// Entity name.
    pub entity: String,
    /// Record id.
    pub id: String,
    /// Role of whoever asks.
    pub role: String,
    /// Purposes that they name.
    pub purposes: Vec<String>,
    /// Channel that they name.
    pub channel: Option<String>,
    /// Id of the recipient on whose behalf they ask.
    pub recipient: Option<String>,
}

/// One rule, explained.
#[derive(Clone, Debug)]
pub struct ExplainedRule {
    /// Why the rule is there.
    pub reason: Arc<Reason>,
    /// What it does.
    pub effect: &'static str,
    /// Fields that it concerns; empty for the record itself.
    pub fields: Vec<String>,
    /// Whether its policy is enforced or observed.
    pub mode: Mode,
    /// Whether it bites here: a restricting rule does unless its condition is false.
    pub bites: bool,
    /// What the condition said: true, false or unknown.
    pub outcome: Option<bool>,
    /// The facts that it saw.
    pub facts: Vec<(String, Value)>,
    /// Where it did not match: the first node that was false or unknown.
    pub first_not_true: Option<String>,
}

/// An explanation.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Version of the policy set that would decide.
    pub set_version: i64,
    /// `shown`, `masked`, `hidden` or `refused`.
    pub outcome: &'static str,
    /// The rules, those that bite first.
    pub rules: Vec<ExplainedRule>,
}

impl Unit {
    /// Explains an access that somebody else would make to a record.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO, `NOT_FOUND`, `POLICY_UNAVAILABLE`.
    pub async fn explain(&self, request: ExplainRequest) -> Result<Explanation, Problem> {
        if !self.context.actor.is_dpo() {
            return Err(Problem::new(ErrorCode::Forbidden, "Only the data protection officer reads explanations")
                .mend("Ask the DPO."));
        }
        let entity = self.entity(&request.entity)?;
        let other = self.as_other(&request).await?;
        let hooks: &[Hook] = if request.recipient.is_some() { &[Hook::Read, Hook::Transfer] } else { &[Hook::Read] };
        let asked = plan::ask(&self.service, &self.set, &other.context, entity, hooks).await?;
        let mut tx = self.service.store.begin_write(&self.context.tenant).await.map_err(store_problem)?;
        let record = tx.get(&entity.name, &request.id, false).await.map_err(store_problem)?.ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, format!("There is no such {}", entity.name))
                .at("id")
                .mend("Check the id.")
        })?;
        let mut needs = Needs::default();
        asked.rules.iter().for_each(|rule| needs.collect(&rule.when));
        let view = self.candidate(&mut tx, entity, &request.id, &record.values, needs).await?;
        drop(tx);
        let mut rules: Vec<ExplainedRule> = asked
            .rules
            .iter()
            .filter_map(|rule| {
                let reason = Arc::clone(asked.reasons.get(rule.reason)?);
                Some(explained(rule, reason, trace(&rule.when, &view), resolve(&rule.target, entity).fields))
            })
            .collect();
        rules.sort_by_key(|rule| !rule.bites);
        let outcome = outcome(&rules);
        self.log(Access {
            operation: Operation::Read,
            entity: &entity.name,
            outcome: Outcome::Explained,
            fields: vec![],
            codes: vec![],
            observed: vec![],
            references: vec![self.service.sealer.record_reference(&self.context.tenant, &entity.name, &request.id)],
        })
        .await?;
        Ok(Explanation { set_version: self.set.version, outcome, rules })
    }

    /// The unit of work that somebody else would begin.
    async fn as_other(&self, request: &ExplainRequest) -> Result<Self, Problem> {
        let mut actor = self.context.actor.clone();
        actor.role.clone_from(&request.role);
        let caller = Caller {
            tenant: self.context.tenant.clone(),
            actor,
            name: String::new(),
            recipient: request.recipient.clone(),
            default_purpose: None,
        };
        let unit = UnitRequest { purposes: request.purposes.clone(), channel: request.channel.clone() };
        Self::begin(&self.service, &caller, unit).await
    }
}

fn explained(rule: &BoundRule, reason: Arc<Reason>, traced: Trace, fields: Vec<String>) -> ExplainedRule {
    ExplainedRule {
        reason,
        effect: effect_name(rule.effect),
        fields,
        mode: if rule.enforced { Mode::Enforce } else { Mode::Observe },
        bites: match rule.effect {
            Effect::Allow => traced.outcome == Some(true),
            _ => traced.outcome != Some(false),
        },
        outcome: traced.outcome,
        facts: traced.facts(),
        first_not_true: traced.first_not_true().map(|node| node.node.clone()),
    }
}

fn outcome(rules: &[ExplainedRule]) -> &'static str {
    let bites =
        |effect: &str| rules.iter().any(|rule| rule.bites && rule.mode == Mode::Enforce && rule.effect == effect);
    match () {
        () if bites("refuse") => "refused",
        () if bites("hide") => "hidden",
        () if bites("mask") => "masked",
        () => "shown",
    }
}
