//! The schema as a whole: drift of the checked-in SDL, and entities that nobody wrote code for.

use std::path::Path;

use garant_domain::catalog::{Catalog, Entity};

use super::*;

const UPDATE: &str = "GARANT_UPDATE_SDL";

#[test]
fn the_checked_in_sdl_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let now = sdl(&Catalog::standard().unwrap()).unwrap();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(now == checked_in, "core/api/schema.graphql is out of date; run this test with {UPDATE}=1 and commit it");
}

#[test]
fn personal_fields_are_marked() {
    let sdl = sdl(&Catalog::standard().unwrap()).unwrap();
    for entity in &Catalog::standard().unwrap().entities {
        for field in entity.fields.iter().filter(|field| field.is_personal()) {
            let line = format!("\t{}: ", names::camel(&field.name));
            let mark = format!("@personal(category: \"{}\")", field.category);
            assert!(sdl.lines().any(|l| l.starts_with(&line) && l.contains(&mark)), "{}.{}", entity.name, field.name);
        }
    }
}

fn entity(text: &str) -> Entity {
    toml::from_str(text).unwrap()
}

const CASE: &str = r#"
    name = "court_case"
    plural = "court_cases"
    label = { en = "Case", fr = "Dossier" }
    subject = "none"
    [[field]]
    name = "title"
    type = "text"
    label = { en = "Title", fr = "Titre" }
    category = "system.operations"
    retention = "business"
    erasure = "preserve"
    [[field]]
    name = "parent_id"
    type = { reference = "court_case" }
    label = { en = "Parent", fr = "Parent" }
    category = "system.operations"
    retention = "business"
    erasure = "preserve"
    [[inverse]]
    name = "children"
    entity = "court_case"
    via = "parent_id"
"#;

#[test]
fn a_new_entity_needs_no_code() {
    let catalog = Catalog::new(vec![entity(CASE)]).unwrap();
    let sdl = sdl(&catalog).unwrap();
    for part in [
        "courtCases(",
        "courtCase(",
        "createCourtCase(",
        "createCourtCases(",
        "updateCourtCase(",
        "deleteCourtCase(",
        "restoreCourtCase(",
        "parent: CourtCase",
        "parentId: ID",
        "children(",
    ] {
        assert!(sdl.contains(part), "{part}");
    }
}

#[test]
fn evidence_can_only_be_created() {
    let text = CASE.replace("subject =", "append_only = true\n    subject =");
    let sdl = sdl(&Catalog::new(vec![entity(&text)]).unwrap()).unwrap();
    assert!(
        sdl.contains("createCourtCase(") && !sdl.contains("updateCourtCase(") && !sdl.contains("CourtCaseUpdateInput")
    );
}

#[test]
fn names_that_clash_are_refused_with_a_name() {
    let clash = entity(&CASE.replace("\"title\"", "\"parent\""));
    let error = sdl(&Catalog::new(vec![clash]).unwrap()).unwrap_err();
    assert!(matches!(error, SchemaError::Duplicate { of, name } if of == "court_case" && name == "parent"));
}
