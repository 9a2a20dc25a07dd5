//! The reasons of this policy, with the law and the smallest change that would allow it.

use garant_plugin_sdk::prelude::*;

pub(crate) fn reasons() -> Vec<Reason> {
    vec![
        reason("RET-01", "GDPR 5(1)(e)")
            .title("In period", "Dans la durée")
            .message("The retention period for this purpose is not over.", "La durée de conservation pour cette finalité n'est pas échue.")
            .remedy("Nothing to do.", "Rien à faire."),
        reason("RET-02", "GDPR 5(1)(e)")
            .title("Expired", "Durée échue")
            .message("The retention period for this purpose is over.", "La durée de conservation pour cette finalité est échue.")
            .remedy("None on your side; a new contact by the person starts a new period.", "Aucune de votre côté ; un nouveau contact de la personne ouvre une nouvelle durée."),
        reason("RET-03", "GDPR 5(1)(e); CNIL SAN-2020-003")
            .title("Not a contact", "Pas un contact")
            .message("The period is over. The person's e-mails were opened since, and opening an e-mail is no contact by the person.", "La durée est échue. Des courriels ont été ouverts depuis, et l'ouverture d'un courriel n'est pas un contact émanant de la personne.")
            .remedy("None on your side; a click, an answer or an order by the person starts a new period.", "Aucune de votre côté ; un clic, une réponse ou une commande de la personne ouvre une nouvelle durée."),
        reason("RET-04", "GDPR 5(1)(b), 5(1)(e)")
            .title("Kept for other purposes", "Conservé pour d'autres finalités")
            .message("The relation ended too long ago for this purpose; what is still kept serves the archive alone.", "La relation est terminée depuis trop longtemps pour cette finalité ; ce qui est conservé ne sert qu'à l'archive.")
            .remedy("Name a purpose of the archive, if your role may.", "Indiquer une finalité d'archive, si votre rôle le permet."),
        reason("RET-05", "GDPR 17(3)(e)")
            .title("Under legal hold", "Gel juridique")
            .message("The data is kept for a legal claim only.", "Les données ne sont conservées que pour une action en justice.")
            .remedy("Ask counsel, or wait for the release of the hold.", "S'adresser au conseil, ou attendre la levée du gel."),
        reason("RET-06", "GDPR 5(1)(e), 30(1)(f)")
            .title("No period defined", "Durée non définie")
            .message("No retention rule covers this kind of person, so nothing may be read.", "Aucune règle de conservation ne couvre ce type de personne ; rien ne peut être lu.")
            .remedy("Set the kind of person, or ask the DPO for a rule.", "Renseigner le type de personne, ou demander une règle au DPO."),
        reason("RET-07", "GDPR 7(1), 17(3)(e)")
            .title("Proof only", "Preuve seulement")
            .message("The record of a withdrawn consent serves proof only.", "La trace d'un consentement retiré ne sert plus que de preuve.")
            .remedy("Ask for the purpose of legal claims.", "Agir pour la finalité des droits en justice."),
        reason("RET-08", "GDPR 17(3)(e), 21(3)")
            .title("Suppression entry", "Liste d'opposition")
            .message("An objection outlives its person, so that it is respected when they are entered anew; it serves nothing else.", "L'opposition survit à la personne, afin d'être respectée si elle est saisie de nouveau ; elle ne sert à rien d'autre.")
            .remedy("Nothing to do.", "Rien à faire."),
        reason("SYS-02", "GDPR 5(1)(d)")
            .title("Bad fact", "Donnée incohérente")
            .message("The date from which the period counts is missing or lies in the future.", "La date de départ de la durée manque ou se situe dans le futur.")
            .remedy("Correct the date of collection, of the last contact or of the end of the relation.", "Corriger la date de collecte, du dernier contact ou de fin de relation."),
    ]
}
