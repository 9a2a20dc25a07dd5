//! Definitions: what they become, what is refused, and what is left of them after an upgrade.

use super::*;
use crate::catalog::{Catalog, CatalogError, Flaw, SubjectPath};

fn words(en: &str) -> Localised {
    Localised { en: en.to_owned(), fr: String::new() }
}

fn field(entity: &str, name: &str, kind: CustomKind) -> CustomField {
    CustomField {
        entity: entity.to_owned(),
        name: name.to_owned(),
        label: words(name),
        description: Localised::default(),
        kind,
        category: "user.behavior".to_owned(),
        retention: "contact".to_owned(),
        erasure: Erasure::Nullify,
        required: false,
        direct_identifier: false,
        free_text: false,
        channel: None,
        special: None,
        searchable: None,
        active: true,
    }
}

fn object(name: &str, about: Option<&str>) -> CustomObject {
    CustomObject {
        name: name.to_owned(),
        plural: format!("{name}s"),
        label: words(name),
        about: about.map(str::to_owned),
        active: true,
    }
}

fn flaw(objects: Vec<CustomObject>, fields: Vec<CustomField>) -> Flaw {
    match Catalog::standard().unwrap().with_custom(&Custom { objects, fields }) {
        Err(CatalogError::Flawed { flaw, .. }) => flaw,
        other => panic!("{:?}", other.map(|_| ())),
    }
}

#[test]
fn definitions_become_fields_and_entities_like_all_others() {
    let custom = Custom {
        objects: vec![object("visit", Some("contact"))],
        fields: vec![
            field("contact", "budget", CustomKind::Money),
            field("visit", "stars", CustomKind::Rating(5)),
            field("contact", "favourite_id", CustomKind::Relation("visit".to_owned())),
            CustomField {
                category: "user.health_and_medical".to_owned(),
                ..field("visit", "allergy", CustomKind::Text)
            },
        ],
    };
    let standard = Catalog::standard().unwrap();
    let joined = standard.with_custom(&custom).unwrap();
    assert_ne!(joined.digest(), standard.digest());
    let contact = joined.entity("contact").unwrap();
    assert_eq!(contact.field("budget").unwrap().beside.as_deref(), Some("budget_currency"));
    assert!(contact.field("budget_currency").unwrap().custom && !contact.field("email").unwrap().custom);
    let visit = joined.entity("visit").unwrap();
    assert_eq!(visit.subject, SubjectPath::Via("contact_id".to_owned()));
    assert_eq!(visit.field("stars").unwrap().range, Some([1, 5]));
    assert_eq!(visit.field("allergy").unwrap().special.as_deref(), Some("art9"), "the category says it");
    assert!(contact.inverses.iter().any(|inverse| inverse.name == "visits" && inverse.via == "contact_id"));
    assert!(visit.inverses.iter().any(|inverse| inverse.name == "contacts" && inverse.via == "favourite_id"));
}

#[test]
fn what_would_harm_is_refused() {
    let text = |name: &str| field("contact", name, CustomKind::Text);
    assert_eq!(flaw(vec![], vec![text("email")]), Flaw::DuplicateName);
    assert_eq!(flaw(vec![], vec![text("Shoe")]), Flaw::BadName);
    assert_eq!(flaw(vec![], vec![text("and")]), Flaw::ReservedName);
    assert_eq!(flaw(vec![], vec![text("x_fold")]), Flaw::ReservedName);
    // `company_id` is there, so `company` is the record behind it.
    assert_eq!(flaw(vec![], vec![text("company")]), Flaw::DuplicateName);
    let erases = |erasure| CustomField { erasure, ..text("shoe") };
    assert_eq!(flaw(vec![], vec![erases(Erasure::Delete)]), Flaw::ErasesRecord);
    assert_eq!(flaw(vec![], vec![erases(Erasure::Preserve)]), Flaw::OutlivesPerson);
    assert_eq!(flaw(vec![], vec![field("purpose", "owner", CustomKind::Text)]), Flaw::PersonalOfNobody);
    assert_eq!(flaw(vec![], vec![field("consent_event", "x", CustomKind::Text)]), Flaw::Evidence);
    let searched = CustomField { searchable: Some(3), special: Some("art9".to_owned()), ..text("shoe") };
    assert_eq!(flaw(vec![], vec![searched]), Flaw::BadSearchable, "no word of a special category is kept");
    let kept = CustomField { retention: "forever".to_owned(), ..text("shoe") };
    assert!(matches!(flaw(vec![], vec![kept]), Flaw::UnknownRetention { .. }));
    assert_eq!(flaw(vec![object("contact", None)], vec![]), Flaw::DuplicateName);
    assert_eq!(flaw(vec![object("visit", Some("deal"))], vec![]), Flaw::BadSubject("deal".to_owned()));
    let many = (0..=MAX_FIELDS).map(|n| text(&format!("f{n}"))).collect();
    assert!(matches!(flaw(vec![], many), Flaw::TooMany { most: MAX_FIELDS, .. }));
}

#[test]
fn what_does_not_fit_any_more_is_left_out_and_the_rest_stays() {
    let custom = Custom {
        objects: vec![object("visit", Some("contact"))],
        fields: vec![
            field("contact", "email", CustomKind::Text),
            field("contact", "shoe", CustomKind::Number),
            field("gone", "x", CustomKind::Text),
            field("visit", "note", CustomKind::Text),
        ],
    };
    let (joined, left_out) = Catalog::standard().unwrap().joined(&custom).unwrap();
    let places: Vec<&str> = left_out.iter().map(|left| left.place.as_str()).collect();
    assert_eq!(places, ["gone.x", "contact.email"]);
    assert!(joined.entity("contact").unwrap().field("shoe").is_some() && joined.entity("visit").is_some());
}

#[test]
fn values_are_never_orphaned_by_a_change() {
    let custom = Custom {
        objects: vec![],
        fields: vec![field("contact", "size", CustomKind::Select(vec!["s".into(), "m".into()]))],
    };
    let change = |options: &[&str]| {
        Edit::ChangeField(FieldChange {
            entity: "contact".to_owned(),
            name: "size".to_owned(),
            options: Some(options.iter().map(|&option| option.to_owned()).collect()),
            ..FieldChange::default()
        })
    };
    assert_eq!(custom.edited(&change(&["m"])), Err(EditError::OptionTaken("s".to_owned())));
    assert_eq!(custom.edited(&change(&["s", "m"])), Err(EditError::Nothing));
    let more = custom.edited(&change(&["s", "m", "l"])).unwrap();
    assert_eq!(more.fields[0].kind.options().len(), 3);
    let unused = Edit::UseField { entity: "contact".to_owned(), name: "size".to_owned(), active: false };
    let retired = Catalog::standard().unwrap().with_custom(&more.edited(&unused).unwrap()).unwrap();
    assert!(retired.entity("contact").unwrap().field("size").unwrap().retired, "its values are still erased");
}
