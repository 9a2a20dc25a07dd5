//! Reading doors: a page, a page per parent, records by id, one record. All run the same way: decide,
//! check, select with the guards inside, judge, log, review.

use std::collections::HashMap;
use std::sync::Arc;

use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Page, Query, Row, Rows};
use garant_domain::role::Act;
use garant_domain::rule::Effect;
use garant_domain::value::Value;

use super::decision::Decision;
use super::door::Door;
use super::judge::Judged;
use super::log::Outcome;
use crate::error::store_problem;
use crate::reviewed::{MaskedField, ReviewedPage, ReviewedRow};
use crate::unit::{Unit, cursor_scope};

/// The most rows that one page may have, whatever the caller's own limit is.
pub(crate) const MAX_PAGE: u32 = 1_000;

impl Unit {
    /// A page of an entity.
    ///
    /// # Errors
    ///
    /// `PURPOSE_REQUIRED`, `POLICY_REFUSED`, `POLICY_UNAVAILABLE`, `BAD_USER_INPUT`.
    pub async fn page(&self, query: Query) -> Result<ReviewedPage, Problem> {
        self.page_for(Door::Page, query).await
    }

    /// A page through another door than the ordinary one, and logged as that.
    pub(crate) async fn page_for(&self, door: Door, query: Query) -> Result<ReviewedPage, Problem> {
        let decision = self.admit(door, &query).await?;
        decision.check_page()?;
        let query = self.looking_at(query, &decision);
        self.read(door, &query, &decision).await
    }

    /// Whether a list may be asked for through a door at all; nothing is read.
    pub(crate) async fn may_list(&self, door: Door, query: &Query) -> Result<(), Problem> {
        self.admit(door, query).await?.check_page()
    }

    /// For each parent, a page of the records that refer to it through `via`: one statement for all.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn page_per_parent(
        &self,
        query: Query,
        via: &str,
        parents: &[String],
    ) -> Result<HashMap<String, ReviewedPage>, Problem> {
        let decision = self.admit(Door::PagePerParent, &query).await?;
        decision.check_page()?;
        // The reference is an operand: a link that is masked cannot be walked backwards.
        if !decision.no_operand(via).is_empty() {
            return Ok(HashMap::new());
        }
        let query = self.looking_at(query, &decision);
        let mut guarded = query.clone();
        guarded.fields.push(via.to_owned());
        let guards = self.guards(&guarded).await?;
        let pages = self.store().page_per_parent(&self.context.tenant, &query, via, parents, &guards);
        let pages = pages.await.map_err(store_problem)?;
        let pages: Vec<(String, Rows)> = pages.into_iter().collect();
        // All parents' rows are one batch.
        let rows: Vec<&Row> = pages.iter().flat_map(|(_, page)| &page.rows).collect();
        let judged = decision.judge(self.entity(&query.entity)?, &rows).await?;
        self.log_read(Door::PagePerParent.operation(), &query, &decision, pages.iter().map(|(_, page)| page), &judged)
            .await?;
        let mut judged = judged.into_iter();
        let reviewed = pages.into_iter().map(|(parent, rows)| {
            let judged = judged.by_ref().take(rows.rows.len()).collect();
            (parent, self.review(&query, &decision, rows, judged))
        });
        Ok(reviewed.collect())
    }

    /// Records by id; what is hidden is absent from the answer like what does not exist.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn by_ids(
        &self,
        entity: &str,
        ids: Vec<String>,
        fields: Vec<String>,
    ) -> Result<HashMap<String, ReviewedRow>, Problem> {
        let page = self.page_for(Door::ByIds, by_ids(entity, ids, fields)).await?;
        Ok(page.rows.into_iter().map(|row| (row.id().to_owned(), row)).collect())
    }

    /// One record; `None` alike for one that does not exist and one that is hidden.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn record(&self, entity: &str, id: &str, fields: Vec<String>) -> Result<Option<ReviewedRow>, Problem> {
        let mut rows = self.each(entity, vec![id.to_owned()], fields).await?;
        Ok(rows.remove(id))
    }

    /// Records each of which was named by itself, so that policies may hide one after judging it.
    pub(super) async fn each(
        &self,
        entity: &str,
        ids: Vec<String>,
        fields: Vec<String>,
    ) -> Result<HashMap<String, ReviewedRow>, Problem> {
        self.each_for(Door::Record, by_ids(entity, ids, fields)).await
    }

    /// The same through another door, and logged as that. The query names its
    /// records by id.
    pub(crate) async fn each_for(&self, door: Door, query: Query) -> Result<HashMap<String, ReviewedRow>, Problem> {
        let decision = self.admit(door, &query).await?;
        let page = self.read(door, &query, &decision).await?;
        Ok(page.rows.into_iter().map(|row| (row.id().to_owned(), row)).collect())
    }

    /// Selects, judges, logs and reviews.
    async fn read(&self, door: Door, query: &Query, decision: &Decision) -> Result<ReviewedPage, Problem> {
        let guards = self.guards(query).await?;
        let mut rows = self.store().page(&self.context.tenant, query, &guards).await.map_err(store_problem)?;
        let judged = decision.judge(self.entity(&query.entity)?, &rows.rows.iter().collect::<Vec<_>>()).await?;
        let mut hidden = judged.iter().map(|judged| !judged.hidden.is_empty());
        rows.rows.retain(|_| !hidden.next().unwrap_or(false));
        self.log_read(door.operation(), query, decision, [&rows], &judged).await?;
        let judged = judged.into_iter().filter(|judged| judged.hidden.is_empty()).collect();
        Ok(self.review(query, decision, rows, judged))
    }

    /// Whether the request may run at all: purpose, limits, refusals, operands.
    pub(super) async fn admit(&self, door: Door, query: &Query) -> Result<Arc<Decision>, Problem> {
        let operation = door.operation();
        let entity = self.entity(&query.entity)?;
        if let Some(act) = door.act() {
            self.permit(entity, act)?;
            self.permit(entity, Act::Read)?;
        }
        if query.page.limit > MAX_PAGE {
            return Err(Problem::new(ErrorCode::QueryTooComplex, format!("A page has at most {MAX_PAGE} records"))
                .at("first")
                .mend("Ask for fewer and follow `pageInfo.endCursor`."));
        }
        if self.needs_purpose(entity)
            && let Err(problem) = self.require_purpose(&entity.name)
        {
            return Err(self.log_refusal(operation, &entity.name, Outcome::PurposeRequired, problem).await?);
        }
        let decision = self.decision(entity).await?;
        if !decision.refuse.is_empty() {
            self.carry_out(&decision, &decision.refuse.iter().copied().collect()).await?;
            let problem = self.refused(&entity.name, &decision.refuse, &decision.reasons, &decision.approvals);
            return Err(self.log_refusal(operation, &entity.name, Outcome::Refused, problem).await?);
        }
        self.check_operands(query).await?;
        Ok(decision)
    }

    pub(super) fn review(&self, query: &Query, decision: &Decision, rows: Rows, judged: Vec<Judged>) -> ReviewedPage {
        let fields: Arc<[String]> = query.fields.clone().into();
        let scope = cursor_scope(&self.context.tenant, query);
        let backwards = query.page.backwards;
        let has_cursor = query.page.cursor.is_some();
        let reviewed = rows.rows.into_iter().zip(judged);
        let reviewed: Vec<ReviewedRow> =
            reviewed.map(|(row, judged)| self.review_row(&scope, &fields, decision, row, &judged)).collect();
        self.count_masks(&query.entity, &reviewed);
        ReviewedPage {
            rows: reviewed,
            has_next_page: if backwards { has_cursor } else { rows.more },
            has_previous_page: if backwards { rows.more } else { has_cursor },
            total: rows.total,
        }
    }

    fn review_row(
        &self,
        scope: &str,
        fields: &Arc<[String]>,
        decision: &Decision,
        mut row: Row,
        judged: &Judged,
    ) -> ReviewedRow {
        let mut masked = Vec::new();
        let mut flags = Vec::new();
        for (mask, _) in decision.guard.masks.iter().zip(&row.bitten).filter(|(_, bitten)| **bitten) {
            let Some(reason) = decision.reasons.get(mask.reason) else { continue };
            for field in mask.fields.iter().filter(|field| fields.contains(field)) {
                let display = row.display.iter().find(|(name, _)| name == field).map(|(_, text)| text.clone());
                masked.push(MaskedField { field: field.clone(), display, reason: Arc::clone(reason) });
            }
            let flag = decision
                .rules
                .iter()
                .any(|rule| rule.reason == mask.reason && rule.enforced && matches!(rule.effect, Effect::Flag));
            if flag {
                flags.push(Arc::clone(reason));
            }
        }
        for (field, reason) in &judged.masks {
            let Some(index) = fields.iter().position(|name| name == field) else { continue };
            // A verdict leaves nothing of the value, nor does it beside another mask.
            if let Some(value) = row.values.get_mut(index) {
                *value = Value::Null;
            }
            masked
                .iter_mut()
                .filter(|other: &&mut MaskedField| other.field == *field)
                .for_each(|other| other.display = None);
            if let Some(reason) = decision.reasons.get(*reason) {
                masked.push(MaskedField { field: field.clone(), display: None, reason: Arc::clone(reason) });
            }
        }
        flags.extend(judged.flags.iter().filter_map(|flag| decision.reasons.get(*flag)).cloned());
        let cursor = self.service.sealer.cursor(scope, &row.cursor);
        ReviewedRow::new(row.id, row.version, Arc::clone(fields), row.values, masked, flags, cursor)
    }

    fn count_masks(&self, entity: &str, rows: &[ReviewedRow]) {
        let mut report = self.report.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for mask in rows.iter().flat_map(|row| row.masked()) {
            let known = report
                .masks
                .iter_mut()
                .find(|(of, field, reason, _)| of == entity && *field == mask.field && *reason == mask.reason);
            match known {
                Some((_, _, _, count)) => *count += 1,
                None => report.masks.push((entity.to_owned(), mask.field.clone(), Arc::clone(&mask.reason), 1)),
            }
        }
    }
}

pub(super) fn by_ids(entity: &str, ids: Vec<String>, fields: Vec<String>) -> Query {
    let limit = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let ids = ids.into_iter().map(Value::Text).collect();
    Query {
        entity: entity.to_owned(),
        fields,
        filter: Some(Filter::Field("id".to_owned(), FieldTest::In(ids))),
        page: Page { limit, ..Page::default() },
        ..Query::default()
    }
}
