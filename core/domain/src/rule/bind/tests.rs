//! A bound condition says the same of every row as the expression does. The reference evaluator here
//! takes the expression as it stands and moves the row's own values, which no database could do.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::catalog::Catalog;
use crate::rule::{CheckEnv, FactCall, MAX_NODES, Node, RowView, evaluate, parse};
use crate::value::{Type, covers};

#[derive(Clone, Debug)]
struct TestRow(HashMap<String, Value>);

impl RowView for TestRow {
    fn field(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }

    fn related(&self, via: &str, field: &str) -> Value {
        self.field(&format!("{via}.{field}"))
    }

    fn fact(&self, call: &FactCall) -> Value {
        self.field(&call.to_string())
    }
}

/// What rules over a deal may name: name, type, and how it is written.
fn operands() -> Vec<(String, Type, Term)> {
    let field = |name: &str, ty| (name.to_owned(), ty, Term::Field(name.to_owned()));
    let related = |name: &str, ty| {
        let term = Term::Related { via: "contact_id".to_owned(), field: name.to_owned() };
        (format!("contact_id.{name}"), ty, term)
    };
    let fact = |name: &str, args: &[&str], ty| {
        let call = FactCall { name: name.to_owned(), args: args.iter().map(|&arg| arg.to_owned()).collect() };
        (call.to_string(), ty, Term::Fact(call))
    };
    vec![
        field("stage", Type::Text),
        field("version", Type::Integer),
        field("amount", Type::Decimal),
        field("engaged_on", Type::Date),
        field("created_at", Type::Instant),
        related("country", Type::Text),
        related("restricted", Type::Boolean),
        related("last_inbound_contact_at", Type::Instant),
        fact("consent.status", &["p", "email"], Type::Text),
        fact("objection.active", &["p"], Type::Boolean),
        fact("subject.relation_end_at", &[], Type::Instant),
    ]
}

const TYPES: &[Type] = &[Type::Boolean, Type::Integer, Type::Decimal, Type::Text, Type::Date, Type::Instant];
const HOUR: i64 = 3_600_000_000;

/// Few values, so that equality happens; instants and dates close to each other and to changes of
/// the clock in Paris, St John's and Apia.
fn value_of(ty: Type) -> BoxedStrategy<Value> {
    let key = prop::sample::select(vec!["", "a", "a.b", "a.b.c", "ab", "é"]);
    match ty {
        Type::Boolean => prop::bool::ANY.prop_map(Value::Boolean).boxed(),
        Type::Integer => (-2..3i64).prop_map(Value::Integer).boxed(),
        Type::Decimal => (-2..3i64).prop_map(Value::Decimal).boxed(),
        Type::Text => key.prop_map(Value::text).boxed(),
        Type::Date => prop_oneof![20_400..20_540i32, Just(i32::MIN), Just(i32::MAX)].prop_map(Value::Date).boxed(),
        Type::Instant => {
            // 2026-03-29, 2026-10-25, 2011-12-30 and 2006-10-29, around noon UTC.
            let day = prop::sample::select(vec![20_541i64, 20_751, 15_338, 13_450, 20_513]);
            let near = (day, -60..60i64).prop_map(|(day, halves)| day * 24 * HOUR + halves * (HOUR / 2));
            prop_oneof![
                20 => near.prop_map(Value::Instant),
                1 => Just(Value::Instant(i64::MIN)),
                1 => Just(Value::Instant(i64::MAX)),
            ]
            .boxed()
        }
    }
}

fn value_or_null(ty: Type) -> BoxedStrategy<Value> {
    prop_oneof![5 => value_of(ty), 1 => Just(Value::Null)].boxed()
}

fn period() -> impl Strategy<Value = Period> {
    let months = prop_oneof![Just(0), -3..4i32, Just(36)];
    (months, -40..40i32).prop_map(|(months, days)| Period { months, days })
}

fn row_term(ty: Type) -> BoxedStrategy<Term> {
    let terms: Vec<Term> = operands().into_iter().filter(|operand| operand.1 == ty).map(|operand| operand.2).collect();
    prop::sample::select(terms).boxed()
}

/// A term without fields and facts.
fn constant(ty: Type) -> BoxedStrategy<Term> {
    let literal = value_or_null(ty).prop_map(Term::Literal);
    match ty {
        Type::Text => prop_oneof![4 => literal, 1 => Just(Term::Context("ctx.actor.id".to_owned()))].boxed(),
        Type::Instant => prop_oneof![3 => value_of(ty).prop_map(Term::Literal), 1 => Just(Term::Now)]
            .prop_flat_map(|term| prop_oneof![Just(term.clone()), moved_by(term)])
            .boxed(),
        Type::Date => prop_oneof![3 => value_of(ty).prop_map(Term::Literal), 1 => Just(Term::Today)]
            .prop_flat_map(|term| prop_oneof![Just(term.clone()), moved_by(term)])
            .boxed(),
        _ => literal.boxed(),
    }
}

fn moved_by(term: Term) -> impl Strategy<Value = Term> {
    period().prop_map(move |period| Term::Plus(Box::new(term.clone()), period))
}

/// A field or a fact, moved up to three times.
fn moved(ty: Type) -> BoxedStrategy<Term> {
    let base = match ty {
        Type::Instant => row_term(ty),
        Type::Date => prop_oneof![
            row_term(ty),
            (row_term(Type::Instant), prop::option::of(period())).prop_map(|(term, period)| {
                let term = period.map_or(term.clone(), |period| Term::Plus(Box::new(term), period));
                Term::LocalDate(Box::new(term))
            })
        ]
        .boxed(),
        _ => return row_term(ty),
    };
    (base, prop::collection::vec(period(), 0..3))
        .prop_map(|(base, periods)| periods.into_iter().fold(base, |term, period| Term::Plus(Box::new(term), period)))
        .boxed()
}

fn op() -> impl Strategy<Value = CompareOp> {
    prop::sample::select(vec![CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge])
}

fn leaf() -> BoxedStrategy<Expr> {
    let ty = || prop::sample::select(TYPES);
    let text = || prop_oneof![row_term(Type::Text), constant(Type::Text)];
    prop_oneof![
        6 => (ty(), op(), prop::bool::ANY).prop_flat_map(|(ty, op, flipped)| {
            (moved(ty), constant(ty)).prop_map(move |(a, b)| {
                if flipped { Expr::Compare(op, b, a) } else { Expr::Compare(op, a, b) }
            })
        }),
        1 => (ty(), op()).prop_flat_map(|(ty, op)| {
            (row_term(ty), row_term(ty)).prop_map(move |(a, b)| Expr::Compare(op, a, b))
        }),
        1 => (ty(), op()).prop_flat_map(|(ty, op)| {
            (constant(ty), constant(ty)).prop_map(move |(a, b)| Expr::Compare(op, a, b))
        }),
        1 => row_term(Type::Boolean).prop_map(Expr::Is),
        1 => value_or_null(Type::Boolean).prop_map(|value| Expr::Is(Term::Literal(value))),
        2 => ty().prop_flat_map(|ty| {
            (prop_oneof![moved(ty), constant(ty)], prop::collection::vec(value_of(ty), 0..3))
                .prop_map(|(term, values)| Expr::OneOf(term, values))
        }),
        1 => ty().prop_flat_map(|ty| prop_oneof![moved(ty), constant(ty)].prop_map(Expr::IsNull)),
        1 => (text(), text()).prop_map(|(a, b)| Expr::Covers(a, b)),
    ]
    .boxed()
}

fn expr() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Expr::Any),
            inner.prop_map(|part| Expr::Not(Box::new(part))),
        ]
    })
}

fn row() -> impl Strategy<Value = TestRow> {
    let values: Vec<_> = operands()
        .into_iter()
        .map(|(name, ty, _)| value_or_null(ty).prop_map(move |value| (name.clone(), value)))
        .collect();
    values.prop_map(|values| TestRow(values.into_iter().collect()))
}

#[derive(Clone, Debug)]
struct Request {
    now: i64,
    zone: Tz,
    actor: Value,
}

fn request() -> impl Strategy<Value = Request> {
    let zone = prop::sample::select(vec![Tz::UTC, Tz::Europe__Paris, Tz::America__St_Johns, Tz::Pacific__Apia]);
    (value_of(Type::Instant), zone, value_or_null(Type::Text)).prop_map(|(now, zone, actor)| {
        let Value::Instant(now) = now else { unreachable!("an instant") };
        Request { now, zone, actor }
    })
}

/// The meaning of an expression, straight from the contract.
fn reference(expr: &Expr, row: &TestRow, request: &Request) -> Option<bool> {
    let term = |term: &Term| reference_term(term, row, request);
    match expr {
        Expr::Compare(op, a, b) => {
            let order = term(a).compare(&term(b))?;
            Some(match op {
                CompareOp::Eq => order.is_eq(),
                CompareOp::Ne => order.is_ne(),
                CompareOp::Lt => order.is_lt(),
                CompareOp::Le => order.is_le(),
                CompareOp::Gt => order.is_gt(),
                CompareOp::Ge => order.is_ge(),
            })
        }
        Expr::Is(a) => match term(a) {
            Value::Boolean(value) => Some(value),
            _ => None,
        },
        Expr::OneOf(a, values) => {
            let value = term(a);
            (!value.is_null()).then(|| values.contains(&value))
        }
        Expr::IsNull(a) => Some(term(a) == Value::Null),
        Expr::Covers(a, b) => Some(covers(term(a).as_text()?, term(b).as_text()?)),
        Expr::All(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| reference(part, row, request)).collect();
            if parts.contains(&Some(false)) {
                Some(false)
            } else if parts.contains(&None) {
                None
            } else {
                Some(true)
            }
        }
        Expr::Any(parts) => {
            let parts: Vec<_> = parts.iter().map(|part| reference(part, row, request)).collect();
            if parts.contains(&Some(true)) {
                Some(true)
            } else if parts.contains(&None) {
                None
            } else {
                Some(false)
            }
        }
        Expr::Not(part) => reference(part, row, request).map(|value| !value),
        Expr::Shared(part) => reference(part, row, request),
    }
}

fn reference_term(term: &Term, row: &TestRow, request: &Request) -> Value {
    match term {
        Term::Field(name) => row.field(name),
        Term::Related { via, field } => row.related(via, field),
        Term::Fact(call) => row.fact(call),
        Term::Context(_) => request.actor.clone(),
        Term::Literal(value) => value.clone(),
        Term::Now => Value::Instant(request.now),
        Term::Today => Value::Date(calendar::local_date(request.now, request.zone)),
        Term::Plus(inner, period) => match reference_term(inner, row, request) {
            Value::Date(date) => Value::Date(calendar::shift_date(date, *period)),
            Value::Instant(at) => Value::Instant(calendar::shift_instant(at, *period, request.zone)),
            _ => Value::Null,
        },
        Term::LocalDate(inner) => match reference_term(inner, row, request) {
            Value::Instant(at) => Value::Date(calendar::local_date(at, request.zone)),
            _ => Value::Null,
        },
    }
}

fn bound(expr: &Expr, request: &Request) -> Cond {
    let actor = |_: &str| request.actor.clone();
    bind(expr, &BindEnv { now: request.now, zone: request.zone, context: &actor })
}

/// The postfix form in which a plugin would send the expression.
fn nodes(expr: &Expr, into: &mut Vec<Node>) {
    let count = |parts: &[Expr]| u32::try_from(parts.len()).unwrap();
    match expr {
        Expr::Compare(op, a, b) => {
            term_nodes(a, into);
            term_nodes(b, into);
            into.push(match op {
                CompareOp::Eq => Node::Eq,
                CompareOp::Ne => Node::Ne,
                CompareOp::Lt => Node::Lt,
                CompareOp::Le => Node::Le,
                CompareOp::Gt => Node::Gt,
                CompareOp::Ge => Node::Ge,
            });
        }
        Expr::Is(a) => term_nodes(a, into),
        Expr::OneOf(a, values) => {
            term_nodes(a, into);
            into.push(Node::OneOf(values.clone()));
        }
        Expr::IsNull(a) => {
            term_nodes(a, into);
            into.push(Node::IsNull);
        }
        Expr::Covers(a, b) => {
            term_nodes(a, into);
            term_nodes(b, into);
            into.push(Node::Covers);
        }
        Expr::All(parts) => {
            parts.iter().for_each(|part| nodes(part, into));
            into.push(Node::All(count(parts)));
        }
        Expr::Any(parts) => {
            parts.iter().for_each(|part| nodes(part, into));
            into.push(Node::Any(count(parts)));
        }
        Expr::Shared(part) => nodes(part, into),
        Expr::Not(part) => {
            nodes(part, into);
            into.push(Node::Not);
        }
    }
}

fn term_nodes(term: &Term, into: &mut Vec<Node>) {
    let node = match term {
        Term::Field(name) => Node::Field(name.clone()),
        Term::Related { via, field } => Node::Related { via: via.clone(), field: field.clone() },
        Term::Fact(call) => Node::Fact(call.clone()),
        Term::Context(name) => Node::Context(name.clone()),
        Term::Literal(value) => Node::Literal(value.clone()),
        Term::Now => Node::Now,
        Term::Today => Node::Today,
        Term::Plus(inner, period) => {
            term_nodes(inner, into);
            Node::Plus(*period)
        }
        Term::LocalDate(inner) => {
            term_nodes(inner, into);
            Node::LocalDate
        }
    };
    into.push(node);
}

fn uses_row(cond: &Cond) -> bool {
    let row = |operand: &Operand| !matches!(operand, Operand::Literal(_));
    match cond {
        Cond::Const(_) => false,
        Cond::Compare(_, a, b) | Cond::Covers(a, b) => row(a) || row(b),
        Cond::Is(a) | Cond::OneOf(a, _) | Cond::IsNull(a) => row(a),
        Cond::All(parts) | Cond::Any(parts) => parts.iter().any(uses_row),
        Cond::Not(part) => uses_row(part),
    }
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| Catalog::standard().unwrap());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12_000))]

    #[test]
    fn binding_keeps_the_meaning(expr in expr(), rows in prop::collection::vec(row(), 3), request in request()) {
        let cond = bound(&expr, &request);
        for row in &rows {
            prop_assert_eq!(evaluate(&cond, row), reference(&expr, row, &request), "{:?}", cond);
        }
        // What does not need the row is folded to a constant, and a constant stands only by itself or
        // as the unknown part of a condition on the row.
        prop_assert!(matches!(cond, Cond::Const(_)) || uses_row(&cond), "{:?}", cond);
    }

    #[test]
    fn a_condition_survives_the_wire(expr in expr()) {
        let mut sent = Vec::new();
        nodes(&expr, &mut sent);
        prop_assert!(sent.len() <= MAX_NODES);
        let catalog = &*CATALOG;
        let fields: Vec<String> = ["stage", "version", "amount", "engaged_on", "created_at", "contact_id", "contact_id.country",
            "contact_id.restricted", "contact_id.last_inbound_contact_at"].map(str::to_owned).into();
        let facts: Vec<String> = ["consent.status", "objection.active", "subject.relation_end_at"].map(str::to_owned).into();
        let bound_attributes = ["ctx.actor.id".to_owned()];
        let entity = catalog.entity("deal").unwrap();
        let env = CheckEnv { catalog, entity, fields: &fields, facts: &facts, bound_attributes: &bound_attributes };
        prop_assert_eq!(parse(sent, &env), Ok(expr));
    }
}

fn request_at(now: i64) -> Request {
    Request { now, zone: Tz::Europe__Paris, actor: Value::text("u1") }
}

#[test]
fn a_period_becomes_one_bound() {
    // 2026-05-01T10:00:00Z, 36 months earlier at the same time in Paris.
    let now = 1_777_629_600_000_000;
    let period = Period { months: 36, days: 0 };
    let field = Term::Field("collected_at".to_owned());
    let due = Expr::Compare(CompareOp::Lt, Term::Plus(Box::new(field.clone()), period), Term::Now);
    let bound_at = |at: i64| Operand::Literal(Value::Instant(at));
    let operand = Operand::Field("collected_at".to_owned());
    assert_eq!(
        bound(&due, &request_at(now)),
        Cond::Compare(CompareOp::Lt, operand.clone(), bound_at(1_682_935_200_000_000))
    );
    // By civil date: allowed on the anniversary until midnight, past from the day after.
    let date = Term::Plus(Box::new(Term::LocalDate(Box::new(field))), period);
    let past = Expr::Compare(CompareOp::Lt, date, Term::Today);
    // 2023-04-30T22:00:00Z is midnight of 1 May 2023 in Paris.
    assert_eq!(bound(&past, &request_at(now)), Cond::Compare(CompareOp::Lt, operand, bound_at(1_682_892_000_000_000)));
}

#[test]
fn what_the_request_decides_is_a_constant() {
    let actor = |name: &str| {
        Expr::Compare(CompareOp::Eq, Term::Context("ctx.actor.id".to_owned()), Term::Literal(Value::text(name)))
    };
    let restricted = Expr::Is(Term::Field("restricted".to_owned()));
    let request = request_at(0);
    assert_eq!(bound(&actor("u1"), &request), Cond::Const(Some(true)));
    let all = |parts| Expr::All(parts);
    assert_eq!(bound(&all(vec![restricted.clone(), actor("u2")]), &request), Cond::Const(Some(false)));
    let is = Cond::Is(Operand::Field("restricted".to_owned()));
    assert_eq!(bound(&all(vec![actor("u1"), restricted.clone()]), &request), is);
    // Unknown stays: the whole may be false or unknown, never true.
    let unknown = Expr::Is(Term::Literal(Value::Null));
    assert_eq!(bound(&all(vec![unknown, restricted]), &request), Cond::All(vec![is, Cond::Const(None)]));
}

#[test]
fn the_wall_clock_folds_away() {
    // 2026-07-14, 10:30 in Paris: a Tuesday and a national holiday.
    let request = request_at(1_784_017_800_000_000);
    let is =
        |name: &str, value: Value| Expr::Compare(CompareOp::Eq, Term::Context(name.to_owned()), Term::Literal(value));
    for (expr, expected) in [
        (is("local.weekday", Value::Integer(2)), Some(true)),
        (is("local.hour", Value::Integer(10)), Some(true)),
        (is("local.hour", Value::Integer(8)), Some(false)),
        (Expr::Is(Term::Context("local.holiday(FR)".to_owned())), Some(true)),
        (Expr::Is(Term::Context("local.holiday(DE)".to_owned())), Some(false)),
        (Expr::Is(Term::Context("local.holiday(JP)".to_owned())), None),
    ] {
        assert_eq!(bound(&expr, &request), Cond::Const(expected), "{expr:?}");
    }
}

#[test]
fn an_empty_list_holds_nothing_but_null_stays_unknown() {
    let cond = bound(&Expr::OneOf(Term::Field("stage".to_owned()), vec![]), &request_at(0));
    let row = |value: Value| TestRow([("stage".to_owned(), value)].into());
    assert_eq!(evaluate(&cond, &row(Value::text("won"))), Some(false));
    assert_eq!(evaluate(&cond, &row(Value::Null)), None);
}
