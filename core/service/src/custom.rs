//! What an administrator defines: fields on standard entities, and objects. Proved, committed, then
//! published, like a policy: the definitions are joined to the standard catalogue, every active policy is
//! loaded and planned over what comes out, and only then a version is inserted, which every process reads
//! with its next unit of work.

mod input;
mod refused;

use std::sync::Arc;

use garant_domain::catalog::custom::{Custom, CustomField, CustomObject, Edit};
use garant_domain::catalog::{Catalog, Entity};
use garant_domain::problem::{ErrorCode, Problem};
use garant_domain::role::Duty;
use garant_store::{CatalogChange, StoreError};

pub use input::{NewField, NewObject};

use crate::admin::check_reason;
use crate::auth::Caller;
use crate::catalogs::TenantCatalog;
use crate::error::store_problem;
use crate::gate;
use crate::published::PublishedSet;
use crate::service::Service;

/// Changes that one list answers at most.
const MAX_CHANGES: u32 = 500;

/// What is defined, in a version.
#[derive(Clone, Debug)]
pub struct CustomView {
    /// Version; 0 before anything was defined.
    pub version: i64,
    /// Objects.
    pub objects: Vec<CustomObject>,
    /// Fields.
    pub fields: Vec<CustomField>,
    /// What does not fit the standard entities any more, with what is wrong: nobody sees it.
    pub left_out: Vec<(String, String)>,
}

/// A change that was proved and is not committed.
pub struct CatalogDraft {
    catalog: Arc<TenantCatalog>,
    custom: Custom,
    change: CatalogChange,
    set: Option<PublishedSet>,
}

impl CatalogDraft {
    /// The catalogue as it would be.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog.catalog
    }

    /// What would be defined.
    #[must_use]
    pub fn view(&self) -> CustomView {
        view(&self.catalog, self.custom.clone())
    }
}

impl Service {
    /// Whether a caller may define fields and objects.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` without the duty `catalog`.
    pub fn may_define(&self, caller: &Caller) -> Result<(), Problem> {
        require_administrator(caller)
    }

    /// What is defined.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but administrators and the DPO.
    pub async fn custom_catalog(&self, caller: &Caller) -> Result<CustomView, Problem> {
        require_administrator(caller)?;
        let (catalog, custom) = self.defined(&caller.tenant).await?;
        Ok(view(&catalog, custom))
    }

    /// Who changed what and why, the latest first.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` for too many.
    pub async fn custom_changes(&self, caller: &Caller, first: u32) -> Result<Vec<CatalogChange>, Problem> {
        require_administrator(caller)?;
        if first > MAX_CHANGES {
            return Err(Problem::input("first", format!("`first` must be at most {MAX_CHANGES}"))
                .mend("Ask for fewer changes."));
        }
        self.store.custom_changes(&caller.tenant, first).await.map_err(store_problem)
    }

    /// Tries a change out: whether it holds together, and whether every active policy can decide over it.
    /// Nothing is stored.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `BAD_USER_INPUT` naming the field and how to mend it, `NOT_FOUND`, `CONFLICT` for another
    /// version than the one expected, `POLICY_UNAVAILABLE` naming the policy that cannot decide.
    pub async fn draft_catalog(
        &self,
        caller: &Caller,
        edit: &Edit,
        reason: &str,
        expected_version: Option<i64>,
    ) -> Result<CatalogDraft, Problem> {
        require_administrator(caller)?;
        let reason = check_reason(reason)?;
        let (base, custom) = self.defined(&caller.tenant).await?;
        if expected_version.is_some_and(|expected| expected != base.version) {
            return Err(stale());
        }
        let custom = custom.edited(edit).map_err(|error| refused::edit(&error))?;
        let version = base.version + 1;
        let catalog = Arc::new(self.catalogs.joined(&caller.tenant, version, &custom)?);
        // What did not fit before is nothing new; what the change brings must fit.
        if let Some(left) = catalog.left_out.iter().find(|left| !base.left_out.contains(left)) {
            return Err(refused::flaw(edit, left));
        }
        let set = self.proved_over(&caller.tenant, &base.catalog, &catalog).await?;
        let change = CatalogChange {
            version,
            at: self.clock.now(),
            actor: caller.actor.id.clone(),
            what: edit.what().to_owned(),
            subject: edit.subject(),
            reason,
        };
        Ok(CatalogDraft { catalog, custom, change, set })
    }

    /// Commits a change that was tried out, and publishes it.
    ///
    /// # Errors
    ///
    /// `CONFLICT` when somebody else changed the definitions in the meantime.
    pub async fn commit_catalog(&self, caller: &Caller, draft: CatalogDraft) -> Result<CustomView, Problem> {
        let stored = self.store.append_custom(&caller.tenant, &draft.custom, &draft.change).await;
        stored.map_err(|error| match error {
            StoreError::Conflict => stale(),
            other => store_problem(other),
        })?;
        self.catalogs.publish(&caller.tenant, Arc::clone(&draft.catalog));
        let view = draft.view();
        if let Some(set) = draft.set {
            self.publisher.publish(&caller.tenant, set).await;
        }
        Ok(view)
    }

    /// The catalogue of a tenant, and what it defined.
    async fn defined(&self, tenant: &str) -> Result<(Arc<TenantCatalog>, Custom), Problem> {
        let catalog = self.tenant_catalog(tenant).await?;
        let custom = match catalog.version {
            0 => Custom::default(),
            version => self.store.load_custom(tenant, version).await.map_err(store_problem)?,
        };
        Ok((catalog, custom))
    }

    /// Loads the policies over another catalogue and plans them on whatever differs.
    async fn proved_over(
        &self,
        tenant: &str,
        base: &Catalog,
        catalog: &Arc<TenantCatalog>,
    ) -> Result<Option<PublishedSet>, Problem> {
        let stored = self.stored_set(tenant).await?;
        if stored.version == 0 {
            return Ok(None);
        }
        let set = self.publisher.prepare(&stored, catalog, self.clock.now()).await?;
        let differs = |entity: &Entity| base.entity(&entity.name) != Some(entity);
        for policy in &set.policies {
            gate::prove_on(self, tenant, stored.version, policy, differs).await?;
        }
        Ok(Some(set))
    }
}

fn view(catalog: &TenantCatalog, custom: Custom) -> CustomView {
    let left_out = catalog.left_out.iter().map(|left| (left.place.clone(), left.flaw.to_string()));
    CustomView {
        version: catalog.version,
        objects: custom.objects,
        fields: custom.fields,
        left_out: left_out.collect(),
    }
}

fn require_administrator(caller: &Caller) -> Result<(), Problem> {
    if caller.role().may(Duty::Catalog) {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::Forbidden, "Only administrators and the DPO define fields and objects")
        .mend("Ask one of them."))
}

fn stale() -> Problem {
    Problem::new(ErrorCode::Conflict, "The definitions were changed in the meantime")
        .at("expectedVersion")
        .mend("Read `customCatalog { version }` again.")
}
