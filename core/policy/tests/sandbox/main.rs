//! The sandbox from outside: honest guests are obeyed, hostile ones are told apart and harm nobody.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod guest;
mod hostile;
mod image;
mod judging;
mod log;
mod manifests;
mod measure;
mod plans;
mod pool;
mod rules;
mod settings;
