//! From the postfix nodes that a plugin returns to a typed expression. A node that names something
//! undeclared, unknown or of the wrong type fails the whole plan: there is no half-understood rule.

mod error;
mod shared;

use super::{CompareOp, Expr, FactCall, Period, Term};
use crate::catalog::{Catalog, Entity, SYSTEM_FIELDS};
use crate::context::bound_attribute;
use crate::fact;
use crate::value::{Type, Value};

pub use error::{RuleError, RuleProblem};
pub use shared::Definitions;

/// Longest condition, in nodes.
pub const MAX_NODES: usize = 512;
/// Deepest condition.
pub const MAX_DEPTH: usize = 64;

/// One node in postfix order, as in the contract (`policy.wit`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Pushes a field of the record.
    Field(String),
    /// Pushes a fact.
    Fact(FactCall),
    /// Pushes a field one hop away.
    Related {
        /// The reference field of this record.
        via: String,
        /// The field there.
        field: String,
    },
    /// Pushes a context attribute.
    Context(String),
    /// Pushes a constant.
    Literal(Value),
    /// Pushes the instant of the request.
    Now,
    /// Pushes the civil date of the request.
    Today,
    /// Pops b, a; pushes `a = b`.
    Eq,
    /// Pops b, a; pushes `a <> b`.
    Ne,
    /// Pops b, a; pushes `a < b`.
    Lt,
    /// Pops b, a; pushes `a <= b`.
    Le,
    /// Pops b, a; pushes `a > b`.
    Gt,
    /// Pops b, a; pushes `a >= b`.
    Ge,
    /// Pops a; pushes whether it is one of the values.
    OneOf(Vec<Value>),
    /// Pops a; pushes whether it is null.
    IsNull,
    /// Pops b, a; pushes whether the dotted key a covers b.
    Covers,
    /// Pops a date or an instant; pushes it moved.
    Plus(Period),
    /// Pops an instant; pushes its civil date.
    LocalDate,
    /// Pops n conditions; pushes their conjunction.
    All(u32),
    /// Pops n conditions; pushes their disjunction.
    Any(u32),
    /// Pops a condition; pushes its negation.
    Not,
    /// Pushes what the definition of this place pushes.
    Shared(u32),
}

/// What a rule may name: what the plugin declared, of what exists.
#[derive(Clone, Copy, Debug)]
pub struct CheckEnv<'a> {
    /// All entities.
    pub catalog: &'a Catalog,
    /// The entity that the rule is about.
    pub entity: &'a Entity,
    /// Declared fields; `reference.field` declares a field one hop away.
    pub fields: &'a [String],
    /// Declared facts.
    pub facts: &'a [String],
    /// Declared context attributes that are bound per request.
    pub bound_attributes: &'a [String],
}

struct Item {
    body: Body,
    depth: usize,
}

#[derive(Clone, Debug)]
enum Body {
    /// A value; `None` is the null literal, which has every type.
    Term(Term, Option<Type>),
    Condition(Expr),
}

impl Body {
    fn describe(&self) -> String {
        match self {
            Self::Term(_, Some(ty)) => type_name(*ty).to_owned(),
            Self::Term(_, None) => "null".to_owned(),
            Self::Condition(_) => "a condition".to_owned(),
        }
    }
}

/// Reads a condition; no nodes mean "always".
///
/// # Errors
/// The first node that does not fit, and why.
pub fn parse(nodes: Vec<Node>, env: &CheckEnv<'_>) -> Result<Expr, RuleError> {
    parse_with(nodes, &Definitions::default(), env)
}

/// The same where the nodes may name definitions of their plan.
///
/// # Errors
/// As [`parse`].
pub fn parse_with(nodes: Vec<Node>, shared: &Definitions, env: &CheckEnv<'_>) -> Result<Expr, RuleError> {
    let count = nodes.len();
    let at_end = |problem| RuleError { node: count, problem };
    shared.length(&nodes)?;
    let mut stack = Stack { items: Vec::new() };
    stack.read(nodes, shared, env)?;
    match stack.items.len() {
        0 => Ok(Expr::All(Vec::new())),
        1 => stack.pop_condition("the rule").map(|(expr, _)| expr).map_err(at_end),
        more => Err(at_end(RuleProblem::LeftOver(more))),
    }
}

struct Stack {
    items: Vec<Item>,
}

impl Stack {
    fn read(&mut self, nodes: Vec<Node>, shared: &Definitions, env: &CheckEnv<'_>) -> Result<(), RuleError> {
        let mut numbered = nodes.into_iter().enumerate();
        numbered.try_for_each(|(index, node)| {
            self.push(node, shared, env).map_err(|problem| RuleError { node: index, problem })
        })
    }

    fn push(&mut self, node: Node, shared: &Definitions, env: &CheckEnv<'_>) -> Result<(), RuleProblem> {
        let value = |ty, term| (Body::Term(term, ty), 0);
        let (body, depth) = match node {
            Node::Field(name) => value(Some(field_type(&name, env)?), Term::Field(name)),
            Node::Fact(call) => value(Some(fact_type(&call, env)?), Term::Fact(call)),
            Node::Related { via, field } => value(Some(related_type(&via, &field, env)?), Term::Related { via, field }),
            Node::Context(name) => value(Some(context_type(&name, env)?), Term::Context(name)),
            Node::Literal(constant) => value(constant.value_type(), Term::Literal(constant)),
            Node::Now => (Body::Term(Term::Now, Some(Type::Instant)), 0),
            Node::Today => (Body::Term(Term::Today, Some(Type::Date)), 0),
            Node::Eq => self.compare("eq", CompareOp::Eq)?,
            Node::Ne => self.compare("ne", CompareOp::Ne)?,
            Node::Lt => self.compare("lt", CompareOp::Lt)?,
            Node::Le => self.compare("le", CompareOp::Le)?,
            Node::Gt => self.compare("gt", CompareOp::Gt)?,
            Node::Ge => self.compare("ge", CompareOp::Ge)?,
            Node::OneOf(values) => self.one_of(values)?,
            Node::IsNull => {
                let (term, _, depth) = self.pop_term("is-null")?;
                (Body::Condition(Expr::IsNull(term)), depth)
            }
            Node::Covers => self.covers()?,
            Node::Plus(period) => self.plus(period)?,
            Node::LocalDate => {
                let (term, ty, depth) = self.pop_term("local-date")?;
                expect("local-date", ty, &[Type::Instant])?;
                (Body::Term(Term::LocalDate(Box::new(term)), Some(Type::Date)), depth)
            }
            Node::All(count) => {
                let (parts, depth) = self.pop_conditions("all", count)?;
                (Body::Condition(Expr::All(parts)), depth)
            }
            Node::Any(count) => {
                let (parts, depth) = self.pop_conditions("any", count)?;
                (Body::Condition(Expr::Any(parts)), depth)
            }
            Node::Not => {
                let (part, depth) = self.pop_condition("not")?;
                (Body::Condition(Expr::Not(Box::new(part))), depth)
            }
            Node::Shared(place) => shared.push(place)?,
        };
        if depth >= MAX_DEPTH {
            return Err(RuleProblem::TooDeep);
        }
        self.items.push(Item { body, depth: depth + 1 });
        Ok(())
    }

    fn compare(&mut self, operator: &'static str, op: CompareOp) -> Result<(Body, usize), RuleProblem> {
        self.need(operator, 2)?;
        let (b, b_type, b_depth) = self.pop_term(operator)?;
        let (a, a_type, a_depth) = self.pop_term(operator)?;
        if let (Some(a_type), Some(b_type)) = (a_type, b_type)
            && a_type != b_type
        {
            let (expected, found) = (type_name(a_type).to_owned(), type_name(b_type).to_owned());
            return Err(RuleProblem::Type { operator, expected, found });
        }
        if (is_moved(&a) && depends_on_row(&a) && depends_on_row(&b))
            || (is_moved(&b) && depends_on_row(&b) && depends_on_row(&a))
        {
            return Err(RuleProblem::MovedAgainstRow);
        }
        Ok((Body::Condition(Expr::Compare(op, a, b)), a_depth.max(b_depth)))
    }

    fn one_of(&mut self, values: Vec<Value>) -> Result<(Body, usize), RuleProblem> {
        let (term, ty, depth) = self.pop_term("one-of")?;
        for value in &values {
            let Some(found) = value.value_type() else { return Err(RuleProblem::NullInList) };
            if let Some(ty) = ty {
                expect("one-of", Some(found), &[ty])?;
            }
        }
        Ok((Body::Condition(Expr::OneOf(term, values)), depth))
    }

    fn covers(&mut self) -> Result<(Body, usize), RuleProblem> {
        self.need("covers", 2)?;
        let (b, b_type, b_depth) = self.pop_term("covers")?;
        let (a, a_type, a_depth) = self.pop_term("covers")?;
        expect("covers", a_type, &[Type::Text])?;
        expect("covers", b_type, &[Type::Text])?;
        Ok((Body::Condition(Expr::Covers(a, b)), a_depth.max(b_depth)))
    }

    fn plus(&mut self, period: Period) -> Result<(Body, usize), RuleProblem> {
        let (term, ty, depth) = self.pop_term("plus")?;
        expect("plus", ty, &[Type::Date, Type::Instant])?;
        Ok((Body::Term(Term::Plus(Box::new(term), period), ty), depth))
    }

    fn need(&self, operator: &'static str, needed: usize) -> Result<(), RuleProblem> {
        let found = self.items.len();
        if found < needed { Err(RuleProblem::Underflow { operator, needed, found }) } else { Ok(()) }
    }

    fn pop_term(&mut self, operator: &'static str) -> Result<(Term, Option<Type>, usize), RuleProblem> {
        self.need(operator, 1)?;
        match self.items.pop() {
            Some(Item { body: Body::Term(term, ty), depth }) => Ok((term, ty, depth)),
            Some(item) => {
                Err(RuleProblem::Type { operator, expected: "a value".to_owned(), found: item.body.describe() })
            }
            None => Err(RuleProblem::Underflow { operator, needed: 1, found: 0 }),
        }
    }

    fn pop_condition(&mut self, operator: &'static str) -> Result<(Expr, usize), RuleProblem> {
        self.need(operator, 1)?;
        match self.items.pop() {
            Some(Item { body: Body::Condition(expr), depth }) => Ok((expr, depth)),
            Some(Item { body: Body::Term(term, Some(Type::Boolean) | None), depth }) => Ok((Expr::Is(term), depth)),
            Some(item) => {
                Err(RuleProblem::Type { operator, expected: "a condition".to_owned(), found: item.body.describe() })
            }
            None => Err(RuleProblem::Underflow { operator, needed: 1, found: 0 }),
        }
    }

    fn pop_conditions(&mut self, operator: &'static str, count: u32) -> Result<(Vec<Expr>, usize), RuleProblem> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        self.need(operator, count)?;
        let mut parts = Vec::with_capacity(count);
        let mut deepest = 0;
        for _ in 0..count {
            let (part, depth) = self.pop_condition(operator)?;
            deepest = deepest.max(depth);
            parts.push(part);
        }
        parts.reverse();
        Ok((parts, deepest))
    }
}

fn expect(operator: &'static str, found: Option<Type>, expected: &[Type]) -> Result<(), RuleProblem> {
    match found {
        Some(found) if expected.contains(&found) => Ok(()),
        None if !matches!(operator, "plus") => Ok(()),
        found => Err(RuleProblem::Type {
            operator,
            expected: expected.iter().map(|ty| type_name(*ty)).collect::<Vec<_>>().join(" or "),
            found: found.map_or("null", type_name).to_owned(),
        }),
    }
}

fn type_name(ty: Type) -> &'static str {
    match ty {
        Type::Boolean => "boolean",
        Type::Integer => "integer",
        Type::Decimal => "decimal",
        Type::Text => "text",
        Type::Date => "date",
        Type::Instant => "instant",
    }
}

fn is_moved(term: &Term) -> bool {
    matches!(term, Term::Plus(..) | Term::LocalDate(_))
}

fn depends_on_row(term: &Term) -> bool {
    match term {
        Term::Fact(call) => !fact::is_of_request(&call.name),
        Term::Field(_) | Term::Related { .. } => true,
        Term::Context(_) | Term::Literal(_) | Term::Now | Term::Today => false,
        Term::Plus(inner, _) | Term::LocalDate(inner) => depends_on_row(inner),
    }
}

fn type_on(entity: &Entity, name: &str) -> Option<Type> {
    entity
        .field(name)
        .map(crate::catalog::Field::value_type)
        .or_else(|| SYSTEM_FIELDS.iter().find(|(system, _)| *system == name).map(|(_, ty)| *ty))
}

fn field_type(name: &str, env: &CheckEnv<'_>) -> Result<Type, RuleProblem> {
    if !env.fields.iter().any(|field| field == name) {
        return Err(RuleProblem::Undeclared { kind: "field", name: name.to_owned() });
    }
    type_on(env.entity, name).ok_or_else(|| RuleProblem::Unknown { kind: "field", name: name.to_owned() })
}

fn related_type(via: &str, field: &str, env: &CheckEnv<'_>) -> Result<Type, RuleProblem> {
    field_type(via, env)?;
    let dotted = format!("{via}.{field}");
    if !env.fields.iter().any(|declared| *declared == dotted || declared == field) {
        return Err(RuleProblem::Undeclared { kind: "field", name: dotted });
    }
    let target = env.entity.field(via).and_then(crate::catalog::Field::target);
    let target = target.ok_or_else(|| RuleProblem::NotAReference(via.to_owned()))?;
    let entity = env.catalog.entity(target);
    entity.and_then(|entity| type_on(entity, field)).ok_or(RuleProblem::Unknown { kind: "field", name: dotted })
}

fn fact_type(call: &FactCall, env: &CheckEnv<'_>) -> Result<Type, RuleProblem> {
    if !env.facts.contains(&call.name) {
        return Err(RuleProblem::Undeclared { kind: "fact", name: call.name.clone() });
    }
    let def = fact::find(&call.name).ok_or_else(|| RuleProblem::Unknown { kind: "fact", name: call.name.clone() })?;
    let found = call.args.iter().filter(|arg| !arg.is_empty()).count();
    if found != def.args.len() || call.args.len() != def.args.len() {
        return Err(RuleProblem::Arguments { name: call.name.clone(), expected: def.args.len(), found });
    }
    Ok(def.ty)
}

fn context_type(name: &str, env: &CheckEnv<'_>) -> Result<Type, RuleProblem> {
    let base = name.split('(').next().unwrap_or(name);
    if !env.bound_attributes.iter().any(|attribute| attribute == base) {
        return Err(RuleProblem::Undeclared { kind: "context attribute", name: name.to_owned() });
    }
    let unknown = || RuleProblem::Unknown { kind: "context attribute", name: name.to_owned() };
    bound_attribute(name).map(|(_, ty)| ty).ok_or_else(unknown)
}

#[cfg(test)]
mod tests;
