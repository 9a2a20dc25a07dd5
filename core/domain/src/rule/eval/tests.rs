use super::*;

/// A row whose every name is its value: `T`, `F` and anything else for null.
struct Named;

impl RowView for Named {
    fn field(&self, name: &str) -> Value {
        match name {
            "T" => Value::Boolean(true),
            "F" => Value::Boolean(false),
            "one" => Value::Integer(1),
            "key" => Value::text("a.b"),
            _ => Value::Null,
        }
    }

    fn related(&self, via: &str, field: &str) -> Value {
        if via == "link" { self.field(field) } else { Value::Null }
    }

    fn fact(&self, call: &FactCall) -> Value {
        self.field(&call.name)
    }
}

const TRUE: Option<bool> = Some(true);
const FALSE: Option<bool> = Some(false);
const UNKNOWN: Option<bool> = None;

fn field(name: &str) -> Operand {
    Operand::Field(name.to_owned())
}

fn is(value: Option<bool>) -> Cond {
    Cond::Is(field(match value {
        Some(true) => "T",
        Some(false) => "F",
        None => "null",
    }))
}

fn eval(cond: &Cond) -> Option<bool> {
    evaluate(cond, &Named)
}

#[test]
fn logic_is_kleenes() {
    for (a, b, and, or) in [
        (TRUE, TRUE, TRUE, TRUE),
        (TRUE, FALSE, FALSE, TRUE),
        (TRUE, UNKNOWN, UNKNOWN, TRUE),
        (FALSE, FALSE, FALSE, FALSE),
        (FALSE, UNKNOWN, FALSE, UNKNOWN),
        (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ] {
        for parts in [vec![is(a), is(b)], vec![is(b), is(a)]] {
            assert_eq!(eval(&Cond::All(parts.clone())), and, "{a:?} and {b:?}");
            assert_eq!(eval(&Cond::Any(parts)), or, "{a:?} or {b:?}");
        }
    }
    for (a, not) in [(TRUE, FALSE), (FALSE, TRUE), (UNKNOWN, UNKNOWN)] {
        assert_eq!(eval(&Cond::Not(Box::new(is(a)))), not);
        assert_eq!(eval(&Cond::Const(a)), a);
    }
    assert_eq!(eval(&Cond::All(vec![])), TRUE);
    assert_eq!(eval(&Cond::Any(vec![])), FALSE);
}

#[test]
fn null_is_unknown_everywhere_but_in_is_null() {
    let null = || field("null");
    let one = || Operand::Literal(Value::Integer(1));
    for op in [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge] {
        assert_eq!(eval(&Cond::Compare(op, null(), one())), UNKNOWN);
        assert_eq!(eval(&Cond::Compare(op, one(), null())), UNKNOWN);
        assert_eq!(eval(&Cond::Compare(op, null(), null())), UNKNOWN);
    }
    assert_eq!(eval(&Cond::OneOf(null(), vec![Value::Integer(1)])), UNKNOWN);
    assert_eq!(eval(&Cond::OneOf(null(), vec![])), UNKNOWN);
    assert_eq!(eval(&Cond::Covers(null(), field("key"))), UNKNOWN);
    assert_eq!(eval(&Cond::Covers(field("key"), null())), UNKNOWN);
    assert_eq!(eval(&Cond::IsNull(null())), TRUE);
    assert_eq!(eval(&Cond::IsNull(field("one"))), FALSE);
}

#[test]
fn comparisons_order_values_of_one_type() {
    let text = |value: &str| Operand::Literal(Value::text(value));
    let compare = |op, a: Operand, b: Operand| eval(&Cond::Compare(op, a, b));
    assert_eq!(compare(CompareOp::Lt, text("Z"), text("a")), TRUE, "by bytes, not by a language");
    assert_eq!(compare(CompareOp::Lt, text("z"), text("é")), TRUE);
    assert_eq!(compare(CompareOp::Lt, field("F"), field("T")), TRUE);
    assert_eq!(compare(CompareOp::Ge, field("one"), Operand::Literal(Value::Integer(1))), TRUE);
    assert_eq!(compare(CompareOp::Gt, field("one"), Operand::Literal(Value::Integer(1))), FALSE);
    assert_eq!(compare(CompareOp::Eq, field("one"), Operand::Literal(Value::Decimal(1))), UNKNOWN, "unlike types");
}

#[test]
fn operands_come_from_the_row_its_relations_and_its_facts() {
    let related = |via: &str| Cond::Is(Operand::Related { via: via.to_owned(), field: "T".to_owned() });
    assert_eq!(eval(&related("link")), TRUE);
    assert_eq!(eval(&related("nothing")), UNKNOWN);
    assert_eq!(eval(&Cond::Is(Operand::Fact(FactCall { name: "T".to_owned(), args: vec![] }))), TRUE);
    assert_eq!(eval(&Cond::Is(field("one"))), UNKNOWN, "no boolean");
    let key = |value: &str| Operand::Literal(Value::text(value));
    assert_eq!(eval(&Cond::Covers(key("a"), field("key"))), TRUE);
    assert_eq!(eval(&Cond::Covers(field("key"), key("a"))), FALSE);
    assert_eq!(eval(&Cond::OneOf(field("key"), vec![Value::text("a"), Value::text("a.b")])), TRUE);
    assert_eq!(eval(&Cond::OneOf(field("key"), vec![Value::text("a")])), FALSE);
}
