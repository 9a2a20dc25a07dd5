//! What a tenant defines besides the standard entities: fields on them, and objects of its own. Stored as
//! data, joined to the standard catalogue, and from then on the same thing: whatever reads the catalogue
//! knows nothing of the difference but where a value lies.

mod check;
mod edit;
mod join;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub(super) use check::check;
pub use edit::{Edit, EditError, FieldChange, ObjectChange};
pub use join::LeftOut;

use super::{Erasure, Field, FieldType, TextFormat};
use crate::reason::Localised;

/// The longest text that a custom field holds, in bytes: an index serves it whole on both databases.
pub const MAX_CUSTOM_TEXT_BYTES: usize = 1_500;
/// Custom fields of one entity at most.
pub const MAX_FIELDS: usize = 200;
/// Objects of one tenant at most.
pub const MAX_OBJECTS: usize = 50;
/// Options of one selection at most.
pub const MAX_OPTIONS: usize = 200;
/// The best rating that can be had.
pub const MAX_RATING: i64 = 10;

/// What ends the name of the field that holds the currency of an amount.
const CURRENCY: &str = "_currency";

/// What a tenant defined, in one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custom {
    /// Objects of its own.
    pub objects: Vec<CustomObject>,
    /// Fields, on standard entities and on its own objects.
    pub fields: Vec<CustomField>,
}

/// An object of a tenant's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomObject {
    /// Singular, `snake_case`.
    pub name: String,
    /// Plural, `snake_case`.
    pub plural: String,
    /// For people.
    pub label: Localised,
    /// The entity of the person whom each record is about, to which it gets a link; about nobody where
    /// there is none.
    pub about: Option<String>,
    /// Whether it is in use. What is not stays where it lies, and is kept, erased and swept like the rest.
    pub active: bool,
}

/// A field of a tenant's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomField {
    /// The entity that has it.
    pub entity: String,
    /// `snake_case`.
    pub name: String,
    /// For people.
    pub label: Localised,
    /// More for people, where the label does not say it all.
    pub description: Localised,
    /// Type, with what it needs.
    pub kind: CustomKind,
    /// Data category.
    pub category: String,
    /// Retention class.
    pub retention: String,
    /// What erasure does to it.
    pub erasure: Erasure,
    /// Must be given at creation and cannot be null.
    pub required: bool,
    /// Identifies a person by itself.
    pub direct_identifier: bool,
    /// People may write anything into it.
    pub free_text: bool,
    /// The channel that needs it.
    pub channel: Option<String>,
    /// Kind of a special category; implied where the category says it.
    pub special: Option<String>,
    /// How much a word found here counts in a search.
    pub searchable: Option<u8>,
    /// Whether it is in use. What is not stays where it lies, and is kept, erased and swept like the rest.
    pub active: bool,
}

/// The type of a custom field, as people choose it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomKind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// An exact decimal with at most four places.
    Decimal,
    /// True or false.
    Boolean,
    /// A civil date.
    Date,
    /// An instant.
    Timestamp,
    /// One of these keys.
    Select(Vec<String>),
    /// Some of these keys.
    MultiSelect(Vec<String>),
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A web address.
    Link,
    /// An exact amount, with its currency in a field beside it.
    Money,
    /// From 1 to this.
    Rating(i64),
    /// A record of this entity.
    Relation(String),
}

impl CustomKind {
    /// The options to choose from, where there are any.
    #[must_use]
    pub fn options(&self) -> &[String] {
        match self {
            Self::Select(options) | Self::MultiSelect(options) => options,
            _ => &[],
        }
    }
}

impl CustomField {
    /// The fields of the catalogue that it becomes: two for an amount of money, one for all others.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let plain = self.field(&self.name);
        let field = match &self.kind {
            CustomKind::Text => plain,
            CustomKind::Number => Field { ty: FieldType::Integer, ..plain },
            CustomKind::Decimal => Field { ty: FieldType::Decimal, ..plain },
            CustomKind::Boolean => Field { ty: FieldType::Boolean, ..plain },
            CustomKind::Date => Field { ty: FieldType::Date, ..plain },
            CustomKind::Timestamp => Field { ty: FieldType::Instant, ..plain },
            CustomKind::Select(options) => Field { ty: FieldType::Select(options.clone()), ..plain },
            CustomKind::MultiSelect(options) => Field { ty: FieldType::MultiSelect(options.clone()), ..plain },
            CustomKind::Email => Field { format: Some(TextFormat::Email), ..plain },
            CustomKind::Phone => Field { format: Some(TextFormat::Phone), ..plain },
            CustomKind::Link => Field { format: Some(TextFormat::Url), ..plain },
            CustomKind::Rating(most) => Field { ty: FieldType::Integer, range: Some([1, *most]), ..plain },
            CustomKind::Relation(entity) => Field { ty: FieldType::Reference(entity.clone()), ..plain },
            CustomKind::Money => {
                let currency = format!("{}{CURRENCY}", self.name);
                let label =
                    |text: &str, what: &str| if text.is_empty() { String::new() } else { format!("{text} ({what})") };
                let beside = Field {
                    format: Some(TextFormat::Currency),
                    beside: Some(self.name.clone()),
                    searchable: None,
                    label: Localised {
                        en: label(&self.label.en, "currency, ISO 4217"),
                        fr: label(&self.label.fr, "devise, ISO 4217"),
                    },
                    ..self.field(&currency)
                };
                let amount = Field { ty: FieldType::Decimal, beside: Some(currency), ..plain };
                return vec![amount, beside];
            }
        };
        vec![field]
    }

    fn field(&self, name: &str) -> Field {
        Field {
            name: name.to_owned(),
            ty: FieldType::Text,
            label: self.label.clone(),
            category: self.category.clone(),
            retention: self.retention.clone(),
            erasure: self.erasure,
            required: self.required && self.active,
            direct_identifier: self.direct_identifier,
            free_text: self.free_text,
            channel: self.channel.clone(),
            special: self.special.clone().or_else(|| check::implied(&self.category).map(str::to_owned)),
            fact: None,
            indexed: false,
            searchable: self.searchable.filter(|_| self.active),
            unique: false,
            read_only: false,
            merge: None,
            after: None,
            range: None,
            required_when: None,
            organisations: vec![],
            below_known: false,
            default: None,
            format: None,
            beside: None,
            custom: true,
            retired: !self.active,
        }
    }
}
