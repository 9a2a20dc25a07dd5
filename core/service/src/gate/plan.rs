//! Asking the policies: plans, from the cache or from a fresh instance, bound to the request.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use garant_domain::catalog::{Entity, SubjectPath};
use garant_domain::context::{Actor, Context, Purpose};
use garant_domain::lattice::BoundRule;
use garant_domain::policy_set::Mode;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Reason;
use garant_domain::rule::{BindEnv, Hook, bind};
use garant_domain::value::Value;
use garant_policy::{Plan, PlanRequest, PluginError, ReferenceTable};

use super::approvals::Bearing;
use super::attributes;
use super::duties::{self, Owed};
use super::judge::Judge;
use super::request_facts::RequestFacts;
use crate::error::plugin_problem;
use crate::published::{ActivePolicy, PublishedSet};
use crate::register::{self, Behind};
use crate::service::Service;

/// Rules of every policy for one entity, bound to the request, with their reasons.
#[derive(Default)]
pub(crate) struct Asked {
    /// Rules; `reason` indexes into `reasons`.
    pub rules: Vec<BoundRule>,
    /// Reasons.
    pub reasons: Vec<Arc<Reason>>,
    /// Policies that want to look at the records besides.
    pub judges: Vec<Judge>,
    /// Codes of the observed policies that could not decide: enforced, they would have refused.
    pub unavailable: Vec<String>,
    /// What they make of the operation's approvals.
    pub approvals: Bearing,
    /// What enforced rules ask the host to do besides where they bite.
    pub duties: Vec<Owed>,
}

/// A plan that a policy gave for a request.
pub(crate) struct Answer<'s> {
    /// Whose plan it is.
    pub policy: &'s ActivePolicy,
    /// For which hook.
    pub hook: Hook,
    /// For which of the request's purposes.
    purpose: usize,
    /// The plan.
    pub plan: Arc<Plan>,
}

/// The plans of every policy that decides on an entity.
#[derive(Default)]
pub(crate) struct Answers<'s> {
    /// One for each policy, hook and purpose, in this order.
    pub answers: Vec<Answer<'s>>,
    /// As in [`Asked`].
    pub unavailable: Vec<String>,
    /// What was asked for each purpose.
    requests: Vec<PlanRequest>,
}

/// Asks every policy of the set that decides on the entity at one of the hooks, once per purpose.
///
/// # Errors
///
/// `POLICY_UNAVAILABLE` when an enforced policy cannot decide.
pub(crate) async fn ask(
    service: &Service,
    set: &PublishedSet,
    context: &Context,
    entity: &Entity,
    hooks: &[Hook],
) -> Result<Asked, Problem> {
    let answers = answers(service, set, context, entity, hooks).await?;
    bound(service, context, entity, &answers).await
}

/// The plans alone.
///
/// # Errors
///
/// As [`ask`].
pub(super) async fn answers<'s>(
    service: &Service,
    set: &'s PublishedSet,
    context: &Context,
    entity: &Entity,
    hooks: &[Hook],
) -> Result<Answers<'s>, Problem> {
    let mut all = Answers::default();
    // About nobody: no rule could have an effect.
    if entity.subject == SubjectPath::None {
        return Ok(all);
    }
    // What every policy is asked with is made once: a plan from the cache costs less than a list of attributes.
    all.requests = purposes(context).map(|purpose| request(context, purpose, entity)).collect();
    for policy in set.asked() {
        let hooks: Vec<Hook> = hooks.iter().copied().filter(|hook| decides(policy, entity, *hook)).collect();
        if hooks.is_empty() {
            continue;
        }
        let tables = references(service, policy, context);
        for hook in hooks {
            for (purpose, request) in all.requests.iter_mut().enumerate() {
                request.hook = hook;
                let answer = match &tables {
                    Ok(tables) => {
                        request.references.clone_from(tables);
                        policy.plugin.plan(&policy.configured, request).await
                    }
                    Err(error) => Err(error.clone()),
                };
                match answer {
                    Ok(plan) => all.answers.push(Answer { policy, hook, purpose, plan }),
                    // A policy under observation must not change what anybody sees, so its failure
                    // is logged like its decisions and nothing more.
                    Err(error) if policy.entry.mode == Mode::Observe => {
                        tracing::warn!(
                            plugin = policy.entry.id,
                            code = error.code(),
                            "an observed policy could not decide"
                        );
                        let code = format!("{}/POLICY_UNAVAILABLE", policy.entry.id);
                        if !all.unavailable.contains(&code) {
                            all.unavailable.push(code);
                        }
                    }
                    Err(error) => return Err(plugin_problem(&policy.entry.id, &error)),
                }
            }
        }
    }
    Ok(all)
}

/// The rules of plans, bound to the request.
///
/// # Errors
///
/// As [`ask`].
pub(super) async fn bound(
    service: &Service,
    context: &Context,
    entity: &Entity,
    answers: &Answers<'_>,
) -> Result<Asked, Problem> {
    let mut asked = Asked { unavailable: answers.unavailable.clone(), ..Asked::default() };
    let mut facts = RequestFacts::default();
    for Answer { policy, hook, purpose, plan } in &answers.answers {
        facts.learn(service, policy.plugin.catalog(), context, &plan.rules).await?;
        let resolve = |name: &str| facts.get(name).unwrap_or_else(|| attributes::bound(context, name));
        let env = BindEnv { now: context.now, zone: context.zone, context: &resolve };
        add(&mut asked, policy, plan, &env, &facts)?;
        if plan.judge.is_some() {
            let attributes = answers.requests.get(*purpose).map(|request| request.attributes.clone());
            add_judge(&mut asked, policy, plan, entity, *hook, attributes.unwrap_or_default())?;
        }
    }
    duties::add_freeze(&mut asked, context, entity);
    Ok(asked)
}

/// Each purpose of the request, or none once: a policy is asked in any case.
pub(super) fn purposes(context: &Context) -> impl Iterator<Item = Option<&Purpose>> {
    let none = context.purposes.is_empty().then_some(None);
    context.purposes.iter().map(Some).chain(none)
}

fn decides(policy: &ActivePolicy, entity: &Entity, hook: Hook) -> bool {
    policy.plugin.manifest().covers(hook, &entity.name)
}

async fn plan(
    service: &Service,
    policy: &ActivePolicy,
    context: &Context,
    purpose: Option<&Purpose>,
    entity: &Entity,
    hook: Hook,
) -> Result<Arc<Plan>, PluginError> {
    let references = references(service, policy, context)?;
    let request = PlanRequest { hook, references, ..request(context, purpose, entity) };
    policy.plugin.plan(&policy.configured, &request).await
}

/// What a policy is asked for one purpose, but for its hook and its tables.
fn request(context: &Context, purpose: Option<&Purpose>, entity: &Entity) -> PlanRequest {
    let attributes = attributes::of(context, purpose);
    PlanRequest { hook: Hook::Read, entity: entity.name.clone(), attributes, references: vec![] }
}

/// The reference tables that the plugin declared, as of the request's day in the tenant's zone.
fn references(
    service: &Service,
    policy: &ActivePolicy,
    context: &Context,
) -> Result<Vec<Arc<ReferenceTable>>, PluginError> {
    let day: NaiveDate = DateTime::from_timestamp_micros(context.now)
        .map(|instant| instant.with_timezone(&context.zone).date_naive())
        .unwrap_or_default();
    let declared = policy.plugin.manifest().references.iter();
    declared
        .map(|name| match context.registers.iter().find(|table| table.name == *name) {
            Some(table) => service.registers.digested(&context.tenant, table),
            None => service
                .references
                .as_of(name, day)
                .ok_or_else(|| PluginError::BadRequest { detail: format!("there is no reference table `{name}`") }),
        })
        .collect()
}

fn add(
    asked: &mut Asked,
    policy: &ActivePolicy,
    plan: &Plan,
    env: &BindEnv<'_>,
    facts: &RequestFacts,
) -> Result<(), Problem> {
    for rule in &plan.rules {
        let reason = policy.plugin.manifest().reason(&rule.code).ok_or_else(|| unknown_code(policy))?;
        let bound = BoundRule {
            when: bind(&rule.when, env),
            effect: rule.effect,
            target: rule.target.clone(),
            reason: asked.reasons.len(),
            enforced: policy.entry.mode == Mode::Enforce,
        };
        let known = asked.rules.iter().any(|known| {
            known.when == bound.when
                && known.effect == bound.effect
                && known.target == bound.target
                && known.enforced == bound.enforced
                && asked.reasons.get(known.reason).is_some_and(|other| other == reason)
        });
        if !known {
            if bound.enforced {
                asked.duties.extend(Owed::of(policy, rule, &bound));
                asked.approvals.note(rule, &bound.when, bound.reason, env, facts);
            }
            asked.reasons.push(Arc::clone(reason));
            asked.rules.push(bound);
        }
    }
    Ok(())
}

/// A plan that asks to judge is obeyed in that too.
fn add_judge(
    asked: &mut Asked,
    policy: &ActivePolicy,
    plan: &Arc<Plan>,
    entity: &Entity,
    hook: Hook,
    attributes: Vec<(String, Value)>,
) -> Result<(), Problem> {
    let enforced = policy.entry.mode == Mode::Enforce;
    let judge = Judge::of(policy, plan, hook, entity, attributes, asked.reasons.len(), enforced)?;
    for verdict in plan.judge.iter().flat_map(|request| &request.verdicts) {
        let reason = policy.plugin.manifest().reason(&verdict.code).ok_or_else(|| unknown_code(policy))?;
        asked.reasons.push(Arc::clone(reason));
    }
    asked.judges.extend(judge);
    Ok(())
}

/// The engine refuses such a plan; fail closed should it ever not.
fn unknown_code(policy: &ActivePolicy) -> Problem {
    let message = format!("Policy `{}` gave an unknown code", policy.entry.id);
    Problem::new(ErrorCode::PolicyUnavailable, message).at(policy.entry.id.as_str())
}

/// Asks a policy once for each hook and entity that it declares, as a DPO would: a set whose rules
/// do not type-check is not committed. A policy that is off is proved too where it must be fit to be
/// switched on.
///
/// # Errors
///
/// `POLICY_UNAVAILABLE` naming the policy.
pub(crate) async fn prove(
    service: &Service,
    tenant: &str,
    set_version: i64,
    policy: &ActivePolicy,
) -> Result<(), Problem> {
    prove_on(service, tenant, set_version, policy, |_| true).await
}

/// The same, on some of the entities.
///
/// # Errors
///
/// As [`prove`].
pub(crate) async fn prove_on(
    service: &Service,
    tenant: &str,
    set_version: i64,
    policy: &ActivePolicy,
    concerned: impl Fn(&Entity) -> bool,
) -> Result<(), Problem> {
    let now = service.clock.now();
    let registers = register::tables(&service.store, &service.catalog, tenant, [policy]).await?;
    let registers = Behind::load(service, tenant, [policy]).await?.join(service, &registers, None, now);
    let context = Context {
        tenant: tenant.to_owned(),
        actor: Actor { id: "proof".to_owned(), role: "dpo".to_owned(), country: None },
        purposes: vec![],
        channel: None,
        recipient: None,
        transfer: None,
        now,
        zone: service.zone,
        set_version,
        registers,
        hosting: Arc::clone(&service.hosting),
        break_glass: None,
        operation: None,
        of_past: false,
    };
    for entity in policy.plugin.catalog().entities.iter().filter(|entity| concerned(entity)) {
        for hook in [Hook::Read, Hook::Write, Hook::Transfer, Hook::Retention] {
            if !decides(policy, entity, hook) {
                continue;
            }
            for basis in ["A6-1-a", "A6-1-b", "A6-1-f"] {
                let purpose = Purpose {
                    key: "proof".to_owned(),
                    legal_basis: basis.to_owned(),
                    direct_marketing: basis == "A6-1-a",
                    ..Purpose::default()
                };
                let planned = plan(service, policy, &context, Some(&purpose), entity, hook).await;
                planned.map_err(|error| plugin_problem(&policy.entry.id, &error))?;
            }
        }
    }
    Ok(())
}
