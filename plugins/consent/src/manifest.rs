//! Who this policy is, what it needs, and its settings.

use garant_plugin_sdk::prelude::*;

use crate::reasons::reasons;

pub(crate) fn manifest() -> Manifest {
    Manifest::new("consent", env!("CARGO_PKG_VERSION"))
        .title("Consent and channels", "Consentement et canaux")
        .summary(
            "Shows a person for a purpose that rests on consent, or for marketing, only where that person's consent stands or the law of the channel asks for none. An objection or withdrawal always wins.",
            "N'affiche une personne pour une finalité fondée sur le consentement, ou pour la prospection, que si son consentement est valable ou si le droit du canal n'en demande pas. L'opposition et le retrait l'emportent toujours.",
        )
        .hooks([Hook::Read, Hook::Write])
        .entities(["*"])
        .fields(["direction", "kind", "state", "happened_at"])
        .facts([
            "consent.status",
            "consent.given_at",
            "consent.proven",
            "consent.confirmed",
            "consent.explicit",
            "consent.method",
            "consent.notice",
            "consent.given_by",
            "consent.conditional",
            "consent.other_channel",
            "objection.active",
            "subject.country",
            "subject.birth_date",
            "subject.audience",
            "subject.own_customer",
            "subject.kind",
            "subject.relation_end_at",
            "subject.erased_at",
        ])
        .attributes([
            "purpose.key",
            "purpose.legal_basis",
            "purpose.direct_marketing",
            "purpose.double_opt_in",
            "purpose.consent_validity_months",
            "purpose.online_service",
            "channel",
            "recipient.role",
            "request.of_past",
        ])
        .bound_attributes(["ctx.recipient.id", "local.weekday", "local.hour", "local.holiday"])
        .references(["channel_rules", "child_age", "privacy_notice"])
        .settings(&Settings::new([
            integer("validity_months", None, 1, 240)
                .title("Validity of consent (months)", "Validité du consentement (mois)")
                .help(
                    "After this many months a consent is no longer relied on, unless the purpose sets its own number. Empty: no end; no statute sets one.",
                    "Passé ce délai, un consentement n'est plus retenu, sauf si la finalité fixe le sien. Vide : sans terme ; aucune loi n'en fixe.",
                ),
            toggle("require_proof", true).title("Proof on file", "Preuve au dossier").help(
                "A consent counts only if its wording, time and notice version are on file (GDPR 7(1)).",
                "Un consentement ne compte que si son texte, sa date et la version de la notice sont conservés (RGPD 7(1)).",
            ),
            toggle("soft_opt_in", false).title("Soft opt-in", "Exception clients").help(
                "Switch on only if own customers are offered similar products and can opt out at collection and in each message (Directive 2002/58/EC 13(2)).",
                "À n'activer que si l'on propose à ses clients des produits analogues, avec faculté de s'opposer lors de la collecte et à chaque message (directive 2002/58/CE, 13(2)).",
            ),
            texts("soft_opt_in_purposes", ["marketing"]).title("Purposes of the soft opt-in", "Finalités de l'exception clients").help(
                "Purposes, with all below them, whose offers are for products similar to those bought.",
                "Finalités, avec leurs sous-finalités, dont les offres portent sur des produits analogues à ceux achetés.",
            ),
            texts("professional_purposes", []).title("Offers related to the job", "Offres liées à la profession").help(
                "Purposes whose e-mails to professionals concern their job, who were informed and can opt out (France).",
                "Finalités dont les courriels aux professionnels concernent leur profession, après information et avec faculté de s'opposer (France).",
            ),
            texts("current_contract_purposes", []).title("Offers within a contract", "Offres dans un contrat en cours").help(
                "Purposes whose calls to customers concern the object of their running contract (France).",
                "Finalités dont les appels aux clients portent sur l'objet de leur contrat en cours (France).",
            ),
            toggle("opt_out_lists_checked", false).title("Opt-out lists checked", "Listes d'opposition vérifiées").help(
                "Switch on only if people on opt-out lists kept elsewhere (Bloctel) are removed before each campaign; Garant cannot see these lists.",
                "À n'activer que si les personnes inscrites sur les listes d'opposition externes (Bloctel) sont retirées avant chaque campagne ; Garant ne voit pas ces listes.",
            ),
            toggle("presumed_consent", false).title("Presumed consent", "Consentement présumé").help(
                "Relies on presumed consent where the law knows it (calls to professionals in Germany). Off: consent is needed.",
                "S'appuie sur le consentement présumé là où la loi le connaît (appels aux professionnels en Allemagne). Désactivé : consentement requis.",
            ),
            texts("other_purposes", ["newsletter", "marketing"]).title("Purposes taken for others", "Finalités prises pour d'autres").help(
                "Changes nothing but the explanation: a consent to one of these does not cover another purpose.",
                "Ne change que l'explication : un consentement à l'une d'elles ne couvre pas une autre finalité.",
            ),
        ]))
        .reasons(reasons())
}
