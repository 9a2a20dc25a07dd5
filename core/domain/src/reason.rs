//! Why something is not shown or not done: plugin, code, article, message and remedy, in English
//! and French.

use serde::{Deserialize, Serialize};

/// A text in English and French.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Localised {
    /// English.
    pub en: String,
    /// French; the English text where the author gave none.
    pub fr: String,
}

/// A reason as a plugin declares it, with the plugin's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reason {
    /// Plugin id.
    pub plugin: String,
    /// Stable code inside the plugin.
    pub code: String,
    /// A few words.
    pub title: Localised,
    /// One sentence.
    pub message: Localised,
    /// The smallest change that would allow it.
    pub remedy: Localised,
    /// As cited: `GDPR 7(3)`.
    pub article: String,
}

impl Reason {
    /// The code as it travels: `plugin-id/CODE`.
    #[must_use]
    pub fn full_code(&self) -> String {
        format!("{}/{}", self.plugin, self.code)
    }
}
