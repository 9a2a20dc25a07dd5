//! Settings, described once: from this come the JSON Schema that the host checks, the defaults and
//! the form that the DPO sees in English and French.

use serde_json::{Map, Value as Json, json};

/// One setting.
#[derive(Clone, Debug)]
pub struct Setting {
    name: String,
    schema: Map<String, Json>,
}

/// All settings of a policy.
#[derive(Clone, Debug)]
pub struct Settings(Vec<Setting>);

fn setting(name: &str, schema: Json) -> Setting {
    let schema = match schema {
        Json::Object(schema) => schema,
        _ => Map::new(),
    };
    Setting { name: name.to_owned(), schema }
}

/// Yes or no.
#[must_use]
pub fn toggle(name: &str, default: bool) -> Setting {
    setting(name, json!({ "type": "boolean", "default": default }))
}

/// A number within limits; a default of `None` makes it optional (`null`).
#[must_use]
pub fn integer(name: &str, default: Option<i64>, minimum: i64, maximum: i64) -> Setting {
    let kind = if default.is_some() { json!("integer") } else { json!(["integer", "null"]) };
    setting(name, json!({ "type": kind, "default": default, "minimum": minimum, "maximum": maximum }))
}

/// A list of texts, such as purposes or countries.
#[must_use]
pub fn texts<const N: usize>(name: &str, default: [&str; N]) -> Setting {
    let default: Vec<&str> = default.into();
    let item = json!({ "type": "string", "minLength": 1 });
    setting(name, json!({ "type": "array", "items": item, "uniqueItems": true, "default": default }))
}

/// A text; one of the given ones unless there are none.
#[must_use]
pub fn text<const N: usize>(name: &str, default: &str, choices: [&str; N]) -> Setting {
    let choices: Vec<&str> = choices.into();
    let mut made = setting(name, json!({ "type": "string", "default": default }));
    if !choices.is_empty() {
        made.schema.insert("enum".to_owned(), json!(choices));
    }
    made
}

/// A group of settings; its default is made of theirs.
#[must_use]
pub fn object(name: &str, parts: Settings) -> Setting {
    let default = parts.defaults();
    let mut made = setting(name, parts.object_schema());
    made.schema.insert("default".to_owned(), default);
    made
}

/// A list of groups, with the rows that are there by default.
#[must_use]
pub fn list(name: &str, parts: &Settings, default: Json) -> Setting {
    setting(name, json!({ "type": "array", "items": parts.object_schema(), "default": default }))
}

impl Setting {
    /// The name that people see, in English and French.
    #[must_use]
    pub fn title(mut self, en: &str, fr: &str) -> Self {
        self.say("title", en, fr);
        self
    }

    /// What it does, in English and French.
    #[must_use]
    pub fn help(mut self, en: &str, fr: &str) -> Self {
        self.say("description", en, fr);
        self
    }

    fn say(&mut self, key: &str, en: &str, fr: &str) {
        self.schema.insert(key.to_owned(), json!(en));
        let french = self.schema.entry("x-fr").or_insert_with(|| json!({}));
        if let Json::Object(french) = french {
            french.insert(key.to_owned(), json!(fr));
        }
    }
}

impl Settings {
    /// Settings in the order in which people see them.
    pub fn new(settings: impl IntoIterator<Item = Setting>) -> Self {
        Self(settings.into_iter().collect())
    }

    /// A policy without settings.
    #[must_use]
    pub fn none() -> Self {
        Self(vec![])
    }

    /// The JSON Schema (2020-12).
    #[must_use]
    pub fn schema(&self) -> String {
        let mut schema = self.object_schema();
        if let Json::Object(map) = &mut schema {
            map.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        }
        schema.to_string()
    }

    /// The document in which every setting has its default.
    #[must_use]
    pub fn defaults(&self) -> Json {
        let default = |setting: &Setting| setting.schema.get("default").cloned().unwrap_or(Json::Null);
        Json::Object(self.0.iter().map(|setting| (setting.name.clone(), default(setting))).collect())
    }

    fn object_schema(&self) -> Json {
        let properties: Map<String, Json> =
            self.0.iter().map(|setting| (setting.name.clone(), Json::Object(setting.schema.clone()))).collect();
        // JSON objects have no order of their own, so the order of the form is said besides.
        let order: Vec<&str> = self.0.iter().map(|setting| setting.name.as_str()).collect();
        json!({ "type": "object", "additionalProperties": false, "properties": properties, "x-order": order })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_carries_defaults_and_both_languages() {
        let settings = Settings::new([
            toggle("strict", true).title("Strict", "Strict").help("Deny more.", "Refuser plus."),
            object("prospect", Settings::new([integer("months", Some(36), 1, 120)])),
        ]);
        assert_eq!(settings.defaults(), json!({ "strict": true, "prospect": { "months": 36 } }));
        let schema: Json = serde_json::from_str(&settings.schema()).unwrap_or_default();
        assert_eq!(schema["properties"]["strict"]["x-fr"]["description"], "Refuser plus.");
        assert_eq!(schema["properties"]["prospect"]["properties"]["months"]["maximum"], 120);
        assert_eq!(schema["additionalProperties"], false);
    }
}
