//! The reasons of this policy, with the law and the smallest change that would allow it.

use garant_plugin_sdk::prelude::*;

pub(crate) fn reasons() -> Vec<Reason> {
    let mut all = levels();
    all.extend(circumstances());
    all
}

/// How far law reaches.
fn levels() -> Vec<Reason> {
    vec![
        reason("REA-00", "GDPR 28(1)")
            .title("None", "Aucune portée")
            .message("Nobody in the chain is known to be under the law of a third country.", "Personne dans la chaîne ne relève, à notre connaissance, du droit d'un pays tiers.")
            .remedy("Nothing to do.", "Rien à faire."),
        reason("REA-01", "GDPR 28(1), 32")
            .title("Indirect reach", "Portée indirecte")
            .message("A company of the chain is present in a third country, without the data.", "Une société de la chaîne est présente dans un pays tiers, sans les données.")
            .remedy("Review whether people there can reach the data.", "Vérifier si des personnes sur place peuvent accéder aux données."),
        reason("REA-02", "GDPR 9, 28(1), 32")
            .title("Control by a parent", "Contrôle par une maison mère")
            .message("A company that holds the data, or our host, is controlled from a country whose law can order it to hand data over.", "Une société qui détient les données, ou notre hébergeur, est contrôlée depuis un pays dont le droit peut ordonner leur remise.")
            .remedy("Let it have ciphertext with keys that we alone hold, or choose a provider controlled in the Union.", "Ne lui livrer que du chiffré dont nous seuls détenons les clés, ou choisir un prestataire contrôlé dans l'Union."),
        reason("REA-03", "GDPR 24, 28(1), 32")
            .title("Direct reach", "Portée directe")
            .message("A company that holds the data, or our host, is itself under a law that can order it to hand data over.", "Une société qui détient les données, ou notre hébergeur, relève elle-même d'un droit qui peut ordonner leur remise.")
            .remedy("Let it have ciphertext with keys that we alone hold, choose another provider, or allow this level in the settings.", "Ne lui livrer que du chiffré dont nous seuls détenons les clés, changer de prestataire, ou autoriser ce niveau dans les réglages."),
        reason("REA-04", "GDPR 32; EDPB 01/2020 use case 1")
            .title("Ciphertext only", "Chiffré seulement")
            .message("Whoever could be ordered to hand the data over cannot read it: we alone hold the keys, and no clear text is needed.", "Qui pourrait être contraint de livrer les données ne peut les lire : nous seuls détenons les clés, et aucun texte clair n'est requis.")
            .remedy("Nothing to do.", "Rien à faire."),
        reason("REA-12", "GDPR 32; 18 USC 2713")
            .title("No such provider", "Pas un tel prestataire")
            .message("The law reaches providers of communications and remote computing; this company is none, and may still get a subpoena.", "La loi vise les prestataires de communications et d'informatique à distance ; cette société n'en est pas, mais peut recevoir une injonction.")
            .remedy("Review what it holds.", "Vérifier ce qu'elle détient."),
        reason("REA-13", "GDPR 28(1), 32")
            .title("Reach of another law", "Portée d'un autre droit")
            .message("A law other than the CLOUD Act reaches a company that holds the data, its parent, or our host.", "Un droit autre que le CLOUD Act atteint une société qui détient les données, sa maison mère ou notre hébergeur.")
            .remedy("Review that law and what it demands.", "Examiner ce droit et ce qu'il exige."),
        reason("REA-14", "GDPR 32; EDPB 02/2020")
            .title("No guarantees", "Aucune garantie")
            .message("A law without the essential guarantees reaches a company that holds the data, its parent, or our host.", "Un droit sans les garanties essentielles atteint une société qui détient les données, sa maison mère ou notre hébergeur.")
            .remedy("Let it have ciphertext with keys that we alone hold, or choose another provider.", "Ne lui livrer que du chiffré dont nous seuls détenons les clés, ou changer de prestataire."),
    ]
}

/// What makes it worse or better, and what is not known.
fn circumstances() -> Vec<Reason> {
    vec![
        reason("REA-05", "GDPR 32; EDPB 01/2020 use case 6")
            .title("Clear text needed", "Texte clair requis")
            .message("We hold the keys, but the service needs clear text, so it can be read where it is processed.", "Nous détenons les clés, mais le service requiert le texte clair, lisible là où il est traité.")
            .remedy("Encrypt before the data leaves, where the service allows it.", "Chiffrer avant l'envoi, si le service le permet."),
        reason("REA-06", "GDPR 32")
            .title("Keys with the provider", "Clés chez le prestataire")
            .message("The provider holds the keys, wherever they lie: encryption does not keep out whoever commands it.", "Le prestataire détient les clés, où qu'elles soient : le chiffrement n'arrête pas qui lui commande.")
            .remedy("Hold the keys outside the provider.", "Détenir les clés hors du prestataire."),
        reason("REA-07", "GDPR 28(4)")
            .title("Reached through the chain", "Atteint par la chaîne")
            .message("It is a processor further down the chain that is reached.", "C'est un sous-traitant plus loin dans la chaîne qui est atteint.")
            .remedy("Have that processor replaced, or keep clear text from it.", "Faire remplacer ce sous-traitant, ou le priver du texte clair."),
        reason("REA-08", "GDPR 32")
            .title("Licence only", "Licence seule")
            .message("The company only licenses software that runs on machines of others; what it sends home, if anything, is within reach.", "La société ne fait que licencier un logiciel exécuté chez d'autres ; seul ce qu'il lui renvoie est à sa portée.")
            .remedy("Switch the telemetry off and register that.", "Désactiver la télémétrie et l'inscrire au registre."),
        reason("REA-09", "GDPR 28(1); SecNumCloud 19.6")
            .title("Held from outside the Union", "Détenue hors de l'Union")
            .message("Holders seated outside the Union, or unknown ones, have more of a company of the chain than the settings let pass.", "Des détenteurs établis hors de l'Union, ou inconnus, ont d'une société de la chaîne plus que ne l'admettent les réglages.")
            .remedy("Review who decides there.", "Vérifier qui y décide."),
        reason("REA-10", "GDPR 28(1)")
            .title("Control not known", "Contrôle inconnu")
            .message("Who controls a company of the chain, or our host, is not known, or was not checked lately; or nothing is on file about the law of its country.", "On ne sait pas qui contrôle une société de la chaîne, ou notre hébergeur, ou ce n'est plus vérifié ; ou rien n'est au dossier sur le droit de son pays.")
            .remedy("Register the company, its seat and its owners, with the day of the check.", "Inscrire la société, son siège et ses détenteurs, avec la date de vérification."),
        reason("REA-11", "GDPR 24, 28(1)")
            .title("Owners changed", "Détenteurs changés")
            .message("The owners of a company of the chain changed lately.", "Les détenteurs d'une société de la chaîne ont changé récemment.")
            .remedy("Review the chain.", "Revoir la chaîne."),
        reason("REA-15", "GDPR rec. 26")
            .title("Not personal", "Non personnel")
            .message("The purpose needs nothing about people, and what is left without it is anonymous.", "La finalité ne requiert rien sur des personnes, et ce qui en reste est anonyme.")
            .remedy("Nothing to do.", "Rien à faire."),
        reason("REA-16", "GDPR 28(1); SecNumCloud 19.6")
            .title("Qualified", "Qualifiée")
            .message("The company is qualified against foreign law, which answers for its owners.", "La société est qualifiée contre le droit étranger, ce qui répond de ses détenteurs.")
            .remedy("Nothing to do.", "Rien à faire."),
        reason("TRF-25", "GDPR 48; EDPB 02/2024")
            .title("Order of a third country", "Injonction d'un pays tiers")
            .message("Somebody in the chain has received an order of an authority of a third country, and it is open.", "Quelqu'un dans la chaîne a reçu une injonction d'une autorité d'un pays tiers, non close.")
            .remedy("Tell the DPO and counsel; close the order in the register once it is settled.", "Informer le DPO et le conseil ; clore l'injonction au registre une fois réglée."),
    ]
}
