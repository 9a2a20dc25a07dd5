//! From bytes to a plugin: look, make it a component, compile, ask it who it is, check what it
//! says.

use std::sync::Arc;

use garant_domain::catalog::Catalog;
use garant_domain::context::ATTRIBUTES;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use wasmtime::component::Component;

use crate::cache::{self, Digest32};
use crate::engine::Engine;
use crate::error::PluginError;
use crate::inspect::{Kind, inspect, not_a_plugin};
use crate::limits::Limits;
use crate::manifest::Manifest;
use crate::sandbox::{Log, Sandbox};

/// A compiled component, shared by all plugins made from it.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub sandbox: Sandbox,
    pub bytes: Arc<[u8]>,
    pub digest: String,
    /// How many guests of it may run at once.
    pub permits: Arc<Semaphore>,
}

/// What a call of a plugin needs. Jobs on the sandbox's threads hold this and never the engine,
/// which may not be dropped on a thread of its own.
#[derive(Debug)]
pub(crate) struct Core {
    pub compiled: Arc<Compiled>,
    pub manifest: Manifest,
    pub schema: jsonschema::Validator,
    pub catalog: Arc<Catalog>,
    pub limits: Arc<Limits>,
    /// What never changes of the keys of its plans.
    pub base: Digest32,
    /// Where the declared attributes stand in a request that lists all in the host's order.
    pub places: Vec<usize>,
}

/// A plugin that has been loaded and whose manifest holds against a catalogue.
#[derive(Debug)]
pub struct Plugin {
    pub(crate) engine: Arc<Engine>,
    pub(crate) core: Arc<Core>,
}

impl Engine {
    /// Loads a plugin from a core module (which is made a component) or a component.
    ///
    /// # Errors
    /// `NOT_A_PLUGIN`, `TOO_LARGE`, `FORBIDDEN_IMPORT`, `ABI_VERSION` for what it is;
    /// `BAD_MANIFEST` for what it says about itself; and all that a guest can do wrong in
    /// `describe`.
    pub async fn load(self: &Arc<Self>, bytes: &[u8], catalog: Arc<Catalog>) -> Result<Arc<Plugin>, PluginError> {
        let (wasm, limits, known) = (self.wasm().clone(), self.shared_limits(), self.compiled().clone());
        let bytes: Arc<[u8]> = Arc::from(bytes);
        let core = self
            .run_load(move || {
                let bytes = component_bytes(bytes, &limits)?;
                let digest = hex::encode(Sha256::digest(&bytes));
                let compiled = match known.get(&digest) {
                    Some(compiled) => compiled,
                    None => {
                        let compiled = Arc::new(compile(&wasm, bytes, &digest, &limits)?);
                        known.insert(digest, Arc::clone(&compiled));
                        compiled
                    }
                };
                describe(compiled, catalog, limits)
            })
            .await?;
        Ok(Arc::new(Plugin { engine: Arc::clone(self), core: Arc::new(core) }))
    }
}

impl Plugin {
    /// SHA-256 of the component's bytes, hex. For a core module these are the bytes it became, not
    /// the bytes it was.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.core.compiled.digest
    }

    /// The component's bytes: what to keep, so that loading them again gives the same digest.
    #[must_use]
    pub fn component(&self) -> &Arc<[u8]> {
        &self.core.compiled.bytes
    }

    /// The catalogue that it was loaded for.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.core.catalog
    }

    /// What it says about itself, checked.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.core.manifest
    }
}

fn component_bytes(bytes: Arc<[u8]>, limits: &Limits) -> Result<Arc<[u8]>, PluginError> {
    if inspect(&bytes, limits)? == Kind::Component {
        return Ok(bytes);
    }
    let component = wit_component::ComponentEncoder::default()
        .module(&bytes)
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| not_a_plugin(&format!("it cannot be made a component: {error:#}")))?;
    // The world that it was built for shows only now.
    inspect(&component, limits)?;
    Ok(component.into())
}

fn compile(
    wasm: &wasmtime::Engine,
    bytes: Arc<[u8]>,
    digest: &str,
    limits: &Arc<Limits>,
) -> Result<Compiled, PluginError> {
    let component = Component::from_binary(wasm, &bytes)
        .map_err(|error| not_a_plugin(&format!("it does not compile: {error:#}")))?;
    let sandbox = Sandbox::link(&component, Arc::clone(limits), digest)?;
    let permits = Arc::new(Semaphore::new(limits.threads_per_plugin));
    Ok(Compiled { sandbox, bytes, digest: digest.to_owned(), permits })
}

fn describe(compiled: Arc<Compiled>, catalog: Arc<Catalog>, limits: Arc<Limits>) -> Result<Core, PluginError> {
    let said = compiled.sandbox.call(limits.setup_deadline, Log::Open, |policy, store| policy.call_describe(store))?;
    let (manifest, schema) = Manifest::check(said, &catalog)?;
    let base = cache::base(&compiled.digest, catalog.digest());
    let place = |key: &String| ATTRIBUTES.iter().position(|(name, _)| name == key).unwrap_or_default();
    let places = manifest.attributes.iter().map(place).collect();
    Ok(Core { compiled, manifest, schema, catalog, limits, base, places })
}
