//! Changing the policy set: every change of a policy goes this one way.

use garant_domain::policy_set::{Component, Edit, Edited, Mode, PolicyChange, PolicyEntry, PolicySet};
use garant_domain::problem::{ErrorCode, Problem};
use garant_store::{Decision, InstalledPlugin, StoreError};

use super::request::{
    Action, ChangeRequest, Order, Version, check_reason, check_settings, edit_problem, stale, unknown,
};
use super::start::default_settings;
use super::view::{PolicyView, require_dpo};
use crate::auth::Caller;
use crate::error::store_problem;
use crate::gate;
use crate::published::PublishedSet;
use crate::service::Service;

impl Service {
    /// Changes a policy. In a tenant that asks for a second person, a change that may weaken it changes
    /// nothing yet; the view then names what waits.
    ///
    /// # Errors
    ///
    /// `FORBIDDEN`, `NOT_FOUND`, `CONFLICT` for a stale version, `GRANT_REQUIRED` for a plugin that
    /// asks for more than it was granted, `BAD_USER_INPUT` with the problems of the settings,
    /// `POLICY_UNAVAILABLE` for a plugin that cannot decide; nothing is changed then.
    pub async fn change_policy(&self, caller: &Caller, request: ChangeRequest) -> Result<PolicyView, Problem> {
        require_dpo(caller)?;
        let reason = check_reason(&request.reason)?;
        let now = self.clock.now();
        let set = self.stored_set(&caller.tenant).await?;
        expect_version(&set, &request.id, request.expected_version)?;
        let edit = self.edit_of(&caller.tenant, &set, &request, now).await?;
        let order = Order {
            id: request.id,
            edit,
            expected_version: request.expected_version,
            reason,
            timing: request.timing,
            grant: request.grant,
            actor: caller.actor.id.clone(),
        };
        let edited = self.proved(&caller.tenant, &set, &order, now).await?;
        if self.second_person && edited.set.may_be_weaker_than(&set, &order.id, now) {
            self.ask_second_person(&caller.tenant, &order, now).await?;
        } else {
            self.commit(&caller.tenant, &order, edited, now, None).await?;
        }
        let stored = self.stored_set(&caller.tenant).await?;
        // A removed policy is told as it was.
        let shown = stored.entry(&order.id).or_else(|| set.entry(&order.id)).ok_or_else(|| unknown(&order.id))?;
        self.policy_view(&caller.tenant, stored.version, shown, now).await
    }

    /// The newest set, from the database and not from what is loaded: a set that cannot be loaded any
    /// more must still be mendable.
    pub(crate) async fn stored_set(&self, tenant: &str) -> Result<PolicySet, Problem> {
        match self.store.current_set_version(tenant).await.map_err(store_problem)? {
            Some(version) => self.store.load_set(tenant, version).await.map_err(store_problem),
            None => Ok(PolicySet { version: 0, entries: vec![] }),
        }
    }

    /// A change as the set takes it; nothing is tried out yet.
    pub(crate) async fn edit_of(
        &self,
        tenant: &str,
        set: &PolicySet,
        request: &ChangeRequest,
        now: i64,
    ) -> Result<Edit, Problem> {
        Ok(match &request.action {
            Action::SetMode(mode) => Edit::Mode(*mode),
            Action::SetSettings(settings) => {
                check_settings(settings)?;
                Edit::Settings(settings.clone())
            }
            Action::Upgrade(version, settings) => {
                settings.as_ref().map(check_settings).transpose()?;
                let component = self.installed_component(tenant, &request.id, version).await?;
                Edit::Component { component, settings: settings.clone() }
            }
            Action::Add(version, mode, settings) => {
                settings.as_ref().map(check_settings).transpose()?;
                let component = self.installed_component(tenant, &request.id, version).await?;
                let settings = match settings {
                    Some(settings) => settings.clone(),
                    None => {
                        let plugin = self.publisher.plugin(tenant, &request.id, &component.digest).await?;
                        default_settings(&plugin.manifest().settings_schema)
                    }
                };
                Edit::Add { component, mode: *mode, settings }
            }
            Action::Remove => Edit::Remove,
            Action::Rollback => Edit::Restore(Box::new(self.entry_before(tenant, set, &request.id, now).await?)),
            Action::Cancel(number) => Edit::Cancel(*number),
        })
    }

    async fn installed_component(&self, tenant: &str, id: &str, version: &Version) -> Result<Component, Problem> {
        let installed = self.store.installed(tenant, Some(id)).await.map_err(store_problem)?;
        let wanted = |plugin: &&InstalledPlugin| match version {
            Version::Digest(digest) => plugin.digest == *digest,
            Version::Named(name) => plugin.version == *name,
        };
        let found: Vec<&InstalledPlugin> = installed.iter().filter(wanted).collect();
        match found.as_slice() {
            [plugin] => Ok(Component { digest: plugin.digest.clone(), plugin_version: plugin.version.clone() }),
            [] => Err(Problem::new(ErrorCode::NotFound, "No such version of this plugin is installed")
                .at("pluginVersion")
                .mend("`policyVersions(id) { version digest }` lists them; `installPolicy` installs another.")),
            _ => Err(Problem::input("pluginVersion", "Several installed components name this version")
                .mend("Name one by its `digest`; `policyVersions(id) { version digest }` lists them.")),
        }
    }

    /// The entry as it was before its last change.
    async fn entry_before(&self, tenant: &str, set: &PolicySet, id: &str, now: i64) -> Result<PolicyEntry, Problem> {
        let nothing = || {
            Problem::new(ErrorCode::NotFound, "The policy was never changed, so there is nothing to go back to")
                .at("id")
                .mend("`policyHistory(id)` lists its changes; `removePolicy` takes it out of the set.")
        };
        let last = self.store.changes(tenant, Some(id), 1).await.map_err(store_problem)?;
        let Some(last) = last.first() else {
            return Err(if set.entry(id).is_some() { nothing() } else { unknown(id) });
        };
        let before = self.store.load_set(tenant, last.set_version - 1).await.map_err(store_problem)?;
        before.entry(id).map(|entry| entry.settled(now)).ok_or_else(nothing)
    }

    /// Makes the next version and tries it out; nothing is stored.
    pub(super) async fn proved(
        &self,
        tenant: &str,
        set: &PolicySet,
        order: &Order,
        now: i64,
    ) -> Result<Edited, Problem> {
        let edited = set.edited(&order.id, &order.edit, order.timing, &order.grant, now);
        let edited = edited.map_err(|error| edit_problem(&order.id, error))?;
        let Some(entry) = edited.set.entry(&order.id) else { return Ok(edited) };
        let installed = self.store.installed(tenant, Some(&order.id)).await.map_err(store_problem)?;
        let catalog = self.tenant_catalog(tenant).await?;
        // What must be fit to be switched on later is proved although it is off; switching off, and
        // going back, must work with a plugin that does not any more.
        let demanding = matches!(edited.what, "added" | "component" | "settings");
        for at in std::iter::once(now).chain(entry.turns(now)) {
            let then = entry.at(at);
            if then.mode == Mode::Off && !demanding {
                continue;
            }
            let plugin = installed.iter().find(|plugin| plugin.digest == then.digest);
            let plugin = plugin.ok_or_else(|| not_installed(&then))?;
            let missing = plugin.needs.beyond(&entry.granted);
            if !missing.is_empty() {
                return Err(grant_required(&then, missing));
            }
            let active = self.publisher.activate(then, &catalog).await?;
            gate::prove(self, tenant, set.version + 1, &active).await?;
        }
        Ok(edited)
    }

    /// Stores the next version, with its history and the decision that let it through, and publishes
    /// it.
    pub(super) async fn commit(
        &self,
        tenant: &str,
        order: &Order,
        edited: Edited,
        now: i64,
        decision: Option<&Decision>,
    ) -> Result<(), Problem> {
        let change = PolicyChange {
            set_version: edited.set.version,
            at: now,
            actor: order.actor.clone(),
            reason: order.reason.clone(),
            policy: order.id.clone(),
            what: edited.what.to_owned(),
            before: edited.before,
            after: edited.after,
            effective_from: order.timing.from.filter(|from| *from > now),
            expires_at: order.timing.until,
            confirmed_by: decision.map(|decision| decision.by.clone()),
        };
        // Ready before the commit, so that the next unit of work here need not load it. Another policy
        // of the set may be broken: that is no reason to keep this one from being mended.
        let catalog = self.tenant_catalog(tenant).await?;
        let prepared = self.publisher.prepare(&edited.set, &catalog, now).await.ok();
        self.store.append_decided(tenant, &edited.set, &[change], decision).await.map_err(|error| match error {
            StoreError::Conflict => stale(order.expected_version),
            other => store_problem(other),
        })?;
        if let Some(prepared) = prepared {
            self.publish(tenant, prepared).await;
        }
        Ok(())
    }

    pub(super) async fn publish(&self, tenant: &str, set: PublishedSet) {
        self.publisher.publish(tenant, set).await;
    }
}

pub(super) fn expect_version(set: &PolicySet, id: &str, expected: i64) -> Result<(), Problem> {
    match set.entry(id).map_or(0, |entry| entry.version) {
        0 if expected != 0 => Err(unknown(id)),
        current if current != expected => Err(stale(current)),
        _ => Ok(()),
    }
}

fn not_installed(entry: &PolicyEntry) -> Problem {
    Problem::new(
        ErrorCode::Conflict,
        format!("Version {} of policy `{}` is not installed any more", entry.plugin_version, entry.id),
    )
    .at("id")
    .mend("Install it again with `installPolicy`, or choose another with `upgradePolicy`.")
}

fn grant_required(entry: &PolicyEntry, missing: garant_domain::policy_set::Needs) -> Problem {
    let mut problem = Problem::new(
        ErrorCode::GrantRequired,
        format!(
            "Version {} of policy `{}` asks for more than it was granted: {}",
            entry.plugin_version,
            entry.id,
            missing.names().join(", ")
        ),
    )
    .at("grant")
    .mend("If you agree, repeat the change with the argument `grant` as in `extensions.grant`.");
    problem.grant = Some(Box::new(missing));
    problem
}
