//! Settings: first against the plugin's own JSON Schema, then by the plugin, which compiles them to
//! what `plan` reads. Nothing is filled in here; what a missing setting means is the plugin's to say.

use std::sync::Arc;

use garant_domain::problem::SettingProblem;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::cache::Digest32;
use crate::error::{ConfigureError, PluginError, cut};
use crate::load::Plugin;
use crate::sandbox::Log;

/// Problems that are shown of one document.
const MAX_PROBLEMS: usize = 50;

/// Settings that a plugin accepted, for that plugin alone.
#[derive(Debug, PartialEq, Eq)]
pub struct Configured {
    pub(crate) blob: Vec<u8>,
    pub(crate) digest: Digest32,
    pub(crate) component: String,
}

impl Configured {
    /// SHA-256 of the compiled settings, hex.
    #[must_use]
    pub fn digest(&self) -> String {
        hex::encode(self.digest)
    }
}

impl Plugin {
    /// Checks settings, given as a JSON document.
    ///
    /// # Errors
    /// The problems that the schema or the plugin found, or why the plugin could not look.
    pub async fn configure(&self, settings: &str) -> Result<Arc<Configured>, ConfigureError> {
        let problems = self.against_schema(settings);
        if !problems.is_empty() {
            return Err(ConfigureError::Problems(problems));
        }
        let (core, settings) = (Arc::clone(&self.core), settings.to_owned());
        let answer = self
            .engine
            .run(&self.core.compiled.permits, move || {
                let deadline = core.limits.setup_deadline;
                core.compiled.sandbox.call(deadline, Log::Open, |policy, store| policy.call_configure(store, &settings))
            })
            .await?;
        match answer {
            Ok(blob) => {
                let digest = Sha256::digest(&blob).into();
                Ok(Arc::new(Configured { blob, digest, component: self.digest().to_owned() }))
            }
            Err(problems) if problems.is_empty() => {
                let detail = "it refused the settings and named no problem".to_owned();
                Err(PluginError::BadOutput { detail }.into())
            }
            Err(problems) => Err(ConfigureError::Problems(
                problems
                    .into_iter()
                    .take(MAX_PROBLEMS)
                    .map(|problem| SettingProblem {
                        path: cut(&problem.path, 300),
                        message: cut(&problem.message, 500),
                        hint: cut(&problem.hint, 500),
                    })
                    .collect(),
            )),
        }
    }

    fn against_schema(&self, settings: &str) -> Vec<SettingProblem> {
        let settings: Json = match serde_json::from_str(settings) {
            Ok(settings @ Json::Object(_)) => settings,
            Ok(_) => return vec![problem("", "Settings must be a JSON object.", "Write { } around them.")],
            Err(error) => return vec![problem("", &format!("Settings are not JSON: {error}."), "Mend the document.")],
        };
        let schema = &self.core.manifest.settings_schema;
        let errors = self.core.schema.iter_errors(&settings).take(MAX_PROBLEMS);
        errors
            .map(|error| {
                let (path, rule) = (error.instance_path().to_string(), error.schema_path().to_string());
                problem(&path, &cut(&error.to_string(), 500), &hint(schema, &rule))
            })
            .collect()
    }
}

fn problem(path: &str, message: &str, hint: &str) -> SettingProblem {
    SettingProblem { path: path.to_owned(), message: message.to_owned(), hint: hint.to_owned() }
}

/// How to mend it, from the part of the schema that was violated and the description beside it.
fn hint(schema: &Json, rule: &str) -> String {
    let (parent, keyword) = rule.rsplit_once('/').unwrap_or(("", rule));
    let part = schema.pointer(parent);
    let demand = schema.pointer(rule).map(ToString::to_string).unwrap_or_default();
    let what = match keyword {
        "type" => format!("Give a value of type {demand}."),
        "enum" => format!("Give one of {demand}."),
        "const" => format!("Give {demand}."),
        "minimum" | "minLength" | "minItems" => format!("Give at least {demand}."),
        "maximum" | "maxLength" | "maxItems" => format!("Give at most {demand}."),
        "pattern" => format!("Match the pattern {demand}."),
        "required" => format!("Required here: {demand}."),
        "additionalProperties" | "unevaluatedProperties" => {
            let names = part.and_then(|part| part.get("properties")).and_then(Json::as_object);
            let names: Vec<&str> = names.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            format!("Known here: {}.", names.join(", "))
        }
        _ => format!("The schema demands {keyword} {demand}."),
    };
    match part.and_then(|part| part.get("description")).and_then(Json::as_str) {
        Some(description) => cut(&format!("{what} {description}"), 500),
        None => cut(&what, 500),
    }
}
