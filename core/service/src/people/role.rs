//! Roles as data: what each may do, as shipped or as an administrator has said since.

use std::collections::BTreeSet;
use std::sync::Arc;

use garant_domain::catalog::{Catalog, Entity, OWNER};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::reason::Localised;
use garant_domain::role::{ANY_ENTITY, ANY_ROLE, Act, Duty, Rights, Role, SHIPPED, Scope};
use garant_store::{AccessChange, DescribedRole, RoleTexts, StoreError};

use super::account::check_role_key;
use super::history::Did;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// A role as administrators see it.
#[derive(Debug)]
pub struct RoleView {
    /// What it may do.
    pub role: Role,
    /// 0 as long as it is as shipped.
    pub version: i64,
    /// Microseconds UTC, once it was changed.
    pub changed_at: Option<i64>,
    /// Opaque id of who changed it last.
    pub changed_by: Option<String>,
}

/// What a role may do by these texts. One that cannot be read may do nothing.
pub(crate) fn described(key: &str, texts: &RoleTexts) -> Arc<Role> {
    let shipped = key != ANY_ROLE && SHIPPED.iter().any(|(known, ..)| *known == key);
    let text = match (&texts.own, &texts.any) {
        (Some(own), _) => Some(own),
        (None, any) if !shipped => any.as_ref(),
        _ => None,
    };
    let Some(text) = text else { return Arc::new(Role::shipped(key)) };
    let read: Result<Role, _> = serde_json::from_str(text);
    Arc::new(match read {
        // What is new is the DPO's too, who has every duty whatever was said before.
        Ok(role) if key == "dpo" => {
            let duties = role.duties.into_iter().chain(Role::shipped(key).duties).collect();
            Role { key: key.to_owned(), duties, ..role }
        }
        Ok(role) => Role { key: key.to_owned(), ..role },
        Err(error) => {
            tracing::error!(role = key, error = &error as &dyn std::error::Error, "a role cannot be read");
            Role::nothing(key)
        }
    })
}

impl Service {
    /// What a role may do now.
    ///
    /// # Errors
    ///
    /// `INTERNAL` when the store fails.
    pub(crate) async fn role(&self, tenant: &str, key: &str) -> Result<Arc<Role>, Problem> {
        let texts = self.store.role_texts(tenant, key).await.map_err(store_problem)?;
        Ok(described(key, &texts))
    }

    /// Every role: the shipped ones, as they are now, and those that were added.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` without the duty `roles`.
    pub async fn roles(&self, caller: &Caller) -> Result<Vec<RoleView>, Problem> {
        caller.require(Duty::Roles)?;
        let known = self.store.described_roles(&caller.tenant).await.map_err(store_problem)?;
        let mut keys: Vec<&str> = SHIPPED.iter().map(|(key, ..)| *key).collect();
        keys.extend(known.iter().map(|role| role.key.as_str()).filter(|key| !keys.contains(key)).collect::<Vec<_>>());
        let view = |key: &str| {
            let found = known.iter().find(|role| role.key == key);
            let texts = RoleTexts { own: found.map(|role| role.body.clone()), any: None };
            RoleView {
                role: Role::clone(&described(key, &texts)),
                version: found.map_or(0, |role| role.version),
                changed_at: found.map(|role| role.changed_at),
                changed_by: found.map(|role| role.changed_by.clone()),
            }
        };
        Ok(keys.into_iter().map(view).collect())
    }

    /// Says what a role may do, from the next request on.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for a role that may, or would, do what the caller's may not; `BAD_USER_INPUT` naming the
    /// field; `CONFLICT` for another version.
    pub async fn set_role(&self, caller: &Caller, role: Role, expected_version: i64) -> Result<RoleView, Problem> {
        caller.require(Duty::Roles)?;
        if role.key != ANY_ROLE {
            check_role_key(&role.key, "input.key")?;
        }
        check(&self.tenant_catalog(&caller.tenant).await?.catalog, &role)?;
        let before = self.role(&caller.tenant, &role.key).await?;
        let own = caller.role();
        if !own.covers(&before) || !own.covers(&role) {
            let message = format!("The role `{}` may do what yours may not, before or after", role.key);
            return Err(Problem::new(ErrorCode::Forbidden, message)
                .at("input.duties")
                .mend("Ask somebody who has it."));
        }
        let now = self.clock.now();
        let described = DescribedRole {
            key: role.key.clone(),
            body: serde_json::to_string(&role)
                .map_err(|_| Problem::new(ErrorCode::Internal, "a role cannot be written down"))?,
            version: expected_version.saturating_add(1),
            changed_at: now,
            changed_by: caller.actor.id.clone(),
        };
        let change = AccessChange {
            role: Some(role.key.clone()),
            before: serde_json::to_string(&*before).ok(),
            after: Some(described.body.clone()),
            ..self.access_change(caller, Did::RoleDefined)
        };
        self.store.put_role(&caller.tenant, &described, &change).await.map_err(|error| match error {
            StoreError::VersionConflict => Problem::new(ErrorCode::Conflict, "The role was changed in the meantime")
                .at("expectedVersion")
                .mend("Read `roles { key version }` again; 0 stands for a role that is as shipped."),
            other => store_problem(other),
        })?;
        tracing::info!(role = role.key, by = caller.actor.id, version = described.version, "a role was changed");
        Ok(RoleView {
            role,
            version: described.version,
            changed_at: Some(now),
            changed_by: Some(caller.actor.id.clone()),
        })
    }
}

/// Whether a role makes sense in a catalogue.
fn check(catalog: &Catalog, role: &Role) -> Result<(), Problem> {
    let Localised { en, fr } = &role.label;
    if en.trim().is_empty() || en.chars().count() > 200 || fr.chars().count() > 200 {
        return Err(Problem::input("input.label", "A role needs a label of 1 to 200 characters").mend("Give one."));
    }
    let kept: BTreeSet<Duty> = Role::shipped("dpo").duties;
    if role.key == "dpo" && !role.duties.is_superset(&kept) {
        return Err(
            Problem::input("input.duties", "The DPO must always get in").mend("Leave the duties of `dpo` as they are.")
        );
    }
    for (name, rights) in &role.records {
        let at = |what: &str| format!("input.records.{name}.{what}");
        if name == ANY_ENTITY {
            let narrowed = rights.acts.values().any(|scope| matches!(scope, Scope::Own | Scope::Team));
            if narrowed || !rights.hidden_fields.is_empty() || !rights.fixed_fields.is_empty() {
                return Err(Problem::input(at("scope"), "Of all entities at once only all or no records are granted")
                    .mend("Name the entity for `own`, `team` and fields."));
            }
            continue;
        }
        let entity = catalog.entity(name).ok_or_else(|| {
            Problem::input("input.records.entity", "There is no such entity").mend("Use a name such as contact, or *.")
        })?;
        check_rights(entity, rights, &at)?;
    }
    Ok(())
}

fn check_rights(entity: &Entity, rights: &Rights, at: &impl Fn(&str) -> String) -> Result<(), Problem> {
    let narrowed = rights.acts.values().any(|scope| matches!(scope, Scope::Own | Scope::Team));
    if narrowed && entity.field(OWNER).is_none() {
        return Err(Problem::input(at("scope"), format!("Nobody owns a record of `{}`", entity.name))
            .mend("Use `all` or `none`; what belongs to a contact or a deal goes with it."));
    }
    let unknown = |field: &&String| entity.field(field).is_none();
    if let Some(field) = rights.hidden_fields.iter().chain(&rights.fixed_fields).find(unknown) {
        return Err(Problem::input(at("fields"), format!("`{}` has no field `{field}`", entity.name))
            .mend("Name fields of the entity."));
    }
    match rights.fixed_fields.iter().find(|name| entity.field(name).is_some_and(|field| field.required)) {
        Some(field) if rights.scope(Act::Create) > Scope::None => {
            Err(Problem::input(at("fixedFields"), format!("`{field}` is needed to create a record"))
                .mend("Do not grant `create`, or let the field be written."))
        }
        _ => Ok(()),
    }
}
