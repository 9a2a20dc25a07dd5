//! Tests of a policy plugin without a server: case files, run natively with `cargo test`.
//!
//! Two halves. *What must come out* ([`Case`], [`load_cases`], [`judge`], [`check`]) needs rules
//! only, so the same case files are judged again with rules that came out of the real sandbox. *What
//! the plugin says* ([`Native`]) calls the plugin's code in this process. Nothing here ships.
//!
//! In a plugin's `tests/cases.rs`:
//!
//! ```ignore
//! #[test]
//! fn cases() {
//!     garant_plugin_testkit::run::<MyPolicy>(env!("CARGO_MANIFEST_DIR"));
//! }
//! ```

mod case;
mod citation;
mod convert;
mod judge;
mod manifest;
mod native;
mod reference;
mod row;
mod verdicts;

pub use case::{Case, Expect, load_cases, load_folder};
pub use citation::check_citation;
pub use judge::{Joined, Judged, check, check_codes, compare, judge};
pub use manifest::{check_manifest, codes_without_case};
pub use native::Native;
pub use reference::Reference;

use garant_plugin_sdk::Policy;

/// Runs every case file in `<folder>/cases` and checks the manifest: texts in both languages,
/// citations that exist, defaults that agree, a case for every reason, and that `judge` says what `plan`
/// announced.
///
/// # Panics
/// With all failures, one a line.
pub fn run<P: Policy>(folder: &str) {
    let mut failures = check_manifest::<P>();
    let mut cases = vec![];
    match load_folder(&format!("{folder}/cases")) {
        Ok(found) if found.is_empty() => failures.push(format!("no cases in {folder}/cases")),
        Ok(found) => cases = found,
        Err(error) => failures.push(error),
    }
    let native = Native::<P>::new();
    for case in &cases {
        if let Err(error) = native.decide(case).and_then(|rules| check(case, &rules, &native.codes())) {
            failures.push(format!("{}: {error}", case.name));
        }
    }
    failures.extend(native.disagreements(&cases));
    for code in codes_without_case(&native.codes(), &cases) {
        failures.push(format!("no case expects {code}"));
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases or checks failed:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}
