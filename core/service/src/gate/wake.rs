//! Waking: everything of a person comes back into the active tables, and their key is destroyed.

use std::collections::BTreeMap;

use garant_domain::catalog::SubjectPath;
use garant_domain::context::Operation;
use garant_domain::problem::Problem;
use garant_domain::value::Value;
use garant_store::WriteTx;

use super::door::Door;
use super::log::{Access, Outcome};
use crate::error::store_problem;
use crate::unit::Unit;

impl Unit {
    /// Wakes everything of a person that sleeps, by an act (`person`, `dpo`). Answers whether there was
    /// anything.
    ///
    /// # Errors
    ///
    /// `INTERNAL`.
    pub(crate) async fn wake(
        &self,
        door: Door,
        tx: &mut WriteTx,
        subject: &str,
        act: &str,
        reason: &str,
    ) -> Result<bool, Problem> {
        let sleeper = self.sleeper(tx, subject).await?;
        if sleeper.records.is_empty() {
            return Ok(false);
        }
        self.wake_all(tx, &sleeper).await?;
        let (now, actor) = (self.context.now, &self.context.actor.id);
        tx.put_waking(subject, now, actor, act, reason).await.map_err(store_problem)?;
        let Some(person) = self.service.person().and_then(|name| self.catalog().entity(name)) else {
            return Ok(true);
        };
        let line = self.line(Access {
            operation: door.operation(),
            entity: &person.name,
            outcome: Outcome::Woken,
            fields: vec![],
            codes: vec![],
            observed: vec![],
            references: vec![self.reference(person, subject)],
        });
        tx.log(&line).await.map_err(store_problem)?;
        Ok(true)
    }

    /// Writes when a person last did something, if it is later than what is known; of somebody who is not
    /// there nothing.
    ///
    /// # Errors
    ///
    /// `INTERNAL`.
    pub(crate) async fn note_act(&self, tx: &mut WriteTx, subject: &str, fact: &str, at: i64) -> Result<(), Problem> {
        let people = self.catalog().entities.iter().filter(|entity| entity.subject == SubjectPath::Itself);
        for entity in people {
            let Some(field) = entity.fields.iter().find(|field| field.fact.as_deref() == Some(fact)) else { continue };
            let found = tx.records_by(&entity.name, "id", &[subject.to_owned()]).await.map_err(store_problem)?;
            for record in found {
                let known = record.values.get(&field.name).cloned().unwrap_or_default();
                if matches!(known, Value::Instant(known) if known >= at) {
                    continue;
                }
                let values = BTreeMap::from([(field.name.clone(), Value::Instant(at))]);
                tx.overwrite(&entity.name, &record, &values, self.context.now).await.map_err(store_problem)?;
                let (actor, now) = (&self.context.actor.id, self.context.now);
                let fields = [field.name.clone()];
                tx.history(&entity.name, &record.id, Operation::Update, &fields, actor, None, now)
                    .await
                    .map_err(store_problem)?;
                let line = self.line(Access {
                    operation: Operation::Update,
                    entity: &entity.name,
                    outcome: Outcome::Written,
                    fields: vec![field.name.clone()],
                    codes: vec![],
                    observed: vec![],
                    references: vec![self.reference(entity, subject)],
                });
                tx.log(&line).await.map_err(store_problem)?;
            }
        }
        Ok(())
    }
}
