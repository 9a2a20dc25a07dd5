//! What a plugin asks to see and to decide on, and what the DPO granted it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Stands for every entity.
const EVERY_ENTITY: &str = "*";

/// Names by kind: what a plugin's manifest asks for, or what was granted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Needs {
    /// Hooks: `read`, `write`, `transfer`, `retention`.
    pub hooks: BTreeSet<String>,
    /// Entities.
    pub entities: BTreeSet<String>,
    /// Fields of records.
    pub fields: BTreeSet<String>,
    /// Facts about people.
    pub facts: BTreeSet<String>,
    /// Attributes of the request that planning sees.
    pub attributes: BTreeSet<String>,
    /// Attributes of the request that rules may use.
    pub bound_attributes: BTreeSet<String>,
    /// Reference tables.
    pub references: BTreeSet<String>,
}

impl Needs {
    /// What is asked for here and not granted there.
    #[must_use]
    pub fn beyond(&self, granted: &Self) -> Self {
        let rest = |asked: &BTreeSet<String>, granted: &BTreeSet<String>| asked.difference(granted).cloned().collect();
        let entities = if granted.entities.contains(EVERY_ENTITY) {
            BTreeSet::new()
        } else {
            rest(&self.entities, &granted.entities)
        };
        Self {
            hooks: rest(&self.hooks, &granted.hooks),
            entities,
            fields: rest(&self.fields, &granted.fields),
            facts: rest(&self.facts, &granted.facts),
            attributes: rest(&self.attributes, &granted.attributes),
            bound_attributes: rest(&self.bound_attributes, &granted.bound_attributes),
            references: rest(&self.references, &granted.references),
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let both = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.union(b).cloned().collect();
        Self {
            hooks: both(&self.hooks, &other.hooks),
            entities: both(&self.entities, &other.entities),
            fields: both(&self.fields, &other.fields),
            facts: both(&self.facts, &other.facts),
            attributes: both(&self.attributes, &other.attributes),
            bound_attributes: both(&self.bound_attributes, &other.bound_attributes),
            references: both(&self.references, &other.references),
        }
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names().is_empty()
    }

    /// Every name with its kind, for people: `fact subject.country`.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let kinds = [
            ("hook", &self.hooks),
            ("entity", &self.entities),
            ("field", &self.fields),
            ("fact", &self.facts),
            ("attribute", &self.attributes),
            ("bound attribute", &self.bound_attributes),
            ("reference", &self.references),
        ];
        kinds.iter().flat_map(|(kind, names)| names.iter().map(move |name| format!("{kind} {name}"))).collect()
    }
}
