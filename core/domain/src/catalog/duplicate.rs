//! What makes two records look like one: fields with the same value, folded as people take it for the
//! same. The keys are kept among the words of a record, apart from them by how they begin.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Entity, Field, FieldType};
use crate::search::{fold, phone_keys};
use crate::value::Value;

/// What a key begins with; no word does.
const KEY: &str = "=";
/// The longest key that is kept, in characters.
const MAX_KEY: usize = 200;
/// Shorter numbers are shared by chance.
const MIN_DIGITS: usize = 7;

/// A reason to take two records for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Duplicate {
    /// Its name: `email`.
    pub name: String,
    /// The fields that are compared.
    pub fields: Vec<String>,
    /// Whether all of them must be the same; else each is compared with each.
    #[serde(default)]
    pub together: bool,
    /// How much it says, from 1 to 100.
    pub score: u8,
}

impl Duplicate {
    /// What its keys begin with.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("{}{}:", KEY, self.name)
    }

    /// The name under which its keys are kept for a field; one of its own where fields count together.
    #[must_use]
    pub fn place<'a>(&'a self, field: &'a str) -> std::borrow::Cow<'a, str> {
        if self.together { format!("{}{}", KEY, self.name).into() } else { field.into() }
    }
}

impl Entity {
    /// The keys of a record's values, each with the name under which it is kept. Reasons whose fields
    /// count together give none unless every field is given.
    #[must_use]
    pub fn duplicate_keys(&self, values: &BTreeMap<String, Value>) -> BTreeSet<(String, String)> {
        let mut keys = BTreeSet::new();
        for reason in &self.duplicates {
            let fields = reason.fields.iter().filter_map(|name| self.field(name));
            let of = |field: &Field| values.get(&field.name).map(|value| field.keys(value)).unwrap_or_default();
            if reason.together {
                let parts: Vec<String> = fields.filter_map(|field| of(field).into_iter().next()).collect();
                if parts.len() == reason.fields.len() {
                    keys.insert((reason.place("").into_owned(), key(reason, &parts.join("/"))));
                }
                continue;
            }
            for field in fields {
                keys.extend(of(field).iter().map(|text| (field.name.clone(), key(reason, text))));
            }
        }
        keys
    }
}

fn key(reason: &Duplicate, text: &str) -> String {
    reason.prefix().chars().chain(text.chars().take(MAX_KEY)).collect()
}

impl Field {
    /// What people take for the same value: a number by its digits, a text without case and blanks.
    fn keys(&self, value: &Value) -> BTreeSet<String> {
        let Value::Text(text) = value else { return BTreeSet::new() };
        if self.channel.as_deref() == Some("phone") {
            return phone_keys(text).into_iter().filter(|key| key.len() >= MIN_DIGITS).collect();
        }
        let key = match self.ty {
            FieldType::Text => fold(text).split_whitespace().collect::<Vec<_>>().join(" "),
            _ => text.clone(),
        };
        Some(key).filter(|key| !key.is_empty()).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn keys(entity: &str, given: &[(&str, &str)]) -> Vec<(String, String)> {
        let catalog = Catalog::standard().unwrap();
        let values = given.iter().map(|(name, value)| ((*name).to_owned(), Value::text(*value))).collect();
        catalog.entity(entity).unwrap().duplicate_keys(&values).into_iter().collect()
    }

    fn pair(place: &str, key: &str) -> (String, String) {
        (place.to_owned(), key.to_owned())
    }

    #[test]
    fn what_people_take_for_the_same_has_the_same_key() {
        assert_eq!(keys("contact", &[("email", " ADA@Example.org ")]), [pair("email", "=email:ada@example.org")]);
        let phones =
            keys("contact", &[("phone", "+33 1 23 45 67 89"), ("phone_2", "01.23.45.67.89"), ("city", "Lyon")]);
        let home = "=phone:123456789";
        assert_eq!(phones, [pair("phone", home), pair("phone", "=phone:33123456789"), pair("phone_2", home)]);
        assert_eq!(keys("contact", &[("phone", "112"), ("email", "")]), []);
        let named = [("first_name", "Ada"), ("last_name", "de  Lóvelace")];
        assert_eq!(keys("contact", &named), [], "without a company a name says too little");
        let placed = [named[0], named[1], ("company_id", "c1")];
        assert_eq!(keys("contact", &placed), [pair("=name_and_company", "=name_and_company:ada/de lovelace/c1")]);
    }
}
