//! From the catalogue's `snake_case` to GraphQL's `camelCase` and `PascalCase`.

pub use garant_domain::catalog::camel;

/// `consent_event` becomes `ConsentEvent`.
pub fn pascal(snake: &str) -> String {
    let camel = camel(snake);
    let mut chars = camel.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => camel,
    }
}

/// A dotted path with each part in camel case: `input.last_name` becomes `input.lastName`.
pub fn camel_path(path: &str) -> String {
    path.split('.').map(camel).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_graphql() {
        assert_eq!(camel("last_inbound_contact_at"), "lastInboundContactAt");
        assert_eq!(camel("phone_2"), "phone2");
        assert_eq!(camel("id"), "id");
        assert_eq!(camel("_odd_"), "odd");
        assert_eq!(pascal("consent_event"), "ConsentEvent");
        assert_eq!(pascal(""), "");
        assert_eq!(camel_path("input.last_name"), "input.lastName");
    }
}
