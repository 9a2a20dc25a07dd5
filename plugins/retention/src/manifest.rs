//! Who this policy is, what it needs, and its settings.

use garant_plugin_sdk::prelude::*;
use serde_json::{Value as Json, json};

use crate::reasons::reasons;

pub(crate) fn manifest() -> Manifest {
    Manifest::new("retention", env!("CARGO_PKG_VERSION"))
        .title("Retention", "Durées de conservation")
        .summary(
            "Hides people whose retention period for the purpose is over, puts them to sleep and erases them at the end. A legal hold keeps data from destruction and never reopens ordinary access.",
            "Masque les personnes dont la durée de conservation est échue pour la finalité, les met en sommeil et les efface au terme. Un gel juridique empêche la destruction et ne rouvre jamais l'accès courant.",
        )
        .hooks([Hook::Read, Hook::Retention])
        .entities(["*"])
        .facts([
            "subject.kind",
            "subject.collected_at",
            "subject.last_inbound_contact_at",
            "subject.relation_end_at",
            "subject.on_legal_hold",
            "subject.dormant",
            "subject.woken_at",
            "subject.last_open_at",
            "consent.status",
        ])
        .fields(["purpose", "channel", "state", "happened_at"])
        .attributes(["purpose.key", "purpose.nature"])
        .references(["retention_law"])
        .settings(&settings())
        .reasons(reasons())
}

/// Kinds of people that the catalogue knows.
const KINDS: [&str; 8] =
    ["prospect", "visitor", "customer", "former_customer", "employee_of_client", "supplier_vendor", "patient", "child"];

fn settings() -> Settings {
    let period = Settings::new([
        text("kind", "prospect", KINDS).title("Kind of person", "Type de personne").help(
            "A kind without a period is never destroyed, and never read.",
            "Un type sans durée n'est jamais détruit, et jamais lu.",
        ),
        text("trigger", "last_contact", ["last_contact", "relation_end", "collection"]).title("Counted from", "À compter de").help(
            "The last act of the person (without one, the collection), the end of the relation, or the collection.",
            "Le dernier acte de la personne (à défaut, la collecte), la fin de la relation, ou la collecte.",
        ),
        integer("active_months", Some(36), 1, 1_200).title("Active (months)", "Base active (mois)").help(
            "Then the person sleeps in the archive.",
            "Ensuite, la personne est mise en sommeil dans l'archive.",
        ),
        integer("archive_months", Some(0), 0, 1_200).title("Archive (months)", "Archive (mois)").help(
            "Then comes the end; 0 for no archive.",
            "Ensuite vient le terme ; 0 sans archive.",
        ),
        text("action", "erase", ["erase", "anonymise"]).title("At the end", "Au terme").help(
            "What is anonymised stays without anything that tells of the person; what sleeps is always erased.",
            "Ce qui est anonymisé reste sans rien qui parle de la personne ; ce qui est en sommeil est toujours effacé.",
        ),
    ]);
    let archive = Settings::new([
        text("purpose", "accounting", [])
            .title("Purpose", "Finalité")
            .help("Dotted key; all purposes below it too.", "Clé pointée ; vaut aussi pour les sous-finalités."),
        integer("months", Some(120), 1, 1_200).title("Months", "Mois").help(
            "Counted from the end of the relation; without one, from the last contact or the collection.",
            "À compter de la fin de la relation ; à défaut, du dernier contact ou de la collecte.",
        ),
        text("statute", "", []).title("Set by statute", "Fixé par la loi").help(
            "Kind of record in the table of statutes (accounting) that sets the months instead; empty: none.",
            "Type de pièce de la table des lois (accounting) qui fixe les mois à la place ; vide : aucun.",
        ),
    ]);
    let category = Settings::new([
        text("category", "user.behavior", [])
            .title("Data category", "Catégorie de données")
            .help("With all below it.", "Avec ses sous-catégories."),
        text("kind", "", []).title("Kind of person", "Type de personne").help("Empty: every kind.", "Vide : tous."),
        text("purpose", "", [])
            .title("Purpose", "Finalité")
            .help("With all below it; empty: every purpose.", "Avec ses sous-finalités ; vide : toutes."),
        text("trigger", "last_contact", ["last_contact", "relation_end", "collection"])
            .title("Counted from", "À compter de")
            .help(
                "The last act of the person (without one, the collection), the end of the relation, or the collection.",
                "Le dernier acte de la personne (à défaut, la collecte), la fin de la relation, ou la collecte.",
            ),
        integer("months", Some(25), 1, 1_200).title("Months", "Mois").help(
            "Past them the fields read as empty; the person stays.",
            "Au-delà, les champs se lisent comme vides ; la personne reste.",
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
        text("statute_country", "FR", []).title("Country of the statutes", "Pays des lois applicables").help(
            "ISO 3166 country whose statutes set how long records are kept. Without a row in the table the strictest one counts, and it is flagged.",
            "Pays (ISO 3166) dont les lois fixent la durée de conservation des pièces. Sans ligne dans la table, la plus stricte s'applique, avec signalement.",
        ),
        list("categories", &category, json!([])).title("Periods of categories", "Durées par catégorie").help(
            "Data that is read for a shorter time than the person: by category, kind of person and purpose.",
            "Données lues moins longtemps que la personne : par catégorie, type de personne et finalité.",
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
        list("periods", &period, default_periods()).title("Sleep and end", "Sommeil et terme").help(
            "When people sleep and when they are destroyed. The presets follow CNIL practice: prospects 3 years; customers 3 years after the relation, then the archive until invoices are 10 years old.",
            "Quand les personnes sont mises en sommeil et quand elles sont détruites. Préréglages d'après la pratique de la CNIL : prospects 3 ans ; clients 3 ans après la relation, puis l'archive jusqu'aux 10 ans des factures.",
        ),
        integer("proof_months", Some(60), 1, 1_200).title("Proof of consent (months)", "Preuve du consentement (mois)").help(
            "For which proof is kept once its person is gone (limitation: 5 years, C. civ. 2224).",
            "Durée de la preuve une fois la personne effacée (prescription : 5 ans, C. civ. 2224).",
        ),
        integer("activity_months", None, 1, 1_200).title("Activities (months)", "Activités (mois)").help(
            "After which calls, letters and notes go although their person stays; empty for as long as the person.",
            "Après lesquels appels, courriers et notes sont effacés bien que la personne reste ; vide : aussi longtemps que la personne.",
        ),
        integer("woken_months", Some(12), 1, 1_200).title("After waking (months)", "Après réveil (mois)").help(
            "For which whoever was woken is not put to sleep again.",
            "Durée pendant laquelle une personne réveillée n'est pas remise en sommeil.",
        ),
    ])
}

fn default_periods() -> Json {
    let period = |kind: &str, trigger: &str, archive_months: i32| json!({ "kind": kind, "trigger": trigger, "active_months": 36, "archive_months": archive_months, "action": "erase" });
    json!([
        period("prospect", "last_contact", 0),
        period("visitor", "last_contact", 0),
        period("customer", "relation_end", 84),
        period("former_customer", "relation_end", 84),
        period("employee_of_client", "last_contact", 24),
        period("supplier_vendor", "last_contact", 24),
    ])
}

fn default_archive() -> Json {
    json!([{ "purpose": "accounting", "months": 120, "statute": "accounting" }, { "purpose": "legal", "months": 60, "statute": "" }])
}
