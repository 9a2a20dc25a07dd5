//! What of an entry is in force when. Of the changes in force, the one that began last wins, each
//! for what it changes; where none is in force, the entry itself. So a change that ends gives way
//! to what was before it, and nobody has to do anything at that instant.

use serde::{Deserialize, Serialize};

use super::{Mode, PolicyEntry};

/// A plugin's code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// SHA-256 of the component, hex.
    pub digest: String,
    /// Version that the plugin names itself.
    pub plugin_version: String,
}

/// What a change changes; the rest stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Patch {
    /// Another mode.
    pub mode: Option<Mode>,
    /// Other settings.
    pub settings: Option<serde_json::Value>,
    /// Another version of the plugin.
    pub component: Option<Component>,
}

/// A change with its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimedChange {
    /// The set version that made it: its number for people, and the later of two that begin together.
    pub number: i64,
    /// Microseconds UTC.
    pub from: i64,
    /// Microseconds UTC; the change is no longer in force at this instant.
    pub until: Option<i64>,
    /// What it changes.
    pub patch: Patch,
}

impl TimedChange {
    fn is_in_force(&self, now: i64) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }

    fn rank(&self) -> (i64, i64) {
        (self.from, self.number)
    }
}

impl Patch {
    fn is_empty(&self) -> bool {
        self.mode.is_none() && self.settings.is_none() && self.component.is_none()
    }
}

impl PolicyEntry {
    /// The entry as it is in force at an instant, without its changes.
    #[must_use]
    pub fn at(&self, now: i64) -> Self {
        let mut entry = Self { changes: vec![], ..self.clone() };
        let mut changes: Vec<&TimedChange> = self.changes.iter().filter(|change| change.is_in_force(now)).collect();
        changes.sort_by_key(|change| change.rank());
        for change in changes {
            entry.put(change.patch.clone());
        }
        entry
    }

    /// The instants after `now` at which something begins or ends by itself, in order.
    #[must_use]
    pub fn turns(&self, now: i64) -> Vec<i64> {
        let ends = self.changes.iter().flat_map(|change| [Some(change.from), change.until]).flatten();
        let mut turns: Vec<i64> = ends.filter(|at| *at > now).collect();
        turns.sort_unstable();
        turns.dedup();
        turns
    }

    /// The same entry for `now` and every later instant, without what has ended or can never win
    /// again.
    #[must_use]
    pub fn settled(&self, now: i64) -> Self {
        let mut entry = self.clone();
        entry.changes.retain(|change| change.until.is_none_or(|until| now < until));
        entry.settle(now, |patch| patch.mode.take().map(|mode| Patch { mode: Some(mode), ..Patch::default() }));
        entry.settle(now, |patch| patch.settings.take().map(|it| Patch { settings: Some(it), ..Patch::default() }));
        entry.settle(now, |patch| patch.component.take().map(|it| Patch { component: Some(it), ..Patch::default() }));
        entry.changes.retain(|change| !change.patch.is_empty());
        entry
    }

    /// For one aspect: the last change that stays for good becomes the entry's own, and what it
    /// outranks for ever goes.
    fn settle(&mut self, now: i64, take: impl Fn(&mut Patch) -> Option<Patch>) {
        let lasting = self
            .changes
            .iter()
            .filter(|change| change.until.is_none() && change.from <= now && take(&mut change.patch.clone()).is_some())
            .map(TimedChange::rank)
            .max();
        let Some(lasting) = lasting else { return };
        let mut own = None;
        for change in self.changes.iter_mut().filter(|change| change.rank() <= lasting) {
            let rank = change.rank();
            let taken = take(&mut change.patch);
            if rank == lasting {
                own = taken;
            }
        }
        if let Some(own) = own {
            self.put(own);
        }
    }

    fn put(&mut self, patch: Patch) {
        if let Some(mode) = patch.mode {
            self.mode = mode;
        }
        if let Some(settings) = patch.settings {
            self.settings = settings;
        }
        if let Some(component) = patch.component {
            self.digest = component.digest;
            self.plugin_version = component.plugin_version;
        }
    }
}
