//! People sign in, are invited, and lose access; keys of clients are narrowed, rotated and revoked.

use garant_testkit::{Actor, Answer, TestApp, instant, on_both_databases};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "correct horse battery";

const INVITE: &str = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { userId token expiresAt } }";
const ACCEPT: &str = "mutation($token: String!, $password: String!) {
    acceptInvitation(token: $token, password: $password) { token userId } }";
const SIGN_IN: &str = "mutation($email: String!, $password: String!) {
    signIn(email: $email, password: $password) { token userId expiresAt } }";

/// Invites somebody; answers the user's id and the invitation.
async fn invite(admin: &Actor, email: &str, role: &str) -> (String, String) {
    let input = json!({ "name": "Ada Lovelace", "email": email, "role": role });
    let invited = admin.send(INVITE, json!({ "input": input })).await.ok();
    let text = |pointer: &str| invited.data(pointer).as_str().expect("a text").to_owned();
    (text("/inviteUser/userId"), text("/inviteUser/token"))
}

/// Invites somebody who accepts; answers the user's id and a session.
async fn user(app: &TestApp, email: &str, role: &str) -> (String, Actor) {
    let (id, invitation) = invite(&app.actor("dpo").await, email, role).await;
    let accepted = app.nobody().send(ACCEPT, json!({ "token": invitation, "password": PASSWORD })).await.ok();
    (id, app.bearer(accepted.data("/acceptInvitation/token").as_str().expect("a token")))
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Answer {
    app.nobody().send(SIGN_IN, json!({ "email": email, "password": password })).await
}

fn token(answer: &Answer) -> String {
    answer.data("/signIn/token").as_str().unwrap_or_else(|| panic!("no session: {}", answer.text)).to_owned()
}

async fn is_in(actor: &Actor) -> bool {
    actor.query("{ viewer { role } }").await.code() != "UNAUTHENTICATED"
}

on_both_databases! {
    async fn an_invited_user_signs_in_and_out(app: TestApp) {
        let admin = app.actor("admin").await;
        let (id, invitation) = invite(&admin, "Ada@Example.org", "sales").await;
        let again = json!({ "name": "Ada", "email": "ada@example.org", "role": "sales" });
        let again = admin.send(INVITE, json!({ "input": again })).await;
        assert_eq!((again.code(), again.error("/field")), ("CONFLICT", &json!("input.email")));
        assert_eq!(sign_in(&app, "ada@example.org", PASSWORD).await.code(), "UNAUTHENTICATED", "no password yet");
        let weak = app.nobody().send(ACCEPT, json!({ "token": invitation, "password": "short" })).await;
        assert_eq!((weak.code(), weak.error("/field")), ("BAD_USER_INPUT", &json!("password")));
        let accept = json!({ "token": invitation, "password": PASSWORD });
        app.nobody().send(ACCEPT, accept.clone()).await.ok();
        assert_eq!(app.nobody().send(ACCEPT, accept).await.code(), "NOT_FOUND", "an invitation is used once");

        let ada = app.bearer(&token(&sign_in(&app, " ada@EXAMPLE.org", PASSWORD).await));
        let viewer = ada.query("{ viewer { id name role } }").await.ok();
        assert_eq!(viewer.data("/viewer"), &json!({ "id": id, "name": "Ada Lovelace", "role": "sales" }));
        app.contact("Zola", &[]).await;
        let seen = ada.for_purpose("sales").query("{ contacts { nodes { lastName } } }").await.ok();
        assert_eq!(seen.texts("/contacts/nodes", "/lastName"), ["Zola"]);
        assert_eq!(ada.query("{ contacts { totalCount } }").await.code(), "PURPOSE_REQUIRED");
        let sessions = ada.query("{ sessions { current } }").await.ok();
        assert_eq!(sessions.data("/sessions").as_array().map(Vec::len), Some(2));

        let other = app.bearer(&token(&sign_in(&app, "ada@example.org", PASSWORD).await));
        ada.query("mutation { signOut }").await.ok();
        assert!(!is_in(&ada).await && is_in(&other).await);
        assert_eq!(other.query("mutation { signOutEverywhere }").await.ok().data("/signOutEverywhere"), &json!(2));
        assert!(!is_in(&other).await);
    }

    async fn who_guesses_learns_nothing_and_is_slowed_down(app: TestApp) {
        user(&app, "ada@example.org", "sales").await;
        let guess = |email: &'static str| {
            let app = &app;
            async move {
                let before = app.store.statements();
                let answer = sign_in(app, email, "wrong horse battery").await;
                (answer.text, app.store.statements() - before)
            }
        };
        guess("warm@example.org").await;
        let (known, unknown) = (guess("ada@example.org").await, guess("eve@example.org").await);
        assert_eq!(known, unknown, "in bytes and statements");
        assert!(!known.0.contains("ada"), "{}", known.0);
        for _ in 0..4 {
            guess("ada@example.org").await;
            guess("eve@example.org").await;
        }
        let slowed = sign_in(&app, "ada@example.org", PASSWORD).await;
        assert_eq!((slowed.code(), slowed.error("/retryAfterSeconds")), ("RATE_LIMITED", &json!(16)));
        assert_eq!(slowed.text, sign_in(&app, "eve@example.org", PASSWORD).await.text, "nor by being slowed down");
        assert_eq!(slowed.headers.get("retry-after").map(String::as_str), Some("16"));
        app.clock.set(instant("2026-05-01T10:00:17Z"));
        sign_in(&app, "ada@example.org", PASSWORD).await.ok();
        sign_in(&app, "ada@example.org", PASSWORD).await.ok();
    }

    async fn attempts_at_once_gain_nothing(app: TestApp) {
        user(&app, "ada@example.org", "sales").await;
        let guesses = (0..16).map(|_| sign_in(&app, "ada@example.org", "wrong horse battery"));
        let answers = futures::future::join_all(guesses).await;
        let tried = answers.iter().filter(|answer| answer.code() == "UNAUTHENTICATED").count();
        assert!(tried <= 6, "{tried} passwords were tried");
        assert!(answers.iter().all(|answer| ["UNAUTHENTICATED", "RATE_LIMITED"].contains(&answer.code())));
    }

    async fn sessions_end_by_themselves_and_with_the_access(app: TestApp) {
        let (id, ada) = user(&app, "ada@example.org", "sales").await;
        app.clock.set(instant("2026-05-01T21:59:00Z"));
        assert!(is_in(&ada).await);
        // The use is noted by the side.
        for _ in 0..100 {
            let seen = ada.query("{ sessions { seenAt } }").await.ok();
            if seen.data("/sessions/0/seenAt") == &json!("2026-05-01T21:59:00Z") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        app.clock.set(instant("2026-05-02T09:58:00Z"));
        assert!(is_in(&ada).await, "it was used meanwhile");
        app.clock.set(instant("2026-05-04T09:58:00Z"));
        assert!(!is_in(&ada).await, "idle for too long");
        let ada = app.bearer(&token(&sign_in(&app, "ada@example.org", PASSWORD).await));
        let admin = app.actor("admin").await;
        let role = "mutation($id: ID!, $role: String!) { setUserRole(userId: $id, role: $role) { role } }";
        admin.send(role, json!({ "id": id, "role": "marketing" })).await.ok();
        assert_eq!(ada.query("{ viewer { role } }").await.ok().data("/viewer/role"), &json!("marketing"));
        let end = "mutation($id: ID!) { deactivateUser(userId: $id) { state } }";
        assert_eq!(admin.send(end, json!({ "id": id })).await.ok().data("/deactivateUser/state"), &json!("DEACTIVATED"));
        assert!(!is_in(&ada).await);
        assert_eq!(sign_in(&app, "ada@example.org", PASSWORD).await.code(), "UNAUTHENTICATED");
        let accounts = admin.query("{ accounts { email state role } }").await.ok();
        assert_eq!(accounts.data("/accounts/0"), &json!({ "email": "ada@example.org", "state": "DEACTIVATED", "role": "marketing" }));
        admin.send("mutation($id: ID!) { reactivateUser(userId: $id) { state } }", json!({ "id": id })).await.ok();
        assert!(!is_in(&ada).await, "its sessions are over for good");
    }

    async fn passwords_are_changed_and_reset(app: TestApp) {
        let (id, ada) = user(&app, "ada@example.org", "sales").await;
        let other = app.bearer(&token(&sign_in(&app, "ada@example.org", PASSWORD).await));
        let change = "mutation($a: String!, $b: String!) { changePassword(current: $a, new: $b) }";
        let wrong = ada.send(change, json!({ "a": "wrong horse battery", "b": "another long phrase" })).await;
        assert_eq!((wrong.code(), wrong.error("/field")), ("BAD_USER_INPUT", &json!("current")));
        ada.send(change, json!({ "a": PASSWORD, "b": "another long phrase" })).await.ok();
        assert!(is_in(&ada).await && !is_in(&other).await, "the other sessions end");
        let reset = "mutation($id: ID!) { createPasswordReset(userId: $id) { token } }";
        let admin = app.actor("admin").await;
        let ticket = admin.send(reset, json!({ "id": id })).await.ok().data("/createPasswordReset/token").clone();
        let newer = admin.send(reset, json!({ "id": id })).await.ok().data("/createPasswordReset/token").clone();
        let set = |ticket: &Json| {
            let variables = json!({ "token": ticket, "password": "a third long phrase" });
            let nobody = app.nobody();
            async move {
                let query = "mutation($token: String!, $password: String!) { resetPassword(token: $token, password: $password) { userId } }";
                nobody.send(query, variables).await
            }
        };
        assert_eq!(set(&ticket).await.code(), "NOT_FOUND", "the newer one took its place");
        app.clock.set(instant("2026-05-04T10:00:01Z"));
        assert_eq!(set(&newer).await.code(), "NOT_FOUND", "it is over");
        let newest = admin.send(reset, json!({ "id": id })).await.ok().data("/createPasswordReset/token").clone();
        set(&newest).await.ok();
        assert!(!is_in(&ada).await);
        assert_eq!(sign_in(&app, "ada@example.org", "another long phrase").await.code(), "UNAUTHENTICATED");
        sign_in(&app, "ada@example.org", "a third long phrase").await.ok();
    }

    async fn a_browser_is_known_by_a_cookie_that_other_sites_cannot_use(app: TestApp) {
        user(&app, "ada@example.org", "sales").await;
        let query = format!("mutation {{ signIn(email: \"ada@example.org\", password: \"{PASSWORD}\", cookie: true) {{ token }} }}");
        let begun = app.nobody().query(&query).await.ok();
        assert_eq!(begun.data("/signIn/token"), &Json::Null);
        let cookie = begun.headers.get("set-cookie").expect("a cookie").clone();
        assert!(cookie.starts_with("__Host-garant=grs_"), "{cookie}");
        for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict", "; Max-Age=1209600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let pair = cookie.split(';').next().expect("a pair");
        let browser = app.nobody().with_header("cookie", pair).with_header("host", "crm.example");
        let ours = browser.with_header("origin", "https://crm.example").with_header("sec-fetch-site", "same-origin");
        assert_eq!(ours.query("{ viewer { role } }").await.ok().data("/viewer/role"), &json!("sales"));
        let foreign = browser.with_header("origin", "https://evil.example").query("{ viewer { role } }").await;
        assert_eq!((foreign.status, foreign.code(), foreign.error("/field")), (403, "FORBIDDEN", &json!("Origin")));
        assert_eq!(browser.query("{ viewer { role } }").await.status, 403, "nor without an origin");
        let out = ours.query("mutation { signOut }").await.ok();
        assert!(out.headers.get("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")));
        assert_eq!(ours.query("{ viewer { role } }").await.status, 401);
    }

    async fn nobody_gives_what_they_may_not_do(app: TestApp) {
        let admin = app.actor("admin").await;
        let invited = |role: &str| json!({ "input": { "name": "Eve", "email": format!("{role}@example.org"), "role": role } });
        for role in ["dpo", "controller"] {
            let refused = admin.send(INVITE, invited(role)).await;
            assert_eq!((refused.code(), refused.error("/field")), ("FORBIDDEN", &json!("input.role")), "{role}");
        }
        let (dpo, _) = user(&app, "dpo@example.org", "dpo").await;
        for command in ["deactivateUser(userId: $id) { state }", "createPasswordReset(userId: $id) { token }", "setUserRole(userId: $id, role: \"sales\") { role }"] {
            let refused = admin.send(&format!("mutation($id: ID!) {{ {command} }}"), json!({ "id": dpo })).await;
            assert_eq!(refused.code(), "FORBIDDEN", "{command}");
        }
        let key = "mutation { createApiKey(input: {name: \"x\", role: \"dpo\"}) { secret } }";
        assert_eq!(admin.query(key).await.code(), "FORBIDDEN");
        let (own, session) = user(&app, "root@example.org", "admin").await;
        let oneself = session.send("mutation($id: ID!) { deactivateUser(userId: $id) { state } }", json!({ "id": own })).await;
        assert_eq!(oneself.code(), "FORBIDDEN");
        let sales = app.actor("sales").await;
        for query in ["{ accounts { userId } }", "{ apiKeys { id } }"] {
            assert_eq!(sales.query(query).await.code(), "FORBIDDEN", "{query}");
        }
        assert_eq!(sales.send(INVITE, invited("sales")).await.code(), "FORBIDDEN");
        let direct = sales.query("mutation { createUser(input: {name: \"Eve\"}) { id } }").await;
        assert_eq!(direct.code(), "FORBIDDEN");
    }

    async fn a_key_is_narrowed_rotated_and_revoked(app: TestApp) {
        let admin = app.actor("dpo").await;
        let recipient = app.create("recipient", &[
            ("name", garant_domain::value::Value::text("Postwerk")),
            ("role", garant_domain::value::Value::text("processor")),
            ("country", garant_domain::value::Value::text("DE")),
        ]).await;
        let create = "mutation($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id prefix purposes usedAt } } }";
        let input = json!({ "name": "mailer", "role": "marketing", "purposes": ["marketing"], "recipient": recipient, "expiresAt": "2026-06-01T00:00:00Z" });
        let made = admin.send(create, json!({ "input": input })).await.ok();
        let (id, secret) = (made.data("/createApiKey/apiKey/id").clone(), made.data("/createApiKey/secret").as_str().expect("a secret").to_owned());
        assert!(secret.starts_with(made.data("/createApiKey/apiKey/prefix").as_str().expect("a prefix")));
        let mailer = app.bearer(&secret);
        let viewer = mailer.query("{ viewer { purposes { key } } }").await.ok();
        assert_eq!(viewer.texts("/viewer/purposes", "/key"), ["marketing"], "marketing.communications.email is not the key's");
        let query = "{ contacts { totalCount } }";
        let beyond = mailer.for_purpose("marketing.communications.email").query(query).await;
        assert_eq!((beyond.code(), beyond.error("/purposes")), ("FORBIDDEN", &json!(["marketing"])));
        let list = admin.query("{ apiKeys { id secret: prefix recipient } }").await.ok();
        assert!(!list.text.contains(&secret));

        let rotate = "mutation($id: ID!, $hours: Int) { rotateApiKey(id: $id, overlapHours: $hours) { secret apiKey { id expiresAt } } }";
        let rotated = admin.send(rotate, json!({ "id": id, "hours": 2 })).await.ok();
        let newer = app.bearer(rotated.data("/rotateApiKey/secret").as_str().expect("a secret"));
        assert!(is_in(&mailer).await && is_in(&newer).await, "both for the overlap");
        assert_eq!(admin.send(rotate, json!({ "id": id })).await.code(), "CONFLICT");
        app.clock.set(instant("2026-05-01T12:00:00Z"));
        assert!(!is_in(&mailer).await && is_in(&newer).await);
        assert_eq!(newer.query("{ viewer { purposes { key } } }").await.ok().texts("/viewer/purposes", "/key"), ["marketing"]);
        let revoke = "mutation($id: ID!) { revokeApiKey(id: $id) { revokedAt } }";
        admin.send(revoke, json!({ "id": rotated.data("/rotateApiKey/apiKey/id") })).await.ok();
        assert!(!is_in(&newer).await);

        for (input, field) in [
            (json!({ "name": " ", "role": "sales" }), "input.name"),
            (json!({ "name": "x", "role": "SALES" }), "input.role"),
            (json!({ "name": "x", "role": "sales", "country": "XX" }), "input.country"),
            (json!({ "name": "x", "role": "sales", "purposes": ["a b"] }), "input.purposes"),
            (json!({ "name": "x", "role": "sales", "purposes": ["sales"], "defaultPurpose": "marketing" }), "input.defaultPurpose"),
            (json!({ "name": "x", "role": "sales", "expiresAt": "2020-01-01T00:00:00Z" }), "input.expiresAt"),
        ] {
            let refused = admin.send(create, json!({ "input": input })).await;
            assert_eq!((refused.code(), refused.error("/field")), ("BAD_USER_INPUT", &json!(field)));
            assert!(refused.error("/remedy").is_string(), "{field}");
        }
        let nobody = json!({ "name": "x", "role": "sales", "recipient": "0190a5f0-0000-7000-8000-000000000000" });
        assert_eq!(admin.send(create, json!({ "input": nobody })).await.code(), "NOT_FOUND");
    }

    async fn who_owns_a_record_is_shown_to_those_who_work_here(app: TestApp) {
        let (id, ada) = user(&app, "ada@example.org", "sales").await;
        let create = "mutation($owner: ID) { createCompany(input: {name: \"Fabrik\", ownerId: $owner}) { owner { name email } } }";
        let made = ada.send(create, json!({ "owner": id })).await.ok();
        assert_eq!(made.data("/createCompany/owner"), &json!({ "name": "Ada Lovelace", "email": "ada@example.org" }));
        let dangling = ada.send(create, json!({ "owner": "0190a5f0-0000-7000-8000-000000000000" })).await;
        assert_eq!(dangling.code(), "NOT_FOUND");
        let recipient = app.create("recipient", &[
            ("name", garant_domain::value::Value::text("Elsewhere")),
            ("role", garant_domain::value::Value::text("processor")),
            ("country", garant_domain::value::Value::text("FR")),
        ]).await;
        let client = app.client("sales", Some(&recipient)).await;
        assert_eq!(client.query("{ users { nodes { name } } }").await.code(), "PURPOSE_REQUIRED", "not to a recipient");
        let filtered = client.query("{ companies(filter: {owner: {name: {eq: \"Ada Lovelace\"}}}) { totalCount } }").await;
        assert_ne!(filtered.data("/companies/totalCount"), &json!(1), "{}", filtered.text);
        // The e-mail is what a user signs in with: it is not edited by the side.
        let admin = app.actor("admin").await;
        let edit = "mutation($id: ID!) { updateUser(id: $id, input: {email: \"eve@example.org\"}) { id } }";
        assert_eq!(admin.send(edit, json!({ "id": id })).await.code(), "BAD_USER_INPUT");
        // Whose record is gone does not sign in.
        admin.send("mutation($id: ID!) { deleteUser(id: $id) { id } }", json!({ "id": id })).await.ok();
        assert!(!is_in(&ada).await);
    }
}
