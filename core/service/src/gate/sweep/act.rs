//! Destroying what is due. Each field goes as the catalogue's erasure strategy says; what is erased
//! leaves a keyed reference in the ledger and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use garant_domain::catalog::{Entity, Erasure, SubjectPath};
use garant_domain::context::Operation;
use garant_domain::problem::Problem;
use garant_domain::rule::Effect;
use garant_domain::value::{Type, Value};
use garant_store::{DueRecord, LedgerEntry, Record, WriteTx};

use super::Due;
use super::order::{about, referring};
use crate::error::store_problem;
use crate::gate::decision::effect_name;
use crate::gate::log::{Access, Outcome};
use crate::unit::Unit;

/// What was done to records for one reason.
#[derive(Clone, Debug)]
pub(crate) struct Acted {
    /// Entity name.
    pub entity: String,
    /// What was done.
    pub effect: Effect,
    /// The full code.
    pub code: String,
    /// Whether they slept already.
    pub archived: bool,
    /// Keyed references of the records.
    pub references: Vec<String>,
}

impl Unit {
    /// Does what is due to records of an entity, and notes it in the log with the same transaction.
    ///
    /// # Errors
    ///
    /// `INTERNAL`; then the transaction must not be committed.
    pub(crate) async fn sweep(
        &self,
        tx: &mut WriteTx,
        due: &Due,
        records: &[DueRecord],
    ) -> Result<Vec<Acted>, Problem> {
        let entity = self.entity(&due.rules.entity)?;
        let mut done = Vec::new();
        for (index, effect) in due.effects.iter().enumerate() {
            let ids: Vec<String> =
                records.iter().filter(|record| record.rule == index).map(|record| record.id.clone()).collect();
            if ids.is_empty() {
                continue;
            }
            let code = due.code(effect);
            match effect.effect {
                Effect::MakeDormant => self.make_dormant(tx, entity, &ids, &code).await?,
                effect => self.destroy(tx, entity, effect, &ids).await?,
            }
            done.push(self.acted(entity, effect.effect, code, false, &ids));
        }
        for acted in &done {
            self.log_swept(tx, acted).await?;
        }
        Ok(done)
    }

    /// What was done, by reference.
    pub(crate) fn acted(&self, entity: &Entity, effect: Effect, code: String, archived: bool, ids: &[String]) -> Acted {
        let references = ids.iter().map(|id| self.reference(entity, id)).collect();
        Acted { entity: entity.name.clone(), effect, code, archived, references }
    }

    pub(crate) fn reference(&self, entity: &Entity, id: &str) -> String {
        self.service.sealer.record_reference(&self.context.tenant, &entity.name, id)
    }

    /// The line of what was done.
    pub(crate) async fn log_swept(&self, tx: &mut WriteTx, acted: &Acted) -> Result<(), Problem> {
        let outcome = match acted.effect {
            Effect::Erase => Outcome::Erased,
            Effect::Anonymise => Outcome::Anonymised,
            _ => Outcome::Slept,
        };
        let line = self.line(Access {
            operation: Operation::Sweep,
            entity: &acted.entity,
            outcome,
            fields: vec![],
            codes: vec![acted.code.clone()],
            observed: vec![],
            references: acted.references.clone(),
        });
        tx.log(&line).await.map_err(store_problem)
    }

    /// The line of what observed policies would have destroyed.
    pub(crate) async fn log_would_sweep(&self, entity: &str, observed: Vec<(String, u64)>) -> Result<(), Problem> {
        let access = Access {
            operation: Operation::Sweep,
            entity,
            outcome: Outcome::Observed,
            fields: vec![],
            codes: vec![],
            observed,
            references: vec![],
        };
        self.log(access).await
    }

    /// Does one effect to records.
    pub(crate) async fn destroy(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        effect: Effect,
        ids: &[String],
    ) -> Result<(), Problem> {
        match effect {
            Effect::Erase => self.erase(tx, entity, ids).await,
            Effect::Anonymise => self.anonymise(tx, entity, ids).await,
            // Nothing else destroys.
            _ => Ok(()),
        }
    }

    /// Erases records: the rows, their history, the keys by which sources knew them, and what others say of
    /// them. Evidence about a person stays, as the catalogue preserves it, and points at nobody any more.
    async fn erase(&self, tx: &mut WriteTx, entity: &Entity, ids: &[String]) -> Result<(), Problem> {
        if ids.is_empty() {
            return Ok(());
        }
        // Of what is about nobody the ledger would tell nothing that a backup may not bring back.
        if entity.subject != SubjectPath::None {
            self.enter(tx, entity, Effect::Erase, ids).await?;
        }
        self.let_go(tx, entity, ids).await?;
        let mut subjects = subjects(tx, entity, ids).await?;
        if entity.subject == SubjectPath::Itself {
            subjects.extend(ids.iter().cloned());
            self.tell_of_erasure(tx, ids, "erased").await?;
        }
        let now = self.context.now;
        tx.take_out(&entity.name, ids, now).await.map_err(store_problem)?;
        tx.forget_keys(&entity.name, ids).await.map_err(store_problem)?;
        tx.forget_history(&entity.name, ids).await.map_err(store_problem)?;
        tx.forget_beside(&entity.name, ids).await.map_err(store_problem)?;
        for subject in subjects {
            tx.refold_consent(&subject).await.map_err(store_problem)?;
        }
        Ok(())
    }

    /// Makes records anonymous: they stay, without what tells of the person.
    async fn anonymise(&self, tx: &mut WriteTx, entity: &Entity, ids: &[String]) -> Result<(), Problem> {
        if entity.fields.iter().any(|field| field.erasure == Erasure::Delete) {
            return Box::pin(self.erase(tx, entity, ids)).await;
        }
        self.enter(tx, entity, Effect::Anonymise, ids).await?;
        if entity.subject == SubjectPath::Itself {
            self.tell_of_erasure(tx, ids, "anonymised").await?;
        }
        self.let_go(tx, entity, ids).await?;
        tx.forget_keys(&entity.name, ids).await.map_err(store_problem)?;
        for record in tx.records_by(&entity.name, "id", ids).await.map_err(store_problem)? {
            let version = self.strip(tx, entity, &record).await?;
            tx.mark(&entity.name, &record.id, version).await.map_err(store_problem)?;
        }
        Ok(())
    }

    /// What others hold of records that go: records about a person are emptied of them, any other reference
    /// is taken out.
    async fn let_go(&self, tx: &mut WriteTx, entity: &Entity, ids: &[String]) -> Result<(), Problem> {
        let catalog = self.catalog();
        for (child, link) in about(catalog, &entity.name) {
            let delete = child.fields.iter().any(|field| field.erasure == Erasure::Delete);
            let records = tx.records_by(&child.name, link, ids).await.map_err(store_problem)?;
            if delete {
                let ids: Vec<String> = records.into_iter().map(|record| record.id).collect();
                Box::pin(self.erase(tx, child, &ids)).await?;
                continue;
            }
            for record in records {
                self.strip(tx, child, &record).await?;
            }
        }
        for (other, field) in referring(catalog, &entity.name) {
            // What cannot be without it goes with it.
            if other.field(field).is_some_and(|field| field.required) {
                let records = tx.records_by(&other.name, field, ids).await.map_err(store_problem)?;
                let ids: Vec<String> = records.into_iter().map(|record| record.id).collect();
                Box::pin(self.erase(tx, other, &ids)).await?;
                continue;
            }
            tx.unlink(&other.name, field, ids, self.context.now).await.map_err(store_problem)?;
        }
        Ok(())
    }

    /// Empties a record by the erasure strategy of each field; answers its version.
    async fn strip(&self, tx: &mut WriteTx, entity: &Entity, record: &Record) -> Result<i64, Problem> {
        let mut values = BTreeMap::new();
        for field in &entity.fields {
            let Some(value) = record.values.get(&field.name).filter(|value| !value.is_null()) else { continue };
            let left = match field.erasure {
                Erasure::Preserve | Erasure::Delete => continue,
                Erasure::Nullify => Value::Null,
                Erasure::Hmac => self.hashed(entity, field, value),
            };
            values.insert(field.name.clone(), left);
        }
        if values.is_empty() {
            return Ok(record.version);
        }
        let now = self.context.now;
        let version = tx.overwrite(&entity.name, record, &values, now).await.map_err(store_problem)?;
        let ids = [record.id.clone()];
        tx.forget_history(&entity.name, &ids).await.map_err(store_problem)?;
        let fields: Vec<String> = values.into_keys().collect();
        let actor = &self.context.actor.id;
        tx.history(&entity.name, &record.id, Operation::Sweep, &fields, actor, None, now)
            .await
            .map_err(store_problem)?;
        Ok(version)
    }

    /// A keyed hash is a pseudonym: it may stand for what says nothing by itself, never for what identifies
    /// a person.
    fn hashed(&self, entity: &Entity, field: &garant_domain::catalog::Field, value: &Value) -> Value {
        match value {
            Value::Text(text) if !field.direct_identifier && field.value_type() == Type::Text => {
                Value::text(self.service.sealer.value_hash(&self.context.tenant, &entity.name, &field.name, text))
            }
            _ => Value::Null,
        }
    }

    /// Enters records into the ledger, with the keys by which sources knew them and the addresses by which
    /// people were reached: what is dated earlier and comes back for these is refused.
    pub(crate) async fn enter(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        effect: Effect,
        ids: &[String],
    ) -> Result<(), Problem> {
        let keys = tx.external_keys(&entity.name, ids).await.map_err(store_problem)?;
        let tenant = &self.context.tenant;
        let entry = |reference: String, kind: &str| LedgerEntry {
            reference,
            kind: kind.to_owned(),
            entity: entity.name.clone(),
            effect: effect_name(effect).to_owned(),
            at: self.context.now,
        };
        let of_records = ids.iter().map(|id| entry(self.reference(entity, id), "record"));
        let of_keys = keys
            .iter()
            .map(|key| entry(self.service.sealer.key_reference(tenant, &entity.name, &key.source, &key.key), "key"));
        let reached = match entity.subject {
            SubjectPath::Itself => tx.addresses_of(ids).await.map_err(store_problem)?,
            _ => vec![],
        };
        let of_addresses = reached.into_iter().map(|address| entry(address, "address"));
        let entries: Vec<LedgerEntry> = of_records.chain(of_keys).chain(of_addresses).collect();
        tx.enter_ledger(&entries, false).await.map(drop).map_err(store_problem)
    }
}

/// The people whose evidence is among the records: what is folded from it is folded anew.
async fn subjects(tx: &mut WriteTx, entity: &Entity, ids: &[String]) -> Result<BTreeSet<String>, Problem> {
    let SubjectPath::Via(link) = &entity.subject else { return Ok(BTreeSet::new()) };
    if !entity.append_only {
        return Ok(BTreeSet::new());
    }
    let records = tx.records_by(&entity.name, "id", ids).await.map_err(store_problem)?;
    Ok(records.iter().filter_map(|record| record.values.get(link)?.as_text().map(str::to_owned)).collect())
}
