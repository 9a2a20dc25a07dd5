//! The queue of a steward: pairs of records that look like one, by values that are shown in both. A reason
//! whose fields are no operand in this context is not looked at.

use std::collections::BTreeSet;

use garant_domain::catalog::Entity;
use garant_domain::problem::Problem;
use garant_domain::query::{Guards, Page, PairsWanted, Query, Rows};
use garant_domain::value::Value;
use garant_store::WriteTx;

use super::door::Door;
use super::search::bare;
use crate::error::store_problem;
use crate::unit::Unit;

/// By how many keys a record may look like another, where all are looked at together.
const MOST_REASONS: u32 = 8;

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

/// How records are found that look like new ones, for this caller.
pub(crate) struct Alike {
    wanted: PairsWanted,
    guards: Guards,
}

impl Unit {
    /// Makes ready to look for what new records look like; nothing where the entity has nothing to look by.
    pub(crate) async fn alike(&self, entity: &Entity) -> Result<Option<Alike>, Problem> {
        let decision = self.decision(entity).await?;
        let is_operand = |field: &String| decision.no_operand(field).is_empty();
        let reasons: Vec<_> = entity.duplicates.iter().filter(|reason| reason.fields.iter().all(is_operand)).collect();
        if reasons.is_empty() {
            return Ok(None);
        }
        let fields = reasons.iter().flat_map(|reason| reason.fields.iter().cloned()).collect();
        let query = Query { entity: entity.name.clone(), fields, ..Query::default() };
        let reasons = reasons.iter().map(|reason| reason.name.clone()).collect();
        let wanted = PairsWanted { entity: entity.name.clone(), reasons, ..PairsWanted::default() };
        Ok(Some(Alike { wanted, guards: self.guards(&query).await? }))
    }

    /// How many of some records that were just made look like one that the caller sees and that is elder.
    pub(crate) async fn count_alike(&self, tx: &mut WriteTx, alike: &Alike, made: &[String]) -> Result<u64, Problem> {
        if made.is_empty() {
            return Ok(0);
        }
        let limit = u32::try_from(made.len()).unwrap_or(u32::MAX).saturating_mul(MOST_REASONS);
        let wanted = PairsWanted { among: Some(made.to_vec()), limit, ..alike.wanted.clone() };
        let pairs = tx.pairs(&wanted, &alike.guards).await.map_err(store_problem)?;
        let younger: BTreeSet<&String> = pairs.iter().map(|pair| &pair.second).collect();
        Ok(made.iter().filter(|id| younger.contains(id)).count() as u64)
    }

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
        let wanted =
            PairsWanted { entity: entity.name.clone(), among: None, reasons, limit, cursor: position.transpose()? };
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
