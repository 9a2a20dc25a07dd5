//! Who gave or took access is written down with it and never changed; a user gets another address to sign in with,
//! and is erased with all that tells who they were.

use garant_domain::value::Value;
use garant_testkit::{Actor, Answer, TestApp, on_both_databases};
use serde_json::{Value as Json, json};

const PASSWORD: &str = "correct horse battery";

async fn invite(admin: &Actor, email: &str) -> (String, Json) {
    let query = "mutation($email: String!) { inviteUser(input: {name: \"Ada Lovelace\", email: $email, role: \"sales\"}) { userId token } }";
    let invited = admin.send(query, json!({ "email": email })).await.ok();
    (invited.data("/inviteUser/userId").as_str().expect("an id").to_owned(), invited.data("/inviteUser/token").clone())
}

async fn accept(app: &TestApp, ticket: &Json) -> Answer {
    let query = "mutation($token: String!, $password: String!) { acceptInvitation(token: $token, password: $password) { token } }";
    app.nobody().send(query, json!({ "token": ticket, "password": PASSWORD })).await
}

async fn sign_in(app: &TestApp, email: &str) -> Answer {
    let query =
        "mutation($email: String!, $password: String!) { signIn(email: $email, password: $password) { token } }";
    app.nobody().send(query, json!({ "email": email, "password": PASSWORD })).await
}

const HISTORY: &str = "query($first: Int, $before: ID, $user: ID) {
    accessHistory(first: $first, before: $before, userId: $user) { id actor act userId role before after } }";

on_both_databases! {
    async fn every_change_of_access_is_told_with_who_did_it(app: TestApp) {
        let admin = app.actor("dpo").await;
        let who = admin.query("{ viewer { id } }").await.ok().data("/viewer/id").clone();
        let (id, _) = invite(&admin, "ada@example.org").await;
        let again = "mutation { inviteUser(input: {name: \"Eve\", email: \"ada@example.org\", role: \"sales\"}) { userId } }";
        assert_eq!(admin.query(again).await.code(), "CONFLICT");
        for command in [
            "setUserRole(userId: $id, role: \"marketing\") { role }",
            "deactivateUser(userId: $id) { state }",
            "reactivateUser(userId: $id) { state }",
            "changeUserEmail(userId: $id, email: \"lovelace@example.org\") { userId }",
        ] {
            admin.send(&format!("mutation($id: ID!) {{ {command} }}"), json!({ "id": id })).await.ok();
        }
        let set = "mutation($version: Int!) { setRole(input: {key: \"sales\", label: \"Sales\", records: [{entity: \"*\", read: \"all\"}]}, expectedVersion: $version) { version } }";
        admin.send(set, json!({ "version": 0 })).await.ok();
        assert_eq!(admin.send(set, json!({ "version": 0 })).await.code(), "CONFLICT", "what is refused is not told");
        let told = admin.send(HISTORY, json!({})).await.ok();
        let acts = told.texts("/accessHistory", "/act");
        assert_eq!(acts, ["role_defined", "email_changed", "reactivated", "deactivated", "role_given", "invited"]);
        assert!(told.data("/accessHistory").as_array().into_iter().flatten().all(|line| line["actor"] == who));
        let given = told.data("/accessHistory/4");
        assert_eq!((&given["userId"], &given["before"], &given["after"]), (&json!(id), &json!("sales"), &json!("marketing")));
        let defined = told.data("/accessHistory/0");
        let after: Json = serde_json::from_str(defined["after"].as_str().expect("JSON")).expect("JSON");
        assert_eq!((&defined["role"], &after["records"]["*"]["acts"]), (&json!("sales"), &json!({ "read": "all" })));
        assert!(defined["before"].as_str().is_some_and(|before| before.contains("\"merge\"")), "{defined}");
        assert!(!told.text.contains("example.org") && !told.text.contains("Lovelace"), "{}", told.text);

        let two = admin.send(HISTORY, json!({ "first": 2, "user": id })).await.ok();
        assert_eq!(two.texts("/accessHistory", "/act"), ["email_changed", "reactivated"]);
        let next = admin.send(HISTORY, json!({ "first": 2, "user": id, "before": two.data("/accessHistory/1/id") })).await.ok();
        assert_eq!(next.texts("/accessHistory", "/act"), ["deactivated", "role_given"]);
        assert_eq!(admin.send(HISTORY, json!({ "first": 501 })).await.error("/field"), &json!("first"));
        assert_eq!(app.actor("sales").await.send(HISTORY, json!({})).await.code(), "FORBIDDEN");
    }

    async fn a_user_signs_in_with_another_address_from_then_on(app: TestApp) {
        let admin = app.actor("admin").await;
        let (id, ticket) = invite(&admin, "ada@example.org").await;
        accept(&app, &ticket).await.ok();
        let (bob, invitation) = invite(&admin, "bob@example.org").await;
        let change = "mutation($id: ID!, $email: String!) { changeUserEmail(userId: $id, email: $email) { userId } }";
        for (email, code) in [("nonsense", "BAD_USER_INPUT"), ("Bob@example.org", "CONFLICT")] {
            let refused = admin.send(change, json!({ "id": id, "email": email })).await;
            assert_eq!((refused.code(), refused.error("/field")), (code, &json!("email")));
        }
        admin.send(change, json!({ "id": id, "email": " Lovelace@Example.org" })).await.ok();
        assert_eq!(sign_in(&app, "ada@example.org").await.code(), "UNAUTHENTICATED");
        sign_in(&app, "lovelace@example.org").await.ok();
        let user = admin.send("query($id: ID!) { user(id: $id) { email version } }", json!({ "id": id })).await.ok();
        assert_eq!(user.data("/user/email"), &json!("lovelace@example.org"));
        admin.send(change, json!({ "id": bob, "email": "robert@example.org" })).await.ok();
        assert_eq!(accept(&app, &invitation).await.code(), "NOT_FOUND", "it went to the wrong address");
        let dpo = app.actor("dpo").await;
        let boss = dpo.query("mutation { inviteUser(input: {name: \"Boss\", email: \"boss@example.org\", role: \"dpo\"}) { userId } }").await.ok();
        let refused = admin.send(change, json!({ "id": boss.data("/inviteUser/userId"), "email": "mine@example.org" })).await;
        assert_eq!(refused.code(), "FORBIDDEN");
    }

    async fn an_erased_user_leaves_an_id_that_leads_to_nobody(app: TestApp) {
        let admin = app.actor("admin").await;
        let (id, ticket) = invite(&admin, "ada@example.org").await;
        let ada = accept(&app, &ticket).await.ok();
        let ada = app.bearer(ada.data("/acceptInvitation/token").as_str().expect("a token"));
        ada.query("mutation { beginTotp { secret } }").await.ok();
        let company = app.create("company", &[("name", Value::text("Fabrik")), ("owner_id", Value::text(id.clone()))]).await;
        let erase = "mutation($id: ID!) { eraseUser(userId: $id) }";
        let oneself = admin.query("mutation { inviteUser(input: {name: \"Root\", email: \"root@example.org\", role: \"admin\"}) { userId token } }").await.ok();
        let root = accept(&app, oneself.data("/inviteUser/token")).await.ok();
        let root = app.bearer(root.data("/acceptInvitation/token").as_str().expect("a token"));
        assert_eq!(root.send(erase, json!({ "id": oneself.data("/inviteUser/userId") })).await.code(), "FORBIDDEN");
        root.send(erase, json!({ "id": id })).await.ok();
        assert_eq!(ada.query("{ viewer { id } }").await.code(), "UNAUTHENTICATED");
        assert_eq!(sign_in(&app, "ada@example.org").await.code(), "UNAUTHENTICATED");
        let dump = app.database.dump().await;
        assert!(!dump.contains("Lovelace") && !dump.contains("ada@example.org"), "nothing tells who it was");
        let read = "query($id: ID!) { company(id: $id) { name ownerId owner { name } } }";
        let kept = root.send(read, json!({ "id": company })).await.ok();
        assert_eq!(kept.data("/company"), &json!({ "name": "Fabrik", "ownerId": null, "owner": null }));
        assert_eq!(root.send(erase, json!({ "id": id })).await.code(), "NOT_FOUND");
        let told = root.send(HISTORY, json!({ "user": id })).await.ok();
        assert_eq!(told.texts("/accessHistory", "/act"), ["erased", "invited"]);
        // The address is free again.
        invite(&admin, "ada@example.org").await;
    }
}
