//! The demo's queries: GraphQL files whose first lines say who asks, for which purpose, and what to
//! see. They become commands to paste.

use std::collections::HashMap;

/// A query of the demo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Name of the token that asks.
    pub asks: String,
    /// Purpose named, if any.
    pub purpose: Option<String>,
    /// What to see.
    pub shows: String,
    /// The text.
    pub text: String,
}

const FILES: [&str; 3] = [
    include_str!("../../../../examples/demo/1.graphql"),
    include_str!("../../../../examples/demo/2.graphql"),
    include_str!("../../../../examples/demo/3.graphql"),
];

/// The demo's queries in their order. `{version:ID}` becomes the current version of that policy.
#[must_use]
pub fn queries(versions: &HashMap<String, i64>) -> Vec<Query> {
    FILES.iter().map(|file| parse(file, versions)).collect()
}

fn parse(file: &str, versions: &HashMap<String, i64>) -> Query {
    let heads = file
        .lines()
        .take_while(|line| line.starts_with('#'))
        .filter_map(|line| line.trim_start_matches('#').split_once(':'));
    let heads: HashMap<&str, &str> = heads.map(|(name, value)| (name.trim(), value.trim())).collect();
    let head = |name: &str| heads.get(name).map(|value| (*value).to_owned());
    let body: Vec<&str> = file.lines().skip_while(|line| line.starts_with('#')).map(str::trim).collect();
    let mut text = body.join(" ").trim().to_owned();
    for (id, version) in versions {
        text = text.replace(&format!("{{version:{id}}}"), &version.to_string());
    }
    Query {
        asks: head("asks").unwrap_or_default(),
        purpose: head("purpose"),
        shows: head("shows").unwrap_or_default(),
        text,
    }
}

impl Query {
    /// A command that asks it, for a shell.
    #[must_use]
    pub fn command(&self, url: &str, token: &str) -> String {
        let body = serde_json::json!({ "query": self.text }).to_string().replace('\'', "'\\''");
        let purpose = self.purpose.as_ref().map_or_else(String::new, |purpose| format!(" -H 'Purpose: {purpose}'"));
        format!(
            "curl -s {url}/graphql -H 'Authorization: Bearer {token}'{purpose} -H 'Content-Type: application/json' -d '{body}'"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_says_who_asks_and_what_to_see() {
        for query in queries(&HashMap::new()) {
            assert!(!query.asks.is_empty() && !query.shows.is_empty() && query.text.contains('{'), "{query:?}");
        }
    }

    #[test]
    fn a_command_survives_the_shell() {
        let query = parse(
            "# asks: dpo\n# shows: it's\nmutation { a(v: {version:x}, t: \"it's\") }\n",
            &HashMap::from([("x".to_owned(), 3)]),
        );
        assert_eq!(query.text, "mutation { a(v: 3, t: \"it's\") }");
        let command = query.command("http://h", "grt_x");
        assert!(command.ends_with(r#"-d '{"query":"mutation { a(v: 3, t: \"it'\''s\") }"}'"#), "{command}");
        assert!(!command.contains("Purpose"));
    }
}
