//! The mapping file: which column of a CSV becomes which field, and how. It is checked against the
//! catalogue before the first row is read, so that a mistake costs a sentence and not a file.

use std::collections::BTreeMap;

use garant_domain::catalog::{Catalog, Entity, Field, FieldType};
use serde::{Deserialize, Serialize};

/// A mapping file, checked against the catalogue.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The entity that a row becomes: `company`.
    pub entity: String,
    /// Name of the source; with the key it is the external id, so a second run finds its records.
    pub source: String,
    /// The column whose value names a row inside the source.
    pub key: String,
    /// Between columns; a comma unless told.
    #[serde(default = "comma")]
    pub delimiter: char,
    /// The column that says when the data was collected (Art. 5(1)(e) counts from there); the time of
    /// the import unless told.
    pub collected_at: Option<Collected>,
    /// Whether consents without wording or notice are taken over: they count for nothing until their proof
    /// is found, but an objection or a refusal among them is not lost.
    #[serde(default)]
    pub unproven_consents: bool,
    /// The fields, by name.
    #[serde(rename = "field")]
    pub fields: BTreeMap<String, FieldMapping>,
}

/// Where the date of collection comes from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collected {
    /// The column.
    pub column: String,
    /// How it writes dates, in the notation of `strftime`: `%m/%d/%Y`.
    #[serde(default = "iso_date")]
    pub format: String,
}

/// Where the value of one field comes from: exactly one of `column`, `constant` and `template`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldMapping {
    /// A column.
    pub column: Option<String>,
    /// The same text for each row.
    pub constant: Option<String>,
    /// Text with columns in braces: `{product} {account}`.
    pub template: Option<String>,
    /// Values to put right before they are read: `GTXPro = "GTX Pro"`. Others stay as they are.
    #[serde(default)]
    pub map: BTreeMap<String, String>,
    /// How dates and instants are written, in the notation of `strftime`; ISO 8601 unless told.
    pub format: Option<String>,
    /// The mark between a decimal's whole part and its places; a point unless told.
    pub decimal_mark: Option<char>,
    /// How the text leads to another record; reference fields only.
    pub lookup: Option<Lookup>,
}

/// How a text leads to another record: by the external id that an import under `source` gave it,
/// else by the one record whose `field` has the text.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// Source of the external id.
    pub source: Option<String>,
    /// Field of the other entity.
    pub field: Option<String>,
    /// Whether to create the record with that field when there is none.
    #[serde(default)]
    pub create: bool,
}

/// What is wrong with a mapping file: the key path, what, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct MappingError {
    /// Key path in the file: `field.country.format`.
    pub path: String,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl MappingError {
    fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

fn comma() -> char {
    ','
}

pub(super) fn iso_date() -> String {
    "%Y-%m-%d".to_owned()
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// If it is no TOML of this shape, or does not fit the catalogue.
    pub fn parse(text: &str, catalog: &Catalog) -> Result<Self, MappingError> {
        let mapping: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            MappingError::new(format!("line {line}"), error.message())
        })?;
        mapping.check(catalog)?;
        Ok(mapping)
    }

    /// The columns that the mapping reads.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        let fields = self.fields.values().flat_map(|field| {
            field.column.as_deref().into_iter().chain(field.template.iter().flat_map(|text| template_columns(text)))
        });
        [self.key.as_str()].into_iter().chain(self.collected_at.as_ref().map(|at| at.column.as_str())).chain(fields)
    }

    fn check(&self, catalog: &Catalog) -> Result<(), MappingError> {
        let entity = catalog.entity(&self.entity).filter(|entity| !entity.retired).ok_or_else(|| {
            let in_use = catalog.entities.iter().filter(|entity| !entity.retired);
            let names: Vec<&str> = in_use.map(|entity| entity.name.as_str()).collect();
            MappingError::new("entity", format!("there is no entity of this name; use one of {}", names.join(", ")))
        })?;
        if !self.delimiter.is_ascii() {
            return Err(MappingError::new("delimiter", "must be one ASCII character, for example \",\" or \";\""));
        }
        if self.source.trim().is_empty() {
            return Err(MappingError::new(
                "source",
                "is empty; give the source a name that stays the same in each run",
            ));
        }
        if let Some(at) = &self.collected_at {
            check_format("collected_at.format", &at.format)?;
        }
        for (name, mapping) in &self.fields {
            let path = format!("field.{name}");
            let field = entity.in_use().find(|field| field.name == *name);
            let field = field.ok_or_else(|| unknown_field(&path, entity))?;
            mapping.check(&path, field, catalog)?;
        }
        match entity
            .fields
            .iter()
            .find(|field| field.required && field.default.is_none() && !self.fields.contains_key(&field.name))
        {
            Some(field) => Err(MappingError::new(format!("field.{}", field.name), "is required and has no mapping")),
            None => Ok(()),
        }
    }
}

impl FieldMapping {
    fn check(&self, path: &str, field: &Field, catalog: &Catalog) -> Result<(), MappingError> {
        let sources = [self.column.is_some(), self.constant.is_some(), self.template.is_some()];
        if sources.iter().filter(|given| **given).count() != 1 {
            return Err(MappingError::new(path, "needs exactly one of `column`, `constant` and `template`"));
        }
        let dated = matches!(field.ty, FieldType::Date | FieldType::Instant);
        match &self.format {
            Some(_) if !dated => {
                return Err(MappingError::new(format!("{path}.format"), "is for dates and instants only"));
            }
            Some(format) => check_format(&format!("{path}.format"), format)?,
            None => {}
        }
        if self.decimal_mark.is_some() && field.ty != FieldType::Decimal {
            return Err(MappingError::new(format!("{path}.decimal_mark"), "is for decimals only"));
        }
        match (&self.lookup, field.target()) {
            (None, None) => Ok(()),
            (Some(lookup), Some(target)) => lookup.check(path, target, catalog),
            (None, Some(_)) => Err(MappingError::new(
                format!("{path}.lookup"),
                "is missing; say by which `source` or `field` the record is found",
            )),
            (Some(_), None) => Err(MappingError::new(format!("{path}.lookup"), "is for references only")),
        }
    }
}

impl Lookup {
    fn check(&self, path: &str, target: &str, catalog: &Catalog) -> Result<(), MappingError> {
        let path = format!("{path}.lookup");
        if self.source.is_none() && self.field.is_none() {
            return Err(MappingError::new(path, "needs `source`, `field` or both"));
        }
        if self.create && (self.field.is_none() || self.source.is_none()) {
            return Err(MappingError::new(
                format!("{path}.create"),
                "needs `source` and `field`: the new record's key and value",
            ));
        }
        let (Some(name), Some(entity)) = (&self.field, catalog.entity(target)) else { return Ok(()) };
        match entity.field(name) {
            Some(field) if field.ty == FieldType::Text => Ok(()),
            Some(_) => Err(MappingError::new(format!("{path}.field"), "must be a text field")),
            None => Err(unknown_field(&format!("{path}.field"), entity)),
        }
    }
}

fn unknown_field(path: &str, entity: &Entity) -> MappingError {
    let names: Vec<&str> = entity.in_use().map(|field| field.name.as_str()).collect();
    MappingError::new(path, format!("`{}` has no such field; use one of {}", entity.name, names.join(", ")))
}

fn check_format(path: &str, format: &str) -> Result<(), MappingError> {
    let bad = chrono::format::StrftimeItems::new(format).any(|item| item == chrono::format::Item::Error);
    if bad || !format.contains('%') {
        return Err(MappingError::new(path, "is no date format; for example %m/%d/%Y or %Y-%m-%d"));
    }
    Ok(())
}

/// The columns that a template names in braces.
pub(super) fn template_columns(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Mapping::parse(text, &Catalog::standard().expect("the catalogue"))
            .expect_err("the mapping must be refused")
            .to_string()
    }

    const HEAD: &str = "entity = \"company\"\nsource = \"s\"\nkey = \"k\"\n";

    #[test]
    fn a_good_mapping_lists_the_columns_it_reads() {
        let text = format!(
            "{HEAD}collected_at = {{ column = \"d\" }}\n[field.name]\ntemplate = \"{{a}} of {{b}}\"\n[field.country]\ncolumn = \"c\"\n"
        );
        let mapping = Mapping::parse(&text, &Catalog::standard().expect("the catalogue")).expect("a good mapping");
        assert_eq!(mapping.columns().collect::<Vec<_>>(), ["k", "d", "c", "a", "b"]);
    }

    #[test]
    fn mistakes_name_the_key_and_the_remedy() {
        assert!(error("entity = \"firm\"\nsource = \"s\"\nkey = \"k\"\n[field]\n").contains("use one of"));
        assert!(error(&format!("{HEAD}[field]\n")).starts_with("field.name: is required"));
        assert!(
            error(&format!("{HEAD}[field.nme]\ncolumn = \"a\"\n"))
                .starts_with("field.nme: `company` has no such field")
        );
        assert!(error(&format!("{HEAD}[field.name]\n")).contains("exactly one of"));
        assert!(
            error(&format!("{HEAD}[field.name]\ncolumn = \"a\"\nfromat = \"x\"\n")).contains("unknown field `fromat`")
        );
        assert!(
            error(&format!("{HEAD}[field.name]\ncolumn = \"a\"\nformat = \"%Y\"\n")).contains("dates and instants")
        );
        assert!(
            error(&format!("{HEAD}[field.parent_id]\ncolumn = \"a\"\n"))
                .starts_with("field.parent_id.lookup: is missing")
        );
        let lookup = format!("{HEAD}[field.parent_id]\ncolumn = \"a\"\nlookup = {{ source = \"s\", create = true }}\n");
        assert!(error(&lookup).starts_with("field.parent_id.lookup.create"));
        let collected =
            "entity = \"company\"\nsource = \"s\"\nkey = \"k\"\ncollected_at = { column = \"d\", format = \"%!\" }\n";
        assert!(error(&format!("{collected}[field.name]\ncolumn = \"a\"\n")).starts_with("collected_at.format"));
    }
}
