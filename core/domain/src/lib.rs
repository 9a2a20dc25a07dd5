//! The pure heart of Garant: the catalogue, the rule language with its evaluator, the decision
//! lattice, facts, consent and the calendar.
//!
//! No IO, no async, no SQL, no WASM and no plugin's name: time and ids come in as arguments.

pub mod address;
pub mod calendar;
pub mod catalog;
pub mod chain;
pub mod clock;
pub mod consent;
pub mod context;
pub mod country;
pub mod fact;
pub mod lattice;
pub mod policy_set;
pub mod problem;
pub mod query;
pub mod reason;
pub mod role;
pub mod rule;
pub mod search;
pub mod value;
