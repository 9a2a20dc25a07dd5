//! Rules: when, what, on what, why.

use std::ops::{BitOr, Not};

use crate::expr::{Cond, Term};
use crate::shared::Sharing;
use crate::wit::types::{self, Duty, Effect, FactCall, JudgeRequest, Mask, Node, PlanOutput, Selector, Verdict};

/// What a rule touches. Targets join with `|`, and `!` means every other field.
#[derive(Clone, Debug)]
pub struct Target(types::Target);

fn one(selector: Selector) -> Target {
    Target(types::Target { selectors: vec![selector], complement: false })
}

/// The record itself.
#[must_use]
pub fn row() -> Target {
    one(Selector::Row)
}

/// A field by name.
#[must_use]
pub fn named(field: &str) -> Target {
    one(Selector::Field(field.to_owned()))
}

/// A data category and all below it: `user.contact` covers `user.contact.email`.
#[must_use]
pub fn category(key: &str) -> Target {
    one(Selector::Category(key.to_owned()))
}

/// Fields of a special kind: `art9`, `art10`, `national_id`.
#[must_use]
pub fn special(kind: &str) -> Target {
    one(Selector::Special(kind.to_owned()))
}

/// Fields that identify a person by themselves.
#[must_use]
pub fn direct_identifiers() -> Target {
    one(Selector::DirectIdentifiers)
}

/// Fields into which people may write anything.
#[must_use]
pub fn free_text() -> Target {
    one(Selector::FreeText)
}

/// Fields that a channel needs: `email`, `phone`, `post`.
#[must_use]
pub fn channel(name: &str) -> Target {
    one(Selector::Channel(name.to_owned()))
}

/// Every personal field.
#[must_use]
pub fn personal() -> Target {
    one(Selector::Personal)
}

impl BitOr for Target {
    type Output = Self;

    fn bitor(mut self, other: Self) -> Self {
        self.0.selectors.extend(other.0.selectors);
        self
    }
}

impl Not for Target {
    type Output = Self;

    fn not(mut self) -> Self {
        self.0.complement = !self.0.complement;
        self
    }
}

/// A rule. Give it a reason code of the manifest with [`Rule::code`].
#[derive(Clone, Debug)]
pub struct Rule {
    when: Cond,
    /// All but the condition.
    rest: types::Rule,
}

impl Rule {
    fn new(when: Cond, effect: Effect, target: Target) -> Self {
        let rest = types::Rule { when: vec![], effect, target: target.0, code: String::new(), duties: vec![] };
        Self { when, rest }
    }

    /// Changes nothing; says in explanations and cases why something is allowed.
    #[must_use]
    pub fn allow(when: Cond) -> Self {
        Self::new(when, Effect::Allow, row())
    }

    /// Allowed, and noted.
    #[must_use]
    pub fn flag(when: Cond) -> Self {
        Self::new(when, Effect::Flag, row())
    }

    /// The fields read as null.
    #[must_use]
    pub fn mask(when: Cond, target: Target) -> Self {
        Self::new(when, Effect::Mask(Mask::None), target)
    }

    /// The fields read as null, and this is shown beside them.
    #[must_use]
    pub fn mask_as(when: Cond, target: Target, mask: Mask) -> Self {
        Self::new(when, Effect::Mask(mask), target)
    }

    /// The record is absent.
    #[must_use]
    pub fn hide(when: Cond) -> Self {
        Self::new(when, Effect::Hide, row())
    }

    /// The whole request is refused. The condition may depend on the context and the clock alone.
    #[must_use]
    pub fn refuse(when: Cond) -> Self {
        Self::new(when, Effect::Refuse, row())
    }

    /// Aggregates over fewer records are withheld.
    #[must_use]
    pub fn min_group(when: Cond, records: u32) -> Self {
        Self::new(when, Effect::MinGroup(records), row())
    }

    /// A write of the target is rejected.
    #[must_use]
    pub fn reject(when: Cond, target: Target) -> Self {
        Self::new(when, Effect::Reject, target)
    }

    /// Moved to the archive, where the condition is true (hook `retention`).
    #[must_use]
    pub fn make_dormant(when: Cond) -> Self {
        Self::new(when, Effect::MakeDormant, row())
    }

    /// Made anonymous, where the condition is true (hook `retention`).
    #[must_use]
    pub fn anonymise(when: Cond) -> Self {
        Self::new(when, Effect::Anonymise, row())
    }

    /// Erased, where the condition is true (hook `retention`).
    #[must_use]
    pub fn erase(when: Cond) -> Self {
        Self::new(when, Effect::Erase, row())
    }

    /// Stops every destroying rule, unless the condition is false (hook `retention`).
    #[must_use]
    pub fn hold(when: Cond) -> Self {
        Self::new(when, Effect::Hold, row())
    }

    /// The reason, by its code in the manifest.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        code.clone_into(&mut self.rest.code);
        self
    }

    /// Opens a task of this kind, once.
    #[must_use]
    pub fn task(mut self, kind: &str) -> Self {
        self.rest.duties.push(Duty::Task(kind.to_owned()));
        self
    }

    /// Raises an alarm of this kind, once.
    #[must_use]
    pub fn alarm(mut self, kind: &str) -> Self {
        self.rest.duties.push(Duty::Alarm(kind.to_owned()));
        self
    }

    /// Freezes flows of this kind, once.
    #[must_use]
    pub fn freeze(mut self, kind: &str) -> Self {
        self.rest.duties.push(Duty::Freeze(kind.to_owned()));
        self
    }
}

/// The rules for one context. Their order does not matter: the strongest effect wins.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    rules: Vec<Rule>,
    judge: Option<JudgeRequest>,
}

impl Plan {
    /// No rule: everything is allowed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.push(rule);
        self
    }

    /// Adds rules.
    #[must_use]
    pub fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.rules.extend(rules);
        self
    }

    /// Adds a rule in place.
    pub fn push(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    /// Asks the host to call [`crate::Policy::judge`] with these columns. The verdicts are rules
    /// whose conditions are ignored: `judge` answers with their number, counted from one.
    #[must_use]
    pub fn judge<const N: usize>(mut self, terms: [Term; N], verdicts: impl IntoIterator<Item = Rule>) -> Self {
        let (mut fields, mut facts): (Vec<String>, Vec<FactCall>) = (vec![], vec![]);
        for node in terms.into_iter().flat_map(Term::into_nodes) {
            match node {
                Node::Field(name) => fields.push(name),
                Node::Fact(call) => facts.push(call),
                // Only fields and facts are columns; anything else would have no name.
                _ => {}
            }
        }
        let verdicts = verdicts.into_iter().map(|rule| rule.rest);
        let verdicts = verdicts.map(|rule| Verdict { effect: rule.effect, target: rule.target, code: rule.code });
        self.judge = Some(JudgeRequest { fields, facts, verdicts: verdicts.collect() });
        self
    }

    pub(crate) fn into_output(self) -> PlanOutput {
        let mut sharing = Sharing::default();
        let rules = self.rules.into_iter();
        let rules = rules.map(|Rule { when, rest }| types::Rule { when: sharing.nodes(when.0), ..rest }).collect();
        PlanOutput { shared: sharing.into_shared(), rules, judge: self.judge }
    }
}
