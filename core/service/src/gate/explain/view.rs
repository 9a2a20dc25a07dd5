//! The record as it is, or as far as it is known to have been: consent is folded up to the instant,
//! a field that was not written since holds what it held then, and one that was is unknown.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use garant_domain::catalog::{Entity, SubjectPath};
use garant_domain::consent::{self, States};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Localised;
use garant_domain::rule::{FactCall, RowView};
use garant_domain::value::Value;
use garant_store::WriteTx;

use super::Basis;
use crate::error::store_problem;
use crate::gate::judge::Judge;
use crate::gate::plan::Asked;
use crate::gate::write::{Candidate, Needs};
use crate::input::Input;
use crate::unit::Unit;

/// What was written to a record since the instant.
#[derive(Clone, Default)]
struct Written {
    /// The record was entered only then.
    later: bool,
    fields: BTreeSet<String>,
}

impl Written {
    fn basis(&self, field: &str) -> Basis {
        match () {
            () if self.fields.contains(field) => Basis::Unknown,
            () if self.later => Basis::Present,
            () => Basis::Then,
        }
    }
}

/// A record to be explained.
pub(super) struct View {
    now: Candidate,
    /// Of an instant that has passed.
    past: Option<Past>,
}

struct Past {
    record: Written,
    subject: Written,
    related: HashMap<String, Written>,
    /// The field of the person's record that holds a fact.
    fact_fields: HashMap<String, String>,
    states: States,
}

impl View {
    /// Where a fact or field comes from, by the name that a trace gives it.
    pub(super) fn basis(&self, name: &str) -> Basis {
        let Some(past) = &self.past else { return Basis::Now };
        if name.contains('(') {
            return Basis::Then;
        }
        if let Some(field) = past.fact_fields.get(name) {
            return past.subject.basis(field);
        }
        match name.split_once('.') {
            Some((via, field)) => past.related.get(via).map_or(Basis::Unknown, |written| written.basis(field)),
            None => past.record.basis(name),
        }
    }

    fn known(&self, name: &str, value: Value) -> Value {
        if self.basis(name) == Basis::Unknown { Value::Null } else { value }
    }
}

impl RowView for View {
    fn field(&self, name: &str) -> Value {
        self.known(name, self.now.field(name))
    }

    fn related(&self, via: &str, field: &str) -> Value {
        self.known(&format!("{via}.{field}"), self.now.related(via, field))
    }

    fn fact(&self, call: &FactCall) -> Value {
        match &self.past {
            Some(past) if !call.args.is_empty() => folded(&past.states, call),
            _ => self.known(&call.name, self.now.fact(call)),
        }
    }
}

/// A fact of the folded consent states, as the store's SQL has it.
pub(in crate::gate) fn folded(states: &States, call: &FactCall) -> Value {
    let args: Vec<&str> = call.args.iter().map(String::as_str).collect();
    match (call.name.as_str(), args.as_slice()) {
        ("consent.other_channel", [purpose, channel]) => {
            Value::Boolean(consent::other_channel(purpose, channel, states))
        }
        ("objection.active", [purpose]) => Value::Boolean(consent::objected(purpose, states)),
        ("objection.overridden", [purpose]) => Value::Boolean(consent::overridden(purpose, states)),
        (name, [purpose, channel]) => {
            let state = consent::effective(purpose, channel, states);
            match (name, state) {
                ("consent.status", state) => Value::text(state.map_or("none", |state| state.status.key())),
                ("consent.given_at", state) => state.map_or(Value::Null, |state| Value::Instant(state.at)),
                ("consent.proven", state) => Value::Boolean(state.is_some_and(|state| state.proven)),
                ("consent.confirmed", state) => Value::Boolean(state.is_some_and(|state| state.confirmed)),
                ("consent.explicit", state) => Value::Boolean(state.is_some_and(|state| state.explicit)),
                ("consent.method", state) => Value::text(state.map_or("", |state| state.method.as_str())),
                ("consent.notice", state) => Value::text(state.map_or("", |state| state.provenance.notice.as_str())),
                ("consent.given_by", state) => {
                    Value::text(state.map_or("", |state| state.provenance.given_by.as_str()))
                }
                ("consent.conditional", state) => {
                    Value::Boolean(state.is_some_and(|state| state.provenance.conditional))
                }
                // A fact that is not folded from events is not known of the past.
                _ => Value::Null,
            }
        }
        _ => Value::Null,
    }
}

impl Unit {
    /// The record, with every fact that the rules and the judges look at.
    pub(super) async fn view(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        asked: &Asked,
        past: Option<i64>,
        notes: &mut Vec<Localised>,
    ) -> Result<View, Problem> {
        let record = tx.get(&entity.name, id, false).await.map_err(store_problem)?.ok_or_else(|| {
            Problem::new(ErrorCode::NotFound, format!("There is no such {}", entity.name.replace('_', " ")))
                .at("id")
                .mend("Check the id.")
        })?;
        if record.deleted {
            notes.push(Localised {
                en: "The record is in the trash: ordinary reads do not find it, whatever the rules say.".to_owned(),
                fr: "La fiche est dans la corbeille : les lectures ordinaires ne la trouvent pas, quelles que soient les règles."
                    .to_owned(),
            });
        }
        let mut needs = Needs::default();
        asked.rules.iter().for_each(|rule| needs.collect(&rule.when));
        asked.judges.iter().flat_map(Judge::operands).for_each(|operand| needs.operand(&operand));
        let now = self.candidate(tx, entity, id, &record.values, needs).await?;
        let past = match past {
            None => None,
            Some(at) => Some(self.past(tx, entity, id, &record.values, at, notes).await?),
        };
        Ok(View { now, past })
    }

    async fn past(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        values: &Input,
        at: i64,
        notes: &mut Vec<Localised>,
    ) -> Result<Past, Problem> {
        let record = written(tx, &entity.name, id, at).await?;
        if record.later {
            notes.push(Localised {
                en: "The record was entered after that instant: its fields are present values.".to_owned(),
                fr: "La fiche a été saisie après cet instant : ses champs ont leur valeur actuelle.".to_owned(),
            });
        }
        let mut related = HashMap::new();
        for field in &entity.fields {
            if let (Some(target), Some(id)) = (field.target(), values.get(&field.name).and_then(Value::as_text)) {
                related.insert(field.name.clone(), written(tx, target, id, at).await?);
            }
        }
        let subject = match &entity.subject {
            SubjectPath::Itself => Some((entity, id)),
            SubjectPath::Via(field) => {
                let target = entity.field(field).and_then(|field| self.catalog().entity(field.target()?));
                target.zip(values.get(field).and_then(Value::as_text))
            }
            SubjectPath::None => None,
        };
        let mut past =
            Past { subject: record.clone(), record, related, fact_fields: HashMap::new(), states: States::default() };
        if let Some((person, id)) = subject {
            past.subject = written(tx, &person.name, id, at).await?;
            past.states = tx.consent_states(id, at).await.map_err(store_problem)?;
            past.fact_fields = fact_fields(person).into_iter().collect();
        }
        Ok(past)
    }
}

/// Facts that fields of the person's record hold.
fn fact_fields(person: &Entity) -> BTreeMap<String, String> {
    let of_fields = person.fields.iter().filter_map(|field| Some((field.fact.clone()?, field.name.clone())));
    let system = ["collected_at", "collected_for"].map(|name| (format!("subject.{name}"), name.to_owned()));
    // Whether a record is dormant is told by where it lies, which the record's own id stands for.
    let place = [("subject.dormant".to_owned(), "id".to_owned())];
    of_fields.chain(system).chain(place).collect()
}

async fn written(tx: &mut WriteTx, entity: &str, id: &str, at: i64) -> Result<Written, Problem> {
    let mut written = Written::default();
    for change in tx.changed_since(entity, id, at).await.map_err(store_problem)? {
        if change.operation == "create" || change.operation == "import" {
            written.later = true;
        } else {
            written.fields.extend(change.fields);
        }
    }
    Ok(written)
}
