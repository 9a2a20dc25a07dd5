//! What a subscriber sees of records right now, as the bytes that it would be told.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use garant_domain::catalog::{RowRule, SubjectPath, camel};
use garant_domain::context::{Transfer, TransferKind};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::query::{FieldTest, Filter, Page, Query};
use garant_domain::value::Value;
use garant_store::Webhook;
use serde_json::{Map, Value as Json, json};

use super::reader;
use crate::error::store_problem;
use crate::gate::Door;
use crate::reviewed::ReviewedRow;
use crate::service::Service;
use crate::unit::{Unit, UnitRequest};

impl Service {
    /// The records that a subscriber sees of those named, each as it sees it. Refused as a whole, it sees
    /// none.
    ///
    /// # Errors
    ///
    /// When nobody can tell now: `POLICY_UNAVAILABLE`, `INTERNAL`. Then nothing is told either way.
    pub(super) async fn seen_by(
        self: &Arc<Self>,
        webhook: &Webhook,
        records: &[&str],
    ) -> Result<BTreeMap<String, Json>, Problem> {
        let caller = reader(&self.tenant, webhook);
        let request =
            UnitRequest { purposes: webhook.purpose.iter().cloned().collect(), channel: webhook.channel.clone() };
        let ids = records.iter().map(|id| Value::text(*id)).collect();
        let mut query = Query {
            entity: webhook.entity.clone(),
            fields: webhook.fields.clone(),
            filter: Some(Filter::Field("id".to_owned(), FieldTest::In(ids))),
            page: Page { limit: u32::try_from(records.len()).unwrap_or(u32::MAX), ..Page::default() },
            ..Query::default()
        };
        let transfer = Transfer { kind: TransferKind::Webhook, rows: 1 };
        let seen = async {
            let unit = Unit::begin(self, &caller, request, Some(transfer), None).await?;
            // What was taken out of use since is told to nobody.
            let Some(entity) = unit.catalog().entity(&query.entity).filter(|entity| !entity.retired) else {
                return Ok(HashMap::new());
            };
            query.fields.retain(|name| entity.field(name).is_some_and(|field| !field.retired));
            unit.each_for(Door::Webhook, query).await
        };
        match seen.await {
            Ok(rows) => Ok(rows.into_iter().map(|(id, row)| (id, told(&row, &webhook.fields))).collect()),
            // A purpose or recipient that is registered no longer, or a rule that refuses: no view at all.
            Err(problem)
                if matches!(
                    problem.code,
                    ErrorCode::PolicyRefused | ErrorCode::Forbidden | ErrorCode::PurposeRequired | ErrorCode::NotFound
                ) =>
            {
                Ok(BTreeMap::new())
            }
            Err(problem) => Err(problem),
        }
    }
}

impl Service {
    /// Notes that a subscriber was told of a record: whom it is about was disclosed to its recipient.
    pub(super) async fn note_told(self: &Arc<Self>, webhook: &Webhook, record: &str) -> Result<(), Problem> {
        let request =
            UnitRequest { purposes: webhook.purpose.iter().cloned().collect(), channel: webhook.channel.clone() };
        let transfer = Transfer { kind: TransferKind::Webhook, rows: 1 };
        let unit = match Unit::begin(self, &reader(&self.tenant, webhook), request, Some(transfer), None).await {
            Ok(unit) => unit,
            // A purpose or recipient that is registered no longer has nobody who could be told to stop.
            Err(problem) if problem.code == ErrorCode::Forbidden => return Ok(()),
            Err(problem) => return Err(problem),
        };
        let Some(entity) = unit.catalog().entity(&webhook.entity) else { return Ok(()) };
        let people = match &entity.subject {
            SubjectPath::None => return Ok(()),
            SubjectPath::Itself => BTreeSet::from([record.to_owned()]),
            // A link that is masked, or was not subscribed to, told of nobody where the record stands without.
            SubjectPath::Via(link) if entity.row_rule == RowRule::Hide || webhook.fields.contains(link) => {
                let ids = [record.to_owned()];
                unit.store().people_behind(&self.tenant, &entity.name, link, &ids).await.map_err(store_problem)?
            }
            SubjectPath::Via(_) => return Ok(()),
        };
        self.note_disclosures(unit.context(), TransferKind::Webhook.as_str(), people).await
    }
}

fn told(row: &ReviewedRow, fields: &[String]) -> Json {
    let mut data = Map::new();
    data.insert("id".to_owned(), row.id().into());
    for field in fields {
        data.insert(camel(field), row.get(field).to_json());
    }
    let masked: Vec<Json> = row
        .masked()
        .iter()
        .map(|mask| {
            json!({ "field": camel(&mask.field), "reason": mask.reason.full_code(), "article": mask.reason.article })
        })
        .collect();
    if !masked.is_empty() {
        data.insert("_masked".to_owned(), masked.into());
    }
    Json::Object(data)
}
