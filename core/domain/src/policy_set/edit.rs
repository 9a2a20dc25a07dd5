//! Changing a set: from one version to the next, as a pure function.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::{Component, Mode, Needs, Patch, PolicyEntry, PolicySet, TimedChange};

/// Changes of one entry that may wait or run at once.
const MAX_CHANGES: usize = 16;

/// What is to be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edit {
    /// Another mode.
    Mode(Mode),
    /// Other settings.
    Settings(Json),
    /// Another version of the plugin, with other settings if given.
    Component {
        /// The code.
        component: Component,
        /// Settings for it, if other than those in force.
        settings: Option<Json>,
    },
    /// A plugin that is not in the set.
    Add {
        /// The code.
        component: Component,
        /// Mode.
        mode: Mode,
        /// Settings.
        settings: Json,
    },
    /// Out of the set.
    Remove,
    /// As it was before its last change.
    Restore(Box<PolicyEntry>),
    /// A change that waits or runs is called off.
    Cancel(i64),
}

/// When a change is in force; nothing given means at once and for good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// Microseconds UTC.
    pub from: Option<i64>,
    /// Microseconds UTC.
    pub until: Option<i64>,
}

/// Why an edit cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EditError {
    /// There is no such plugin in the set.
    Unknown,
    /// The plugin is in the set already.
    Present,
    /// No such change waits or runs.
    NoSuchChange,
    /// It would begin in the past.
    Past,
    /// It would end before it begins.
    NeverInForce,
    /// This kind of change takes effect at once and for good.
    Untimed,
    /// Too many changes wait or run.
    TooMany,
}

/// The next version of a set.
#[derive(Clone, Debug, PartialEq)]
pub struct Edited {
    /// The set.
    pub set: PolicySet,
    /// What was done, for the history.
    pub what: &'static str,
    /// Before, in force when the change was made.
    pub before: Json,
    /// After, while the change is in force.
    pub after: Json,
}

impl PolicySet {
    /// The next version, with one policy changed.
    ///
    /// # Errors
    ///
    /// Why it cannot be.
    pub fn edited(&self, id: &str, edit: &Edit, timing: Timing, grant: &Needs, now: i64) -> Result<Edited, EditError> {
        let version = self.version + 1;
        let patchable = matches!(edit, Edit::Mode(_) | Edit::Settings(_) | Edit::Component { .. });
        if !patchable && timing != Timing::default() {
            return Err(EditError::Untimed);
        }
        let old = self.entry(id);
        let known = old.ok_or(EditError::Unknown);
        let current = old.map(|entry| entry.at(now));
        let seen = |part: fn(&PolicyEntry) -> Json| current.as_ref().map_or(Json::Null, part);
        let component = |entry: &PolicyEntry| json!({"digest": entry.digest, "plugin_version": entry.plugin_version});
        let (entry, what, before, after) = match edit {
            Edit::Mode(mode) => {
                let patch = Patch { mode: Some(*mode), ..Patch::default() };
                let entry = known?.patched(patch, timing, version, now)?;
                (Some(entry), "mode", seen(|entry| json!(entry.mode)), json!(mode))
            }
            Edit::Settings(settings) => {
                let patch = Patch { settings: Some(settings.clone()), ..Patch::default() };
                let entry = known?.patched(patch, timing, version, now)?;
                (Some(entry), "settings", seen(|entry| entry.settings.clone()), settings.clone())
            }
            Edit::Component { component: code, settings } => {
                let patch = Patch { component: Some(code.clone()), settings: settings.clone(), mode: None };
                let entry = known?.patched(patch, timing, version, now)?;
                (Some(entry), "component", seen(component), json!(code))
            }
            Edit::Add { component, mode, settings } => {
                if old.is_some() {
                    return Err(EditError::Present);
                }
                let entry = PolicyEntry {
                    id: id.to_owned(),
                    digest: component.digest.clone(),
                    plugin_version: component.plugin_version.clone(),
                    mode: *mode,
                    settings: settings.clone(),
                    // Past every version that an earlier entry of this id may have had.
                    version,
                    granted: Needs::default(),
                    changes: vec![],
                };
                let after = json!(entry);
                (Some(entry), "added", Json::Null, after)
            }
            Edit::Remove => (None, "removed", json!(known?), Json::Null),
            Edit::Restore(before) => {
                let mut entry = before.settled(now);
                entry.granted = old.map_or(entry.granted.clone(), |old| entry.granted.and(&old.granted));
                let after = json!(entry);
                (Some(entry), "rollback", old.map_or(Json::Null, |old| json!(old)), after)
            }
            Edit::Cancel(number) => {
                let mut entry = known?.settled(now);
                let place = entry.changes.iter().position(|change| change.number == *number);
                let gone = entry.changes.remove(place.ok_or(EditError::NoSuchChange)?);
                (Some(entry), "cancelled", json!(gone), Json::Null)
            }
        };
        let mut set = Self { version, entries: self.entries.clone() };
        set.entries.retain(|entry| entry.id != id);
        if let Some(mut entry) = entry {
            entry.version = old.map_or(version, |old| old.version + 1);
            entry.granted = entry.granted.and(grant);
            set.entries.push(entry);
            set.entries.sort_by(|a, b| a.id.cmp(&b.id));
        }
        Ok(Edited { set, what, before, after })
    }
}

impl PolicyEntry {
    fn patched(&self, patch: Patch, timing: Timing, number: i64, now: i64) -> Result<Self, EditError> {
        let from = timing.from.unwrap_or(now);
        if from < now {
            return Err(EditError::Past);
        }
        if timing.until.is_some_and(|until| until <= from) {
            return Err(EditError::NeverInForce);
        }
        let mut entry = self.clone();
        entry.changes.push(TimedChange { number, from, until: timing.until, patch });
        let entry = entry.settled(now);
        if entry.changes.len() > MAX_CHANGES {
            return Err(EditError::TooMany);
        }
        Ok(entry)
    }
}
