//! Builds the shipped plugins as WASM, signs them, and lists them for `include_bytes!`. Plugins are
//! found, not named: every package below `plugins/` is shipped.
//!
//! The publisher's key is made here and forgotten here: only its public half goes into the binary,
//! so nobody can sign anything else with it, and the shipped plugins are verified like any others.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ed25519_dalek::{Signer, SigningKey};
use rand::TryRngCore;

const TARGET: &str = "wasm32-unknown-unknown";

fn main() {
    if let Err(message) = run() {
        // One line, in the colour of an error, without the trace of a panic.
        println!("cargo::error={message}");
    }
}

fn run() -> Result<(), String> {
    let root = root()?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set; build with cargo")?);
    for watched in ["plugins", "plugin-sdk", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    let plugins = plugins(&root.join("plugins"))?;
    ensure_target()?;
    build(&root, &out, &plugins)?;
    write_list(&out, &plugins)
}

/// A package below `plugins/`.
struct Plugin {
    id: String,
    package: String,
}

fn root() -> Result<PathBuf, String> {
    let here = env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set; build with cargo")?;
    let here = PathBuf::from(here);
    here.ancestors().nth(2).map(Path::to_path_buf).ok_or_else(|| "the workspace root is missing".to_owned())
}

fn plugins(folder: &Path) -> Result<Vec<Plugin>, String> {
    let unreadable = |error| format!("{} cannot be read: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Ok(manifest) = fs::read_to_string(path.join("Cargo.toml")) else { continue };
        let id = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let package = package_name(&manifest).ok_or_else(|| format!("plugins/{id}/Cargo.toml names no package"))?;
        found.push(Plugin { id, package });
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(found)
}

/// The first `name` of a manifest is the package's; a TOML parser would be built for this alone.
fn package_name(manifest: &str) -> Option<String> {
    let line = manifest.lines().find(|line| line.trim_start().starts_with("name"))?;
    let (_, value) = line.split_once('=')?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// Adds the WASM target if the toolchain lacks it: automatic installation may be switched off.
fn ensure_target() -> Result<(), String> {
    if has_target() {
        return Ok(());
    }
    println!("cargo::warning=adding the target {TARGET} with rustup, once");
    let added = Command::new("rustup").args(["target", "add", TARGET]).output().is_ok_and(|done| done.status.success());
    if added && has_target() {
        return Ok(());
    }
    let toolchain = env::var("RUSTUP_TOOLCHAIN").map(|name| format!(" --toolchain {name}")).unwrap_or_default();
    Err(format!(
        "the Rust target for the policy plugins is missing; add it with: rustup target add {TARGET}{toolchain}"
    ))
}

fn has_target() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]).output();
    output.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}

fn build(root: &Path, out: &Path, plugins: &[Plugin]) -> Result<(), String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // A folder of its own, since the outer cargo holds the lock of the usual one.
    command.current_dir(root).arg("build").args(["--target", TARGET, "--profile", "guest", "--locked", "-j2"]);
    command.arg("--target-dir").arg(out.join("guests"));
    for plugin in plugins {
        command.args(["-p", &plugin.package]);
    }
    for (name, _) in env::vars_os().filter(|(name, _)| is_of_outer_build(name)) {
        command.env_remove(name);
    }
    let output = command.output().map_err(|error| format!("cargo cannot be started for the plugins: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        println!("cargo::warning={line}");
    }
    Err("the shipped plugins do not build; the warnings above are cargo's own words".to_owned())
}

/// What cargo tells this build script about the host's build would mislead the guests' build; what
/// a user set about homes, network and registries stays.
fn is_of_outer_build(name: &OsString) -> bool {
    let name = name.to_string_lossy();
    let kept = ["CARGO_HOME", "CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTR", "CARGO_SOURCE_"];
    let own = ["OPT_LEVEL", "PROFILE", "DEBUG", "TARGET", "HOST", "NUM_JOBS", "OUT_DIR", "MAKEFLAGS", "MFLAGS"];
    let cargo = name.starts_with("CARGO") && !kept.iter().any(|prefix| name.starts_with(prefix));
    cargo
        || name.starts_with("RUSTC")
        || name.starts_with("RUSTFLAGS")
        || name.starts_with("RUSTDOC")
        || own.contains(&&*name)
}

/// What `core/policy/src/signature.rs` signs before the file; a test holds that the two agree.
const PURPOSE: &[u8] = b"garant plugin 1\n";

fn write_list(out: &Path, plugins: &[Plugin]) -> Result<(), String> {
    let mut secret = [0; 32];
    rand::rngs::OsRng.try_fill_bytes(&mut secret).map_err(|error| format!("no random bytes for a key: {error}"))?;
    let key = SigningKey::from_bytes(&secret);
    let public = format!("ed25519:{}", hex::encode(key.verifying_key().as_bytes()));
    let mut list = format!("const PUBLISHER_KEY: &str = {public:?};\nconst SHIPPED: &[(&str, &[u8], &str)] = &[\n");
    for plugin in plugins {
        let file = format!("{}.wasm", plugin.package.replace('-', "_"));
        let path = out.join("guests").join(TARGET).join("guest").join(file);
        let Ok(bytes) = fs::read(&path) else {
            return Err(format!(
                "plugins/{} built no WASM; its [lib] needs crate-type = [\"cdylib\", \"rlib\"]",
                plugin.id
            ));
        };
        let signature = hex::encode(key.sign(&[PURPOSE, &bytes].concat()).to_bytes());
        let _ = writeln!(list, "    ({:?}, include_bytes!({:?}), \"{public}:{signature}\"),", plugin.id, path);
    }
    list.push_str("];\n");
    fs::write(out.join("shipped.rs"), list).map_err(|error| format!("{} cannot be written: {error}", out.display()))
}
