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
        reason("SPE-01", "GDPR 9(1)")
            .title("Masked", "Masqué")
            .message("The role is not cleared for special categories.", "Le rôle n'est pas habilité aux catégories particulières.")
            .remedy("Ask somebody who is cleared, or use break-glass with a reason.", "S'adresser à une personne habilitée, ou demander un accès d'urgence motivé."),
        reason("SPE-03", "GDPR 9(2)")
            .title("No condition", "Aucune condition")
            .message("No condition of Art. 9(2) holds for this purpose and person; an ordinary legal basis does not suffice.", "Aucune condition de l'art. 9(2) n'est remplie pour cette finalité et cette personne ; une base légale ordinaire ne suffit pas.")
            .remedy("Obtain explicit consent, or register the condition with its law.", "Obtenir un consentement explicite, ou enregistrer la condition et son texte."),
        reason("CNS-16", "GDPR 9(2)(a)")
            .title("Not explicit", "Consentement non explicite")
            .message("The consent to this purpose is not explicit.", "Le consentement à cette finalité n'est pas explicite.")
            .remedy("Ask for explicit consent.", "Demander un consentement explicite."),
        reason("SPE-09", "CJEU C-21/23; CJEU C-184/20")
            .title("Inferred", "Déduit")
            .message("The product tells of something special, so it is treated like it.", "Le produit révèle une donnée particulière ; il est traité comme telle.")
            .remedy("As for a special category: a cleared role and a condition of Art. 9(2).", "Comme pour une catégorie particulière : rôle habilité et condition de l'art. 9(2)."),
        reason("SPE-10", "GDPR 25, 32")
            .title("Free text under review", "Texte libre en revue")
            .message("The free text has a word that smells of health; it waits for a review.", "Le texte libre contient un mot évoquant la santé ; il attend une revue.")
            .remedy("Have the text reviewed and its health data removed.", "Faire revoir le texte et en retirer les données de santé."),
        reason("SPE-12", "GDPR 10")
            .title("Offences", "Infractions")
            .message("Data on offences needs a law or an official authority, and the purpose has none.", "Les données d'infractions exigent un texte ou une autorité publique, et la finalité n'en a pas.")
            .remedy("Register the law or the authority, if there is one.", "Enregistrer le texte ou l'autorité, s'il existe."),
        reason("SPE-13", "CSP L1111-8")
            .title("Host not certified", "Hébergeur non certifié")
            .message("Health data out of care may be with certified hosts only.", "Les données de santé issues des soins ne peuvent être confiées qu'à un hébergeur certifié.")
            .remedy("Use a host certified for health data (HDS), and register it.", "Recourir à un hébergeur certifié HDS et l'enregistrer."),
        reason("SPE-16", "GDPR 87; Décret 2019-341")
            .title("National id", "Numéro national")
            .message("The purpose is not among the uses of the national id that the person's country lists.", "La finalité ne figure pas parmi les usages du numéro national prévus par le pays de la personne.")
            .remedy("Do without the national id, or register the listed use.", "Se passer du numéro national, ou enregistrer l'usage prévu."),
    ]
}

fn conditions() -> Vec<Reason> {
    vec![
        reason("SPE-05", "GDPR 9(2)(c)")
            .title("Vital interests", "Intérêts vitaux")
            .message(
                "Shown for vital interests of somebody who cannot consent; it is reviewed.",
                "Montré pour les intérêts vitaux d'une personne hors d'état de consentir ; une revue suit.",
            )
            .remedy("Nothing to change; expect a review.", "Rien à changer ; une revue suivra."),
        reason("SPE-06", "GDPR 9(2)(e)")
            .title("Made public", "Rendu public")
            .message(
                "Data counts as made public only where the person did so, not somebody else.",
                "Une donnée n'est rendue publique que si la personne elle-même l'a publiée.",
            )
            .remedy(
                "Record the source, if the person made it public.",
                "Renseigner la source, si la personne l'a publiée.",
            ),
        reason("SPE-08", "GDPR 9(2)(h), 9(3)")
            .title("Care", "Soins")
            .message(
                "Care is for professionals bound to secrecy.",
                "Les soins relèvent de professionnels tenus au secret.",
            )
            .remedy("Ask a professional bound to secrecy.", "S'adresser à un professionnel tenu au secret."),
        reason("SPE-11", "GDPR 9(1), rec. 26")
            .title("Small group", "Petit groupe")
            .message(
                "A count over few people would tell of each of them.",
                "Un comptage sur peu de personnes révélerait chacune d'elles.",
            )
            .remedy("Ask for a larger group.", "Demander un groupe plus large."),
        reason("SPE-14", "GDPR 9(1)")
            .title("Biometrics", "Biométrie")
            .message(
                "Biometric data needs a cleared role and a condition of Art. 9(2).",
                "Les données biométriques exigent un rôle habilité et une condition de l'art. 9(2).",
            )
            .remedy(
                "As for a special category: explicit consent, or a condition with its law.",
                "Comme pour une catégorie particulière : consentement explicite, ou condition et son texte.",
            ),
        reason("SPE-15", "GDPR 9(2), 32")
            .title("Break-glass", "Accès d'urgence")
            .message(
                "Break-glass stands in for the clearance of the role; the data protection officer is told.",
                "L'accès d'urgence supplée l'habilitation du rôle ; le délégué est alerté.",
            )
            .remedy("Nothing to change; it ends by itself.", "Rien à changer ; il prend fin de lui-même."),
    ]
}

fn allowances() -> Vec<Reason> {
    let nothing = |reason: Reason| reason.remedy("Nothing to change.", "Rien à changer.");
    [
        reason("SPE-02", "GDPR 9(2)(a)").title("Explicit consent", "Consentement explicite").message(
            "The person consented explicitly to this purpose.",
            "La personne a consenti explicitement à cette finalité.",
        ),
        reason("SPE-04", "GDPR 9(2)(b)").title("Labour law", "Droit du travail").message(
            "A duty of labour or social law is on file.",
            "Une obligation du droit du travail ou social est au registre.",
        ),
        reason("SPE-07", "GDPR 9(2)(f)")
            .title("Legal claim", "Action en justice")
            .message("The purpose is a legal claim.", "La finalité est une action en justice."),
        reason("SPE-17", "GDPR 15")
            .title("Access request", "Droit d'accès")
            .message("The person gets the own data.", "La personne reçoit ses propres données."),
    ]
    .map(nothing)
    .to_vec()
}
