//! The catalogue as the API names it: one shape per entity, made once at start. Everything in the
//! schema, the loader and the filters is driven by shapes, so that no entity is named in code.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use garant_domain::catalog::{Catalog, Entity, Field, FieldType, SYSTEM_FIELDS};
use garant_domain::problem::Problem;
use garant_domain::value::Type;

use super::SchemaError;
use super::names::{camel, pascal};

/// All shapes.
pub struct Model {
    shapes: Vec<Arc<Shape>>,
    by_entity: HashMap<String, usize>,
}

/// One entity as GraphQL sees it.
pub struct Shape {
    /// The entity's name in the catalogue.
    pub entity: String,
    /// `Contact`.
    pub type_name: String,
    /// `contact`.
    pub singular: String,
    /// `contacts`.
    pub plural: String,
    /// For people.
    pub label: String,
    /// Only creation is allowed.
    pub append_only: bool,
    /// Some field can be searched.
    pub searchable: bool,
    /// There are reasons to take two records for one.
    pub duplicates: bool,
    /// Records can become one.
    pub mergeable: bool,
    /// `id`, the catalogue's fields, then the other system fields.
    pub columns: Vec<Column>,
    /// Objects behind reference fields.
    pub references: Vec<Reference>,
    /// Connections from the other side of references.
    pub inverses: Vec<Inverse>,
}

/// A scalar field.
pub struct Column {
    /// `lastName`.
    pub api: String,
    /// `last_name`.
    pub name: String,
    /// What values look like on the wire.
    pub kind: Kind,
    /// Description.
    pub doc: String,
    /// The data category, when the field is personal.
    pub personal: Option<String>,
    /// Whether it is an input of mutations.
    pub writable: bool,
    /// Whether a new record must give it.
    pub required: bool,
}

/// An object behind a reference field.
pub struct Reference {
    /// `company`.
    pub api: String,
    /// `company_id`.
    pub field: String,
    /// The entity referred to.
    pub target: String,
    /// The data category, when the reference is personal.
    pub personal: Option<String>,
}

/// A connection from the other side of a reference.
pub struct Inverse {
    /// `deals`.
    pub api: String,
    /// The other entity.
    pub entity: String,
    /// Its reference field.
    pub via: String,
}

/// The wire type of a scalar field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A record's id.
    Id,
    /// Free text.
    Text,
    /// A 32-bit integer on the wire.
    Integer,
    /// An exact decimal, as text.
    Decimal,
    /// True or false.
    Boolean,
    /// `2026-05-01`.
    Date,
    /// RFC 3339.
    Instant,
    /// One of these keys, as text.
    Select(Vec<String>),
    /// Some of these keys, as a list.
    MultiSelect(Vec<String>),
    /// ISO 3166-1 alpha-2, as text.
    Country,
}

impl Kind {
    fn of(field: &Field) -> Self {
        match &field.ty {
            FieldType::Text => Self::Text,
            FieldType::Integer => Self::Integer,
            FieldType::Decimal => Self::Decimal,
            FieldType::Boolean => Self::Boolean,
            FieldType::Date => Self::Date,
            FieldType::Instant => Self::Instant,
            FieldType::Select(keys) => Self::Select(keys.clone()),
            FieldType::MultiSelect(keys) => Self::MultiSelect(keys.clone()),
            // What is no country but counts as one is told apart by the service.
            FieldType::Country if !field.organisations.is_empty() => Self::Text,
            FieldType::Country => Self::Country,
            FieldType::Reference(_) => Self::Id,
        }
    }

    fn of_system(name: &str, ty: Type) -> Self {
        match ty {
            _ if name == "id" => Self::Id,
            Type::Boolean => Self::Boolean,
            Type::Integer => Self::Integer,
            Type::Decimal => Self::Decimal,
            Type::Text => Self::Text,
            Type::Date => Self::Date,
            Type::Instant => Self::Instant,
        }
    }
}

impl Model {
    /// The shapes of a catalogue.
    ///
    /// # Errors
    /// Two names of one entity, or of two, become the same in GraphQL.
    pub fn new(catalog: &Catalog) -> Result<Self, SchemaError> {
        let in_use = catalog.entities.iter().filter(|entity| !entity.retired);
        let shapes: Vec<_> = in_use.map(|entity| Arc::new(Shape::new(entity))).collect();
        let by_entity = shapes.iter().enumerate().map(|(i, shape)| (shape.entity.clone(), i)).collect();
        let model = Self { shapes, by_entity };
        model.check()?;
        Ok(model)
    }

    /// All shapes, in the catalogue's order.
    pub fn shapes(&self) -> impl Iterator<Item = &Arc<Shape>> {
        self.shapes.iter()
    }

    /// The shape of an entity.
    pub fn shape(&self, entity: &str) -> Option<&Arc<Shape>> {
        self.by_entity.get(entity).and_then(|i| self.shapes.get(*i))
    }

    /// Names of fields that are connections; the complexity walk multiplies by their page.
    pub fn connections(&self) -> HashSet<String> {
        let roots = self.shapes().map(|shape| shape.plural.clone());
        let inverses = self.shapes().flat_map(|shape| shape.inverses.iter().map(|inverse| inverse.api.clone()));
        let groups = self.shapes().map(|shape| super::aggregate::group_field(shape));
        let search = [super::search::FIELD.to_owned(), super::timeline::FIELD.to_owned()];
        let duplicates = self.shapes().map(|shape| super::duplicate::field_name(shape));
        roots.chain(inverses).chain(groups).chain(search).chain(duplicates).collect()
    }

    fn check(&self) -> Result<(), SchemaError> {
        let mut types = HashSet::new();
        for shape in self.shapes() {
            if !types.insert(&shape.type_name) || shape.singular == shape.plural {
                return Err(SchemaError::Duplicate { of: shape.entity.clone(), name: shape.singular.clone() });
            }
            let mut names = HashSet::from(["policy"]);
            let columns = shape.columns.iter().map(|column| &column.api);
            let references = shape.references.iter().map(|reference| &reference.api);
            let inverses = shape.inverses.iter().map(|inverse| &inverse.api);
            for name in columns.chain(references).chain(inverses) {
                if !names.insert(name) {
                    return Err(SchemaError::Duplicate { of: shape.entity.clone(), name: name.clone() });
                }
            }
        }
        Ok(())
    }
}

impl Shape {
    fn new(entity: &Entity) -> Self {
        let system = |name: &str| SYSTEM_FIELDS.iter().find(|(field, _)| *field == name).map(|(n, ty)| system(n, *ty));
        let own = entity.in_use().map(column);
        let rest = SYSTEM_FIELDS.iter().filter(|(name, _)| *name != "id").map(|(name, ty)| self::system(name, *ty));
        Self {
            entity: entity.name.clone(),
            type_name: pascal(&entity.name),
            singular: camel(&entity.name),
            plural: camel(&entity.plural),
            label: entity.label.en.clone(),
            append_only: entity.append_only,
            searchable: entity.searchable().next().is_some(),
            duplicates: !entity.duplicates.is_empty(),
            mergeable: entity.is_mergeable(),
            columns: system("id").into_iter().chain(own).chain(rest).collect(),
            references: entity.in_use().filter_map(reference).collect(),
            inverses: entity
                .inverses
                .iter()
                .map(|inverse| Inverse {
                    api: camel(&inverse.name),
                    entity: inverse.entity.clone(),
                    via: inverse.via.clone(),
                })
                .collect(),
        }
    }

    /// Fields of a file with the names that they get in it; every writable one where none is named.
    ///
    /// # Errors
    /// A name that is none of the entity's.
    pub fn exported(&self, named: &[String]) -> Result<Vec<(String, String)>, Problem> {
        let pair = |column: &Column| (column.name.clone(), column.api.clone());
        if named.is_empty() {
            return Ok(self.columns.iter().filter(|column| column.writable).map(pair).collect());
        }
        let column = |api: &String| {
            let found = self.columns.iter().find(|column| column.api == *api && column.writable);
            found.map(pair).ok_or_else(|| {
                Problem::input("fields", "A field is none of the entity's")
                    .mend("Name fields as the schema does; `id` always comes.")
            })
        };
        named.iter().map(column).collect()
    }

    /// A scalar field by its GraphQL name.
    pub fn column(&self, api: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.api == api)
    }
}

fn system(name: &str, ty: Type) -> Column {
    let doc = match name {
        "id" => "Opaque id of the record.",
        "version" => "Grows by one with each change; send it as `expectedVersion`.",
        "created_at" => "When the record was created here.",
        "updated_at" => "When the record was last changed.",
        "deleted_at" => "When the record went into the trash; null for live records.",
        "collected_at" => "When the data was collected.",
        "collected_for" => "The purpose of collection.",
        _ => "",
    };
    Column {
        api: camel(name),
        name: name.to_owned(),
        kind: Kind::of_system(name, ty),
        doc: doc.to_owned(),
        personal: None,
        writable: false,
        required: false,
    }
}

fn column(field: &Field) -> Column {
    let mut api = camel(&field.name);
    if field.target().is_some() && !field.name.ends_with("_id") {
        api.push_str("Id");
    }
    let mut doc = field.label.en.clone();
    match &field.ty {
        FieldType::Select(keys) => doc = format!("{doc}: one of {}", keys.join(", ")),
        FieldType::MultiSelect(keys) => doc = format!("{doc}: some of {}", keys.join(", ")),
        _ => {}
    }
    Column {
        api,
        name: field.name.clone(),
        kind: Kind::of(field),
        doc,
        personal: field.is_personal().then(|| field.category.clone()),
        writable: !field.read_only,
        required: field.required && field.default.is_none(),
    }
}

fn reference(field: &Field) -> Option<Reference> {
    let target = field.target()?;
    Some(Reference {
        api: camel(field.name.strip_suffix("_id").unwrap_or(&field.name)),
        field: field.name.clone(),
        target: target.to_owned(),
        personal: field.is_personal().then(|| field.category.clone()),
    })
}
