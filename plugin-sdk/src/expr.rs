//! Conditions, built as expressions and sent as postfix nodes. A [`Term`] has a value, a [`Cond`]
//! is true, false or unknown; the host checks the types against its catalogue.
//!
//! Mind the third value: a restricting rule bites where its condition is *not false*, so a null
//! restricts. `is_null` is never unknown.

use std::ops::Not;

use crate::shared::Branch;
use crate::value::Value;
use crate::wit::types::{FactCall, Node, Period, RelatedField};

/// Something that has a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Term(Vec<Node>);

/// Something that is true, false or unknown. A clone costs nothing, and what is cloned into several rules
/// of a plan is sent once.
#[derive(Clone, Debug, PartialEq)]
pub struct Cond(pub(crate) Branch);

/// A field of the record.
#[must_use]
pub fn field(name: &str) -> Term {
    Term(vec![Node::Field(name.to_owned())])
}

/// A fact about the record's data subject: `fact("consent.status", ["marketing", "email"])`.
#[must_use]
pub fn fact<const N: usize>(name: &str, args: [&str; N]) -> Term {
    let args = args.iter().map(|arg| (*arg).to_owned()).collect();
    Term(vec![Node::Fact(FactCall { name: name.to_owned(), args })])
}

/// A field of the record behind a reference field of this one.
#[must_use]
pub fn related(via: &str, field: &str) -> Term {
    Term(vec![Node::Related(RelatedField { via: via.to_owned(), field: field.to_owned() })])
}

/// A context attribute that the host binds per request: `ctx.actor.id`; `ctx.recipient.id` and what
/// the register holds of the recipient (`ctx.recipient.country`); `ctx.transfer.kind` (`client`,
/// `export`) and `ctx.transfer.rows`, the most records that the recipient then holds; what the tenant's
/// wall shows: `local.weekday` (Monday is 1), `local.hour` (0 to 23). Null where there is none.
#[must_use]
pub fn context(key: &str) -> Term {
    Term(vec![Node::Context(key.to_owned())])
}

/// Whether today is a national holiday of a country in the tenant's zone. Declare the bound attribute
/// `local.holiday`. Unknown for a country whose holidays the host does not have.
#[must_use]
pub fn holiday(country: &str) -> Term {
    context(&format!("local.holiday({country})"))
}

/// A constant.
pub fn literal(value: impl Into<Value>) -> Term {
    Term(vec![Node::Literal(value.into())])
}

/// The instant of the request.
#[must_use]
pub fn now() -> Term {
    Term(vec![Node::Now])
}

/// The civil date of the request in the tenant's zone.
#[must_use]
pub fn today() -> Term {
    Term(vec![Node::Today])
}

/// True where every part is true, false where one is false; true when empty.
pub fn all<C: Into<Cond>>(parts: impl IntoIterator<Item = C>) -> Cond {
    Cond::joined(parts, Node::All)
}

/// True where one part is true, false where every part is false; false when empty.
pub fn any<C: Into<Cond>>(parts: impl IntoIterator<Item = C>) -> Cond {
    Cond::joined(parts, Node::Any)
}

impl Term {
    pub(crate) fn into_nodes(self) -> Vec<Node> {
        self.0
    }

    fn then(mut self, node: Node) -> Self {
        self.0.push(node);
        self
    }

    fn compared(self, other: impl Into<Self>, node: Node) -> Cond {
        let mut nodes = self.0;
        nodes.extend(other.into().0);
        nodes.push(node);
        Cond(Branch::leaf(nodes))
    }

    /// Equal; unknown when either is null.
    pub fn eq(self, other: impl Into<Self>) -> Cond {
        self.compared(other, Node::Eq)
    }

    /// Not equal; unknown when either is null.
    pub fn ne(self, other: impl Into<Self>) -> Cond {
        self.compared(other, Node::Ne)
    }

    /// Less; unknown when either is null.
    pub fn lt(self, other: impl Into<Self>) -> Cond {
        self.compared(other, Node::Lt)
    }

    /// Less or equal; unknown when either is null.
    pub fn le(self, other: impl Into<Self>) -> Cond {
        self.compared(other, Node::Le)
    }

    /// Greater; unknown when either is null.
    pub fn gt(self, other: impl Into<Self>) -> Cond {
        self.compared(other, Node::Gt)
    }

    /// Greater or equal; unknown when either is null.
    pub fn ge(self, other: impl Into<Self>) -> Cond {
        self.compared(other, Node::Ge)
    }

    /// One of the values; unknown when null.
    pub fn one_of<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Cond {
        Cond(Branch::leaf(self.then(Node::OneOf(values.into_iter().map(Into::into).collect())).0))
    }

    /// Whether there is no value; never unknown.
    #[must_use]
    pub fn is_null(self) -> Cond {
        Cond(Branch::leaf(self.then(Node::IsNull).0))
    }

    /// A boolean as it stands; unknown when null.
    #[must_use]
    pub fn is_true(self) -> Cond {
        Cond(Branch::leaf(self.0))
    }

    /// Whether this dotted key equals the other or is an ancestor of it: `marketing` covers
    /// `marketing.email`.
    pub fn covers(self, other: impl Into<Self>) -> Cond {
        self.compared(other, Node::Covers)
    }

    /// A date or an instant, moved by calendar months (clamped to the month's last day) in the
    /// tenant's zone.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        self.then(Node::Plus(Period { months, days: 0 }))
    }

    /// A date or an instant, moved by calendar days in the tenant's zone.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        self.then(Node::Plus(Period { months: 0, days }))
    }

    /// The civil date of an instant in the tenant's zone.
    #[must_use]
    pub fn local_date(self) -> Self {
        self.then(Node::LocalDate)
    }
}

impl<V: Into<Value>> From<V> for Term {
    fn from(value: V) -> Self {
        literal(value)
    }
}

impl From<Term> for Cond {
    fn from(term: Term) -> Self {
        term.is_true()
    }
}

impl Cond {
    /// True for every record.
    #[must_use]
    pub fn always() -> Self {
        all::<Self>([])
    }

    /// True for no record.
    #[must_use]
    pub fn never() -> Self {
        any::<Self>([])
    }

    /// Both.
    pub fn and(self, other: impl Into<Self>) -> Self {
        all([self, other.into()])
    }

    /// Either.
    pub fn or(self, other: impl Into<Self>) -> Self {
        any([self, other.into()])
    }

    fn joined<C: Into<Self>>(parts: impl IntoIterator<Item = C>, operator: fn(u32) -> Node) -> Self {
        let parts: Vec<Branch> = parts.into_iter().map(|part| part.into().0).collect();
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        Self(Branch::over(parts, operator(count)))
    }
}

impl Not for Cond {
    type Output = Self;

    fn not(self) -> Self {
        Self(Branch::over(vec![self.0], Node::Not))
    }
}

impl Not for Term {
    type Output = Cond;

    fn not(self) -> Cond {
        !self.is_true()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_become_postfix() {
        let cond = all([field("country").eq("FR"), !fact("subject.own_customer", [])]);
        let text = |text: &str| Node::Literal(Value::Text(text.to_owned()));
        let own = Node::Fact(FactCall { name: "subject.own_customer".to_owned(), args: vec![] });
        let expected = vec![Node::Field("country".to_owned()), text("FR"), Node::Eq, own, Node::Not, Node::All(2)];
        assert_eq!(cond.0.nodes(), expected);
    }

    #[test]
    fn periods_come_before_the_comparison() {
        let cond = field("at").local_date().plus_months(36).lt(today());
        let plus = Node::Plus(Period { months: 36, days: 0 });
        let expected = vec![Node::Field("at".to_owned()), Node::LocalDate, plus, Node::Today, Node::Lt];
        assert_eq!(cond.0.nodes(), expected);
    }
}
