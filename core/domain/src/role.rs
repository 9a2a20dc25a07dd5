//! Roles: what somebody may do at all, before any policy is asked. A role only narrows: what it grants, the
//! policies may still refuse. Roles are data of a tenant; [`shipped`](Role::shipped) are those it begins with.

mod duty;
mod matrix;
mod shipped;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::catalog::Entity;
use crate::reason::Localised;

pub use duty::Duty;
pub use matrix::matrix;
pub use shipped::{ANY_ENTITY, ANY_ROLE, SHIPPED};

/// What is done with records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Look at them, count and search them.
    Read,
    /// Add new ones.
    Create,
    /// Change them.
    Update,
    /// Put them into the trash, and take them out of it.
    Delete,
    /// Give them to a recipient in a file or by a webhook.
    Export,
    /// Bring them in from a file.
    Import,
    /// Make several one.
    Merge,
}

impl Act {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::Read, Self::Create, Self::Update, Self::Delete, Self::Export, Self::Import, Self::Merge];

    /// The name that people write.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Export => "export",
            Self::Import => "import",
            Self::Merge => "merge",
        }
    }

    /// The act of a name.
    #[must_use]
    pub fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.key() == key)
    }
}

/// On which records something may be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// On none.
    #[default]
    None,
    /// On those that the user owns.
    Own,
    /// On those that somebody of the user's team owns.
    Team,
    /// On all that the policies let through.
    All,
}

impl Scope {
    /// All of them, the narrowest first.
    pub const ALL: [Self; 4] = [Self::None, Self::Own, Self::Team, Self::All];

    /// The name that people write.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Own => "own",
            Self::Team => "team",
            Self::All => "all",
        }
    }

    /// The scope of a name.
    #[must_use]
    pub fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }
}

/// What a role may do with the records of one entity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rights {
    /// On which records each act may be done; on none where it is not named.
    pub acts: BTreeMap<Act, Scope>,
    /// Fields that are not shown.
    #[serde(default)]
    pub hidden_fields: BTreeSet<String>,
    /// Fields that are not written.
    #[serde(default)]
    pub fixed_fields: BTreeSet<String>,
}

impl Rights {
    /// Everything, on all records.
    #[must_use]
    pub fn all() -> Self {
        Self { acts: Act::ALL.into_iter().map(|act| (act, Scope::All)).collect(), ..Self::default() }
    }

    /// On which records an act may be done.
    #[must_use]
    pub fn scope(&self, act: Act) -> Scope {
        self.acts.get(&act).copied().unwrap_or_default()
    }
}

/// What somebody may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Key: `sales`.
    pub key: String,
    /// For people.
    pub label: Localised,
    /// What it may do with records, by entity; `*` stands for those that are not named.
    pub records: BTreeMap<String, Rights>,
    /// What it may administer.
    pub duties: BTreeSet<Duty>,
}

impl Role {
    /// What it may do with the records of an entity.
    #[must_use]
    pub fn rights(&self, entity: &str) -> Rights {
        self.records.get(entity).or_else(|| self.records.get(ANY_ENTITY)).cloned().unwrap_or_default()
    }

    /// On which records of an entity an act may be done. What the catalogue leaves to some roles alone, no
    /// other may write.
    #[must_use]
    pub fn scope(&self, entity: &Entity, act: Act) -> Scope {
        let writes = !matches!(act, Act::Read | Act::Export);
        if writes && !entity.writers.is_empty() && !entity.writers.contains(&self.key) {
            return Scope::None;
        }
        match act {
            Act::Merge if !entity.is_mergeable() => Scope::None,
            Act::Update | Act::Delete if entity.append_only => Scope::None,
            _ => self.rights(&entity.name).scope(act),
        }
    }

    /// Whether it may administer something.
    #[must_use]
    pub fn may(&self, duty: Duty) -> bool {
        self.duties.contains(&duty)
    }

    /// Whether somebody of this role may make somebody else of another one, or act upon them: who may not do
    /// a thing cannot let others do it either.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.duties.iter().all(|duty| self.duties.contains(duty))
    }
}

#[cfg(test)]
mod tests;
