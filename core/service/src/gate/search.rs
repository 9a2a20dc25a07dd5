//! Searches: which fields they look at, and the door to the best found records of several entities.
//!
//! A field that is masked as a whole, or that a verdict may mask, is not looked at; the answer says
//! which fields were. Which ones depends on the context alone.

use garant_domain::catalog::Entity;
use garant_domain::problem::Problem;
use garant_domain::query::{Guards, HitsWanted, Page, Query, Row, Rows};
use garant_domain::search::{Search, SearchError, Word, words};
use garant_domain::value::Value;

use super::decision::Decision;
use super::door::Door;
use super::read::MAX_PAGE;
use crate::error::store_problem;
use crate::unit::Unit;

/// What a search across entities asks for.
#[derive(Clone, Debug, Default)]
pub struct SearchRequest {
    /// What people type.
    pub text: String,
    /// Names of entities; none for every one that can be searched.
    pub entities: Vec<String>,
    /// Records at most.
    pub limit: u32,
    /// A cursor of the same search.
    pub after: Option<String>,
    /// Whether to count all that are found.
    pub total: bool,
}

/// A record that a search found. It tells that the record is there; what it holds is read through
/// another door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRecord {
    /// Entity name.
    pub entity: String,
    /// Record id.
    pub id: String,
    /// How well it was found; more is better.
    pub rank: i64,
    /// Sealed position.
    pub cursor: String,
}

/// A page of records that were found, the best first.
#[derive(Clone, Debug, Default)]
pub struct FoundPage {
    /// The records.
    pub records: Vec<FoundRecord>,
    /// More after the last.
    pub has_next_page: bool,
    /// Whether the page began at a cursor.
    pub has_previous_page: bool,
    /// All that were found, if asked for.
    pub total: Option<i64>,
}

impl Unit {
    /// The best found records of several entities. Where a policy refuses one of them, the whole is
    /// refused: nothing is left out in silence.
    ///
    /// # Errors
    ///
    /// As [`Self::page`]; `BAD_USER_INPUT` for a text without words or an entity that is not searched.
    pub async fn search(&self, request: SearchRequest) -> Result<FoundPage, Problem> {
        let entities = self.searched_entities(&request.entities)?;
        let text = parse_search(&request.text, "query")?
            .ok_or_else(|| Problem::input("query", "The search has no word").mend("Search for a word."))?;
        let mut wanted = HitsWanted { limit: request.limit, total: request.total, ..HitsWanted::default() };
        let mut guards = Guards::new();
        let mut decisions = Vec::with_capacity(entities.len());
        for entity in entities {
            let query = Query {
                entity: entity.name.clone(),
                search: Some(search_of(entity, &text)),
                page: Page { limit: request.limit.min(MAX_PAGE), ..Page::default() },
                ..Query::default()
            };
            let decision = self.admit(Door::Search, &query).await?;
            decision.check_page()?;
            let query = self.looking_at(query, &decision);
            guards.extend(self.guards(&query).await?);
            wanted.queries.push(query);
            decisions.push(decision);
        }
        let scope = self.search_scope(&wanted);
        if let Some(cursor) = &request.after {
            let position = self.service.sealer.open_cursor(&scope, cursor);
            wanted.cursor = Some(position.ok_or_else(|| {
                Problem::input("after", "The cursor does not belong to this search")
                    .mend("Use a cursor that the same search answered.")
            })?);
        }
        let found = self.store().search(&self.context.tenant, &wanted, &guards).await.map_err(store_problem)?;
        for (query, decision) in wanted.queries.iter().zip(&decisions) {
            let shown = found.hits.iter().filter(|hit| hit.entity == query.entity).map(|hit| bare(&hit.id));
            let rows = Rows { rows: shown.collect(), ..Rows::default() };
            self.log_read(Door::Search.operation(), query, decision, [&rows], &[]).await?;
        }
        let place = |name: &str| wanted.queries.iter().position(|query| query.entity == name).unwrap_or_default();
        let records = found.hits.into_iter().map(|hit| {
            let place = i64::try_from(place(&hit.entity)).unwrap_or_default();
            let position = [Value::Integer(hit.rank), Value::Integer(place), Value::text(hit.id.as_str())];
            let cursor = self.service.sealer.cursor(&scope, &position);
            FoundRecord { entity: hit.entity, id: hit.id, rank: hit.rank, cursor }
        });
        Ok(FoundPage {
            records: records.collect(),
            has_next_page: found.more,
            has_previous_page: wanted.cursor.is_some(),
            total: found.total,
        })
    }

    /// Every entity that is searched, in the catalogue's order.
    fn searched_entities(&self, named: &[String]) -> Result<Vec<&Entity>, Problem> {
        for (index, name) in named.iter().enumerate() {
            if self.entity(name)?.searchable().next().is_none() {
                return Err(Problem::input(format!("entities.{index}"), format!("`{name}` has no field to search")));
            }
        }
        let wanted = |entity: &&Entity| {
            entity.searchable().next().is_some() && (named.is_empty() || named.contains(&entity.name))
        };
        Ok(self.catalog().entities.iter().filter(wanted).collect())
    }

    /// Takes out of a search what is no operand in this context, and notes for the answer what is left.
    pub(super) fn looking_at(&self, mut query: Query, decision: &Decision) -> Query {
        if let Some(search) = &mut query.search {
            search.fields.retain(|field| decision.no_operand(field).is_empty());
            self.note_searched(&query.entity, &search.fields);
        }
        query
    }

    /// Notes for the answer which fields were looked at.
    pub(super) fn note_searched(&self, entity: &str, fields: &[String]) {
        let mut report = self.report.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !report.searched.iter().any(|(known, _)| known == entity) {
            report.searched.push((entity.to_owned(), fields.to_vec()));
        }
    }

    /// What a cursor of a search is sealed for: tenant, entities and words.
    fn search_scope(&self, wanted: &HitsWanted) -> String {
        let mut scope = format!("{}\u{1f}search", self.context.tenant);
        for query in &wanted.queries {
            scope.push_str(&format!("\u{1f}{}", query.entity));
        }
        if let Some(search) = wanted.queries.first().and_then(|query| query.search.as_ref()) {
            scope.push_str(&words_scope(search));
        }
        scope
    }
}

/// The words of a search, as part of what a cursor is sealed for.
pub(crate) fn words_scope(search: &Search) -> String {
    search.words.iter().map(|word| format!("\u{1e}{}", word.text)).collect()
}

/// A search of an entity by a text that people type; nothing for a blank one, as an emptied box sends it.
///
/// # Errors
///
/// `BAD_USER_INPUT` at `field` for a text that is no search.
pub fn search_for(entity: &Entity, text: &str, field: &str) -> Result<Option<Search>, Problem> {
    Ok(parse_search(text, field)?.map(|search| search_of(entity, &search)))
}

fn parse_search(text: &str, field: &str) -> Result<Option<Vec<Word>>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let remedy = |error| match error {
        SearchError::NoWord => "Search for a word.",
        SearchError::TooManyWords | SearchError::TooLong => "Search for fewer words.",
    };
    words(text).map(Some).map_err(|error| Problem::input(field, sentence(error)).mend(remedy(error)))
}

fn sentence(error: SearchError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn search_of(entity: &Entity, words: &[Word]) -> Search {
    let fields = entity.searchable().map(|(field, _)| field.name.clone()).collect();
    Search { words: words.to_vec(), fields }
}

/// A row of which nothing but its presence is told.
pub(super) fn bare(id: &str) -> Row {
    Row {
        id: id.to_owned(),
        version: 0,
        values: vec![],
        bitten: vec![],
        display: vec![],
        cursor: vec![],
        judged: vec![],
    }
}
