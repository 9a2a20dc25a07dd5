//! What a query may cost, decided before anything is looked up: nesting of the text, depth of
//! fields, and the number of fields that the answer may hold, with every list counted by the page
//! asked for. Aliases and fragments count each time they are used; all operations of the document
//! count together.

mod brackets;

use std::collections::HashSet;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Value, Variables};
use async_graphql_value::Value as AstValue;
use garant_domain::problem::{ErrorCode, Problem};

pub use brackets::check_nesting;

use crate::config::ApiConfig;

/// What one introspection costs beyond its fields: the schema is large and not paged.
const INTROSPECTION_COST: u64 = 1_000;
/// Lists of lists that introspection needs: types, their fields, their arguments.
const INTROSPECTION_LISTS: usize = 3;
/// Fragments inside fragments.
const MAX_SPREADS: usize = 16;

/// Refuses a document that is too deep or too expensive.
///
/// # Errors
/// `QUERY_TOO_COMPLEX`, with what was asked and what is allowed.
pub fn check(
    document: &ExecutableDocument,
    variables: &Variables,
    connections: &HashSet<String>,
    config: &ApiConfig,
) -> Result<u64, Problem> {
    let mut walk = Walk { document, variables, connections, config, operation: None, cost: 0, spreads: vec![] };
    for (_, operation) in document.operations.iter() {
        walk.operation = Some(&operation.node);
        walk.selection(&operation.node.selection_set.node, Place { depth: 1, times: 1, lists: None })?;
    }
    Ok(walk.cost)
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    connections: &'a HashSet<String>,
    config: &'a ApiConfig,
    operation: Option<&'a OperationDefinition>,
    cost: u64,
    spreads: Vec<&'a str>,
}

#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    /// How often the selection may be answered.
    times: u64,
    /// Inside introspection: how many lists are nested here.
    lists: Option<usize>,
}

impl<'a> Walk<'a> {
    fn selection(&mut self, set: &'a SelectionSet, place: Place) -> Result<(), Problem> {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.field(&field.node, place)?,
                Selection::InlineFragment(fragment) => {
                    self.spend(1)?;
                    self.selection(&fragment.node.selection_set.node, place)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.spend(1)?;
                    let name = spread.node.fragment_name.node.as_str();
                    // The library would walk a circle before it refuses it.
                    if self.spreads.contains(&name) {
                        return Err(Problem::input("query", format!("The fragment `{name}` spreads itself"))
                            .mend("Take the circle out."));
                    }
                    if self.spreads.len() >= MAX_SPREADS {
                        return Err(too_complex(format!("Fragments are nested deeper than {MAX_SPREADS}"))
                            .mend("Write the fields where they are used."));
                    }
                    // Unknown fragments are refused by validation.
                    if let Some(fragment) = self.document.fragments.get(name) {
                        self.spreads.push(name);
                        self.selection(&fragment.node.selection_set.node, place)?;
                        self.spreads.pop();
                    }
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, field: &'a Field, place: Place) -> Result<(), Problem> {
        let name = field.name.node.as_str();
        let introspection = matches!(name, "__schema" | "__type");
        self.spend(if introspection { INTROSPECTION_COST } else { place.times })?;
        if place.lists.is_none() && place.depth > self.config.max_depth {
            return Err(too_complex(format!("The query is nested deeper than {} fields", self.config.max_depth))
                .mend("Ask for fewer levels, or follow the ids in a second query."));
        }
        let set = &field.selection_set.node;
        if set.items.is_empty() {
            return Ok(());
        }
        let below = match place.lists {
            None if introspection => Place { lists: Some(0), ..place },
            None => Place { depth: place.depth + 1, times: place.times.saturating_mul(self.page(field)), lists: None },
            Some(lists) => Place { lists: Some(introspection_lists(name, lists)?), ..place },
        };
        self.selection(set, below)
    }

    /// How many records a field may answer for each parent.
    fn page(&self, field: &Field) -> u64 {
        let size = |name| field.get_argument(name).map(|value| self.resolve(&value.node));
        let asked = size("first").or_else(|| size("last"));
        let default = u64::from(self.config.default_page);
        match asked {
            Some(Some(Value::Number(n))) => n.as_u64().unwrap_or(1).clamp(1, u64::from(self.config.max_page)),
            Some(_) => default,
            None if self.connections.contains(field.name.node.as_str()) => default,
            None => match size("inputs") {
                Some(Some(Value::List(inputs))) => (inputs.len() as u64).max(1),
                _ => 1,
            },
        }
    }

    fn resolve(&self, value: &AstValue) -> Option<Value> {
        let lookup = |name: async_graphql::Name| {
            let given = self.variables.get(&name).cloned();
            let definitions = self.operation.map(|operation| &operation.variable_definitions);
            let default = || {
                let definition = definitions?.iter().find(|definition| definition.node.name.node == name)?;
                definition.node.default_value.as_ref().map(|value| value.node.clone())
            };
            given.or_else(default).ok_or(())
        };
        value.clone().into_const_with(lookup).ok()
    }

    fn spend(&mut self, cost: u64) -> Result<(), Problem> {
        self.cost = self.cost.saturating_add(cost);
        if self.cost <= self.config.max_complexity {
            return Ok(());
        }
        let max = self.config.max_complexity;
        Err(too_complex(format!("The answer could hold more than {max} fields"))
            .mend("Ask for smaller pages with `first`, fewer fields or fewer nested lists."))
    }
}

fn introspection_lists(name: &str, lists: usize) -> Result<usize, Problem> {
    const LISTS: [&str; 7] = ["types", "fields", "args", "inputFields", "enumValues", "possibleTypes", "interfaces"];
    let lists = if LISTS.contains(&name) { lists + 1 } else { lists };
    if lists > INTROSPECTION_LISTS {
        return Err(too_complex("The introspection nests too many lists".into())
            .mend("Ask for types, their fields and their arguments, and no deeper."));
    }
    Ok(lists)
}

fn too_complex(message: String) -> Problem {
    Problem::new(ErrorCode::QueryTooComplex, message)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use async_graphql::value;

    use super::*;

    fn cost_with(query: &str, variables: Variables, config: ApiConfig) -> Result<u64, Problem> {
        let connections = HashSet::from(["contacts".to_owned(), "deals".to_owned()]);
        check(&parse_query(query).unwrap(), &variables, &connections, &config)
    }

    fn cost(query: &str) -> u64 {
        cost_with(query, Variables::default(), ApiConfig::default()).unwrap()
    }

    #[test]
    fn lists_multiply_by_the_page_asked_for() {
        // contacts 1, nodes 10, id 10, deals 10, nodes 20, name 20.
        assert_eq!(cost("{ contacts(first: 10) { nodes { id deals(last: 2) { nodes { name } } } } }"), 71);
        assert_eq!(cost("{ contacts { totalCount } }"), 51);
        assert_eq!(cost("{ contacts(first: 100000) { totalCount } }"), 501);
        assert_eq!(cost("mutation { createContacts(inputs: [{}, {}, {}]) { id } }"), 4);
        assert_eq!(cost("{ contact(id: 1) { id } }"), 2);
    }

    #[test]
    fn variables_and_their_defaults_are_seen() {
        let query = "query($n: Int = 3) { contacts(first: $n) { totalCount } }";
        assert_eq!(cost(query), 4);
        let given = Variables::from_value(value!({ "n": 7 }));
        assert_eq!(cost_with(query, given, ApiConfig::default()).unwrap(), 8);
        let null = Variables::from_value(value!({ "n": null }));
        assert_eq!(cost_with(query, null, ApiConfig::default()).unwrap(), 51);
    }

    #[test]
    fn aliases_fragments_and_other_operations_count() {
        let one = cost("{ contacts(first: 10) { totalCount } }");
        let aliased = cost("{ a: contacts(first: 10) { totalCount } b: contacts(first: 10) { totalCount } }");
        assert_eq!(aliased, 2 * one);
        let spread =
            cost("fragment F on Query { contacts(first: 10) { totalCount } } { ...F a: contact(id: 1) { id } ...F }");
        assert_eq!(spread, 2 * one + 2 + 2);
        assert_eq!(
            cost("query A { contacts(first: 10) { totalCount } } query B { contacts(first: 10) { totalCount } }"),
            2 * one
        );
    }

    #[test]
    fn fragments_that_double_at_each_step_are_stopped() {
        let mut query = String::from("{ ...F0 }");
        for i in 0..MAX_SPREADS {
            query += &format!(" fragment F{i} on Query {{ ...F{n} a{i}: contact(id: 1) {{ id }} ...F{n} }}", n = i + 1);
        }
        let problem = cost_with(&query, Variables::default(), ApiConfig::default()).unwrap_err();
        assert_eq!(problem.code, ErrorCode::QueryTooComplex);
        let circle = "{ ...F } fragment F on Query { contact(id: 1) { id } ...G } fragment G on Query { ...F }";
        let problem = cost_with(circle, Variables::default(), ApiConfig::default()).unwrap_err();
        assert_eq!(problem.code, ErrorCode::BadUserInput);
    }

    #[test]
    fn depth_is_limited() {
        let config = ApiConfig { max_depth: 3, ..ApiConfig::default() };
        assert!(cost_with("{ contacts { nodes { id } } }", Variables::default(), config.clone()).is_ok());
        let problem = cost_with("{ contacts { edges { node { id } } } }", Variables::default(), config).unwrap_err();
        assert_eq!(problem.code, ErrorCode::QueryTooComplex);
    }

    #[test]
    fn introspection_passes_but_not_its_abuse() {
        let usual = "{ __schema { types { fields { args { type { ofType { ofType { ofType { ofType { ofType { ofType {
            ofType { ofType { name } } } } } } } } } } } } } }";
        assert!(cost(usual) > INTROSPECTION_COST);
        let abuse = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
        assert!(cost_with(abuse, Variables::default(), ApiConfig::default()).is_err());
        let many = (0..60).map(|i| format!("a{i}: __schema {{ types {{ name }} }} ")).collect::<String>();
        assert!(cost_with(&format!("{{ {many} }}"), Variables::default(), ApiConfig::default()).is_err());
    }
}
