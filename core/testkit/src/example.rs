//! Plugins of `examples/plugins`, built as their authors would build them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use garant_service::ShippedPlugin;

const TARGET: &str = "wasm32-unknown-unknown";

/// Two builds would wait for each other's lock and say so in the middle of a test's output.
static BUILDING: Mutex<()> = Mutex::new(());

/// An example plugin by its folder, built from its source.
///
/// # Panics
///
/// When it does not build.
#[must_use]
pub fn example_plugin(id: &str) -> ShippedPlugin {
    let _one = BUILDING.lock().unwrap_or_else(PoisonError::into_inner);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let package = format!("garant-example-{id}");
    let target = target_folder().join("example-guests");
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(&root).args(["build", "--quiet", "--locked", "--target", TARGET, "--profile", "guest"]);
    command.args(["-p", &package]).arg("--target-dir").arg(&target);
    // Flags of the host's build are not for guests.
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    let output = command.output().expect("cargo");
    assert!(output.status.success(), "{package} does not build: {}", String::from_utf8_lossy(&output.stderr));
    let file = target.join(TARGET).join("guest").join(format!("{}.wasm", package.replace('-', "_")));
    ShippedPlugin { id: id.to_owned(), bytes: std::fs::read(file).expect("the built plugin"), signature: None }
}

/// The folder of the outer build: this binary lies in `<target>/<profile>/deps`.
fn target_folder() -> PathBuf {
    let binary = std::env::current_exe().expect("the path of this binary");
    binary.ancestors().nth(3).expect("a target folder").to_path_buf()
}
