//! Which requests a preview looks at: those of every role that may name a purpose, those that were really
//! made in the last 30 days, and, where disclosures are concerned, those for each recipient that is
//! registered for the purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use garant_domain::catalog::{Entity, SubjectPath};
use garant_domain::context::{Actor, Context, Recipient};
use garant_domain::problem::Problem;
use garant_domain::rule::Hook;
use garant_domain::value::{Value, covers};
use garant_store::Activity;

use super::change::{Drill, World};
use super::{ActiveClient, PreviewRequest, no_recipient};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate::Narrowing;
use crate::register::{self, Registered};
use crate::service::Service;
use crate::unit::by_client;

/// How far back the decision log is asked.
const RECENT_MICROS: i64 = 30 * 86_400_000_000;

/// What policies declare that look at break-glass.
const BREAK_GLASS: &str = "actor.break_glass";

/// Requests of one kind.
pub(super) struct Asking {
    pub entity: String,
    /// As seen with the set before the change, and after it: their registers may differ.
    pub before: Context,
    pub after: Context,
    pub clients: Vec<ActiveClient>,
    /// What the role is kept from before any policy is asked.
    pub rights: Narrowing,
}

/// What tells requests for one entity and purpose apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Shape {
    role: String,
    channel: Option<String>,
    recipient: Option<String>,
    break_glass: bool,
}

impl Service {
    /// The kinds of requests that the change may concern, and whether these are all: more recipients may
    /// be registered than are looked at.
    pub(super) async fn preview_contexts(
        &self,
        caller: &Caller,
        request: &PreviewRequest,
        drill: &Drill,
    ) -> Result<(Vec<Asking>, bool), Problem> {
        let since = self.clock.now().saturating_sub(RECENT_MICROS);
        let recent = self.store.activity(&caller.tenant, since).await.map_err(store_problem)?;
        let names = self.token_names(caller).await?;
        let (recipients, all) = self.known_recipients(caller, request, drill, &recent).await?;
        let mut asking = Vec::new();
        let mut roles = BTreeMap::new();
        let concerned = drill.catalog.catalog.entities.iter().filter(|entity| entity.subject != SubjectPath::None);
        for entity in concerned.filter(|entity| drill.concerns(request, entity)) {
            let break_glass = [&drill.before, &drill.after].into_iter().any(|world| world.sees_break_glass(entity));
            for (purpose, purpose_after) in drill.before.purposes.iter().zip(&drill.after.purposes) {
                let key = &purpose.info.purpose.key;
                let of_purpose: Vec<&Activity> = recent
                    .iter()
                    .filter(|activity| activity.entity == entity.name && activity.purposes.contains(key))
                    .collect();
                let mut shapes = shapes(request, &purpose.roles, &of_purpose);
                if request.recipient.is_none() && drill.concerns_disclosure(request, entity) {
                    shapes.extend(flows(request, purpose, &recipients));
                }
                if break_glass {
                    let emergencies = shapes.iter().filter(|shape| self.break_glass_roles.contains(&shape.role));
                    let emergencies: Vec<Shape> =
                        emergencies.map(|shape| Shape { break_glass: true, ..shape.clone() }).collect();
                    shapes.extend(emergencies);
                }
                for shape in shapes {
                    let recipient = match &shape.recipient {
                        None => None,
                        Some(id) => match recipients.get(id) {
                            Some(found) => Some(found.clone()),
                            // Was registered when it asked, and is not any more: nobody asks so now.
                            None => continue,
                        },
                    };
                    asking.push(self.asking(caller, entity, [purpose, purpose_after], &shape, recipient, drill));
                    if !roles.contains_key(&shape.role) {
                        roles.insert(shape.role.clone(), self.role(&caller.tenant, &shape.role).await?);
                    }
                    if let (Some(asking), Some(role)) = (asking.last_mut(), roles.get(&shape.role)) {
                        asking.clients = clients(&of_purpose, &shape, &names);
                        asking.rights = Narrowing::of_role(role, entity);
                    }
                }
            }
        }
        Ok((asking, all))
    }

    fn asking(
        &self,
        caller: &Caller,
        entity: &Entity,
        [purpose, purpose_after]: [&Registered; 2],
        shape: &Shape,
        recipient: Option<Recipient>,
        drill: &Drill,
    ) -> Asking {
        let context = |world: &World, purpose: &Registered, recipient: Option<Recipient>| {
            let registers = world.behind.join(self, &world.registers, recipient.as_ref(), drill.at);
            Context {
                tenant: caller.tenant.clone(),
                actor: Actor {
                    id: caller.actor.id.clone(),
                    role: shape.role.clone(),
                    country: caller.actor.country.clone(),
                },
                purposes: vec![purpose.info.purpose.clone()],
                channel: shape.channel.clone(),
                transfer: by_client(recipient.as_ref()),
                recipient,
                now: drill.at,
                zone: self.zone,
                set_version: world.set.as_ref().map_or(drill.set_version, |set| set.version),
                registers,
                hosting: Arc::clone(&self.hosting),
                break_glass: shape.break_glass.then(|| "preview".to_owned()),
                operation: None,
                of_past: false,
            }
        };
        let after = recipient.as_ref().map(|recipient| drill.after(recipient));
        Asking {
            entity: entity.name.clone(),
            before: context(&drill.before, purpose, recipient),
            after: context(&drill.after, purpose_after, after),
            clients: vec![],
            rights: Narrowing::default(),
        }
    }

    /// The recipients that requests may name, by id, and whether these are all.
    async fn known_recipients(
        &self,
        caller: &Caller,
        request: &PreviewRequest,
        drill: &Drill,
        recent: &[Activity],
    ) -> Result<(BTreeMap<String, Recipient>, bool), Problem> {
        let (mut known, mut every) = (BTreeMap::new(), true);
        if let Some(id) = &request.recipient {
            let found = self.registered_recipient(caller, id).await?.ok_or_else(no_recipient)?;
            known.insert(id.clone(), found);
            return Ok((known, true));
        }
        if drill.catalog.catalog.entities.iter().any(|entity| drill.concerns_disclosure(request, entity)) {
            let (all, more) = register::recipients(&self.store, &caller.tenant, &self.recipient_fields).await?;
            known.extend(all.into_iter().map(|recipient| (recipient.id.clone(), recipient)));
            every = !more;
        }
        let asked: BTreeSet<&String> = recent.iter().filter_map(|made| made.recipient.as_ref()).collect();
        for id in asked {
            if !known.contains_key(id)
                && let Some(found) = self.registered_recipient(caller, id).await?
            {
                known.insert(id.clone(), found);
            }
        }
        Ok((known, every))
    }
}

impl Drill {
    /// Whether the change may concern who is shown an entity's records: its policy decides on them, or any
    /// policy does where data changes, or nobody knows since nothing can be loaded.
    fn concerns(&self, request: &PreviewRequest, entity: &Entity) -> bool {
        self.decides(request, entity, &[Hook::Read, Hook::Transfer])
    }

    /// Whether it may concern disclosures, so that every registered flow is looked at.
    fn concerns_disclosure(&self, request: &PreviewRequest, entity: &Entity) -> bool {
        entity.subject != SubjectPath::None && self.decides(request, entity, &[Hook::Transfer])
    }

    fn decides(&self, request: &PreviewRequest, entity: &Entity, hooks: &[Hook]) -> bool {
        let data = request.changes_data();
        let is_meant = |id: &String| data || self.policy.as_ref() == Some(id);
        [&self.before, &self.after].into_iter().any(|world| match &world.set {
            Err(_) => true,
            Ok(set) => set.policies.iter().filter(|policy| is_meant(&policy.entry.id)).any(|policy| {
                let manifest = policy.plugin.manifest();
                hooks.iter().any(|hook| manifest.covers(*hook, &entity.name))
            }),
        })
    }
}

impl World {
    /// Whether a policy on an entity looks at break-glass.
    fn sees_break_glass(&self, entity: &Entity) -> bool {
        self.asked().any(|policy| {
            let manifest = policy.plugin.manifest();
            let decides = [Hook::Read, Hook::Transfer].iter().any(|hook| manifest.covers(*hook, &entity.name));
            decides && manifest.attributes.iter().any(|name| name == BREAK_GLASS)
        })
    }
}

/// Each role as the request says, and the requests that were really made.
fn shapes(request: &PreviewRequest, roles: &[String], recent: &[&Activity]) -> BTreeSet<Shape> {
    let named = |role: &String| Shape {
        role: role.clone(),
        channel: request.channel.clone(),
        recipient: request.recipient.clone(),
        break_glass: false,
    };
    let mut shapes: BTreeSet<Shape> = roles.iter().map(named).collect();
    let fits = |asked: &Option<String>, made: &Option<String>| asked.is_none() || asked == made;
    let made = recent
        .iter()
        .filter(|made| roles.contains(&made.role))
        .filter(|made| fits(&request.channel, &made.channel) && fits(&request.recipient, &made.recipient));
    shapes.extend(made.map(|made| Shape {
        role: made.role.clone(),
        channel: made.channel.clone(),
        recipient: made.recipient.clone(),
        break_glass: false,
    }));
    shapes
}

/// Each role on behalf of each recipient that is registered for the purpose.
fn flows(request: &PreviewRequest, purpose: &Registered, recipients: &BTreeMap<String, Recipient>) -> Vec<Shape> {
    let serves = |recipient: &&Recipient| {
        let registered = recipient.attributes.iter().find(|(name, _)| name == "purposes");
        let keys = registered.and_then(|(_, keys)| Value::as_text(keys)).unwrap_or_default();
        keys.split_whitespace().any(|key| covers(key, &purpose.info.purpose.key))
    };
    let serving = recipients.values().filter(serves);
    let flow = |recipient: &Recipient, role: &String| Shape {
        role: role.clone(),
        channel: request.channel.clone(),
        recipient: Some(recipient.id.clone()),
        break_glass: false,
    };
    serving.flat_map(|recipient| purpose.roles.iter().map(move |role| flow(recipient, role))).collect()
}

fn clients(recent: &[&Activity], shape: &Shape, names: &[(String, String)]) -> Vec<ActiveClient> {
    let made = recent
        .iter()
        .filter(|made| made.role == shape.role && made.channel == shape.channel && made.recipient == shape.recipient);
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
