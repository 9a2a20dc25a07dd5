//! Whatever comes in, a clear error with a stable code goes out, and the server goes on.

use garant_testkit::on_both_databases;
use serde_json::json;

on_both_databases! {
    async fn each_kind_of_nonsense_has_its_own_code(app: TestApp) {
        app.contact("Ada", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let deep = format!("{{ contacts {{ nodes {{ {}lastName{} }} }} }}", "company { contacts { nodes { ".repeat(12), " } } }".repeat(12));
        let wide = format!("{{ {} }}", (0..200).map(|n| format!("a{n}: contacts(first: 500) {{ nodes {{ lastName }} }} ")).collect::<String>());
        let expensive = "{ companies(first: 500) { nodes { contacts(first: 500) { nodes { deals(first: 500) { nodes { name } } } } } } }";
        for (query, code) in [
            ("{ contacts { nodes { lastName }", "BAD_USER_INPUT"),
            ("", "BAD_USER_INPUT"),
            ("{ contacts { nodes { astrologicalSign } } }", "BAD_USER_INPUT"),
            ("{ contacts(first: \"many\") { totalCount } }", "BAD_USER_INPUT"),
            ("{ contacts(first: -1) { totalCount } }", "BAD_USER_INPUT"),
            ("{ contacts(first: 1, last: 1) { totalCount } }", "BAD_USER_INPUT"),
            ("{ contacts(first: 100000) { totalCount } }", "QUERY_TOO_COMPLEX"),
            ("{ contacts(after: \"nonsense\") { totalCount } }", "BAD_USER_INPUT"),
            ("{ contacts(filter: {country: {eq: 7}}) { totalCount } }", "BAD_USER_INPUT"),
            ("{ contacts(filter: {lastInboundContactAt: {gt: \"yesterday\"}}) { totalCount } }", "BAD_USER_INPUT"),
            ("mutation { createContact(input: {lastName: 7}) { id } }", "BAD_USER_INPUT"),
            (deep.as_str(), "QUERY_TOO_COMPLEX"),
            (wide.as_str(), "QUERY_TOO_COMPLEX"),
            (expensive, "QUERY_TOO_COMPLEX"),
        ] {
            let answer = sales.query(query).await;
            assert_eq!(answer.code(), code, "{}: {}", query.chars().take(80).collect::<String>(), answer.text);
        }
        let fine = sales.query("{ contacts { nodes { lastName } } }").await.ok();
        assert_eq!(fine.texts("/contacts/nodes", "/lastName"), ["Ada"]);
    }

    async fn bodies_that_are_no_requests_are_told_so(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales");
        let malformed = sales.post("{\"query\": ".to_owned()).await;
        assert_eq!((malformed.status, malformed.code()), (400, "BAD_USER_INPUT"));
        let huge = json!({ "query": format!("{{ viewer {{ role }} }} # {}", "x".repeat(8 << 20)) }).to_string();
        let huge = sales.post(huge).await;
        assert_eq!((huge.status, huge.code()), (413, "BAD_USER_INPUT"));
        let text = sales.with_header("content-type", "text/plain").post("hello".to_owned()).await;
        assert!((400..500).contains(&text.status), "{}", text.status);
        let purpose = sales.with_header("Purpose", ",,sales,").query("{ contacts { totalCount } }").await;
        assert!(purpose.code() == "BAD_USER_INPUT" || purpose.code().is_empty(), "{}", purpose.text);
        let channel = sales.through("pigeon").query("{ contacts { totalCount } }").await;
        assert_eq!(channel.code(), "BAD_USER_INPUT");
        assert_eq!(sales.query("{ viewer { role } }").await.ok().data("/viewer/role"), &json!("sales"));
    }

    async fn errors_and_answers_repeat_no_personal_value(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales");
        let secret = "Zyxwvut";
        for query in [
            "mutation($x: String) { createContact(input: {lastName: $x, country: $x}) { id } }",
            "mutation($x: String) { createContact(input: {lastName: \"a\", kind: $x}) { id } }",
            "query($x: ID!) { contact(id: $x) { astrologicalSign } }",
        ] {
            let answer = sales.send(query, json!({"x": secret})).await;
            assert!(!answer.code().is_empty(), "{}", answer.text);
            assert!(!answer.text.contains(secret), "{}", answer.text);
        }
    }
}
