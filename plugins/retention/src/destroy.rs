//! Retention, the destroying side: what is past its active period goes to sleep, what is past the archive
//! period is erased or made anonymous. A hold stops all of it.

use garant_plugin_sdk::prelude::*;

use crate::{Retention, kind, older, since_last_contact};

/// From when a period counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trigger {
    /// The last act of the person or, without one, the collection.
    LastContact,
    /// The end of the relation; while it lasts there is nothing to count from.
    RelationEnd,
    /// The collection.
    Collection,
}

/// What happens when all periods are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Erase,
    Anonymise,
}

/// When people of a kind go.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Period {
    /// Kind of person.
    pub kind: String,
    /// From when it counts.
    pub trigger: Trigger,
    /// Months after which the person sleeps.
    pub active_months: i32,
    /// Months of sleep; none where the end comes at once.
    pub archive_months: i32,
    /// What comes at the end.
    pub action: Action,
}

impl Period {
    pub(crate) fn new(kind: &str, trigger: Trigger, active_months: i32, archive_months: i32) -> Self {
        Self { kind: kind.to_owned(), trigger, active_months, archive_months, action: Action::Erase }
    }

    /// Longer ago than the months.
    fn over(&self, months: i32) -> Cond {
        let past = match self.trigger {
            Trigger::LastContact => since_last_contact(months),
            Trigger::RelationEnd => older(fact("subject.relation_end_at", []), months),
            Trigger::Collection => older(fact("subject.collected_at", []), months),
        };
        kind().eq(self.kind.as_str()).and(past)
    }
}

/// The rules on an entity at the hook of retention. Conditions that are unknown destroy nothing.
pub(crate) fn rules(policy: &Retention, entity: &str) -> Vec<Rule> {
    let held = || Rule::hold(fact("subject.on_legal_hold", []).is_true()).code("RET-05");
    match entity {
        "contact" => policy.periods.iter().flat_map(|period| of(policy, period)).chain([held()]).collect(),
        "consent_event" => vec![proof_is_over(policy), suppressed(), held()],
        "activity" => policy.activity_months.map(activity_is_over).into_iter().chain([held()]).collect(),
        // What merely points at people goes with them.
        _ => vec![held()],
    }
}

fn of(policy: &Retention, period: &Period) -> Vec<Rule> {
    let end = period.over(period.active_months.saturating_add(period.archive_months));
    let end = match period.action {
        Action::Erase => Rule::erase(end),
        Action::Anonymise => Rule::anonymise(end),
    };
    let mut rules = vec![end.code("RET-02")];
    if period.archive_months > 0 {
        let woken = || fact("subject.woken_at", []);
        let rested = any([woken().is_null(), all([!woken().is_null(), older(woken(), policy.woken_months)])]);
        rules.push(Rule::make_dormant(period.over(period.active_months).and(rested)).code("RET-02"));
    }
    rules
}

/// Whose record is gone left proof behind, and its time is over too. An objection stays: it is the
/// suppression entry of whoever made it.
fn proof_is_over(policy: &Retention) -> Rule {
    let over = older(field("happened_at"), policy.proof_months);
    Rule::erase(all([gone(), over])).code("RET-07")
}

fn suppressed() -> Rule {
    let kept = all([!field("state").is_null(), field("state").one_of(["objected", "objection_overridden"])]);
    Rule::hold(all([gone(), kept])).code("RET-08")
}

fn gone() -> Cond {
    all([kind().is_null(), fact("subject.collected_at", []).is_null()])
}

fn activity_is_over(months: i32) -> Rule {
    Rule::erase(older(field("happened_at"), months)).code("RET-02")
}
