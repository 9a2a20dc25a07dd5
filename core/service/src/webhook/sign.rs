//! Signatures of deliveries as Standard Webhooks 1.0 has them: `webhook-id`, `webhook-timestamp`,
//! `webhook-signature`, the last an HMAC-SHA-256 over the three parts joined by points.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::service::Service;

/// The secret of a subscription, as its owner is given it: `whsec_` and 32 bytes in base64.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(String);

impl WebhookSecret {
    /// The text to give away, once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

impl Service {
    pub(super) fn webhook_secret(&self, tenant: &str, webhook: &str) -> WebhookSecret {
        WebhookSecret(format!("whsec_{}", STANDARD.encode(self.sealer.webhook_key(tenant, webhook))))
    }
}

/// The headers of a delivery.
pub(super) fn headers(key: &[u8; 32], id: &str, now_micros: i64, body: &str) -> [(&'static str, String); 3] {
    let timestamp = now_micros.div_euclid(1_000_000);
    [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", format!("v1,{}", signature(key, id, timestamp, body))),
    ]
}

fn signature(key: &[u8], id: &str, timestamp: i64, body: &str) -> String {
    // HMAC takes a key of any length.
    let Ok(mut mac) = <Hmac<Sha256> as Mac>::new_from_slice(key) else { return String::new() };
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_verifies() {
        // From the reference libraries of Standard Webhooks (standardwebhooks.com), version 1.
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signed, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
