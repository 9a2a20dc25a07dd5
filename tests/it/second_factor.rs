//! A second factor is turned on and off by its user, asked for at each door that gives a session, taken away by an
//! administrator, and needed where the operator says so.

use garant_testkit::{Actor, Answer, PeopleConfig, Setup, TENANT, TestApp, instant, on_both_databases};
use serde_json::{Value as Json, json};
use totp_rs::TOTP;

const PASSWORD: &str = "correct horse battery";
const SIGN_IN: &str = "mutation($password: String!, $code: String) {
    signIn(email: \"ada@example.org\", password: $password, code: $code) { token } }";
const CONFIRM: &str = "mutation($code: String!) { confirmTotp(code: $code) { recoveryCodes } }";
const DISABLE: &str = "mutation($password: String!, $code: String!) { disableTotp(password: $password, code: $code) }";

/// Ada, who signs in.
struct Ada<'a> {
    app: &'a TestApp,
    id: String,
    session: Actor,
}

impl<'a> Ada<'a> {
    async fn invited(app: &'a TestApp, role: &str) -> Self {
        let input = json!({ "name": "Ada", "email": "ada@example.org", "role": role });
        let query = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { userId token } }";
        let invited = app.actor("dpo").await.send(query, json!({ "input": input })).await.ok();
        let accept = "mutation($token: String!, $password: String!) { acceptInvitation(token: $token, password: $password) { token } }";
        let token = invited.data("/inviteUser/token");
        let accepted = app.nobody().send(accept, json!({ "token": token, "password": PASSWORD })).await.ok();
        let session = app.bearer(accepted.data("/acceptInvitation/token").as_str().expect("a token"));
        Self { app, id: invited.data("/inviteUser/userId").as_str().expect("an id").to_owned(), session }
    }

    async fn signs_in(&self, code: Option<&str>) -> Answer {
        self.app.nobody().send(SIGN_IN, json!({ "password": PASSWORD, "code": code })).await
    }

    /// Turns the second factor on; answers her authenticator and the recovery codes.
    async fn enrols(&self) -> (TOTP, Vec<String>) {
        let begun = self.session.query("mutation { beginTotp { secret uri } }").await.ok();
        let uri = begun.data("/beginTotp/uri").as_str().expect("a URI");
        let authenticator = TOTP::from_url(uri).expect("an authenticator takes it");
        assert_eq!(begun.data("/beginTotp/secret"), &json!(authenticator.get_secret_base32()));
        let confirmed = self.session.send(CONFIRM, json!({ "code": self.shown(&authenticator) })).await.ok();
        (authenticator, confirmed.texts("/confirmTotp/recoveryCodes", ""))
    }

    /// What the authenticator shows now.
    fn shown(&self, authenticator: &TOTP) -> String {
        let now = self.app.service.clock().now() / 1_000_000;
        authenticator.generate(u64::try_from(now).expect("a second"))
    }
}

/// Code and field of a refusal.
fn refusal(answer: &Answer) -> (&str, &Json) {
    (answer.code(), answer.error("/field"))
}

on_both_databases! {
    async fn a_code_is_asked_for_once_it_was_shown_and_counts_once(app: TestApp) {
        let ada = Ada::invited(&app, "sales").await;
        assert_eq!(ada.session.send(CONFIRM, json!({ "code": "123456" })).await.code(), "CONFLICT", "none was begun");
        ada.session.query("mutation { beginTotp { secret } }").await.ok();
        let wrong = ada.session.send(CONFIRM, json!({ "code": "no code" })).await;
        assert_eq!(refusal(&wrong), ("BAD_USER_INPUT", &json!("code")));
        ada.signs_in(None).await.ok();
        let (authenticator, recovery) = ada.enrols().await;
        assert_eq!(recovery.len(), 10);
        assert_eq!(ada.session.query("mutation { beginTotp { secret } }").await.code(), "CONFLICT", "it is on");
        let dump = app.database.dump().await;
        assert!(!dump.contains(&authenticator.get_secret_base32()) && recovery.iter().all(|code| !dump.contains(code.as_str())));

        let missing = ada.signs_in(None).await;
        assert_eq!(refusal(&missing), ("UNAUTHENTICATED", &json!("code")));
        assert!(missing.error("/remedy").as_str().is_some_and(|text| text.contains("six digits")), "{}", missing.text);
        let wrong = app.nobody().send(SIGN_IN, json!({ "password": "wrong horse battery", "code": null })).await;
        assert_eq!(refusal(&wrong), ("UNAUTHENTICATED", &Json::Null), "a wrong password tells nothing of a code");
        assert_eq!(refusal(&ada.signs_in(Some(&ada.shown(&authenticator))).await), ("UNAUTHENTICATED", &json!("code")), "it turned the factor on");
        app.clock.set(instant("2026-05-01T10:00:31Z"));
        let code = ada.shown(&authenticator);
        ada.signs_in(Some(&format!(" {} {} ", &code[..3], &code[3..]))).await.ok();
        assert_eq!(refusal(&ada.signs_in(Some(&code)).await), ("UNAUTHENTICATED", &json!("code")), "nor twice");
        app.clock.set(instant("2026-05-01T10:02:00Z"));
        let early = authenticator.generate(1_777_629_750);
        ada.signs_in(Some(&early)).await.ok();
        assert_eq!(ada.signs_in(Some(&ada.shown(&authenticator))).await.code(), "UNAUTHENTICATED", "an older one than was taken");
    }

    async fn a_recovery_code_stands_in_once_and_guessing_is_slowed_down(app: TestApp) {
        let ada = Ada::invited(&app, "sales").await;
        let (authenticator, recovery) = ada.enrols().await;
        ada.signs_in(Some(&recovery[3].to_uppercase())).await.ok();
        assert_eq!(ada.signs_in(Some(&recovery[3])).await.code(), "UNAUTHENTICATED", "each once");
        ada.signs_in(Some(&recovery[4].replace('-', " "))).await.ok();
        for _ in 0..5 {
            assert_eq!(refusal(&ada.signs_in(Some("000000")).await).1, &json!("code"));
        }
        app.clock.set(instant("2026-05-01T10:00:10Z"));
        assert_eq!(ada.signs_in(Some(&recovery[5])).await.code(), "RATE_LIMITED", "even the right one");
        app.clock.set(instant("2026-05-01T10:10:00Z"));
        ada.signs_in(Some(&ada.shown(&authenticator))).await.ok();
    }

    async fn it_is_turned_off_with_both_factors_and_taken_away_by_an_administrator(app: TestApp) {
        let ada = Ada::invited(&app, "sales").await;
        let (authenticator, _) = ada.enrols().await;
        app.clock.set(instant("2026-05-01T10:01:00Z"));
        let code = ada.shown(&authenticator);
        let off = |password: &'static str, code: &str| {
            let (session, variables) = (ada.session.clone(), json!({ "password": password, "code": code }));
            async move { session.send(DISABLE, variables).await }
        };
        assert_eq!(refusal(&off("wrong horse battery", &code).await), ("BAD_USER_INPUT", &json!("password")));
        assert_eq!(refusal(&off(PASSWORD, "000000").await), ("BAD_USER_INPUT", &json!("code")));
        off(PASSWORD, &code).await.ok();
        assert_eq!(off(PASSWORD, &code).await.code(), "CONFLICT");
        ada.signs_in(None).await.ok();

        ada.enrols().await;
        // A new password from an administrator is no way around it.
        let admin = app.actor("admin").await;
        let reset = "mutation($id: ID!) { createPasswordReset(userId: $id) { token } }";
        let ticket = admin.send(reset, json!({ "id": ada.id })).await.ok().data("/createPasswordReset/token").clone();
        let set = "mutation($token: String!) { resetPassword(token: $token, password: \"another long phrase\") { userId } }";
        assert_eq!(refusal(&app.nobody().send(set, json!({ "token": ticket })).await), ("UNAUTHENTICATED", &json!("code")));
        let take = "mutation($id: ID!) { resetTotp(userId: $id) { totp } }";
        assert_eq!(admin.query("{ accounts { totp } }").await.ok().data("/accounts/0/totp"), &json!(true));
        assert_eq!(ada.session.send(take, json!({ "id": ada.id })).await.code(), "FORBIDDEN");
        assert_eq!(admin.send(take, json!({ "id": ada.id })).await.ok().data("/resetTotp/totp"), &json!(false));
        assert_eq!(admin.send(take, json!({ "id": ada.id })).await.code(), "CONFLICT");
        app.nobody().send(set, json!({ "token": ticket })).await.ok();
    }

    async fn a_role_that_needs_one_does_nothing_before_it_is_on(app: TestApp) {
        let ada = Ada::invited(&app, "sales").await;
        let people = PeopleConfig { second_factor_roles: vec!["sales".to_owned()], ..PeopleConfig::default() };
        let strict = app.process(Setup { people, ..Setup::default() }).await;
        let session = ada.session.on(&strict);
        app.contact("Zola", &[]).await;
        let asks = session.for_purpose("sales");
        for query in ["{ contacts { totalCount } }", "{ companies { totalCount } }", "{ jobs { id } }", "{ timeline(entity: \"company\", id: \"x\") { __typename } }"] {
            let refused = asks.query(query).await;
            assert_eq!(refused.code(), "FORBIDDEN", "{query}: {}", refused.text);
        }
        let told = asks.query("{ contacts { totalCount } }").await;
        assert!(told.error("/remedy").as_str().is_some_and(|text| text.contains("beginTotp")), "{}", told.text);
        assert_eq!(session.query("{ viewer { role duties purposes { key } } }").await.ok().data("/viewer"), &json!({ "role": "sales", "duties": [], "purposes": [] }));
        let client = app.actor("sales").await.on(&strict);
        client.for_purpose("sales").query("{ contacts { totalCount } }").await.ok();

        Ada { app: &app, id: ada.id, session: session.clone() }.enrols().await;
        asks.query("{ contacts { totalCount } }").await.ok();
        assert!(app.store.totp(TENANT, "nobody").await.expect("read").is_none());
    }
}
