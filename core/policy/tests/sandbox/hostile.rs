//! Every hostile guest gets its own clear code, and an honest one is served right after it.

use garant_policy::{Engine, Limits, PluginError};

use crate::guest::{Guest, engine, limits};

macro_rules! hostile {
    ($name:literal) => {
        include_str!(concat!("../../../testkit/guests/hostile/", $name, ".wat"))
    };
}

/// Runs a hostile guest to the end, then an honest one, on the same engine.
async fn provoke(guest: Guest) -> PluginError {
    let error = guest.decide(&engine()).await.unwrap_err();
    let plan = Guest::default().decide(&engine()).await.unwrap();
    assert_eq!(plan.rules.len(), 1, "an honest guest is no longer served");
    error
}

#[tokio::test]
async fn each_hostile_guest_gets_its_code() {
    let cases = [
        (hostile!("endless_loop_in_describe"), "DEADLINE"),
        (hostile!("endless_loop_at_start"), "DEADLINE"),
        (hostile!("endless_loop"), "DEADLINE"),
        (hostile!("memory_growth"), "MEMORY"),
        (hostile!("table_growth"), "MEMORY"),
        (hostile!("huge_memory"), "MEMORY"),
        (hostile!("huge_output"), "OUTPUT_TOO_LARGE"),
        (hostile!("amplified_output"), "OUTPUT_TOO_LARGE"),
        (hostile!("deep_recursion"), "STACK"),
        (hostile!("bad_pointer"), "BAD_OUTPUT"),
        (hostile!("bad_list"), "BAD_OUTPUT"),
        (hostile!("bad_variant"), "BAD_OUTPUT"),
        (hostile!("bad_text"), "BAD_OUTPUT"),
        (hostile!("bad_allocator"), "BAD_OUTPUT"),
        (hostile!("trap_in_describe"), "TRAP"),
        (hostile!("trap_in_plan"), "TRAP"),
        (hostile!("wasi_import"), "FORBIDDEN_IMPORT"),
        (hostile!("own_import"), "FORBIDDEN_IMPORT"),
        (hostile!("wasi_component"), "FORBIDDEN_IMPORT"),
        (hostile!("wrong_abi_version"), "ABI_VERSION"),
        (hostile!("undeclared_field"), "UNDECLARED"),
        (hostile!("undeclared_fact"), "UNDECLARED"),
        (hostile!("untyped_rule"), "BAD_RULE"),
        (hostile!("no_exports"), "NOT_A_PLUGIN"),
        (hostile!("empty_component"), "NOT_A_PLUGIN"),
    ];
    for (code, expected) in cases {
        let error = provoke(Guest::doing(code)).await;
        assert_eq!(error.code(), expected, "{error}\n{code}");
    }
}

#[tokio::test]
async fn a_forbidden_import_is_named() {
    let error = provoke(Guest::doing(hostile!("wasi_import"))).await;
    assert_eq!(error, PluginError::ForbiddenImport { name: "wasi_snapshot_preview1.random_get".to_owned() });
    let error = provoke(Guest::doing(hostile!("wasi_component"))).await;
    assert_eq!(error, PluginError::ForbiddenImport { name: "wasi:filesystem/preopens@0.2.0".to_owned() });
}

#[tokio::test]
async fn another_contract_is_told_from_a_wrong_file() {
    let honest = Guest::default();
    let later = Guest { wit: honest.wit.replace("garant:policy@1.0.0", "garant:policy@2.0.0"), ..Guest::default() };
    let error = provoke(later).await;
    assert_eq!(error.code(), "ABI_VERSION");
    assert!(error.to_string().contains("2.0.0"), "{error}");

    // The right number on another contract: the manifest has lost its articles.
    let other = Guest { wit: honest.wit.replace("article: string,", ""), ..Guest::default() };
    assert_eq!(provoke(other).await.code(), "ABI_VERSION");
}

#[tokio::test]
async fn what_is_not_wasm_is_no_plugin() {
    let module = Guest::default().module();
    let cut = &module[..module.len() / 2];
    for bytes in [b"".as_slice(), b"\0", b"MZ\x90\0 a program", b"\0asm", b"\0asm\x01\0\0\0", cut] {
        let error = engine().load(bytes, crate::guest::catalog()).await.unwrap_err();
        assert_eq!(error.code(), "NOT_A_PLUGIN", "{error} for {} bytes", bytes.len());
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_rule_is_said_in_words() {
    for (code, words) in [
        (hostile!("undeclared_field"), "the field `last_name` is not declared in the plugin's manifest"),
        (hostile!("undeclared_fact"), "the fact `subject.restricted` is not declared in the plugin's manifest"),
        (hostile!("untyped_rule"), "rule 0 (`TST-01`) is wrong: node 2: `eq` expects text, got instant"),
    ] {
        assert_eq!(provoke(Guest::doing(code)).await.to_string(), words);
    }
}

#[tokio::test]
async fn too_many_rules_are_refused() {
    let engine = Engine::new(Limits::standard()).unwrap();
    let error = Guest::doing(hostile!("ten_thousand_rules")).decide(&engine).await.unwrap_err();
    assert_eq!(error, PluginError::TooManyRules { count: 10_000, limit: 2_000 });
    assert!(Guest::default().decide(&engine).await.is_ok());
}

#[tokio::test]
async fn nothing_of_a_guest_is_left() {
    // Far more guests than there are places for: one that leaked would end the test with `BUSY`.
    let engine = Engine::new(Limits { threads: 2, threads_per_plugin: 2, ..limits() }).unwrap();
    for round in 0..5 {
        for code in [
            hostile!("trap_in_plan"),
            hostile!("memory_growth"),
            hostile!("table_growth"),
            hostile!("huge_output"),
            hostile!("deep_recursion"),
            hostile!("bad_pointer"),
            hostile!("endless_loop_at_start"),
            hostile!("endless_loop"),
            hostile!("untyped_rule"),
        ] {
            let error = Guest::doing(code).decide(&engine).await.unwrap_err();
            assert_ne!(error.code(), "BUSY", "round {round}");
            assert_eq!(engine.stats().running, 0, "round {round}: {error}");
        }
    }
    assert!(Guest::default().decide(&engine).await.is_ok());
}
