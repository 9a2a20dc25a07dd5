//! The queue of a steward: pairs of records that look like one, by values that are shown in both. A reason
//! whose fields are no operand in this context is not looked at.

use garant_domain::problem::Problem;
use garant_domain::query::{Page, PairsWanted, Query, Rows};
use garant_domain::value::Value;

use super::door::Door;
use super::search::bare;
use crate::error::store_problem;
use crate::unit::Unit;

/// Two records that look like one; what they hold is read through another door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicatePair {
    /// Ids, the elder record first.
    pub ids: [String; 2],
    /// How likely it is: the sum of the reasons' scores.
    pub score: i64,
    /// Names of the catalogue's reasons.
    pub reasons: Vec<String>,
    /// Sealed position.
    pub cursor: String,
}

/// A page of the queue, the likeliest first.
#[derive(Clone, Debug, Default)]
pub struct DuplicatePage {
    /// The pairs.
    pub pairs: Vec<DuplicatePair>,
    /// More after the last.
    pub has_next_page: bool,
    /// Whether the page began at a cursor.
    pub has_previous_page: bool,
}

impl Unit {
    /// Pairs of visible records that look like one.
    ///
    /// # Errors
    ///
    /// As [`Self::page`]; `BAD_USER_INPUT` for an entity without reasons.
    pub async fn duplicates(&self, entity: &str, limit: u32, after: Option<&str>) -> Result<DuplicatePage, Problem> {
        let entity = self.entity(entity)?;
        if entity.duplicates.is_empty() {
            return Err(Problem::input("entity", format!("`{}` has nothing to find duplicates by", entity.name)));
        }
        let fields = entity.duplicates.iter().flat_map(|reason| reason.fields.iter().cloned()).collect();
        let mut query =
            Query { entity: entity.name.clone(), fields, page: Page { limit, ..Page::default() }, ..Query::default() };
        let decision = self.admit(Door::Duplicates, &query).await?;
        decision.check_page()?;
        let is_operand = |field: &String| decision.no_operand(field).is_empty();
        let reasons = entity.duplicates.iter().filter(|reason| reason.fields.iter().all(is_operand));
        let reasons: Vec<String> = reasons.map(|reason| reason.name.clone()).collect();
        query.fields.retain(is_operand);
        self.note_searched(&entity.name, &query.fields);
        let scope = format!("{}\u{1f}duplicates\u{1f}{}", self.context.tenant, entity.name);
        let position = after.map(|cursor| {
            self.service.sealer.open_cursor(&scope, cursor).ok_or_else(|| {
                Problem::input("after", "The cursor does not belong to this queue")
                    .mend("Use a cursor that the queue answered.")
            })
        });
        let wanted = PairsWanted { entity: entity.name.clone(), reasons, limit, cursor: position.transpose()? };
        let guards = self.guards(&query).await?;
        let found = self.store().pairs(&self.context.tenant, &wanted, &guards).await;
        let (found, more) = found.map_err(store_problem)?;
        let mut ids: Vec<&String> = found.iter().flat_map(|pair| [&pair.first, &pair.second]).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = Rows { rows: ids.into_iter().map(|id| bare(id)).collect(), ..Rows::default() };
        self.log_read(Door::Duplicates.operation(), &query, &decision, [&rows], &[]).await?;
        let pairs = found.into_iter().map(|pair| {
            let position = [Value::Integer(pair.score), Value::text(&*pair.first), Value::text(&*pair.second)];
            let cursor = self.service.sealer.cursor(&scope, &position);
            DuplicatePair { ids: [pair.first, pair.second], score: pair.score, reasons: pair.reasons, cursor }
        });
        Ok(DuplicatePage { pairs: pairs.collect(), has_next_page: more, has_previous_page: wanted.cursor.is_some() })
    }
}
