//! Who this policy is, what it needs, and its settings.

use garant_plugin_sdk::prelude::*;

use crate::reasons::reasons;

const LEVELS: [&str; 4] = ["none", "indirect", "control", "direct"];

pub(crate) fn manifest() -> Manifest {
    Manifest::new("cloud-act", env!("CARGO_PKG_VERSION"))
        .title("Reach of foreign law", "Portée des droits étrangers")
        .summary(
            "Judges who in the chain of processors, up to the ultimate parent, can be ordered by a foreign authority to hand data over, and whether they could read it; our own hosting included.",
            "Juge qui, dans la chaîne des sous-traitants et jusqu'à la maison mère ultime, peut être contraint par une autorité étrangère de livrer des données, et s'il peut les lire ; notre propre hébergement compris.",
        )
        .hooks([Hook::Read, Hook::Transfer])
        .entities(["*"])
        .attributes(["recipient.present", "recipient.role", "purpose.needed_categories"])
        .references(["recipient_chain", "reach_laws", "territories"])
        .settings(&Settings::new([
            text("ordinary_allowed", "control", LEVELS)
                .title("Highest level for ordinary data", "Niveau maximal pour les données ordinaires")
                .help(
                    "Above it nothing leaves. none: nobody is reached; indirect: somebody without the data; control: the parent of whoever holds it; direct: whoever holds it.",
                    "Au-delà, rien ne sort. none : personne n'est atteint ; indirect : quelqu'un sans les données ; control : la maison mère du détenteur ; direct : le détenteur.",
                ),
            text("sensitive_allowed", "indirect", LEVELS)
                .title("Highest level for sensitive data", "Niveau maximal pour les données sensibles")
                .help(
                    "Above it sensitive fields are withheld: special categories, offences, national ids and the categories below.",
                    "Au-delà, les champs sensibles sont retenus : catégories particulières, infractions, numéros nationaux et les catégories ci-dessous.",
                ),
            texts("sensitive_categories", ["user.health_and_medical", "user.biometric"])
                .title("Further sensitive categories", "Autres catégories sensibles")
                .help(
                    "Data categories that count as sensitive besides the special kinds; each with all below it.",
                    "Catégories de données sensibles en plus des catégories particulières ; chacune avec ses sous-catégories.",
                ),
            integer("holder_percent", Some(24), 0, 100)
                .title("One holder outside the Union", "Un détenteur hors de l'Union")
                .help(
                    "A holder seated outside the Union with a larger share (%) is flagged (SecNumCloud 19.6).",
                    "Un détenteur établi hors de l'Union avec une part supérieure (%) est signalé (SecNumCloud 19.6).",
                ),
            integer("holders_percent", Some(39), 0, 100)
                .title("All holders outside the Union", "Tous les détenteurs hors de l'Union")
                .help(
                    "Holders seated outside the Union that have more (%) together are flagged (SecNumCloud 19.6).",
                    "Des détenteurs établis hors de l'Union ayant ensemble davantage (%) sont signalés (SecNumCloud 19.6).",
                ),
            integer("majority_percent", Some(50), 1, 100).title("Majority", "Majorité").help(
                "A holder seated outside the Union with a larger share (%) controls; so does one with the votes or other means.",
                "Un détenteur établi hors de l'Union avec une part supérieure (%) contrôle ; de même par les votes ou d'autres moyens.",
            ),
            integer("check_months", Some(12), 1, 120).title("Ownership checked within", "Détention vérifiée depuis moins de").help(
                "Months after which a check of the owners is stale; it is then treated as unknown.",
                "Mois après lesquels une vérification des détenteurs est périmée ; elle vaut alors inconnue.",
            ),
            integer("change_days", Some(90), 0, 3_650).title("Change of owners flagged for", "Changement de détenteur signalé pendant").help(
                "Days for which a change of owners in the chain is flagged for review. 0: it is not.",
                "Jours pendant lesquels un changement de détenteur dans la chaîne est signalé pour revue. 0 : jamais.",
            ),
        ]))
        .reasons(reasons())
}
