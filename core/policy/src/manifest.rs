//! What a plugin says about itself, checked against what the host has: it can ask for nothing that
//! does not exist, and everything it can say has a reason in words.

use std::collections::BTreeSet;
use std::sync::Arc;

use garant_domain::catalog::{Catalog, Entity, SYSTEM_FIELDS};
use garant_domain::context::{ATTRIBUTES, BOUND_ATTRIBUTES};
use garant_domain::fact;
use garant_domain::reason::{Localised, Reason};
use garant_domain::rule::Hook;
use serde_json::Value as Json;

use crate::bindings::types;
use crate::convert::{hook_in, localised_in};
use crate::error::{PluginError, cut};

/// Stands for every entity of the catalogue, also for those that a tenant adds later.
const EVERY_ENTITY: &str = "*";
/// Entries of any one list of a manifest.
const MAX_ENTRIES: usize = 256;
/// Bytes of a settings schema.
const MAX_SCHEMA: usize = 64 << 10;
/// Characters of any one text.
const MAX_TEXT: usize = 2_000;

/// A manifest that holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Stable id: lower case, digits and hyphens.
    pub id: String,
    /// The version that the author gave.
    pub version: String,
    /// A few words.
    pub title: Localised,
    /// One or two sentences.
    pub summary: Localised,
    /// Where it has rules.
    pub hooks: Vec<Hook>,
    /// On which entities it has rules.
    pub entities: Vec<String>,
    /// Fields that it may touch, by name on whatever entity, or `reference.field` for one a hop away.
    pub fields: Vec<String>,
    /// Facts that its rules may use.
    pub facts: Vec<String>,
    /// Context attributes that `plan` is given.
    pub attributes: Vec<String>,
    /// Context attributes that its rules may use.
    pub bound_attributes: Vec<String>,
    /// Reference tables that `plan` is given.
    pub references: Vec<String>,
    /// JSON Schema of its settings.
    pub settings_schema: Json,
    /// Everything it can say.
    pub reasons: Vec<Arc<Reason>>,
}

impl Manifest {
    /// The reason with this code (without the plugin's id).
    #[must_use]
    pub fn reason(&self, code: &str) -> Option<&Arc<Reason>> {
        self.reasons.iter().find(|reason| reason.code == code)
    }

    /// Whether the plugin has rules there. It need not be asked, and refuses to be, elsewhere.
    #[must_use]
    pub fn covers(&self, hook: Hook, entity: &str) -> bool {
        self.hooks.contains(&hook) && self.entities.iter().any(|name| name == EVERY_ENTITY || name == entity)
    }

    pub(crate) fn check(
        said: types::Manifest,
        catalog: &Catalog,
    ) -> Result<(Self, jsonschema::Validator), PluginError> {
        let mut problems = Vec::new();
        let (settings_schema, validator) = schema(&said.settings_schema, &mut problems);
        let plugin = said.id.clone();
        let manifest = Self {
            id: said.id,
            version: said.version,
            title: localised_in(said.title),
            summary: localised_in(said.summary),
            hooks: said.hooks.into_iter().map(hook_in).collect(),
            entities: said.entities,
            fields: said.fields,
            facts: said.facts,
            attributes: said.attributes,
            bound_attributes: said.bound_attributes,
            references: said.references,
            settings_schema,
            reasons: said.reasons.into_iter().map(|reason| Arc::new(reason_in(&plugin, reason))).collect(),
        };
        manifest.identity(&mut problems);
        manifest.needs(catalog, &mut problems);
        manifest.reasons_hold(&mut problems);
        match validator {
            Some(validator) if problems.is_empty() => Ok((manifest, validator)),
            _ => {
                problems.truncate(20);
                Err(PluginError::BadManifest { problems })
            }
        }
    }

    fn identity(&self, problems: &mut Vec<String>) {
        if !is_name(&self.id, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            problems.push("the id must be 1 to 64 lower-case letters, digits and hyphens".to_owned());
        }
        if !is_name(&self.version, |c| c.is_ascii_alphanumeric() || ".-+".contains(c)) {
            problems.push("the version must be like 1.0.0".to_owned());
        }
        for (what, text) in [("title", &self.title), ("summary", &self.summary)] {
            texts(what, text, problems);
        }
        if self.hooks.is_empty() || self.entities.is_empty() {
            problems.push("it must name at least one hook and one entity".to_owned());
        }
    }

    fn needs(&self, catalog: &Catalog, problems: &mut Vec<String>) {
        let is_among = |list: &[(&str, _)], name: &str| list.iter().any(|(known, _)| *known == name);
        known("entity", &self.entities, |name| name == EVERY_ENTITY || catalog.entity(name).is_some(), problems);
        known("field", &self.fields, |name| is_field(catalog, name), problems);
        known("fact", &self.facts, |name| fact::find(name).is_some(), problems);
        known("attribute", &self.attributes, |name| is_among(ATTRIBUTES, name), problems);
        known("bound attribute", &self.bound_attributes, |name| is_among(BOUND_ATTRIBUTES, name), problems);
        // Which tables there are is the service's to know; a missing one fails the plan.
        known("reference", &self.references, |name| !name.is_empty(), problems);
    }

    fn reasons_hold(&self, problems: &mut Vec<String>) {
        let codes: Vec<String> = self.reasons.iter().map(|reason| reason.code.clone()).collect();
        let is_code = |code: &str| is_name(code, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        known("reason code", &codes, is_code, problems);
        if self.reasons.is_empty() {
            problems.push("it must have at least one reason".to_owned());
        }
        for reason in &self.reasons {
            let code = cut(&reason.code, 64);
            for (what, text) in [("title", &reason.title), ("message", &reason.message)] {
                texts(&format!("{what} of reason `{code}`"), text, problems);
            }
            if reason.article.trim().is_empty() {
                problems.push(format!("reason `{code}` names no article"));
            }
            let long = [&reason.remedy.en, &reason.remedy.fr, &reason.article].into_iter().any(|t| t.len() > MAX_TEXT);
            if long {
                problems.push(format!("a text of reason `{code}` is longer than {MAX_TEXT} bytes"));
            }
        }
    }
}

fn reason_in(plugin: &str, reason: types::Reason) -> Reason {
    Reason {
        plugin: plugin.to_owned(),
        code: reason.code,
        title: localised_in(reason.title),
        message: localised_in(reason.message),
        remedy: localised_in(reason.remedy),
        article: reason.article,
    }
}

/// A field of some entity, or `reference.field` for one a hop away.
fn is_field(catalog: &Catalog, name: &str) -> bool {
    let is_system = |name: &str| SYSTEM_FIELDS.iter().any(|(system, _)| *system == name);
    let is_on = |entity: &Entity, name: &str| is_system(name) || entity.field(name).is_some();
    match name.split_once('.') {
        None => is_system(name) || catalog.entities.iter().any(|entity| is_on(entity, name)),
        Some((via, field)) => {
            let targets = catalog.entities.iter().filter_map(|entity| entity.field(via)?.target());
            targets.filter_map(|target| catalog.entity(target)).any(|target| is_on(target, field))
        }
    }
}

/// Each name once, each of them known.
fn known(what: &str, names: &[String], is_known: impl Fn(&str) -> bool, problems: &mut Vec<String>) {
    if names.len() > MAX_ENTRIES {
        problems.push(format!("more than {MAX_ENTRIES} entries of kind {what}"));
        return;
    }
    let mut seen = BTreeSet::new();
    for name in names {
        let shown = cut(name, 64);
        if !is_known(name) {
            problems.push(format!("there is no {what} `{shown}`"));
        } else if !seen.insert(name) {
            problems.push(format!("the {what} `{shown}` is named twice"));
        }
    }
}

fn texts(what: &str, text: &Localised, problems: &mut Vec<String>) {
    if text.en.trim().is_empty() {
        problems.push(format!("the {what} is empty in both languages"));
    } else if text.en.len() > MAX_TEXT || text.fr.len() > MAX_TEXT {
        problems.push(format!("the {what} is longer than {MAX_TEXT} bytes"));
    }
}

fn is_name(name: &str, allowed: impl Fn(char) -> bool) -> bool {
    (1..=64).contains(&name.len()) && name.chars().all(allowed)
}

/// The schema must describe an object, since settings are one. References to other documents do
/// not resolve: this build of the validator reads neither files nor the network.
fn schema(text: &str, problems: &mut Vec<String>) -> (Json, Option<jsonschema::Validator>) {
    if text.len() > MAX_SCHEMA {
        problems.push(format!("the settings schema is longer than {MAX_SCHEMA} bytes"));
        return (Json::Null, None);
    }
    let schema: Json = match serde_json::from_str(text) {
        Ok(schema @ Json::Object(_)) => schema,
        Ok(_) => {
            problems.push("the settings schema is not an object".to_owned());
            return (Json::Null, None);
        }
        Err(error) => {
            problems.push(format!("the settings schema is not JSON: {error}"));
            return (Json::Null, None);
        }
    };
    match jsonschema::draft202012::new(&schema) {
        Ok(validator) => (schema, Some(validator)),
        Err(error) => {
            problems.push(format!("the settings schema is wrong: {}", cut(&error.to_string(), 300)));
            (schema, None)
        }
    }
}
