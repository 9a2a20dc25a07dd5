//! Comparing the rules before and after: which records each shows, counted by the database by the
//! conditions that bite, and told apart here by the lattice's own order.

use std::collections::BTreeMap;
use std::sync::Arc;

use garant_domain::catalog::Entity;
use garant_domain::lattice::{BoundRule, Composition, compose};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::MaskRule;
use garant_domain::reason::Reason;
use garant_domain::rule::{Cond, Effect, Hook, Target, conjunction};
use garant_store::{Comparison, Narrower, Tally};

use super::contexts::Asking;
use super::{Count, FieldImpact, Impact};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate::{Asked, ask};
use crate::published::PublishedSet;
use crate::service::Service;

/// Requests that the change would treat otherwise, with the rules of both sets.
pub(super) struct Changed {
    asking: Asking,
    roles: Vec<String>,
    before: Asked,
    after: Asked,
}

impl Changed {
    fn is_like(&self, asking: &Asking, before: &Asked, after: &Asked) -> bool {
        let (mine, other) = (&self.asking.before, &asking.before);
        let same_request = self.asking.entity == asking.entity
            && mine.purposes == other.purposes
            && mine.channel == other.channel
            && mine.recipient == other.recipient;
        same_request && alike(&self.before, before) && alike(&self.after, after)
    }
}

/// Whether two sets restrict alike, for the same reasons: what allows, notes or only observes changes
/// nothing that anyone sees.
fn alike(one: &Asked, other: &Asked) -> bool {
    restricting(one).eq(restricting(other))
}

fn restricting(asked: &Asked) -> impl Iterator<Item = (&Cond, Effect, &Target, Option<&Arc<Reason>>)> {
    let restricts = |rule: &&BoundRule| rule.enforced && !matches!(rule.effect, Effect::Allow | Effect::Flag);
    let rules = asked.rules.iter().filter(restricts);
    rules.map(|rule| (&rule.when, rule.effect, &rule.target, asked.reasons.get(rule.reason)))
}

impl Service {
    /// The requests for which the sets give other rules; roles that fare alike are taken together.
    pub(super) async fn changed_rules(
        &self,
        asking: Vec<Asking>,
        before: &PublishedSet,
        after: &PublishedSet,
    ) -> Result<Vec<Changed>, Problem> {
        let mut changed: Vec<Changed> = Vec::new();
        for asking in asking {
            let Some(entity) = self.catalog.entity(&asking.entity) else { continue };
            let hooks: &[Hook] =
                if asking.before.recipient.is_some() { &[Hook::Read, Hook::Transfer] } else { &[Hook::Read] };
            let now = ask(self, before, &asking.before, entity, hooks).await?;
            let then = ask(self, after, &asking.after, entity, hooks).await?;
            let judges = |asked: &Asked| asked.judges.iter().filter(|judge| judge.is_enforced()).count();
            if alike(&now, &then) && judges(&now) == judges(&then) {
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
        Ok(changed)
    }

    /// Counts what changes, in one statement.
    pub(super) async fn impact(&self, caller: &Caller, changed: Changed) -> Result<Impact, Problem> {
        let Changed { asking, roles, before, after } = changed;
        let entity = self.catalog.entity(&asking.entity).ok_or_else(|| {
            Problem::new(ErrorCode::Internal, format!("the catalogue has no entity `{}`", asking.entity))
        })?;
        let mut judges: Vec<String> =
            before.judges.iter().chain(&after.judges).map(|judge| judge.policy().to_owned()).collect();
        judges.sort();
        judges.dedup();
        let (before, after) = (Side::new(entity, before)?, Side::new(entity, after)?);
        let compared = Compared::new(entity, &before, &after);
        let tallies = self.store.compare(&caller.tenant, &entity.name, &compared.comparison).await;
        let mut sums = Sums::default();
        for tally in tallies.map_err(store_problem)? {
            sums.add(&before, &after, &compared, &tally);
        }
        let purpose = asking.before.purposes.first().map(|purpose| purpose.key.clone());
        Ok(Impact {
            entity: entity.name.clone(),
            purpose: purpose.unwrap_or_default(),
            roles,
            channel: asking.before.channel,
            recipient: asking.before.recipient.map(|recipient| recipient.id),
            rows_before: sums.shown_before,
            rows_after: sums.shown_after,
            lost: after.counts(&sums.lost),
            gained: before.counts(&sums.gained),
            fields: sums
                .fields
                .iter()
                .map(|(field, (masked, opened))| FieldImpact {
                    field: field.clone(),
                    masked: after.counts(masked),
                    opened: before.counts(opened),
                })
                .collect(),
            judges,
            clients: asking.clients,
        })
    }
}

/// The rules of one set, joined.
struct Side {
    joined: Composition,
    reasons: Vec<Arc<Reason>>,
}

impl Side {
    fn new(entity: &Entity, asked: Asked) -> Result<Self, Problem> {
        let joined = compose(entity, &asked.rules).map_err(|error| {
            let message = format!("The rules on `{}` cannot be applied: {error}", entity.name);
            Problem::new(ErrorCode::PolicyUnavailable, message)
        })?;
        Ok(Self { joined, reasons: asked.reasons })
    }

    /// The conditions that decide whether a record is there; a refusal hides everything.
    fn hiding(&self) -> Vec<Cond> {
        let refused = (!self.joined.refuse.is_empty()).then_some(Cond::Const(Some(true)));
        refused.into_iter().chain(self.joined.guard.hide.iter().cloned()).collect()
    }

    /// Every condition that hides, with its reason, in the order in which reasons are named.
    fn reasons_for_hiding(&self) -> Vec<(usize, Cond)> {
        let refused = self.joined.refuse.iter().min().map(|reason| (*reason, Cond::Const(Some(true))));
        let mut hidden: Vec<(usize, Cond)> =
            self.joined.hide.iter().map(|bite| (bite.reason, bite.when.clone())).collect();
        hidden.sort_by_key(|(reason, _)| *reason);
        refused.into_iter().chain(hidden).collect()
    }

    /// Why a field is masked in records of a kind.
    fn masks(&self, compared: &Compared, tally: &Tally, field: &str) -> Option<usize> {
        let masks = self.masking(field).filter(|mask| compared.masks(tally, &mask.when));
        masks.map(|mask| mask.reason).min()
    }

    /// The masks of a field.
    fn masking<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a MaskRule> {
        self.joined.guard.masks.iter().filter(move |mask| mask.fields.iter().any(|name| name == field))
    }

    fn counts(&self, rows: &BTreeMap<usize, i64>) -> Vec<Count> {
        let mut counts: Vec<Count> = Vec::new();
        for (index, rows) in rows {
            let Some(reason) = self.reasons.get(*index) else { continue };
            // Two rules may have the same reason.
            match counts.iter_mut().find(|count| count.reason == *reason) {
                Some(count) => count.rows += rows,
                None => counts.push(Count { reason: Arc::clone(reason), rows: *rows }),
            }
        }
        counts
    }
}

/// What the database is asked, and which reasons its answers stand for.
struct Compared {
    comparison: Comparison,
    /// Fields that are not masked alike before and after.
    fields: Vec<String>,
    lost: Vec<usize>,
    gained: Vec<usize>,
}

impl Compared {
    fn new(entity: &Entity, before: &Side, after: &Side) -> Self {
        let (hides_before, hides_after) = (before.hiding(), after.hiding());
        let common =
            |cond: &Cond| cond.as_const().is_none() && hides_before.contains(cond) && hides_after.contains(cond);
        let mut of = Comparison {
            // Where the same condition hides before and after, nothing can change: not even looked at.
            without: hides_before.iter().filter(|cond| common(cond)).cloned().collect(),
            ..Comparison::default()
        };
        for (hides, into) in [(&hides_before, &mut of.before), (&hides_after, &mut of.after)] {
            for cond in hides.iter().filter(|cond| !common(cond)) {
                let known = of.hide.iter().position(|known| known == cond);
                into.push(known.unwrap_or_else(|| {
                    of.hide.push(cond.clone());
                    of.hide.len() - 1
                }));
            }
        }
        let mut sides = [(after, &of.after), (before, &of.before)].map(|(side, hides)| {
            let mut narrower = Vec::new();
            let mut reasons = Vec::new();
            for (reason, cond) in side.reasons_for_hiding() {
                let wider = hides.iter().find(|index| of.hide.get(**index).is_some_and(|wide| cond.narrows(wide)));
                // One that narrows what is common bites nobody who is looked at.
                let Some(wide) = wider.and_then(|index| Some((*index, of.hide.get(*index)?))) else { continue };
                narrower.push(Narrower { hide: wide.0, rest: rest(&cond, wide.1) });
                reasons.push(reason);
            }
            (narrower, reasons)
        });
        let [(lost, lost_reasons), (gained, gained_reasons)] =
            [std::mem::take(&mut sides[0]), std::mem::take(&mut sides[1])];
        (of.lost, of.gained) = (lost, gained);
        // Only fields that are not masked alike.
        let fields: Vec<String> = entity.fields.iter().map(|field| field.name.clone()).collect();
        let whens =
            |side: &Side, field: &str| -> Vec<Cond> { side.masking(field).map(|mask| mask.when.clone()).collect() };
        let differs = |field: &String| whens(before, field) != whens(after, field);
        let fields: Vec<String> = fields.into_iter().filter(differs).collect();
        for mask in fields.iter().flat_map(|field| [before, after].map(|side| side.masking(field))).flatten() {
            if mask.when.as_const().is_none() && !of.masks.contains(&mask.when) {
                of.masks.push(mask.when.clone());
            }
        }
        Self { comparison: of, fields, lost: lost_reasons, gained: gained_reasons }
    }

    fn masks(&self, tally: &Tally, cond: &Cond) -> bool {
        if let Some(known) = cond.as_const() {
            return known != Some(false);
        }
        let place = self.comparison.masks.iter().position(|known| known == cond);
        place.and_then(|place| tally.masks.get(place)).copied().unwrap_or(true)
    }
}

/// What a condition asks besides a wider one. Where the wider one bites, the condition bites if the
/// rest does: a conjunction is false only where a part of it is.
fn rest(cond: &Cond, wide: &Cond) -> Cond {
    let parts = |cond: &Cond| match cond {
        Cond::All(parts) => parts.clone(),
        other => vec![other.clone()],
    };
    let known = parts(wide);
    conjunction(parts(cond).into_iter().filter(|part| !known.contains(part)))
}

/// Rows by the index of the reason.
type ByReason = BTreeMap<usize, i64>;

#[derive(Default)]
struct Sums {
    shown_before: i64,
    shown_after: i64,
    lost: ByReason,
    gained: ByReason,
    /// Masked, and opened.
    fields: BTreeMap<String, (ByReason, ByReason)>,
}

impl Sums {
    fn add(&mut self, before: &Side, after: &Side, compared: &Compared, tally: &Tally) {
        let rows = tally.records;
        let reason = |reasons: &[usize]| tally.reason.and_then(|index| reasons.get(index)).copied();
        self.shown_before += if tally.before { 0 } else { rows };
        self.shown_after += if tally.after { 0 } else { rows };
        match (tally.before, tally.after) {
            (true, true) => {}
            (false, true) => *self.lost.entry(reason(&compared.lost).unwrap_or_default()).or_default() += rows,
            (true, false) => *self.gained.entry(reason(&compared.gained).unwrap_or_default()).or_default() += rows,
            (false, false) => {
                for field in &compared.fields {
                    let masks = |side: &Side| side.masks(compared, tally, field);
                    self.field(field, masks(before), masks(after), rows);
                }
            }
        }
    }

    fn field(&mut self, field: &str, before: Option<usize>, after: Option<usize>, rows: i64) {
        let (reason, opens) = match (before, after) {
            (None, Some(reason)) => (reason, false),
            (Some(reason), None) => (reason, true),
            _ => return,
        };
        let (masked, opened) = self.fields.entry(field.to_owned()).or_default();
        *if opens { opened } else { masked }.entry(reason).or_default() += rows;
    }
}
