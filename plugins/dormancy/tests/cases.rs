//! The cases of this policy, run natively.

use garant_plugin_dormancy::Dormancy;

#[test]
fn cases() {
    garant_plugin_testkit::run::<Dormancy>(env!("CARGO_MANIFEST_DIR"));
}
