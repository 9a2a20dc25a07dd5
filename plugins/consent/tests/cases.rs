//! The cases of this policy, run natively.

use garant_plugin_consent::Consent;

#[test]
fn cases() {
    garant_plugin_testkit::run::<Consent>(env!("CARGO_MANIFEST_DIR"));
}
