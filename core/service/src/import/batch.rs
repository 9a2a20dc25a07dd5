//! One batch of rows: a unit of work with one policy set and one transaction, in which the records, the rejects
//! and how far the job is are committed together.

use std::collections::{BTreeMap, BTreeSet};

use garant_domain::catalog::{Entity, Field};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::value::Value;
use garant_store::WriteTx;

use super::convert::{self, Cells};
use super::lookup::{Found, Resolver};
use super::mapping::{FieldMapping, Mapping};
use super::reject::{self, Reject};
use super::source::SourceRow;
use super::tally::Made;
use crate::error::store_problem;
use crate::gate::{Door, ExternalRecord, Upserted};
use crate::input::Input;
use crate::job::{Claimed, ImportPosition, JobProgress, Stop};
use crate::service::Service;
use crate::unit::Unit;

/// Rows in one transaction: large enough that commits do not count, small enough to hold no lock long.
pub(crate) const BATCH: usize = 500;

/// Turns rows into records, batch by batch.
pub(crate) struct Batcher<'a> {
    service: &'a Service,
    claimed: &'a Claimed,
    mapping: &'a Mapping,
    header: &'a [String],
    /// By reference field.
    resolvers: BTreeMap<String, Resolver>,
}

/// A row on its way to a record: its values but the references, whose texts are still to be looked up.
struct Draft {
    input: Input,
    references: BTreeMap<String, String>,
    collected_at: Option<i64>,
}

/// A row, by which key it names itself, and what became of it so far.
struct Drafted {
    row: SourceRow,
    key: Option<String>,
    draft: Result<Draft, String>,
}

impl<'a> Batcher<'a> {
    pub fn new(service: &'a Service, claimed: &'a Claimed, mapping: &'a Mapping, header: &'a [String]) -> Self {
        Self { service, claimed, mapping, header, resolvers: BTreeMap::new() }
    }

    /// Takes rows, and commits what became of them together with the position after them. Answers the counts
    /// of the whole run by now.
    pub async fn take(
        &mut self,
        unit: &Unit,
        rows: Vec<SourceRow>,
        mut next: ImportPosition,
        mut progress: JobProgress,
    ) -> Result<(JobProgress, ImportPosition), Stop> {
        let entity = unit
            .catalog()
            .entity(&self.mapping.entity)
            .ok_or_else(|| Problem::input("entity", "The catalogue has no entity of this name"))?;
        // Nothing is made by reference for rows that may not be written at all.
        unit.writable(&entity.name, Door::Import).await?;
        progress.read += rows.len() as u64;
        progress.bytes = next.place.offset;
        let mut drafts: Vec<Drafted> = rows.into_iter().map(|row| self.drafted(entity, row)).collect();
        // What is read through the door is logged, so it is read before the transaction begins.
        self.learn(unit, entity, &drafts).await?;
        let alike = unit.alike(entity).await?;

        let mut tx = unit.begin_write().await?;
        self.refuse_known(&mut tx, &mut drafts).await?;
        let made = self.make(unit, &mut tx, entity, &drafts).await?;
        progress.references += made;
        let mut rejects = Vec::new();
        let (mut taken, mut records) = (Vec::new(), Vec::new());
        for Drafted { row, key, draft } in drafts {
            match draft.and_then(|draft| self.refer(entity, key.unwrap_or_default(), draft)) {
                Ok(record) => {
                    taken.push((row, record.key.clone()));
                    records.push(record);
                }
                Err(reason) => rejects.push(rejected(row, reason)),
            }
        }
        let outcomes = match records.is_empty() {
            true => Vec::new(),
            false => unit.upsert_into(&mut tx, entity, &self.mapping.source, records).await?,
        };
        let mut upserted = Vec::new();
        for ((row, key), outcome) in taken.into_iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => upserted.push((key, outcome)),
                Err(problem) => rejects.push(rejected(row, reason(&problem))),
            }
        }
        self.made(entity).count(&mut tx, &upserted, &mut progress).await?;
        if let Some(alike) = &alike {
            let created = upserted.iter().filter_map(|(_, outcome)| match outcome {
                Upserted::Created(id) => Some(id.clone()),
                _ => None,
            });
            progress.duplicates += unit.count_alike(&mut tx, alike, &created.collect::<Vec<_>>()).await?;
        }
        progress.rejected += rejects.len() as u64;
        rejects.sort_by_key(|reject| reject.line);
        self.keep_rejects(&mut tx, &rejects, &mut next).await?;
        self.claimed.step(&mut tx, &next, &progress).await?;
        unit.commit(tx).await?;
        self.resolvers.values_mut().for_each(Resolver::shrink);
        Ok((progress, next))
    }

    fn made(&self, entity: &Entity) -> Made<'_> {
        Made { sealer: &self.service.sealer, claimed: self.claimed, completes: self.completes(entity) }
    }

    /// Whether rows of the file may complete what references to them have made.
    fn completes(&self, entity: &Entity) -> bool {
        self.mapping.fields.iter().any(|(name, mapping)| {
            let same_entity = entity.field(name).and_then(Field::target) == Some(&entity.name);
            let source = mapping.lookup.as_ref().and_then(|lookup| lookup.source.as_ref());
            same_entity && source == Some(&self.mapping.source)
        })
    }

    fn drafted(&self, entity: &Entity, row: SourceRow) -> Drafted {
        let text = match &row.text {
            Ok(text) => text,
            Err(fault) => {
                let draft = Err(format!("the row {fault}"));
                return Drafted { row, key: None, draft };
            }
        };
        let cells: Cells<'_> = self.header.iter().map(String::as_str).zip(text.iter().map(String::as_str)).collect();
        let key = cells.get(self.mapping.key.as_str()).map_or("", |cell| cell.trim()).to_owned();
        if key.is_empty() {
            let draft = Err(format!("column `{}`: is empty, and names the row", self.mapping.key));
            return Drafted { row, key: None, draft };
        }
        let draft = self.draft(entity, &cells);
        Drafted { row, key: Some(key), draft }
    }

    fn draft(&self, entity: &Entity, cells: &Cells<'_>) -> Result<Draft, String> {
        let zone = self.service.zone;
        let collected_at = match &self.mapping.collected_at {
            Some(at) => convert::collected_at(at, cells, zone)
                .map_err(|expected| format!("column `{}`: {expected}", at.column))?,
            None => None,
        };
        let mut draft = Draft { input: Input::new(), references: BTreeMap::new(), collected_at };
        for (name, mapping) in &self.mapping.fields {
            let Some(field) = entity.field(name) else { continue };
            match convert::text_of(mapping, cells) {
                Some(text) if field.target().is_some() => {
                    draft.references.insert(name.clone(), text);
                }
                Some(text) => {
                    let value = convert::convert(&text, field, mapping, zone);
                    let value = value.map_err(|expected| format!("{}: {expected}", origin(name, mapping)))?;
                    draft.input.insert(name.clone(), value);
                }
                // The catalogue's default stands for an empty cell.
                None if field.default.is_some() => {}
                None => {
                    draft.input.insert(name.clone(), Value::Null);
                }
            }
        }
        Ok(draft)
    }

    /// A second row with a key is refused, wherever in the file the first one stands.
    async fn refuse_known(&self, tx: &mut WriteTx, drafts: &mut [Drafted]) -> Result<(), Problem> {
        let job = self.claimed.id();
        let digest = |key: &String| self.claimed.digest(&self.service.sealer, "row", key);
        let digests: Vec<String> = drafts.iter().filter_map(|drafted| drafted.key.as_ref().map(digest)).collect();
        let mut known = tx.job_keys(job, &digests).await.map_err(store_problem)?;
        let mut new = BTreeMap::new();
        for drafted in drafts {
            let Some(digest) = drafted.key.as_ref().map(digest) else { continue };
            match known.get(&digest) {
                Some(first) => {
                    let column = &self.mapping.key;
                    drafted.draft = Err(format!("column `{column}`: the row on line {first} has the same key"));
                }
                None => {
                    known.insert(digest.clone(), drafted.row.line);
                    new.insert(digest, drafted.row.line);
                }
            }
        }
        tx.put_job_keys(job, &new).await.map_err(store_problem)
    }

    /// Finds the records that the drafts refer to.
    async fn learn(&mut self, unit: &Unit, entity: &Entity, drafts: &[Drafted]) -> Result<(), Problem> {
        for (name, mapping) in &self.mapping.fields {
            let target = entity.field(name).and_then(Field::target);
            let (Some(target), Some(lookup)) = (target, &mapping.lookup) else { continue };
            let texts = texts_of(name, drafts);
            self.resolvers.entry(name.clone()).or_default().learn(unit, target, lookup, texts).await?;
        }
        Ok(())
    }

    /// Makes the records that are missing, where the mapping says so; answers how many.
    async fn make(
        &mut self,
        unit: &Unit,
        tx: &mut WriteTx,
        entity: &Entity,
        drafts: &[Drafted],
    ) -> Result<u64, Problem> {
        let mut count = 0;
        for (name, mapping) in &self.mapping.fields {
            let (Some(lookup), Some(resolver)) = (&mapping.lookup, self.resolvers.get_mut(name)) else { continue };
            let Some(target) = entity.field(name).and_then(Field::target) else { continue };
            let created = resolver.make(unit, tx, target, lookup, texts_of(name, drafts)).await?;
            count += created.len() as u64;
            if target == entity.name && lookup.source.as_ref() == Some(&self.mapping.source) {
                let made = Made { sealer: &self.service.sealer, claimed: self.claimed, completes: true };
                made.note(tx, &created).await?;
            }
        }
        Ok(count)
    }

    /// Puts the ids of the records found in place of their texts.
    fn refer(&self, entity: &Entity, key: String, mut draft: Draft) -> Result<ExternalRecord, String> {
        for (name, text) in &draft.references {
            let found = self.resolvers.get(name).and_then(|resolver| resolver.get(text));
            let target = entity.field(name).and_then(Field::target).unwrap_or_default();
            let reason = match found {
                Some(Found::Record(id)) => {
                    draft.input.insert(name.clone(), Value::text(id));
                    continue;
                }
                Some(Found::Several) => format!("several records of `{target}` have this value; use an external id"),
                Some(Found::Refused(reason)) => format!("the `{target}` could not be made: {reason}"),
                Some(Found::Nothing) | None => format!("there is no such `{target}`; import it first"),
            };
            let origin = self.mapping.fields.get(name).map_or_else(String::new, |mapping| origin(name, mapping));
            return Err(format!("{origin}: {reason}"));
        }
        Ok(ExternalRecord { key, input: draft.input, collected_at: draft.collected_at })
    }

    async fn keep_rejects(
        &self,
        tx: &mut WriteTx,
        rejects: &[Reject],
        next: &mut ImportPosition,
    ) -> Result<(), Problem> {
        if rejects.is_empty() {
            return Ok(());
        }
        let bytes = reject::write(rejects, self.header, self.mapping.delimiter)?;
        self.claimed.put_part(tx, "rejects", next.rejects, &bytes).await?;
        next.rejects += 1;
        Ok(())
    }
}

fn texts_of(field: &str, drafts: &[Drafted]) -> BTreeSet<String> {
    drafts.iter().filter_map(|drafted| drafted.draft.as_ref().ok()?.references.get(field).cloned()).collect()
}

fn origin(field: &str, mapping: &FieldMapping) -> String {
    mapping.column.as_ref().map_or_else(|| format!("field `{field}`"), |column| format!("column `{column}`"))
}

fn rejected(row: SourceRow, reason: String) -> Reject {
    Reject { line: row.line, reason, cells: row.cells }
}

/// A problem in one line, with the codes of the policies that decided.
pub(super) fn reason(problem: &Problem) -> String {
    let field = problem.field.as_deref().map(|field| field.strip_prefix("input.").unwrap_or(field));
    let mut line = field.map_or_else(String::new, |field| format!("field `{field}`: "));
    line.push_str(&problem.message);
    if let Some(remedy) = &problem.remedy {
        line.push_str(&format!("; {remedy}"));
    }
    if problem.code == ErrorCode::PolicyRefused {
        let codes: Vec<String> =
            problem.reasons.iter().map(|reason| format!("{}, {}", reason.full_code(), reason.article)).collect();
        line.push_str(&format!(" ({})", codes.join("; ")));
    }
    line
}
