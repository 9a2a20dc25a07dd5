//! What does not type-check, told by node and expected type.

use super::*;
use crate::catalog::Catalog;

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn check_on(entity: &str, nodes: &[Node]) -> Result<Expr, RuleError> {
    check_with(entity, &[], nodes).map(|(_, expr)| expr)
}

/// With definitions, all of which must be right.
fn check_with(entity: &str, shared: &[Vec<Node>], nodes: &[Node]) -> Result<(Definitions, Expr), RuleError> {
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
    let mut definitions = Definitions::default();
    for nodes in shared {
        definitions.add(nodes.clone(), &env)?;
    }
    let expr = parse_with(nodes.to_vec(), &definitions, &env)?;
    Ok((definitions, expr))
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

fn check_shared(shared: &[Vec<Node>], nodes: &[Node]) -> Result<Expr, RuleError> {
    check_with("contact", shared, nodes).map(|(_, expr)| expr)
}

#[test]
fn a_shared_condition_stands_for_all_of_its_nodes() {
    let french = vec![field("country"), text("FR"), Node::Eq];
    let plain = check(&french).unwrap();
    let negated = vec![Node::Shared(0), Node::Not];
    let expr = check_shared(&[french, negated], &[Node::Shared(0), Node::Shared(1), Node::All(2)]).unwrap();
    let shared = Expr::Shared(std::sync::Arc::new(plain));
    let not = Expr::Shared(std::sync::Arc::new(Expr::Not(Box::new(shared.clone()))));
    assert_eq!(expr, Expr::All(vec![shared, not]));

    // A value is shared as well, and keeps its type.
    let country = [vec![field("country")]];
    assert!(check_shared(&country, &[Node::Shared(0), text("FR"), Node::Eq]).is_ok());
    let mixed = check_shared(&country, &[Node::Shared(0), Node::Now, Node::Eq]).unwrap_err();
    assert_eq!(mixed.to_string(), "node 2: `eq` expects text, got instant");
}

#[test]
fn a_definition_names_only_those_before_it_and_pushes_one_thing() {
    let unknown = |node, place: &str| {
        let problem = RuleProblem::Unknown { kind: "shared condition", name: place.to_owned() };
        Err(RuleError { node, problem })
    };
    assert_eq!(check(&[Node::Shared(0)]), unknown(0, "0"));
    assert_eq!(check_shared(&[vec![Node::Shared(0)]], &[]), unknown(0, "0"));
    assert_eq!(check_shared(&[vec![field("restricted")]], &[Node::Shared(u32::MAX)]), unknown(0, "4294967295"));
    let left = |count, node| Err(RuleError { node, problem: RuleProblem::LeftOver(count) });
    assert_eq!(check_shared(&[vec![]], &[]), left(0, 0));
    assert_eq!(check_shared(&[vec![field("restricted"), field("restricted")]], &[]), left(2, 2));
    let undeclared = check_shared(&[vec![call("subject.dead", &[])]], &[]).unwrap_err();
    assert!(matches!(undeclared.problem, RuleProblem::Undeclared { .. }), "{undeclared}");
}

#[test]
fn nothing_small_unfolds_into_something_large() {
    // Each twice the one before.
    let doubled = |times: u32| {
        let mut shared = vec![vec![field("restricted")]];
        shared.extend((0..times).map(|place| vec![Node::Shared(place), Node::Shared(place), Node::All(2)]));
        check_shared(&shared, &[Node::Shared(times)])
    };
    assert!(doubled(8).is_ok());
    assert_eq!(doubled(9), Err(RuleError { node: 3, problem: RuleProblem::TooLong(1_023) }));

    let deeper = |times: u32| {
        let mut shared = vec![vec![field("restricted")]];
        shared.extend((0..times).map(|place| vec![Node::Shared(place), Node::Not]));
        check_shared(&shared, &[Node::Shared(times)])
    };
    let deepest = u32::try_from(MAX_DEPTH).unwrap() - 1;
    assert!(deeper(deepest).is_ok());
    assert_eq!(deeper(deepest + 1), Err(RuleError { node: 1, problem: RuleProblem::TooDeep }));
}
