//! Who made a plugin. An author signs the file that `cargo build` made with an ed25519 key; the
//! operator trusts the public keys of some authors. The signature covers the file as it is given,
//! before it is made a component, so that it stays good whatever encodes the component.
//!
//! Keys and signatures travel as one line of text: `ed25519-secret:HEX`, `ed25519:HEX`, and for a
//! signature `ed25519:HEX:HEX`, key and signature.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// What is signed is this and the file, so that a signature made for something else never fits.
const PURPOSE: &[u8] = b"garant plugin 1\n";
const SECRET: &str = "ed25519-secret:";
const PUBLIC: &str = "ed25519:";

/// Why a key or a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is none, and the operator wants one.
    #[error("the plugin is not signed")]
    Unsigned,
    /// The text is no key.
    #[error("this is no key: it must be `{expected}` and 64 hex digits")]
    BadKey {
        /// How it begins.
        expected: &'static str,
    },
    /// The text is no signature.
    #[error("this is no signature: it must be `ed25519:`, 64 hex digits, `:` and 128 hex digits")]
    BadSignature,
    /// Nobody trusts the key.
    #[error("the plugin is signed with the key {key}, which belongs to no trusted publisher")]
    Untrusted {
        /// The public key, as a configuration would name it.
        key: String,
    },
    /// The file is another than the one that was signed.
    #[error("the signature does not fit the file; one of them was changed")]
    Mismatch,
}

impl SignatureError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unsigned => "UNSIGNED",
            Self::BadKey { .. } => "BAD_KEY",
            Self::BadSignature => "BAD_SIGNATURE",
            Self::Untrusted { .. } => "UNTRUSTED_PUBLISHER",
            Self::Mismatch => "SIGNATURE_MISMATCH",
        }
    }
}

/// An author whose plugins may be installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publisher {
    /// For people.
    pub name: String,
    key: VerifyingKey,
}

impl Publisher {
    /// A publisher with a public key.
    ///
    /// # Errors
    /// The text is no key.
    pub fn new(name: impl Into<String>, key: &str) -> Result<Self, SignatureError> {
        let wrong = SignatureError::BadKey { expected: PUBLIC };
        let bytes = key_bytes(key, PUBLIC).ok_or_else(|| wrong.clone())?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| wrong.clone())?;
        // Under a weak key anybody could sign.
        if key.is_weak() {
            return Err(wrong);
        }
        Ok(Self { name: name.into(), key })
    }
}

/// Whom the operator trusts.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Authors whose plugins may be installed.
    pub publishers: Vec<Publisher>,
    /// Whether a plugin without a signature may be.
    pub allow_unsigned: bool,
}

impl Trust {
    /// The name of the publisher who signed a file; `None` for a file without a signature where that
    /// is allowed.
    ///
    /// # Errors
    /// The signature is missing, is none, does not fit, or is by nobody whom the operator trusts. A
    /// wrong signature is refused even where none is needed.
    pub fn check(&self, file: &[u8], signature: Option<&str>) -> Result<Option<String>, SignatureError> {
        let Some(text) = signature else {
            return if self.allow_unsigned { Ok(None) } else { Err(SignatureError::Unsigned) };
        };
        let (key, signature) = text.trim().rsplit_once(':').ok_or(SignatureError::BadSignature)?;
        let key = key_bytes(key, PUBLIC).ok_or(SignatureError::BadSignature)?;
        let mut bytes = [0; 64];
        hex::decode_to_slice(signature, &mut bytes).map_err(|_| SignatureError::BadSignature)?;
        let publisher = self.publishers.iter().find(|publisher| publisher.key.as_bytes() == &key);
        let publisher = publisher.ok_or_else(|| SignatureError::Untrusted { key: public_text(&key) })?;
        let fits = publisher.key.verify_strict(&message(file), &Signature::from_bytes(&bytes));
        fits.map_err(|_| SignatureError::Mismatch)?;
        Ok(Some(publisher.name.clone()))
    }
}

/// A key pair made of 32 random bytes: the secret's text and the public key's.
#[must_use]
pub fn key_pair(random: [u8; 32]) -> (String, String) {
    let key = SigningKey::from_bytes(&random);
    (format!("{SECRET}{}", hex::encode(random)), public_text(key.verifying_key().as_bytes()))
}

/// Signs a file.
///
/// # Errors
/// The text is no secret key.
pub fn sign(secret: &str, file: &[u8]) -> Result<String, SignatureError> {
    let bytes = key_bytes(secret, SECRET).ok_or(SignatureError::BadKey { expected: SECRET })?;
    let key = SigningKey::from_bytes(&bytes);
    let signature = key.sign(&message(file));
    Ok(format!("{}:{}", public_text(key.verifying_key().as_bytes()), hex::encode(signature.to_bytes())))
}

fn message(file: &[u8]) -> Vec<u8> {
    [PURPOSE, file].concat()
}

fn public_text(key: &[u8; 32]) -> String {
    format!("{PUBLIC}{}", hex::encode(key))
}

fn key_bytes(text: &str, prefix: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text.trim().strip_prefix(prefix)?, &mut bytes).ok()?;
    Some(bytes)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that fails says where")]
mod tests {
    use super::*;

    fn trust(key: &str) -> Trust {
        Trust { publishers: vec![Publisher::new("Acme", key).unwrap()], allow_unsigned: false }
    }

    #[test]
    fn a_signature_is_of_one_file_and_one_publisher() {
        let ((secret, public), (other_secret, other)) = (key_pair([7; 32]), key_pair([8; 32]));
        let signature = sign(&secret, b"file").unwrap();
        let trust = trust(&public);
        assert_eq!(trust.check(b"file", Some(&signature)), Ok(Some("Acme".to_owned())));
        assert_eq!(trust.check(b"file", Some(&format!("{signature}\n"))), Ok(Some("Acme".to_owned())));
        assert_eq!(trust.check(b"fil", Some(&signature)), Err(SignatureError::Mismatch));
        let foreign = sign(&other_secret, b"file").unwrap();
        assert_eq!(trust.check(b"file", Some(&foreign)), Err(SignatureError::Untrusted { key: other.clone() }));
        // A foreign signature under a trusted key's name.
        let forged = foreign.replace(&other, &public);
        assert_eq!(trust.check(b"file", Some(&forged)), Err(SignatureError::Mismatch));
        assert_eq!(trust.check(b"file", None), Err(SignatureError::Unsigned));
    }

    #[test]
    fn a_wrong_signature_is_refused_even_where_none_is_needed() {
        let (_, public) = key_pair([7; 32]);
        let trust = Trust { allow_unsigned: true, ..trust(&public) };
        assert_eq!(trust.check(b"file", None), Ok(None));
        for text in ["", ":", "ed25519:00:00", "nonsense", &format!("{public}:zz")] {
            assert_eq!(trust.check(b"file", Some(text)), Err(SignatureError::BadSignature), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        let (secret, public) = key_pair([7; 32]);
        for text in ["", "ed25519:", "ed25519:zz", &secret, &format!("ed25519:{}", "00".repeat(32))] {
            assert!(matches!(Publisher::new("x", text), Err(SignatureError::BadKey { .. })), "{text}");
        }
        assert!(matches!(sign(&public, b""), Err(SignatureError::BadKey { .. })));
    }
}
