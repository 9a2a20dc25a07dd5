//! The standard catalogue holds together, and each annotation that is missing or wrong is told by its place.

use super::*;
use crate::catalog::{Erasure, SYSTEM_FIELDS, SubjectPath};
use crate::fact::FACTS;

fn standard() -> Catalog {
    Catalog::standard().unwrap()
}

/// The standard files with one of them changed.
fn changed(file: &str, change: impl Fn(&mut toml::Table)) -> Result<Catalog, CatalogError> {
    let texts: Vec<(&str, String)> = STANDARD
        .iter()
        .map(|(name, text)| {
            let mut table: toml::Table = toml::from_str(text).unwrap();
            if *name == file {
                change(&mut table);
            }
            (*name, toml::to_string(&table).unwrap())
        })
        .collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Catalog::from_toml(&files)
}

fn fields(table: &mut toml::Table) -> &mut Vec<toml::Value> {
    table["field"].as_array_mut().unwrap()
}

fn field<'a>(table: &'a mut toml::Table, name: &str) -> &'a mut toml::Table {
    let position = fields(table).iter().position(|field| field["name"].as_str() == Some(name)).unwrap();
    fields(table)[position].as_table_mut().unwrap()
}

#[track_caller]
fn flaw(result: Result<Catalog, CatalogError>) -> (String, Flaw) {
    match result {
        Err(CatalogError::Flawed { place, flaw }) => (place, flaw),
        other => panic!("expected a flaw, got {other:?}"),
    }
}

#[test]
fn the_standard_catalogue_holds_together() {
    let catalog = standard();
    let names: Vec<&str> = catalog.entities.iter().map(|entity| entity.name.as_str()).collect();
    let kinds = ["company", "contact", "deal", "activity", "lead", "product", "pipeline", "consent_event", "recipient"];
    assert!(kinds.iter().all(|kind| names.contains(kind)), "{names:?}");
    assert_eq!(catalog.entity("deal").unwrap().subject, SubjectPath::Via("contact_id".to_owned()));
    assert!(catalog.entity("contact").unwrap().needs_purpose());
    assert!(!catalog.entity("company").unwrap().needs_purpose());
    assert!(changed("company", |_| {}).is_ok(), "the helper of the tests below changes nothing by itself");
}

#[test]
fn no_field_builds_without_category_retention_and_erasure() {
    let mut removed = 0;
    for (file, text) in STANDARD {
        let count = toml::from_str::<toml::Table>(text).unwrap()["field"].as_array().unwrap().len();
        for index in 0..count {
            for key in ["category", "retention", "erasure"] {
                let result = changed(file, |table| {
                    let gone = fields(table)[index].as_table_mut().unwrap().remove(key);
                    assert!(gone.is_some(), "{file}, field {index} has `{key}`");
                });
                let Err(CatalogError::Parse { source, .. }) = result else { panic!("{file}, field {index}: `{key}`") };
                assert!(source.message().contains(key), "{source}");
                removed += 1;
            }
        }
    }
    assert!(removed >= 3 * 60, "{removed}");
}

#[test]
fn an_empty_annotation_is_a_missing_one() {
    let empty = |key: &'static str| {
        flaw(changed("contact", |table| {
            field(table, "email").insert(key.to_owned(), "".into());
        }))
    };
    assert_eq!(empty("category"), ("contact.email".to_owned(), Flaw::UnknownCategory(String::new())));
    assert_eq!(empty("retention"), ("contact.email".to_owned(), Flaw::NoRetention));
}

#[test]
fn unknown_keys_and_values_do_not_parse() {
    for (key, value) in [("erasure", "shred"), ("type", "blob"), ("colour", "red")] {
        let result = changed("contact", |table| {
            field(table, "email").insert(key.to_owned(), value.into());
        });
        assert!(matches!(result, Err(CatalogError::Parse { file, .. }) if file == "contact"), "{key}");
    }
}

#[test]
fn every_kind_of_flaw_is_found_where_it_is() {
    let set = |file: &str, name: &str, key: &str, value: toml::Value| {
        flaw(changed(file, |table| {
            field(table, name).insert(key.to_owned(), value.clone());
        }))
    };
    let at = |place: &str, flaw: Flaw| (place.to_owned(), flaw);
    let reference = |target: &str| toml::Value::Table([("reference".to_owned(), target.into())].into_iter().collect());
    let select =
        |keys: &[&str]| toml::Value::Table([("select".to_owned(), keys.to_vec().into())].into_iter().collect());

    assert_eq!(set("contact", "email", "unique", true.into()), at("contact.email", Flaw::UniquePersonal));
    assert_eq!(
        set("contact", "email", "category", "user.contact.emails".into()),
        at("contact.email", Flaw::UnknownCategory("user.contact.emails".to_owned()))
    );
    assert_eq!(
        set("company", "name", "category", "business".into()),
        at("company.name", Flaw::UnknownCategory("business".to_owned()))
    );
    assert_eq!(
        set("contact", "country", "fact", "subject.planet".into()),
        at("contact.country", Flaw::UnknownFact("subject.planet".to_owned()))
    );
    assert_eq!(
        set("contact", "country", "fact", "subject.restricted".into()),
        at("contact.country", Flaw::FactType("subject.restricted".to_owned()))
    );
    assert_eq!(
        set("contact", "city", "fact", "subject.country".into()),
        at("contact.country", Flaw::DuplicateFact("subject.country".to_owned()))
    );
    assert_eq!(
        set("contact", "city", "fact", "consent.status".into()),
        at("contact.city", Flaw::UnknownFact("consent.status".to_owned()))
    );
    assert_eq!(
        set("company", "country", "fact", "subject.country".into()),
        at("company.country", Flaw::FactOffSubject("subject.country".to_owned()))
    );
    assert_eq!(
        set("purpose", "valid_until", "after", "label_en".into()),
        at("purpose", Flaw::BadConstraint("label_en".to_owned()))
    );
    assert_eq!(
        set("contact", "email", "after", "birthday".into()),
        at("contact", Flaw::BadConstraint("birthday".to_owned()))
    );
    assert_eq!(set("contact", "email", "below_known", true.into()), at("contact", Flaw::TellingConstraint));
    assert_eq!(set("contact", "email", "name", "phone".into()), at("contact.phone", Flaw::DuplicateName));
    assert_eq!(set("contact", "email", "name", "E-mail".into()), at("contact.E-mail", Flaw::BadName));
    assert_eq!(set("contact", "email", "name", "created_at".into()), at("contact.created_at", Flaw::ReservedName));
    assert_eq!(
        set("contact", "email", "name", "last_name_fold".into()),
        at("contact.last_name_fold", Flaw::ReservedName)
    );
    assert_eq!(
        set("deal", "company_id", "type", reference("planet")),
        at("deal.company_id", Flaw::UnknownEntity("planet".to_owned()))
    );
    assert_eq!(set("deal", "stage", "type", select(&[])), at("deal.stage", Flaw::BadSelect));
    assert_eq!(set("deal", "stage", "type", select(&["a", "a"])), at("deal.stage", Flaw::BadSelect));
    assert_eq!(set("deal", "stage", "default", "dreaming".into()), at("deal.stage", Flaw::BadDefault));
    assert_eq!(set("contact", "restricted", "default", "no".into()), at("contact.restricted", Flaw::BadDefault));
    for (file, name, weight) in
        [("contact", "health_note", 3), ("contact", "country", 3), ("contact", "city", 0), ("deal", "name", 11)]
    {
        let place = format!("{file}.{name}");
        assert_eq!(set(file, name, "searchable", weight.into()), at(&place, Flaw::BadSearchable));
    }
    assert_eq!(set("contact", "city", "merge", "any".into()), at("contact.city", Flaw::BadMerge));
    assert_eq!(set("contact", "legal_hold", "merge", "latest".into()), at("contact.legal_hold", Flaw::BadMerge));
    assert_eq!(
        set("contact", "merged_into_id", "read_only", false.into()),
        at("contact.merged_into_id", Flaw::BadPointer)
    );
    for (reason, field) in [("email", "health_note"), ("phone", "restricted"), ("phone", "nickname")] {
        let changed = changed("contact", |table| {
            let reasons = table["duplicate"].as_array_mut().unwrap();
            let of = reasons.iter_mut().find(|of| of["name"].as_str() == Some(reason)).unwrap();
            of["fields"] = vec![field].into();
        });
        assert_eq!(flaw(changed), at(&format!("contact.{reason}"), Flaw::BadDuplicate));
    }
    assert_eq!(
        set("contact", "email", "special", "art7".into()),
        at("contact.email", Flaw::UnknownSpecial("art7".to_owned()))
    );
    assert_eq!(
        set("contact", "email", "channel", "owl".into()),
        at("contact.email", Flaw::UnknownChannel("owl".to_owned()))
    );
    assert_eq!(set("deal", "contact_id", "type", "text".into()), at("deal", Flaw::BadSubject("contact_id".to_owned())));
    assert_eq!(
        set("deal", "contact_id", "type", reference("company")),
        at("deal", Flaw::BadSubject("contact_id".to_owned()))
    );
}

#[test]
fn flaws_of_entities_are_found() {
    let top = |file: &str, key: &str, value: toml::Value| {
        flaw(changed(file, |table| {
            table.insert(key.to_owned(), value.clone());
        }))
    };
    let at = |place: &str, flaw: Flaw| (place.to_owned(), flaw);
    assert_eq!(top("deal", "name", "company".into()), at("company", Flaw::DuplicateName));
    assert_eq!(top("deal", "plural", "companies".into()), at("deal", Flaw::DuplicateName));
    assert_eq!(top("deal", "name", "Deal".into()), at("Deal", Flaw::BadName));
    assert_eq!(top("contact", "row_rule", "unlink".into()), at("contact", Flaw::NothingToUnlink));
    let inverse = |key: &str, value: &str| {
        flaw(changed("company", |table| {
            table["inverse"].as_array_mut().unwrap()[0].as_table_mut().unwrap().insert(key.to_owned(), value.into());
        }))
    };
    assert_eq!(inverse("entity", "planet"), at("company.contacts", Flaw::UnknownEntity("planet".to_owned())));
    assert_eq!(inverse("via", "email"), at("company.contacts", Flaw::BadInverse("email".to_owned())));
    assert_eq!(inverse("name", "country"), at("company.country", Flaw::DuplicateName));
    let label = flaw(changed("deal", |table| {
        table["label"].as_table_mut().unwrap().insert("en".to_owned(), "".into());
    }));
    assert_eq!(label, at("deal", Flaw::NoLabel));
}

#[test]
fn every_subject_fact_has_a_holder() {
    let catalog = standard();
    let contact = catalog.entity("contact").unwrap();
    for fact in FACTS.iter().filter(|fact| fact.name.starts_with("subject.")) {
        let system = fact.name.strip_prefix("subject.").unwrap();
        let held = contact.fields.iter().any(|field| field.fact.as_deref() == Some(fact.name));
        let is_system = SYSTEM_FIELDS.iter().any(|(name, ty)| *name == system && *ty == fact.ty);
        // What is dormant is told by where the record lies, and when it woke by a register: no field says it.
        let by_place = ["subject.dormant", "subject.woken_at", "subject.erased_at"].contains(&fact.name);
        assert_eq!([held, is_system, by_place].iter().filter(|holder| **holder).count(), 1, "{}", fact.name);
    }
}

#[test]
fn personal_fields_do_not_survive_erasure_but_as_evidence() {
    // The list only shrinks: evidence of consent, and the flags that must outlive an erasure.
    let kept = [
        "consent_event.contact_id",
        "consent_event.purpose",
        "consent_event.channel",
        "consent_event.state",
        "consent_event.happened_at",
        "consent_event.explicit",
        "contact.restricted",
        "contact.legal_hold",
    ];
    let catalog = standard();
    let preserved: Vec<String> = catalog
        .entities
        .iter()
        .flat_map(|entity| entity.fields.iter().map(move |field| (entity, field)))
        .filter(|(_, field)| field.is_personal() && field.erasure == Erasure::Preserve)
        .map(|(entity, field)| format!("{}.{}", entity.name, field.name))
        .collect();
    let mut kept: Vec<String> = kept.iter().map(|&name| name.to_owned()).collect();
    let mut preserved_sorted = preserved;
    kept.sort();
    preserved_sorted.sort();
    assert_eq!(preserved_sorted, kept);
}

#[test]
fn the_digest_names_the_content() {
    assert_eq!(standard().digest(), standard().digest());
    assert_eq!(standard().digest().len(), 64);
    let other = changed("deal", |table| {
        field(table, "note").insert("indexed".to_owned(), true.into());
    });
    assert_ne!(other.unwrap().digest(), standard().digest());
}

#[test]
fn fields_read_what_files_give() {
    use crate::value::{Value, ValueError};

    let catalog = standard();
    let read = |place: &str, text: &str| {
        let (entity, field) = place.split_once('.').unwrap();
        catalog.entity(entity).and_then(|entity| entity.field(field)).unwrap().parse(text)
    };
    assert_eq!(read("contact.country", "Macao"), Ok(Value::text("MO")));
    assert_eq!(read("contact.country", "fr"), Ok(Value::text("FR")));
    assert_eq!(read("contact.country", "Atlantis"), Err(ValueError::Country));
    assert_eq!(read("deal.stage", "won"), Ok(Value::text("won")));
    assert_eq!(read("deal.stage", "Won"), Err(ValueError::Select), "files are mapped, not guessed");
    assert_eq!(read("deal.amount", "1054.5"), Ok(Value::Decimal(10_545_000)));
    assert_eq!(read("deal.closed_on", "2017-03-01"), Ok(Value::Date(17_226)));
    assert_eq!(read("deal.closed_on", "3/1/2017"), Err(ValueError::Date));
    let country = catalog.entity("contact").and_then(|entity| entity.field("country")).unwrap();
    assert_eq!(country.admits(&Value::Null), Ok(()));
    assert_eq!(country.admits(&Value::text("FR")), Ok(()));
    assert_eq!(country.admits(&Value::text("France")), Err(ValueError::Country));
    assert_eq!(country.admits(&Value::Integer(1)), Err(ValueError::Type));
}

#[test]
fn the_fact_table_speaks_of_the_states_of_consent() {
    use crate::consent::Status;
    use crate::fact;

    let doc = fact::find("consent.status").unwrap().doc;
    let (_, states) = doc.split_once(':').unwrap();
    for state in states.trim().trim_end_matches('.').split(", ").filter(|state| *state != "none") {
        assert!(Status::from_key(state).is_some(), "`{state}` is no state");
    }
    let names: std::collections::BTreeSet<&str> = FACTS.iter().map(|fact| fact.name).collect();
    assert_eq!(names.len(), FACTS.len(), "each fact once");
}
