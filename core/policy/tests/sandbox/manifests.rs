//! Manifests that do not hold.

use crate::guest::{Guest, engine};
use crate::image::Manifest;

async fn problems(change: impl FnOnce(&mut Manifest)) -> String {
    let mut guest = Guest::default();
    change(&mut guest.manifest);
    let error = guest.load(&engine()).await.unwrap_err();
    assert_eq!(error.code(), "BAD_MANIFEST", "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_plugin_asks_only_for_what_exists() {
    let said = problems(|manifest| {
        manifest.entities = vec!["invoice".to_owned()];
        manifest.fields = vec!["shoe_size".to_owned(), "country.name".to_owned()];
        manifest.facts = vec!["subject.mood".to_owned()];
        manifest.attributes = vec!["actor.mood".to_owned()];
        manifest.bound = vec!["ctx.mood".to_owned()];
    })
    .await;
    for name in ["invoice", "shoe_size", "country.name", "subject.mood", "actor.mood", "ctx.mood"] {
        assert!(said.contains(&format!("`{name}`")), "{name} is not named: {said}");
    }
}

#[tokio::test]
async fn fields_one_hop_away_are_declared_with_their_reference() {
    let mut guest = Guest::default();
    guest.manifest.fields.push("company_id.name".to_owned());
    let field = crate::guest::catalog();
    assert!(field.entity("contact").unwrap().field("company_id").is_some(), "the catalogue changed; mend this test");
    guest.load(&engine()).await.unwrap();
}

#[tokio::test]
async fn a_plugin_has_a_name_and_reasons() {
    assert!(problems(|manifest| manifest.id = "Not An Id".to_owned()).await.contains("id"));
    assert!(problems(|manifest| manifest.codes = vec![]).await.contains("reason"));
    let twice = problems(|manifest| manifest.codes = vec!["A".to_owned(), "A".to_owned()]).await;
    assert!(twice.contains("named twice"), "{twice}");
    assert!(problems(|manifest| manifest.hooks = vec![]).await.contains("hook"));
}

#[tokio::test]
async fn the_settings_schema_is_one() {
    for schema in [
        "",
        "[]",
        r#"{"type": "sausage"}"#,
        r#"{"$ref": "https://example.org/schema"}"#,
        r#"{"$ref": "file:///etc/passwd"}"#,
    ] {
        let said = problems(|manifest| manifest.schema = schema.to_owned()).await;
        assert!(said.contains("settings schema"), "{schema}: {said}");
    }
}

#[tokio::test]
async fn one_language_suffices() {
    let plugin = Guest::default().load(&engine()).await.unwrap();
    let reason = plugin.manifest().reason("TST-01").unwrap();
    assert_eq!((reason.title.en.as_str(), reason.title.fr.as_str()), ("Some words", "Some words"));
    assert_eq!(reason.full_code(), "honest/TST-01");
}
