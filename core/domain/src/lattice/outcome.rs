//! The composition applied to one row in hand: what a write, a webhook or an explanation asks. The
//! same conditions as in SQL, evaluated natively.

use std::collections::{BTreeMap, BTreeSet};

use super::{BoundRule, Composition, LatticeError, RowEffect, compose};
use crate::catalog::Entity;
use crate::rule::{Cond, Effect, Mask, RowView, evaluate};

/// What the rules do to one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Why the record is absent; the least index when several say so.
    pub hidden: Option<usize>,
    /// Why the request as a whole is refused.
    pub refused: BTreeSet<usize>,
    /// Why a write is rejected.
    pub rejected: Vec<Rejection>,
    /// The masked fields.
    pub masks: BTreeMap<String, MaskedBy>,
    /// What is noted.
    pub flags: BTreeSet<usize>,
    /// Aggregates over fewer records are withheld.
    pub min_group: Option<u32>,
    /// Something stops every destroying effect.
    pub held: bool,
    /// The strongest destroying effect that is due, unless held.
    pub due: Option<Due>,
}

/// A write that is rejected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rejection {
    /// Index into the reasons of the decision.
    pub reason: usize,
    /// The fields whose writing is rejected; empty for any write of the record.
    pub fields: Vec<String>,
}

/// How a field is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskedBy {
    /// The joined mask.
    pub mask: Mask,
    /// Index into the reasons of the decision, the least one when several mask.
    pub reason: usize,
}

/// A destroying effect whose time has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Make dormant, anonymise or erase.
    pub effect: Effect,
    /// Index into the reasons of the decision.
    pub reason: usize,
}

/// Joins the rules of an entity and applies them to one record.
///
/// # Errors
/// As [`compose`].
pub fn decide(rules: &[BoundRule], entity: &Entity, row: &dyn RowView) -> Result<Outcome, LatticeError> {
    Ok(compose(entity, rules)?.decide(row))
}

impl Composition {
    /// Applies the joined rules to one record.
    #[must_use]
    pub fn decide(&self, row: &dyn RowView) -> Outcome {
        let bites = |when: &Cond| evaluate(when, row) != Some(false);
        let reasons = |effects: &[RowEffect]| -> BTreeSet<usize> {
            effects.iter().filter(|effect| bites(&effect.when)).map(|effect| effect.reason).collect()
        };
        let mut masks: BTreeMap<String, MaskedBy> = BTreeMap::new();
        for rule in self.guard.masks.iter().filter(|rule| bites(&rule.when)) {
            for field in &rule.fields {
                let own = MaskedBy { mask: rule.mask, reason: rule.reason };
                masks.entry(field.clone()).and_modify(|other| *other = join(*other, own)).or_insert(own);
            }
        }
        let mut rejected: Vec<Rejection> =
            self.reject.iter().filter(|effect| bites(&effect.when)).map(rejection).collect();
        rejected.sort();
        rejected.dedup();
        let held = self.hold.iter().any(|effect| bites(&effect.when));
        let due = self.destroy.iter().filter(|effect| !held && evaluate(&effect.when, row) == Some(true));
        Outcome {
            hidden: reasons(&self.hide).first().copied(),
            refused: self.refuse.iter().copied().collect(),
            rejected,
            masks,
            flags: reasons(&self.flags),
            min_group: self.min_group,
            held,
            due: due
                .map(|effect| Due { effect: effect.effect, reason: effect.reason })
                .min_by_key(|due| (std::cmp::Reverse(strength(due.effect)), due.reason)),
        }
    }
}

fn join(a: MaskedBy, b: MaskedBy) -> MaskedBy {
    MaskedBy { mask: if a.mask == b.mask { a.mask } else { Mask::None }, reason: a.reason.min(b.reason) }
}

fn rejection(effect: &RowEffect) -> Rejection {
    Rejection { reason: effect.reason, fields: if effect.row { Vec::new() } else { effect.fields.clone() } }
}

/// How much a destroying effect leaves: of several that are due the strongest wins. Zero for every other.
#[must_use]
pub fn strength(effect: Effect) -> u8 {
    match effect {
        Effect::MakeDormant => 1,
        Effect::Anonymise => 2,
        Effect::Erase => 3,
        _ => 0,
    }
}
