//! The two worlds that are compared: what is in force at an instant, and what would be with the change.

use std::sync::Arc;

use garant_domain::context::{Recipient, RegisterTable};
use garant_domain::policy_set::{Mode, Needs, PolicySet, Timing};
use garant_domain::problem::{ErrorCode, Problem};

use super::data::{self, RegisterChange};
use super::{PolicyTrial, PreviewRequest, TrialStep};
use crate::admin::{Action, ChangeRequest, edit_problem, needs};
use crate::auth::Caller;
use crate::catalogs::TenantCatalog;
use crate::error::store_problem;
use crate::gate;
use crate::published::PublishedSet;
use crate::register::{self, Behind, Registered};
use crate::service::Service;

/// Policies and registers at an instant.
pub(super) struct World {
    /// The policies; or why none can decide.
    pub set: Result<Arc<PublishedSet>, Problem>,
    /// Registers that the policies declared, and reference tables that are not those on file.
    pub registers: Arc<Vec<Arc<RegisterTable>>>,
    /// Who is behind recipients and our own hosting.
    pub behind: Behind,
    /// Every purpose.
    pub purposes: Vec<Registered>,
}

impl World {
    /// The policies that are asked.
    pub(super) fn asked(&self) -> impl Iterator<Item = &crate::published::ActivePolicy> {
        self.set.iter().flat_map(|set| set.asked())
    }
}

/// What is compared.
pub(super) struct Drill {
    pub at: i64,
    pub set_version: i64,
    pub catalog: Arc<TenantCatalog>,
    pub before: World,
    pub after: World,
    pub ungranted: Needs,
    /// The policy that changes; none where only data does.
    pub policy: Option<String>,
    registers: Vec<RegisterChange>,
}

impl PreviewRequest {
    /// Whether the data that policies stand on changes.
    pub(super) fn changes_data(&self) -> bool {
        !self.references.is_empty() || !self.registers.is_empty()
    }
}

impl Drill {
    /// A recipient as it would be registered.
    pub(super) fn after(&self, recipient: &Recipient) -> Recipient {
        self.registers.iter().fold(recipient.clone(), |recipient, change| change.to_recipient(recipient))
    }
}

impl Service {
    /// What is in force, and what would be, proved.
    pub(super) async fn drill(&self, caller: &Caller, request: &PreviewRequest) -> Result<Drill, Problem> {
        if request.policy.is_none() && !request.changes_data() {
            return Err(Problem::input("change", "The change names nothing that would change")
                .mend("Name a policy by `id` with its change, or change `references` or `registers`."));
        }
        let now = self.clock.now();
        let tenant = &caller.tenant;
        let stored = self.stored_set(tenant).await?;
        let catalog = self.tenant_catalog(tenant).await?;
        let mut changes = Vec::with_capacity(request.registers.len());
        for change in &request.registers {
            changes.push(data::checked(self, tenant, change).await?);
        }
        let timing = request.policy.as_ref().map(|trial| trial.timing).unwrap_or_default();
        let takes_effect = data::takes_effect(self, &request.references, now)?;
        let at = request.at.or(timing.from).or(takes_effect).unwrap_or(now);
        if at < now {
            return Err(Problem::input("at", "The instant has passed").mend("Name a later one, or none."));
        }
        let (edited, ungranted) = match &request.policy {
            Some(trial) => self.tried(tenant, &stored, &catalog, trial, now).await?,
            None => (stored.clone(), Needs::default()),
        };
        let before = match () {
            () if at == now => self.publisher.current(tenant, now).await,
            () => self.publisher.prepare(&stored, &catalog, at).await.map(Arc::new),
        };
        let before = self.world(tenant, before, &[]).await?;
        let mut after = if request.policy.is_some() {
            let set = self.publisher.prepare(&edited, &catalog, at).await.map(Arc::new);
            self.world(tenant, set, &changes).await?
        } else {
            self.world(tenant, before.set.clone(), &changes).await?
        };
        for change in &changes {
            after.purposes.iter_mut().for_each(|purpose| change.to_purpose(purpose));
        }
        let mut registers = after.registers.as_ref().clone();
        for table in registers.iter_mut().filter(|table| changes.iter().any(|change| change.entity == table.name)) {
            supposed(&changes, Arc::make_mut(table));
        }
        registers.extend(data::tables(self, &request.references, at)?.into_iter().map(Arc::new));
        after.registers = Arc::new(registers);
        let policy = request.policy.as_ref().map(|trial| trial.id.clone());
        Ok(Drill { at, set_version: stored.version, catalog, before, after, ungranted, policy, registers: changes })
    }

    /// `changes` are what is supposed of those who stand behind recipients.
    async fn world(
        &self,
        tenant: &str,
        set: Result<Arc<PublishedSet>, Problem>,
        changes: &[RegisterChange],
    ) -> Result<World, Problem> {
        let set = match set {
            // What is wrong with a set that would decide is nobody's input.
            Err(problem) if problem.code == ErrorCode::PolicyUnavailable || problem.code == ErrorCode::BadUserInput => {
                Err(Problem { code: ErrorCode::PolicyUnavailable, ..problem })
            }
            set => Ok(set?),
        };
        let purposes = register::all_purposes(&self.store, tenant, &self.purpose_fields).await?;
        let state = self.store.current_state(tenant).await.map_err(store_problem)?;
        let asked = set.iter().flat_map(|set| set.asked());
        let kept = self.registers.of(tenant, state.registers);
        let registers = kept.tables(&self.store, &self.catalog, tenant, asked).await?;
        let asked = set.iter().flat_map(|set| set.asked());
        let behind = Behind::supposing(self, tenant, asked, |table| supposed(changes, table)).await?;
        Ok(World { set, registers: Arc::new(registers), behind, purposes })
    }

    /// The set with the change, and what it would have to be granted: a preview comes before the grant.
    async fn tried(
        &self,
        tenant: &str,
        stored: &PolicySet,
        catalog: &TenantCatalog,
        trial: &PolicyTrial,
        now: i64,
    ) -> Result<(PolicySet, Needs), Problem> {
        let mut set = stored.clone();
        let mut demanding = false;
        for action in actions(stored, trial)? {
            demanding |= !matches!(action, Action::SetMode(_) | Action::Rollback | Action::Cancel(_) | Action::Remove);
            let timed = matches!(action, Action::SetMode(_) | Action::SetSettings(_) | Action::Upgrade(..));
            let timing = if timed { trial.timing } else { Timing::default() };
            let order = ChangeRequest { timing, ..ChangeRequest::new(&trial.id, action, 0, "") };
            let edit = self.edit_of(tenant, &set, &order, now).await?;
            let edited = set.edited(&trial.id, &edit, timing, &Needs::default(), now);
            set = edited.map_err(|error| edit_problem(&trial.id, error))?.set;
        }
        let mut ungranted = Needs::default();
        let Some(entry) = set.entry(&trial.id) else { return Ok((set, ungranted)) };
        for at in std::iter::once(now).chain(entry.turns(now)) {
            let then = entry.at(at);
            if then.mode == Mode::Off && !demanding {
                continue;
            }
            let granted = then.granted.clone();
            let active = self.publisher.activate(then, catalog).await?;
            gate::prove(self, tenant, set.version, &active).await?;
            ungranted = ungranted.and(&needs(active.plugin.manifest()).beyond(&granted));
        }
        Ok((set, ungranted))
    }

    /// A recipient of the register.
    pub(super) async fn registered_recipient(&self, caller: &Caller, id: &str) -> Result<Option<Recipient>, Problem> {
        let other = Caller { recipient: Some(id.to_owned()), ..caller.clone() };
        match register::recipient(&self.store, &other, &self.recipient_fields).await {
            Err(problem) if problem.code == ErrorCode::Forbidden => Ok(None),
            found => found,
        }
    }
}

/// A register as it would be.
fn supposed(changes: &[RegisterChange], table: &mut RegisterTable) {
    for change in changes {
        if change.entity == table.name {
            change.to_table(table);
        }
    }
}

/// A trial as the changes that a DPO would make one after the other.
fn actions(set: &PolicySet, trial: &PolicyTrial) -> Result<Vec<Action>, Problem> {
    let named = trial.mode.is_some() || trial.settings.is_some() || trial.version.is_some();
    if let Some(step) = trial.step {
        if named {
            return Err(Problem::input("change", "The change names more than one step")
                .mend("Preview removing, rolling back or calling off by itself."));
        }
        return Ok(vec![match step {
            TrialStep::Remove => Action::Remove,
            TrialStep::Rollback => Action::Rollback,
            TrialStep::Cancel(number) => Action::Cancel(number),
        }]);
    }
    if !named {
        return Err(Problem::input("change", "The change names nothing that would change")
            .mend("Name `mode`, `settings`, `pluginVersion`, `remove`, `rollback` or `cancel`."));
    }
    let mode = trial.mode.map(Action::SetMode);
    let Some(version) = &trial.version else {
        return Ok(trial.settings.clone().map(Action::SetSettings).into_iter().chain(mode).collect());
    };
    if set.entry(&trial.id).is_some() {
        let upgrade = Action::Upgrade(version.clone(), trial.settings.clone());
        return Ok(std::iter::once(upgrade).chain(mode).collect());
    }
    if trial.timing != Timing::default() {
        return Err(edit_problem(&trial.id, garant_domain::policy_set::EditError::Untimed));
    }
    Ok(vec![Action::Add(version.clone(), trial.mode.unwrap_or(Mode::Enforce), trial.settings.clone())])
}
