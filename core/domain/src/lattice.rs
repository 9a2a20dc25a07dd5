//! The decision lattice: rules of all plugins joined into what one entity shows in one context.
//!
//! `allow < flag < mask < hide < refuse`; unlike masks join to null. The join does not depend on order
//! or repetition, and one more rule never shows more. No plugin's name and no SQL live here.

mod outcome;
mod target;
mod widest;

pub use outcome::{Due, MaskedBy, Outcome, Rejection, decide, strength};
pub use target::{Resolved, TargetError, check_target, resolve};

use std::collections::BTreeMap;

use crate::catalog::{Entity, RowRule, SubjectPath};
use crate::query::{Guard, MaskRule};
use crate::rule::{Cond, Effect, Mask, Operand, Target, conjunction, negation};

/// A rule bound to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundRule {
    /// When it bites.
    pub when: Cond,
    /// What it does.
    pub effect: Effect,
    /// To what.
    pub target: Target,
    /// Index into the reasons of the decision.
    pub reason: usize,
    /// False for a plugin that is only observed: it is noted and changes nothing.
    pub enforced: bool,
}

/// An effect on a record, with the condition under which it bites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowEffect {
    /// The effect.
    pub effect: Effect,
    /// Bites unless this is false; destroys only where this is true.
    pub when: Cond,
    /// Whether the record as such is meant.
    pub row: bool,
    /// The fields that are meant.
    pub fields: Vec<String>,
    /// Index into the reasons of the decision.
    pub reason: usize,
}

/// All rules of one entity in one context, joined.
#[derive(Clone, Debug, Default)]
pub struct Composition {
    /// What goes into every statement that touches the entity.
    pub guard: Guard,
    /// What hides a record, with reasons; the guard has the same conditions, without those that only
    /// narrow another one.
    pub hide: Vec<RowEffect>,
    /// Why the request as a whole is refused; not refused when empty.
    pub refuse: Vec<usize>,
    /// What rejects a write: of the record, or of the fields named.
    pub reject: Vec<RowEffect>,
    /// What is noted.
    pub flags: Vec<RowEffect>,
    /// Aggregates over fewer records are withheld.
    pub min_group: Option<u32>,
    /// What makes dormant, anonymises or erases, where true.
    pub destroy: Vec<RowEffect>,
    /// What stops all of `destroy`, unless false.
    pub hold: Vec<RowEffect>,
    /// What observed plugins would have done.
    pub observed: Vec<RowEffect>,
}

/// A rule that may not be applied; the request fails closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LatticeError {
    /// Refusing by a property of the record would tell of the record.
    #[error("rule with reason {reason} refuses by a condition on the record; only hide and mask may")]
    ConditionalRefuse {
        /// Index into the reasons of the decision.
        reason: usize,
    },
}

/// Joins the rules of one entity.
///
/// On an entity about nobody no rule has an effect. Where a reference leads to the person, a rule
/// bites only where the reference is set. Where the catalogue says that a row rule unlinks, hiding
/// and refusing the row mask the link and the personal fields instead.
///
/// # Errors
/// When an enforced rule refuses by a condition that is not constant.
pub fn compose(entity: &Entity, rules: &[BoundRule]) -> Result<Composition, LatticeError> {
    let mut composition = Composition::default();
    let mut masks = Vec::new();
    if entity.subject == SubjectPath::None {
        return Ok(composition);
    }
    for rule in rules {
        let Some(mut bite) = bite(entity, rule) else { continue };
        if bite.when == Cond::Const(None) && !destroys(rule.effect) {
            // Unknown restricts like true, and true is what the store has a shorter way for.
            bite.when = Cond::Const(Some(true));
        }
        if !rule.enforced {
            composition.observed.push(bite);
            continue;
        }
        match rule.effect {
            Effect::Allow => {}
            Effect::Flag => composition.flags.push(bite),
            Effect::Mask(mask) => masks.push(mask_of(entity, bite, mask)),
            Effect::Refuse if rule.when.as_const().is_none() => {
                return Err(LatticeError::ConditionalRefuse { reason: rule.reason });
            }
            Effect::Hide | Effect::Refuse if entity.row_rule == RowRule::Unlink => {
                masks.push(mask_of(entity, bite, Mask::None));
            }
            Effect::Refuse => composition.refuse.push(bite.reason),
            Effect::Hide if bite.row => composition.hide.push(bite),
            // A field that is hidden is a field that reads as null.
            Effect::Hide => masks.push(mask_of(entity, bite, Mask::None)),
            Effect::MinGroup(least) => composition.min_group = composition.min_group.max(Some(least)),
            Effect::Reject => composition.reject.push(bite),
            Effect::MakeDormant | Effect::Anonymise | Effect::Erase => composition.destroy.push(bite),
            Effect::Hold => composition.hold.push(bite),
        }
    }
    composition.guard = Guard { hide: widest::widest(&composition.hide), masks: join_always(masks), judged: vec![] };
    Ok(composition)
}

/// Joins masks that bite at once; `None` when there is none.
pub fn join_masks(masks: impl IntoIterator<Item = Mask>) -> Option<Mask> {
    masks.into_iter().reduce(|a, b| if a == b { a } else { Mask::None })
}

fn destroys(effect: Effect) -> bool {
    matches!(effect, Effect::MakeDormant | Effect::Anonymise | Effect::Erase)
}

/// The rule on this entity's records; `None` when it can never bite.
fn bite(entity: &Entity, rule: &BoundRule) -> Option<RowEffect> {
    let when = match &entity.subject {
        SubjectPath::None => return None,
        SubjectPath::Itself => rule.when.clone(),
        SubjectPath::Via(link) => {
            conjunction([negation(Cond::IsNull(Operand::Field(link.clone()))), rule.when.clone()])
        }
    };
    let resolved = resolve(&rule.target, entity);
    let touches = resolved.row || !resolved.fields.is_empty();
    let bites = touches && when != Cond::Const(Some(false));
    bites.then_some(RowEffect {
        effect: rule.effect,
        when,
        row: resolved.row,
        fields: resolved.fields,
        reason: rule.reason,
    })
}

/// A mask over the fields of the bite; on the row, over all that leads to the person.
fn mask_of(entity: &Entity, bite: RowEffect, mask: Mask) -> MaskRule {
    let link = match &entity.subject {
        SubjectPath::Via(link) => Some(link.as_str()),
        _ => None,
    };
    let covered = |name: &str, personal: bool| {
        bite.fields.iter().any(|field| field == name) || (bite.row && (personal || link == Some(name)))
    };
    let fields = entity.fields.iter().filter(|field| covered(&field.name, field.is_personal()));
    MaskRule { fields: fields.map(|field| field.name.clone()).collect(), mask, when: bite.when, reason: bite.reason }
}

/// Where masks that always bite differ on a field, all masks of that field become null there. Masks
/// that depend on the row are joined for each row, by [`join_masks`].
fn join_always(masks: Vec<MaskRule>) -> Vec<MaskRule> {
    let mut always: BTreeMap<String, Mask> = BTreeMap::new();
    for rule in masks.iter().filter(|rule| rule.when == Cond::Const(Some(true))) {
        for field in &rule.fields {
            let joined = join_masks(always.get(field).copied().into_iter().chain([rule.mask]));
            always.insert(field.clone(), joined.unwrap_or(Mask::None));
        }
    }
    masks.into_iter().flat_map(|rule| split(rule, &always)).collect()
}

/// One rule for the fields whose mask stays, one for those that become null.
fn split(rule: MaskRule, always: &BTreeMap<String, Mask>) -> Vec<MaskRule> {
    let keeps = |field: &String| always.get(field).is_none_or(|mask| *mask == rule.mask);
    let (kept, nulled): (Vec<String>, Vec<String>) = rule.fields.iter().cloned().partition(keeps);
    [(kept, rule.mask), (nulled, Mask::None)]
        .into_iter()
        .filter(|(fields, _)| !fields.is_empty())
        .map(|(fields, mask)| MaskRule { fields, mask, when: rule.when.clone(), reason: rule.reason })
        .collect()
}

#[cfg(test)]
mod tests;
