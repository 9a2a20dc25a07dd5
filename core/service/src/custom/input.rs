//! From what an administrator sends to a definition. What the law needs to know of a field is demanded
//! here, each with what it is for: nothing of it has a default.

use garant_domain::catalog::Erasure;
use garant_domain::catalog::custom::{CustomField, CustomKind, CustomObject};
use garant_domain::problem::Problem;
use garant_domain::reason::Localised;

/// A field to be defined.
#[derive(Clone, Debug, Default)]
pub struct NewField {
    /// The entity that gets it.
    pub entity: String,
    /// `snake_case`.
    pub name: String,
    /// For people.
    pub label: Localised,
    /// More for people.
    pub description: Localised,
    /// `text`, `number`, ..., `relation`.
    pub kind: String,
    /// Keys of a selection.
    pub options: Vec<String>,
    /// The best of a rating.
    pub most: Option<i64>,
    /// The entity that a relation leads to.
    pub relation: Option<String>,
    /// Data category.
    pub category: Option<String>,
    /// Retention class.
    pub retention: Option<String>,
    /// Erasure strategy.
    pub erasure: Option<String>,
    /// Must be given.
    pub required: bool,
    /// Identifies a person by itself.
    pub direct_identifier: bool,
    /// People may write anything into it; of a text this is so unless it is denied.
    pub free_text: Option<bool>,
    /// The channel that needs it.
    pub channel: Option<String>,
    /// Kind of a special category.
    pub special: Option<String>,
    /// How much a word found here counts in a search.
    pub searchable: Option<i64>,
}

/// An object to be defined.
#[derive(Clone, Debug, Default)]
pub struct NewObject {
    /// Singular, `snake_case`.
    pub name: String,
    /// Plural.
    pub plural: String,
    /// For people.
    pub label: Localised,
    /// The entity of the person whom a record is about; nobody when left out.
    pub about: Option<String>,
}

impl NewField {
    /// The definition; `path` is where it stands in the input.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` naming what is missing or wrong, why it is needed, and how to mend it.
    pub fn defined(self, path: &str) -> Result<CustomField, Problem> {
        let missing = |name: &str, what: &str, remedy: &str| {
            Problem::input(format!("{path}.{name}"), format!("A field needs {what}")).mend(remedy)
        };
        let kind = self.kind(path)?;
        let category = self.category.filter(|given| !given.is_empty()).ok_or_else(|| {
            missing(
                "category",
                "a data category, by which policies decide who may see it",
                "Use a key such as user.contact.email or system.operations.",
            )
        })?;
        let retention = self.retention.filter(|given| !given.is_empty()).ok_or_else(|| {
            missing(
                "retention",
                "a retention class, which says how long it may be kept",
                "Use a class such as contact or business.",
            )
        })?;
        let erasure = match self.erasure.as_deref() {
            Some("nullify") => Erasure::Nullify,
            Some("hmac") => Erasure::Hmac,
            Some("preserve") => Erasure::Preserve,
            Some("delete") => Erasure::Delete,
            _ => {
                return Err(missing(
                    "erasure",
                    "an erasure strategy, which says what is left of it when the person goes",
                    "Use NULLIFY, HMAC, PRESERVE (what says nothing about a person) or DELETE (the record goes along).",
                ));
            }
        };
        let searchable = self.searchable.map(u8::try_from).transpose().map_err(|_| {
            Problem::input(format!("{path}.searchable"), "The weight is not from 1 to 10")
                .mend("Give 1 to 10, or none.")
        })?;
        Ok(CustomField {
            free_text: self.free_text.unwrap_or(kind == CustomKind::Text),
            entity: self.entity,
            name: self.name,
            label: self.label,
            description: self.description,
            kind,
            category,
            retention,
            erasure,
            required: self.required,
            direct_identifier: self.direct_identifier,
            channel: self.channel.filter(|given| !given.is_empty()),
            special: self.special.filter(|given| !given.is_empty()),
            searchable,
            active: true,
        })
    }

    fn kind(&self, path: &str) -> Result<CustomKind, Problem> {
        let needs = |name: &str, what: &str| {
            Problem::input(format!("{path}.{name}"), format!("A field of this type needs {what}")).mend("Give it.")
        };
        let kind = match self.kind.as_str() {
            "text" => CustomKind::Text,
            "number" => CustomKind::Number,
            "decimal" => CustomKind::Decimal,
            "boolean" => CustomKind::Boolean,
            "date" => CustomKind::Date,
            "timestamp" => CustomKind::Timestamp,
            "select" => CustomKind::Select(self.options.clone()),
            "multi_select" => CustomKind::MultiSelect(self.options.clone()),
            "email" => CustomKind::Email,
            "phone" => CustomKind::Phone,
            "link" => CustomKind::Link,
            "money" => CustomKind::Money,
            "rating" => CustomKind::Rating(self.most.ok_or_else(|| needs("max", "the best rating"))?),
            "relation" => {
                let target = self.relation.clone().filter(|given| !given.is_empty());
                CustomKind::Relation(target.ok_or_else(|| needs("relation", "the object that it leads to"))?)
            }
            _ => return Err(Problem::input(format!("{path}.type"), "There is no such type of field")),
        };
        let takes_options = matches!(kind, CustomKind::Select(_) | CustomKind::MultiSelect(_));
        match (takes_options, self.options.is_empty()) {
            (true, true) => Err(needs("options", "options to choose from")),
            (false, false) => Err(Problem::input(format!("{path}.options"), "Only selections have options")
                .mend("Leave the options out, or use SELECT or MULTI_SELECT.")),
            _ => Ok(kind),
        }
    }
}

impl NewObject {
    /// The definition.
    #[must_use]
    pub fn defined(self) -> CustomObject {
        CustomObject { name: self.name, plural: self.plural, label: self.label, about: self.about, active: true }
    }
}
