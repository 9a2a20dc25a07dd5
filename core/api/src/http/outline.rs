//! What an operation does, for people who are asked to approve it: its fields by their names in the
//! schema and the names of their arguments. No value, no alias, no variable and no name that the client
//! chose, since each of them may be a personal value or a lie.

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};

/// The longest outline that a person is asked to judge, in bytes.
const MOST: usize = 2_000;
/// Fragments inside fragments; the limits of queries are tighter.
const MOST_NESTED: usize = 32;

/// The outline of an operation; `None` where it is too long.
pub fn outline(document: &ExecutableDocument, operation: &OperationDefinition) -> Option<String> {
    let mut text = operation.ty.to_string();
    write(document, &operation.selection_set.node, 0, &mut text)?;
    Some(text)
}

fn write(document: &ExecutableDocument, set: &SelectionSet, level: usize, into: &mut String) -> Option<()> {
    if set.items.is_empty() {
        return Some(());
    }
    into.push_str(" {");
    fields(document, set, level, into)?;
    into.push_str(" }");
    Some(())
}

fn fields(document: &ExecutableDocument, set: &SelectionSet, level: usize, into: &mut String) -> Option<()> {
    for item in &set.items {
        if into.len() > MOST || level > MOST_NESTED {
            return None;
        }
        match &item.node {
            Selection::Field(field) => {
                into.push(' ');
                into.push_str(field.node.name.node.as_str());
                let arguments: Vec<&str> = field.node.arguments.iter().map(|(name, _)| name.node.as_str()).collect();
                if !arguments.is_empty() {
                    into.push_str(&format!("({})", arguments.join(", ")));
                }
                write(document, &field.node.selection_set.node, level + 1, into)?;
            }
            Selection::InlineFragment(fragment) => {
                fields(document, &fragment.node.selection_set.node, level + 1, into)?;
            }
            Selection::FragmentSpread(spread) => {
                let fragment = document.fragments.get(&spread.node.fragment_name.node)?;
                fields(document, &fragment.node.selection_set.node, level + 1, into)?;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn of(query: &str) -> Option<String> {
        let document = parse_query(query).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        outline(&document, &operation.node)
    }

    #[test]
    fn it_holds_names_of_the_schema_alone() {
        let query =
            "query JaneDoe($jane: String) { jane: contacts(first: 3, filter: {email: {eq: \"jane@x\"}}) { ...f } }
            fragment f on ContactConnection { nodes { ... { j: email(x: $jane) } } totalCount }";
        assert_eq!(of(query).as_deref(), Some("query { contacts(first, filter) { nodes { email(x) } totalCount } }"));
        assert_eq!(of("mutation { a b { c } }").as_deref(), Some("mutation { a b { c } }"));
    }

    #[test]
    fn what_nobody_would_read_has_none() {
        assert_eq!(of(&format!("{{ {} }}", "contacts ".repeat(300))), None);
        let mut doubling = "query { ...f0 }".to_owned();
        for level in 0..20 {
            doubling.push_str(&format!(" fragment f{level} on X {{ ...f{} ...f{} }}", level + 1, level + 1));
        }
        doubling.push_str(" fragment f20 on X { id }");
        assert_eq!(of(&doubling), None);
        assert_eq!(of("query { ...f } fragment f on X { ...f }"), None, "a circle");
    }
}
