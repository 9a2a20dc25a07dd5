//! The reasons of this policy, with the law and the smallest change that would allow it.

use garant_plugin_sdk::prelude::*;

pub(crate) fn reasons() -> Vec<Reason> {
    let mut all = denials();
    all.extend(conditions());
    all.extend(allowances());
    all
}

fn denials() -> Vec<Reason> {
    vec![
        reason("PUR-02", "GDPR 5(1)(b)")
            .title("No purpose", "Finalité absente")
            .message("The request names no purpose.", "La demande n'indique aucune finalité.")
            .remedy("Name a registered purpose that your role may act for.", "Indiquer une finalité enregistrée ouverte à votre rôle."),
        reason("PUR-03", "GDPR 30")
            .title("Purpose not registered", "Finalité non enregistrée")
            .message("The purpose is not in the register, or not on this day.", "La finalité n'est pas au registre, ou pas à cette date.")
            .remedy("Ask the data protection officer to register the purpose or to prolong it.", "Demander au délégué d'enregistrer la finalité ou de la prolonger."),
        reason("PUR-04", "GDPR 5(1)(b)")
            .title("Broader purpose", "Finalité plus large")
            .message("The data was collected for a part of this purpose only.", "Les données n'ont été collectées que pour une partie de cette finalité.")
            .remedy("Name the narrower purpose, or obtain consent or an assessment for the broader one.", "Indiquer la finalité plus étroite, ou obtenir un consentement ou un test de compatibilité pour la plus large."),
        reason("PUR-05", "GDPR 6(4)")
            .title("Incompatible purpose", "Finalité incompatible")
            .message("The data was collected for another purpose, and nothing lets it serve this one.", "Les données ont été collectées pour une autre finalité, et rien ne permet de les utiliser pour celle-ci.")
            .remedy("Obtain consent to this purpose, or have an assessment of compatibility approved.", "Obtenir un consentement à cette finalité, ou faire approuver un test de compatibilité."),
        reason("PUR-07", "GDPR 6(4)")
            .title("Compatibility assessment", "Test de compatibilité")
            .message("Reuse rests on an assessment of compatibility: approved and alive it permits, as a draft, rejected or past its review it does not.", "La réutilisation repose sur un test de compatibilité : approuvé et à jour, il l'autorise ; en projet, rejeté ou à revoir, non.")
            .remedy("Have the assessment approved or reviewed.", "Faire approuver ou revoir le test."),
        reason("PUR-09", "GDPR 29, 32(4)")
            .title("Role not entitled", "Rôle non habilité")
            .message("This role may not act for the purpose.", "Ce rôle n'est pas habilité pour cette finalité.")
            .remedy("Name another purpose, or ask the data protection officer to entitle the role.", "Indiquer une autre finalité, ou demander au délégué d'habiliter le rôle."),
        reason("PUR-10", "GDPR 28(3)(a), 28(10)")
            .title("Processor beyond its instructions", "Sous-traitant hors instructions")
            .message("The purpose is not among the instructions of this processor.", "La finalité ne figure pas dans les instructions de ce sous-traitant.")
            .remedy("Register the purpose among the processor's instructions, if the contract gives them.", "Inscrire la finalité aux instructions du sous-traitant, si le contrat les prévoit."),
        reason("PUR-12", "GDPR 6(1)(f), 5(2)")
            .title("Balancing test missing", "Mise en balance absente")
            .message("The purpose rests on legitimate interest without a balancing test that was passed.", "La finalité repose sur l'intérêt légitime sans mise en balance concluante.")
            .remedy("Carry out the balancing test and register its outcome.", "Réaliser la mise en balance et en inscrire le résultat."),
        reason("PUR-13", "GDPR 21, 18(1)(d)")
            .title("Objection", "Opposition")
            .message("The person objected to this purpose, and no compelling grounds are on file or it is direct marketing.", "La personne s'est opposée à cette finalité, sans motifs impérieux au dossier, ou il s'agit de prospection.")
            .remedy("Record compelling legitimate grounds, if there are any; never for direct marketing.", "Consigner des motifs légitimes et impérieux, s'il y en a ; jamais pour la prospection."),
        reason("PUR-16", "GDPR 6, 26")
            .title("Disclosure to a controller", "Communication à un responsable")
            .message("The recipient decides for itself and has no registered basis or purpose, or is a joint controller without a living arrangement.", "Le destinataire est responsable sans base ou finalité enregistrée, ou responsable conjoint sans accord en vigueur.")
            .remedy("Register the recipient's own basis and purposes, or the arrangement of joint controllers.", "Enregistrer la base et les finalités du destinataire, ou l'accord entre responsables conjoints."),
        reason("SYS-01", "GDPR 5(2), 25(2)")
            .title("Mapped to nothing", "Non rattaché")
            .message("The actor, the recipient, the purpose's needs or the purpose of collection is not said, so nothing is shown.", "L'acteur, le destinataire, les besoins de la finalité ou la finalité de collecte ne sont pas renseignés ; rien n'est montré.")
            .remedy("Complete the register or the record.", "Compléter le registre ou la fiche."),
    ]
}

fn conditions() -> Vec<Reason> {
    vec![
        reason("PUR-06", "GDPR 5(1)(b), 89")
            .title("Statistics", "Statistiques")
            .message("Statistics with safeguards may use the data, without what identifies people.", "Les statistiques avec garanties peuvent utiliser les données, sans ce qui identifie les personnes.")
            .remedy("Do without direct identifiers.", "Se passer des identifiants directs."),
        reason("PUR-08", "GDPR 5(1)(c)")
            .title("Not needed", "Non nécessaire")
            .message("The purpose does not need this field.", "La finalité n'a pas besoin de ce champ.")
            .remedy("Add the data category to the needs of the purpose, if it needs it.", "Ajouter la catégorie aux besoins de la finalité, si elle est nécessaire."),
        reason("PUR-15", "GDPR 22")
            .title("Automated decision", "Décision automatisée")
            .message("A decision by machine alone needs a ground of Art. 22(2), and for special categories one of Art. 22(4).", "Une décision entièrement automatisée exige un motif de l'art. 22(2), et de l'art. 22(4) pour les catégories particulières.")
            .remedy("Register the ground, obtain explicit consent, or let a person decide.", "Enregistrer le motif, obtenir un consentement explicite, ou faire décider une personne."),
    ]
}

fn allowances() -> Vec<Reason> {
    vec![
        reason("PUR-01", "GDPR 5(1)(b)")
            .title("Purpose of collection", "Finalité de la collecte")
            .message(
                "The data was collected for this purpose or one that covers it.",
                "Les données ont été collectées pour cette finalité ou une finalité qui la couvre.",
            )
            .remedy("Nothing to change.", "Rien à changer."),
        reason("PUR-11", "GDPR 6(1)(c)")
            .title("Duty by law", "Obligation légale")
            .message("A law that is on file demands this purpose.", "Un texte au registre impose cette finalité.")
            .remedy("Nothing to change.", "Rien à changer."),
        reason("CNS-01", "GDPR 6(1)(a), 6(4)")
            .title("Fresh consent", "Nouveau consentement")
            .message("The person consented to this purpose.", "La personne a consenti à cette finalité.")
            .remedy("Nothing to change.", "Rien à changer."),
    ]
}
