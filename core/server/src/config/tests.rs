//! Every sample is read; every mistake names file, key and remedy.

use super::*;

fn error(text: &str) -> String {
    Config::parse(text, Path::new("garant.toml")).expect_err("the configuration must be refused").to_string()
}

#[test]
fn every_sample_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/config");
    let files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("examples/config")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    assert!(files.len() >= 3, "only {} samples in {folder}", files.len());
    for file in files {
        Config::load(&file).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn the_database_alone_is_enough() {
    let config = Config::parse("[database]\nurl = \"sqlite:x.db\"\n", Path::new("f")).expect("is enough");
    assert_eq!(config, Config::with_database("sqlite:x.db"));
}

#[test]
fn mistakes_name_file_key_and_remedy() {
    let database = "[database]\nurl = \"sqlite:x.db\"\n";
    let unknown = error(&format!("{database}[server]\nlisten = \"127.0.0.1:1\"\nport = 3\n"));
    assert!(unknown.starts_with("garant.toml: server.port (line 5): unknown field `port`"), "{unknown}");
    assert!(unknown.ends_with("lists every key with its default"), "{unknown}");
    let kind = error(&format!("{database}[server]\nlisten = 8080\n"));
    assert!(kind.starts_with("garant.toml: server.listen (line 4): "), "{kind}");
    let missing = error("[database]\nmax_connections = 2\n");
    assert!(missing.starts_with("garant.toml: database.url (line 1): missing field"), "{missing}");
    let none = error("");
    assert!(none.starts_with("garant.toml: database (line 1): missing field"), "{none}");
    assert!(error("[database]\nurl = \"mysql://x\"\n").starts_with("garant.toml: database.url: is neither"));
    let zone = error(&format!("{database}[tenant]\nzone = \"Mars/Olympus\"\n"));
    assert!(zone.starts_with("garant.toml: tenant.zone (line 4): "), "{zone}");
    assert!(
        error(&format!("{database}[tenant]\nid = \"A b\"\n")).starts_with("garant.toml: tenant.id: is no tenant id")
    );
    assert!(
        error(&format!("{database}[policy]\ndeadline_ms = 0\n"))
            .contains("policy.deadline_ms: is out of range; use a number from 1")
    );
    assert!(error(&format!("{database}[log]\nlevel = \"=x=\"\n")).contains("log.level"));
    let provider = |issuer: &str, base: &str| {
        format!(
            "{database}[[oidc]]\nid = \"a\"\nlabel = \"A\"\nclient_id = \"c\"\nissuer = \"{issuer}\"\nredirect_base = \"{base}\"\n"
        )
    };
    let (issuer, base) = ("https://login.example.org/a", "https://crm.example.org");
    assert!(Config::parse(&provider(issuer, base), Path::new("f")).is_ok());
    assert!(Config::parse(&provider("http://127.0.0.1:9", "http://localhost:8080"), Path::new("f")).is_ok());
    assert!(error(&provider("http://login.example.org", base)).contains("oidc.issuer: is no https address"));
    assert!(error(&provider(issuer, "https://crm.example.org/x")).contains("oidc.redirect_base: is no https origin"));
    let twice = format!("{}{}", provider(issuer, base), provider(issuer, base).trim_start_matches(database));
    assert!(error(&twice).contains("oidc.id: names two providers"));
    assert!(error("[database\n").starts_with("garant.toml: "));
}

#[test]
fn paths_start_at_the_file() {
    let mut config = Config::with_database("sqlite:data/x.db");
    config.anchor(Path::new("/etc/garant"));
    assert_eq!(config.database.url, "sqlite:/etc/garant/data/x.db");
    assert_eq!(config.secret_file, Path::new("/etc/garant/garant.secret"));
    let mut memory = Config::with_database("sqlite::memory:");
    memory.anchor(Path::new("/etc/garant"));
    assert_eq!(memory.database.url, "sqlite::memory:");
}
