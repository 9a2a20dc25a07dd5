//! The guest side of the contract, generated from `wit/policy.wit`. Nothing here is written by
//! hand: the canonical ABI needs unsafe code, which only the generator writes.

#![expect(missing_docs, reason = "the documentation is in the WIT")]
#![expect(clippy::too_many_arguments, reason = "the generator passes records as their flattened fields")]

wit_bindgen::generate!({
    world: "policy",
    path: "wit",
    pub_export_macro: true,
    export_macro_name: "export_world",
    default_bindings_module: "garant_plugin_sdk::wit",
    additional_derives: [PartialEq],
    generate_all,
});

pub use garant::policy::types;
