//! Who this policy is, what it needs, and its settings.

use garant_plugin_sdk::prelude::*;

use crate::reasons::reasons;

pub(crate) fn manifest() -> Manifest {
    Manifest::new("purpose", env!("CARGO_PKG_VERSION"))
        .title("Purpose limitation", "Limitation des finalités")
        .summary(
            "Lets data serve the purpose it was collected for, or another one with an approved assessment, fresh consent or a duty by law; shows only what the purpose needs, to roles and recipients that may act for it.",
            "Ne laisse les données servir que la finalité de leur collecte, ou une autre sur test de compatibilité approuvé, nouveau consentement ou obligation légale ; ne montre que le nécessaire, aux rôles et destinataires habilités.",
        )
        .entities(["*"])
        .facts([
            "subject.collected_for",
            "consent.status",
            "consent.explicit",
            "objection.active",
            "objection.overridden",
        ])
        .attributes([
            "purpose.key",
            "purpose.legal_basis",
            "purpose.direct_marketing",
            "purpose.roles",
            "purpose.needed_categories",
            "purpose.balancing_test",
            "purpose.law_reference",
            "purpose.statistics",
            "purpose.safeguards",
            "purpose.automated_decision",
            "purpose.automated_ground",
            "purpose.special_condition",
            "purpose.valid_from",
            "purpose.valid_until",
            "channel",
            "actor.role",
            "recipient.present",
            "recipient.role",
            "recipient.purposes",
            "recipient.own_basis",
            "recipient.arrangement_until",
        ])
        .references(["compatibility_assessment"])
        .settings(&Settings::new([
            toggle("balancing_test_required", true).title("Balancing test required", "Mise en balance exigée").help(
                "A purpose under legitimate interest is refused until its balancing test is passed (GDPR 6(1)(f), 5(2)).",
                "Une finalité fondée sur l'intérêt légitime est refusée tant que sa mise en balance n'est pas concluante (RGPD 6(1)(f), 5(2)).",
            ),
            toggle("legal_duty_reuse", true).title("Reuse by duty of law", "Réutilisation par obligation légale").help(
                "A purpose that a law demands, with its reference on file, may use data collected for others. Off: an assessment is needed too.",
                "Une finalité imposée par un texte, référence au registre, peut utiliser des données collectées pour d'autres. Désactivé : un test de compatibilité est exigé aussi.",
            ),
            toggle("statistics_reuse", true).title("Statistics", "Statistiques").help(
                "Statistics and research with the safeguards of Art. 89 may use data collected for other purposes, without direct identifiers (GDPR 5(1)(b)).",
                "Statistiques et recherche, avec les garanties de l'art. 89, peuvent utiliser des données collectées pour d'autres finalités, sans identifiants directs (RGPD 5(1)(b)).",
            ),
        ]))
        .reasons(reasons())
}
