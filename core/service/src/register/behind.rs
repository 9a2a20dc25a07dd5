//! Who is behind the recipient of a request and behind our own hosting: the registers as a graph, and
//! the chains that policies get of it. Facts alone; what follows from them is theirs to say.

use std::collections::BTreeSet;
use std::sync::Arc;

use garant_domain::calendar;
use garant_domain::chain::{self, Graph, Member, Part, REGISTERS, Root};
use garant_domain::context::{Recipient, RegisterTable};
use garant_domain::problem::Problem;
use garant_domain::value::Value;

use crate::published::ActivePolicy;
use crate::service::Service;

/// The field of a recipient that says who it is among the legal entities.
pub(crate) const ENTITY_OF_RECIPIENT: &str = "legal_entity_id";

/// Whether a policy declared the chain of the recipient.
pub(super) fn is_declared<'a>(policies: impl IntoIterator<Item = &'a ActivePolicy>) -> bool {
    let mut declared = policies.into_iter().flat_map(|policy| &policy.plugin.manifest().references);
    declared.any(|name| name == chain::NAME)
}

/// The registers of which chains are made, as they are now.
///
/// # Errors
///
/// `POLICY_UNAVAILABLE` for a register with more records than policies can be given.
pub(super) async fn graph(service: &Service, tenant: &str) -> Result<Graph, Problem> {
    Ok(Graph::from_tables(&tables(service, tenant).await?))
}

async fn tables(service: &Service, tenant: &str) -> Result<Vec<RegisterTable>, Problem> {
    let mut tables = Vec::new();
    for entity in REGISTERS.iter().filter_map(|name| service.catalog.entity(name)) {
        tables.push(super::table(&service.store, tenant, entity).await?);
    }
    Ok(tables)
}

/// The chains of our own hosting and of a recipient, as of a day.
pub(super) fn table(service: &Service, graph: &Graph, recipient: Option<&Recipient>, day: i32) -> RegisterTable {
    let roots: Vec<Root> = [service.hosting.root(graph)].into_iter().chain(recipient.map(root)).collect();
    chain::table(graph, &roots, day)
}

/// The graph of a moment, for contexts that are made up: previews, explanations, proofs.
pub(crate) struct Behind(Option<Graph>);

impl Behind {
    /// Loads it, if one of these policies declared the chain.
    ///
    /// # Errors
    ///
    /// `POLICY_UNAVAILABLE` for a register with more records than policies can be given.
    pub(crate) async fn load<'a>(
        service: &Service,
        tenant: &str,
        policies: impl IntoIterator<Item = &'a ActivePolicy>,
    ) -> Result<Self, Problem> {
        Self::supposing(service, tenant, policies, |_| {}).await
    }

    /// The same with registers as they would be.
    ///
    /// # Errors
    ///
    /// As [`Self::load`].
    pub(crate) async fn supposing<'a>(
        service: &Service,
        tenant: &str,
        policies: impl IntoIterator<Item = &'a ActivePolicy>,
        change: impl Fn(&mut RegisterTable),
    ) -> Result<Self, Problem> {
        if !is_declared(policies) {
            return Ok(Self(None));
        }
        let mut tables = tables(service, tenant).await?;
        tables.iter_mut().for_each(change);
        Ok(Self(Some(Graph::from_tables(&tables))))
    }

    /// The registers of a request, joined by the chain of its recipient as of an instant.
    pub(crate) fn join(
        &self,
        service: &Service,
        registers: &[Arc<RegisterTable>],
        recipient: Option<&Recipient>,
        now: i64,
    ) -> Arc<Vec<Arc<RegisterTable>>> {
        let day = calendar::local_date(now, service.zone);
        let chain = self.0.as_ref().map(|graph| Arc::new(table(service, graph, recipient, day)));
        Arc::new(registers.iter().cloned().chain(chain).collect())
    }
}

/// In whose chains somebody takes part only since a link.
#[derive(Default)]
pub(crate) struct NewlyEngaged {
    /// Ids of recipients, with the purposes for which they are registered.
    pub recipients: Vec<(String, String)>,
    /// That of our own hosting.
    pub hosting: bool,
}

/// In whose chains the processor of a link, which is not stored yet, is new: from a day on, engagements that
/// begin later included.
///
/// # Errors
///
/// `POLICY_UNAVAILABLE` for a register with more records than policies can be given.
pub(crate) async fn newly_engaged(
    service: &Service,
    tenant: &str,
    link: &RegisterTable,
    day: i32,
) -> Result<NewlyEngaged, Problem> {
    let before = graph(service, tenant).await?;
    let mut after = before.clone();
    after.links.extend(Graph::from_tables(std::slice::from_ref(link)).links);
    let Some(new) = after.links.last() else { return Ok(NewlyEngaged::default()) };
    let processor = new.part.entity.clone();
    let begins = after.links.iter().filter_map(|link| link.span.from).filter(|from| *from > day);
    let days: BTreeSet<i32> = begins.chain([day]).collect();
    let is_new = |root: &Root| {
        let takes_part = |graph: &Graph| {
            let engaged = |member: &Member| member.depth > 0 && member.part.entity == processor;
            days.iter().any(|day| chain::resolve(graph, root, *day).iter().any(engaged))
        };
        takes_part(&after) && !takes_part(&before)
    };
    let fields = ["name", "purposes", ENTITY_OF_RECIPIENT].map(str::to_owned);
    let (recipients, _) = super::recipients(&service.store, tenant, &fields).await?;
    let concerned = recipients.iter().filter(|recipient| is_new(&root(recipient)));
    let served = |recipient: &Recipient| {
        let purposes = recipient.attributes.iter().find(|(name, _)| name == "purposes");
        purposes.and_then(|(_, value)| value.as_text()).unwrap_or_default().to_owned()
    };
    Ok(NewlyEngaged {
        recipients: concerned.map(|recipient| (recipient.id.clone(), served(recipient))).collect(),
        hosting: is_new(&service.hosting.root(&after)),
    })
}

/// Where the chain of a recipient begins.
fn root(recipient: &Recipient) -> Root {
    let value = |field: &str| recipient.attributes.iter().find(|(name, _)| name == field).map(|(_, value)| value);
    let text = |field: &str| value(field).and_then(Value::as_text).map(str::to_owned);
    Root {
        of: chain::RECIPIENT,
        recipient: Some(recipient.id.clone()),
        member: true,
        part: Part {
            entity: text(ENTITY_OF_RECIPIENT),
            role: text("role"),
            location: text("country"),
            plaintext_needed: match value("plaintext_needed") {
                Some(Value::Boolean(needed)) => Some(*needed),
                _ => None,
            },
            key_holder: text("key_holder"),
            ..Part::default()
        },
        engaged: vec![],
    }
}
