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

    async fn data_serves_another_purpose_only_on_a_living_assessment_or_consent(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let purpose = "mutation { createPurpose(input: {key: \"research\", labelEn: \"Research\", legalBasis: \"A6-1-e\", roles: \"sales\",
            neededCategories: \"user.name\"}) { id } }";
        dpo.query(purpose).await.ok();
        let ada = app.contact("Ada", &[]).await;
        app.contact("Bea", &[]).await;
        let researcher = app.actor("sales").await.for_purpose("research");
        let query = "{ contacts(orderBy: [{lastName: AscNullsLast}]) { totalCount nodes { lastName email policy { masked { field code } } } } }";
        assert_eq!(researcher.query(query).await.ok().data("/contacts/totalCount"), &json!(0));
        app.consent(&ada, "research", "email", "given", "2026-01-10T10:00:00Z").await;
        let one = researcher.query(query).await.ok();
        assert_eq!(one.texts("/contacts/nodes", "/lastName"), ["Ada"]);
        assert_eq!(one.data("/contacts/nodes/0/email"), &json!(null), "the purpose does not need it");
        assert!(one.text.contains("purpose/PUR-08"), "{}", one.text);
        let assessment = "mutation { createCompatibilityAssessment(input: {sourcePurpose: \"sales\", targetPurpose: \"research\", status: \"approved\",
            validUntil: \"2026-05-31\", reasoning: \"no decision on anybody\"}) { id } }";
        assert_eq!(app.actor("sales").await.query(assessment).await.code(), "FORBIDDEN");
        dpo.query(assessment).await.ok();
        assert_eq!(researcher.query(query).await.ok().data("/contacts/totalCount"), &json!(2));
        app.clock.set(garant_testkit::instant("2026-05-31T22:00:00Z"));
        assert_eq!(researcher.query(query).await.ok().data("/contacts/totalCount"), &json!(1), "past its review");
    }

    async fn an_objection_stops_until_compelling_grounds_are_on_file(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let count = "{ contacts { totalCount } }";
        app.consent(&ada, "sales", "any", "objected", "2026-04-01T10:00:00Z").await;
        assert_eq!(sales.query(count).await.ok().data("/contacts/totalCount"), &json!(0));
        // Nobody finds the person for `sales` any more, so the grounds are recorded for another purpose.
        let grounds = "mutation($id: ID!) { createConsentEvent(input: {contactId: $id, purpose: \"sales\", state: \"objection_overridden\",
            happenedAt: \"2026-04-20T10:00:00Z\", wording: \"a claim is being settled\"}) { id } }";
        let dpo = app.actor("dpo").await;
        let unseen = dpo.for_purpose("sales").send(grounds, json!({ "id": ada })).await;
        assert_eq!(unseen.code(), "NOT_FOUND");
        dpo.for_purpose("legal").send(grounds, json!({ "id": ada })).await.ok();
        assert_eq!(sales.query(count).await.ok().data("/contacts/totalCount"), &json!(1));
    }

    /// PUR-14: two purposes show what both permit, never what either does.
    async fn two_purposes_show_what_both_permit(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let purpose = |key: &str, needs: &str| format!("mutation {{ createPurpose(input: {{key: \"{key}\", labelEn: \"x\", legalBasis: \"A6-1-f\", balancingTest: \"passed\", roles: \"sales\",
            neededCategories: \"{needs}\"}}) {{ id }} }}");
        dpo.query(&purpose("billing", "user.name user.account")).await.ok();
        let assessed = "mutation { createCompatibilityAssessment(input: {sourcePurpose: \"sales\", targetPurpose: \"billing\", status: \"approved\", validUntil: \"2030-01-01\", reasoning: \"x\"}) { id } }";
        dpo.query(assessed).await.ok();
        let ada = app.contact("Ada", &[]).await;
        app.contact("Bea", &[]).await;
        app.consent(&ada, "billing", "any", "objected", "2026-04-01T10:00:00Z").await;
        let query = "{ contacts(orderBy: [{lastName: AscNullsLast}]) { nodes { lastName email } } }";
        let seen = async |purpose: &str| {
            let answer = app.actor("sales").await.for_purpose(purpose).query(query).await.ok();
            let nodes = answer.data("/contacts/nodes").as_array().expect("a list").clone();
            nodes.iter().map(|node| (node["lastName"].clone(), !node["email"].is_null())).collect::<Vec<_>>()
        };
        assert_eq!(seen("sales").await, [(json!("Ada"), true), (json!("Bea"), true)]);
        assert_eq!(seen("billing").await, [(json!("Bea"), false)], "who did not object, without an address");
        for both in ["sales, billing", "billing, sales"] {
            assert_eq!(seen(both).await, [(json!("Bea"), false)], "{both}");
        }
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
