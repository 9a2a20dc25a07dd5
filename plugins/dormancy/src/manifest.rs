//! Who this policy is, what it needs, and its settings.

use garant_plugin_sdk::prelude::*;

use crate::reasons::reasons;

pub(crate) const ARCHIVE_ROLES: [&str; 2] = ["counsel", "accountant"];
pub(crate) const ARCHIVE_CATEGORIES: [&str; 4] = ["user.name", "user.contact", "user.account", "user.unique_id"];

pub(crate) fn manifest() -> Manifest {
    Manifest::new("dormancy", env!("CARGO_PKG_VERSION"))
        .title("Dormancy and restriction", "Mise en sommeil et limitation")
        .summary(
            "Dormant data does not exist for ordinary users; restricted data serves only what Art. 18(2) lists, and who had it restricted is told before that ends.",
            "Les données en sommeil n'existent pas pour l'utilisateur courant ; les données limitées ne servent qu'aux cas de l'art. 18(2), et la personne est avertie avant la levée.",
        )
        .hooks([Hook::Read, Hook::Write, Hook::Retention])
        .entities(["*"])
        .facts([
            "subject.dormant",
            "subject.restricted",
            "subject.restricted_at",
            "consent.status",
            "consent.given_at",
        ])
        .fields(["restricted", "restriction_lift_told_at"])
        .attributes(["purpose.key", "purpose.nature", "channel", "actor.role"])
        .settings(&Settings::new([
            texts("archive_roles", ARCHIVE_ROLES).title("Roles of the archive", "Rôles de l'archive").help(
                "Roles that may open dormant data for purposes of the nature `legal_claim` or `archive`.",
                "Rôles pouvant ouvrir les données en sommeil pour les finalités de nature `legal_claim` ou `archive`.",
            ),
            texts("archive_categories", ARCHIVE_CATEGORIES).title("Fields of the archive", "Champs de l'archive").help(
                "Data categories that these roles get to see of dormant data; everything else is masked.",
                "Catégories de données que ces rôles voient des données en sommeil ; le reste est masqué.",
            ),
        ]))
        .reasons(reasons())
}
