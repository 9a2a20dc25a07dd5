//! Checks of a manifest that need no case.

use std::collections::BTreeSet;

use garant_domain::catalog::Catalog;
use garant_domain::context::{ATTRIBUTES, BOUND_ATTRIBUTES};
use garant_domain::fact;
use garant_plugin_sdk::Policy;
use garant_plugin_sdk::wit::{Guest, types as wit};
use serde_json::{Map, Value as Json};

use crate::case::Case;
use crate::citation::check_citation;
use crate::reference::Reference;

/// The defaults that a schema states, by setting.
pub(crate) fn defaults(schema: &str) -> Map<String, Json> {
    let schema: Json = serde_json::from_str(schema).unwrap_or_default();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    properties.into_iter().filter_map(|(name, property)| Some((name, property.get("default")?.clone()))).collect()
}

/// What is wrong with the manifest of a policy: a text missing in a language, a citation, fact or
/// attribute that does not exist, a default that the code does not share. Empty when all is well.
#[must_use]
pub fn check_manifest<P: Policy>() -> Vec<String> {
    let manifest = P::describe();
    let mut wrong = texts(&manifest);
    let mut codes = BTreeSet::new();
    for reason in &manifest.reasons {
        if !codes.insert(&reason.code) {
            wrong.push(format!("{} is declared twice", reason.code));
        }
        if let Err(error) = check_citation(&reason.article) {
            wrong.push(format!("{}: {error}", reason.code));
        }
    }
    for name in manifest.facts.iter().filter(|name| fact::find(name).is_none()) {
        wrong.push(format!("there is no fact `{name}`"));
    }
    let unknown = |list: &'static [(&str, _)]| move |key: &&String| !list.iter().any(|(name, _)| name == key);
    let attributes = manifest.attributes.iter().filter(unknown(ATTRIBUTES));
    for key in attributes.chain(manifest.bound_attributes.iter().filter(unknown(BOUND_ATTRIBUTES))) {
        wrong.push(format!("there is no context attribute `{key}`"));
    }
    wrong.extend(manifest.references.iter().filter_map(|name| reference(name).err()));
    wrong.extend(settings::<P>(&manifest.settings_schema));
    wrong
}

/// A declared table is one that ships with the server, a register of the catalogue, or what follows from registers.
fn reference(name: &str) -> Result<(), String> {
    let catalog = Catalog::standard().map_err(|error| error.to_string())?;
    if name == garant_domain::chain::NAME || catalog.entity(name).is_some_and(|entity| !entity.needs_purpose()) {
        return Ok(());
    }
    Reference::embedded(name).map(|_| ())
}

fn texts(manifest: &wit::Manifest) -> Vec<String> {
    let mut texts = vec![("title".to_owned(), &manifest.title), ("summary".to_owned(), &manifest.summary)];
    for reason in &manifest.reasons {
        texts.push((format!("title of {}", reason.code), &reason.title));
        texts.push((format!("message of {}", reason.code), &reason.message));
        texts.push((format!("remedy of {}", reason.code), &reason.remedy));
    }
    let missing = texts.into_iter().filter(|(_, text)| text.en.is_empty() || text.fr.is_empty());
    missing.map(|(what, _)| format!("the {what} needs both languages")).collect()
}

fn settings<P: Policy>(schema: &str) -> Vec<String> {
    let mut wrong = vec![];
    let parsed: Json = match serde_json::from_str(schema) {
        Ok(parsed) => parsed,
        Err(error) => return vec![format!("the schema is no JSON: {error}")],
    };
    for (name, property) in parsed["properties"].as_object().into_iter().flatten() {
        let said = |value: &Json, key: &str| value[key].as_str().is_some_and(|text| !text.is_empty());
        for key in ["title", "description"] {
            if !said(property, key) || !said(&property["x-fr"], key) {
                wrong.push(format!("setting `{name}` needs a {key} in both languages"));
            }
        }
    }
    // The form shows the schema's defaults; a policy that assumes others would surprise the DPO.
    let stated = P::configure(Json::Object(defaults(schema)).to_string());
    match (stated, P::configure("{}".to_owned())) {
        (Ok(stated), Ok(assumed)) if stated == assumed => {}
        (Ok(_), Ok(_)) => wrong.push("the schema's defaults differ from the type's".to_owned()),
        (stated, assumed) => {
            for problem in stated.err().into_iter().chain(assumed.err()).flatten() {
                wrong.push(format!("default settings: {} {}", problem.path, problem.message));
            }
        }
    }
    wrong
}

/// The reason codes that no case expects.
#[must_use]
pub fn codes_without_case<'a>(codes: &'a [String], cases: &[Case]) -> Vec<&'a String> {
    let expected: BTreeSet<&str> = cases.iter().flat_map(|case| case.expect.code.sorted()).collect();
    codes.iter().filter(|code| !expected.contains(code.as_str())).collect()
}
