//! Who got whom: every record about a person that leaves for a recipient is noted by keyed reference, so
//! that the recipient can be told to stop. Nobody is noted who was not shown.

use std::collections::BTreeSet;

use garant_domain::catalog::{Entity, RowRule, SubjectPath};
use garant_domain::context::Context;
use garant_domain::problem::Problem;
use garant_domain::query::{Query, Row};
use garant_domain::value::Value;
use garant_store::Disclosure;

use crate::error::store_problem;
use crate::service::Service;
use crate::unit::Unit;

/// Recipients who are told nothing by being told to stop: the person, and ourselves.
const NOBODY_ELSE: [&str; 2] = ["data_subject", "same_controller"];

impl Unit {
    /// Notes the people of some shown rows for the recipient of the request, if it has one.
    pub(super) async fn note_disclosed(&self, query: &Query, rows: &[&Row]) -> Result<(), Problem> {
        let Some(way) = self.context.transfer.map(|transfer| transfer.kind.as_str()) else { return Ok(()) };
        if rows.is_empty() || self.context.recipient.is_none() {
            return Ok(());
        }
        let entity = self.entity(&query.entity)?;
        let people = match &entity.subject {
            SubjectPath::None => return Ok(()),
            SubjectPath::Itself => rows.iter().map(|row| row.id.clone()).collect(),
            SubjectPath::Via(link) => self.people_of(entity, link, query, rows).await?,
        };
        self.service.note_disclosures(&self.context, way, people).await
    }

    /// Whom records are about, as far as the rows tell: a masked link tells of nobody.
    async fn people_of(
        &self,
        entity: &Entity,
        link: &str,
        query: &Query,
        rows: &[&Row],
    ) -> Result<BTreeSet<String>, Problem> {
        if let Some(place) = query.fields.iter().position(|field| field == link) {
            let shown = rows.iter().filter_map(|row| row.values.get(place).and_then(Value::as_text));
            return Ok(shown.map(str::to_owned).collect());
        }
        // Where the record would be absent with its person, whoever sees the one was given the other.
        if entity.row_rule == RowRule::Unlink {
            return Ok(BTreeSet::new());
        }
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        self.store().people_behind(&self.context.tenant, &entity.name, link, &ids).await.map_err(store_problem)
    }
}

impl Service {
    /// Notes people for the recipient and the purposes of a context.
    pub(crate) async fn note_disclosures(
        &self,
        context: &Context,
        way: &str,
        people: BTreeSet<String>,
    ) -> Result<(), Problem> {
        let Some(recipient) = &context.recipient else { return Ok(()) };
        let role = recipient.attributes.iter().find(|(name, _)| name == "role").and_then(|(_, role)| role.as_text());
        if people.is_empty() || role.is_some_and(|role| NOBODY_ELSE.contains(&role)) {
            return Ok(());
        }
        let person = self.person().unwrap_or_default();
        let noted: Vec<Disclosure> = people
            .iter()
            .flat_map(|id| context.purposes.iter().map(move |purpose| (id, purpose)))
            .map(|(id, purpose)| Disclosure {
                subject: self.sealer.record_reference(&context.tenant, person, id),
                recipient: recipient.id.clone(),
                purpose: purpose.key.clone(),
                way: way.to_owned(),
                at: context.now,
            })
            .collect();
        self.store.note_disclosures(&context.tenant, &noted).await.map_err(store_problem)
    }
}
