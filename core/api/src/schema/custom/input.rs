//! What administrators send. Names come as the schema writes them, or as the catalogue does.

use async_graphql::Value as Wire;
use async_graphql::dynamic::{Field, InputObject, InputValue, SchemaBuilder, TypeRef};
use garant_domain::catalog::Erasure;
use garant_domain::catalog::custom::{CustomKind, Edit, FieldChange, ObjectChange};
use garant_domain::problem::Problem;
use garant_domain::reason::Localised;
use garant_service::{NewField, NewObject};

use super::{ERASURE, KIND};
use crate::schema::names::snake;
use crate::schema::scalars::text;

const FIELD_INPUT: &str = "CustomFieldInput";
const FIELD_CHANGE: &str = "CustomFieldChange";
const OBJECT_INPUT: &str = "CustomObjectInput";
const OBJECT_CHANGE: &str = "CustomObjectChange";

/// A change that administrators make.
pub struct Verb {
    /// Name of the mutation.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    AddField,
    ChangeField,
    UseField(bool),
    AddObject,
    ChangeObject,
    UseObject(bool),
}

/// Every such change.
pub const VERBS: [Verb; 8] = [
    Verb {
        name: "createCustomField",
        doc: "Defines a field; it is there with the next request.",
        kind: Kind::AddField,
    },
    Verb {
        name: "updateCustomField",
        doc: "Other words, more options, or whether it must be given.",
        kind: Kind::ChangeField,
    },
    Verb {
        name: "deactivateCustomField",
        doc: "Takes a field out of use. Its values stay, are erased and swept like the rest, and nobody sees them.",
        kind: Kind::UseField(false),
    },
    Verb {
        name: "restoreCustomField",
        doc: "Takes a field back into use, with its values.",
        kind: Kind::UseField(true),
    },
    Verb { name: "createCustomObject", doc: "Defines an object with its first fields.", kind: Kind::AddObject },
    Verb { name: "updateCustomObject", doc: "Other words for an object.", kind: Kind::ChangeObject },
    Verb {
        name: "deactivateCustomObject",
        doc: "Takes an object out of use. Its records stay.",
        kind: Kind::UseObject(false),
    },
    Verb { name: "restoreCustomObject", doc: "Takes an object back into use.", kind: Kind::UseObject(true) },
];

/// Registers the input types.
pub fn register(builder: SchemaBuilder) -> SchemaBuilder {
    let string = || TypeRef::named(TypeRef::STRING);
    let needed = || TypeRef::named_nn(TypeRef::STRING);
    let flag = || TypeRef::named(TypeRef::BOOLEAN);
    let strings = || TypeRef::named_nn_list(TypeRef::STRING);
    let int = || TypeRef::named(TypeRef::INT);
    let object = |name: &str, fields: &[(&str, TypeRef, &str)]| {
        fields.iter().fold(InputObject::new(name), |object, (name, ty, doc)| {
            object.field(InputValue::new(*name, ty.clone()).description(*doc))
        })
    };
    builder
        .register(object(
            FIELD_INPUT,
            &[
                ("entity", string(), "The object that gets it: contact. Left out where it comes with its object."),
                ("name", needed(), "As the schema shall name it: shoeSize."),
                ("label", needed(), "For people, in English."),
                ("labelFr", string(), "In French."),
                ("description", string(), "More for people."),
                ("descriptionFr", string(), "In French."),
                ("type", TypeRef::named_nn(KIND), "It never changes."),
                ("options", strings(), "Keys of a selection."),
                ("max", int(), "The best of a rating."),
                ("relation", string(), "The object that a relation leads to."),
                ("category", string(), "Data category (fideslang), by which policies decide; needed."),
                ("retention", string(), "Retention class, which says how long it may be kept; needed."),
                ("erasure", TypeRef::named(ERASURE), "What is left of it when the person goes; needed."),
                ("required", flag(), "A new record must give it."),
                ("directIdentifier", flag(), "It identifies a person by itself."),
                ("freeText", flag(), "People may write anything into it; true for a TEXT unless told."),
                ("channel", string(), "email, phone or post: shown where that channel may be used."),
                ("special", string(), "art9, art10 or national_id; implied where the category says it."),
                ("searchable", int(), "1 to 10: how much a word found here counts in a search."),
            ],
        ))
        .register(object(
            FIELD_CHANGE,
            &[
                ("label", string(), "For people, in English."),
                ("labelFr", string(), "In French."),
                ("description", string(), "More for people."),
                ("descriptionFr", string(), "In French."),
                ("options", strings(), "All options, the old ones among them."),
                ("required", flag(), "Whether a new record must give it."),
            ],
        ))
        .register(
            object(
                OBJECT_INPUT,
                &[
                    ("name", needed(), "As the schema shall name one record: visit."),
                    ("plural", needed(), "And several: visits."),
                    ("label", needed(), "For people, in English."),
                    ("labelFr", string(), "In French."),
                    ("about", string(), "contact, for what is about a person: it gets a link. Nobody when left out."),
                ],
            )
            .field(InputValue::new("fields", TypeRef::named_nn_list_nn(FIELD_INPUT)).description("The first fields.")),
        )
        .register(object(
            OBJECT_CHANGE,
            &[("label", string(), "For people, in English."), ("labelFr", string(), "In French.")],
        ))
}

impl Verb {
    /// Adds what the change needs to be told.
    pub fn arguments(&self, field: Field) -> Field {
        let named = |name: &str| InputValue::new(name, TypeRef::named_nn(TypeRef::STRING));
        let input = |ty: &str| InputValue::new("input", TypeRef::named_nn(ty));
        match self.kind {
            Kind::AddField => field.argument(input(FIELD_INPUT)),
            Kind::ChangeField => field.argument(named("entity")).argument(named("name")).argument(input(FIELD_CHANGE)),
            Kind::UseField(_) => field.argument(named("entity")).argument(named("name")),
            Kind::AddObject => field.argument(input(OBJECT_INPUT)),
            Kind::ChangeObject => field.argument(named("name")).argument(input(OBJECT_CHANGE)),
            Kind::UseObject(_) => field.argument(named("name")),
        }
    }

    /// The change that arguments ask for.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` naming what is missing.
    pub fn edit(&self, argument: &impl Fn(&str) -> Wire) -> Result<Edit, Problem> {
        let name = |argument_name: &str| snake(&text(&argument(argument_name)));
        let input = Given(argument("input"));
        Ok(match self.kind {
            Kind::AddField => Edit::AddField(new_field(&input, None).defined("input")?),
            Kind::ChangeField => Edit::ChangeField(FieldChange {
                entity: name("entity"),
                name: name("name"),
                label: input.words("label"),
                description: input.words("description"),
                options: input.list("options"),
                required: input.flag("required"),
            }),
            Kind::UseField(active) => Edit::UseField { entity: name("entity"), name: name("name"), active },
            Kind::AddObject => {
                let object = NewObject {
                    name: snake(&input.text("name").unwrap_or_default()),
                    plural: snake(&input.text("plural").unwrap_or_default()),
                    label: input.words("label").unwrap_or_default(),
                    about: input.text("about").filter(|about| !about.is_empty()).map(|about| snake(&about)),
                }
                .defined();
                let mut fields = Vec::new();
                for (index, field) in input.each("fields").into_iter().enumerate() {
                    let path = format!("input.fields.{index}");
                    fields.push(new_field(&Given(field), Some(&object.name)).defined(&path)?);
                }
                Edit::AddObject(object, fields)
            }
            Kind::ChangeObject => Edit::ChangeObject(ObjectChange { name: name("name"), label: input.words("label") }),
            Kind::UseObject(active) => Edit::UseObject { name: name("name"), active },
        })
    }
}

fn new_field(input: &Given, object: Option<&str>) -> NewField {
    NewField {
        entity: object.map_or_else(|| snake(&input.text("entity").unwrap_or_default()), str::to_owned),
        name: snake(&input.text("name").unwrap_or_default()),
        label: input.words("label").unwrap_or_default(),
        description: input.words("description").unwrap_or_default(),
        kind: input.text("type").unwrap_or_default().to_lowercase(),
        options: input.list("options").unwrap_or_default(),
        most: input.number("max"),
        relation: input.text("relation").map(|relation| snake(&relation)),
        category: input.text("category"),
        retention: input.text("retention"),
        erasure: input.text("erasure").map(|erasure| erasure.to_lowercase()),
        required: input.flag("required").unwrap_or_default(),
        direct_identifier: input.flag("directIdentifier").unwrap_or_default(),
        free_text: input.flag("freeText"),
        channel: input.text("channel"),
        special: input.text("special"),
        searchable: input.number("searchable"),
    }
}

/// The type's name in the schema.
pub fn kind_name(kind: &CustomKind) -> &'static str {
    match kind {
        CustomKind::Text => "TEXT",
        CustomKind::Number => "NUMBER",
        CustomKind::Decimal => "DECIMAL",
        CustomKind::Boolean => "BOOLEAN",
        CustomKind::Date => "DATE",
        CustomKind::Timestamp => "TIMESTAMP",
        CustomKind::Select(_) => "SELECT",
        CustomKind::MultiSelect(_) => "MULTI_SELECT",
        CustomKind::Email => "EMAIL",
        CustomKind::Phone => "PHONE",
        CustomKind::Link => "LINK",
        CustomKind::Money => "MONEY",
        CustomKind::Rating(_) => "RATING",
        CustomKind::Relation(_) => "RELATION",
    }
}

/// The strategy's name in the schema.
pub fn erasure_name(erasure: Erasure) -> &'static str {
    match erasure {
        Erasure::Nullify => "NULLIFY",
        Erasure::Hmac => "HMAC",
        Erasure::Preserve => "PRESERVE",
        Erasure::Delete => "DELETE",
    }
}

/// An input object.
struct Given(Wire);

impl Given {
    fn get(&self, name: &str) -> Option<&Wire> {
        match &self.0 {
            Wire::Object(fields) => fields.get(name).filter(|value| **value != Wire::Null),
            _ => None,
        }
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| text(value).into_owned())
    }

    fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            Some(Wire::Boolean(flag)) => Some(*flag),
            _ => None,
        }
    }

    fn number(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Wire::Number(number)) => number.as_i64(),
            _ => None,
        }
    }

    /// Items of a list; a single value counts as a list of one, as GraphQL has it.
    fn each(&self, name: &str) -> Vec<Wire> {
        match self.get(name) {
            Some(Wire::List(items)) => items.clone(),
            Some(one) => vec![one.clone()],
            None => vec![],
        }
    }

    fn list(&self, name: &str) -> Option<Vec<String>> {
        self.get(name)?;
        Some(self.each(name).iter().map(|item| text(item).into_owned()).collect())
    }

    /// A text in both languages, where one of them is given.
    fn words(&self, name: &str) -> Option<Localised> {
        let (en, fr) = (self.text(name), self.text(&format!("{name}Fr")));
        if en.is_none() && fr.is_none() {
            return None;
        }
        Some(Localised { en: en.unwrap_or_default(), fr: fr.unwrap_or_default() })
    }
}
