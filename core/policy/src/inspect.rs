//! A look at a file before anything of it is compiled: is it WebAssembly, what does it import,
//! does it fit. A plugin that wants the system is refused here, by the name of what it wants.

use wasmparser::{ComponentExternalKind, ComponentTypeRef, Encoding, Parser, Payload, TypeBounds};

use crate::CONTRACT_VERSION;
use crate::error::{PluginError, cut};
use crate::limits::{Limits, initial_memory_fits};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A core module, as `cargo build` makes it: still to be made a component.
    Module,
    /// A component.
    Component,
}

/// How every WebAssembly file begins.
const MAGIC: &[u8] = b"\0asm";
/// The functions that a policy exports.
const EXPORTS: [&str; 4] = ["describe", "configure", "plan", "judge"];
/// The package that a policy is built against, with the interfaces it may import.
const PACKAGE: &str = "garant:policy/";
const INTERFACES: [&str; 2] = ["host", "types"];
/// The prefix of the newer way to name imports of a core module; versions are cut to `1` there.
const MANGLED: &str = "cm32p2|";

/// Looks at a file.
pub(crate) fn inspect(bytes: &[u8], limits: &Limits) -> Result<Kind, PluginError> {
    if bytes.len() > limits.component_bytes {
        return Err(PluginError::TooLarge { bytes: bytes.len(), limit: limits.component_bytes });
    }
    if !bytes.starts_with(MAGIC) {
        return Err(not_a_plugin("it is not WebAssembly, since it does not begin with `\\0asm`"));
    }
    let mut kind = None;
    let mut depth = 0_usize;
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(unreadable)? {
            Payload::Version { encoding, .. } => {
                depth += 1;
                kind.get_or_insert(match encoding {
                    Encoding::Module => Kind::Module,
                    Encoding::Component => Kind::Component,
                });
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            // Modules inside a component import from each other; only its own imports reach us.
            Payload::ImportSection(imports) if depth == 1 => {
                for import in imports.into_imports() {
                    let import = import.map_err(unreadable)?;
                    check_import(import.module, &format!("{}.{}", import.module, import.name))?;
                }
            }
            Payload::ComponentImportSection(imports) if depth == 1 => {
                for import in imports {
                    let import = import.map_err(unreadable)?;
                    // A name for a type that is known already asks the host for nothing.
                    if !matches!(import.ty, ComponentTypeRef::Type(TypeBounds::Eq(_))) {
                        check_import(import.name.name, import.name.name)?;
                    }
                }
            }
            Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    let export = export.map_err(unreadable)?;
                    if export.kind == ComponentExternalKind::Func {
                        exports.push(export.name.name);
                    }
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let pages = memory.map_err(unreadable)?.initial;
                    initial_memory_fits(limits, pages.saturating_mul(64 << 10))?;
                }
            }
            _ => {}
        }
    }
    let kind = kind.ok_or_else(|| not_a_plugin("the file is empty"))?;
    if kind == Kind::Component
        && let Some(missing) = EXPORTS.iter().find(|name| !exports.contains(name))
    {
        return Err(not_a_plugin(&format!("it does not export `{missing}`")));
    }
    Ok(kind)
}

/// `module` is the interface, `name` what is shown.
fn check_import(module: &str, name: &str) -> Result<(), PluginError> {
    let forbidden = || PluginError::ForbiddenImport { name: cut(name, 200) };
    let (plain, expected) = match module.strip_prefix(MANGLED) {
        Some(plain) => (plain, CONTRACT_VERSION.split('.').next().unwrap_or(CONTRACT_VERSION)),
        None => (module, CONTRACT_VERSION),
    };
    let interface = plain.strip_prefix(PACKAGE).ok_or_else(forbidden)?;
    let (interface, version) = interface.split_once('@').unwrap_or((interface, "no version"));
    if !INTERFACES.contains(&interface) {
        return Err(forbidden());
    }
    if version != expected {
        return Err(PluginError::AbiVersion { found: format!("garant:policy, {}", cut(version, 40)) });
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function of the error in map_err")]
fn unreadable(error: wasmparser::BinaryReaderError) -> PluginError {
    not_a_plugin(&format!("it is not WebAssembly ({})", error.message()))
}

/// The file is not a plugin.
pub(crate) fn not_a_plugin(detail: &str) -> PluginError {
    PluginError::NotAPlugin { detail: cut(detail, 300) }
}
