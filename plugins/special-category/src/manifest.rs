//! Who this policy is, what it needs, and its settings.

use garant_plugin_sdk::prelude::*;

use crate::reasons::reasons;

/// Beginnings of words, in English, French and German.
pub(crate) const HEALTH_TERMS: [&str; 30] = [
    "alcoholi",
    "allerg",
    "arrêt maladie",
    "asthma",
    "burnout",
    "cancer",
    "chemotherap",
    "chimiothérap",
    "depress",
    "dépress",
    "diabet",
    "diabèt",
    "diagnos",
    "disabilit",
    "enceinte",
    "epilep",
    "épilep",
    "handicap",
    "hiv",
    "hospital",
    "hôpital",
    "krank",
    "krebs",
    "maladie",
    "miscarriage",
    "pregnan",
    "psychiat",
    "schwanger",
    "sick leave",
    "vih",
];

pub(crate) fn manifest() -> Manifest {
    Manifest::new("special-category", env!("CARGO_PKG_VERSION"))
        .title("Special categories", "Catégories particulières")
        .summary(
            "Masks health, beliefs, biometrics, offences and national ids unless the role is cleared and a condition of the law holds for the purpose and the person.",
            "Masque santé, convictions, biométrie, infractions et numéros nationaux, sauf rôle habilité et condition légale remplie pour la finalité et la personne.",
        )
        .entities(["*"])
        .facts(["consent.status", "consent.explicit", "subject.special_source", "subject.country"])
        .fields(["product", "product_sensitivity", "subject_line", "body", "note"])
        .attributes([
            "purpose.key",
            "purpose.nature",
            "purpose.special_condition",
            "purpose.law_reference",
            "purpose.offence_authority",
            "purpose.national_id_use",
            "channel",
            "actor.role",
            "actor.break_glass",
            "recipient.present",
            "recipient.role",
            "recipient.hds",
            "hosting.external",
            "hosting.hds",
        ])
        .references(["national_id_uses"])
        .settings(&Settings::new([
            texts("cleared_roles", []).title("Cleared roles", "Rôles habilités").help(
                "Roles that may work with special categories where a condition of the law holds. Nobody is cleared by default.",
                "Rôles pouvant traiter des catégories particulières lorsqu'une condition légale est remplie. Aucun par défaut.",
            ),
            texts("secrecy_roles", []).title("Roles bound to secrecy", "Rôles tenus au secret").help(
                "Roles of professionals bound to secrecy, for care (GDPR 9(2)(h), 9(3)). They must be cleared as well.",
                "Rôles de professionnels tenus au secret, pour les soins (RGPD 9(2)(h), 9(3)). Ils doivent aussi être habilités.",
            ),
            integer("smallest_group", Some(5), 1, 1_000).title("Smallest group", "Plus petit groupe").help(
                "Counts over fewer people are withheld from those who may see special categories.",
                "Les comptages portant sur moins de personnes sont refusés à ceux qui peuvent voir des catégories particulières.",
            ),
            toggle("certified_hosts", true).title("Certified hosts (HDS)", "Hébergeurs certifiés (HDS)").help(
                "Health data out of care of people in France is masked unless our hosting and the processors who get it are certified (CSP L1111-8).",
                "Les données de santé issues des soins de personnes en France sont masquées si notre hébergement ou les sous-traitants destinataires ne sont pas certifiés (CSP L1111-8).",
            ),
            texts("health_terms", HEALTH_TERMS).title("Words that smell of health", "Mots évoquant la santé").help(
                "A note in which a word begins like one of these is masked and put in a review queue; notes can then not be filtered or ordered by. Empty: notes are not looked at.",
                "Une note dont un mot commence ainsi est masquée et mise en file de revue ; les notes ne peuvent alors servir de filtre ni de tri. Vide : les notes ne sont pas examinées.",
            ),
        ]))
        .reasons(reasons())
}
