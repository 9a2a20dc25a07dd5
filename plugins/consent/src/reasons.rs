//! The reasons of this policy, with the law and the smallest change that would allow it.

use garant_plugin_sdk::prelude::*;

pub(crate) fn reasons() -> Vec<Reason> {
    let mut all = denials();
    all.extend(allowances());
    all
}

fn denials() -> Vec<Reason> {
    vec![
        reason("CNS-02", "GDPR 6(1)(a), 7(1)")
            .title("No consent", "Pas de consentement")
            .message("No valid consent of this person to this purpose is on file.", "Aucun consentement valable de cette personne à cette finalité n'est conservé.")
            .remedy("Record a consent of the person to this purpose and channel, with its proof.", "Enregistrer un consentement de la personne à cette finalité et à ce canal, avec sa preuve."),
        reason("CNS-03", "GDPR 4(11)")
            .title("Consent pending", "Consentement en attente")
            .message("Consent was asked for, put off, or not yet confirmed by double opt-in.", "Le consentement a été demandé, reporté, ou n'est pas encore confirmé (double consentement).")
            .remedy("Wait for the answer or the confirmation of the person.", "Attendre la réponse ou la confirmation de la personne."),
        reason("CNS-04", "GDPR 4(11)")
            .title("Consent refused", "Consentement refusé")
            .message("The person refused.", "La personne a refusé.")
            .remedy("None on your side; the person may consent at any time.", "Aucune de votre côté ; la personne peut consentir à tout moment."),
        reason("CNS-05", "GDPR 7(3)")
            .title("Consent withdrawn", "Consentement retiré")
            .message("The person withdrew the consent.", "La personne a retiré son consentement.")
            .remedy("None on your side; the person may consent anew.", "Aucune de votre côté ; la personne peut consentir de nouveau."),
        reason("CNS-07", "GDPR 7(1)")
            .title("Consent expired", "Consentement expiré")
            .message("The consent is older than the validity that the data protection officer set.", "Le consentement dépasse la durée de validité fixée par le délégué à la protection des données.")
            .remedy("Ask the person to renew the consent.", "Demander à la personne de renouveler son consentement."),
        reason("CNS-08", "GDPR 6(1)(a), rec. 32")
            .title("Consent to another purpose", "Consentement à une autre finalité")
            .message("The person consented to another purpose; that does not cover this one.", "La personne a consenti à une autre finalité ; cela ne couvre pas celle-ci.")
            .remedy("Ask for consent to this purpose, apart from the other.", "Demander un consentement distinct pour cette finalité."),
        reason("CNS-09", "Directive 2002/58/EC 13; CPCE L34-5; C. conso L223-1; UWG 7")
            .title("Channel needs consent", "Canal soumis au consentement")
            .message("The law of the person's country asks for consent to this channel, or no rule is known and the strictest one holds.", "Le droit du pays de la personne soumet ce canal au consentement, ou aucune règle n'est connue et la plus stricte s'applique.")
            .remedy("Use a channel to which the person consented, or ask for consent to this one.", "Utiliser un canal auquel la personne a consenti, ou demander son consentement pour celui-ci."),
        reason("CNS-11", "GDPR 7(1)")
            .title("Consent unproven", "Consentement non prouvé")
            .message("The consent has no wording, time or notice version on file.", "Le texte, la date ou la version de la notice du consentement ne sont pas conservés.")
            .remedy("Add the proof, or ask anew.", "Ajouter la preuve, ou redemander le consentement."),
        reason("CNS-12", "GDPR 4(11); CJEU C-673/17")
            .title("Not unambiguous", "Consentement équivoque")
            .message("A ticked box or silence is no consent.", "Une case pré-cochée ou le silence ne valent pas consentement.")
            .remedy("Ask for a clear affirmative act.", "Demander un acte positif clair."),
        reason("CNS-13", "GDPR 7(4), rec. 43")
            .title("Not free", "Consentement non libre")
            .message("A service that did not need it was refused without the consent, or the person depends on us.", "Un service qui n'en avait pas besoin a été refusé sans ce consentement, ou la personne dépend de nous.")
            .remedy("Ask apart from the service, or record why the consent is free all the same.", "Demander le consentement séparément du service, ou consigner pourquoi il est libre malgré tout."),
        reason("CNS-14", "GDPR 8(1)")
            .title("Child", "Enfant")
            .message("The person is below the age of consent to online services in their country, and no parent consented.", "La personne n'a pas l'âge du consentement aux services en ligne dans son pays, et aucun parent n'a consenti.")
            .remedy("Record the consent of a parent; where the law asks for it, that of child and parent together.", "Enregistrer le consentement d'un parent ; là où la loi l'exige, celui de l'enfant et du parent."),
        reason("CNS-15", "GDPR 6(1)(a), 7(1), 13(3)")
            .title("Stale notice", "Notice dépassée")
            .message("The notice to which the person consented did not cover this purpose, or this controller.", "La notice à laquelle la personne a consenti ne couvrait pas cette finalité, ou ce responsable.")
            .remedy("Show the person the new notice and ask anew.", "Présenter la nouvelle notice à la personne et redemander son consentement."),
        reason("CNS-22", "GDPR 5(1)(a), 17")
            .title("Erased since", "Effacé depuis")
            .message("Somebody with this address or number was erased after that; what was agreed to before does not come back.", "Une personne ayant cette adresse ou ce numéro a été effacée depuis ; ce qui avait été accepté auparavant ne revient pas.")
            .remedy("Ask the person anew; their own later consent is taken.", "Redemander à la personne ; son propre consentement ultérieur est accepté."),
        reason("CNS-26", "C. conso D223-9")
            .title("Outside the hours of calls", "Hors des horaires d'appel")
            .message("The law of the person's country allows no marketing calls on this day or at this hour.", "Le droit du pays de la personne n'autorise aucun appel de prospection ce jour ou à cette heure.")
            .remedy("Call on a day and at an hour of the table of channels.", "Appeler un jour et à une heure de la table des canaux."),
        reason("CNS-18", "Directive 2002/58/EC 13(2)")
            .title("Not an own customer", "Pas un client")
            .message("The exception for own customers is used, and the person is none.", "L'exception en faveur des clients est utilisée, et la personne n'en est pas un.")
            .remedy("Ask for consent; the exception is for who bought from you.", "Demander le consentement ; l'exception ne vaut que pour vos clients."),
        reason("CNS-16", "GDPR 9(2)(a)")
            .title("Not explicit", "Consentement non explicite")
            .message("Data of a special category need an explicit consent.", "Les données d'une catégorie particulière exigent un consentement explicite.")
            .remedy("Ask for an explicit consent to this purpose.", "Demander un consentement explicite à cette finalité."),
        reason("CNS-19", "GDPR 21(3)")
            .title("Objection", "Opposition")
            .message("The person objected to this purpose.", "La personne s'est opposée à cette finalité.")
            .remedy("None on your side; the person may lift the objection.", "Aucune de votre côté ; la personne peut lever son opposition."),
        reason("CNS-23", "GDPR 7(1), 5(2)")
            .title("State unknown", "État inconnu")
            .message("The state of the consent cannot be told.", "L'état du consentement ne peut être établi.")
            .remedy("Correct the record of consent.", "Corriger l'enregistrement du consentement."),
    ]
}

fn allowances() -> Vec<Reason> {
    vec![
        reason("CNS-01", "GDPR 6(1)(a)")
            .title("Valid consent", "Consentement valable")
            .message(
                "The person's consent to this purpose and channel stands.",
                "Le consentement de la personne à cette finalité et à ce canal est valable.",
            )
            .remedy("Nothing to change.", "Rien à changer."),
        reason("CNS-06", "GDPR 6(1)(a), 7(1)")
            .title("Consent valid then", "Consentement valable alors")
            .message(
                "At that instant the person's consent stood.",
                "À cet instant, le consentement de la personne était valable.",
            )
            .remedy(
                "Nothing to do; whether it stands today is another question.",
                "Rien à faire ; qu'il vaille encore aujourd'hui est une autre question.",
            ),
        reason("CNS-10", "C. conso L223-1; GDPR 6(1)(f)")
            .title("Running contract", "Contrat en cours")
            .message(
                "The call concerns the object of a running contract.",
                "L'appel porte sur l'objet d'un contrat en cours.",
            )
            .remedy("Nothing to change.", "Rien à changer."),
        reason("CNS-17", "Directive 2002/58/EC 13(2); CJEU C-654/23")
            .title("Own customer", "Client existant")
            .message(
                "An own customer is offered similar products and can opt out each time.",
                "Un client se voit proposer des produits analogues et peut s'opposer à chaque fois.",
            )
            .remedy("Nothing to change.", "Rien à changer."),
        reason("CNS-20", "GDPR 6(1)(b)")
            .title("No consent needed", "Consentement non requis")
            .message(
                "The purpose rests on another basis, or the law of the channel asks for no consent.",
                "La finalité repose sur une autre base, ou le droit du canal ne demande pas de consentement.",
            )
            .remedy("Nothing to change.", "Rien à changer."),
        reason("CNS-25", "CPCE L34-5")
            .title("Professional", "Professionnel")
            .message(
                "The offer concerns the job of an informed professional, who can opt out.",
                "L'offre concerne la profession d'un professionnel informé, qui peut s'opposer.",
            )
            .remedy("Nothing to change.", "Rien à changer."),
    ]
}
