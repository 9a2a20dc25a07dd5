//! The cases of this policy, run natively.

use garant_plugin_cloud_act::CloudAct;

#[test]
fn cases() {
    garant_plugin_testkit::run::<CloudAct>(env!("CARGO_MANIFEST_DIR"));
}
