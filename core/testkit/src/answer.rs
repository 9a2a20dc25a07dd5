//! What a request answered.

use std::collections::BTreeMap;

use serde_json::Value;

/// Status and body of an answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: Value,
    /// The body as it came, byte for byte.
    pub text: String,
    /// Headers; the last of several.
    pub headers: BTreeMap<String, String>,
}

impl Answer {
    /// A value of `data`, by JSON pointer.
    #[must_use]
    pub fn data(&self, pointer: &str) -> &Value {
        self.body.pointer(&format!("/data{pointer}")).unwrap_or(&Value::Null)
    }

    /// A list of texts below `data`: of each element of the list, the value at a pointer.
    #[must_use]
    pub fn texts(&self, list: &str, each: &str) -> Vec<String> {
        let elements = self.data(list).as_array().cloned().unwrap_or_default();
        elements.iter().filter_map(|element| element.pointer(each)?.as_str().map(str::to_owned)).collect()
    }

    /// The code of the first error.
    #[must_use]
    pub fn code(&self) -> &str {
        self.error("/code").as_str().unwrap_or_default()
    }

    /// A value of the first error's extensions.
    #[must_use]
    pub fn error(&self, pointer: &str) -> &Value {
        self.body.pointer(&format!("/errors/0/extensions{pointer}")).unwrap_or(&Value::Null)
    }

    /// The answer, if it has no error.
    ///
    /// # Panics
    ///
    /// With the body, if it has one.
    pub fn ok(self) -> Self {
        assert!(self.status == 200 && self.body.get("errors").is_none(), "an error: {}", self.text);
        self
    }
}
