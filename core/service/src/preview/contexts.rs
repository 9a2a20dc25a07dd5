//! Which requests a preview looks at: those of every role that may name a purpose, and those that were
//! really made in the last 30 days.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use garant_domain::catalog::{Entity, SubjectPath};
use garant_domain::context::{Actor, Context, Recipient};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::rule::Hook;
use garant_store::Activity;

use super::{ActiveClient, PreviewRequest, no_recipient};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::published::PublishedSet;
use crate::register;
use crate::service::Service;
use crate::unit::by_client;

/// How far back the decision log is asked.
const RECENT_MICROS: i64 = 30 * 86_400_000_000;

/// Requests of one kind.
pub(super) struct Asking {
    pub entity: String,
    /// As seen with the set before the change, and after it: their registers may differ.
    pub before: Context,
    pub after: Context,
    pub clients: Vec<ActiveClient>,
}

/// What tells requests for one entity and purpose apart.
type Shape = (String, Option<String>, Option<String>);

impl Service {
    /// The kinds of requests that the change may concern.
    pub(super) async fn preview_contexts(
        self: &Arc<Self>,
        caller: &Caller,
        request: &PreviewRequest,
        before: &PublishedSet,
        after: &PublishedSet,
    ) -> Result<Vec<Asking>, Problem> {
        let now = self.clock.now();
        let store = &self.store;
        let recent = store.activity(&caller.tenant, now.saturating_sub(RECENT_MICROS)).await.map_err(store_problem)?;
        let names = self.token_names(caller).await?;
        let registered = register::all_purposes(store, &caller.tenant, &self.purpose_fields).await?;
        let mut registers = Vec::new();
        for set in [before, after] {
            registers.push(Arc::new(register::tables(store, &self.catalog, &caller.tenant, set.asked()).await?));
        }
        let [registers_before, registers_after]: [_; 2] =
            registers.try_into().map_err(|_| Problem::new(ErrorCode::Internal, "two sets have two registers"))?;
        let mut recipients: BTreeMap<String, Option<Recipient>> = BTreeMap::new();
        let mut asking = Vec::new();
        let concerned = self.catalog.entities.iter().filter(|entity| entity.subject != SubjectPath::None);
        for entity in concerned.filter(|entity| covers(before, request, entity) || covers(after, request, entity)) {
            for purpose in &registered {
                let key = &purpose.info.purpose.key;
                let of_purpose: Vec<&Activity> = recent
                    .iter()
                    .filter(|activity| activity.entity == entity.name && activity.purposes.contains(key))
                    .collect();
                for (role, channel, recipient) in shapes(request, &purpose.roles, &of_purpose) {
                    let recipient = match &recipient {
                        None => None,
                        Some(id) => {
                            if !recipients.contains_key(id) {
                                recipients.insert(id.clone(), self.preview_recipient(caller, id).await?);
                            }
                            match (recipients.get(id).cloned().flatten(), &request.recipient) {
                                (Some(found), _) => Some(found),
                                (None, Some(_)) => return Err(no_recipient()),
                                // Was registered when it asked, and is not any more: nobody asks so now.
                                (None, None) => continue,
                            }
                        }
                    };
                    let shape = (role, channel, recipient.as_ref().map(|recipient| recipient.id.clone()));
                    let context = |set_version: i64, registers: &Arc<_>| Context {
                        tenant: caller.tenant.clone(),
                        actor: Actor {
                            id: caller.actor.id.clone(),
                            role: shape.0.clone(),
                            country: caller.actor.country.clone(),
                        },
                        purposes: vec![purpose.info.purpose.clone()],
                        channel: shape.1.clone(),
                        recipient: recipient.clone(),
                        now,
                        zone: self.zone,
                        set_version,
                        registers: Arc::clone(registers),
                        transfer: by_client(recipient.as_ref()),
                        break_glass: None,
                        operation: None,
                    };
                    asking.push(Asking {
                        entity: entity.name.clone(),
                        before: context(before.version, &registers_before),
                        after: context(after.version, &registers_after),
                        clients: clients(&of_purpose, &shape, &names),
                    });
                }
            }
        }
        Ok(asking)
    }

    async fn preview_recipient(&self, caller: &Caller, id: &str) -> Result<Option<Recipient>, Problem> {
        let other = Caller { recipient: Some(id.to_owned()), ..caller.clone() };
        match register::recipient(&self.store, &other, &self.recipient_fields).await {
            Err(problem) if problem.code == ErrorCode::Forbidden => Ok(None),
            found => found,
        }
    }
}

/// Whether the policy that changes decides on the entity at all when somebody reads.
fn covers(set: &PublishedSet, request: &PreviewRequest, entity: &Entity) -> bool {
    let policy = set.policies.iter().find(|policy| policy.entry.id == request.id);
    policy.is_some_and(|policy| {
        let manifest = policy.plugin.manifest();
        [Hook::Read, Hook::Transfer].into_iter().any(|hook| manifest.covers(hook, &entity.name))
    })
}

/// Each role as the request says, and the requests that were really made.
fn shapes(request: &PreviewRequest, roles: &[String], recent: &[&Activity]) -> BTreeSet<Shape> {
    let named = |role: &String| (role.clone(), request.channel.clone(), request.recipient.clone());
    let mut shapes: BTreeSet<Shape> = roles.iter().map(named).collect();
    let fits = |asked: &Option<String>, made: &Option<String>| asked.is_none() || asked == made;
    shapes.extend(
        recent
            .iter()
            .filter(|made| roles.contains(&made.role))
            .filter(|made| fits(&request.channel, &made.channel) && fits(&request.recipient, &made.recipient))
            .map(|made| (made.role.clone(), made.channel.clone(), made.recipient.clone())),
    );
    shapes
}

fn clients(recent: &[&Activity], shape: &Shape, names: &[(String, String)]) -> Vec<ActiveClient> {
    let made =
        recent.iter().filter(|made| made.role == shape.0 && made.channel == shape.1 && made.recipient == shape.2);
    let mut clients: Vec<ActiveClient> = Vec::new();
    for made in made {
        match clients.iter_mut().find(|client| client.actor == made.actor) {
            Some(client) => {
                client.requests += made.requests;
                client.last_at = client.last_at.max(made.last_at);
            }
            None => clients.push(ActiveClient {
                actor: made.actor.clone(),
                names: names.iter().filter(|(actor, _)| *actor == made.actor).map(|(_, name)| name.clone()).collect(),
                role: made.role.clone(),
                requests: made.requests,
                last_at: made.last_at,
            }),
        }
    }
    clients
}
