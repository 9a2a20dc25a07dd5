//! Write a policy plugin for Garant in an afternoon.
//!
//! A policy is a type that holds its settings, says who it is ([`Policy::manifest`]) and answers,
//! once per context, with rules ([`Policy::plan`]). One `cargo build --target
//! wasm32-unknown-unknown --profile guest` makes the file that Garant installs; the same code runs
//! natively in tests (crate `garant-plugin-testkit`).
//!
//! ```ignore
//! use garant_plugin_sdk::prelude::*;
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(default)]
//! struct Minors { mask_phone: bool }
//!
//! impl Policy for Minors {
//!     fn manifest() -> Manifest { /* id, texts, what it needs, settings, reasons */ }
//!
//!     fn plan(&self, ctx: &Context) -> Result<Plan, String> {
//!         let minor = fact("subject.kind", []).eq("child");
//!         Ok(Plan::new().rule(Rule::mask(minor, channel("phone")).code("MINOR-01")))
//!     }
//! }
//!
//! export_policy!(Minors);
//! ```
//!
//! There is no clock, no randomness, no network and no file here, and there never will be: the same
//! input must give the same answer.

mod columns;
mod context;
mod expr;
mod manifest;
mod policy;
mod rule;
mod settings;
mod shared;
mod table;
mod value;
pub mod wit;

#[doc(hidden)]
pub use wit_bindgen;

pub use columns::Columns;
pub use context::Context;
pub use expr::{Cond, Term, all, any, context, fact, field, holiday, literal, now, related, today};
pub use manifest::{Manifest, Reason, reason};
pub use policy::{Level, Policy, Problem, log};
pub use rule::{Plan, Rule, Target, category, channel, direct_identifiers, free_text, named, personal, row, special};
pub use settings::{Setting, Settings, integer, list, object, text, texts, toggle};
pub use table::{Row, Table, pack};
pub use value::{Date, Instant, Value, covers};
pub use wit::types::{Hook, Mask};

/// Everything that a policy usually needs.
pub mod prelude {
    pub use std::ops::Not;

    pub use serde::{Deserialize, Serialize};

    pub use crate::{
        Columns, Cond, Context, Date, Hook, Manifest, Mask, Plan, Policy, Problem, Reason, Row, Rule, Setting,
        Settings, Table, Target, Term, Value, all, any, category, channel, context, covers, direct_identifiers,
        export_policy, fact, field, free_text, holiday, integer, list, literal, named, now, object, personal, reason,
        related, row, special, text, texts, today, toggle,
    };
}
