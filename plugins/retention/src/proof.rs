//! Proof of a consent that was withdrawn: kept because the controller must be able to show it (GDPR
//! 7(1), 17(3)(e)), and for nothing else.

use garant_plugin_sdk::prelude::*;

use crate::Retention;

const CHANNELS: [&str; 5] = ["any", "email", "sms", "call", "post"];

/// The rules on events of consent for a purpose of the request.
pub(crate) fn rules(policy: &Retention, purpose: &str) -> Vec<Rule> {
    let withdrawn = any(policy.consent_purposes.iter().map(|consented| withdrawn(consented)));
    let for_proof = policy.is_for_proof(purpose);
    vec![if for_proof { Rule::allow(withdrawn) } else { Rule::hide(withdrawn) }.code("RET-07")]
}

/// The event is about a consent to this purpose that does not stand any more.
fn withdrawn(purpose: &str) -> Cond {
    let through = |channel| {
        let status = fact("consent.status", [purpose, channel]);
        all([field("channel").eq(channel), status.eq("withdrawn")])
    };
    all([field("purpose").eq(purpose), any(CHANNELS.map(through))])
}
