//! Tokens of the demo: the same at each start, for whoever has its secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The demo's token of a name: the same at each start, and known only to who knows the secret.
#[must_use]
pub fn derived(secret: &[u8; 32], name: &str) -> String {
    let mut bytes = [0; 32];
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) {
        mac.update(b"garant demo token\0");
        mac.update(name.as_bytes());
        bytes.copy_from_slice(&mac.finalize().into_bytes());
    }
    encode(&bytes)
}

fn encode(bytes: &[u8; 32]) -> String {
    format!("grt_{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_the_known_form_and_differ() {
        let token = derived(&[1; 32], "sales");
        assert_eq!((token.len(), &token[..4]), (47, "grt_"));
        assert_eq!(derived(&[1; 32], "sales"), derived(&[1; 32], "sales"));
        assert_ne!(derived(&[1; 32], "sales"), derived(&[1; 32], "dpo"));
        assert_ne!(derived(&[1; 32], "sales"), derived(&[2; 32], "sales"));
    }
}
