//! Variables that were not given. GraphQL reads `{ email: $email }` without `$email` as if the field
//! were not there; the library would read null and an update would clear the field.

use std::collections::HashSet;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Variables};
use async_graphql_value::Value as AstValue;
use garant_domain::problem::Problem;

/// Takes the uses of absent variables out of the document.
///
/// # Errors
/// A required variable was not given.
pub fn settle(document: &mut ExecutableDocument, variables: &Variables, chosen: Option<&str>) -> Result<(), Problem> {
    let mut absent = HashSet::new();
    match &mut document.operations {
        DocumentOperations::Single(operation) => settle_operation(&mut operation.node, variables, &mut absent)?,
        DocumentOperations::Multiple(operations) => {
            for (name, operation) in operations {
                if chosen.is_none_or(|chosen| chosen == name.as_str()) {
                    settle_operation(&mut operation.node, variables, &mut absent)?;
                }
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        prune_selection(&mut fragment.node.selection_set.node, &absent);
    }
    Ok(())
}

fn settle_operation(
    operation: &mut OperationDefinition,
    variables: &Variables,
    absent: &mut HashSet<Name>,
) -> Result<(), Problem> {
    for definition in &operation.variable_definitions {
        let name = &definition.node.name.node;
        if variables.contains_key(name) || definition.node.default_value.is_some() {
            continue;
        }
        if !definition.node.var_type.node.nullable {
            return Err(Problem::input(format!("variables.{name}"), format!("The variable ${name} is required")));
        }
        absent.insert(name.clone());
    }
    operation.variable_definitions.retain(|definition| !absent.contains(&definition.node.name.node));
    prune_selection(&mut operation.selection_set.node, absent);
    Ok(())
}

fn prune_selection(set: &mut SelectionSet, absent: &HashSet<Name>) {
    for item in &mut set.items {
        for directive in item.node.directives_mut() {
            directive.node.arguments.iter_mut().for_each(|(_, value)| prune(&mut value.node, absent));
        }
        match &mut item.node {
            Selection::Field(field) => {
                field.node.arguments.retain(|(_, value)| !is_absent(&value.node, absent));
                field.node.arguments.iter_mut().for_each(|(_, value)| prune(&mut value.node, absent));
                prune_selection(&mut field.node.selection_set.node, absent);
            }
            Selection::InlineFragment(fragment) => prune_selection(&mut fragment.node.selection_set.node, absent),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn is_absent(value: &AstValue, absent: &HashSet<Name>) -> bool {
    matches!(value, AstValue::Variable(name) if absent.contains(name))
}

fn prune(value: &mut AstValue, absent: &HashSet<Name>) {
    if is_absent(value, absent) {
        *value = AstValue::Null;
    }
    match value {
        AstValue::Object(fields) => {
            fields.retain(|_, value| !is_absent(value, absent));
            fields.values_mut().for_each(|value| prune(value, absent));
        }
        AstValue::List(values) => values.iter_mut().for_each(|value| prune(value, absent)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    use super::*;

    fn argument(document: &ExecutableDocument) -> String {
        let (_, operation) = document.operations.iter().next().unwrap();
        let Selection::Field(field) = &operation.node.selection_set.node.items[0].node else { panic!("a field") };
        field.node.arguments.iter().map(|(name, value)| format!("{}: {}", name.node, value.node)).collect()
    }

    #[test]
    fn what_was_not_given_is_not_there() {
        let query = "mutation($a: String, $b: String, $c: [Int]) { x(input: {a: $a, b: $b, c: [$c]}, v: $a) { id } }";
        let mut document = parse_query(query).unwrap();
        settle(&mut document, &Variables::from_value(value!({ "b": null })), None).unwrap();
        assert_eq!(argument(&document), "input: {b: $b, c: [null]}");
        let (_, operation) = document.operations.iter().next().unwrap();
        assert_eq!(operation.node.variable_definitions.len(), 1);
    }

    #[test]
    fn defaults_stay_and_required_variables_are_asked_for() {
        let mut document = parse_query("query($n: Int = 3) { x(n: $n) }").unwrap();
        settle(&mut document, &Variables::default(), None).unwrap();
        assert_eq!(argument(&document), "n: $n");
        let mut document = parse_query("query($n: Int!) { x(n: $n) }").unwrap();
        let problem = settle(&mut document, &Variables::default(), None).unwrap_err();
        assert_eq!(problem.field.as_deref(), Some("variables.n"));
        let mut two = parse_query("query A { x } query B($n: Int!) { x(n: $n) }").unwrap();
        assert!(settle(&mut two, &Variables::default(), Some("A")).is_ok());
        assert!(settle(&mut two, &Variables::default(), Some("B")).is_err());
    }
}
