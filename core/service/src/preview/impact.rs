//! The requests for which a change gives other rules, and what it does to them: each pair of guards is
//! counted once, however many kinds of requests have it.

use std::sync::Arc;
use std::time::Instant;

use garant_domain::catalog::Entity;
use garant_domain::context::Context;
use garant_domain::lattice::BoundRule;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Reason;
use garant_domain::rule::{Cond, Effect, Hook, Target};
use garant_store::{Comparison, StoreError, Tally};

use super::change::{Drill, World};
use super::compared::{Compared, Side, Sums};
use super::contexts::Asking;
use super::{Counts, FieldImpact, Impact};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate::{Asked, ask, compare};
use crate::service::Service;

/// What the policies of one side said: rules, or why there are none.
type Said = Result<Asked, Problem>;

/// Requests that the change would treat otherwise, with the rules of both sets.
pub(super) struct Changed {
    asking: Asking,
    roles: Vec<String>,
    before: Said,
    after: Said,
}

impl Changed {
    fn is_like(&self, asking: &Asking, before: &Said, after: &Said) -> bool {
        let (mine, other) = (&self.asking.before, &asking.before);
        let same_request = self.asking.entity == asking.entity
            && mine.purposes == other.purposes
            && mine.channel == other.channel
            && mine.recipient == other.recipient
            && mine.break_glass == other.break_glass;
        same_request && alike(&self.before, before) && alike(&self.after, after)
    }
}

/// Whether two sets restrict alike, for the same reasons: what allows, notes or only observes changes
/// nothing that anyone sees.
fn alike(one: &Said, other: &Said) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => restricting(one).eq(restricting(other)),
        (Err(one), Err(other)) => one == other,
        _ => false,
    }
}

fn restricting(asked: &Asked) -> impl Iterator<Item = (&Cond, Effect, &Target, Option<&Arc<Reason>>)> {
    let restricts = |rule: &&BoundRule| rule.enforced && !matches!(rule.effect, Effect::Allow | Effect::Flag);
    let rules = asked.rules.iter().filter(restricts);
    rules.map(|rule| (&rule.when, rule.effect, &rule.target, asked.reasons.get(rule.reason)))
}

/// Counts of one preview, by what was compared, and until when there is time for more.
pub(super) struct Counted {
    until: Instant,
    known: Vec<(String, Comparison, Result<Vec<Tally>, Problem>)>,
}

impl Counted {
    pub(super) fn until(until: Instant) -> Self {
        Self { until, known: vec![] }
    }
}

impl Service {
    /// The requests for which the sets give other rules, or none at all; roles that fare alike are taken
    /// together. Whether all were looked at.
    pub(super) async fn changed_rules(
        &self,
        asking: Vec<Asking>,
        drill: &Drill,
        until: Instant,
    ) -> Result<(Vec<Changed>, bool), Problem> {
        let mut changed: Vec<Changed> = Vec::new();
        for asking in asking {
            if Instant::now() >= until {
                return Ok((changed, false));
            }
            let Some(entity) = drill.catalog.catalog.entity(&asking.entity) else { continue };
            // Whoever may read no record of it has nothing to lose or to gain.
            if !asking.rights.hide.is_empty() {
                continue;
            }
            let mut now = self.said(&drill.before, &asking.before, entity).await?;
            let mut then = self.said(&drill.after, &asking.after, entity).await?;
            [&mut now, &mut then].into_iter().flatten().for_each(|asked| asking.rights.join(asked));
            let judges = |said: &Said| {
                said.as_ref().map_or(0, |asked| asked.judges.iter().filter(|judge| judge.is_enforced()).count())
            };
            if now.is_ok() && alike(&now, &then) && judges(&now) == judges(&then) {
                continue;
            }
            let role = asking.before.actor.role.clone();
            match changed.iter_mut().find(|known| known.is_like(&asking, &now, &then)) {
                Some(known) => {
                    known.roles.push(role);
                    known.asking.clients.extend(asking.clients);
                }
                None => changed.push(Changed { asking, roles: vec![role], before: now, after: then }),
            }
        }
        Ok((changed, true))
    }

    /// What the policies of a world say of a request.
    async fn said(&self, world: &World, context: &Context, entity: &Entity) -> Result<Said, Problem> {
        let set = match &world.set {
            Ok(set) => set,
            Err(problem) => return Ok(Err(problem.clone())),
        };
        let hooks: &[Hook] = if context.recipient.is_some() { &[Hook::Read, Hook::Transfer] } else { &[Hook::Read] };
        match ask(self, set, context, entity, hooks).await {
            Err(problem) if problem.code == ErrorCode::PolicyUnavailable => Ok(Err(problem)),
            said => said.map(Ok),
        }
    }

    /// Counts what changes, in one statement, if it was not counted before.
    pub(super) async fn impact(
        &self,
        caller: &Caller,
        drill: &Drill,
        changed: Changed,
        counted: &mut Counted,
    ) -> Result<Impact, Problem> {
        let Changed { asking, roles, before, after } = changed;
        let entity = drill.catalog.catalog.entity(&asking.entity).ok_or_else(|| {
            Problem::new(ErrorCode::Internal, format!("the catalogue has no entity `{}`", asking.entity))
        })?;
        let both = [&before, &after].into_iter().flatten();
        let mut judges: Vec<String> =
            both.flat_map(|asked| &asked.judges).map(|judge| judge.policy().to_owned()).collect();
        judges.sort();
        judges.dedup();
        let (before, unavailable_before) = Side::of(entity, before);
        let (after, unavailable_after) = Side::of(entity, after);
        let counts = self.counts(caller, drill, entity, &before, &after, counted).await?;
        let purpose = asking.before.purposes.first().map(|purpose| purpose.key.clone());
        Ok(Impact {
            entity: entity.name.clone(),
            purpose: purpose.unwrap_or_default(),
            roles,
            channel: asking.before.channel,
            recipient: asking.before.recipient.map(|recipient| recipient.id),
            break_glass: asking.before.break_glass.is_some(),
            unavailable_before,
            unavailable_after,
            counts,
            judges,
            clients: asking.clients,
        })
    }

    async fn counts(
        &self,
        caller: &Caller,
        drill: &Drill,
        entity: &Entity,
        before: &Side,
        after: &Side,
        counted: &mut Counted,
    ) -> Result<Result<Counts, Problem>, Problem> {
        if before.shows_nothing() && after.shows_nothing() {
            return Ok(Ok(Counts::default()));
        }
        let compared = Compared::new(entity, before, after);
        let is_known = |known: &&(String, Comparison, _)| known.0 == entity.name && known.1 == compared.comparison;
        let tallies = match counted.known.iter().find(is_known) {
            Some((_, _, tallies)) => tallies.clone(),
            None => {
                let left = counted.until.saturating_duration_since(Instant::now());
                let tallies =
                    compare(&drill.catalog.store, &caller.tenant, &entity.name, &compared.comparison, left).await;
                let tallies = match tallies {
                    Err(StoreError::TooSlow { .. }) => Err(too_slow()),
                    tallies => Ok(tallies.map_err(store_problem)?),
                };
                counted.known.push((entity.name.clone(), compared.comparison.clone(), tallies.clone()));
                tallies
            }
        };
        Ok(tallies.map(|tallies| {
            let mut sums = Sums::default();
            tallies.iter().for_each(|tally| sums.add(before, after, &compared, tally));
            let field = |(field, (masked, opened)): (&String, &(_, _))| FieldImpact {
                field: field.clone(),
                masked: after.counts(masked),
                opened: before.counts(opened),
            };
            Counts {
                rows_before: sums.shown_before,
                rows_after: sums.shown_after,
                lost: after.counts(&sums.lost),
                gained: before.counts(&sums.gained),
                fields: sums.fields.iter().map(field).collect(),
            }
        }))
    }
}

fn too_slow() -> Problem {
    Problem::new(ErrorCode::QueryTooComplex, "The rows could not be counted in the time that a preview has")
        .mend("Name a channel or a recipient, so that less is counted, or ask when the server has less to do.")
}
