//! Who this policy is, what it needs, and its settings.

use garant_plugin_sdk::prelude::*;
use serde_json::{Value as Json, json};

use crate::reasons::reasons;

pub(crate) fn manifest() -> Manifest {
    Manifest::new("retention", env!("CARGO_PKG_VERSION"))
        .title("Retention", "Durées de conservation")
        .summary(
            "Hides people whose retention period for the purpose is over. A legal hold keeps data from destruction and never reopens ordinary access.",
            "Masque les personnes dont la durée de conservation est échue pour la finalité. Un gel juridique empêche la destruction et ne rouvre jamais l'accès courant.",
        )
        .entities(["*"])
        .facts([
            "subject.kind",
            "subject.collected_at",
            "subject.last_inbound_contact_at",
            "subject.relation_end_at",
            "subject.on_legal_hold",
            "consent.status",
        ])
        .fields(["purpose", "channel"])
        .attributes(["purpose.key", "purpose.nature"])
        .settings(&settings())
        .reasons(reasons())
}

fn settings() -> Settings {
    let archive = Settings::new([
        text("purpose", "accounting", [])
            .title("Purpose", "Finalité")
            .help("Dotted key; all purposes below it too.", "Clé pointée ; vaut aussi pour les sous-finalités."),
        integer("months", Some(120), 1, 1_200).title("Months", "Mois").help(
            "Counted from the end of the relation; without one, from the last contact or the collection.",
            "À compter de la fin de la relation ; à défaut, du dernier contact ou de la collecte.",
        ),
    ]);
    Settings::new([
        integer("prospect_months", Some(36), 1, 1_200).title("Prospects (months)", "Prospects (mois)").help(
            "From the last contact by the person or, without one, from collection (CNIL: 3 years). Opening an e-mail is not a contact; clicking a link is.",
            "À compter du dernier contact émanant de la personne ou, à défaut, de la collecte (CNIL : 3 ans). L'ouverture d'un courriel n'est pas un contact ; un clic l'est.",
        ),
        integer("customer_months", Some(36), 1, 1_200).title("Customers (months)", "Clients (mois)").help(
            "From the end of the relation (CNIL: 3 years for marketing). While it lasts there is no end.",
            "À compter de la fin de la relation (CNIL : 3 ans pour la prospection). Sans terme tant qu'elle dure.",
        ),
        integer("business_months", Some(36), 1, 1_200).title("People at clients and suppliers (months)", "Interlocuteurs professionnels (mois)").help(
            "From the last contact by the person or, without one, from collection.",
            "À compter du dernier contact émanant de la personne ou, à défaut, de la collecte.",
        ),
        list("archive", &archive, default_archive()).title("Archive purposes", "Finalités d'archive").help(
            "Purposes that may read longer: invoices 10 years (C. com. L123-22), contracts 5 years (C. civ. 2224).",
            "Finalités à durée plus longue : factures 10 ans (C. com. L123-22), contrats 5 ans (C. civ. 2224).",
        ),
        texts("hold_purposes", ["legal"]).title("Purposes under legal hold", "Finalités en cas de gel juridique").help(
            "Purposes that may read what a legal hold keeps beyond its period.",
            "Finalités pouvant lire ce qu'un gel juridique conserve au-delà de sa durée.",
        ),
        texts("consent_purposes", ["marketing", "marketing.communications.email"])
            .title("Purposes that rest on consent", "Finalités fondées sur le consentement")
            .help(
                "Once the consent to one of these is withdrawn, its record serves proof only.",
                "Une fois le consentement à l'une d'elles retiré, sa trace ne sert plus que de preuve.",
            ),
        texts("proof_purposes", ["legal"]).title("Purposes of proof", "Finalités de preuve").help(
            "Purposes that may read the record of a withdrawn consent.",
            "Finalités pouvant lire la trace d'un consentement retiré.",
        ),
    ])
}

fn default_archive() -> Json {
    json!([{ "purpose": "accounting", "months": 120 }, { "purpose": "legal", "months": 60 }])
}
