//! What the library refuses before a query runs, told as our own problems: with the input's path, a
//! remedy, and without the value that was sent.

use garant_domain::problem::Problem;

const ARGUMENT: &str = "Invalid value for argument \"";

/// A message of the library's validation as a problem.
pub fn problem(message: &str) -> Problem {
    argument(message).unwrap_or_else(|| {
        Problem::input("query", message).mend("Check the query against the schema, which introspection tells.")
    })
}

/// `Invalid value for argument "<path>", <what is wrong>`.
fn argument(message: &str) -> Option<Problem> {
    let (path, wrong) = message.strip_prefix(ARGUMENT)?.split_once("\", ")?;
    if let Some(ty) = between(wrong, "expected type \"", "\"") {
        return Some(
            Problem::input(path, format!("`{path}` must be of type {ty}")).mend(format!("Give a value of type {ty}.")),
        );
    }
    if let Some(name) = between(wrong, "enumeration type \"", "\"") {
        let problem = Problem::input(path, format!("`{path}` is no value of {name}"));
        return Some(problem.mend(format!("Use one of the values of {name}, which introspection lists.")));
    }
    if let Some(field) = between(wrong, "unknown field \"", "\"") {
        let path = format!("{path}.{field}");
        return Some(Problem::input(&path, format!("`{path}` is not a field")).mend("Introspection lists the fields."));
    }
    let field = between(wrong, "field \"", "\"")?;
    let ty = between(wrong, "of type \"", "\"")?;
    let path = format!("{path}.{field}");
    Some(Problem::input(&path, format!("`{path}` is required")).mend(format!("Give a value of type {ty}.")))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(found, _)| found)
}

#[cfg(test)]
mod tests {
    use async_graphql::dynamic::Schema;
    use garant_domain::catalog::Catalog;

    use super::*;
    use crate::schema::{build, model::Model};

    async fn refused(query: &str) -> Problem {
        let schema: Schema = build(&Model::new(&Catalog::standard().unwrap()).unwrap()).unwrap();
        let response = schema.execute(query).await;
        assert!(response.errors[0].path.is_empty(), "{:?}", response.errors);
        problem(&response.errors[0].message)
    }

    /// Runs the library, whose words may change with its version.
    #[tokio::test]
    async fn the_librarys_words_are_understood() {
        for (query, field, message) in [
            ("mutation { createContact(input: {}) { id } }", "input.lastName", "`input.lastName` is required"),
            (
                "mutation { createContact(input: {lastName: 7}) { id } }",
                "input.lastName",
                "`input.lastName` must be of type String",
            ),
            (
                "{ contacts(orderBy: [{lastName: jane}]) { totalCount } }",
                "orderBy.0.lastName",
                "`orderBy.0.lastName` is no value of OrderByDirection",
            ),
            ("{ contacts(filter: {zip: {eq: 1}}) { totalCount } }", "filter.zip", "`filter.zip` is not a field"),
        ] {
            let problem = refused(query).await;
            assert_eq!((problem.field.as_deref(), problem.message.as_str()), (Some(field), message));
            assert!(problem.remedy.is_some());
        }
        let other = refused("{ contacts { nodes { astrologicalSign } } }").await;
        assert!(other.message.contains("astrologicalSign") && other.remedy.is_some());
    }
}
