//! What several rules ask, said once. It is checked where it is said, and stands in a rule for all of its
//! nodes: a rule is as long and as deep as if it said them itself, so that nothing small can unfold into
//! something that no database would bear.

use std::sync::Arc;

use super::{Body, CheckEnv, Expr, Item, Node, RuleError, RuleProblem, Stack};

/// Definitions of a plan, in their order.
#[derive(Debug, Default)]
pub struct Definitions(Vec<Definition>);

#[derive(Debug)]
struct Definition {
    body: Body,
    depth: usize,
    /// Nodes, those of the definitions in it too.
    nodes: usize,
}

impl Definitions {
    /// Adds the next definition; it may name those before it.
    ///
    /// # Errors
    /// The first node that does not fit, and why; or that the nodes push anything but one value or condition.
    pub fn add(&mut self, nodes: Vec<Node>, env: &CheckEnv<'_>) -> Result<(), RuleError> {
        let (end, count) = (nodes.len(), self.length(&nodes)?);
        let mut stack = Stack { items: Vec::new() };
        stack.read(nodes, self, env)?;
        let left = stack.items.len();
        match (stack.items.pop(), left) {
            (Some(Item { body, depth }), 1) => {
                let body = match body {
                    Body::Condition(expr) => Body::Condition(Expr::Shared(Arc::new(expr))),
                    term => term,
                };
                // What is pushed counts itself.
                self.0.push(Definition { body, depth: depth.saturating_sub(1), nodes: count });
                Ok(())
            }
            _ => Err(RuleError { node: end, problem: RuleProblem::LeftOver(left) }),
        }
    }

    /// How many nodes these are with all that they name.
    ///
    /// # Errors
    /// `TooLong`.
    pub(super) fn length(&self, nodes: &[Node]) -> Result<usize, RuleError> {
        let of_node = |node: &Node| match node {
            Node::Shared(place) => self.get(*place).map_or(1, |definition| definition.nodes),
            _ => 1,
        };
        let count = nodes.iter().map(of_node).sum();
        if count > super::MAX_NODES {
            return Err(RuleError { node: nodes.len(), problem: RuleProblem::TooLong(count) });
        }
        Ok(count)
    }

    /// What a definition pushes, and how deep it is.
    pub(super) fn push(&self, place: u32) -> Result<(Body, usize), RuleProblem> {
        let unknown = || RuleProblem::Unknown { kind: "shared condition", name: place.to_string() };
        let definition = self.get(place).ok_or_else(unknown)?;
        Ok((definition.body.clone(), definition.depth))
    }

    fn get(&self, place: u32) -> Option<&Definition> {
        self.0.get(usize::try_from(place).ok()?)
    }
}
