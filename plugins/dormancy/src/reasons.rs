//! The reasons of this policy, with the law and the smallest change that would allow it.

use garant_plugin_sdk::prelude::*;

pub(crate) fn reasons() -> Vec<Reason> {
    vec![
        reason("DOR-01", "GDPR 5(1)(e), 25")
            .title("Dormant", "En sommeil")
            .message("The data is dormant.", "Les données sont en sommeil.")
            .remedy("None on your side; the person coming back wakes it.", "Aucune de votre côté ; le retour de la personne les réveille."),
        reason("DOR-03", "GDPR 38(2)")
            .title("Access of the data protection officer", "Accès du délégué")
            .message("Dormant data was opened by the data protection officer.", "Des données en sommeil ont été ouvertes par le délégué.")
            .remedy("Nothing to change; the access is logged.", "Rien à changer ; l'accès est journalisé."),
        reason("DOR-04", "GDPR 17(3)(e), 6(1)(c)")
            .title("Archive", "Archive")
            .message("Of dormant data, the archive shows only what a claim or a duty needs.", "Des données en sommeil, l'archive ne montre que le nécessaire à une action ou une obligation.")
            .remedy("Ask the data protection officer for another field of the archive.", "Demander au délégué un autre champ d'archive."),
        reason("DOR-05", "GDPR 15")
            .title("Access request", "Droit d'accès")
            .message("The person gets dormant data too.", "La personne reçoit aussi les données en sommeil.")
            .remedy("Nothing to change.", "Rien à changer."),
        reason("DOR-06", "GDPR 17")
            .title("Erasure", "Effacement")
            .message("Erasure reaches dormant data.", "L'effacement atteint les données en sommeil.")
            .remedy("Nothing to change.", "Rien à changer."),
        reason("DOR-11", "GDPR 18(2)")
            .title("Restricted", "Limitation")
            .message("Processing is restricted to what Art. 18(2) lists, or to what the person consented to since.", "Le traitement est limité aux cas de l'art. 18(2), ou à ce à quoi la personne a consenti depuis.")
            .remedy("Obtain consent to this purpose, or lift the restriction after telling the person.", "Obtenir un consentement à cette finalité, ou lever la limitation après en avoir averti la personne."),
        reason("DOR-12", "GDPR 18(3)")
            .title("Person not told", "Personne non avertie")
            .message("The restriction cannot be lifted before the person is told.", "La limitation ne peut être levée avant que la personne en soit avertie.")
            .remedy("Tell the person, and record when (`restriction_lift_told_at`).", "Avertir la personne et en consigner la date (`restriction_lift_told_at`)."),
        reason("DOR-15", "GDPR 34, 6(1)(c)")
            .title("Notice of a breach", "Notification d'une violation")
            .message("People are told of a breach, whatever else rests; only name and address are shown.", "Les personnes sont averties d'une violation, même si tout le reste est au repos ; seuls nom et coordonnées sont montrés.")
            .remedy("Nothing to change.", "Rien à changer."),
    ]
}
