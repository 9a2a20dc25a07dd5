//! Who this policy is, what it needs, and its settings.

use garant_plugin_sdk::prelude::*;

use crate::reasons::reasons;

pub(crate) fn manifest() -> Manifest {
    Manifest::new("transfer", env!("CARGO_PKG_VERSION"))
        .title("Transfers and processors", "Transferts et sous-traitants")
        .summary(
            "Lets a recipient have personal data only inside the EEA, under adequacy that covers it, on a tool with a live assessment, or on a true occasion; a processor only with a contract that is alive.",
            "Ne laisse un destinataire recevoir des données personnelles que dans l'EEE, sous une adéquation applicable, sur un outil à l'analyse à jour, ou pour une véritable occasion ; un sous-traitant seulement avec un contrat en vigueur.",
        )
        .hooks([Hook::Transfer])
        .entities(["*"])
        .attributes([
            "recipient.present",
            "recipient.country",
            "recipient.role",
            "recipient.contract_until",
            "recipient.mechanism",
            "recipient.mechanism_module",
            "recipient.mechanism_complete",
            "recipient.adequacy_scope_ok",
            "recipient.dpf_active",
            "recipient.assessment",
            "recipient.assessment_review_at",
            "recipient.plaintext_needed",
            "recipient.key_holder",
            "recipient.occasional",
        ])
        .references(["territories", "adequacy"])
        .settings(&Settings::new([
            toggle("accept_positive_assessment", true)
                .title("Positive assessments", "Analyses positives")
                .help(
                    "Lets an importer that needs clear text receive data when the assessment is positive; it is flagged. Off: refused.",
                    "Autorise, avec signalement, un importateur ayant besoin du texte en clair si l'analyse est positive. Désactivé : refusé.",
                ),
            toggle("accept_derogations", true).title("Derogations", "Dérogations").help(
                "Lets a flow registered as occasional rely on Art. 49.",
                "Autorise un flux enregistré comme occasionnel à reposer sur l'art. 49.",
            ),
        ]))
        .reasons(reasons())
}
