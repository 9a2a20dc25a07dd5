//! Why a condition of a plugin was not understood: for its author, so it names the node and what was
//! expected there.

use super::{MAX_DEPTH, MAX_NODES};

/// Why a condition was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("node {node}: {problem}")]
pub struct RuleError {
    /// Index of the node, from 0; the number of nodes for what is wrong at the end.
    pub node: usize,
    /// What is wrong there.
    pub problem: RuleProblem,
}

/// What is wrong with a node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleProblem {
    /// Too many nodes.
    #[error("a condition has at most {MAX_NODES} nodes, this one has {0}")]
    TooLong(usize),
    /// Nested too deeply.
    #[error("a condition is at most {MAX_DEPTH} deep")]
    TooDeep,
    /// An operator without its operands.
    #[error("`{operator}` needs {needed} operands, the stack holds {found}")]
    Underflow {
        /// The operator.
        operator: &'static str,
        /// How many it pops.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// More than one result.
    #[error("the condition leaves {0} results, one is expected")]
    LeftOver(usize),
    /// Not in the manifest.
    #[error("{kind} `{name}` is not declared in the manifest")]
    Undeclared {
        /// `field`, `fact` or `context attribute`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// Does not exist.
    #[error("there is no {kind} `{name}`")]
    Unknown {
        /// `field`, `fact`, `context attribute` or `shared condition`.
        kind: &'static str,
        /// Its name, or its place.
        name: String,
    },
    /// A hop over a field that refers to nothing.
    #[error("field `{0}` is no reference")]
    NotAReference(String),
    /// Wrong arguments of a fact.
    #[error("fact `{name}` takes {expected} arguments that are not empty, got {found}")]
    Arguments {
        /// The fact.
        name: String,
        /// How many it takes.
        expected: usize,
        /// How many that are not empty were given.
        found: usize,
    },
    /// A wrong type.
    #[error("`{operator}` expects {expected}, got {found}")]
    Type {
        /// The operator.
        operator: &'static str,
        /// What it takes.
        expected: String,
        /// What it got.
        found: String,
    },
    /// A null in a list of values.
    #[error("a list of values holds no null; use `is-null`")]
    NullInList,
    /// Calendar arithmetic against something that differs from row to row.
    #[error("a moved date may only be compared with a term without fields and facts")]
    MovedAgainstRow,
}
