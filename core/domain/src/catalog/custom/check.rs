//! What must hold of definitions besides what must hold of every catalogue: they come from people who
//! cannot see the code, and their names become names of the API.

use std::collections::BTreeSet;

use super::{Custom, CustomField, CustomKind, MAX_FIELDS, MAX_OBJECTS, MAX_OPTIONS, MAX_RATING};
use crate::catalog::check::Flaw;
use crate::catalog::{Catalog, CatalogError, Entity, Erasure, SubjectPath, camel};

/// Names that mean something else in filters, orders, connections and aggregates.
const RESERVED: [&str; 15] = [
    "and",
    "or",
    "not",
    "some",
    "none",
    "is",
    "policy",
    "node",
    "nodes",
    "edges",
    "cursor",
    "count",
    "aggregate",
    "key",
    "typename",
];

/// Categories whose data are special by themselves.
const SPECIAL: [(&str, &str); 9] = [
    ("user.health_and_medical", "art9"),
    ("user.biometric", "art9"),
    ("user.authorization.biometric", "art9"),
    ("user.demographic.political_opinion", "art9"),
    ("user.demographic.race_ethnicity", "art9"),
    ("user.demographic.religious_belief", "art9"),
    ("user.demographic.sexual_orientation", "art9"),
    ("user.criminal_history", "art10"),
    ("user.government_id.national_identification_number", "national_id"),
];

/// The kind of special category that a data category implies.
pub(super) fn implied(category: &str) -> Option<&'static str> {
    SPECIAL.iter().find(|(known, _)| crate::value::covers(known, category)).map(|(_, kind)| *kind)
}

/// Checks definitions against the standard catalogue and the joined one.
pub(in crate::catalog) fn check(standard: &Catalog, custom: &Custom, joined: &Catalog) -> Result<(), CatalogError> {
    let flawed = |place: String, flaw: Flaw| Err(CatalogError::Flawed { place, flaw });
    for (index, object) in custom.objects.iter().enumerate() {
        let place = object.name.clone();
        if index >= MAX_OBJECTS {
            return flawed(place, Flaw::TooMany { what: "objects", most: MAX_OBJECTS });
        }
        if RESERVED.contains(&object.name.as_str()) || RESERVED.contains(&object.plural.as_str()) {
            return flawed(place, Flaw::ReservedName);
        }
        if let Some(about) = &object.about
            && standard.entity(about).is_none_or(|entity| entity.subject != SubjectPath::Itself)
        {
            return flawed(place, Flaw::BadSubject(about.clone()));
        }
    }
    let retentions: BTreeSet<&str> =
        standard.entities.iter().flat_map(|entity| &entity.fields).map(|field| field.retention.as_str()).collect();
    for (index, field) in custom.fields.iter().enumerate() {
        let place = || format!("{}.{}", field.entity, field.name);
        if custom.fields[..index].iter().filter(|other| other.entity == field.entity).count() >= MAX_FIELDS {
            return flawed(place(), Flaw::TooMany { what: "custom fields of an object", most: MAX_FIELDS });
        }
        if !retentions.contains(field.retention.as_str()) {
            let known = retentions.iter().copied().collect::<Vec<_>>().join(", ");
            return flawed(place(), Flaw::UnknownRetention { known });
        }
        let on = standard.entity(&field.entity);
        check_field(field, on, joined).or_else(|flaw| flawed(place(), flaw))?;
    }
    joined.entities.iter().try_for_each(check_names)
}

fn check_field(field: &CustomField, standard: Option<&Entity>, joined: &Catalog) -> Result<(), Flaw> {
    let personal = field.fields().iter().any(crate::catalog::Field::is_personal);
    if RESERVED.contains(&field.name.as_str()) {
        return Err(Flaw::ReservedName);
    }
    if let Some(entity) = standard {
        if entity.append_only {
            return Err(Flaw::Evidence);
        }
        // The record would go with it.
        if field.erasure == Erasure::Delete {
            return Err(Flaw::ErasesRecord);
        }
    }
    if personal && field.erasure == Erasure::Preserve {
        return Err(Flaw::OutlivesPerson);
    }
    let entity = joined.entity(&field.entity);
    if personal && entity.is_some_and(|entity| entity.subject == SubjectPath::None) {
        return Err(Flaw::PersonalOfNobody);
    }
    let implied = implied(&field.category);
    let of_people = field.direct_identifier || field.channel.is_some() || field.special.is_some();
    if of_people && !personal {
        return Err(Flaw::NotPersonal);
    }
    if field.special.is_some() && implied.is_some() && field.special.as_deref() != implied {
        return Err(Flaw::UnknownSpecial(field.special.clone().unwrap_or_default()));
    }
    match (&field.kind, field.channel.as_deref()) {
        (_, None) | (CustomKind::Email, Some("email")) | (CustomKind::Phone, Some("phone")) => {}
        (CustomKind::Text, Some("post")) => {}
        (_, Some(channel)) => return Err(Flaw::UnknownChannel(channel.to_owned())),
    }
    if let CustomKind::Rating(most) = &field.kind
        && !(2..=MAX_RATING).contains(most)
    {
        return Err(Flaw::BadRating(MAX_RATING));
    }
    check_options(field.kind.options())
}

/// Options are keys: what is shown for them is the client's.
fn check_options(options: &[String]) -> Result<(), Flaw> {
    let is_key = |option: &String| {
        (1..=48).contains(&option.len())
            && option.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    if options.len() > MAX_OPTIONS {
        return Err(Flaw::TooMany { what: "options", most: MAX_OPTIONS });
    }
    if options.iter().all(is_key) { Ok(()) } else { Err(Flaw::BadOption) }
}

/// No two members of an entity have one name in the API.
fn check_names(entity: &Entity) -> Result<(), CatalogError> {
    let mut names: BTreeSet<String> = ["policy", "id", "version"].map(str::to_owned).into();
    let mut taken = |place: &str, name: String| match names.insert(name) {
        true => Ok(()),
        false => Err(CatalogError::Flawed { place: format!("{}.{place}", entity.name), flaw: Flaw::DuplicateName }),
    };
    // Those of the tenant last: they are the ones to be blamed.
    let (own, standard): (Vec<_>, Vec<_>) = entity.fields.iter().partition(|field| field.custom);
    for field in standard.into_iter().chain(own) {
        let name = camel(&field.name);
        if field.target().is_some() {
            let stem = field.name.strip_suffix("_id");
            taken(&field.name, stem.map_or_else(|| name.clone(), camel))?;
            taken(&field.name, if stem.is_some() { name } else { format!("{name}Id") })?;
        } else {
            taken(&field.name, name)?;
        }
    }
    entity.inverses.iter().try_for_each(|inverse| taken(&inverse.name, camel(&inverse.name)))
}
