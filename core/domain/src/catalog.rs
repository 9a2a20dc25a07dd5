//! The catalogue: an entity is data. GraphQL types, SQL tables, facts, access and erasure coverage
//! all come from here.
//!
//! A field without a data category, a retention class or an erasure strategy does not parse, so it
//! does not build.

mod check;
mod constraint;
pub mod custom;
mod duplicate;
mod format;
mod load;
mod name;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use check::Flaw;
pub use constraint::{Acyclic, RequiredWhen, SumLimit, Values, Violation, ancestors};
pub use duplicate::Duplicate;
pub use format::{TextFormat, chosen};
pub use load::CatalogError;
pub use name::camel;

use crate::country;
use crate::reason::Localised;
use crate::search;
use crate::value::{Type, Value, ValueError};

/// All entities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    /// In the order of the files.
    pub entities: Vec<Entity>,
    digest: String,
}

/// One kind of record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Singular, `snake_case`; also the table's name.
    pub name: String,
    /// Plural, `snake_case`.
    pub plural: String,
    /// For people.
    pub label: Localised,
    /// Path to the data subject.
    pub subject: SubjectPath,
    /// What a row rule does here.
    #[serde(default)]
    pub row_rule: RowRule,
    /// Records are only ever added: evidence.
    #[serde(default)]
    pub append_only: bool,
    /// About those who work here, and not about the people that records are about: shown to them without
    /// a purpose, never to a recipient without one.
    #[serde(default)]
    pub staff: bool,
    /// Only these roles may write; empty means every role that works with records.
    #[serde(default)]
    pub writers: Vec<String>,
    /// Of each of these lists of fields, at least one is given.
    #[serde(default)]
    pub any_of: Vec<Vec<String>>,
    /// Sums that are at no instant above a limit. Of registers alone.
    #[serde(default, rename = "sum_limit")]
    pub sum_limits: Vec<SumLimit>,
    /// References that never lead back. Of registers alone.
    #[serde(default)]
    pub acyclic: Vec<Acyclic>,
    /// Which records stand for reaching out to the person.
    #[serde(default)]
    pub outgoing: Option<Outgoing>,
    /// The fields, in order.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
    /// What makes two records look like one.
    #[serde(default, rename = "duplicate")]
    pub duplicates: Vec<Duplicate>,
    /// References of other entities to this one, shown as connections.
    #[serde(default, rename = "inverse")]
    pub inverses: Vec<Inverse>,
    /// Defined by the tenant: its records lie in the table that all such objects share.
    #[serde(default, skip_deserializing)]
    pub custom: bool,
    /// Defined and no longer in use: it is kept, erased and swept, and nobody sees it.
    #[serde(default, skip_deserializing)]
    pub retired: bool,
}

/// How a record leads to the person it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectPath {
    /// The record is the person.
    Itself,
    /// Through this reference field.
    Via(String),
    /// About no person.
    None,
}

/// Records that stand for reaching out to the person: a call, an e-mail. They carry the purpose and the
/// channel, and are judged by these besides those of the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outgoing {
    /// Each field with the values that make a record such a one.
    pub when: Vec<OneOf>,
    /// The field with the purpose's key.
    pub purpose: String,
    /// The field with the channel.
    pub channel: String,
}

/// A field and some of its values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneOf {
    /// Field name.
    pub field: String,
    /// Values of a selection.
    pub is: Vec<String>,
}

impl Outgoing {
    /// Whether a record is such a one.
    pub fn is(&self, value: impl Fn(&str) -> Option<String>) -> bool {
        self.when.iter().all(|one| value(&one.field).is_some_and(|value| one.is.contains(&value)))
    }

    /// The fields on which it depends, or that it needs.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.when.iter().map(|one| one.field.as_str()).chain([self.purpose.as_str(), self.channel.as_str()])
    }
}

/// What a rule on the row does to an entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowRule {
    /// The record is absent.
    #[default]
    Hide,
    /// The record stays; the link to the person and personal fields are masked.
    Unlink,
}

/// A connection from the other side of a reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inverse {
    /// Name of the connection here: `deals`.
    pub name: String,
    /// The other entity.
    pub entity: String,
    /// Its reference field.
    pub via: String,
}

/// One field. Category, retention class and erasure strategy are required by type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// `snake_case`; also the column's name.
    pub name: String,
    /// Type, with what it needs.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// For people.
    pub label: Localised,
    /// Data category: fideslang key for personal data (`user.contact.email`), `system...` otherwise.
    pub category: String,
    /// Retention class: which retention rules apply.
    pub retention: String,
    /// What erasure does to it.
    pub erasure: Erasure,
    /// Must be given at creation and cannot be null.
    #[serde(default)]
    pub required: bool,
    /// Identifies a person by itself.
    #[serde(default)]
    pub direct_identifier: bool,
    /// People may write anything into it.
    #[serde(default)]
    pub free_text: bool,
    /// The channel that needs it: `email`, `phone`, `post`.
    #[serde(default)]
    pub channel: Option<String>,
    /// `art9`, `art10`, `national_id`.
    #[serde(default)]
    pub special: Option<String>,
    /// The fact about the subject that this field holds: `subject.country`.
    #[serde(default)]
    pub fact: Option<String>,
    /// An index helps: it is filtered or ordered by often.
    #[serde(default)]
    pub indexed: bool,
    /// How much a word found here counts in a search, from 1 to 10; without it the field is not
    /// searched. Texts only, and never a special category.
    #[serde(default)]
    pub searchable: Option<u8>,
    /// Values are unique among the live records of a tenant. Never on personal fields.
    #[serde(default)]
    pub unique: bool,
    /// Only the server writes it.
    #[serde(default)]
    pub read_only: bool,
    /// Which value stays when records become one; without it the survivor's own, else the first there is.
    #[serde(default)]
    pub merge: Option<MergeRule>,
    /// Not before this other field.
    #[serde(default)]
    pub after: Option<String>,
    /// The least and the most that it may be, in whole units.
    #[serde(default)]
    pub range: Option<[i64; 2]>,
    /// Must be filled where another field says so.
    #[serde(default)]
    pub required_when: Option<RequiredWhen>,
    /// Organisations that count as a country here, by code.
    #[serde(default)]
    pub organisations: Vec<String>,
    /// A dotted key that stands below another live one, or has no dot. Of registers alone.
    #[serde(default)]
    pub below_known: bool,
    /// Value of a new record that gives none, as text.
    #[serde(default)]
    pub default: Option<String>,
    /// How a text must be written.
    #[serde(default)]
    pub format: Option<TextFormat>,
    /// Given where this other field is, and only there: an amount and its currency.
    #[serde(default)]
    pub beside: Option<String>,
    /// Defined by the tenant: its values lie in rows of their own beside the record.
    #[serde(default, skip_deserializing)]
    pub custom: bool,
    /// Defined and no longer in use: its values are kept, erased and swept, and nobody sees them.
    #[serde(default, skip_deserializing)]
    pub retired: bool,
}

/// Which value stays when records become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeRule {
    /// True where any is true, whoever may see it: what protects a person goes with the person.
    Any,
    /// The latest.
    Latest,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Text of any length up to the limit.
    Text,
    /// A signed integer.
    Integer,
    /// An exact decimal with at most four places.
    Decimal,
    /// True or false.
    Boolean,
    /// A civil date.
    Date,
    /// An instant.
    Instant,
    /// One of these keys.
    Select(Vec<String>),
    /// Some of these keys: one text, in their order, with blanks between.
    MultiSelect(Vec<String>),
    /// An ISO 3166-1 alpha-2 country; names in English are understood at import.
    Country,
    /// A record of this entity.
    Reference(String),
}

/// What erasure does to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Erasure {
    /// The record goes.
    Delete,
    /// The value becomes null.
    Nullify,
    /// The value becomes a keyed hash.
    Hmac,
    /// Stays, since it says nothing about a person or the law demands it.
    Preserve,
}

impl Field {
    /// Whether the field holds personal data: every category below `user`.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.category == "user" || self.category.starts_with("user.")
    }

    /// The type that rules see.
    #[must_use]
    pub fn value_type(&self) -> Type {
        match self.ty {
            FieldType::Text
            | FieldType::Select(_)
            | FieldType::MultiSelect(_)
            | FieldType::Country
            | FieldType::Reference(_) => Type::Text,
            FieldType::Integer => Type::Integer,
            FieldType::Decimal => Type::Decimal,
            FieldType::Boolean => Type::Boolean,
            FieldType::Date => Type::Date,
            FieldType::Instant => Type::Instant,
        }
    }

    /// Whether a shadow column with the case-folded text is kept (`<name>_fold`): plain text that is
    /// searched and ordered without regard to case.
    #[must_use]
    pub fn is_folded(&self) -> bool {
        matches!(self.ty, FieldType::Text)
    }

    /// The words of a value that a search finds; none where the field is not searched.
    #[must_use]
    pub fn terms(&self, value: &Value) -> BTreeSet<String> {
        match (self.searchable, value) {
            (Some(_), Value::Text(text)) => search::terms(text, self.channel.as_deref() == Some("phone")),
            _ => BTreeSet::new(),
        }
    }

    /// Reads a value of the field from text, as a file gives it: a key of a selection, a country by
    /// code or by name, everything else as [`Value::parse`].
    ///
    /// # Errors
    /// When the text is no value of the field.
    pub fn parse(&self, text: &str) -> Result<Value, ValueError> {
        match &self.ty {
            FieldType::Country if self.organisations.iter().any(|code| code == text) => Ok(Value::text(text)),
            FieldType::Country => country::from_name(text).map(Value::text).ok_or(ValueError::Country),
            FieldType::MultiSelect(keys) => {
                let named: Vec<&str> = text.split([' ', ',', ';']).filter(|key| !key.is_empty()).collect();
                chosen(keys, &named).map(Value::Text).ok_or(ValueError::Select)
            }
            _ => {
                let value = Value::parse(self.value_type(), text)?;
                self.admits(&value).map(|()| value)
            }
        }
    }

    /// Whether a value may stand in the field: null, or a value of its type; a key of a selection, a
    /// country's code.
    ///
    /// # Errors
    /// When it may not.
    pub fn admits(&self, value: &Value) -> Result<(), ValueError> {
        match (&self.ty, value) {
            (_, Value::Null) => Ok(()),
            (_, value) if value.value_type() != Some(self.value_type()) => Err(ValueError::Type),
            (FieldType::Select(keys), Value::Text(key)) if !keys.contains(key) => Err(ValueError::Select),
            (FieldType::MultiSelect(keys), Value::Text(text))
                if chosen(keys, &text.split(' ').collect::<Vec<_>>()).as_ref() != Some(text) =>
            {
                Err(ValueError::Select)
            }
            (_, Value::Text(text)) if self.format.is_some_and(|format| !format.admits(text)) => Err(ValueError::Format),
            (FieldType::Country, Value::Text(code)) if !self.is_country(code) => Err(ValueError::Country),
            _ => Ok(()),
        }
    }

    /// Whether a code is a country, or an organisation that counts as one here.
    #[must_use]
    pub fn is_country(&self, code: &str) -> bool {
        country::is_code(code) || self.organisations.iter().any(|known| known == code)
    }

    /// The longest text that it holds, in bytes, where that is less than what any field holds.
    #[must_use]
    pub fn longest(&self) -> Option<usize> {
        self.custom.then_some(custom::MAX_CUSTOM_TEXT_BYTES)
    }

    /// The entity that the field refers to.
    #[must_use]
    pub fn target(&self) -> Option<&str> {
        match &self.ty {
            FieldType::Reference(entity) => Some(entity),
            _ => None,
        }
    }
}

impl Entity {
    /// A field by name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The fields that anybody is shown: all but those that were taken out of use.
    pub fn in_use(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.retired)
    }

    /// The fields that a search looks at, each with its weight.
    pub fn searchable(&self) -> impl Iterator<Item = (&Field, u8)> {
        self.fields.iter().filter_map(|field| Some((field, field.searchable?)))
    }

    /// Whether records of the entity can become one: there is a place for the pointer of those that go.
    #[must_use]
    pub fn is_mergeable(&self) -> bool {
        !self.append_only && self.field(MERGED_INTO).is_some()
    }

    /// Whether any part of the entity is personal data: it is about people, or leads to them.
    #[must_use]
    pub fn is_personal(&self) -> bool {
        self.subject != SubjectPath::None || self.fields.iter().any(Field::is_personal)
    }

    /// Whether reading any part of the entity needs a purpose, whoever works here and reads it.
    #[must_use]
    pub fn needs_purpose(&self) -> bool {
        self.is_personal() && !self.staff
    }

    /// Whether it is a register: about nobody, so that policies may be given it whole.
    #[must_use]
    pub fn is_register(&self) -> bool {
        !self.is_personal()
    }
}

impl Catalog {
    /// An entity by name.
    #[must_use]
    pub fn entity(&self, name: &str) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.name == name)
    }
}

/// The field that leads to the user who answers for a record.
pub const OWNER: &str = "owner_id";

/// The field that points from a record that became part of another one to that one.
pub const MERGED_INTO: &str = "merged_into_id";

/// The fields that every record has besides those of the catalogue, readable by this name and type.
/// They say nothing about a person but when it was handled.
pub const SYSTEM_FIELDS: &[(&str, Type)] = &[
    ("id", Type::Text),
    ("version", Type::Integer),
    ("created_at", Type::Instant),
    ("updated_at", Type::Instant),
    ("deleted_at", Type::Instant),
    ("collected_at", Type::Instant),
    ("collected_for", Type::Text),
];
