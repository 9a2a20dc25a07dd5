//! Whether the types and root fields of an object that a tenant defined have names that nobody else has:
//! the library would put one in the place of the other without a word. How names are made is read off the
//! standard schema, so that nothing here has to be kept in step with it.

use std::collections::HashSet;

use crate::schema::model::{Model, Shape};
use crate::schema::names::pascal;

/// The names of the standard schema, and how those of an entity are made.
pub struct Names {
    standard: HashSet<String>,
    entities: HashSet<String>,
    /// What may follow the name of an entity's type.
    types: HashSet<String>,
    /// What may stand before and after the names of one record and of several.
    fields: HashSet<(String, Part, String)>,
}

/// Which of an entity's names a root field holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Part {
    Singular,
    Plural,
    Type,
    Types,
}

impl Part {
    const ALL: [Self; 4] = [Self::Singular, Self::Plural, Self::Type, Self::Types];

    fn of(self, shape: &Shape) -> String {
        match self {
            Self::Singular => shape.singular.clone(),
            Self::Plural => shape.plural.clone(),
            Self::Type => shape.type_name.clone(),
            Self::Types => pascal(&shape.plural),
        }
    }
}

impl Names {
    /// Of the standard schema and its model.
    pub fn of(sdl: &str, model: &Model) -> Self {
        let types: HashSet<String> = types(sdl).map(str::to_owned).collect();
        let roots: HashSet<String> = roots(sdl).map(str::to_owned).collect();
        let mut names =
            Self { standard: HashSet::new(), entities: HashSet::new(), types: HashSet::new(), fields: HashSet::new() };
        for shape in model.shapes() {
            names.entities.insert(shape.entity.clone());
            let after = types.iter().filter_map(|name| name.strip_prefix(&shape.type_name));
            names.types.extend(after.map(str::to_owned));
            for part in Part::ALL {
                let own = part.of(shape);
                let around = roots.iter().filter_map(|name| name.split_once(&own));
                names.fields.extend(around.map(|(before, after)| (before.to_owned(), part, after.to_owned())));
            }
        }
        names.standard.extend(types);
        names.standard.extend(roots);
        names
    }

    /// The first object whose name makes one that is taken, and which.
    pub fn clash(&self, model: &Model) -> Option<(String, String)> {
        let mut taken = self.standard.clone();
        for shape in model.shapes().filter(|shape| !self.entities.contains(&shape.entity)) {
            let types = self.types.iter().map(|after| format!("{}{after}", shape.type_name));
            let fields = self.fields.iter().map(|(before, part, after)| format!("{before}{}{after}", part.of(shape)));
            let made: HashSet<String> = types.chain(fields).collect();
            if let Some(name) = made.iter().filter(|name| taken.contains(*name)).min() {
                return Some((shape.singular.clone(), name.clone()));
            }
            taken.extend(made);
        }
        None
    }
}

fn types(sdl: &str) -> impl Iterator<Item = &str> {
    let kinds = ["type ", "input ", "enum ", "scalar "];
    let name = move |line: &'_ str| kinds.iter().find_map(|kind| line.strip_prefix(kind).map(str::len));
    sdl.lines().filter_map(move |line| {
        let rest = &line[line.len() - name(line)?..];
        rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()
    })
}

/// The fields of the types of queries, mutations and subscriptions.
fn roots(sdl: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    sdl.lines().filter_map(move |line| {
        if line.starts_with("type ") {
            inside =
                ["Query", "Mutation", "Subscription"].iter().any(|root| line.starts_with(&format!("type {root} ")));
        }
        let name = line.strip_prefix('\t').filter(|_| inside)?;
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        Some(&name[..end]).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use garant_domain::catalog::Catalog;
    use garant_domain::catalog::custom::{Custom, CustomObject};
    use garant_domain::reason::Localised;

    use super::*;
    use crate::schema::{build, sdl};

    #[test]
    fn an_object_takes_no_name_that_is_there() {
        let standard = Catalog::standard().unwrap();
        let names = Names::of(&sdl(&standard).unwrap(), &Model::new(&standard).unwrap());
        let object = |(name, plural): (&str, &str)| CustomObject {
            name: name.to_owned(),
            plural: plural.to_owned(),
            label: Localised { en: name.to_owned(), fr: String::new() },
            about: Some("contact".to_owned()),
            active: true,
        };
        let clash = |objects: &[(&str, &str)]| {
            let custom = Custom { objects: objects.iter().copied().map(object).collect(), fields: vec![] };
            let model = Model::new(&standard.with_custom(&custom).unwrap()).unwrap();
            names.clash(&model).map(|(_, name)| name)
        };
        assert_eq!(clash(&[("visit", "visits"), ("training", "trainings")]), None);
        assert_eq!(clash(&[("viewer", "viewers")]).as_deref(), Some("Viewer"));
        assert_eq!(clash(&[("webhook", "hooks")]).as_deref(), Some("Webhook"));
        assert_eq!(clash(&[("x", "approvals")]).as_deref(), Some("approvals"));
        assert!(clash(&[("visit", "visits"), ("visit_filter", "visit_filters")]).is_some());
        // What would be overwritten otherwise.
        let custom = Custom { objects: vec![object(("visit", "visits"))], fields: vec![] };
        let joined = standard.with_custom(&custom).unwrap();
        let text = build(&Model::new(&joined).unwrap()).unwrap().sdl();
        for name in ["visits", "visit", "createVisit", "updateVisits", "visitGroupBy"] {
            assert!(roots(&text).any(|root| root == name), "{name}");
        }
        assert!(types(&text).any(|name| name == "VisitFilter"));
    }
}
