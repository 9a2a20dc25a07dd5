//! The trash empties itself: a record that has lain there for its days is erased like one that a policy says is
//! due, by the same statement, under the same holds, with the same receipt. Who deleted it wanted it gone; the
//! days are there to change one's mind.

use std::sync::Arc;

use garant_domain::catalog::{Entity, SubjectPath};
use garant_domain::lattice::{RowEffect, strength};
use garant_domain::reason::{Localised, Reason};
use garant_domain::rule::{CompareOp, Cond, Effect, Operand};
use garant_domain::value::Value;
use garant_store::{Along, DueRules};

use super::order::{emptied_entities, has_emptied_trash, referring};
use super::{Due, legal_hold};
use crate::unit::Unit;

const DAY_MICROS: i64 = 86_400_000_000;
const DELETED_AT: &str = "deleted_at";

/// The host's reason, not a policy's.
const HOST: &str = "host";
const CODE: &str = "TRASH";

impl Unit {
    /// Adds what the trash gives up to what the policies say is due. Where several are, the strongest wins.
    pub(super) fn add_trash(&self, entity: &Entity, effects: &mut Vec<RowEffect>, reasons: &mut Vec<Arc<Reason>>) {
        let Some(when) = self.past_its_days().filter(|_| has_emptied_trash(entity)) else { return };
        effects.push(RowEffect { effect: Effect::Erase, when, row: true, fields: vec![], reason: reasons.len() });
        effects.sort_by_key(|effect| (std::cmp::Reverse(strength(effect.effect)), effect.reason));
        reasons.push(Arc::new(reason(self.service.trash_days)));
    }

    /// The trash of what is about nobody: no policy is asked, and whoever refers to it and is held holds it.
    pub(super) fn due_trash(&self) -> Vec<Due> {
        let Some(when) = self.past_its_days() else { return vec![] };
        let nobody = emptied_entities(self.catalog()).into_iter().filter(|entity| entity.subject == SubjectPath::None);
        let due = |entity: &Entity| {
            let held = |(other, link): (&Entity, &str)| {
                let person = other.subject != SubjectPath::None;
                person.then(|| Along {
                    entity: other.name.clone(),
                    link: link.to_owned(),
                    hold: vec![legal_hold(other)],
                })
            };
            let along = referring(self.catalog(), &entity.name).filter_map(held).collect();
            let destroy = vec![when.clone()];
            let effect = RowEffect { effect: Effect::Erase, when: when.clone(), row: true, fields: vec![], reason: 0 };
            Due {
                rules: DueRules { entity: entity.name.clone(), destroy, hold: vec![], along },
                effects: vec![effect],
                observed: DueRules { entity: entity.name.clone(), ..DueRules::default() },
                observed_effects: vec![],
                reasons: vec![Arc::new(reason(self.service.trash_days))],
                unavailable: vec![],
            }
        };
        nobody.map(due).collect()
    }

    /// That a record went into the trash so many days ago; nothing where the trash is kept.
    fn past_its_days(&self) -> Option<Cond> {
        let days = i64::from(self.service.trash_days);
        let bound = self.context.now.saturating_sub(days.saturating_mul(DAY_MICROS));
        let deleted = Operand::Field(DELETED_AT.to_owned());
        (days > 0).then_some(Cond::Compare(CompareOp::Le, deleted, Operand::Literal(Value::Instant(bound))))
    }
}

fn reason(days: u32) -> Reason {
    let text = |en: String, fr: String| Localised { en, fr };
    Reason {
        plugin: HOST.to_owned(),
        code: CODE.to_owned(),
        title: text("Emptied from the trash".to_owned(), "Vidé de la corbeille".to_owned()),
        message: text(
            format!("The record has lain in the trash for {days} days."),
            format!("L'enregistrement est dans la corbeille depuis {days} jours."),
        ),
        remedy: text(
            "Restore it before its days are over.".to_owned(),
            "Restaurez-le avant la fin de ce délai.".to_owned(),
        ),
        article: "GDPR 5(1)(e)".to_owned(),
    }
}
