//! The sandbox from outside: honest guests are obeyed, hostile ones are told apart and harm nobody.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use garant_testkit::guest;
use garant_testkit::guest::image;

mod hostile;
mod judging;
mod log;
mod manifests;
mod plans;
mod pool;
mod rules;
mod settings;
