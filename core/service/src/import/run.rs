//! The run: batches of rows, each a unit of work of its own with one policy set and one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;
use std::sync::Arc;

use garant_domain::catalog::{Entity, Field};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::value::Value;

use super::convert::{self, Cells};
use super::lookup::{Found, Resolver};
use super::mapping::{FieldMapping, Mapping};
use super::reject::{Reject, RejectSink};
use super::report::{ImportError, ImportReport, Progress};
use super::source::{Source, SourceRow};
use crate::auth::Caller;
use crate::gate::{Door, ExternalRecord, Upserted};
use crate::input::Input;
use crate::service::Service;
use crate::unit::{Unit, UnitRequest};

/// Rows in one transaction: large enough that commits do not count, small enough to hold no lock long.
const BATCH: usize = 500;

/// An import of one file.
pub struct ImportRequest<'a, R> {
    /// How rows become records.
    pub mapping: &'a Mapping,
    /// The file.
    pub reader: R,
    /// Purposes for which the data is collected.
    pub purposes: Vec<String>,
    /// Where rejected rows go.
    pub rejects: &'a mut (dyn RejectSink + Send),
    /// Is told how far the import is, after each batch.
    pub progress: &'a mut (dyn FnMut(Progress) + Send),
}

impl Service {
    /// Imports a file. Good rows are kept whatever becomes of the others.
    ///
    /// # Errors
    ///
    /// A file that does not fit the mapping, a rejected row that cannot be kept, or what concerns a
    /// whole batch: `FORBIDDEN`, `PURPOSE_REQUIRED`, `POLICY_REFUSED`, `POLICY_UNAVAILABLE`, `INTERNAL`.
    pub async fn import<R: Read + Send>(
        self: &Arc<Self>,
        caller: &Caller,
        request: ImportRequest<'_, R>,
    ) -> Result<ImportReport, ImportError> {
        let ImportRequest { mapping, reader, purposes, rejects, progress } = request;
        let mut source = Source::open(reader, mapping)?;
        let header = source.header.clone();
        let mut run = Run::new(self, mapping, &header);
        loop {
            let mut rows = Vec::with_capacity(BATCH);
            while rows.len() < BATCH
                && let Some(row) = source.next()?
            {
                rows.push(row);
            }
            let Some(last) = rows.last() else { break };
            let (line, bytes) = (last.line, last.offset);
            let request = UnitRequest { purposes: purposes.clone(), channel: None };
            let batch = async {
                let unit = self.begin(caller, request).await?;
                let unit = if run.mapping.unproven_consents { unit.accepting_unproven() } else { unit };
                run.batch(&unit, rows).await
            };
            let rejected = batch.await.map_err(|problem| ImportError::Batch { line, problem })?;
            for reject in &rejected {
                rejects.reject(&header, reject).map_err(ImportError::Rejects)?;
            }
            progress(Progress { bytes, rows: run.report.rows, rejected: run.report.rejected });
        }
        Ok(run.finish())
    }
}

/// The state of a run between batches.
struct Run<'a> {
    service: &'a Service,
    mapping: &'a Mapping,
    header: &'a [String],
    /// Line on which each key was seen first.
    keys: HashMap<String, u64>,
    /// By reference field.
    resolvers: BTreeMap<String, Resolver>,
    report: ImportReport,
}

/// A row on its way to a record: its values but the references, whose texts are still to be looked up.
struct Draft {
    key: String,
    input: Input,
    references: BTreeMap<String, String>,
    collected_at: Option<i64>,
}

impl<'a> Run<'a> {
    fn new(service: &'a Service, mapping: &'a Mapping, header: &'a [String]) -> Self {
        Self {
            service,
            mapping,
            header,
            keys: HashMap::new(),
            resolvers: BTreeMap::new(),
            report: ImportReport::default(),
        }
    }

    async fn batch(&mut self, unit: &Unit, rows: Vec<SourceRow>) -> Result<Vec<Reject>, Problem> {
        let entity = unit
            .catalog()
            .entity(&self.mapping.entity)
            .ok_or_else(|| Problem::input("entity", "The catalogue has no entity of this name"))?;
        // Nothing is made by reference for rows that may not be written at all.
        unit.writable(&entity.name, Door::Import).await?;
        self.report.rows += rows.len() as u64;
        let mut rejects = Vec::new();
        let mut drafts = Vec::new();
        for row in rows {
            match self.draft(entity, &row) {
                Ok(draft) => drafts.push((row, draft)),
                Err(reason) => rejects.push(reject(row, reason)),
            }
        }
        self.learn(unit, entity, &drafts).await?;
        let mut records = Vec::new();
        let mut taken = Vec::new();
        for (row, draft) in drafts {
            match self.refer(entity, draft) {
                Ok(record) => {
                    taken.push((row, record.key.clone()));
                    records.push(record);
                }
                Err(reason) => rejects.push(reject(row, reason)),
            }
        }
        let outcomes = match records.is_empty() {
            true => Vec::new(),
            false => unit.upsert(&entity.name, &self.mapping.source, records).await?,
        };
        for ((row, key), outcome) in taken.into_iter().zip(outcomes) {
            match outcome {
                Ok(upserted) => self.count(entity, &key, &upserted),
                Err(problem) => rejects.push(reject(row, reason(&problem))),
            }
        }
        self.report.rejected += rejects.len() as u64;
        rejects.sort_by_key(|reject| reject.line);
        Ok(rejects)
    }

    fn draft(&mut self, entity: &Entity, row: &SourceRow) -> Result<Draft, String> {
        let text = row.text.as_ref().map_err(|fault| format!("the row {fault}"))?;
        let cells: Cells<'_> = self.header.iter().map(String::as_str).zip(text.iter().map(String::as_str)).collect();
        let key = cells.get(self.mapping.key.as_str()).map_or("", |cell| cell.trim()).to_owned();
        if key.is_empty() {
            return Err(format!("column `{}`: is empty, and names the row", self.mapping.key));
        }
        let first = *self.keys.entry(key.clone()).or_insert(row.line);
        if first != row.line {
            return Err(format!("column `{}`: the row on line {first} has the same key", self.mapping.key));
        }
        let zone = self.service.zone;
        let collected_at = match &self.mapping.collected_at {
            Some(at) => convert::collected_at(at, &cells, zone)
                .map_err(|expected| format!("column `{}`: {expected}", at.column))?,
            None => None,
        };
        let mut draft = Draft { key, input: Input::new(), references: BTreeMap::new(), collected_at };
        for (name, mapping) in &self.mapping.fields {
            let Some(field) = entity.field(name) else { continue };
            match convert::text_of(mapping, &cells) {
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

    /// Finds the records that the drafts refer to.
    async fn learn(&mut self, unit: &Unit, entity: &Entity, drafts: &[(SourceRow, Draft)]) -> Result<(), Problem> {
        for (name, mapping) in &self.mapping.fields {
            let target = entity.field(name).and_then(Field::target);
            let (Some(target), Some(lookup)) = (target, &mapping.lookup) else { continue };
            let texts: BTreeSet<String> =
                drafts.iter().filter_map(|(_, draft)| draft.references.get(name).cloned()).collect();
            self.resolvers.entry(name.clone()).or_default().learn(unit, target, lookup, texts).await?;
        }
        Ok(())
    }

    /// Puts the ids of the records found in place of their texts.
    fn refer(&self, entity: &Entity, mut draft: Draft) -> Result<ExternalRecord, String> {
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
        Ok(ExternalRecord { key: draft.key, input: draft.input, collected_at: draft.collected_at })
    }

    fn count(&mut self, entity: &Entity, key: &str, upserted: &Upserted) {
        match upserted {
            Upserted::Created(_) => self.report.created += 1,
            // A row that completes what a reference to it has just made is new to the reader.
            _ if self.complete(entity, key) => self.report.created += 1,
            Upserted::Updated(_) => self.report.updated += 1,
            Upserted::Unchanged(_) => self.report.unchanged += 1,
        }
    }

    fn complete(&mut self, entity: &Entity, key: &str) -> bool {
        let Self { mapping, resolvers, .. } = self;
        resolvers.iter_mut().any(|(name, resolver)| {
            let same_entity = entity.field(name).and_then(Field::target) == Some(&entity.name);
            let lookup = mapping.fields.get(name).and_then(|field| field.lookup.as_ref());
            let same_source = lookup.and_then(|lookup| lookup.source.as_ref()) == Some(&mapping.source);
            same_entity && same_source && resolver.made.remove(key)
        })
    }

    fn finish(self) -> ImportReport {
        let references = self.resolvers.values().map(|resolver| resolver.made.len() as u64).sum();
        ImportReport { references, ..self.report }
    }
}

fn origin(field: &str, mapping: &FieldMapping) -> String {
    mapping.column.as_ref().map_or_else(|| format!("field `{field}`"), |column| format!("column `{column}`"))
}

fn reject(row: SourceRow, reason: String) -> Reject {
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
