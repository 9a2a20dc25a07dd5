//! Secrets that are shown once: random, with a beginning that says what they are.

use aes_gcm::aead::OsRng;
use aes_gcm::aead::rand_core::RngCore;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How the token of a session begins.
pub(crate) const SESSION_PREFIX: &str = "grs_";

/// How the secret of a key begins.
pub(super) const KEY_PREFIX: &str = "grt_";

/// How a ticket begins.
pub(super) const TICKET_PREFIX: &str = "gri_";

/// A secret, to be given away once.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A fresh one of 256 random bits.
    pub(super) fn fresh(prefix: &str) -> Self {
        let bytes: [u8; 32] = random();
        Self(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// A fresh secret of a key, for tokens that are made without the service.
    #[must_use]
    pub fn key() -> Self {
        Self::fresh(KEY_PREFIX)
    }

    /// The text to give away.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// How it begins: enough to tell keys apart, too little to guess.
    #[must_use]
    pub fn beginning(&self) -> String {
        self.0.chars().take(10).collect()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Random bytes of the system.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_the_known_form_and_differ() {
        let (one, other) = (Secret::key(), Secret::key());
        assert_eq!((one.reveal().len(), &one.reveal()[..4]), (47, "grt_"));
        assert_ne!(one, other);
        assert_eq!(format!("{one:?}"), "Secret(..)");
        assert!(one.reveal().starts_with(&one.beginning()));
    }
}
