//! Installing plugins: a component is verified, loaded and put into the tenant's register. What is
//! installed decides nothing until the DPO adds it to the set, or exchanges a version for it.

use garant_domain::policy_set::Needs;
use garant_domain::problem::{ErrorCode, Problem};
use garant_policy::{Manifest, PluginError, SignatureError};
use garant_store::InstalledPlugin;

use super::request::check_reason;
use super::view::require_dpo;
use crate::auth::Caller;
use crate::error::store_problem;
use crate::service::Service;

/// A plugin to be installed.
#[derive(Clone, Debug)]
pub struct InstallRequest {
    /// A core module or a component.
    pub bytes: Vec<u8>,
    /// The text of the signature file, if there is one.
    pub signature: Option<String>,
    /// Why; kept in the register.
    pub reason: String,
}

/// An installed version of a plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct InstalledView {
    /// What the register says.
    pub plugin: InstalledPlugin,
    /// Whether the set refers to it, now or at a later instant.
    pub in_set: bool,
    /// What it asks for beyond what the plugin was granted.
    pub ungranted: Needs,
}

impl Service {
    /// Installs a plugin. Installing the same component again changes nothing.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`; `BAD_USER_INPUT` for a signature that is missing, wrong or by nobody trusted, and
    /// for a file that is no plugin.
    pub async fn install_policy(&self, caller: &Caller, request: InstallRequest) -> Result<InstalledView, Problem> {
        require_dpo(caller)?;
        let plugin = self.install(&caller.tenant, &caller.actor.id, request).await?;
        self.installed_view(&caller.tenant, plugin).await
    }

    /// The same for whoever runs the server, on the command line.
    ///
    /// # Errors
    ///
    /// As [`Self::install_policy`].
    pub async fn install_as_operator(&self, request: InstallRequest) -> Result<InstalledView, Problem> {
        let plugin = self.install(&self.tenant, "local:operator", request).await?;
        self.installed_view(&self.tenant, plugin).await
    }

    pub(super) async fn install(
        &self,
        tenant: &str,
        by: &str,
        request: InstallRequest,
    ) -> Result<InstalledPlugin, Problem> {
        let reason = check_reason(&request.reason)?;
        let trusted = self.trust.check(&request.bytes, request.signature.as_deref());
        let publisher = trusted.map_err(|error| signature_problem(&error))?;
        let catalog = self.catalog_of(tenant).await?;
        let loaded = self.engine.load(&request.bytes, catalog).await;
        let plugin = loaded.map_err(|error| no_plugin(&error))?;
        let now = self.clock.now();
        self.store.put_component(plugin.digest(), plugin.component(), now).await.map_err(store_problem)?;
        let installed = InstalledPlugin {
            plugin: plugin.manifest().id.clone(),
            digest: plugin.digest().to_owned(),
            version: plugin.manifest().version.clone(),
            publisher,
            installed_at: now,
            installed_by: by.to_owned(),
            reason,
            needs: needs(plugin.manifest()),
        };
        self.store.install_plugin(tenant, &installed).await.map_err(store_problem)?;
        // The row that stands may be an earlier one.
        let rows = self.store.installed(tenant, Some(&installed.plugin)).await.map_err(store_problem)?;
        Ok(rows.into_iter().find(|row| row.digest == installed.digest).unwrap_or(installed))
    }

    /// What is installed, of one plugin or of all.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN` for anybody but the DPO.
    pub async fn installed_policies(&self, caller: &Caller, id: Option<&str>) -> Result<Vec<InstalledView>, Problem> {
        require_dpo(caller)?;
        let rows = self.store.installed(&caller.tenant, id).await.map_err(store_problem)?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.push(self.installed_view(&caller.tenant, row).await?);
        }
        Ok(views)
    }

    /// Takes a version out of the register. Its code is kept, so that what it decided can be read
    /// again.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`, `CONFLICT` while the set refers to it with a mode other than off.
    pub async fn uninstall_policy(
        &self,
        caller: &Caller,
        id: &str,
        digest: &str,
        reason: &str,
    ) -> Result<InstalledView, Problem> {
        require_dpo(caller)?;
        let reason = check_reason(reason)?;
        let missing = || {
            Problem::new(ErrorCode::NotFound, "No such version of this plugin is installed")
                .at("digest")
                .mend("`policyVersions(id) { version digest }` lists them.")
        };
        let rows = self.store.installed(&caller.tenant, Some(id)).await.map_err(store_problem)?;
        let row = rows.into_iter().find(|row| row.digest == digest).ok_or_else(missing)?;
        let now = self.clock.now();
        let set = self.stored_set(&caller.tenant).await?;
        let in_use = set.entry(id).is_some_and(|entry| {
            let instants = std::iter::once(now).chain(entry.turns(now));
            instants.map(|at| entry.at(at)).any(|then| then.digest == digest && then.is_asked())
        });
        if in_use {
            return Err(Problem::new(ErrorCode::Conflict, "This version is in use, or a change to it waits")
                .at("digest")
                .mend("Exchange it with `upgradePolicy`, or switch the policy off first."));
        }
        let view = self.installed_view(&caller.tenant, row).await?;
        let by = &caller.actor.id;
        let gone = self.store.uninstall_plugin(&caller.tenant, id, digest, now, by, &reason);
        if gone.await.map_err(store_problem)? { Ok(view) } else { Err(missing()) }
    }

    async fn installed_view(&self, tenant: &str, plugin: InstalledPlugin) -> Result<InstalledView, Problem> {
        let set = self.stored_set(tenant).await?;
        let now = self.clock.now();
        let entry = set.entry(&plugin.plugin);
        let in_set = entry.is_some_and(|entry| {
            std::iter::once(now).chain(entry.turns(now)).any(|at| entry.at(at).digest == plugin.digest)
        });
        let granted = entry.map(|entry| entry.granted.clone()).unwrap_or_default();
        Ok(InstalledView { ungranted: plugin.needs.beyond(&granted), in_set, plugin })
    }
}

/// What a manifest asks for.
pub(crate) fn needs(manifest: &Manifest) -> Needs {
    let names = |list: &[String]| list.iter().cloned().collect();
    Needs {
        hooks: manifest.hooks.iter().map(|hook| format!("{hook:?}").to_lowercase()).collect(),
        entities: names(&manifest.entities),
        fields: names(&manifest.fields),
        facts: names(&manifest.facts),
        attributes: names(&manifest.attributes),
        bound_attributes: names(&manifest.bound_attributes),
        references: names(&manifest.references),
    }
}

fn signature_problem(error: &SignatureError) -> Problem {
    let remedy = match error {
        SignatureError::Unsigned => {
            "Send the text of the signature file that its author made with `garant plugin sign`."
        }
        SignatureError::Untrusted { .. } => {
            "If you know the author, add the key to `[[policy.publishers]]` of the configuration."
        }
        _ => "Get file and signature from the author again.",
    };
    Problem::input("signature", format!("{}: {error}", error.code())).mend(remedy)
}

fn no_plugin(error: &PluginError) -> Problem {
    Problem::input("component", format!("{}: {error}", error.code()))
        .mend("`garant plugin inspect FILE` says what is wrong with a file.")
}
