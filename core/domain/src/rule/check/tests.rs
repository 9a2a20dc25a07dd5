//! What does not type-check, told by node and expected type.

use super::*;
use crate::catalog::Catalog;

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn check_on(entity: &str, nodes: &[Node]) -> Result<Expr, RuleError> {
    let catalog = Catalog::standard().unwrap();
    let fields = owned(&[
        "country",
        "email",
        "restricted",
        "company_id",
        "company_id.country",
        "collected_at",
        "amount",
        "engaged_on",
        "planet",
    ]);
    let facts =
        owned(&["consent.status", "subject.country", "subject.last_inbound_contact_at", "objection.active", "no.fact"]);
    let bound = owned(&[
        "ctx.actor.id",
        "ctx.nothing",
        "ctx.recipient.country",
        "ctx.transfer.rows",
        "local.hour",
        "local.holiday",
    ]);
    let env = CheckEnv {
        catalog: &catalog,
        entity: catalog.entity(entity).unwrap(),
        fields: &fields,
        facts: &facts,
        bound_attributes: &bound,
    };
    parse(nodes.to_vec(), &env)
}

fn check(nodes: &[Node]) -> Result<Expr, RuleError> {
    check_on("contact", nodes)
}

fn field(name: &str) -> Node {
    Node::Field(name.to_owned())
}

fn call(name: &str, args: &[&str]) -> Node {
    Node::Fact(FactCall { name: name.to_owned(), args: owned(args) })
}

fn related(via: &str, field: &str) -> Node {
    Node::Related { via: via.to_owned(), field: field.to_owned() }
}

fn text(value: &str) -> Node {
    Node::Literal(Value::text(value))
}

const MONTHS: Node = Node::Plus(Period { months: 36, days: 0 });

#[test]
fn no_nodes_mean_always() {
    assert_eq!(check(&[]), Ok(Expr::All(vec![])));
}

#[test]
fn operands_come_before_operators() {
    let country = Term::Field("country".to_owned());
    let literal = |value: &str| Term::Literal(Value::text(value));
    let is = |value: &str| Expr::Compare(CompareOp::Eq, country.clone(), literal(value));
    let nodes =
        [field("country"), text("FR"), Node::Eq, field("country"), text("DE"), Node::Eq, Node::Any(2), Node::Not];
    let expected = Expr::Not(Box::new(Expr::Any(vec![is("FR"), is("DE")])));
    assert_eq!(check(&nodes), Ok(expected), "a before b, the first part before the second");
}

#[test]
fn what_exists_and_is_declared_has_its_type() {
    let status = call("consent.status", &["marketing", "email"]);
    for nodes in [
        vec![status, text("given"), Node::Ne],
        vec![field("restricted")],
        vec![field("restricted"), Node::Literal(Value::Null), Node::Eq],
        vec![Node::Literal(Value::Null)],
        vec![Node::Literal(Value::Boolean(false))],
        vec![call("objection.active", &["marketing"]), field("restricted"), Node::All(2)],
        vec![field("country"), Node::OneOf(vec![Value::text("FR")])],
        vec![field("country"), Node::OneOf(vec![])],
        vec![field("country"), Node::IsNull],
        vec![related("company_id", "country"), field("country"), Node::Eq],
        vec![Node::Context("ctx.actor.id".to_owned()), text("a"), Node::Lt],
        vec![Node::Context("ctx.recipient.country".to_owned()), field("country"), Node::Eq],
        vec![Node::Context("ctx.transfer.rows".to_owned()), Node::Literal(Value::Integer(1_000)), Node::Gt],
        vec![Node::Context("local.hour".to_owned()), Node::Literal(Value::Integer(20)), Node::Ge],
        vec![Node::Context("local.holiday(FR)".to_owned())],
        vec![text("a"), field("country"), Node::Covers],
        vec![field("collected_at"), MONTHS, Node::Now, Node::Lt],
        vec![Node::Now, field("collected_at"), MONTHS, Node::Gt],
        vec![field("collected_at"), Node::LocalDate, MONTHS, Node::Today, Node::Lt],
        vec![field("collected_at"), call("subject.last_inbound_contact_at", &[]), Node::Lt],
        vec![field("collected_at"), Node::Now, MONTHS, Node::Lt],
        vec![field("collected_at"), MONTHS, Node::IsNull],
    ] {
        assert!(check(&nodes).is_ok(), "{nodes:?}: {:?}", check(&nodes));
    }
}

#[test]
fn the_first_wrong_node_is_named() {
    let undeclared = |kind, name: &str| RuleProblem::Undeclared { kind, name: name.to_owned() };
    let unknown = |kind, name: &str| RuleProblem::Unknown { kind, name: name.to_owned() };
    let wrong = |operator, expected: &str, found: &str| RuleProblem::Type {
        operator,
        expected: expected.to_owned(),
        found: found.to_owned(),
    };
    let under = |operator, needed, found| RuleProblem::Underflow { operator, needed, found };
    let arguments = |expected, found| RuleProblem::Arguments { name: "consent.status".to_owned(), expected, found };
    for (nodes, node, problem) in [
        (vec![field("phone")], 0, undeclared("field", "phone")),
        (vec![field("planet")], 0, unknown("field", "planet")),
        (vec![field("amount")], 0, unknown("field", "amount")),
        (vec![field("created_at")], 0, undeclared("field", "created_at")),
        (vec![related("company_id", "website")], 0, undeclared("field", "company_id.website")),
        (vec![related("company_id", "email")], 0, unknown("field", "company_id.email")),
        (vec![related("email", "country")], 0, RuleProblem::NotAReference("email".to_owned())),
        (vec![call("consent.method", &["a", "b"])], 0, undeclared("fact", "consent.method")),
        (vec![call("no.fact", &[])], 0, unknown("fact", "no.fact")),
        (vec![call("consent.status", &["marketing"])], 0, arguments(2, 1)),
        (vec![call("consent.status", &["marketing", ""])], 0, arguments(2, 1)),
        (vec![call("consent.status", &["a", "b", ""])], 0, arguments(2, 2)),
        (vec![Node::Context("ctx.recipient.id".to_owned())], 0, undeclared("context attribute", "ctx.recipient.id")),
        (vec![Node::Context("ctx.nothing".to_owned())], 0, unknown("context attribute", "ctx.nothing")),
        (vec![Node::Context("local.weekday".to_owned())], 0, undeclared("context attribute", "local.weekday")),
        (vec![Node::Context("local.holiday".to_owned())], 0, unknown("context attribute", "local.holiday")),
        (vec![Node::Context("local.holiday(Mars)".to_owned())], 0, unknown("context attribute", "local.holiday(Mars)")),
        (vec![Node::Context("local.hour".to_owned()), text("9"), Node::Ge], 2, wrong("ge", "integer", "text")),
        (vec![field("country"), Node::Now, Node::Eq], 2, wrong("eq", "text", "instant")),
        (vec![field("restricted"), Node::Not, text("a"), Node::Eq], 3, wrong("eq", "a value", "a condition")),
        (vec![field("country"), Node::Not], 1, wrong("not", "a condition", "text")),
        (vec![field("country"), Node::OneOf(vec![Value::Integer(1)])], 1, wrong("one-of", "text", "integer")),
        (vec![field("country"), Node::OneOf(vec![Value::Null])], 1, RuleProblem::NullInList),
        (vec![field("restricted"), text("a"), Node::Covers], 2, wrong("covers", "text", "boolean")),
        (vec![field("country"), MONTHS], 1, wrong("plus", "date or instant", "text")),
        (vec![Node::Literal(Value::Null), MONTHS], 1, wrong("plus", "date or instant", "null")),
        (vec![Node::Today, Node::LocalDate], 1, wrong("local-date", "instant", "date")),
        (vec![Node::Eq], 0, under("eq", 2, 0)),
        (vec![field("country"), Node::Eq], 1, under("eq", 2, 1)),
        (vec![field("restricted"), Node::All(2)], 1, under("all", 2, 1)),
        (vec![Node::Not], 0, under("not", 1, 0)),
        (vec![Node::Any(u32::MAX)], 0, under("any", 4_294_967_295, 0)),
        (vec![field("country")], 1, wrong("the rule", "a condition", "text")),
        (vec![field("restricted"), field("restricted")], 2, RuleProblem::LeftOver(2)),
        (
            vec![field("collected_at"), MONTHS, call("subject.last_inbound_contact_at", &[]), Node::Lt],
            3,
            RuleProblem::MovedAgainstRow,
        ),
        (
            vec![call("subject.last_inbound_contact_at", &[]), field("collected_at"), MONTHS, Node::Lt],
            3,
            RuleProblem::MovedAgainstRow,
        ),
    ] {
        assert_eq!(check(&nodes), Err(RuleError { node, problem }), "{nodes:?}");
    }
}

#[test]
fn fields_are_those_of_the_entity() {
    assert!(check_on("deal", &[field("amount"), Node::IsNull]).is_ok());
    assert!(check_on("deal", &[field("email"), Node::IsNull]).is_err());
    assert!(check_on("deal", &[field("engaged_on"), MONTHS, Node::Today, Node::Lt]).is_ok());
}

#[test]
fn size_and_depth_are_limited() {
    let nots = |count: usize| [vec![field("restricted")], vec![Node::Not; count]].concat();
    assert!(check(&nots(MAX_DEPTH - 1)).is_ok());
    let too_deep = RuleError { node: MAX_DEPTH, problem: RuleProblem::TooDeep };
    assert_eq!(check(&nots(MAX_DEPTH)), Err(too_deep));
    let moves = [vec![field("collected_at")], vec![MONTHS; MAX_DEPTH]].concat();
    assert!(matches!(check(&moves), Err(RuleError { problem: RuleProblem::TooDeep, .. })));

    let wide = |count: usize| {
        let mut nodes = vec![field("restricted"); count];
        nodes.push(Node::All(u32::try_from(count).unwrap()));
        nodes
    };
    assert!(check(&wide(MAX_NODES - 1)).is_ok());
    let too_long = RuleError { node: MAX_NODES + 1, problem: RuleProblem::TooLong(MAX_NODES + 1) };
    assert_eq!(check(&wide(MAX_NODES)), Err(too_long));
}

#[test]
fn errors_say_which_node_and_what_was_expected() {
    let error = check(&[field("country"), Node::Now, Node::Eq]).unwrap_err();
    assert_eq!(error.to_string(), "node 2: `eq` expects text, got instant");
}
