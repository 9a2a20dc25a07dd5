//! The cases of this policy, run natively.

use garant_plugin_retention::Retention;

#[test]
fn cases() {
    garant_plugin_testkit::run::<Retention>(env!("CARGO_MANIFEST_DIR"));
}
