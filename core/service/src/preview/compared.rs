//! Comparing the rules before and after: which records each shows, counted by the database by the
//! conditions that bite, and told apart here by the lattice's own order.

use std::collections::BTreeMap;
use std::sync::Arc;

use garant_domain::catalog::Entity;
use garant_domain::lattice::{Composition, compose};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::MaskRule;
use garant_domain::reason::{Localised, Reason};
use garant_domain::rule::{Cond, conjunction};
use garant_store::{Comparison, Narrower, Tally};

use super::Count;
use crate::gate::Asked;

/// The rules of one set, joined.
pub(super) struct Side {
    joined: Composition,
    reasons: Vec<Arc<Reason>>,
}

impl Side {
    /// What the policies said, joined; where they could not decide nothing is shown, for that reason.
    pub(super) fn of(entity: &Entity, said: Result<Asked, Problem>) -> (Self, Option<Problem>) {
        let joined = said.and_then(|asked| {
            let joined = compose(entity, &asked.rules).map_err(|error| {
                let message = format!("The rules on `{}` cannot be applied: {error}", entity.name);
                Problem::new(ErrorCode::PolicyUnavailable, message)
            })?;
            Ok(Self { joined, reasons: asked.reasons })
        });
        joined.map_or_else(|problem| (Self::unavailable(&problem), Some(problem)), |side| (side, None))
    }

    fn unavailable(problem: &Problem) -> Self {
        let reason = Reason {
            plugin: problem.field.clone().unwrap_or_default(),
            code: "POLICY_UNAVAILABLE".to_owned(),
            title: Localised {
                en: "The policy could not decide".to_owned(),
                fr: "La politique n'a pas pu décider".to_owned(),
            },
            message: Localised { en: problem.message.clone(), fr: String::new() },
            remedy: Localised { en: problem.remedy.clone().unwrap_or_default(), fr: String::new() },
            article: String::new(),
        };
        let joined = Composition { refuse: vec![0], ..Composition::default() };
        Self { joined, reasons: vec![Arc::new(reason)] }
    }

    /// Whether no record is shown, whatever it holds.
    pub(super) fn shows_nothing(&self) -> bool {
        self.hiding().iter().any(|cond| cond.as_const().is_some_and(|value| value != Some(false)))
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

    pub(super) fn counts(&self, rows: &BTreeMap<usize, i64>) -> Vec<Count> {
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
pub(super) struct Compared {
    pub(super) comparison: Comparison,
    /// Fields that are not masked alike before and after.
    fields: Vec<String>,
    lost: Vec<usize>,
    gained: Vec<usize>,
}

impl Compared {
    pub(super) fn new(entity: &Entity, before: &Side, after: &Side) -> Self {
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
pub(super) type ByReason = BTreeMap<usize, i64>;

/// What the tallies come to.
#[derive(Default)]
pub(super) struct Sums {
    pub(super) shown_before: i64,
    pub(super) shown_after: i64,
    pub(super) lost: ByReason,
    pub(super) gained: ByReason,
    /// Masked, and opened.
    pub(super) fields: BTreeMap<String, (ByReason, ByReason)>,
}

impl Sums {
    pub(super) fn add(&mut self, before: &Side, after: &Side, compared: &Compared, tally: &Tally) {
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
