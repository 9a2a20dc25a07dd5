//! The case files of every shipped policy once more: with the file that is shipped, in the real sandbox,
//! as the host asks it. What comes out must be what the same cases expect of the native code. Plugins
//! are found by their folders, so a new one is held to its cases without a word here.

use std::sync::Arc;

use garant_domain::catalog::{Catalog, Entity};
use garant_domain::context::ATTRIBUTES;
use garant_domain::rule::Rule;
use garant_plugin_testkit::{Case, Reference, check, load_folder};
use garant_policy::{Engine, Limits, PlanRequest, Plugin, ReferenceTable};
use serde_json::Value as Json;

#[tokio::test(flavor = "multi_thread")]
async fn every_case_has_the_same_outcome_in_the_sandbox() {
    let engine = Engine::new(Limits::standard()).expect("an engine");
    let (mut run, mut judged, mut failures) = (0, 0, Vec::new());
    for shipped in garant::shipped_plugins() {
        let cases = shipped_cases().into_iter().find(|(id, _)| *id == shipped.id).expect("cases").1;
        for case in cases {
            let standard = Catalog::standard().expect("the catalogue");
            let catalog = Arc::new(with_custom(&case, standard));
            let plugin = engine.load(&shipped.bytes, Arc::clone(&catalog)).await.expect("a plugin");
            match outcome(&plugin, &catalog, &case).await {
                Ok(Outcome::Held) => run += 1,
                Ok(Outcome::Judges) => judged += 1,
                Err(error) => failures.push(format!("{}: {}: {error}", shipped.id, case.name)),
            }
        }
    }
    assert!(failures.is_empty(), "{} cases differ in the sandbox:\n{}", failures.len(), failures.join("\n"));
    assert!(run > 300, "only {run} cases");
    assert!(judged * 10 < run, "{judged} cases are left to the native run");
}

enum Outcome {
    /// As expected.
    Held,
    /// The plan asks to look at the record itself, which the native run of the cases does.
    Judges,
}

/// The catalogue with the fields that the tenant of a case added.
pub fn with_custom(case: &Case, standard: Catalog) -> Catalog {
    if case.custom.is_empty() {
        return standard;
    }
    let extended = |entity: &Entity| {
        if entity.name == case.entity { case.entity(&standard).expect("an entity") } else { entity.clone() }
    };
    Catalog::new(standard.entities.iter().map(extended).collect()).expect("a catalogue")
}

async fn outcome(plugin: &Plugin, catalog: &Catalog, case: &Case) -> Result<Outcome, String> {
    let Some(rules) = planned(plugin, catalog, case).await? else { return Ok(Outcome::Judges) };
    check(case, &rules, &codes(plugin)).map(|()| Outcome::Held)
}

/// The rules that a plugin gives for a case, in the sandbox; `None` where it asks to look at the record
/// itself.
pub async fn planned(plugin: &Plugin, catalog: &Catalog, case: &Case) -> Result<Option<Vec<Rule>>, String> {
    let manifest = plugin.manifest();
    let configured =
        plugin.configure(&settings(&manifest.settings_schema, case)).await.map_err(|error| error.to_string())?;
    let attribute = |(key, ty): &(&str, _)| Ok(((*key).to_owned(), case.attribute(key, *ty)?));
    let request = PlanRequest {
        hook: case.hook,
        entity: case.entity.clone(),
        attributes: ATTRIBUTES.iter().map(attribute).collect::<Result<_, String>>()?,
        references: manifest.references.iter().map(|name| table(name, catalog, case)).collect::<Result<_, String>>()?,
    };
    let plan = plugin.plan(&configured, &request).await.map_err(|error| format!("{error:?}"))?;
    Ok(if plan.judge.is_some() { None } else { Some(plan.rules.clone()) })
}

/// The reason codes of a plugin.
pub fn codes(plugin: &Plugin) -> Vec<String> {
    plugin.manifest().reasons.iter().map(|reason| reason.code.clone()).collect()
}

/// Every case of every shipped plugin, with the plugin's id.
pub fn shipped_cases() -> Vec<(String, Vec<Case>)> {
    let of = |id: String| {
        let folder = format!("{}/../plugins/{id}/cases", env!("CARGO_MANIFEST_DIR"));
        let cases = load_folder(&folder).expect("case files");
        assert!(!cases.is_empty(), "{id} has no cases");
        (id, cases)
    };
    garant::shipped_plugins().into_iter().map(|shipped| of(shipped.id)).collect()
}

/// The defaults of the schema, with what the case sets otherwise.
fn settings(schema: &Json, case: &Case) -> String {
    let defaults = schema["properties"].as_object().into_iter().flatten();
    let defaults = defaults.filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone())));
    let mut settings: serde_json::Map<String, Json> = defaults.collect();
    for (name, value) in &case.settings {
        settings.insert(name.clone(), serde_json::to_value(value).expect("JSON"));
    }
    Json::Object(settings).to_string()
}

/// A declared table as of the case: of registers of the catalogue, or one that ships with the server.
fn table(name: &str, catalog: &Catalog, case: &Case) -> Result<Arc<ReferenceTable>, String> {
    let (columns, rows) = match case.derived(name, catalog)? {
        Some(table) => (table.columns, table.rows),
        None => {
            let table = Reference::embedded(name)?;
            let rows = table.valid_at(case.now()?, case.zone()?)?;
            (table.columns, rows)
        }
    };
    ReferenceTable::new(name, columns, rows).map(Arc::new).map_err(|error| format!("{error:?}"))
}
