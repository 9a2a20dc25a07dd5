//! A large file: what it takes of memory is what a small one takes. Minutes long, so it is asked for by name:
//! `cargo test --test process -- --ignored --nocapture a_large_import`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Demo;

const MAPPING: &str = r#"
entity = "contact"
source = "bulk"
key = "id"
[field.first_name]
column = "first"
[field.last_name]
column = "last"
[field.company_id]
column = "company"
lookup = { source = "bulk.company", field = "name", create = true }
[field.country]
column = "country"
[field.phone]
column = "phone"
[field.email]
column = "email"
[field.kind]
constant = "customer"
[field.own_customer]
constant = "true"
[field.audience]
constant = "professional"
[field.source]
constant = "bulk"
"#;

/// Contacts of 500 companies; each tenth one is the person of the row before, under another id.
fn file(rows: u64) -> String {
    let mut text = "id,first,last,company,country,phone,email\n".to_owned();
    for row in 0..rows {
        let person = if row % 10 == 9 { row - 1 } else { row };
        let _ = writeln!(
            text,
            "k{row},First{},Last{person},Company {},FR,+336{:08},p{person}@example.org",
            person % 997,
            person % 500,
            person
        );
    }
    text
}

/// The most memory that a process had so far, in kB.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok())
}

/// Imports so many rows with the real binary; answers its summary and its peak in kB.
fn import(folder: &Path, rows: u64) -> (String, u64) {
    drop(Demo::start(folder));
    let [mapping, csv] = ["mapping.toml", "rows.csv"].map(|name| folder.join(name));
    std::fs::write(&mapping, MAPPING).expect("a file");
    std::fs::write(&csv, file(rows)).expect("a file");
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_garant"))
        .args(["import", "--purpose", "sales", "--role", "sales", "--data-dir"])
        .arg(folder)
        .arg("--mapping")
        .args([&mapping, &csv])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts");
    let mut most = 0;
    while child.try_wait().expect("a state").is_none() {
        most = most.max(peak(&child).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(200));
    }
    let output = child.wait_with_output().expect("an end");
    let summary = String::from_utf8(output.stdout).expect("UTF-8");
    println!("{rows} rows in {} s, {most} kB at most: {summary}", begun.elapsed().as_secs());
    assert!(output.status.success(), "{summary}");
    (summary, most)
}

#[test]
#[ignore = "minutes long; asked for by name"]
fn a_large_import_takes_no_more_memory_than_a_small_one() {
    let [small, large] = [10_000, 100_000].map(|rows| {
        let folder = tempfile::tempdir().expect("a folder");
        let (summary, most) = import(folder.path(), rows);
        assert!(
            summary.starts_with(&format!("{rows} rows: {rows} created, 0 updated, 0 unchanged, 0 rejected")),
            "{summary}"
        );
        let alike = summary.split("; ").find_map(|part| part.strip_suffix(" look like a record that was there\n"));
        let alike: u64 = alike.expect("duplicates are counted").parse().expect("a number");
        assert!(alike >= rows / 10, "{summary}");
        most
    });
    assert!(large < small + small / 4, "{small} kB for ten thousand rows and {large} kB for a hundred thousand");
}
