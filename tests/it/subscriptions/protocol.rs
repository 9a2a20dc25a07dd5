//! Who may speak, and what is answered to what is no subscription.

use std::time::Duration;

use garant_testkit::{ApiConfig, Heard, Socket, listen, on_both_databases};
use serde_json::{Value as Json, json};

use super::{CHANGED, consenting, marketer};

const PROTOCOL: &str = "graphql-transport-ws";

/// How a connection ends after one message.
async fn ends(address: std::net::SocketAddr, headers: &[(&str, &str)], message: Json) -> Heard {
    let mut socket = Socket::open(address, PROTOCOL, headers).await.expect("a connection");
    socket.say(message).await;
    socket.hear().await
}

on_both_databases! {
    async fn nobody_subscribes_unknown(app: TestApp) {
        let address = listen(&app.router).await;
        assert_eq!(Socket::open(address, "graphql-ws", &[]).await.err(), Some(400), "the older protocol is not spoken");
        let init = |payload: Json| json!({ "type": "connection_init", "payload": payload });
        assert_eq!(ends(address, &[], init(json!({}))).await.code(), 4401);
        assert_eq!(ends(address, &[], init(json!({ "authorization": "Bearer grt_nonsense" }))).await.code(), 4401);
        let subscribe = json!({ "type": "subscribe", "id": "1", "payload": { "query": CHANGED } });
        assert_eq!(ends(address, &[], subscribe).await.code(), 4401);
        assert_eq!(ends(address, &[], json!({ "type": "start" })).await.code(), 4400);
        assert_eq!(ends(address, &[], json!("hello")).await.code(), 4400);
        let marketer = marketer(&app).await;
        let mut wrong = marketer.payload();
        wrong["Purpose"] = json!("a,,b");
        assert_eq!(ends(address, &[], init(wrong)).await.code(), 4400);

        let mut socket = Socket::of(address, &marketer).await;
        socket.say(init(marketer.payload())).await;
        assert_eq!(socket.hear().await.code(), 4429);
        let mut limits = ApiConfig::default();
        limits.subscriptions.init = Duration::from_millis(300);
        let hasty = listen(&app.with_limits(limits)).await;
        let mut silent = Socket::open(hasty, PROTOCOL, &[]).await.expect("a connection");
        assert_eq!(silent.hear().await.code(), 4408);
    }

    async fn a_cookie_counts_only_with_a_page_of_ours(app: TestApp) {
        const PASSWORD: &str = "correct horse battery staple";
        let invite = "mutation { inviteUser(input: {name: \"Ada\", email: \"ada@example.org\", role: \"sales\"}) { token } }";
        let invited = app.actor("admin").await.query(invite).await.ok();
        let accept = format!("mutation($token: String!) {{ acceptInvitation(token: $token, password: \"{PASSWORD}\") {{ token }} }}");
        app.nobody().send(&accept, json!({ "token": invited.data("/inviteUser/token") })).await.ok();
        let sign_in = format!("mutation {{ signIn(email: \"ada@example.org\", password: \"{PASSWORD}\", cookie: true) {{ token }} }}");
        let begun = app.nobody().query(&sign_in).await.ok();
        let cookie = begun.headers.get("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a cookie").to_owned();
        let address = listen(&app.router).await;
        let init = || json!({ "type": "connection_init", "payload": { "purpose": "sales" } });
        let with = async |origin: &str| ends(address, &[("cookie", &cookie), ("origin", origin)], init()).await;
        assert_eq!(with("https://evil.example").await.code(), 4403);
        assert_eq!(ends(address, &[("cookie", &cookie)], init()).await.code(), 4403, "a page says where it is from");
        assert_eq!(with(&format!("http://{address}")).await.message(), json!({ "type": "connection_ack" }));
    }

    async fn what_is_no_subscription_is_refused_with_a_code(app: TestApp) {
        consenting(&app, "Ada").await;
        let address = listen(&app.router).await;
        let mut socket = Socket::of(address, &app.actor("marketing").await).await;
        let deep = format!("subscription {{ contactChanged {{ node {{ {} id {} }} }} }}", "company { contacts { nodes { ".repeat(6), "} } } ".repeat(6));
        for (query, code) in [
            (CHANGED, "PURPOSE_REQUIRED"),
            ("{ contacts { totalCount } }", "BAD_USER_INPUT"),
            ("mutation { createCompany(input: {name: \"x\"}) { id } }", "BAD_USER_INPUT"),
            ("subscription { contactChanged { id } companyChanged { id } }", "BAD_USER_INPUT"),
            ("subscription { __typename }", "BAD_USER_INPUT"),
            ("subscription { contactChanged { shoeSize } }", "BAD_USER_INPUT"),
            ("subscription { contactChanged(ids: []) { id } }", "BAD_USER_INPUT"),
            ("subscription { contactChanged(filter: {country: {eq: 7}}) { id } }", "BAD_USER_INPUT"),
            ("subscription {", "BAD_USER_INPUT"),
            (&deep, "QUERY_TOO_COMPLEX"),
        ] {
            socket.subscribe("1", query, json!({})).await;
            let error = socket.error("1").await;
            assert_eq!(error["code"], code, "{query}: {error}");
            assert!(error["remedy"].is_string() || code == "BAD_USER_INPUT", "{query}: {error}");
        }
        let purposes = app.actor("marketing").await;
        let mut unnamed = Socket::of(address, &purposes).await;
        unnamed.subscribe("1", CHANGED, json!({})).await;
        assert!(unnamed.error("1").await["purposes"].as_array().is_some_and(|purposes| !purposes.is_empty()));
        let posted = marketer(&app).await.query("subscription { contactChanged { id } }").await;
        assert_eq!((posted.code(), posted.status), ("BAD_USER_INPUT", 200), "{}", posted.text);
        assert_eq!(app.nobody().get("/graphql").await.status, 405);
    }

    async fn subscriptions_are_counted(app: TestApp) {
        let ada = consenting(&app, "Ada").await;
        let mut limits = ApiConfig::default();
        (limits.subscriptions.per_connection, limits.subscriptions.per_process) = (2, 3);
        limits.subscriptions.connections = 2;
        let address = listen(&app.with_limits(limits)).await;
        let marketer = marketer(&app).await;
        let begin = async |socket: &mut Socket, id: &str| {
            socket.subscribe(id, CHANGED, json!({ "ids": [ada], "existing": true })).await;
            let heard = socket.hear().await.message();
            let code = heard["payload"][0]["extensions"]["code"].as_str().unwrap_or_default().to_owned();
            (heard["type"].as_str().unwrap_or_default().to_owned(), code)
        };
        let (next, limited) = (("next".to_owned(), String::new()), ("error".to_owned(), "RATE_LIMITED".to_owned()));
        let (mut first, mut second) = (Socket::of(address, &marketer).await, Socket::of(address, &marketer).await);
        assert_eq!(begin(&mut first, "a").await, next);
        assert_eq!(begin(&mut first, "b").await, next);
        assert_eq!(begin(&mut first, "c").await, limited, "two for a connection");
        assert_eq!(begin(&mut second, "a").await, next);
        assert_eq!(begin(&mut second, "b").await, limited, "three for a process");
        assert_eq!(Socket::open(address, PROTOCOL, &[]).await.err(), Some(503), "two connections");
        // One that is completed makes room, and its id may be used again.
        first.say(json!({ "type": "complete", "id": "a" })).await;
        let mut begun = limited.clone();
        for _ in 0..50 {
            begun = begin(&mut first, "a").await;
            if begun == next {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(begun, next);
        first.subscribe("a", CHANGED, json!({})).await;
        assert_eq!(first.hear().await.code(), 4409);
        second.say(json!({ "type": "ping" })).await;
        assert_eq!(second.hear().await.message(), json!({ "type": "pong" }), "what others do is no matter here");
    }
}
