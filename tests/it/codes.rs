//! Every reason code that the product promises is given by a shipped policy, or held by a test of the host that
//! names it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// All codes: those of the policies, and those that the host holds.
const CODES: &str = "
SYS-01 SYS-02
CNS-01 CNS-02 CNS-03 CNS-04 CNS-05 CNS-06 CNS-07 CNS-08 CNS-09 CNS-10 CNS-11 CNS-12 CNS-13 CNS-14 CNS-15 CNS-16 CNS-17
CNS-18 CNS-19 CNS-20 CNS-22 CNS-23 CNS-25 CNS-26
TRF-01 TRF-03 TRF-04 TRF-05 TRF-06 TRF-07 TRF-08 TRF-09 TRF-11 TRF-12 TRF-13 TRF-14 TRF-15 TRF-16 TRF-17 TRF-19 TRF-20
TRF-21 TRF-22 TRF-23 TRF-25 TRF-27 TRF-28 TRF-29
REA-00 REA-01 REA-02 REA-03 REA-04 REA-05 REA-06 REA-07 REA-08 REA-09 REA-10 REA-11 REA-12 REA-13 REA-14 REA-15 REA-16
RET-01 RET-02 RET-03 RET-04 RET-05 RET-06 RET-07 RET-08 RET-09 RET-10 RET-11 RET-12
SPE-01 SPE-02 SPE-03 SPE-04 SPE-05 SPE-06 SPE-07 SPE-08 SPE-09 SPE-10 SPE-11 SPE-12 SPE-13 SPE-14 SPE-15 SPE-16 SPE-17
DOR-01 DOR-02 DOR-03 DOR-04 DOR-05 DOR-06 DOR-07 DOR-08 DOR-09 DOR-10 DOR-11 DOR-12 DOR-13 DOR-14 DOR-15
PUR-01 PUR-02 PUR-03 PUR-04 PUR-05 PUR-06 PUR-07 PUR-08 PUR-09 PUR-10 PUR-11 PUR-12 PUR-13 PUR-14 PUR-15 PUR-16
";

/// The texts of all files of a kind below a folder, but for this one.
fn texts(folder: &Path, ending: &str, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            texts(&path, ending, into);
        } else if path.to_string_lossy().ends_with(ending) && !path.ends_with("codes.rs") {
            into.push(fs::read_to_string(path).expect("a text"));
        }
    }
}

#[test]
fn every_code_is_given_by_a_policy_or_held_by_a_test_that_names_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut sources, mut cases, mut tests) = (vec![], vec![], vec![]);
    texts(&root.join("plugins"), ".rs", &mut sources);
    texts(&root.join("plugins"), ".toml", &mut cases);
    texts(&root.join("tests/it"), ".rs", &mut tests);
    let names = |texts: &[String], code: &str| texts.iter().any(|text| text.contains(code));
    let mut missing = BTreeSet::new();
    for code in CODES.split_whitespace() {
        let given = names(&sources, &format!("reason(\"{code}\"")) && names(&cases, &format!("\"{code}\""));
        if !given && !names(&tests, code) {
            missing.insert(code);
        }
    }
    assert!(missing.is_empty(), "neither given with a case nor held by a test: {missing:?}");
}

#[test]
fn no_policy_gives_a_code_that_is_not_listed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut sources = vec![];
    texts(&root.join("plugins"), ".rs", &mut sources);
    let listed: BTreeSet<&str> = CODES.split_whitespace().collect();
    for source in &sources {
        for (_, rest) in source.match_indices("reason(\"").map(|(at, found)| source.split_at(at + found.len())) {
            let code = rest.split('"').next().unwrap_or_default();
            assert!(listed.contains(code), "{code} is not listed");
        }
    }
}
