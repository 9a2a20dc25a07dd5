//! Why is this record, or this field, not shown? Every rule of every policy, with the facts that it
//! saw, natively evaluated over one record as it would be asked for by somebody else, now or in the
//! past.
//!
//! For the DPO alone, and logged: an explanation is the one answer that tells of hidden records. In a
//! sandbox, whose records are nobody's, for everybody.

mod asker;
mod changes;
mod rules;
mod view;

use std::sync::Arc;

use garant_domain::context::Context;
use garant_domain::lattice::compose;
use garant_domain::policy_set::Mode;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::{Localised, Reason};
use garant_domain::role::Duty;
use garant_domain::rule::{Change, Hook};
use garant_domain::value::Value;

pub(super) use view::folded;

use super::door::Door;
use super::judge::{Judge, Judged, judge};
use super::log::{Access, Outcome};
use super::plan;
use crate::error::store_problem;
use crate::published::PublishedSet;
use crate::unit::Unit;

/// Whose access is to be explained.
#[derive(Clone, Debug, Default)]
pub struct ExplainRequest {
    /// Entity name.
    pub entity: String,
    /// Record id.
    pub id: String,
    /// What they would do; reading when left out.
    pub hook: Option<Hook>,
    /// Role of whoever asks.
    pub role: String,
    /// Their opaque id; the caller's own when left out.
    pub actor: Option<String>,
    /// Country where they work; the caller's own when left out.
    pub country: Option<String>,
    /// Purposes that they name.
    pub purposes: Vec<String>,
    /// Channel that they name.
    pub channel: Option<String>,
    /// Id of the recipient on whose behalf they ask.
    pub recipient: Option<String>,
    /// Whether a break-glass runs for them.
    pub break_glass: bool,
    /// An instant that has passed, in microseconds UTC.
    pub at: Option<i64>,
    /// The clock of the access, past or future; only in a sandbox.
    pub now: Option<i64>,
    /// Version of the policy set that decides; the current one when left out.
    pub set_version: Option<i64>,
}

/// Where the value of a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The access is of now, and so is the value.
    Now,
    /// The value of the instant asked for.
    Then,
    /// Not kept by time: the present value.
    Present,
    /// Changed since, and the value of the instant is not kept: taken as unknown.
    Unknown,
}

/// A fact that a rule saw, or an attribute of the request that a policy was given.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenFact {
    /// Name.
    pub name: String,
    /// Value.
    pub value: Value,
    /// Where it comes from.
    pub basis: Basis,
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
    pub facts: Vec<SeenFact>,
    /// Where it did not match: the first node that was false or unknown, and which of both.
    pub first_not_true: Option<(String, Option<bool>)>,
    /// Said by judging this record, not by a rule: the facts are what the policy looked at.
    pub judged: bool,
}

/// What would have to be otherwise for the record, or some of its fields, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// The fields that it opens; none for the record itself.
    pub fields: Vec<String>,
    /// Alternatives, each a smallest set of changes; none where no change of the record helps.
    pub alternatives: Vec<Vec<Change>>,
}

/// An explanation.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Version of the policy set that decided.
    pub set_version: i64,
    /// The instant of the access, in microseconds UTC.
    pub at: i64,
    /// `shown`, `masked`, `hidden`, `refused`; `allowed` or `rejected` for a write; `kept`, `held`,
    /// `make-dormant`, `anonymise` or `erase` for retention.
    pub outcome: &'static str,
    /// Fields that are masked, or may not be written.
    pub fields: Vec<String>,
    /// The rules, those that bite first.
    pub rules: Vec<ExplainedRule>,
    /// What the policies were told of the request.
    pub context: Vec<SeenFact>,
    /// The smallest changes that would allow it.
    pub remedies: Vec<Remedy>,
    /// What to bear in mind.
    pub notes: Vec<Localised>,
}

impl Unit {
    /// Explains an access that somebody else would make to a record.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO outside a sandbox, `BAD_USER_INPUT` for an entity, role,
    /// purpose, channel, recipient, instant or set that is none, `NOT_FOUND`, `POLICY_UNAVAILABLE`.
    pub async fn explain(&self, request: ExplainRequest) -> Result<Explanation, Problem> {
        if !self.role.may(Duty::Policies) && !self.service.sandbox {
            return Err(Problem::new(ErrorCode::Forbidden, "Only the data protection officer reads explanations")
                .mend("Ask the DPO."));
        }
        let entity = self.catalog().entity(&request.entity).ok_or_else(|| {
            let known: Vec<&str> = self.catalog().entities.iter().map(|entity| entity.name.as_str()).collect();
            Problem::input("entity", "There is no such entity").mend(format!("Use one of: {}.", known.join(", ")))
        })?;
        let hook = request.hook.unwrap_or(Hook::Read);
        let mut notes = Vec::new();
        let set = self.deciding_set(&request, &mut notes).await?;
        let mut tx = self.store().begin_write(&self.context.tenant).await.map_err(store_problem)?;
        let asker = self.asker(&mut tx, &request, entity, &set).await?;
        notes.extend(asker.notes);
        let hooks: &[Hook] = match hook {
            // A client of a known recipient is a disclosure: both hooks, joined.
            Hook::Read if request.recipient.is_some() => &[Hook::Read, Hook::Transfer],
            Hook::Read => &[Hook::Read],
            Hook::Write => &[Hook::Write],
            Hook::Transfer => &[Hook::Transfer],
            Hook::Retention => &[Hook::Retention],
        };
        let mut asked = plan::ask(&self.service, &set, &asker.context, entity, hooks).await?;
        if matches!(hook, Hook::Read | Hook::Transfer) {
            self.rights_of(&request, &asker.context, entity, &mut notes).await?.join(&mut asked);
            notes.extend(asked.judges.iter().filter(|judge| judge.hides()).map(no_lists));
        }
        let composition = compose(entity, &asked.rules).map_err(|error| {
            let message = format!("The rules on `{}` cannot be applied: {error}", entity.name);
            Problem::new(ErrorCode::PolicyUnavailable, message)
        })?;
        let past = (asker.context.now < self.context.now).then_some(asker.context.now);
        let view = self.view(&mut tx, entity, &request.id, &asked, past, &mut notes).await?;
        drop(tx);
        let verdict = composition.decide(&view);
        let judged = match asked.judges.as_slice() {
            [] => Judged::default(),
            judges => judge(judges, entity, &[&view]).await?.pop().unwrap_or_default(),
        };
        let told = rules::told(&asked, entity, &view, &judged);
        let codes = told.iter().filter(|rule| rule.bites && rule.mode == Mode::Enforce);
        self.log(Access {
            operation: Door::Explain.operation(),
            entity: &entity.name,
            outcome: Outcome::Explained,
            fields: vec![],
            codes: codes.map(|rule| rule.reason.full_code()).collect(),
            observed: vec![],
            references: vec![self.service.sealer.record_reference(&self.context.tenant, &entity.name, &request.id)],
        })
        .await?;
        Ok(Explanation {
            set_version: set.version,
            at: asker.context.now,
            outcome: rules::outcome(hook, &verdict, &judged),
            fields: rules::fields(hook, &verdict, &judged),
            remedies: changes::judged(
                changes::remedies(self.catalog(), entity, hook, &composition, &verdict, &view),
                hook,
                &judged,
            ),
            context: self.attributes_seen(&set, &asker.context, entity, hooks, &asker.recipient_basis, past),
            rules: told,
            notes,
        })
    }

    /// The set that is asked: the unit's own, or the version named.
    async fn deciding_set(
        &self,
        request: &ExplainRequest,
        notes: &mut Vec<Localised>,
    ) -> Result<Arc<PublishedSet>, Problem> {
        let store = &self.service.store;
        if let Some(at) = request.at
            && let Some(then) = store.set_version_at(&self.context.tenant, at).await.map_err(store_problem)?
            && request.set_version.unwrap_or(self.set.version) != then
        {
            notes.push(Localised {
                en: format!("Version {then} of the policies was in force at that instant; name `setVersion` to ask it."),
                fr: format!(
                    "La version {then} des politiques était en vigueur à cet instant ; indiquez `setVersion` pour l'interroger."
                ),
            });
        }
        let version = request.set_version.unwrap_or(self.set.version);
        // A version is in force as of an instant: of the one asked for, where the version was named.
        let at = request.set_version.and(request.at).or(request.now).unwrap_or(self.context.now);
        match version {
            version if self.set.decides(version, self.set.catalog.version, at) => Ok(Arc::clone(&self.set)),
            version if (1..=self.set.version).contains(&version) => {
                let set = store.load_set(&self.context.tenant, version).await.map_err(store_problem)?;
                self.service.publisher.prepare(&set, &self.set.catalog, at).await.map(Arc::new)
            }
            _ => Err(Problem::input("as.setVersion", "There is no such version of the policies")
                .mend(format!("Use a version from 1 to {}; `policyHistory` lists them.", self.set.version))),
        }
    }

    /// What the policies that decide here were told of the request.
    fn attributes_seen(
        &self,
        set: &PublishedSet,
        context: &Context,
        entity: &garant_domain::catalog::Entity,
        hooks: &[Hook],
        recipient: &asker::RecipientBasis,
        past: Option<i64>,
    ) -> Vec<SeenFact> {
        let mut seen: Vec<SeenFact> = Vec::new();
        for policy in set.asked() {
            let manifest = policy.plugin.manifest();
            if !hooks.iter().any(|hook| manifest.covers(*hook, &entity.name)) {
                continue;
            }
            for purpose in plan::purposes(context) {
                let values = super::attributes::of(context, purpose);
                for (name, value) in values.into_iter().filter(|(name, _)| manifest.attributes.contains(name)) {
                    let basis = match name.strip_prefix("recipient.") {
                        Some(field) => recipient.of(field, past),
                        // The register of purposes is asked as it is.
                        None if name.starts_with("purpose.") && past.is_some() => Basis::Present,
                        None => Basis::Now,
                    };
                    let fact = SeenFact { name, value, basis };
                    if !seen.contains(&fact) {
                        seen.push(fact);
                    }
                }
            }
        }
        seen
    }
}

/// What a policy that hides after judging does to lists.
fn no_lists(judge: &Judge) -> Localised {
    Localised {
        en: format!(
            "Policy `{}` judges record by record which ones are hidden: lists are unavailable in this context, and one record by id is decided as told here.",
            judge.policy()
        ),
        fr: format!(
            "La politique `{}` juge fiche par fiche lesquelles sont cachées : les listes sont indisponibles dans ce contexte, et une fiche demandée par son identifiant est décidée comme indiqué ici.",
            judge.policy()
        ),
    }
}
