//! The import's door: records named by an external key per source. A key that is known changes its
//! record, an unknown one creates it; the same file twice changes nothing. A key whose record is hidden
//! is unknown.

use garant_domain::catalog::Entity;
use garant_domain::context::Operation;
use garant_domain::problem::{ErrorCode, Problem};
use garant_store::WriteTx;

use super::{Seen, indexed};
use crate::error::store_problem;
use crate::gate::door::Door;
use crate::input::Input;
use crate::reviewed::ReviewedRow;
use crate::unit::Unit;

/// One record of an import.
#[derive(Clone, Debug)]
pub struct ExternalRecord {
    /// Key of the record in its source.
    pub key: String,
    /// Values, by field name.
    pub input: Input,
    /// When the data was collected, if the file says so.
    pub collected_at: Option<i64>,
}

/// What became of a record of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upserted {
    /// New.
    Created(String),
    /// Known and changed.
    Updated(String),
    /// Known and the same.
    Unchanged(String),
}

impl Upserted {
    /// The record's id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Created(id) | Self::Updated(id) | Self::Unchanged(id) => id,
        }
    }
}

impl Unit {
    /// Creates or changes records by external key, with whatever else the transaction does. A record that is
    /// wrong is answered with its problem and leaves the others untouched. Whether the entity may be
    /// written at all ([`Self::writable`]) was asked before the transaction began.
    pub(crate) async fn upsert_into(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        source: &str,
        records: Vec<ExternalRecord>,
    ) -> Result<Vec<Result<Upserted, Problem>>, Problem> {
        let mut outcomes = Vec::new();
        for record in records {
            let outcome = self.upsert_one(tx, &entity.name, source, record).await;
            if let Err(problem) = &outcome
                && problem.code == ErrorCode::Internal
            {
                return Err(problem.clone());
            }
            outcomes.push(outcome);
        }
        let written: Vec<String> = outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Ok(Upserted::Created(id) | Upserted::Updated(id)) => Some(id.clone()),
                _ => None,
            })
            .collect();
        self.log_write(tx, Operation::Import, entity, &written).await?;
        Ok(outcomes)
    }

    /// Creates or changes records by external key: all of them or, when one is wrong, none.
    ///
    /// # Errors
    ///
    /// As [`Self::create_many`].
    pub async fn upsert_all(
        &self,
        entity: &str,
        source: &str,
        records: Vec<ExternalRecord>,
        fields: Vec<String>,
    ) -> Result<Vec<ReviewedRow>, Problem> {
        let entity = self.writable(entity, Door::Upsert).await?;
        let mut tx = self.begin_write().await?;
        let mut ids = Vec::new();
        for (index, record) in records.into_iter().enumerate() {
            let outcome = self.upsert_one(&mut tx, &entity.name, source, record).await;
            ids.push(outcome.map_err(|problem| indexed(problem, index))?.id().to_owned());
        }
        self.log_write(&mut tx, Operation::Create, entity, &ids).await?;
        self.commit(tx).await?;
        self.read_back(entity, ids.into_iter().map(|id| (id, 1)).collect(), false, fields).await
    }

    async fn upsert_one(
        &self,
        tx: &mut WriteTx,
        entity: &str,
        source: &str,
        record: ExternalRecord,
    ) -> Result<Upserted, Problem> {
        let entity = self.entity(entity)?;
        let names: Vec<String> = record.input.keys().cloned().collect();
        let Some(seen) = self.known_by(tx, entity, source, &record.key, names.clone()).await? else {
            self.check_erased(tx, entity, source, &record).await?;
            let id = self.insert(tx, entity, record.input, record.collected_at).await?;
            let actor = &self.context.actor.id;
            tx.put_external_id(&entity.name, source, &record.key, &id, actor).await.map_err(store_problem)?;
            return Ok(Upserted::Created(id));
        };
        let id = seen.row.id;
        let same = names.iter().zip(&seen.row.values).all(|(name, value)| record.input.get(name) == Some(value));
        if same {
            return Ok(Upserted::Unchanged(id));
        }
        self.change(tx, entity, &id, record.input, None).await?;
        Ok(Upserted::Updated(id))
    }

    /// What a key stood for may have been erased: then only what was collected since may come back, and only
    /// who says when it was collected can show that.
    async fn check_erased(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        source: &str,
        record: &ExternalRecord,
    ) -> Result<(), Problem> {
        let tenant = &self.context.tenant;
        let reference = self.service.sealer.key_reference(tenant, &entity.name, source, &record.key);
        match tx.erased_at(&[reference]).await.map_err(store_problem)? {
            Some(erased_at) if record.collected_at.is_none_or(|at| at <= erased_at) => {
                Err(Problem::new(ErrorCode::Conflict, "What this key stood for was erased").mend(
                    "Take it out of the source; data that was collected since may come with its date of collection.",
                ))
            }
            _ => Ok(()),
        }
    }

    /// The record that a source's key stands for, as the caller sees it. A key whose record the caller
    /// cannot see is unknown to them, unless they sent it themselves: then they know that it is taken,
    /// and it is answered like one whose record is in the trash.
    pub(crate) async fn known_by(
        &self,
        tx: &mut WriteTx,
        entity: &Entity,
        source: &str,
        key: &str,
        fields: Vec<String>,
    ) -> Result<Option<Seen>, Problem> {
        let keyed = tx.external_ids(&entity.name, source, key).await.map_err(store_problem)?;
        let own = keyed.iter().any(|keyed| keyed.put_by.as_ref() == Some(&self.context.actor.id));
        let ids = keyed.into_iter().map(|keyed| keyed.record_id).collect();
        let actor = &self.context.actor.id;
        let reference = self.source_reference(&entity.name, source, key, Some(actor));
        // What sleeps left its keys with those who sent them.
        let own = tx.source_sleeps(&reference).await.map_err(store_problem)? || own;
        match self.first_visible(tx, entity, ids, fields, false).await? {
            None if own => {
                Err(Problem::new(ErrorCode::NotFound, "The record of this key is not there for this purpose any more")
                    .mend("It may be in the trash, or its person may have objected; it is left as it is."))
            }
            seen => Ok(seen),
        }
    }
}
