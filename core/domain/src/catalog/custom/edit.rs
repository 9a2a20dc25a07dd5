//! Changes of definitions, as a pure function: what comes out is proved and committed by others.

use super::{Custom, CustomField, CustomKind, CustomObject};
use crate::reason::Localised;

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A new field.
    AddField(CustomField),
    /// Other words for a field, more options, or whether it must be given.
    ChangeField(FieldChange),
    /// Takes a field of an entity out of use, or back.
    UseField {
        /// The entity.
        entity: String,
        /// The field.
        name: String,
        /// Whether it is in use.
        active: bool,
    },
    /// A new object with its first fields.
    AddObject(CustomObject, Vec<CustomField>),
    /// Other words for an object.
    ChangeObject(ObjectChange),
    /// Takes an object out of use, or back.
    UseObject {
        /// The object.
        name: String,
        /// Whether it is in use.
        active: bool,
    },
}

/// What may change of a field. Its type and what the law needs to know of it may not: values are there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldChange {
    /// The entity.
    pub entity: String,
    /// The field.
    pub name: String,
    /// For people.
    pub label: Option<Localised>,
    /// More for people.
    pub description: Option<Localised>,
    /// All options, the old ones among them.
    pub options: Option<Vec<String>>,
    /// Whether it must be given.
    pub required: Option<bool>,
}

/// What may change of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectChange {
    /// The object.
    pub name: String,
    /// For people.
    pub label: Option<Localised>,
}

/// Why a change makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no such field.
    #[error("`{entity}` has no custom field `{name}`")]
    NoField {
        /// The entity.
        entity: String,
        /// The field.
        name: String,
    },
    /// There is no such object.
    #[error("there is no custom object `{0}`")]
    NoObject(String),
    /// Records may hold it.
    #[error("the option `{0}` cannot be taken away: records may hold it")]
    OptionTaken(String),
    /// Nothing to choose from.
    #[error("only selections have options")]
    NoOptions,
    /// It is as it shall be.
    #[error("nothing would change")]
    Nothing,
    /// An object is made of fields.
    #[error("an object needs at least one field")]
    NoFields,
}

impl Edit {
    /// What is changed, for the history: `contact.shoe_size`, `visit`.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::AddField(field) => format!("{}.{}", field.entity, field.name),
            Self::ChangeField(FieldChange { entity, name, .. }) | Self::UseField { entity, name, .. } => {
                format!("{entity}.{name}")
            }
            Self::AddObject(object, _) => object.name.clone(),
            Self::ChangeObject(ObjectChange { name, .. }) | Self::UseObject { name, .. } => name.clone(),
        }
    }

    /// What is done, for the history.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self {
            Self::AddField(_) => "createCustomField",
            Self::ChangeField(_) => "updateCustomField",
            Self::UseField { active: false, .. } => "deactivateCustomField",
            Self::UseField { active: true, .. } => "restoreCustomField",
            Self::AddObject(..) => "createCustomObject",
            Self::ChangeObject(_) => "updateCustomObject",
            Self::UseObject { active: false, .. } => "deactivateCustomObject",
            Self::UseObject { active: true, .. } => "restoreCustomObject",
        }
    }
}

impl Custom {
    /// A field by its entity and name.
    #[must_use]
    pub fn field(&self, entity: &str, name: &str) -> Option<&CustomField> {
        self.fields.iter().find(|field| field.entity == entity && field.name == name)
    }

    /// An object by its name.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<&CustomObject> {
        self.objects.iter().find(|object| object.name == name)
    }

    /// The definitions with a change. Whether they hold together is for [`super::Catalog::with_custom`] to say.
    ///
    /// # Errors
    /// When the change makes no sense.
    pub fn edited(&self, edit: &Edit) -> Result<Self, EditError> {
        let mut next = self.clone();
        match edit {
            Edit::AddField(field) => next.fields.push(field.clone()),
            Edit::ChangeField(change) => {
                let (entity, name) = (change.entity.as_str(), change.name.as_str());
                next.field_mut(entity, name)?.change(change)?;
            }
            Edit::UseField { entity, name, active } => next.field_mut(entity, name)?.active = *active,
            Edit::AddObject(_, fields) if fields.is_empty() => return Err(EditError::NoFields),
            Edit::AddObject(object, fields) => {
                next.objects.push(object.clone());
                next.fields.extend(fields.iter().cloned());
            }
            Edit::ChangeObject(change) => {
                let object = next.object_mut(&change.name)?;
                if let Some(label) = &change.label {
                    object.label.clone_from(label);
                }
            }
            Edit::UseObject { name, active } => next.object_mut(name)?.active = *active,
        }
        if next == *self { Err(EditError::Nothing) } else { Ok(next) }
    }

    fn field_mut(&mut self, entity: &str, name: &str) -> Result<&mut CustomField, EditError> {
        let found = self.fields.iter_mut().find(|field| field.entity == entity && field.name == name);
        found.ok_or_else(|| EditError::NoField { entity: entity.to_owned(), name: name.to_owned() })
    }

    fn object_mut(&mut self, name: &str) -> Result<&mut CustomObject, EditError> {
        let found = self.objects.iter_mut().find(|object| object.name == name);
        found.ok_or_else(|| EditError::NoObject(name.to_owned()))
    }
}

impl CustomField {
    fn change(&mut self, change: &FieldChange) -> Result<(), EditError> {
        if let Some(label) = &change.label {
            self.label.clone_from(label);
        }
        if let Some(description) = &change.description {
            self.description.clone_from(description);
        }
        if let Some(required) = change.required {
            self.required = required;
        }
        let Some(wanted) = &change.options else { return Ok(()) };
        let (CustomKind::Select(options) | CustomKind::MultiSelect(options)) = &mut self.kind else {
            return Err(EditError::NoOptions);
        };
        if let Some(gone) = options.iter().find(|option| !wanted.contains(option)) {
            return Err(EditError::OptionTaken(gone.clone()));
        }
        options.clone_from(wanted);
        Ok(())
    }
}
