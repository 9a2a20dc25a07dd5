//! The dependency rule, read from the manifests: who may name whom.

use std::collections::BTreeMap;
use std::path::Path;

/// Each crate and the crates of ours that it may name, dev-dependencies aside.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("core/bench", &[]),
    ("core/domain", &[]),
    ("core/store", &["garant-domain"]),
    ("core/policy", &["garant-domain"]),
    ("core/service", &["garant-domain", "garant-policy", "garant-store"]),
    ("core/api", &["garant-domain", "garant-service"]),
    ("core/server", &["garant-api", "garant-domain", "garant-policy", "garant-service", "garant-store"]),
    ("plugin-sdk", &[]),
    ("plugin-sdk/testkit", &["garant-domain", "garant-plugin-sdk"]),
];

/// Packages that only one crate may name.
const ONLY_HERE: &[(&str, &str)] =
    &[("sqlx", "core/store"), ("sea-query", "core/store"), ("wasmtime", "core/policy"), ("async-graphql", "core/api")];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

fn dependencies(folder: &str) -> Vec<String> {
    let path = root().join(folder).join("Cargo.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let manifest: toml::Table = text.parse().expect("a manifest");
    let table = |name: &str| manifest.get(name).and_then(|value| value.as_table()).cloned().unwrap_or_default();
    table("dependencies").keys().chain(table("build-dependencies").keys()).cloned().collect()
}

fn folders() -> Vec<String> {
    let mut folders: Vec<String> = vec!["plugin-sdk".to_owned(), "plugin-sdk/testkit".to_owned()];
    for parent in ["core", "plugins"] {
        for entry in std::fs::read_dir(root().join(parent)).expect("a folder") {
            let entry = entry.expect("an entry");
            if entry.path().join("Cargo.toml").exists() {
                folders.push(format!("{parent}/{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    folders.sort();
    folders
}

#[test]
fn every_crate_names_only_whom_it_may() {
    let rule: BTreeMap<&str, &[&str]> = MAY_NAME.iter().copied().collect();
    for folder in folders() {
        // Made for tests only, and named by none but tests.
        if folder == "core/testkit" {
            continue;
        }
        let allowed: &[&str] = if folder.starts_with("plugins/") {
            &["garant-plugin-sdk"]
        } else {
            rule.get(folder.as_str()).unwrap_or_else(|| panic!("{folder} is not in the dependency rule"))
        };
        for dependency in dependencies(&folder) {
            assert!(
                !dependency.starts_with("garant") || allowed.contains(&dependency.as_str()),
                "{folder} may not name {dependency}"
            );
        }
    }
}

#[test]
fn each_technology_lives_in_one_room() {
    for folder in folders().iter().filter(|folder| *folder != "core/testkit") {
        for dependency in dependencies(folder) {
            if let Some((_, room)) = ONLY_HERE.iter().find(|(package, _)| *package == dependency) {
                assert_eq!(folder, room, "{dependency} belongs to {room} alone");
            }
        }
    }
}

#[test]
fn nothing_in_core_names_a_shipped_plugin() {
    let plugins: Vec<String> = folders()
        .iter()
        .filter_map(|folder| folder.strip_prefix("plugins/"))
        .map(|id| format!("garant-plugin-{id}"))
        .collect();
    assert!(plugins.len() >= 3);
    let mut waiting = vec![root().join("core")];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "toml") {
            let text = std::fs::read_to_string(&path).expect("a file");
            for plugin in &plugins {
                assert!(!text.contains(plugin.as_str()), "{} names {plugin}", path.display());
            }
        }
    }
}

/// What approved a write is used in its transaction, and that it was written is noted: one place sees to
/// both.
#[test]
fn every_write_of_the_gate_commits_in_one_place() {
    let mut waiting = vec![root().join("core/service/src/gate")];
    let mut committing = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if std::fs::read_to_string(&path).expect("a file").contains(".commit()") {
            committing.push(path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default());
        }
    }
    assert_eq!(committing, ["approvals.rs"], "write `self.commit(tx)` instead");
}
