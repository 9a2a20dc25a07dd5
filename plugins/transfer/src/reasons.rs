//! The reasons of this policy, with the law and the smallest change that would allow it.

use garant_plugin_sdk::prelude::*;

pub(crate) fn reasons() -> Vec<Reason> {
    vec![
        reason("TRF-01", "GDPR 44")
            .title("No transfer", "Pas de transfert")
            .message(
                "The data stays inside the European Economic Area.",
                "Les données restent dans l'Espace économique européen.",
            )
            .remedy(
                "Nothing to do.",
                "Rien à faire.",
            ),
        reason("TRF-03", "GDPR 24, 32; EDPB 05/2021")
            .title("Same controller", "Même responsable")
            .message(
                "An employee of the controller is no importer; security stays due.",
                "Un salarié du responsable n'est pas un importateur ; la sécurité reste due.",
            )
            .remedy(
                "Secure the remote access.",
                "Sécuriser l'accès distant.",
            ),
        reason("TRF-04", "GDPR 44, 46")
            .title("No tool", "Aucun outil")
            .message(
                "The recipient is in a third country, and no transfer tool, nor a consent to the transfer on which to rely, is registered.",
                "Le destinataire est dans un pays tiers, et ni outil de transfert ni consentement au transfert sur lequel s'appuyer n'est enregistré.",
            )
            .remedy(
                "Register standard contractual clauses with their assessment, or choose a processor in the EEA.",
                "Enregistrer des clauses contractuelles types avec leur analyse, ou choisir un sous-traitant dans l'EEE.",
            ),
        reason("TRF-05", "GDPR 44; EDPB 05/2021")
            .title("Not an importer", "Pas un importateur")
            .message(
                "The person receives their own data.",
                "La personne reçoit ses propres données.",
            )
            .remedy(
                "Nothing to do.",
                "Rien à faire.",
            ),
        reason("TRF-06", "GDPR 44; EDPB 05/2021")
            .title("Inside the group", "Au sein du groupe")
            .message(
                "The recipient belongs to our own group of companies. The law knows no privilege for groups: it is a transfer like any other.",
                "Le destinataire appartient à notre groupe. La loi ne connaît aucun privilège de groupe : c'est un transfert comme un autre.",
            )
            .remedy(
                "Cover it like any other transfer, for instance by binding corporate rules.",
                "Le couvrir comme tout transfert, par exemple par des règles d'entreprise contraignantes.",
            ),
        reason("TRF-07", "GDPR 45")
            .title("Adequate", "Adéquat")
            .message(
                "An adequacy decision covers the recipient.",
                "Une décision d'adéquation couvre le destinataire.",
            )
            .remedy(
                "Nothing to do.",
                "Rien à faire.",
            ),
        reason("TRF-08", "GDPR 45")
            .title("Outside the scope", "Hors du champ")
            .message(
                "The country's adequacy decision does not cover this recipient.",
                "La décision d'adéquation du pays ne couvre pas ce destinataire.",
            )
            .remedy(
                "Check whether the recipient is in scope, or register a tool of Art. 46.",
                "Vérifier si le destinataire entre dans le champ, ou enregistrer un outil de l'art. 46.",
            ),
        reason("TRF-09", "GDPR 45")
            .title("Adequacy in time", "Adéquation dans le temps")
            .message(
                "The country's adequacy decision is limited in time.",
                "La décision d'adéquation du pays est limitée dans le temps.",
            )
            .remedy(
                "After its end, register a tool of Art. 46.",
                "Après son terme, enregistrer un outil de l'art. 46.",
            ),
        reason("TRF-11", "GDPR 44")
            .title("No ground for the transfer", "Aucun fondement du transfert")
            .message(
                "The country is unknown, or neither adequacy nor a tool covers the transfer; or nobody has said on whose machines our records lie.",
                "Le pays est inconnu, ou ni adéquation ni outil ne couvrent le transfert ; ou nul n'a dit sur quelles machines se trouvent nos données.",
            )
            .remedy(
                "Register the country of the recipient and a tool of Art. 46; name our hosting in the server's configuration.",
                "Enregistrer le pays du destinataire et un outil de l'art. 46 ; nommer notre hébergement dans la configuration du serveur.",
            ),
        reason("TRF-12", "GDPR 45")
            .title("Data Privacy Framework", "Data Privacy Framework")
            .message(
                "The recipient takes part in the framework, which is under challenge.",
                "Le destinataire participe au cadre, qui est contesté.",
            )
            .remedy(
                "Prepare a fallback tool.",
                "Préparer un outil de repli.",
            ),
        reason("TRF-13", "GDPR 45")
            .title("Outside the framework's coverage", "Hors de la certification")
            .message(
                "The recipient's certification does not cover these data.",
                "La certification du destinataire ne couvre pas ces données.",
            )
            .remedy(
                "Have the coverage extended, or register a tool of Art. 46.",
                "Faire étendre la certification, ou enregistrer un outil de l'art. 46.",
            ),
        reason("TRF-14", "GDPR 45")
            .title("Not in the framework", "Hors du cadre")
            .message(
                "The recipient is no active participant of the framework.",
                "Le destinataire n'est pas un participant actif du cadre.",
            )
            .remedy(
                "Check the entity's entry, or register a tool of Art. 46.",
                "Vérifier l'inscription de l'entité, ou enregistrer un outil de l'art. 46.",
            ),
        reason("TRF-15", "GDPR 46(2)(c); EDPB 01/2020 use case 1")
            .title("Effective tool", "Outil effectif")
            .message(
                "The clauses stand on a positive assessment, or the importer holds ciphertext only and the keys stay in the Union.",
                "Les clauses reposent sur une analyse positive, ou l'importateur ne détient que du chiffré, les clés restant dans l'Union.",
            )
            .remedy(
                "Nothing to do.",
                "Rien à faire.",
            ),
        reason("TRF-16", "GDPR 46; EDPB 01/2020 use case 2")
            .title("Pseudonyms only", "Pseudonymes seulement")
            .message(
                "This recipient gets no direct identifiers; the mapping stays in the Union.",
                "Ce destinataire ne reçoit aucun identifiant direct ; la correspondance reste dans l'Union.",
            )
            .remedy(
                "Direct identifiers need another effective measure.",
                "Les identifiants directs exigent une autre mesure efficace.",
            ),
        reason("TRF-17", "GDPR 46; EDPB 01/2020 use case 6")
            .title("No effective measure", "Aucune mesure effective")
            .message(
                "The importer needs clear text; without a positive assessment the tool does not protect it.",
                "L'importateur a besoin du texte en clair ; sans analyse positive, l'outil ne protège pas.",
            )
            .remedy(
                "Assess the transfer, or let the importer have ciphertext only.",
                "Analyser le transfert, ou ne livrer que du chiffré.",
            ),
        reason("TRF-19", "GDPR 46; Decision (EU) 2021/914")
            .title("Defect of the tool", "Outil défectueux")
            .message(
                "The clauses' module does not fit the recipient's role, or an annex is missing.",
                "Le module des clauses ne correspond pas au rôle du destinataire, ou une annexe manque.",
            )
            .remedy(
                "Sign the module that fits and complete the annexes.",
                "Signer le module adapté et compléter les annexes.",
            ),
        reason("TRF-20", "GDPR 46; EDPB 01/2020 step 6")
            .title("Assessment stale", "Analyse périmée")
            .message(
                "The assessment of the transfer is past its review date.",
                "L'analyse du transfert a dépassé sa date de revue.",
            )
            .remedy(
                "Review the assessment.",
                "Revoir l'analyse.",
            ),
        reason("TRF-21", "GDPR 28(4), 44")
            .title("Onward transfer", "Transfert ultérieur")
            .message(
                "Somebody further down the chain of processors is in a third country without adequacy or a tool of its own, or its contract has ended, or nobody knows who it is.",
                "Un maillon de la chaîne de sous-traitance est dans un pays tiers sans adéquation ni outil propre, ou son contrat a pris fin, ou nul ne sait qui il est.",
            )
            .remedy(
                "Register the tool and contract of that processor in its processing link, or have it replaced.",
                "Enregistrer l'outil et le contrat de ce sous-traitant dans son maillon, ou le faire remplacer.",
            ),
        reason("TRF-22", "GDPR 49(1)")
            .title("Not occasional", "Non occasionnel")
            .message(
                "A derogation carries single occasions, not a regular flow such as a subscription.",
                "Une dérogation vaut pour des cas ponctuels, non pour un flux régulier tel qu'un abonnement.",
            )
            .remedy(
                "Register a tool of Art. 46.",
                "Enregistrer un outil de l'art. 46.",
            ),
        reason("TRF-23", "GDPR 49(1)")
            .title("Derogation", "Dérogation")
            .message(
                "A single occasion that Art. 49 allows.",
                "Un cas ponctuel que l'art. 49 autorise.",
            )
            .remedy(
                "Nothing to do.",
                "Rien à faire.",
            ),
        reason("TRF-25", "GDPR 48; EDPB 02/2024")
            .title("Order of a third country", "Injonction d'un pays tiers")
            .message(
                "An authority of a third country may receive data only under an international agreement that is on file.",
                "Une autorité d'un pays tiers ne peut recevoir de données que sur un accord international enregistré.",
            )
            .remedy(
                "Tell the DPO and counsel; use mutual assistance.",
                "Informer le DPO et le conseil ; recourir à l'entraide.",
            ),
        reason("TRF-27", "GDPR 46; EDPB 01/2020 use case 3")
            .title("Encrypted transit", "Transit chiffré")
            .message(
                "The carrier only passes ciphertext on and holds no key.",
                "Le transporteur ne fait que passer du chiffré et ne détient aucune clé.",
            )
            .remedy(
                "Nothing to do.",
                "Rien à faire.",
            ),
        reason("TRF-28", "GDPR 46; EDPB 01/2020 use case 4")
            .title("Protected recipient", "Destinataire protégé")
            .message(
                "Its law exempts the recipient from access by authorities.",
                "Son droit exempte le destinataire de l'accès des autorités.",
            )
            .remedy(
                "Nothing to do.",
                "Rien à faire.",
            ),
        reason("TRF-29", "GDPR 28(3)")
            .title("No contract", "Pas de contrat")
            .message(
                "The contract with the processor is missing or has expired.",
                "Le contrat avec le sous-traitant manque ou a expiré.",
            )
            .remedy(
                "Sign or renew the contract and register its date.",
                "Signer ou renouveler le contrat et enregistrer sa date.",
            ),
    ]
}
