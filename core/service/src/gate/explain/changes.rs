//! The smallest changes that would allow an access: of the record as such, and of each group of
//! fields that are masked for the same reasons.

use garant_domain::catalog::{Catalog, Entity, Field, FieldType, SYSTEM_FIELDS, SubjectPath};
use garant_domain::consent::Status;
use garant_domain::fact;
use garant_domain::lattice::{Composition, Outcome, RowEffect};
use garant_domain::rule::{Cond, Hook, Operand, Space, smallest_changes};
use garant_domain::value::{Type, Value};

use super::Remedy;
use super::view::View;
use crate::gate::judge::Judged;

/// What would have to be otherwise.
pub(super) fn remedies(
    catalog: &Catalog,
    entity: &Entity,
    hook: Hook,
    composition: &Composition,
    verdict: &Outcome,
    view: &View,
) -> Vec<Remedy> {
    let space = |operand: &Operand| space(catalog, entity, operand);
    let acts = |operand: &Operand| space(operand).filter(|space| !describes(operand, space));
    let remedy = |fields: Vec<String>, conds: &[&Cond]| {
        // What somebody can bring about comes first, what would only be the correction of a record after.
        let mut alternatives = smallest_changes(conds, view, &acts);
        for changes in smallest_changes(conds, view, &space) {
            if !alternatives.contains(&changes) {
                alternatives.push(changes);
            }
        }
        Remedy { fields, alternatives }
    };
    let of = |effects: &'_ [RowEffect]| -> Vec<Cond> { effects.iter().map(|effect| effect.when.clone()).collect() };
    match hook {
        // What is due is due: nothing needs to be allowed.
        Hook::Retention => vec![],
        _ if !verdict.refused.is_empty() => vec![Remedy { fields: vec![], alternatives: vec![] }],
        Hook::Write if verdict.rejected.is_empty() => vec![],
        Hook::Write => {
            let conds = of(&composition.reject);
            vec![remedy(vec![], &conds.iter().collect::<Vec<_>>())]
        }
        Hook::Read | Hook::Transfer if verdict.hidden.is_some() => {
            let conds = of(&composition.hide);
            vec![remedy(vec![], &conds.iter().collect::<Vec<_>>())]
        }
        Hook::Read | Hook::Transfer => {
            let mut groups: Vec<(Vec<&Cond>, Vec<String>)> = Vec::new();
            for field in verdict.masks.keys() {
                let masks = composition.guard.masks.iter().filter(|mask| mask.fields.contains(field));
                let conds: Vec<&Cond> = masks.map(|mask| &mask.when).collect();
                match groups.iter_mut().find(|(known, _)| *known == conds) {
                    Some((_, fields)) => fields.push(field.clone()),
                    None => groups.push((conds, vec![field.clone()])),
                }
            }
            groups.into_iter().map(|(conds, fields)| remedy(fields, &conds)).collect()
        }
    }
}

/// The same, where verdicts on the record stand besides: no change of facts is known to turn a verdict, so
/// what one withholds has no smallest change but the author's words.
pub(super) fn judged(mut remedies: Vec<Remedy>, hook: Hook, judged: &Judged) -> Vec<Remedy> {
    let nothing = |fields: Vec<String>| Remedy { fields, alternatives: vec![] };
    match hook {
        Hook::Retention => remedies,
        Hook::Write if judged.rejected.is_empty() => remedies,
        Hook::Write => vec![nothing(vec![])],
        Hook::Read | Hook::Transfer if !judged.hidden.is_empty() => vec![nothing(vec![])],
        Hook::Read | Hook::Transfer => {
            let mut fields: Vec<String> = judged.masks.iter().map(|(field, _)| field.clone()).collect();
            fields.dedup();
            // A record that is not there has to be opened first.
            let is_there = remedies.iter().all(|remedy| !remedy.fields.is_empty());
            remedies.iter_mut().for_each(|remedy| remedy.fields.retain(|field| !fields.contains(field)));
            remedies.retain(|remedy| !is_there || !remedy.fields.is_empty());
            remedies.extend((is_there && !fields.is_empty()).then(|| nothing(fields)));
            remedies
        }
    }
}

/// Whether an operand says who somebody is or where, rather than what happened.
fn describes(operand: &Operand, space: &Space) -> bool {
    let of_events = matches!(operand, Operand::Fact(call) if !call.args.is_empty());
    !of_events && space.ty == Type::Text
}

/// What an operand can be; `None` for what nobody changes.
fn space(catalog: &Catalog, entity: &Entity, operand: &Operand) -> Option<Space> {
    match operand {
        Operand::Literal(_) => None,
        Operand::Field(name) if SYSTEM_FIELDS.iter().any(|(system, _)| system == name) => None,
        // Taking the person out of the record is no way to be allowed to see it.
        Operand::Field(name) if matches!(&entity.subject, SubjectPath::Via(link) if link == name) => None,
        Operand::Field(name) => entity.field(name).map(of_field),
        Operand::Related { via, field } => {
            let target = entity.field(via).and_then(|via| catalog.entity(via.target()?))?;
            target.field(field).map(of_field)
        }
        Operand::Fact(call) => {
            let held = catalog.entities.iter().filter(|entity| entity.subject == SubjectPath::Itself);
            let mut fields = held.flat_map(|entity| &entity.fields);
            if let Some(field) = fields.find(|field| field.fact.as_deref() == Some(call.name.as_str())) {
                return Some(of_field(field));
            }
            let definition = fact::find(&call.name)?;
            // When and for what the data was collected is past.
            if call.name.starts_with("subject.") {
                return None;
            }
            let values = (call.name == "consent.status").then(statuses);
            Some(Space { ty: definition.ty, nullable: definition.nullable, values })
        }
    }
}

fn of_field(field: &Field) -> Space {
    let values = match &field.ty {
        FieldType::Select(keys) => Some(keys.iter().map(Value::text).collect()),
        FieldType::Boolean => Some(vec![Value::Boolean(true), Value::Boolean(false)]),
        _ => None,
    };
    Space { ty: field.value_type(), nullable: !field.required && field.value_type() != Type::Boolean, values }
}

fn statuses() -> Vec<Value> {
    let consent = [
        Status::Given,
        Status::Renewed,
        Status::Requested,
        Status::Deferred,
        Status::Expired,
        Status::Terminated,
        Status::Invalidated,
        Status::Refused,
        Status::Withdrawn,
    ];
    consent.into_iter().map(|status| Value::text(status.key())).collect()
}
