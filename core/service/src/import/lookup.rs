//! From a text in a row to the record it means: by external id, else by a field's value, else made.
//! Found texts are kept for batches to come, so many at most.

use std::collections::{BTreeSet, HashMap};

use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Page, Query};
use garant_domain::value::Value;
use garant_store::WriteTx;

use super::mapping::Lookup;
use crate::error::store_problem;
use crate::gate::{Door, ExternalRecord, Upserted};
use crate::input::Input;
use crate::unit::Unit;

/// Most texts in one query.
const CHUNK: usize = 400;
/// Most texts that are kept.
const KEPT: usize = 20_000;

/// What a text means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// One record.
    Record(String),
    /// Several have this value.
    Several,
    /// None that the caller can see.
    Nothing,
    /// It could not be made.
    Refused(String),
}

/// The texts of one reference field and what they mean.
#[derive(Default)]
pub(super) struct Resolver {
    known: HashMap<String, Found>,
}

impl Resolver {
    /// What a text means, once [`Self::learn`] has seen it.
    pub fn get(&self, text: &str) -> Option<&Found> {
        self.known.get(text)
    }

    /// Forgets what was found where it has become too much to keep.
    pub fn shrink(&mut self) {
        if self.known.len() > KEPT {
            self.known.clear();
        }
    }

    /// Finds the records of texts not seen before.
    pub async fn learn(
        &mut self,
        unit: &Unit,
        target: &str,
        lookup: &Lookup,
        texts: BTreeSet<String>,
    ) -> Result<(), Problem> {
        let mut unknown: Vec<String> = texts.into_iter().filter(|text| !self.known.contains_key(text)).collect();
        if let Some(source) = &lookup.source {
            for (text, id) in unit.external_ids(target, source, &unknown).await? {
                self.known.insert(text, Found::Record(id));
            }
            unknown.retain(|text| !self.known.contains_key(text));
        }
        if let Some(field) = &lookup.field {
            for texts in unknown.chunks(CHUNK) {
                self.by_field(unit, target, field, texts).await?;
            }
            unknown.retain(|text| !self.known.contains_key(text));
        }
        if lookup.create && !unknown.is_empty() {
            unit.writable(target, Door::Import).await?;
        }
        self.known.extend(unknown.into_iter().map(|text| (text, Found::Nothing)));
        Ok(())
    }

    async fn by_field(&mut self, unit: &Unit, target: &str, field: &str, texts: &[String]) -> Result<(), Problem> {
        let query = Query {
            entity: target.to_owned(),
            fields: vec![field.to_owned()],
            filter: Some(Filter::Field(field.to_owned(), FieldTest::In(texts.iter().map(Value::text).collect()))),
            // Twice as many would mean that each is ambiguous; what the page leaves out is then refused.
            page: Page { limit: 2 * CHUNK as u32, ..Page::default() },
            ..Query::default()
        };
        let page = unit.page(query).await?;
        for row in &page.rows {
            let Some(text) = row.get(field).as_text() else { continue };
            let found = Found::Record(row.id().to_owned());
            self.known.entry(text.to_owned()).and_modify(|known| *known = Found::Several).or_insert(found);
        }
        if page.has_next_page {
            self.known.extend(texts.iter().map(|text| (text.clone(), Found::Several)));
        }
        Ok(())
    }

    /// Makes the records of texts that mean nothing yet, if the mapping says so; answers their keys.
    pub async fn make(
        &mut self,
        unit: &Unit,
        tx: &mut WriteTx,
        target: &str,
        lookup: &Lookup,
        texts: BTreeSet<String>,
    ) -> Result<Vec<String>, Problem> {
        let missing = |text: &String| self.known.get(text) == Some(&Found::Nothing);
        let texts: Vec<String> = texts.into_iter().filter(missing).collect();
        let (true, false, Some(source), Some(field)) = (lookup.create, texts.is_empty(), &lookup.source, &lookup.field)
        else {
            return Ok(vec![]);
        };
        let record = |text: &String| ExternalRecord {
            key: text.clone(),
            input: Input::from([(field.to_owned(), Value::text(text))]),
            collected_at: None,
        };
        let records = texts.iter().map(record).collect();
        let outcomes = unit.upsert_into(tx, unit.entity(target)?, source, records).await?;
        let mut made = Vec::new();
        for (text, outcome) in texts.into_iter().zip(outcomes) {
            let found = match outcome {
                Ok(upserted) => {
                    if matches!(upserted, Upserted::Created(_)) {
                        made.push(text.clone());
                    }
                    Found::Record(upserted.id().to_owned())
                }
                Err(problem) => Found::Refused(super::batch::reason(&problem)),
            };
            self.known.insert(text, found);
        }
        Ok(made)
    }
}

impl Unit {
    /// The records that an import under `source` made or changed, by their keys.
    async fn external_ids(
        &self,
        entity: &str,
        source: &str,
        keys: &[String],
    ) -> Result<Vec<(String, String)>, Problem> {
        let entity = self.entity(entity)?;
        let mut found = Vec::new();
        let mut tx = self.store().begin_write(&self.context.tenant).await.map_err(store_problem)?;
        for key in keys {
            match self.known_by(&mut tx, entity, source, key, vec![]).await {
                Ok(Some(seen)) => found.push((key.clone(), seen.row.id)),
                Ok(None) => {}
                // Taken by a record that is not there any more: the row that needs it is told so.
                Err(problem) if problem.code == ErrorCode::NotFound => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(found)
    }
}
