//! The rule language. [`Expr`] is what a plugin says, type-checked; [`Cond`] is what is left of it
//! once the request is known, and the only thing that SQL and the native evaluator read.

mod bind;
mod change;
mod check;
mod eval;
mod trace;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use bind::{BindEnv, bind, conjunction, disjunction, negation};
pub use change::{Allowed, Change, Space, smallest_changes};
pub use check::{CheckEnv, Definitions, MAX_DEPTH, MAX_NODES, Node, RuleError, RuleProblem, parse, parse_with};
pub use eval::{RowView, evaluate};
pub use trace::{Join, Trace, trace};

use crate::value::Value;

/// Where rules apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hook {
    /// Reading a record.
    Read,
    /// Creating or changing a record.
    Write,
    /// Disclosing a record to a recipient.
    Transfer,
    /// Destroying or archiving a record that is due.
    Retention,
}

/// Calendar months (clamped to the month's last day), then days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// Months, may be negative.
    pub months: i32,
    /// Days, may be negative.
    pub days: i32,
}

/// A fact with its arguments, such as `consent.status(marketing, email)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FactCall {
    /// The registered name, see [`crate::fact`].
    pub name: String,
    /// Literal arguments.
    pub args: Vec<String>,
}

impl std::fmt::Display for FactCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name)?;
        if self.args.is_empty() { Ok(()) } else { write!(f, "({})", self.args.join(",")) }
    }
}

/// A comparison of two values of one type; unknown when either is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CompareOp {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
}

/// Something that has a value, before the request is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Term {
    /// A field of the record.
    Field(String),
    /// A field one reference away.
    Related {
        /// The reference field of this record.
        via: String,
        /// The field there.
        field: String,
    },
    /// A fact about the data subject.
    Fact(FactCall),
    /// A context attribute bound per request.
    Context(String),
    /// A constant.
    Literal(Value),
    /// The instant of the request.
    Now,
    /// The civil date of the request in the tenant's zone.
    Today,
    /// A date or an instant moved by a period, in the tenant's zone.
    Plus(Box<Term>, Period),
    /// The civil date of an instant in the tenant's zone.
    LocalDate(Box<Term>),
}

/// A type-checked condition in three-valued logic.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Expr {
    /// `a op b`.
    Compare(CompareOp, Term, Term),
    /// A boolean term as it stands.
    Is(Term),
    /// Whether the term is one of the values.
    OneOf(Term, Vec<Value>),
    /// Whether the term is null; never unknown.
    IsNull(Term),
    /// Whether dotted key `a` equals `b` or is an ancestor of it.
    Covers(Term, Term),
    /// Conjunction; true when empty.
    All(Vec<Expr>),
    /// Disjunction; false when empty.
    Any(Vec<Expr>),
    /// Negation.
    Not(Box<Expr>),
    /// A condition that several rules ask.
    Shared(Arc<Expr>),
}

/// Something that has a value in a row, once the request is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operand {
    /// A field of the record.
    Field(String),
    /// A field one reference away.
    Related {
        /// The reference field of this record.
        via: String,
        /// The field there.
        field: String,
    },
    /// A fact about the data subject.
    Fact(FactCall),
    /// A constant.
    Literal(Value),
}

/// A bound condition: no clock, no context, no calendar left in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cond {
    /// Known from the request alone; `None` is unknown.
    Const(Option<bool>),
    /// `a op b`.
    Compare(CompareOp, Operand, Operand),
    /// A boolean operand as it stands.
    Is(Operand),
    /// Whether the operand is one of the values.
    OneOf(Operand, Vec<Value>),
    /// Whether the operand is null; never unknown.
    IsNull(Operand),
    /// Whether dotted key `a` equals `b` or is an ancestor of it.
    Covers(Operand, Operand),
    /// Conjunction.
    All(Vec<Cond>),
    /// Disjunction.
    Any(Vec<Cond>),
    /// Negation.
    Not(Box<Cond>),
}

impl Cond {
    /// The constant value, if the condition depends on the request alone.
    #[must_use]
    pub fn as_const(&self) -> Option<Option<bool>> {
        match self {
            Self::Const(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether this condition contains every part of the other, as conjunctions: where the other is
    /// false, so is this one. Sufficient, not necessary.
    #[must_use]
    pub fn narrows(&self, other: &Self) -> bool {
        let parts = self.conjuncts();
        other.conjuncts().iter().all(|part| parts.contains(part))
    }

    fn conjuncts(&self) -> &[Self] {
        match self {
            Self::All(parts) => parts,
            _ => std::slice::from_ref(self),
        }
    }
}

/// What is shown in place of a masked value: the field reads as null, a partial value is shown
/// beside it as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mask {
    /// Nothing.
    None,
    /// The last n characters.
    KeepLast(u32),
    /// The year of a date or an instant.
    YearOnly,
    /// The first two characters.
    RegionOnly,
    /// A keyed hash, comparable inside one tenant.
    KeyedHash,
}

/// What a rule does where its condition is not false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Serves explanations and cases only.
    Allow,
    /// Allowed and noted.
    Flag,
    /// The targeted fields read as null.
    Mask(Mask),
    /// The record is absent.
    Hide,
    /// The request is refused.
    Refuse,
    /// Aggregates over fewer records are withheld.
    MinGroup(u32),
    /// The write is rejected.
    Reject,
    /// Moved to the archive, where the condition is true.
    MakeDormant,
    /// Made anonymous, where the condition is true.
    Anonymise,
    /// Erased, where the condition is true.
    Erase,
    /// Stops every destroying rule, unless the condition is false.
    Hold,
}

/// One part of a target.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Selector {
    /// The record itself.
    Row,
    /// A field by name.
    Field(String),
    /// A data category and all below it.
    Category(String),
    /// Fields of a special kind.
    Special(String),
    /// Direct identifiers.
    DirectIdentifiers,
    /// Free text.
    FreeText,
    /// Fields that a channel needs.
    Channel(String),
    /// Every personal field.
    Personal,
}

/// What a rule touches: the union of the selectors, or every other field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The parts.
    pub selectors: Vec<Selector>,
    /// Whether the fields *not* selected are meant.
    pub complement: bool,
}

/// Carried out once by the host when a rule bites.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Duty {
    /// Opens a task of this kind.
    Task(String),
    /// Raises an alarm of this kind.
    Alarm(String),
    /// Freezes flows of this kind.
    Freeze(String),
}

/// A rule as a plugin said it, type-checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// When it bites.
    pub when: Expr,
    /// What it does then.
    pub effect: Effect,
    /// To what.
    pub target: Target,
    /// The reason code, without the plugin's id.
    pub code: String,
    /// What the host does besides.
    pub duties: Vec<Duty>,
}
