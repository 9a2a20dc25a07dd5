//! Signing in with a provider: a real one (npm's `oidc-provider`), run by the test, and a browser that goes back and
//! forth. Whatever is not as it should be gives no session.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use garant_testkit::{Actor, Answer, ApiConfig, OidcConfig, Setup, TestApp, instant, on_both_databases};
use reqwest::{Client, Url};
use serde_json::json;

const BASE: &str = "https://crm.example.org";

/// The provider; it ends with the test.
struct Provider {
    child: Child,
    issuer: String,
    /// Kept open: it ends where nobody listens to it.
    _output: BufReader<ChildStdout>,
}

impl Provider {
    /// `None` where its packages are not installed, but in CI.
    fn start() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc");
        if !folder.join("node_modules").exists() && std::env::var_os("CI").is_none() {
            eprintln!("skipped: run `npm ci --prefix tests/oidc` for a provider to sign in with");
            return None;
        }
        let mut command = Command::new("node");
        command.arg("provider.mjs").current_dir(folder);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("node");
        let mut issuer = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        output.read_line(&mut issuer).expect("a line");
        assert!(issuer.starts_with("http://"), "the provider did not start; is `npm ci --prefix tests/oidc` done?");
        Some(Self { child, issuer: issuer.trim().to_owned(), _output: output })
    }

    fn config(&self) -> OidcConfig {
        OidcConfig {
            id: "acme".to_owned(),
            label: "Acme".to_owned(),
            issuer: self.issuer.clone(),
            client_id: "garant".to_owned(),
            client_secret: Some("a secret of the tests".to_owned()),
            scopes: ["email", "profile"].map(str::to_owned).to_vec(),
            redirect_base: BASE.to_owned(),
            landing: Some("/".to_owned()),
            newcomers: None,
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server whose people sign in with this provider.
async fn server(app: &TestApp, oidc: OidcConfig) -> Actor {
    let api = ApiConfig { oidc: vec![oidc], ..Setup::default().api };
    app.nobody().on(&app.process(Setup { api, ..Setup::default() }).await)
}

/// A browser that has come back from the provider: what it asks for, and what it kept.
struct Back {
    path: String,
    kept: String,
}

/// Leaves for the provider as somebody, and comes back; `change` may change where the browser is sent.
async fn travel(server: &Actor, who: &str, change: impl Fn(&mut Url)) -> Back {
    let left = server.get("/auth/acme/start").await;
    assert_eq!(left.status, 303, "{}", left.text);
    let cookie = &left.headers["set-cookie"];
    assert!(cookie.contains("; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
    let kept = cookie.split(';').next().expect("a pair").to_owned();
    let mut url = Url::parse(&left.headers["location"]).expect("a URL");
    url.query_pairs_mut().append_pair("login_hint", who);
    change(&mut url);
    let browser = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a browser");
    let mut jar = BTreeMap::new();
    for _ in 0..10 {
        let cookies: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = browser.get(url.clone()).header("cookie", cookies.join("; ")).send().await.expect("an answer");
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().expect("text").split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a pair");
            jar.insert(name.to_owned(), value.to_owned());
        }
        let status = answer.status();
        let Some(location) = answer.headers().get("location").cloned() else {
            panic!("{status}: {}", answer.text().await.unwrap_or_default())
        };
        url = url.join(location.to_str().expect("text")).expect("a URL");
        if let Some(path) = url.as_str().strip_prefix(BASE) {
            return Back { path: path.to_owned(), kept };
        }
    }
    panic!("the provider does not send the browser back: {url}");
}

async fn comes(server: &Actor, back: &Back) -> Answer {
    server.with_header("cookie", &back.kept).get(&back.path).await
}

async fn signs_in(server: &Actor, who: &str) -> Answer {
    comes(server, &travel(server, who, |_| {}).await).await
}

/// The parameter of a path, changed.
fn with(path: &str, name: &str, value: &str) -> String {
    let mut url = Url::parse(&format!("{BASE}{path}")).expect("a URL");
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(pairs.iter().map(|(known, old)| (known, if known == name { value } else { old })));
    url.as_str().strip_prefix(BASE).expect("a path").to_owned()
}

async fn invite(app: &TestApp, email: &str) -> String {
    let input = json!({ "name": "Invited", "email": email, "role": "sales" });
    let query = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { userId } }";
    let invited = app.actor("dpo").await.send(query, json!({ "input": input })).await.ok();
    invited.data("/inviteUser/userId").as_str().expect("an id").to_owned()
}

on_both_databases! {
    async fn a_known_user_signs_in_and_the_log_in_is_theirs_from_then_on(app: TestApp) {
        let Some(provider) = Provider::start() else { return };
        let server = server(&app, provider.config()).await;
        let listed = server.get("/auth").await;
        assert_eq!(listed.data(""), &json!([{ "id": "acme", "label": "Acme", "path": "/auth/acme/start" }]));
        let ada = invite(&app, "ada@example.org").await;
        let answer = signs_in(&server, "ada").await;
        assert_eq!((answer.status, answer.headers.get("location").map(String::as_str)), (303, Some("/")), "{}", answer.text);
        let cookie = answer.headers["set-cookie"].clone();
        assert!(cookie.starts_with("__Host-garant=grs_") && cookie.contains("; Secure; HttpOnly; SameSite=Strict"), "{cookie}");
        let browser = server.with_header("cookie", cookie.split(';').next().expect("a pair"));
        let page = browser.with_header("host", "crm.example.org").with_header("origin", BASE);
        let viewer = page.query("{ viewer { id name role } }").await.ok();
        assert_eq!(viewer.data("/viewer"), &json!({ "id": ada, "name": "Invited", "role": "sales" }));
        let admin = app.actor("admin").await;
        assert_eq!(admin.query("{ accounts { state } }").await.ok().data("/accounts/0/state"), &json!("ACTIVE"));
        let dump = app.database.dump().await;
        assert!(!dump.contains("\"ada\"") && !dump.contains("'ada'"), "the provider's name of her is stored as a hash");

        // The provider gives her address to somebody else, who is not her.
        let heir = signs_in(&server, "heir").await;
        assert_eq!((heir.status, heir.code()), (403, "FORBIDDEN"), "{}", heir.text);
        assert_eq!(signs_in(&server, "ada").await.status, 303, "she is known by her log-in");
        admin.send("mutation($id: ID!) { deactivateUser(userId: $id) { state } }", json!({ "id": ada })).await.ok();
        let ended = signs_in(&server, "ada").await;
        assert_eq!((ended.status, ended.code()), (403, "FORBIDDEN"));
        assert!(!ended.headers["set-cookie"].contains("grs_"));
    }

    async fn who_is_unknown_or_not_verified_stays_out_unless_the_operator_lets_newcomers_in(app: TestApp) {
        let Some(provider) = Provider::start() else { return };
        let strict = server(&app, provider.config()).await;
        invite(&app, "bea@example.org").await;
        for (who, part) in [("bea", "no verified e-mail"), ("cid", "Nobody here is known"), ("eve", "Nobody here is known")] {
            let refused = signs_in(&strict, who).await;
            assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"), "{who}");
            assert!(refused.text.contains(part) && refused.error("/remedy").is_string(), "{}", refused.text);
            assert!(!refused.text.contains("example.org"), "{}", refused.text);
        }
        let roles = BTreeMap::from([("crm-sales".to_owned(), "sales".to_owned())]);
        let open = OidcConfig { newcomers: Some(("groups".to_owned(), roles)), ..provider.config() };
        let open = server(&app, open).await;
        for who in ["bea", "eve"] {
            assert_eq!(signs_in(&open, who).await.status, 403, "{who}");
        }
        for _ in 0..2 {
            assert_eq!(signs_in(&open, "cid").await.status, 303);
        }
        let accounts = app.actor("admin").await.query("{ accounts { name email role state } }").await.ok();
        let cid = json!({ "name": "Cid Newcomer", "email": "cid@example.org", "role": "sales", "state": "ACTIVE" });
        assert_eq!(accounts.data("/accounts/1"), &cid, "{}", accounts.text);
        assert_eq!(accounts.data("/accounts/2"), &json!(null), "once");
    }

    async fn whatever_is_not_as_it_should_be_gives_no_session(app: TestApp) {
        let Some(provider) = Provider::start() else { return };
        let server = server(&app, provider.config()).await;
        invite(&app, "ada@example.org").await;
        let refused = async |back: &Back, part: &str| {
            let answer = comes(&server, back).await;
            assert_eq!((answer.status, answer.code()), (401, "UNAUTHENTICATED"), "{part}: {}", answer.text);
            assert!(answer.text.contains(part), "{part}: {}", answer.text);
            assert!(!answer.headers["set-cookie"].contains("grs_") && answer.headers["set-cookie"].contains("Max-Age=0"));
        };
        let straight = || travel(&server, "ada", |_| {});
        let back = straight().await;
        refused(&Back { kept: "a=b".to_owned(), path: back.path.clone() }, "not begun by this browser").await;
        let other = straight().await;
        refused(&Back { kept: other.kept.clone(), path: back.path.clone() }, "another one than this browser began").await;
        let forged = Back { path: with(&back.path, "state", "x"), kept: back.kept.clone() };
        refused(&forged, "another one than this browser began").await;
        let mixed = Back { path: with(&back.path, "iss", "https://evil.example"), kept: back.kept.clone() };
        refused(&mixed, "Another provider").await;
        let made_up = Back { path: with(&back.path, "code", "made-up"), kept: back.kept.clone() };
        refused(&made_up, "did not take the code").await;
        // A code that was given to another browser does not fit what this one proves.
        let code = |path: &str| {
            let url = Url::parse(&format!("{BASE}{path}")).expect("a URL");
            url.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned()
        };
        refused(&Back { path: with(&back.path, "code", &code(&other.path)), kept: back.kept.clone() }, "did not take the code").await;
        assert_eq!(comes(&server, &back).await.status, 303, "the very same, unchanged");
        refused(&back, "did not take the code").await;

        let nonce = travel(&server, "ada", |url| {
            let path = with(&format!("/?{}", url.query().unwrap_or_default()), "nonce", "another");
            url.set_query(path.split_once('?').map(|(_, query)| query));
        });
        refused(&nonce.await, "does not hold").await;
        let late = straight().await;
        app.clock.set(instant("2026-05-01T10:10:01Z"));
        refused(&late, "too long ago").await;
        // Long after the ID token has ended, by our clock.
        app.clock.set(instant("2036-05-01T10:00:00Z"));
        refused(&straight().await, "does not hold").await;

        let unknown = server.get("/auth/elsewhere/start").await;
        assert_eq!((unknown.status, unknown.code()), (404, "NOT_FOUND"));
    }

    async fn a_provider_that_calls_itself_otherwise_is_not_asked(app: TestApp) {
        let Some(provider) = Provider::start() else { return };
        let issuer = provider.issuer.replace("127.0.0.1", "localhost");
        let server = server(&app, OidcConfig { issuer, ..provider.config() }).await;
        let refused = server.get("/auth/acme/start").await;
        assert_eq!((refused.status, refused.code()), (401, "UNAUTHENTICATED"), "{}", refused.text);
        assert!(refused.text.contains("is not who it should be"), "{}", refused.text);
    }
}
