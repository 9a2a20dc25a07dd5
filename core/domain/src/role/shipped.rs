//! The roles that a tenant begins with: everybody works with all records, as far as purposes and policies let
//! them, and administration is parted.

use std::collections::BTreeMap;

use super::{Duty, Rights, Role};
use crate::reason::Localised;

/// Stands for every entity that a role does not name.
pub const ANY_ENTITY: &str = "*";

/// The role of those whose own role nobody has described.
pub const ANY_ROLE: &str = "*";

/// The shipped roles: key, label in English and French, what they administer.
pub const SHIPPED: &[(&str, &str, &str, &[Duty])] = &[
    (
        "admin",
        "Administrator",
        "Administrateur",
        &[Duty::Approve, Duty::Webhooks, Duty::Users, Duty::Keys, Duty::Roles, Duty::Catalog, Duty::Jobs],
    ),
    (
        "dpo",
        "Data protection officer",
        "Délégué à la protection des données",
        &[
            Duty::Policies,
            Duty::ConfirmPolicies,
            Duty::LegalHolds,
            Duty::Intake,
            Duty::Approve,
            Duty::Webhooks,
            Duty::Users,
            Duty::Keys,
            Duty::Roles,
            Duty::Catalog,
            Duty::Jobs,
        ],
    ),
    ("controller", "Controller", "Responsable du traitement", &[Duty::ConfirmPolicies, Duty::Approve]),
    ("counsel", "Counsel", "Juriste", &[Duty::LegalHolds]),
    ("portal", "Intake of the preference centre", "Portail des personnes", &[Duty::Intake]),
    ("sales", "Sales", "Commercial", &[]),
    ("marketing", "Marketing", "Marketing", &[]),
    ("support", "Support", "Assistance", &[]),
    ("accountant", "Accounting", "Comptabilité", &[]),
    (ANY_ROLE, "Any other role", "Tout autre rôle", &[]),
];

impl Role {
    /// A role that may do nothing.
    #[must_use]
    pub fn nothing(key: &str) -> Self {
        Self { key: key.to_owned(), label: Localised::default(), records: BTreeMap::new(), duties: [].into() }
    }

    /// What a role may do as long as nobody has said otherwise. One that is not shipped is as any other.
    #[must_use]
    pub fn shipped(key: &str) -> Self {
        let found = SHIPPED.iter().find(|(known, ..)| *known == key);
        let (en, fr, duties) = match found.or_else(|| SHIPPED.iter().find(|(known, ..)| *known == ANY_ROLE)) {
            Some((_, en, fr, duties)) => (*en, *fr, *duties),
            None => ("", "", &[][..]),
        };
        Self {
            key: key.to_owned(),
            label: Localised { en: en.to_owned(), fr: fr.to_owned() },
            records: BTreeMap::from([(ANY_ENTITY.to_owned(), Rights::all())]),
            duties: duties.iter().copied().collect(),
        }
    }
}
