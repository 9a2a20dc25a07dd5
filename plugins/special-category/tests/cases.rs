//! The cases of this policy, run natively.

use garant_plugin_special_category::SpecialCategory;

#[test]
fn cases() {
    garant_plugin_testkit::run::<SpecialCategory>(env!("CARGO_MANIFEST_DIR"));
}
