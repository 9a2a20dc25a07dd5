//! In which order entities are swept, and which records go along with which.

use garant_domain::catalog::{Catalog, Entity, Field, SubjectPath};

/// The entities that are about people: whatever refers to another comes before it, people last.
pub(crate) fn swept_entities(catalog: &Catalog) -> Vec<&Entity> {
    ordered(catalog.entities.iter().filter(|entity| entity.subject != SubjectPath::None).collect())
}

/// The entities whose trash empties itself, in the same order: those about people, and whatever else no
/// register is. What registers held stays in their trash as evidence of what was decided by it.
pub(crate) fn emptied_entities(catalog: &Catalog) -> Vec<&Entity> {
    ordered(catalog.entities.iter().filter(|entity| has_emptied_trash(entity)).collect())
}

/// Whether records of an entity leave the trash by themselves.
pub(super) fn has_emptied_trash(entity: &Entity) -> bool {
    !entity.append_only && (entity.subject != SubjectPath::None || entity.writers.is_empty())
}

fn ordered(mut waiting: Vec<&Entity>) -> Vec<&Entity> {
    let mut order = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_referred_to = |entity: &Entity| {
            waiting.iter().any(|other| other.name != entity.name && refers(other).any(|target| target == entity.name))
        };
        // Entities that refer to each other go in the order of the catalogue.
        let next = waiting.iter().position(|entity| !is_referred_to(entity)).unwrap_or(0);
        order.push(waiting.remove(next));
    }
    order
}

fn refers(entity: &Entity) -> impl Iterator<Item = &str> {
    entity.fields.iter().filter_map(Field::target)
}

/// The entities whose records are about a record of this one, each with its link.
pub(crate) fn about<'a>(catalog: &'a Catalog, entity: &str) -> impl Iterator<Item = (&'a Entity, &'a str)> {
    catalog.entities.iter().filter_map(move |other| match &other.subject {
        SubjectPath::Via(link) if other.field(link).and_then(Field::target) == Some(entity) => {
            Some((other, link.as_str()))
        }
        _ => None,
    })
}

/// Every other reference to an entity, by entity and field.
pub(crate) fn referring<'a>(catalog: &'a Catalog, entity: &str) -> impl Iterator<Item = (&'a Entity, &'a str)> {
    catalog.entities.iter().flat_map(move |other| {
        let is_link = move |field: &Field| matches!(&other.subject, SubjectPath::Via(link) if *link == field.name);
        let fields = other.fields.iter().filter(move |field| field.target() == Some(entity) && !is_link(field));
        fields.map(move |field| (other, field.name.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_come_before_their_parents() {
        let catalog = Catalog::standard().expect("the catalogue");
        let order: Vec<&str> = swept_entities(&catalog).iter().map(|entity| entity.name.as_str()).collect();
        let place = |name: &str| order.iter().position(|known| *known == name).expect("it is swept");
        assert!(place("activity") < place("deal"));
        assert!(place("deal") < place("contact"));
        assert!(place("consent_event") < place("contact"));
        assert!(!order.contains(&"company"), "companies are about nobody");
        let emptied: Vec<&str> = emptied_entities(&catalog).iter().map(|entity| entity.name.as_str()).collect();
        assert!(emptied.contains(&"company") && !emptied.contains(&"purpose") && !emptied.contains(&"consent_event"));
    }
}
