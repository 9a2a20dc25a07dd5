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

/// From `camelCase` back to `snake_case`; what is written so already stays.
pub fn snake(camel: &str) -> String {
    let mut out = String::with_capacity(camel.len() + 4);
    for c in camel.chars() {
        if c.is_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
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
        assert_eq!((snake("shoeSize"), snake("shoe_size")), ("shoe_size".to_owned(), "shoe_size".to_owned()));
        assert_eq!(camel("_odd_"), "odd");
        assert_eq!(pascal("consent_event"), "ConsentEvent");
        assert_eq!(pascal(""), "");
        assert_eq!(camel_path("input.last_name"), "input.lastName");
    }
}
