//! The binary as a user runs it: the demo starts, answers, and what it answered survives a kill; an
//! author signs a plugin and an operator installs it.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

#[path = "process/volume.rs"]
mod volume;

struct Demo {
    child: Child,
    address: String,
    lines: Vec<String>,
}

impl Demo {
    /// Starts the demo on a free port and reads what it prints until its queries are out.
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_garant"))
            .args(["demo", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary starts");
        let mut reader = BufReader::new(child.stdout.take().expect("its output"));
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(reader.read_line(&mut line).expect("a line") > 0, "the demo ended: {lines:?}");
            lines.push(line.trim_end().to_owned());
            if lines.iter().filter(|line| line.contains("curl ")).count() == 3 {
                break;
            }
        }
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
        let url = lines.iter().find_map(|line| line.split_whitespace().find(|word| word.starts_with("http://")));
        let address =
            url.expect("a URL").trim_start_matches("http://").split('/').next().expect("an address").to_owned();
        Self { child, address, lines }
    }

    fn token(&self, name: &str) -> String {
        let line = self.lines.iter().find_map(|line| line.trim().strip_prefix(&format!("{name}: ")).map(str::to_owned));
        line.unwrap_or_else(|| panic!("no token of {name}: {:?}", self.lines))
    }

    fn query(&self, token: &str, purpose: &str, query: &str) -> String {
        post(&self.address, token, purpose, query)
    }
}

/// What a server answers to a query, head and body.
fn post(address: &str, token: &str, purpose: &str, query: &str) -> String {
    let body = serde_json::json!({ "query": query }).to_string();
    send(address, "/graphql", token, purpose, "application/json", &body)
}

/// What a server answers to a post, head and body.
fn send(address: &str, path: &str, token: &str, purpose: &str, media: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the server");
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nPurpose: {purpose}\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// The JSON body of an answer.
fn body(answer: &str) -> serde_json::Value {
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_the_demo_answered_was_logged_even_if_it_is_killed_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut demo = Demo::start(folder.path());
    let sales = demo.token("sales");
    let answer = demo.query(&sales, "sales", "{ contacts(first: 3) { nodes { lastName } totalCount } }");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"totalCount\":"), "{answer}");
    for _ in 0..20 {
        demo.query(&sales, "sales", "{ deals(first: 1) { nodes { name } } }");
    }
    // SIGKILL: nothing is flushed by the process itself.
    demo.child.kill().expect("killed");
    demo.child.wait().expect("gone");
    let count = |entity: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_garant"))
            .args(["log", "show", "--data-dir"])
            .arg(folder.path())
            .args(["--entity", entity, "--role", "sales"])
            .output()
            .expect("the log");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
        text.lines().filter(|line| line.contains("\"operation\":\"read\"")).count()
    };
    assert_eq!(count("contact"), 1);
    assert_eq!(count("deal"), 20);
}

#[test]
fn a_restart_keeps_the_data_and_the_tokens_fit() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Demo::start(folder.path());
    let query = "{ contacts { totalCount } }";
    let before = first.query(&first.token("sales"), "sales", query);
    drop(first);
    let second = Demo::start(folder.path());
    let after = second.query(&second.token("sales"), "sales", query);
    let body = |answer: &str| answer.split("\r\n\r\n").nth(1).map(str::to_owned);
    assert_eq!(body(&before), body(&after));
}

#[test]
fn a_config_error_names_file_key_and_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("garant.toml");
    let told = |text: &str| {
        std::fs::write(&file, text).expect("a file");
        let output =
            Command::new(env!("CARGO_BIN_EXE_garant")).args(["serve", "--config"]).arg(&file).output().expect("ended");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for (text, key, remedy) in [
        ("[server]\nlisten = \"127.0.0.1:0\"\nlissten = 1\n", "lissten", "garant config"),
        // What shows only when the value is used names its place too.
        (
            "[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"sqlite:no/such/folder/x.db\"\n",
            "database.url",
            "see that its folder exists",
        ),
        (
            "[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"postgres://nobody:secret@127.0.0.1:1/x\"\n",
            "database.url",
            "see that the server runs",
        ),
    ] {
        let told = told(text);
        assert!(told.contains("garant.toml") && told.contains(key) && told.contains(remedy), "{told}");
        assert!(!told.contains("secret@"), "a password is not repeated: {told}");
    }
}

/// Runs the binary to its end: whether it did what was asked, what it printed, and what it complained of.
fn garant<S: AsRef<OsStr>>(arguments: &[S]) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_garant")).args(arguments).output().expect("the binary ran");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.success(), text(output.stdout), text(output.stderr))
}

/// A server under a configuration.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    /// Starts it and reads its log until it tells its address.
    fn start(config: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_garant"))
            .args(["serve", "--config"])
            .arg(config)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut reader = BufReader::new(child.stderr.take().expect("its log"));
        let address = loop {
            let mut line = String::new();
            assert!(reader.read_line(&mut line).expect("a line") > 0, "the server ended");
            let event: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if event["message"] == "listening" {
                break event["address"].as_str().expect("an address").to_owned();
            }
        };
        std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
        Self { child, address }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_author_signs_a_plugin_and_an_operator_installs_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (key, stranger, plugin, changed, config) =
        (path("author.key"), path("stranger.key"), path("mine.wasm"), path("changed.wasm"), path("garant.toml"));
    // A plugin that the server does not bring along: another digest for a section that says nothing.
    let mut file = garant::shipped_plugins().swap_remove(0).bytes;
    file.extend_from_slice(&[0, 2, 1, b'x']);
    std::fs::write(&plugin, &file).expect("a plugin");
    file.extend_from_slice(&[0, 2, 1, b'y']);
    std::fs::write(&changed, &file).expect("another plugin");

    let (done, publisher, told) = garant(&["plugin", "keygen", &key]);
    assert!(done && publisher.contains("[[policy.publishers]]") && told.contains("author.key"), "{publisher} {told}");
    let secret = std::fs::read_to_string(&key).expect("the key");
    assert!(
        secret.starts_with("ed25519-secret:") && !publisher.contains(secret.trim()),
        "the secret stays in its file"
    );
    let (again, _, told) = garant(&["plugin", "keygen", &key]);
    assert!(!again && told.contains("never overwritten"), "{told}");
    assert_eq!(std::fs::read_to_string(&key).expect("the key"), secret);
    // What keygen prints is what the configuration takes.
    let own = format!(
        "secret_file = {:?}\n[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"sqlite:{}\"\n",
        path("garant.secret"),
        path("garant.db")
    );
    std::fs::write(&config, format!("{own}{}", publisher.replace("YOUR NAME", "Acme"))).expect("a configuration");

    let (done, said, _) = garant(&["plugin", "inspect", &plugin]);
    assert!(done && said.contains("digest") && said.contains("hooks"), "{said}");
    let install = |file: &str| garant(&["plugin", "install", "--config", &config, "--reason", "a test", file]);
    let refused = |file: &str, code: &str| {
        let (done, _, told) = install(file);
        assert!(!done && told.contains(code), "{code}: {told}");
    };
    refused(&plugin, "UNSIGNED");
    assert!(garant(&["plugin", "keygen", &stranger]).0);
    assert!(garant(&["plugin", "sign", "--key", &stranger, &plugin]).0);
    refused(&plugin, "UNTRUSTED_PUBLISHER");
    let (done, beside, _) = garant(&["plugin", "sign", "--key", &key, &plugin]);
    assert!(done && beside.trim().ends_with("mine.wasm.sig"), "{beside}");
    std::fs::copy(beside.trim(), path("changed.wasm.sig")).expect("a copy");
    refused(&changed, "SIGNATURE_MISMATCH");
    let (unsigned, _, told) = garant(&["plugin", "sign", "--key", &path("no.key"), &plugin]);
    assert!(!unsigned && told.contains("keygen"), "{told}");

    let (done, said, told) = install(&plugin);
    assert!(done && said.contains("signed by Acme"), "{said} {told}");
    let digest = said.lines().find_map(|line| line.strip_prefix("digest ")).expect("a digest").to_owned();
    let (made, token, _) = garant(&["token", "create", "--config", &config, "--name", "dpo", "--role", "dpo"]);
    assert!(made);
    let server = Served::start(Path::new(&config));
    let listed = post(&server.address, token.trim(), "", "{ policyVersions { digest publisher inSet reason } }");
    let body = listed.split("\r\n\r\n").nth(1).expect("a body");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let rows = body["data"]["policyVersions"].as_array().cloned().unwrap_or_default();
    let row = rows.iter().find(|row| row["digest"] == *digest).expect("it is listed");
    assert_eq!((&row["publisher"], &row["inSet"], &row["reason"]), (&"Acme".into(), &false.into(), &"a test".into()));
}

/// Rows enough that a kill meets some of them.
const ROWS: u64 = 4_000;

#[test]
fn a_killed_server_loses_and_repeats_nothing_of_an_import() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let config = path("garant.toml");
    let text = format!(
        "secret_file = {:?}\n[server]\nlisten = \"127.0.0.1:0\"\n[database]\nurl = \"sqlite:{}\"\n",
        path("garant.secret").display().to_string(),
        path("garant.db").display()
    );
    std::fs::write(&config, text).expect("a configuration");
    let place = config.display().to_string();
    let (made, token, _) = garant(&["token", "create", "--config", &place, "--name", "sales", "--role", "sales"]);
    assert!(made);
    let token = token.trim();

    let mapping = "entity = \"company\"\nsource = \"file\"\nkey = \"id\"\n[field]\nname = { column = \"name\" }\n";
    let rows: String = (0..ROWS).map(|row| format!("{row},Company {row}\n")).collect();
    // One row in a thousand cannot be read.
    let rows = (0..ROWS)
        .step_by(1_000)
        .fold(rows, |rows, row| rows.replace(&format!("\n{row},Company {row}\n"), &format!("\n{row}\n")));
    let part = |name: &str, content: &str| {
        format!("--part\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n{content}\r\n")
    };
    let form = format!("{}{}--part--\r\n", part("mapping", mapping), part("file", &format!("id,name\n{rows}")));
    let mut server = Served::start(&config);
    let taken = send(&server.address, "/import", token, "", "multipart/form-data; boundary=part", &form);
    assert!(taken.starts_with("HTTP/1.1 202"), "{taken}");
    let id = body(&taken)["data"]["id"].as_str().expect("an id").to_owned();
    let query = format!(
        "{{ importJob(id: \"{id}\") {{ state progress {{ read created rejected }} rejects {{ line }} }} companies {{ totalCount }} }}"
    );
    let look = |server: &Served| body(&post(&server.address, token, "", &query))["data"].clone();
    let number =
        |found: &serde_json::Value, field: &str| found["importJob"]["progress"][field].as_u64().expect("a number");

    // Killed twice, each time in the middle of whatever it is doing, and what is told is what is there.
    let mut before = 0;
    for _ in 0..2 {
        let found = loop {
            let found = look(&server);
            if number(&found, "read") > before {
                break found;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        };
        before = number(&found, "read");
        assert!(before < ROWS, "half-way: {found}");
        server.child.kill().expect("killed");
        server.child.wait().expect("gone");
        server = Served::start(&config);
        let found = look(&server);
        assert_eq!(found["companies"]["totalCount"], number(&found, "created"), "records and counts are of one piece");
    }
    let (listed, jobs, _) = garant(&["job", "list", "--config", &place]);
    assert!(listed && jobs.contains(&id) && jobs.contains("import company"), "{jobs}");
    let done = loop {
        let found = look(&server);
        if found["importJob"]["state"] == "done" {
            break found;
        }
        assert_eq!(found["importJob"]["state"], "running", "{found}");
        std::thread::sleep(std::time::Duration::from_millis(200));
    };
    assert_eq!((number(&done, "read"), number(&done, "created"), number(&done, "rejected")), (ROWS, ROWS - 3, 3));
    assert_eq!(done["companies"]["totalCount"], ROWS - 3);
    let lines: Vec<u64> = done["importJob"]["rejects"]
        .as_array()
        .expect("rejects")
        .iter()
        .filter_map(|row| row["line"].as_u64())
        .collect();
    assert_eq!(lines, [1_002, 2_002, 3_002], "each reject once");
}

#[test]
fn the_clients_of_the_examples_do_what_they_say() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = Demo::start(folder.path());
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/clients");
    let token = demo.token("sales");
    let counted = demo.query(&token, "sales", "{ contacts { totalCount } }");
    let people = body(&counted)["data"]["contacts"]["totalCount"].as_u64().expect("a count");
    let expected = format!("refused: PURPOSE_REQUIRED\ncontacts: {people}\nimported: 3 rows, 1 rejected\n");
    // Installed by `npm ci`, as `.ci/run` does; compiled here, so that its types are checked against it.
    let typescript = "cd \"$1\" && node_modules/.bin/tsc && node dist/example.js";
    let script = |name: &str| vec![clients.join(name).display().to_string()];
    let compiled = vec!["-c".to_owned(), typescript.to_owned(), "sh".to_owned(), script("typescript").remove(0)];
    for (program, file, arguments) in [
        ("python3", "python/example.py", script("python/example.py")),
        ("sh", "curl/example.sh", script("curl/example.sh")),
        ("sh", "typescript/src/example.ts", compiled),
    ] {
        if file.starts_with("typescript")
            && std::env::var_os("CI").is_none()
            && !clients.join("typescript/node_modules").exists()
        {
            eprintln!("SKIPPED: {file} (run `npm ci` in examples/clients/typescript)");
            continue;
        }
        let ran = Command::new(program)
            .args(arguments)
            .env("GARANT_URL", format!("http://{}", demo.address))
            .env("GARANT_TOKEN", &token)
            .env("GARANT_PURPOSE", "sales")
            .output();
        let output = match ran {
            Err(error) if std::env::var_os("CI").is_none() => {
                eprintln!("SKIPPED: {file} needs {program} ({error})");
                continue;
            }
            ran => ran.expect(program),
        };
        let told = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(output.status.success(), "{file}: {told} {}", String::from_utf8_lossy(&output.stderr));
        let (purposes, rest) = told.split_once('\n').expect("lines");
        assert!(purposes.starts_with("purposes: ") && purposes.contains("sales"), "{file}: {told}");
        assert_eq!(rest, expected, "{file}");
    }
    let collection = std::fs::read_to_string(clients.join("garant.postman_collection.json")).expect("the collection");
    let collection: serde_json::Value = serde_json::from_str(&collection).expect("JSON");
    let requests = collection["item"].as_array().expect("requests");
    let sent =
        requests.iter().filter_map(|item| Some((item["name"].as_str()?, item["request"]["body"]["raw"].as_str()?)));
    let mut answered = 0;
    for (name, text) in sent {
        let answer = send(&demo.address, "/graphql", &token, "sales", "application/json", text);
        assert!(answer.starts_with("HTTP/1.1 200") && body(&answer)["errors"].is_null(), "{name}: {answer}");
        answered += 1;
    }
    assert!(answered >= 6, "every request of the collection is sent");
}
