//! What is administered: operations that are about no record.

use serde::{Deserialize, Serialize};

/// Something that only some roles administer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// Read, change, preview and install policies; read explanations and alarms; look into the archive; sweep.
    Policies,
    /// Look at changes of policies that wait, and confirm those of somebody else.
    ConfirmPolicies,
    /// Open and release legal holds.
    LegalHolds,
    /// Take down that a person who sleeps in the archive was in touch.
    Intake,
    /// Approve operations of others.
    Approve,
    /// Make and switch webhooks.
    Webhooks,
    /// Invite users, give them roles, end their access.
    Users,
    /// Make, rotate and revoke API keys.
    Keys,
    /// Say what roles may do.
    Roles,
    /// Define fields and objects.
    Catalog,
    /// See everybody's imports and exports, and stop them.
    Jobs,
}

impl Duty {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 11] = [
        Self::Policies,
        Self::ConfirmPolicies,
        Self::LegalHolds,
        Self::Intake,
        Self::Approve,
        Self::Webhooks,
        Self::Users,
        Self::Keys,
        Self::Roles,
        Self::Catalog,
        Self::Jobs,
    ];

    /// The name that people write.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::ConfirmPolicies => "confirm_policies",
            Self::LegalHolds => "legal_holds",
            Self::Intake => "intake",
            Self::Approve => "approve",
            Self::Webhooks => "webhooks",
            Self::Users => "users",
            Self::Keys => "keys",
            Self::Roles => "roles",
            Self::Catalog => "catalog",
            Self::Jobs => "jobs",
        }
    }

    /// The duty of a name.
    #[must_use]
    pub fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.key() == key)
    }

    /// What it is, in English and French.
    #[must_use]
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::Policies => (
                "read, change, preview and install policies, explanations, alarms, archive, sweeps",
                "lire, changer, simuler et installer les politiques, explications, alertes, archive, purges",
            ),
            Self::ConfirmPolicies => {
                ("confirm changes of policies that wait", "confirmer les changements de politique en attente")
            }
            Self::LegalHolds => ("open and release legal holds", "poser et lever les gels juridiques"),
            Self::Intake => {
                ("note that a dormant person was in touch", "noter qu'une personne archivée a pris contact")
            }
            Self::Approve => ("approve operations of others", "approuver les opérations d'autrui"),
            Self::Webhooks => ("make and switch webhooks", "créer et activer les webhooks"),
            Self::Users => {
                ("invite users, give roles, end access", "inviter des utilisateurs, donner des rôles, fermer l'accès")
            }
            Self::Keys => ("make, rotate and revoke API keys", "créer, renouveler et révoquer les clés d'API"),
            Self::Roles => ("say what roles may do", "définir ce que les rôles permettent"),
            Self::Catalog => ("define fields and objects", "définir des champs et des objets"),
            Self::Jobs => (
                "see everybody's imports and exports, and stop them",
                "voir les imports et exports de tous, et les arrêter",
            ),
        }
    }
}
