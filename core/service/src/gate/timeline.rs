//! A record's timeline: what happened with it, latest first. Activities, consents and attachments are read
//! through the door like anywhere else; stages and steps of its history are shown to whoever sees the record,
//! with the names of fields that are not wholly masked for them. A kind that may not be read is named as
//! withheld, which depends on the context alone.

use garant_domain::catalog::Entity;
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Order, Page, Query};
use garant_domain::value::Value;
use garant_store::{HistoryStep, StageChange};

use crate::error::store_problem;
use crate::reviewed::ReviewedRow;
use crate::unit::Unit;

/// Something that happened with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineItem {
    /// Microseconds UTC.
    pub at: i64,
    /// `activity`, `attachment`, `change`, `consent`, `stage`.
    pub kind: &'static str,
    /// Id of the record that it is, or of the step.
    pub id: String,
    /// What it is.
    pub what: TimelineEvent,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimelineEvent {
    /// A record about it; its entity, and its shown text.
    Record(String, Option<String>),
    /// Its stage changed.
    Stage(StageChange),
    /// Fields were written.
    Change(HistoryStep),
}

/// A page of a timeline.
#[derive(Clone, Debug, Default)]
pub struct TimelinePage {
    /// Latest first.
    pub items: Vec<TimelineItem>,
    /// Sealed place of the last one.
    pub end: Option<String>,
    /// More after it.
    pub has_next_page: bool,
    /// Kinds that the caller's policies refuse.
    pub withheld: Vec<&'static str>,
}

/// Records that make up a timeline: kind, entity, when, what of it is told, and whether those without that
/// instant are meant instead, by when they were entered.
const SOURCES: [(&str, &str, &str, &str, bool); 4] = [
    ("activity", "activity", "happened_at", "subject_line", false),
    ("activity", "activity", "happened_at", "subject_line", true),
    ("attachment", "attachment", "created_at", "name", false),
    ("consent", "consent_event", "happened_at", "state", false),
];
const CHANGE: &str = "change";
const STAGE: &str = "stage";
const CREATED_AT: &str = "created_at";

/// Where a page begins: after this instant, kind and id.
struct Place {
    at: i64,
    kind: String,
    id: String,
}

impl Unit {
    /// What happened with a record; `None` alike for one that does not exist and one that is hidden.
    ///
    /// # Errors
    ///
    /// As [`Self::page`].
    pub async fn timeline(
        &self,
        entity: &str,
        id: &str,
        limit: u32,
        after: Option<&str>,
    ) -> Result<Option<TimelinePage>, Problem> {
        let entity = self.entity(entity)?;
        let scope = format!("{}\u{1f}timeline\u{1f}{}\u{1f}{id}", self.context.tenant, entity.name);
        let place = after.map(|cursor| self.place(&scope, cursor)).transpose()?;
        if self.record(&entity.name, id, vec![]).await?.is_none() {
            return Ok(None);
        }
        let (mut items, mut withheld) = (Vec::new(), Vec::new());
        for (kind, of, when, told, undated) in SOURCES {
            let inverses = entity.inverses.iter().filter(|inverse| inverse.entity == of);
            for inverse in inverses {
                let query = query(of, when, told, undated, kind, limit, place.as_ref());
                match self.page_per_parent(query, &inverse.via, &[id.to_owned()]).await {
                    Ok(mut pages) => {
                        let rows = pages.remove(id).map(|page| page.rows).unwrap_or_default();
                        let when = if undated { CREATED_AT } else { when };
                        items.extend(rows.iter().filter_map(|row| item(kind, of, row, when, told)));
                    }
                    Err(problem) if problem.code == ErrorCode::PolicyRefused => withheld.push(kind),
                    Err(problem) => return Err(problem),
                }
            }
        }
        items.extend(self.steps(entity, id, limit, place.as_ref()).await?);
        items.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| (a.kind, &a.id).cmp(&(b.kind, &b.id))));
        withheld.dedup();
        let has_next_page = items.len() > limit as usize;
        items.truncate(limit as usize);
        let end = items.last().map(|item| {
            let place = [Value::Instant(item.at), Value::text(item.kind), Value::text(item.id.as_str())];
            self.service.sealer.cursor(&scope, &place)
        });
        Ok(Some(TimelinePage { items, end, has_next_page, withheld }))
    }

    fn place(&self, scope: &str, cursor: &str) -> Result<Place, Problem> {
        let opened = self.service.sealer.open_cursor(scope, cursor);
        match opened.as_deref() {
            Some([Value::Instant(at), Value::Text(kind), Value::Text(id)]) => {
                Ok(Place { at: *at, kind: kind.clone(), id: id.clone() })
            }
            _ => Err(Problem::input("after", "The cursor does not belong to this timeline")
                .mend("Use the `endCursor` that it answered.")),
        }
    }

    /// Steps of the history and changes of the stage.
    async fn steps(
        &self,
        entity: &Entity,
        id: &str,
        limit: u32,
        place: Option<&Place>,
    ) -> Result<Vec<TimelineItem>, Problem> {
        let (tenant, more) = (&self.context.tenant, u64::from(limit) + 1);
        let decision = self.decision(entity).await?;
        let shown = |field: &String| decision.wholly_masked(field).is_empty();
        let after = place.map(|place| (place.at, number_after(place)));
        let steps = self.store().history_steps(tenant, &entity.name, id, after, more).await.map_err(store_problem)?;
        let change = |mut step: HistoryStep| {
            step.fields.retain(shown);
            let id = format!("{:020}", step.version);
            TimelineItem { at: step.at, kind: CHANGE, id, what: TimelineEvent::Change(step) }
        };
        let mut items: Vec<TimelineItem> = steps.into_iter().map(change).collect();
        if !["stage", "pipeline_stage_id"]
            .iter()
            .all(|field| entity.field(field).is_some() && shown(&(*field).to_owned()))
        {
            return Ok(items);
        }
        let after = place.map(|place| (place.at, text_after(place, STAGE)));
        let after = after.as_ref().map(|(at, id)| (*at, id.as_str()));
        let stages = self.store().stage_changes(tenant, id, after, more).await.map_err(store_problem)?;
        items.extend(stages.into_iter().map(|change| TimelineItem {
            at: change.at,
            kind: STAGE,
            id: change.id.clone(),
            what: TimelineEvent::Stage(change),
        }));
        Ok(items)
    }
}

/// Behind which id of a kind a page begins, at the instant of its place: all, some or none of the kind.
fn text_after(place: &Place, kind: &str) -> String {
    match place.kind.as_str().cmp(kind) {
        std::cmp::Ordering::Less => String::new(),
        std::cmp::Ordering::Equal => place.id.clone(),
        std::cmp::Ordering::Greater => char::MAX.to_string(),
    }
}

/// The same for steps, whose ids are versions.
fn number_after(place: &Place) -> i64 {
    match place.kind.as_str().cmp(CHANGE) {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => place.id.parse().unwrap_or(i64::MAX),
        std::cmp::Ordering::Greater => i64::MAX,
    }
}

fn query(entity: &str, when: &str, told: &str, undated: bool, kind: &str, limit: u32, place: Option<&Place>) -> Query {
    let field = if undated { CREATED_AT } else { when };
    let test = |name: &str, test: FieldTest| Filter::Field(name.to_owned(), test);
    let mut all = vec![test(when, FieldTest::IsNull(undated))];
    if let Some(place) = place {
        let at = || Value::Instant(place.at);
        let behind =
            vec![test(field, FieldTest::Eq(at())), test("id", FieldTest::Gt(Value::Text(text_after(place, kind))))];
        all.push(Filter::Or(vec![test(field, FieldTest::Lt(at())), Filter::And(behind)]));
    }
    Query {
        entity: entity.to_owned(),
        fields: vec![field.to_owned(), told.to_owned()],
        filter: Some(Filter::And(all)),
        order: vec![Order { field: field.to_owned(), descending: true, nulls_first: false }],
        page: Page { limit: limit + 1, ..Page::default() },
        ..Query::default()
    }
}

fn item(kind: &'static str, entity: &str, row: &ReviewedRow, when: &str, told: &str) -> Option<TimelineItem> {
    let Value::Instant(at) = row.get(when) else { return None };
    let text = row.get(told).as_text().map(str::to_owned);
    Some(TimelineItem { at: *at, kind, id: row.id().to_owned(), what: TimelineEvent::Record(entity.to_owned(), text) })
}
