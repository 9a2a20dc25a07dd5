//! Sealed cursors and opaque references: what leaves the server about a position or a record
//! without telling anything of its values.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use garant_domain::value::Value;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

/// Keys derived from the server's secret, one for each use.
pub struct Sealer {
    cipher: Aes256Gcm,
    reference_key: [u8; 32],
    nonce_key: [u8; 32],
}

impl Sealer {
    /// Derives the keys.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let derive = |label: &str| -> [u8; 32] {
            Sha256::new().chain_update(secret).chain_update(label.as_bytes()).finalize().into()
        };
        Self {
            cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(derive("cursor"))),
            reference_key: derive("record-reference"),
            nonce_key: derive("cursor-nonce"),
        }
    }

    /// Seals the shown order values of a row. The nonce is derived from key and content (a
    /// synthetic IV), so that equal positions give equal cursors and clients may compare them.
    #[must_use]
    pub fn cursor(&self, scope: &str, values: &[Value]) -> String {
        serde_json::to_vec(values).map(|plain| self.seal(scope, &plain)).unwrap_or_default()
    }

    /// Seals a text for one use.
    #[must_use]
    pub fn seal_text(&self, scope: &str, text: &str) -> String {
        self.seal(scope, text.as_bytes())
    }

    /// Opens a text that was sealed for the same use.
    #[must_use]
    pub fn open_text(&self, scope: &str, sealed: &str) -> Option<String> {
        String::from_utf8(self.open(scope, sealed)?).ok()
    }

    fn seal(&self, scope: &str, plain: &[u8]) -> String {
        let digest = mac(&self.nonce_key, &[scope.as_bytes(), plain]);
        let nonce = Nonce::clone_from_slice(&digest[..12]);
        let sealed = self.cipher.encrypt(&nonce, aes_gcm::aead::Payload { msg: plain, aad: scope.as_bytes() });
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed.unwrap_or_default());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Opens a cursor that was sealed for the same list (entity and order); `None` for any other text.
    #[must_use]
    pub fn open_cursor(&self, scope: &str, cursor: &str) -> Option<Vec<Value>> {
        serde_json::from_slice(&self.open(scope, cursor)?).ok()
    }

    fn open(&self, scope: &str, sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(12)?;
        let payload = aes_gcm::aead::Payload { msg: sealed, aad: scope.as_bytes() };
        self.cipher.decrypt(Nonce::from_slice(nonce), payload).ok()
    }

    /// The key that signs what a webhook is told. It is derived, so that no copy of the database holds it.
    #[must_use]
    pub fn webhook_key(&self, tenant: &str, id: &str) -> [u8; 32] {
        mac(&self.reference_key, &[b"webhook", tenant.as_bytes(), id.as_bytes()])
    }

    /// The digest of an operation. It is keyed, so that nobody who has it can try out which values the
    /// operation held.
    #[must_use]
    pub fn operation_digest(&self, parts: &[&[u8]]) -> String {
        let parts: Vec<&[u8]> = std::iter::once(&b"operation"[..]).chain(parts.iter().copied()).collect();
        hex::encode(mac(&self.reference_key, &parts))
    }

    /// The opaque reference of a record in the decision log: a keyed hash, so that the log names a
    /// record only to somebody who holds the key and the id.
    #[must_use]
    pub fn record_reference(&self, tenant: &str, entity: &str, id: &str) -> String {
        let digest = mac(&self.reference_key, &[tenant.as_bytes(), entity.as_bytes(), id.as_bytes()]);
        hex::encode(&digest[..16])
    }
}

impl Sealer {
    /// The opaque reference of a key by which a source knows a record.
    #[must_use]
    pub fn key_reference(&self, tenant: &str, entity: &str, source: &str, key: &str) -> String {
        let parts = [b"external-key", tenant.as_bytes(), entity.as_bytes(), source.as_bytes(), key.as_bytes()];
        hex::encode(&mac(&self.reference_key, &parts)[..16])
    }

    /// What an account is looked up by: a keyed hash of the e-mail's normal form.
    #[must_use]
    pub fn login(&self, tenant: &str, email: &str) -> String {
        hex::encode(&mac(&self.reference_key, &[b"login", tenant.as_bytes(), email.as_bytes()])[..16])
    }

    /// What a log-in at a provider is known by.
    #[must_use]
    pub fn provider_subject(&self, tenant: &str, issuer: &str, subject: &str) -> String {
        let parts = [b"provider-subject".as_slice(), tenant.as_bytes(), issuer.as_bytes(), subject.as_bytes()];
        hex::encode(&mac(&self.reference_key, &parts)[..16])
    }

    /// What a recovery code is known by: keyed, since it is short.
    #[must_use]
    pub fn recovery(&self, tenant: &str, user: &str, code: &str) -> String {
        let parts = [b"recovery".as_slice(), tenant.as_bytes(), user.as_bytes(), code.as_bytes()];
        hex::encode(&mac(&self.reference_key, &parts)[..16])
    }

    /// What attempts are counted under.
    #[must_use]
    pub fn attempt(&self, tenant: &str, parts: &[&[u8]]) -> String {
        let parts: Vec<&[u8]> = [&b"attempt"[..], tenant.as_bytes()].into_iter().chain(parts.iter().copied()).collect();
        hex::encode(&mac(&self.reference_key, &parts)[..16])
    }

    /// A value as a keyed hash, where erasure leaves one: comparable inside one field of one tenant.
    #[must_use]
    pub fn value_hash(&self, tenant: &str, entity: &str, field: &str, value: &str) -> String {
        let parts = [b"erased-value", tenant.as_bytes(), entity.as_bytes(), field.as_bytes(), value.as_bytes()];
        hex::encode(&mac(&self.reference_key, &parts)[..16])
    }
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // A 32-byte key is always accepted; the empty MAC below cannot be reached.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_for_its_own_list() {
        let sealer = Sealer::new(&[7; 32]);
        let values = vec![Value::text("Dupont"), Value::text("id-1")];
        let cursor = sealer.cursor("contact:last_name", &values);
        assert!(!cursor.contains("Dupont"));
        assert_eq!(sealer.open_cursor("contact:last_name", &cursor), Some(values.clone()));
        assert_eq!(sealer.open_cursor("contact:email", &cursor), None);
        assert_eq!(Sealer::new(&[8; 32]).open_cursor("contact:last_name", &cursor), None);
        assert_eq!(sealer.open_cursor("contact:last_name", "x"), None);
    }

    #[test]
    fn a_reference_depends_on_each_part() {
        let sealer = Sealer::new(&[7; 32]);
        let all = [
            sealer.record_reference("t", "contact", "1"),
            sealer.record_reference("t", "contac", "t1"),
            sealer.record_reference("u", "contact", "1"),
        ];
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), 3);
    }
}
