//! Reads the catalogue. The standard entities are compiled in; others come through the same door,
//! which lets nothing pass that does not hold together.

use sha2::{Digest, Sha256};

use super::check::{self, Flaw};
use super::{Catalog, Entity};

/// The standard entities, in the order in which they are shown.
const STANDARD: &[(&str, &str)] = &[
    ("company", include_str!("../../catalog/company.toml")),
    ("contact", include_str!("../../catalog/contact.toml")),
    ("deal", include_str!("../../catalog/deal.toml")),
    ("activity", include_str!("../../catalog/activity.toml")),
    ("lead", include_str!("../../catalog/lead.toml")),
    ("contact_email", include_str!("../../catalog/contact_email.toml")),
    ("contact_phone", include_str!("../../catalog/contact_phone.toml")),
    ("contact_address", include_str!("../../catalog/contact_address.toml")),
    ("contact_company", include_str!("../../catalog/contact_company.toml")),
    ("deal_contact", include_str!("../../catalog/deal_contact.toml")),
    ("pipeline", include_str!("../../catalog/pipeline.toml")),
    ("pipeline_stage", include_str!("../../catalog/pipeline_stage.toml")),
    ("product", include_str!("../../catalog/product.toml")),
    ("deal_line", include_str!("../../catalog/deal_line.toml")),
    ("tag", include_str!("../../catalog/tag.toml")),
    ("tagging", include_str!("../../catalog/tagging.toml")),
    ("attachment", include_str!("../../catalog/attachment.toml")),
    ("team", include_str!("../../catalog/team.toml")),
    ("user", include_str!("../../catalog/user.toml")),
    ("saved_view", include_str!("../../catalog/saved_view.toml")),
    ("purpose", include_str!("../../catalog/purpose.toml")),
    ("compatibility_assessment", include_str!("../../catalog/compatibility_assessment.toml")),
    ("recipient", include_str!("../../catalog/recipient.toml")),
    ("legal_entity", include_str!("../../catalog/legal_entity.toml")),
    ("ownership", include_str!("../../catalog/ownership.toml")),
    ("presence", include_str!("../../catalog/presence.toml")),
    ("processing_link", include_str!("../../catalog/processing_link.toml")),
    ("privacy_notice", include_str!("../../catalog/privacy_notice.toml")),
    ("consent_event", include_str!("../../catalog/consent_event.toml")),
];

/// Why a catalogue is refused.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A file does not parse: a key is missing, unknown or of the wrong type.
    #[error("catalogue file `{file}` does not parse")]
    Parse {
        /// The file's name.
        file: String,
        /// Where and why.
        #[source]
        source: toml::de::Error,
    },
    /// It parses and does not hold together.
    #[error("{place}: {flaw}")]
    Flawed {
        /// `entity` or `entity.field`.
        place: String,
        /// What is wrong there.
        flaw: Flaw,
    },
    /// The catalogue has no canonical form.
    #[error("the catalogue cannot be written as JSON")]
    Digest(#[from] serde_json::Error),
}

impl Catalog {
    /// The entities that come with the product.
    ///
    /// # Errors
    /// Never, as long as the tests of this crate pass.
    pub fn standard() -> Result<Self, CatalogError> {
        Self::from_toml(STANDARD)
    }

    /// Reads entities from TOML texts, one each, with a name for messages.
    ///
    /// # Errors
    /// When a text does not parse or the whole does not hold together.
    pub fn from_toml(files: &[(&str, &str)]) -> Result<Self, CatalogError> {
        let parse = |(file, text): &(&str, &str)| {
            toml::from_str::<Entity>(text).map_err(|source| CatalogError::Parse { file: (*file).to_owned(), source })
        };
        Self::new(files.iter().map(parse).collect::<Result<_, _>>()?)
    }

    /// A catalogue of these entities.
    ///
    /// # Errors
    /// When they do not hold together.
    pub fn new(entities: Vec<Entity>) -> Result<Self, CatalogError> {
        let digest = hex::encode(Sha256::digest(serde_json::to_vec(&entities)?));
        let catalog = Self { entities, digest };
        check::check(&catalog)?;
        Ok(catalog)
    }

    /// SHA-256 of the catalogue, hex; part of the key of every cached plan.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

#[cfg(test)]
mod tests;
