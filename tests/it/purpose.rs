//! No purpose, no personal data; and what each role may name.

use garant_testkit::on_both_databases;
use serde_json::json;

on_both_databases! {
    async fn a_request_without_purpose_gets_the_purposes_and_no_data(app: TestApp) {
        app.contact("Durand", &[]).await;
        let sales = app.actor("sales").await;
        let answer = sales.query("{ contacts { nodes { id lastName } totalCount } }").await;
        assert_eq!(answer.code(), "PURPOSE_REQUIRED");
        assert_eq!(answer.error("/purposes"), &json!(["sales"]));
        assert!(!answer.text.contains("Durand"));
        let viewer = sales.query("{ viewer { role purposes { key } } }").await.ok();
        assert_eq!(viewer.texts("/viewer/purposes", "/key"), ["sales"]);
        let shown = sales.for_purpose("sales").query("{ contacts { nodes { lastName } } }").await.ok();
        assert_eq!(shown.texts("/contacts/nodes", "/lastName"), ["Durand"]);
    }

    async fn a_purpose_of_another_role_is_as_unknown_as_none(app: TestApp) {
        let sales = app.actor("sales").await;
        let other = sales.for_purpose("marketing").query("{ contacts { totalCount } }").await;
        let unknown = sales.for_purpose("astrology").query("{ contacts { totalCount } }").await;
        assert_eq!(other.code(), "FORBIDDEN");
        assert_eq!(other.text, unknown.text);
    }

    async fn nobody_gets_anything(app: TestApp) {
        let answer = app.nobody().query("{ companies { nodes { name } } }").await;
        assert_eq!(answer.code(), "UNAUTHENTICATED");
        assert!(answer.body.get("data").is_none_or(serde_json::Value::is_null));
    }

    async fn companies_hold_no_personal_data_and_need_no_purpose(app: TestApp) {
        app.create("company", &[("name", garant_domain::value::Value::text("Acme"))]).await;
        let answer = app.actor("sales").await.query("{ companies { nodes { name } } }").await.ok();
        assert_eq!(answer.texts("/companies/nodes", "/name"), ["Acme"]);
    }

    async fn every_access_is_in_the_log_by_reference_only(app: TestApp) {
        let id = app.contact("Lefevre", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        sales.query("{ contacts { nodes { lastName email } } }").await.ok();
        let log = app.store.read_log(garant_testkit::TENANT, 100).await.expect("the log");
        let line = log.iter().find(|line| line.operation == "read" && line.entity == "contact").expect("a line");
        assert_eq!((line.role.as_str(), line.count, line.outcome.as_str()), ("sales", 1, "shown"));
        let text = format!("{log:?}");
        assert!(!text.contains("Lefevre") && !text.contains("lefevre@") && !text.contains(&id), "{text}");
        assert_eq!(app.store.verify_log(garant_testkit::TENANT).await.expect("verified").broken, None);
    }
}
