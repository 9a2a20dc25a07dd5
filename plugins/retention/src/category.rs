//! Periods that are shorter than the person's: of a category of data, a kind of person and a purpose. Past it
//! the fields read as null, and the person stays.

use garant_plugin_sdk::prelude::*;

use crate::destroy::Trigger;
use crate::{kind, older, since_last_contact};

/// How long data of a category may be read.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryPeriod {
    /// Data category, with all below it.
    pub category: String,
    /// Kind of person; empty for every kind.
    #[serde(default)]
    pub kind: String,
    /// Purpose, with all below it; empty for every purpose.
    #[serde(default)]
    pub purpose: String,
    /// From when it counts.
    pub trigger: Trigger,
    /// Months.
    pub months: i32,
}

impl CategoryPeriod {
    /// The mask for a purpose; `None` where the period is of another one.
    pub(crate) fn rule(&self, purpose: &str) -> Option<Rule> {
        if !self.purpose.is_empty() && !covers(&self.purpose, purpose) {
            return None;
        }
        let of_kind = if self.kind.is_empty() { Cond::always() } else { kind().eq(self.kind.as_str()) };
        let over = match self.trigger {
            Trigger::LastContact => since_last_contact(self.months),
            Trigger::Collection => older(fact("subject.collected_at", []), self.months),
            // While the relation lasts there is nothing to count from.
            Trigger::RelationEnd => {
                let end = || fact("subject.relation_end_at", []);
                all([!end().is_null(), older(end(), self.months)])
            }
        };
        Some(Rule::mask(of_kind.and(over), category(&self.category)).code("RET-02"))
    }
}
