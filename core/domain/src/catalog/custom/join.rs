//! From definitions to a catalogue.

use super::{Custom, CustomField, CustomKind, CustomObject};
use crate::catalog::check::Flaw;
use crate::catalog::{Catalog, CatalogError, Entity, Erasure, Inverse, RowRule, SubjectPath};
use crate::reason::Localised;

/// The category of a link to a person, and how long it is kept: as the standard entities have it.
const LINK_CATEGORY: &str = "user.unique_id";
const LINK_RETENTION: &str = "contact";

/// A definition that does not fit the standard catalogue any more, as after an upgrade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// `entity` or `entity.field`.
    pub place: String,
    /// What is wrong there.
    pub flaw: Flaw,
}

impl CustomObject {
    /// The name of the link to the person whom a record is about.
    #[must_use]
    pub fn link(&self) -> Option<String> {
        self.about.as_ref().map(|entity| format!("{entity}_id"))
    }

    fn entity(&self) -> Entity {
        let link = self.link();
        let field = self.about.as_ref().zip(link.as_ref()).map(|(target, link)| CustomField {
            entity: self.name.clone(),
            name: link.clone(),
            label: Localised { en: "The person whom it is about".to_owned(), fr: "La personne concernée".to_owned() },
            description: Localised::default(),
            kind: CustomKind::Relation(target.clone()),
            category: LINK_CATEGORY.to_owned(),
            retention: LINK_RETENTION.to_owned(),
            erasure: Erasure::Nullify,
            required: false,
            direct_identifier: false,
            free_text: false,
            channel: None,
            special: None,
            searchable: None,
            active: true,
        });
        Entity {
            name: self.name.clone(),
            plural: self.plural.clone(),
            label: self.label.clone(),
            subject: link.map_or(SubjectPath::None, SubjectPath::Via),
            row_rule: RowRule::Hide,
            staff: false,
            append_only: false,
            writers: vec![],
            any_of: vec![],
            sum_limits: vec![],
            acyclic: vec![],
            outgoing: None,
            fields: field.iter().flat_map(CustomField::fields).collect(),
            duplicates: vec![],
            inverses: vec![],
            custom: true,
            retired: !self.active,
        }
    }
}

impl Catalog {
    /// These entities with what a tenant defined besides.
    ///
    /// # Errors
    /// When the whole does not hold together; the place is that of the definition.
    pub fn with_custom(&self, custom: &Custom) -> Result<Self, CatalogError> {
        let mut entities = self.entities.clone();
        entities.extend(custom.objects.iter().map(CustomObject::entity));
        for field in &custom.fields {
            let entity = entities.iter_mut().find(|entity| entity.name == field.entity);
            let entity = entity.ok_or_else(|| CatalogError::Flawed {
                place: format!("{}.{}", field.entity, field.name),
                flaw: Flaw::UnknownEntity(field.entity.clone()),
            })?;
            entity.fields.extend(field.fields());
        }
        walk_back(&mut entities);
        // What is wrong with a definition is told of the definition, before it spoils what it stands on.
        let joined = Self { entities, digest: String::new() };
        super::check(self, custom, &joined)?;
        Self::new(joined.entities)
    }

    /// The same, without what does not fit any more: its values stay where they lie, and nobody sees them.
    ///
    /// # Errors
    /// When the standard entities themselves do not hold together.
    pub fn joined(&self, custom: &Custom) -> Result<(Self, Vec<LeftOut>), CatalogError> {
        let (mut custom, mut left_out) = (custom.clone(), Vec::new());
        loop {
            match self.with_custom(&custom) {
                Ok(catalog) => return Ok((catalog, left_out)),
                Err(CatalogError::Flawed { place, flaw }) if custom.leave_out(&place) => {
                    left_out.push(LeftOut { place, flaw });
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Custom {
    /// Takes out what stands at a place, with what hangs on it; answers whether there was anything.
    fn leave_out(&mut self, place: &str) -> bool {
        let count = self.objects.len() + self.fields.len();
        let (entity, member) = place.split_once('.').map_or((place, None), |(entity, member)| (entity, Some(member)));
        match member {
            None => self.objects.retain(|object| object.name != entity),
            Some(member) => {
                let is_it = |field: &CustomField| {
                    field.entity == entity && field.fields().iter().any(|field| field.name == member)
                };
                self.fields.retain(|field| !is_it(field));
            }
        }
        if self.objects.len() + self.fields.len() == count {
            // The other side of a reference, or a field that spoils what it stands on: the latest goes.
            let touches = |field: &CustomField| {
                field.entity == entity || matches!(&field.kind, CustomKind::Relation(target) if target == entity)
            };
            match self.fields.iter().rposition(touches) {
                Some(index) => drop(self.fields.remove(index)),
                None => self.objects.retain(|object| object.name != entity && Some(object.plural.as_str()) != member),
            }
        }
        self.objects.len() + self.fields.len() < count
    }
}

/// Every reference that a tenant defined is also walked from the other side.
fn walk_back(entities: &mut [Entity]) {
    let mut inverses: Vec<(String, Inverse)> = Vec::new();
    for entity in entities.iter().filter(|entity| !entity.retired) {
        for field in entity.fields.iter().filter(|field| field.custom && !field.retired) {
            let Some(target) = field.target() else { continue };
            let first = !inverses.iter().any(|(of, inverse)| of == target && inverse.name == entity.plural);
            let free = first && is_free(entities, target, &entity.plural);
            let stem = field.name.strip_suffix("_id").unwrap_or(&field.name);
            let name = if free { entity.plural.clone() } else { format!("{}_by_{stem}", entity.plural) };
            inverses.push((target.to_owned(), Inverse { name, entity: entity.name.clone(), via: field.name.clone() }));
        }
    }
    for (target, inverse) in inverses {
        if let Some(entity) = entities.iter_mut().find(|entity| entity.name == target) {
            entity.inverses.push(inverse);
        }
    }
}

fn is_free(entities: &[Entity], entity: &str, name: &str) -> bool {
    entities.iter().find(|known| known.name == entity).is_some_and(|entity| {
        entity.field(name).is_none() && !entity.inverses.iter().any(|inverse| inverse.name == name)
    })
}
