//! Whoever would ask, put together from what the request says of them, each part checked.

use std::collections::BTreeSet;
use std::sync::Arc;

use garant_domain::catalog::Entity;
use garant_domain::context::{Actor, Context, Purpose, Recipient};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Localised;
use garant_domain::value::Value;
use garant_store::WriteTx;

use super::{Basis, ExplainRequest};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate::Narrowing;
use crate::published::PublishedSet;
use crate::register::{self, Behind};
use crate::unit::{CHANNELS, Unit, by_client};

/// Roles that the core knows by itself.
const CORE_ROLES: [&str; 2] = ["dpo", "admin"];

/// Whoever would ask.
pub(super) struct Asker {
    pub context: Context,
    pub recipient_basis: RecipientBasis,
    pub notes: Vec<Localised>,
}

/// Which entries of the recipient are of the instant asked for.
#[derive(Default)]
pub(super) struct RecipientBasis {
    /// Registered only after that instant.
    later: bool,
    /// Written since.
    changed: BTreeSet<String>,
}

impl RecipientBasis {
    pub(super) fn of(&self, field: &str, past: Option<i64>) -> Basis {
        match past {
            None => Basis::Now,
            Some(_) if self.changed.contains(field) => Basis::Unknown,
            Some(_) if self.later => Basis::Present,
            Some(_) => Basis::Then,
        }
    }
}

impl Unit {
    pub(super) async fn asker(
        &self,
        tx: &mut WriteTx,
        request: &ExplainRequest,
        entity: &Entity,
        set: &PublishedSet,
    ) -> Result<Asker, Problem> {
        let now = self.instant(request)?;
        let mut notes = Vec::new();
        if let Some(channel) = &request.channel
            && !CHANNELS.contains(&channel.as_str())
        {
            return Err(Problem::input("as.channel", "There is no such channel")
                .mend(format!("Use one of: {}.", CHANNELS.join(", "))));
        }
        let purposes = self.purposes_of(&request.role, &request.purposes, entity).await?;
        if request.break_glass && !self.service.break_glass_roles.contains(&request.role) {
            let message = format!("The role `{}` may not break the glass", request.role);
            return Err(Problem::input("as.breakGlass", message)
                .mend("The roles that may are in `tenant.break_glass_roles` of the server's configuration."));
        }
        let past = (now < self.context.now).then_some(now);
        if past.is_some() && !purposes.is_empty() {
            notes.push(Localised {
                en: "The registers are not kept by time: purposes and other registers are asked as they are today."
                    .to_owned(),
                fr: "Les registres ne sont pas datés : les finalités et les autres registres sont ceux d'aujourd'hui."
                    .to_owned(),
            });
        }
        let mut recipient_basis = RecipientBasis::default();
        let recipient = match &request.recipient {
            None => None,
            Some(id) => Some(self.recipient_at(tx, id, past, &mut recipient_basis).await?),
        };
        let own = &self.context.actor;
        let (service, tenant) = (&self.service, &self.context.tenant);
        let registers = register::tables(&service.store, &service.catalog, tenant, set.asked()).await?;
        let behind = Behind::load(service, tenant, set.asked()).await?;
        let registers = behind.join(service, &registers, recipient.as_ref(), now);
        let context = Context {
            tenant: self.context.tenant.clone(),
            actor: Actor {
                id: request.actor.clone().unwrap_or_else(|| own.id.clone()),
                role: request.role.clone(),
                country: request.country.clone().or_else(|| own.country.clone()),
            },
            purposes,
            channel: request.channel.clone(),
            transfer: by_client(recipient.as_ref()),
            recipient,
            now,
            zone: self.context.zone,
            set_version: set.version,
            registers,
            hosting: std::sync::Arc::clone(&self.service.hosting),
            break_glass: request.break_glass.then(|| "explained".to_owned()),
            // Nor an operation that anybody could approve.
            operation: None,
            of_past: past.is_some(),
        };
        Ok(Asker { context, recipient_basis, notes })
    }

    /// What the role leaves to whoever would ask.
    pub(super) async fn rights_of(
        &self,
        request: &ExplainRequest,
        context: &Context,
        entity: &Entity,
        notes: &mut Vec<Localised>,
    ) -> Result<Narrowing, Problem> {
        let (service, tenant) = (&self.service, &self.context.tenant);
        let team_id = match &request.actor {
            Some(actor) => service.user(tenant, actor).await?.and_then(|(_, team)| team),
            None => None,
        };
        let role = service.role(tenant, &request.role).await?;
        let context = Arc::new(context.clone());
        let asking = Self { context, role, team_id, members: Arc::default(), ..self.clone() };
        let narrowing = asking.narrowing(entity).await?.unwrap_or_default();
        if !narrowing.hide.is_empty() && request.actor.is_none() {
            notes.push(Localised {
                en: "This role is narrowed to records of its user or team: name the user as `actor`; here it is somebody who owns none."
                    .to_owned(),
                fr: "Ce rôle se limite aux fiches de l'utilisateur ou de son équipe : indiquez l'utilisateur dans `actor` ; ici, quelqu'un qui n'en possède aucune."
                    .to_owned(),
            });
        }
        if asking.context.of_past && (!narrowing.hide.is_empty() || !narrowing.fields.is_empty()) {
            notes.push(Localised {
                en: "Rights of roles are not kept by time: they are asked as they are today.".to_owned(),
                fr: "Les droits des rôles ne sont pas datés : ce sont ceux d'aujourd'hui.".to_owned(),
            });
        }
        Ok(narrowing)
    }

    /// The instant of the access.
    fn instant(&self, request: &ExplainRequest) -> Result<i64, Problem> {
        let now = self.context.now;
        match (request.at, request.now) {
            (Some(_), Some(_)) => {
                Err(Problem::input("as.now", "`at` and `now` cannot be named both").mend("Leave one of them out."))
            }
            (None, Some(_)) if !self.service.sandbox => {
                Err(Problem::new(ErrorCode::Forbidden, "The clock can be set in a sandbox only")
                    .at("as.now")
                    .mend("Name a past instant as `at`, or ask in a tenant with `[tenant] sandbox = true`."))
            }
            (Some(at), None) if at > now => {
                Err(Problem::input("as.at", "The instant lies in the future, and no fact is known there")
                    .mend("Name an instant that has passed, or none."))
            }
            (at, set) => Ok(at.or(set).unwrap_or(now)),
        }
    }

    /// The purposes that the role names, each registered and open to it.
    async fn purposes_of(&self, role: &str, keys: &[String], entity: &Entity) -> Result<Vec<Purpose>, Problem> {
        let registered =
            register::all_purposes(&self.service.store, &self.context.tenant, &self.service.purpose_fields).await?;
        let mut roles: BTreeSet<&str> = CORE_ROLES.into_iter().collect();
        roles.extend(registered.iter().flat_map(|purpose| purpose.roles.iter().map(String::as_str)));
        let writers = self.catalog().entities.iter().flat_map(|entity| &entity.writers);
        roles.extend(writers.map(String::as_str));
        if !roles.contains(role) {
            let roles: Vec<&str> = roles.into_iter().collect();
            return Err(Problem::input("as.role", "No purpose and no entity knows such a role")
                .mend(format!("Use one of: {}.", roles.join(", "))));
        }
        let open = || -> Vec<String> {
            let of_role = registered.iter().filter(|purpose| purpose.roles.iter().any(|known| known == role));
            of_role.map(|purpose| purpose.info.purpose.key.clone()).collect()
        };
        let mut purposes = Vec::new();
        for key in keys {
            let found = registered.iter().find(|purpose| purpose.info.purpose.key == *key);
            let found = found.ok_or_else(|| {
                let known: Vec<&str> = registered.iter().map(|other| other.info.purpose.key.as_str()).collect();
                Problem::input("as.purposes", "There is no such purpose")
                    .mend(format!("Use one of: {}; the DPO registers purposes.", known.join(", ")))
            })?;
            if !found.roles.iter().any(|known| known == role) {
                let mut problem =
                    Problem::input("as.purposes", format!("The role `{role}` may not act for the purpose `{key}`"))
                        .mend(
                            "The core refuses it before any policy is asked: name a purpose that is open to the role.",
                        );
                problem.purposes = open();
                return Err(problem);
            }
            if !purposes.contains(&found.info.purpose) {
                purposes.push(found.info.purpose.clone());
            }
        }
        if purposes.is_empty() && entity.needs_purpose() {
            let mut problem = Problem::new(
                ErrorCode::PurposeRequired,
                format!(
                    "`{}` holds personal data: without a purpose the core refuses, and no policy is asked",
                    entity.name
                ),
            )
            .at("as.purposes")
            .mend("Name one of the listed purposes.");
            problem.purposes = open();
            return Err(problem);
        }
        Ok(purposes)
    }

    /// The recipient as registered at an instant: what was written since is not known.
    async fn recipient_at(
        &self,
        tx: &mut WriteTx,
        id: &str,
        past: Option<i64>,
        basis: &mut RecipientBasis,
    ) -> Result<Recipient, Problem> {
        let caller = Caller {
            tenant: self.context.tenant.clone(),
            actor: self.context.actor.clone(),
            name: String::new(),
            recipient: Some(id.to_owned()),
            default_purpose: None,
            access: crate::auth::Access::default(),
        };
        let found = register::recipient(&self.service.store, &caller, &self.service.recipient_fields).await;
        let unknown = || {
            Problem::new(ErrorCode::NotFound, "There is no such recipient")
                .at("as.recipient")
                .mend("`recipients { nodes { id name } }` lists them.")
        };
        let mut recipient = match found {
            Ok(Some(recipient)) => recipient,
            Ok(None) => return Err(unknown()),
            Err(problem) if problem.code == ErrorCode::Forbidden => return Err(unknown()),
            Err(problem) => return Err(problem),
        };
        let Some(at) = past else { return Ok(recipient) };
        for change in tx.changed_since("recipient", id, at).await.map_err(store_problem)? {
            if change.operation == "create" || change.operation == "import" {
                basis.later = true;
            } else {
                basis.changed.extend(change.fields);
            }
        }
        for (field, value) in &mut recipient.attributes {
            if basis.changed.contains(field) {
                *value = Value::Null;
            }
        }
        Ok(recipient)
    }
}
