//! Putting to sleep, and sweeping what sleeps. A person sleeps with everything that is about them, so that
//! no trace is left for ordinary reads; of a record that merely points at them, the link and the personal
//! fields sleep.

use std::collections::{BTreeMap, BTreeSet};

use garant_domain::catalog::{Entity, RowRule, SubjectPath};
use garant_domain::context::Operation;
use garant_domain::problem::Problem;
use garant_domain::rule::{Effect, evaluate};
use garant_domain::value::Value;
use garant_store::{ArchivedRow, LedgerEntry, Record, WriteTx};

use super::asleep::{Asleep, AsleepView, Sleeper};
use super::order::about;
use super::{Acted, Due};
use crate::error::store_problem;
use crate::gate::decision::effect_name;
use crate::unit::Unit;
use crate::vault::SubjectKey;

/// What is due of a sleeper: each record of its own, or all that sleeps.
pub(crate) struct DueAsleep {
    /// The entity by whose rule it is due.
    pub entity: String,
    /// Its record.
    pub id: String,
    /// The full code.
    pub code: String,
}

impl Unit {
    /// Puts records to sleep for a reason.
    pub(super) async fn make_dormant(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        ids: &[String],
        code: &str,
    ) -> Result<(), Problem> {
        match &entity.subject {
            SubjectPath::Itself => {
                for id in ids {
                    self.person_sleeps(tx, entity, id, code).await?;
                }
            }
            SubjectPath::Via(link) => {
                let records = tx.records_by(&entity.name, "id", ids).await.map_err(store_problem)?;
                let mut by_person: BTreeMap<String, Vec<Record>> = BTreeMap::new();
                for record in records {
                    let subject = record.values.get(link).and_then(Value::as_text).map(str::to_owned);
                    by_person.entry(subject.unwrap_or_default()).or_default().push(record);
                }
                for (subject, records) in by_person {
                    let key = self.subject_key(tx, &subject).await?;
                    self.records_sleep(tx, &key, entity, &subject, records, code).await?;
                    if entity.append_only {
                        tx.refold_consent(&subject).await.map_err(store_problem)?;
                    }
                }
            }
            SubjectPath::None => {}
        }
        Ok(())
    }

    async fn person_sleeps(&self, tx: &mut WriteTx, entity: &Entity, id: &str, code: &str) -> Result<(), Problem> {
        let key = self.subject_key(tx, id).await?;
        let ids = [id.to_owned()];
        for (child, link) in about(self.catalog(), &entity.name) {
            let records = tx.records_by(&child.name, link, &ids).await.map_err(store_problem)?;
            match child.row_rule {
                RowRule::Hide => self.records_sleep(tx, &key, child, id, records, code).await?,
                RowRule::Unlink => self.parts_sleep(tx, &key, child, id, records, code).await?,
            }
        }
        let own = tx.records_by(&entity.name, "id", &ids).await.map_err(store_problem)?;
        self.records_sleep(tx, &key, entity, id, own, code).await?;
        // Their events sleep too, so nothing is folded from them.
        tx.refold_consent(id).await.map_err(store_problem)
    }

    /// Whole records of a person.
    async fn records_sleep(
        &self,
        tx: &mut WriteTx,
        key: &SubjectKey,
        entity: &Entity,
        subject: &str,
        records: Vec<Record>,
        code: &str,
    ) -> Result<(), Problem> {
        let ids: Vec<String> = records.iter().map(|record| record.id.clone()).collect();
        let keys = tx.external_keys(&entity.name, &ids).await.map_err(store_problem)?;
        let mut rows = Vec::with_capacity(records.len());
        for record in &records {
            let sealed = self.seal_record(key, entity, record, &keys)?;
            rows.push(self.row(entity, &record.id, subject, false, code, sealed));
        }
        tx.archive(&rows).await.map_err(store_problem)?;
        let references: Vec<String> = keys
            .iter()
            .map(|key| self.source_reference(&entity.name, &key.source, &key.key, key.put_by.as_deref()))
            .collect();
        tx.put_sources(subject, &references).await.map_err(store_problem)?;
        tx.forget_keys(&entity.name, &ids).await.map_err(store_problem)?;
        tx.take_out(&entity.name, &ids, self.context.now).await.map(drop).map_err(store_problem)
    }

    /// Of records that merely point at the person: the link, and what they say of them.
    async fn parts_sleep(
        &self,
        tx: &mut WriteTx,
        key: &SubjectKey,
        entity: &Entity,
        subject: &str,
        records: Vec<Record>,
        code: &str,
    ) -> Result<(), Problem> {
        let link = match &entity.subject {
            SubjectPath::Via(link) => link.as_str(),
            _ => return Ok(()),
        };
        let sleeps = |name: &str| name == link || entity.field(name).is_some_and(|field| field.is_personal());
        for record in records {
            let values: BTreeMap<String, Value> = record
                .values
                .iter()
                .filter(|(name, value)| sleeps(name) && !value.is_null())
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let part = Record { values: values.clone(), ..record.clone() };
            let sealed = self.seal_record(key, entity, &part, &[])?;
            let row = self.row(entity, &record.id, subject, true, code, sealed);
            tx.archive(&[row]).await.map_err(store_problem)?;
            let blank = values.keys().map(|name| (name.clone(), Value::Null)).collect();
            let now = self.context.now;
            tx.overwrite(&entity.name, &record, &blank, now).await.map_err(store_problem)?;
            self.swept_history(tx, entity, &record.id, Operation::Sweep, blank.into_keys().collect()).await?;
        }
        Ok(())
    }

    fn row(&self, entity: &Entity, id: &str, subject: &str, part: bool, code: &str, sealed: String) -> ArchivedRow {
        ArchivedRow {
            entity: entity.name.clone(),
            record_id: id.to_owned(),
            subject_id: subject.to_owned(),
            part,
            slept_at: self.context.now,
            code: code.to_owned(),
            sealed,
        }
    }

    /// A key of a source with who sent it, as the archive remembers it.
    pub(crate) fn source_reference(&self, entity: &str, source: &str, key: &str, put_by: Option<&str>) -> String {
        let source = format!("{source}\u{1f}{}", put_by.unwrap_or_default());
        self.service.sealer.key_reference(&self.context.tenant, entity, &source, key)
    }

    /// What is due of what sleeps of a person. Where the person is due, all that sleeps goes with them,
    /// unless some of it is held.
    pub(crate) fn due_asleep(&self, all: &[Due], sleeper: &Sleeper) -> Result<Vec<DueAsleep>, Problem> {
        let mut due_records = Vec::new();
        for due in all {
            let entity = self.entity(&due.rules.entity)?;
            let own = sleeper.records.iter().filter(|asleep| asleep.row.entity == entity.name && !asleep.row.part);
            for asleep in own {
                let view = AsleepView { sleeper, entity, record: &asleep.record };
                // What sleeps cannot be put to sleep, and leaves nothing that could stay anonymous.
                let bites = due.effects.iter().filter(|effect| effect.effect != Effect::MakeDormant);
                let bites = bites.filter(|effect| evaluate(&effect.when, &view) == Some(true));
                let Some(effect) = bites.into_iter().next() else { continue };
                if self.may_go(all, sleeper, entity, asleep)? {
                    let id = asleep.row.record_id.clone();
                    due_records.push(DueAsleep { entity: entity.name.clone(), id, code: due.code(effect) });
                }
            }
        }
        Ok(due_records)
    }

    /// Whether nothing holds a record that sleeps; of a person, nothing that would go along.
    pub(crate) fn may_go(
        &self,
        all: &[Due],
        sleeper: &Sleeper,
        entity: &Entity,
        asleep: &Asleep,
    ) -> Result<bool, Problem> {
        let is_person = entity.subject == SubjectPath::Itself;
        for other in sleeper.records.iter().filter(|other| is_person || std::ptr::eq(*other, asleep)) {
            let Some(due) = all.iter().find(|due| due.rules.entity == other.row.entity) else { return Ok(false) };
            let entity = self.entity(&other.row.entity)?;
            let view = AsleepView { sleeper, entity, record: &other.record };
            if due.rules.hold.iter().any(|hold| evaluate(hold, &view) != Some(false)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Erases what sleeps of a person: a record, or with the person's own all of it. Evidence comes out of
    /// the archive, as it stays where the person is erased awake; the person's key is destroyed.
    pub(crate) async fn erase_asleep(
        &self,
        tx: &mut WriteTx,
        sleeper: &Sleeper,
        due: &[DueAsleep],
    ) -> Result<Vec<Acted>, Problem> {
        let mut done = Vec::new();
        let mut gone: BTreeSet<(String, String)> = BTreeSet::new();
        for due in due {
            let entity = self.entity(&due.entity)?;
            if !gone.contains(&(due.entity.clone(), due.id.clone())) {
                let is_person = entity.subject == SubjectPath::Itself;
                if is_person {
                    self.tell_of_erasure(tx, std::slice::from_ref(&due.id), "erased").await?;
                }
                for asleep in &sleeper.records {
                    let is_it = asleep.row.entity == due.entity && asleep.row.record_id == due.id;
                    let key = (asleep.row.entity.clone(), asleep.row.record_id.clone());
                    if (is_person || is_it) && gone.insert(key) {
                        self.forget_asleep(tx, asleep, is_it).await?;
                    }
                }
            }
            done.push(self.acted(entity, Effect::Erase, due.code.clone(), true, std::slice::from_ref(&due.id)));
        }
        if !due.is_empty() && gone.len() == sleeper.records.len() {
            tx.destroy_key(&sleeper.subject).await.map_err(store_problem)?;
        }
        tx.refold_consent(&sleeper.subject).await.map_err(store_problem)?;
        for acted in &done {
            self.log_swept(tx, acted).await?;
        }
        Ok(done)
    }

    async fn forget_asleep(&self, tx: &mut WriteTx, asleep: &Asleep, is_due: bool) -> Result<(), Problem> {
        let entity = self.entity(&asleep.row.entity)?;
        let ids = [asleep.row.record_id.clone()];
        tx.take_from_archive(&entity.name, &ids).await.map_err(store_problem)?;
        if asleep.row.part {
            return Ok(());
        }
        if entity.append_only && !is_due {
            return self.return_record(tx, entity, asleep, Operation::Sweep).await;
        }
        let tenant = &self.context.tenant;
        let entry = |reference: String, kind: &str| LedgerEntry {
            reference,
            kind: kind.to_owned(),
            entity: entity.name.clone(),
            effect: effect_name(Effect::Erase).to_owned(),
            at: self.context.now,
        };
        let keys = asleep.keys.iter();
        let keys = keys.map(|key| self.service.sealer.key_reference(tenant, &entity.name, &key.source, &key.key));
        let mut entries: Vec<LedgerEntry> = keys.map(|reference| entry(reference, "key")).collect();
        entries.push(entry(self.reference(entity, &asleep.row.record_id), "record"));
        if entity.subject == SubjectPath::Itself {
            let addresses = tx.addresses_in(&entity.name, &asleep.record.values).map_err(store_problem)?;
            entries.extend(addresses.into_iter().map(|address| entry(address, "address")));
        }
        tx.enter_ledger(&entries, false).await.map_err(store_problem)?;
        tx.forget_history(&entity.name, &ids).await.map_err(store_problem)
    }

    /// A record comes back into its table as it was.
    pub(super) async fn return_record(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        asleep: &Asleep,
        operation: Operation,
    ) -> Result<(), Problem> {
        tx.put_back(&entity.name, &asleep.record, self.context.now).await.map_err(store_problem)?;
        for key in &asleep.keys {
            tx.put_key_back(&entity.name, key).await.map_err(store_problem)?;
        }
        self.swept_history(tx, entity, &asleep.row.record_id, operation, vec![]).await
    }

    pub(super) async fn swept_history(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        id: &str,
        operation: Operation,
        fields: Vec<String>,
    ) -> Result<(), Problem> {
        let (actor, now) = (&self.context.actor.id, self.context.now);
        tx.history(&entity.name, id, operation, &fields, actor, None, now).await.map_err(store_problem)
    }

    /// Wakes everything of a person. What somebody wrote into the place of a part meanwhile stays.
    pub(crate) async fn wake_all(&self, tx: &mut WriteTx, sleeper: &Sleeper) -> Result<(), Problem> {
        for asleep in &sleeper.records {
            let entity = self.entity(&asleep.row.entity)?;
            let ids = [asleep.row.record_id.clone()];
            tx.take_from_archive(&entity.name, &ids).await.map_err(store_problem)?;
            if asleep.row.part {
                self.return_part(tx, entity, asleep).await?;
            } else {
                self.return_record(tx, entity, asleep, Operation::Wake).await?;
            }
        }
        tx.destroy_key(&sleeper.subject).await.map_err(store_problem)?;
        tx.refold_consent(&sleeper.subject).await.map_err(store_problem)
    }

    async fn return_part(&self, tx: &mut WriteTx, entity: &Entity, asleep: &Asleep) -> Result<(), Problem> {
        let SubjectPath::Via(link) = &entity.subject else { return Ok(()) };
        let ids = [asleep.row.record_id.clone()];
        let Some(awake) = tx.records_by(&entity.name, "id", &ids).await.map_err(store_problem)?.pop() else {
            return Ok(());
        };
        let is_free = |name: &str| awake.values.get(name).is_none_or(Value::is_null);
        if !is_free(link) {
            return Ok(());
        }
        let values: BTreeMap<String, Value> = asleep
            .record
            .values
            .iter()
            .filter(|(name, _)| is_free(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        tx.overwrite(&entity.name, &awake, &values, self.context.now).await.map_err(store_problem)?;
        self.swept_history(tx, entity, &asleep.row.record_id, Operation::Wake, values.into_keys().collect()).await
    }
}
