//! The cases of this policy, run natively.

use garant_plugin_purpose::Purpose;

#[test]
fn cases() {
    garant_plugin_testkit::run::<Purpose>(env!("CARGO_MANIFEST_DIR"));
}
