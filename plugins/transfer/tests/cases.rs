//! The cases of this policy, run natively.

use garant_plugin_transfer::Transfer;

#[test]
fn cases() {
    garant_plugin_testkit::run::<Transfer>(env!("CARGO_MANIFEST_DIR"));
}
