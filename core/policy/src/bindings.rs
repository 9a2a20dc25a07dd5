//! The contract as Rust types, generated from the WIT. They stay inside this crate: `convert`
//! turns them into the domain's.

wasmtime::component::bindgen!({ path: "../../plugin-sdk/wit", world: "policy" });

pub(crate) use garant::policy::{host, types};
