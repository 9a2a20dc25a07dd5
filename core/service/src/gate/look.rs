//! The door of subscriptions. A look finds which records a subscriber may see now, and by a digest whether
//! what it may see of them has changed; it shows nothing, so nobody is logged or noted for it. What is told
//! after it is read record by record through the same door, and logged like any read.

use std::collections::BTreeMap;

use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Query, Row};
use garant_domain::value::Value;
use sha2::{Digest, Sha256};

use super::decision::Decision;
use super::door::Door;
use super::judge::Judged;
use super::read::MAX_PAGE;
use crate::error::store_problem;
use crate::reviewed::ReviewedRow;
use crate::unit::Unit;

/// What somebody may see of a record, as a digest: it is compared and tells nothing.
pub type Seen = [u8; 16];

impl Unit {
    /// The records that match a query and may be seen now, each with a digest of what may be seen of the
    /// query's fields; nothing is shown. `most` bounds them.
    ///
    /// # Errors
    ///
    /// `PURPOSE_REQUIRED`, `POLICY_REFUSED`, `POLICY_UNAVAILABLE`, `BAD_USER_INPUT`; `QUERY_TOO_COMPLEX`
    /// for more records than `most`.
    pub async fn look(&self, query: &Query, most: usize) -> Result<BTreeMap<String, Seen>, Problem> {
        let decision = self.admit(Door::Subscription, query).await?;
        decision.check_page()?;
        let mut query = self.looking_at(query.clone(), &decision);
        // By id alone, so that nothing moves between pages while they are read.
        query.order.clear();
        query.page.limit = MAX_PAGE;
        query.total = false;
        let guards = self.guards(&query).await?;
        let entity = self.entity(&query.entity)?;
        let mut seen = BTreeMap::new();
        loop {
            let page = self.store().page(&self.context.tenant, &query, &guards).await.map_err(store_problem)?;
            let judged = decision.judge(entity, &page.rows.iter().collect::<Vec<_>>()).await?;
            for (row, judged) in page.rows.iter().zip(&judged) {
                seen.insert(row.id.clone(), digest(&query, &decision, row, judged));
            }
            if seen.len() > most {
                return Err(Problem::new(
                    ErrorCode::QueryTooComplex,
                    format!("More than {most} records match, which is more than one subscription follows"),
                )
                .at("filter")
                .mend("Narrow the filter or name `ids`; a webhook tells of any number of records."));
            }
            match page.rows.last().filter(|_| page.more) {
                Some(last) => query.page.cursor = Some(last.cursor.clone()),
                None => return Ok(seen),
            }
        }
    }

    /// One record as a subscriber may see it now, if it still matches and may be seen.
    ///
    /// # Errors
    ///
    /// As [`Self::look`].
    pub async fn told(&self, query: &Query, id: &str) -> Result<Option<ReviewedRow>, Problem> {
        let page = self.page_for(Door::Subscription, only(query.clone(), &[id])).await?;
        Ok(page.rows.into_iter().next())
    }
}

/// The same query for some of its records.
#[must_use]
pub fn only(mut query: Query, ids: &[&str]) -> Query {
    let ids = Filter::Field("id".to_owned(), FieldTest::In(ids.iter().map(|id| Value::text(*id)).collect()));
    query.filter = Some(match query.filter.take() {
        Some(filter) => Filter::And(vec![ids, filter]),
        None => ids,
    });
    query.page.limit = MAX_PAGE;
    query
}

/// Shown values and what masks them.
fn digest(query: &Query, decision: &Decision, row: &Row, judged: &Judged) -> Seen {
    let masked_by_verdict = |field: &String| judged.masks.iter().any(|(name, _)| name == field);
    let mut digest = Sha256::new();
    for (field, value) in query.fields.iter().zip(&row.values) {
        let shown = if masked_by_verdict(field) { &Value::Null } else { value };
        digest.update(format!("{field}={shown:?}\u{1f}"));
    }
    for (mask, _) in decision.guard.masks.iter().zip(&row.bitten).filter(|(_, bitten)| **bitten) {
        let code = decision.reasons.get(mask.reason).map(|reason| reason.full_code());
        for field in mask.fields.iter().filter(|field| query.fields.contains(field)) {
            digest.update(format!("{field}:{code:?}\u{1f}"));
        }
    }
    for (field, text) in &row.display {
        digest.update(format!("{field}~{text}\u{1f}"));
    }
    let mut seen = Seen::default();
    seen.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
    seen
}
