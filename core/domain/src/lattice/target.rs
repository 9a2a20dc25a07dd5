//! From what a rule touches, in words of the catalogue, to the fields of one entity.

use crate::catalog::{Entity, Field};
use crate::rule::{Selector, Target};
use crate::value::covers;

/// What a target means on one entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The record as such.
    pub row: bool,
    /// Fields, in the order of the catalogue.
    pub fields: Vec<String>,
}

/// Why a target is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It names nothing.
    #[error("the target names nothing")]
    Empty,
    /// It names a field that the entity lacks; masking it would mask nothing.
    #[error("there is no field `{0}`")]
    UnknownField(String),
    /// It means everything but the record itself, which says nothing.
    #[error("the complement of the row has no meaning; name the fields to be left out")]
    ComplementOfRow,
}

/// Whether a target can be meant for the entity.
///
/// # Errors
/// When it cannot: a rule that touches nothing by mistake must not pass for one that allows.
pub fn check_target(target: &Target, entity: &Entity) -> Result<(), TargetError> {
    if target.selectors.is_empty() && !target.complement {
        return Err(TargetError::Empty);
    }
    for selector in &target.selectors {
        match selector {
            Selector::Field(name) if entity.field(name).is_none() => {
                return Err(TargetError::UnknownField(name.clone()));
            }
            Selector::Row if target.complement => return Err(TargetError::ComplementOfRow),
            _ => {}
        }
    }
    Ok(())
}

/// What a target means on an entity: the union of its selectors, or every other field.
#[must_use]
pub fn resolve(target: &Target, entity: &Entity) -> Resolved {
    let named = |field: &&Field| target.selectors.iter().any(|selector| selects(selector, field)) != target.complement;
    Resolved {
        row: !target.complement && target.selectors.contains(&Selector::Row),
        fields: entity.fields.iter().filter(named).map(|field| field.name.clone()).collect(),
    }
}

fn selects(selector: &Selector, field: &Field) -> bool {
    match selector {
        Selector::Row => false,
        Selector::Field(name) => field.name == *name,
        Selector::Category(category) => covers(category, &field.category),
        Selector::Special(kind) => field.special.as_ref() == Some(kind),
        Selector::DirectIdentifiers => field.direct_identifier,
        Selector::FreeText => field.free_text,
        Selector::Channel(channel) => field.channel.as_ref() == Some(channel),
        Selector::Personal => field.is_personal(),
    }
}
