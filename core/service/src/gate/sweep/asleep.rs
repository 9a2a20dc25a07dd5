//! What sleeps, opened: a person's records as rules see them. The same conditions as in SQL, evaluated
//! natively, since the database cannot look into what is sealed.

use std::collections::{BTreeMap, HashMap};

use garant_domain::catalog::{Catalog, Entity, SubjectPath};
use garant_domain::consent::{self, States};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::rule::{FactCall, RowView};
use garant_domain::value::Value;
use garant_store::{ArchivedRow, ExternalKey, Record, WriteTx, consent_event_of};
use serde::{Deserialize, Serialize};

use super::ON_LEGAL_HOLD;
use crate::error::store_problem;
use crate::gate::explain::folded;
use crate::unit::Unit;
use crate::vault::SubjectKey;

/// Facts about a sleeper that lie beside the archive.
const BESIDE: [&str; 3] = [ON_LEGAL_HOLD, "subject.woken_at", "subject.erased_at"];

/// A record as it is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed {
    version: i64,
    deleted: bool,
    values: BTreeMap<String, Value>,
    /// Source, key and who sent it.
    keys: Vec<(String, String, Option<String>)>,
}

/// A record that sleeps.
pub(crate) struct Asleep {
    /// Its row.
    pub row: ArchivedRow,
    /// The record as it was.
    pub record: Record,
    /// The keys by which sources knew it.
    pub keys: Vec<ExternalKey>,
}

/// A person of whom something sleeps.
pub(crate) struct Sleeper {
    /// The person's id.
    pub subject: String,
    /// Everything of theirs that sleeps.
    pub records: Vec<Asleep>,
    /// The person's own record, if it is among them.
    person: Option<BTreeMap<String, Value>>,
    /// The field of the person's record that holds a fact.
    fact_fields: HashMap<String, String>,
    states: States,
    beside: HashMap<String, Value>,
    /// Fields one reference away, of records that are awake.
    related: HashMap<(String, String), Value>,
}

impl Unit {
    /// Seals a record under the key of its person.
    pub(crate) fn seal_record(
        &self,
        key: &SubjectKey,
        entity: &Entity,
        record: &Record,
        keys: &[ExternalKey],
    ) -> Result<String, Problem> {
        let keys = keys.iter().filter(|key| key.record_id == record.id);
        let sealed = Sealed {
            version: record.version,
            deleted: record.deleted,
            values: record.values.clone(),
            keys: keys.map(|key| (key.source.clone(), key.key.clone(), key.put_by.clone())).collect(),
        };
        let plain = serde_json::to_vec(&sealed).map_err(|_| unsealed())?;
        key.seal(&[&self.context.tenant, &entity.name, &record.id], &plain).ok_or_else(unsealed)
    }

    /// The key of a person, made anew if there is none.
    pub(crate) async fn subject_key(&self, tx: &mut WriteTx, subject: &str) -> Result<SubjectKey, Problem> {
        let tenant = &self.context.tenant;
        if let Some(wrapped) = tx.wrapped_key(subject).await.map_err(store_problem)? {
            return self.service.vault.unwrap(tenant, subject, &wrapped).ok_or_else(unsealed);
        }
        let (key, wrapped) = self.service.vault.fresh(tenant, subject).ok_or_else(unsealed)?;
        tx.put_key(subject, &wrapped, self.context.now).await.map_err(store_problem)?;
        Ok(key)
    }

    /// A person of whom something sleeps, with the facts about them. Somebody of whom nothing does takes
    /// the same statements.
    pub(crate) async fn sleeper(&self, tx: &mut WriteTx, subject: &str) -> Result<Sleeper, Problem> {
        let rows = tx.asleep(subject).await.map_err(store_problem)?;
        let wrapped = tx.wrapped_key(subject).await.map_err(store_problem)?;
        let calls = BESIDE.map(|name| FactCall { name: name.to_owned(), args: vec![] });
        let values = tx.facts(subject, &calls).await.map_err(store_problem)?;
        let beside = BESIDE.map(str::to_owned).into_iter().zip(values).collect();
        let key = wrapped.and_then(|wrapped| self.service.vault.unwrap(&self.context.tenant, subject, &wrapped));
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            // Rows without their key: somebody restored one and not the other, or the secret is another.
            records.push(self.opened(key.as_ref().ok_or_else(unsealed)?, row)?);
        }
        let mut sleeper = Sleeper {
            subject: subject.to_owned(),
            records,
            person: None,
            fact_fields: HashMap::new(),
            states: States::default(),
            beside,
            related: HashMap::new(),
        };
        self.know(tx, &mut sleeper).await?;
        Ok(sleeper)
    }

    fn opened(&self, key: &SubjectKey, row: ArchivedRow) -> Result<Asleep, Problem> {
        let place = [self.context.tenant.as_str(), &row.entity, &row.record_id];
        let plain = key.open(&place, &row.sealed).ok_or_else(unsealed)?;
        let sealed: Sealed = serde_json::from_slice(&plain).map_err(|_| unsealed())?;
        let id = &row.record_id;
        let key = |(source, key, put_by)| ExternalKey { record_id: id.clone(), source, key, put_by };
        let keys = sealed.keys.into_iter().map(key).collect();
        let record = Record { id: id.clone(), version: sealed.version, deleted: sealed.deleted, values: sealed.values };
        Ok(Asleep { row, record, keys })
    }

    /// What rules may ask of the person.
    async fn know(&self, tx: &mut WriteTx, sleeper: &mut Sleeper) -> Result<(), Problem> {
        let catalog = self.catalog();
        let person = catalog.entities.iter().find(|entity| entity.subject == SubjectPath::Itself);
        if let Some(person) = person {
            let of_fields = person.fields.iter().filter_map(|field| Some((field.fact.clone()?, field.name.clone())));
            let system = ["collected_at", "collected_for"].map(|name| (format!("subject.{name}"), name.to_owned()));
            sleeper.fact_fields = of_fields.chain(system).collect();
            let own = sleeper.records.iter().find(|asleep| asleep.row.entity == person.name && !asleep.row.part);
            let own = own.map(|asleep| asleep.record.values.clone());
            // Of a person who is awake a single record may sleep.
            let ids = [sleeper.subject.clone()];
            let awake = tx.records_by(&person.name, "id", &ids).await.map_err(store_problem)?.pop();
            sleeper.person = own.or(awake.map(|record| record.values));
        }
        let mut events = tx.own_consent_events(&sleeper.subject).await.map_err(store_problem)?;
        events.extend(sleeper.records.iter().filter_map(|asleep| consent_event_of(&asleep.row.entity, &asleep.record)));
        sleeper.states = consent::fold(&events, i64::MAX);
        sleeper.related = self.related_of(tx, catalog, sleeper).await?;
        Ok(())
    }

    /// Every field one reference away that is awake, for each record: they are few.
    async fn related_of(
        &self,
        tx: &mut WriteTx,
        catalog: &Catalog,
        sleeper: &Sleeper,
    ) -> Result<HashMap<(String, String), Value>, Problem> {
        let mut related = HashMap::new();
        for asleep in &sleeper.records {
            let Some(entity) = catalog.entity(&asleep.row.entity) else { continue };
            for field in &entity.fields {
                let id = asleep.record.values.get(&field.name).and_then(Value::as_text);
                let (Some(target), Some(id)) = (field.target(), id) else { continue };
                if sleeper.records.iter().any(|other| other.row.record_id == id && other.row.entity == target) {
                    continue;
                }
                for other in tx.records_by(target, "id", &[id.to_owned()]).await.map_err(store_problem)? {
                    related.extend(
                        other.values.into_iter().map(|(name, value)| ((format!("{target}/{id}"), name), value)),
                    );
                }
            }
        }
        Ok(related)
    }
}

/// A record of a sleeper, as rules see it.
pub(crate) struct AsleepView<'a> {
    pub sleeper: &'a Sleeper,
    pub entity: &'a Entity,
    pub record: &'a Record,
}

impl RowView for AsleepView<'_> {
    fn field(&self, name: &str) -> Value {
        self.record.values.get(name).cloned().unwrap_or_default()
    }

    fn related(&self, via: &str, field: &str) -> Value {
        let target = self.entity.field(via).and_then(|via| via.target());
        let id = self.record.values.get(via).and_then(Value::as_text);
        let (Some(target), Some(id)) = (target, id) else { return Value::Null };
        let asleep = self.sleeper.records.iter().find(|other| other.row.entity == target && other.row.record_id == id);
        if let Some(asleep) = asleep {
            return asleep.record.values.get(field).cloned().unwrap_or_default();
        }
        let awake = self.sleeper.related.get(&(format!("{target}/{id}"), field.to_owned()));
        awake.cloned().unwrap_or_default()
    }

    fn fact(&self, call: &FactCall) -> Value {
        self.sleeper.fact(call)
    }
}

impl Sleeper {
    /// A fact about the sleeper; unknown where it is none that the archive can tell.
    fn fact(&self, call: &FactCall) -> Value {
        let field = self.fact_fields.get(&call.name);
        let own = field.and_then(|field| self.person.as_ref()?.get(field)).cloned().unwrap_or_default();
        match call.name.as_str() {
            "subject.dormant" => Value::Boolean(true),
            // Of what sleeps the field counts too, and null there is not known to be no.
            ON_LEGAL_HOLD => match (self.beside.get(ON_LEGAL_HOLD), &self.person, own) {
                (Some(Value::Boolean(false)), None, _) | (Some(Value::Boolean(false)), _, Value::Boolean(false)) => {
                    Value::Boolean(false)
                }
                _ => Value::Boolean(true),
            },
            name if BESIDE.contains(&name) => self.beside.get(name).cloned().unwrap_or_default(),
            _ if !call.args.is_empty() => folded(&self.states, call),
            _ => own,
        }
    }
}

fn unsealed() -> Problem {
    tracing::error!("a record of the archive cannot be sealed or opened: is this the secret that sealed it?");
    Problem::new(ErrorCode::Internal, "The archive cannot be opened; the log says why")
}
