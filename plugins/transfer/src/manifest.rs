//! Who this policy is, what it needs, and its settings.

use garant_plugin_sdk::prelude::*;

use crate::reasons::reasons;

pub(crate) fn manifest() -> Manifest {
    Manifest::new("transfer", env!("CARGO_PKG_VERSION"))
        .title("Transfers and processors", "Transferts et sous-traitants")
        .summary(
            "Lets a recipient, everybody whom it engages, and our own host have personal data only inside the EEA, under adequacy that covers it, on a tool with a live assessment, or on a true occasion; a processor only with a contract that is alive.",
            "Ne laisse un destinataire, ses sous-traitants et notre propre hébergeur recevoir des données personnelles que dans l'EEE, sous une adéquation applicable, sur un outil à l'analyse à jour, ou pour une véritable occasion ; un sous-traitant seulement avec un contrat en vigueur.",
        )
        .hooks([Hook::Read, Hook::Transfer])
        .entities(["*"])
        .facts(["consent.status", "consent.explicit"])
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
            "recipient.agreement",
            "hosting.external",
            "purpose.nature",
        ])
        .bound_attributes(["ctx.recipient.id", "ctx.transfer.kind"])
        .references(["territories", "adequacy", "recipient_chain"])
        .settings(&Settings::new([
            toggle("accept_positive_assessment", true)
                .title("Positive assessments", "Analyses positives")
                .help(
                    "Lets an importer that needs clear text in a problematic country receive data when the assessment is positive; it is flagged. Off: refused.",
                    "Autorise, avec signalement, un importateur ayant besoin du texte en clair dans un pays problématique si l'analyse est positive. Désactivé : refusé.",
                ),
            toggle("accept_derogations", true).title("Derogations", "Dérogations").help(
                "Lets a flow registered as occasional rely on Art. 49.",
                "Autorise un flux enregistré comme occasionnel à reposer sur l'art. 49.",
            ),
            texts("problematic_countries", ["US", "CN", "HK", "RU", "IN"])
                .title("Problematic countries", "Pays problématiques")
                .help(
                    "Countries (ISO 3166) whose authorities may reach data in the clear beyond what is necessary.",
                    "Pays (ISO 3166) dont les autorités peuvent accéder aux données en clair au-delà du nécessaire.",
                ),
            texts("pseudonymised_recipients", [])
                .title("Recipients of pseudonyms", "Destinataires de pseudonymes")
                .help(
                    "Register ids of recipients that get no direct identifiers, the mapping staying in the Union (EDPB use case 2).",
                    "Identifiants au registre des destinataires qui ne reçoivent aucun identifiant direct, la correspondance restant dans l'Union (EDPB, cas 2).",
                ),
            texts("protected_recipients", []).title("Protected recipients", "Destinataires protégés").help(
                "Register ids of recipients whom their law exempts from access by authorities, such as those bound to secrecy (EDPB use case 4).",
                "Identifiants au registre des destinataires que leur droit exempte de l'accès des autorités, par exemple tenus au secret (EDPB, cas 4).",
            ),
            text("transfer_purpose", "transfer", [])
                .title("Purpose of consents to transfers", "Finalité des consentements aux transferts")
                .help(
                    "Purpose key under which explicit consents to transfers are recorded (Art. 49(1)(a)).",
                    "Clé de la finalité sous laquelle sont enregistrés les consentements explicites aux transferts (art. 49(1)(a)).",
                ),
        ]))
        .reasons(reasons())
}
