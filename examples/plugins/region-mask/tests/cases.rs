//! The cases of this policy, run natively.

use garant_example_region_mask::RegionMask;
use garant_plugin_testkit::{Native, load_cases, run};

#[test]
fn cases() {
    run::<RegionMask>(env!("CARGO_MANIFEST_DIR"));
}

#[test]
fn a_wrong_country_is_named_with_its_setting() {
    let mut cases = load_cases(concat!(env!("CARGO_MANIFEST_DIR"), "/cases/region.toml")).expect("the cases");
    let case = cases.first_mut().expect("a case");
    case.settings.insert("countries".to_owned(), vec!["France"].into());
    let problems = Native::<RegionMask>::new().problems(case);
    let paths: Vec<&str> = problems.iter().map(|(path, ..)| path.as_str()).collect();
    assert_eq!(paths, ["/countries"]);
}
