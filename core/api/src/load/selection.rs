//! What a query selects below a field, fragments included, turned into columns and nested reads.

use async_graphql::context::SelectionField;
use async_graphql::{Name, Value as Wire};

use crate::schema::model::{Inverse, Reference, Shape};

/// The fields of one level that are answered together: one field, or the same field selected
/// several times.
pub struct Selected<'a>(Vec<SelectionField<'a>>);

/// A reference or a connection selected below an entity.
pub struct Nested<'a> {
    /// See [`child_key`].
    pub key: String,
    /// What it is.
    pub side: Side<'a>,
    /// Its arguments.
    pub arguments: Vec<(Name, Wire)>,
    /// What is selected below it.
    pub selected: Selected<'a>,
}

/// Which end of a reference.
#[derive(Clone, Copy)]
pub enum Side<'a> {
    /// From the record that holds the reference.
    Reference(&'a Reference),
    /// From the record referred to.
    Inverse(&'a Inverse),
}

/// Names what was loaded for a field and its arguments, whatever its alias.
pub fn child_key(name: &str, arguments: &[(Name, Wire)]) -> String {
    if arguments.is_empty() {
        return name.to_owned();
    }
    let mut arguments: Vec<_> = arguments.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    arguments.sort_unstable();
    format!("{name}({})", arguments.join(","))
}

impl<'a> Selected<'a> {
    /// What is selected below one field.
    pub fn of(field: SelectionField<'a>) -> Self {
        Self(vec![field])
    }

    /// The fields selected, fragments opened.
    pub fn fields(&self) -> impl Iterator<Item = SelectionField<'a>> {
        self.0.iter().flat_map(SelectionField::selection_set)
    }

    /// Whether a field is selected.
    pub fn has(&self, name: &str) -> bool {
        self.fields().any(|field| field.name() == name)
    }

    /// What is selected below the fields of a name.
    pub fn named(&self, name: &str) -> Self {
        Self(self.fields().filter(|field| field.name() == name).collect())
    }

    /// Below a connection: what is selected of its records, through `nodes` and `edges { node }`.
    pub fn records(&self) -> Self {
        let mut records = self.named("nodes");
        records.0.extend(self.named("edges").named("node").0);
        records
    }

    /// The columns to read of an entity's records: those selected, and the references that lead on.
    pub fn columns(&self, shape: &Shape) -> Vec<String> {
        let mut columns: Vec<String> = Vec::new();
        for field in self.fields() {
            let column = shape.column(field.name()).map(|column| &column.name);
            let reference = || shape.references.iter().find(|reference| reference.api == field.name());
            let name = column.or_else(|| reference().map(|reference| &reference.field));
            // Id and version come with every row.
            if let Some(name) = name.filter(|name| *name != "id" && *name != "version")
                && !columns.contains(name)
            {
                columns.push(name.clone());
            }
        }
        columns
    }

    /// References and connections selected, one per distinct arguments.
    pub fn nested<'s>(&self, shape: &'s Shape) -> Vec<Nested<'s>>
    where
        'a: 's,
    {
        let mut nested: Vec<Nested<'s>> = Vec::new();
        for field in self.fields() {
            let reference = shape.references.iter().find(|reference| reference.api == field.name());
            let inverse = || shape.inverses.iter().find(|inverse| inverse.api == field.name());
            let side = reference.map(Side::Reference).or_else(|| inverse().map(Side::Inverse));
            // Arguments that cannot be resolved are reported by the library when it answers the field.
            let (Some(side), Ok(arguments)) = (side, field.arguments()) else { continue };
            let key = child_key(field.name(), &arguments);
            match nested.iter_mut().find(|nested| nested.key == key) {
                Some(known) => known.selected.0.push(field),
                None => nested.push(Nested { key, side, arguments, selected: Selected::of(field) }),
            }
        }
        nested
    }
}
