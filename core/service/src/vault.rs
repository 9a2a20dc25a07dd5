//! Keys of people whose data sleeps: one random key for each, wrapped by a master key that is derived from
//! the server's secret. Whoever has the database and not the secret reads nothing; once a person's key is
//! destroyed, nobody does.

use aes_gcm::aead::{Aead, AeadCore, KeyInit, OsRng, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};

/// Wraps and unwraps keys of people.
pub struct Vault {
    master: Aes256Gcm,
}

/// The key of a person.
pub struct SubjectKey {
    cipher: Aes256Gcm,
}

impl Vault {
    /// Derives the master key.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let master: [u8; 32] = Sha256::new().chain_update(secret).chain_update("archive-master").finalize().into();
        Self { master: Aes256Gcm::new(&Key::<Aes256Gcm>::from(master)) }
    }

    /// A fresh key with its wrapped form; `None` only if the system has no randomness.
    #[must_use]
    pub fn fresh(&self, tenant: &str, subject: &str) -> Option<(SubjectKey, String)> {
        let key = Aes256Gcm::generate_key(&mut OsRng);
        let wrapped = seal(&self.master, &scope(&["key", tenant, subject]), key.as_slice())?;
        Some((SubjectKey { cipher: Aes256Gcm::new(&key) }, wrapped))
    }

    /// A key from its wrapped form; `None` for a text that this master key did not wrap for this person.
    #[must_use]
    pub fn unwrap(&self, tenant: &str, subject: &str, wrapped: &str) -> Option<SubjectKey> {
        let key = open(&self.master, &scope(&["key", tenant, subject]), wrapped)?;
        let key: [u8; 32] = key.try_into().ok()?;
        Some(SubjectKey { cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(key)) })
    }
}

impl SubjectKey {
    /// Seals a record for its place: a row that is moved to another place does not open there.
    #[must_use]
    pub fn seal(&self, place: &[&str], plain: &[u8]) -> Option<String> {
        seal(&self.cipher, &scope(place), plain)
    }

    /// Opens what was sealed for the place.
    #[must_use]
    pub fn open(&self, place: &[&str], sealed: &str) -> Option<Vec<u8>> {
        open(&self.cipher, &scope(place), sealed)
    }
}

/// The parts, told apart by their lengths.
fn scope(parts: &[&str]) -> Vec<u8> {
    let mut scope = Vec::new();
    for part in parts {
        scope.extend((part.len() as u64).to_be_bytes());
        scope.extend(part.as_bytes());
    }
    scope
}

fn seal(cipher: &Aes256Gcm, scope: &[u8], plain: &[u8]) -> Option<String> {
    let nonce = Aes256Gcm::generate_nonce(&mut OsRng);
    let sealed = cipher.encrypt(&nonce, Payload { msg: plain, aad: scope }).ok()?;
    let mut bytes = nonce.to_vec();
    bytes.extend(sealed);
    Some(STANDARD_NO_PAD.encode(bytes))
}

fn open(cipher: &Aes256Gcm, scope: &[u8], sealed: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD_NO_PAD.decode(sealed).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(12)?;
    cipher.decrypt(Nonce::from_slice(nonce), Payload { msg: sealed, aad: scope }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_opens_under_its_own_key_and_in_its_own_place_only() {
        let vault = Vault::new(&[7; 32]);
        let (key, wrapped) = vault.fresh("t", "ada").expect("a key");
        let sealed = key.seal(&["t", "contact", "ada"], b"Lovelace").expect("sealed");
        assert!(!sealed.contains("Lovelace"));
        let again = vault.unwrap("t", "ada", &wrapped).expect("unwrapped");
        assert_eq!(again.open(&["t", "contact", "ada"], &sealed).as_deref(), Some(b"Lovelace".as_slice()));
        assert_eq!(again.open(&["t", "contact", "bea"], &sealed), None);
        assert_eq!(again.open(&["t", "contac", "tada"], &sealed), None);
        let (other, _) = vault.fresh("t", "ada").expect("a key");
        assert_eq!(other.open(&["t", "contact", "ada"], &sealed), None);
        assert!(vault.unwrap("t", "bea", &wrapped).is_none());
        assert!(Vault::new(&[8; 32]).unwrap("t", "ada", &wrapped).is_none());
    }
}
