//! Conditions as trees whose branches may hang in several rules. Postfix nodes are made of them when the
//! plan is sent: a branch that hangs in more than one place is said once, and named elsewhere.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::wit::types::Node;

/// A condition: its parts, then nodes of its own.
#[derive(Clone)]
pub(crate) struct Branch(Rc<Inner>);

#[derive(Default)]
struct Inner {
    parts: Vec<Branch>,
    own: Vec<Node>,
    /// Where it was said, and in the sending of which plan.
    said: Cell<Option<(u64, u32)>>,
}

impl Branch {
    /// A condition without parts.
    pub(crate) fn leaf(own: Vec<Node>) -> Self {
        Self::over_nodes(vec![], own)
    }

    /// An operator over its parts.
    pub(crate) fn over(parts: Vec<Self>, operator: Node) -> Self {
        Self::over_nodes(parts, vec![operator])
    }

    fn over_nodes(parts: Vec<Self>, own: Vec<Node>) -> Self {
        Self(Rc::new(Inner { parts, own, said: Cell::new(None) }))
    }

    /// All nodes in postfix order, nothing shared.
    pub(crate) fn nodes(&self) -> Vec<Node> {
        let mut nodes: Vec<Node> = self.0.parts.iter().flat_map(Self::nodes).collect();
        nodes.extend(self.0.own.iter().cloned());
        nodes
    }
}

impl std::fmt::Debug for Branch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.nodes().fmt(f)
    }
}

impl PartialEq for Branch {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.nodes() == other.nodes()
    }
}

/// The sending of one plan.
pub(crate) struct Sharing {
    /// A branch that is kept from one plan to the next was said in neither place of the other.
    plan: u64,
    shared: Vec<Vec<Node>>,
}

impl Default for Sharing {
    fn default() -> Self {
        static PLANS: AtomicU64 = AtomicU64::new(0);
        Self { plan: PLANS.fetch_add(1, Ordering::Relaxed), shared: vec![] }
    }
}

impl Sharing {
    /// The nodes of a rule's condition.
    pub(crate) fn nodes(&mut self, branch: Branch) -> Vec<Node> {
        let mut nodes = vec![];
        self.say(branch, &mut nodes);
        nodes
    }

    /// What was said once for several rules.
    pub(crate) fn into_shared(self) -> Vec<Vec<Node>> {
        self.shared
    }

    fn say(&mut self, branch: Branch, into: &mut Vec<Node>) {
        match Rc::try_unwrap(branch.0) {
            Ok(inner) if inner.said.get().is_none_or(|(plan, _)| plan != self.plan) => {
                for part in inner.parts {
                    self.say(part, into);
                }
                into.extend(inner.own);
            }
            Ok(inner) => self.name(&inner, into),
            Err(held) => self.name(&held, into),
        }
    }

    /// Names a branch that hangs in several places, after saying it if it is the first of them.
    fn name(&mut self, branch: &Inner, into: &mut Vec<Node>) {
        let place = match branch.said.get() {
            Some((plan, place)) if plan == self.plan => place,
            _ => {
                let mut nodes = vec![];
                self.tell(branch, &mut nodes);
                let place = u32::try_from(self.shared.len()).unwrap_or(u32::MAX);
                self.shared.push(nodes);
                branch.said.set(Some((self.plan, place)));
                place
            }
        };
        into.push(Node::Shared(place));
    }

    /// Says a branch without taking it: it hangs somewhere else too.
    fn tell(&mut self, branch: &Inner, into: &mut Vec<Node>) {
        for Branch(part) in &branch.parts {
            let said = part.said.get().is_some_and(|(plan, _)| plan == self.plan);
            if said || Rc::strong_count(part) > 1 {
                self.name(part, into);
            } else {
                self.tell(part, into);
            }
        }
        into.extend(branch.own.iter().cloned());
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;
    use crate::wit::types::Node;

    fn sent(plan: Plan) -> (Vec<Vec<Node>>, Vec<Vec<Node>>) {
        let output = plan.into_output();
        (output.shared, output.rules.into_iter().map(|rule| rule.when).collect())
    }

    fn own() -> Node {
        Node::Field("own_customer".to_owned())
    }

    #[test]
    fn what_hangs_in_two_rules_is_said_once_with_all_below_it() {
        let french = all([!field("country").is_null(), field("country").eq("FR")]);
        let both = all([french.clone(), field("own_customer").is_true()]);
        let length = french.0.nodes().len();
        let (shared, rules) = sent(Plan::new().rule(Rule::hide(french.clone())).rule(Rule::hide(both)));
        drop(french);
        assert_eq!(shared.len(), 1);
        assert_eq!(shared[0].len(), length);
        assert_eq!(rules, [vec![Node::Shared(0)], vec![Node::Shared(0), own(), Node::All(2)]]);
    }

    #[test]
    fn what_hangs_in_one_rule_stays_there() {
        let rule = |code| Rule::hide(all([field("own_customer").is_true()])).code(code);
        let (shared, rules) = sent(Plan::new().rule(rule("A")).rule(rule("B")));
        assert_eq!(shared, Vec::<Vec<Node>>::new());
        assert_eq!(rules, [vec![own(), Node::All(1)], vec![own(), Node::All(1)]]);
    }

    #[test]
    fn a_condition_that_is_kept_is_said_anew_in_each_plan() {
        let kept = field("own_customer").is_true();
        let plan = || Plan::new().rule(Rule::hide(kept.clone())).rule(Rule::flag(!kept.clone()));
        assert_eq!(sent(plan()), sent(plan()));
        let (shared, rules) = sent(Plan::new().rule(Rule::hide(kept)));
        assert_eq!((shared, rules), (vec![], vec![vec![own()]]));
    }
}
