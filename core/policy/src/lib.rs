//! The sandbox: the only place that runs plugins, and the only one that names wasmtime.
//!
//! A plugin comes in as bytes and goes out as type-checked rules. What lives here: the engine with
//! its ticker and limits, the pool of threads for guests, loading and validation, the plan cache.
//! What never will: SQL, the network, a plugin's name, a record. There is no clock and no
//! randomness for a guest, so the same input gives the same answer, and the cache is sound.
//!
//! Compiled components are kept in memory by digest. They are not kept on disk: wasmtime can read
//! compiled code back only through an unsafe call, and compiling takes a tenth of a second.

mod bindings;
mod cache;
mod check;
mod configure;
mod convert;
mod engine;
mod error;
mod inspect;
mod judge;
mod limits;
mod load;
mod manifest;
mod plan;
mod pool;
mod reference;
mod sandbox;
mod signature;
mod ticker;

pub use configure::Configured;
pub use engine::{Engine, EngineStats};
pub use error::{ConfigureError, EngineError, PluginError};
pub use judge::{Column, ColumnData, JudgeCall};
pub use limits::Limits;
pub use load::Plugin;
pub use manifest::Manifest;
pub use plan::{JudgeRequest, Plan, PlanRequest, Verdict};
pub use reference::ReferenceTable;
pub use signature::{Publisher, SignatureError, Trust, key_pair, sign};

/// The version of the contract that this host speaks: the version of the WIT package.
pub const CONTRACT_VERSION: &str = "1.0.0";
