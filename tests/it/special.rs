//! Special categories: two questions, and both must be answered.

use garant_domain::value::Value;
use garant_testkit::on_both_databases;
use serde_json::json;

const SETTINGS: &str =
    "mutation($settings: JSON!) { setPolicySettings(id: \"special-category\", settings: $settings, expectedVersion: 1,
    reason: \"the nurse of the works council\") { version } }";

on_both_databases! {
    async fn health_is_shown_to_a_cleared_role_where_a_condition_holds(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let purpose = "mutation { createPurpose(input: {key: \"care\", labelEn: \"Care\", legalBasis: \"A6-1-a\", roles: \"nurse dpo\",
            neededCategories: \"user\", specialCondition: \"A9-2-a\"}) { id } }";
        dpo.query(purpose).await.ok();
        let ada = app.contact("Ada", &[]).await;
        app.contact("Bea", &[]).await;
        let event = |explicit: bool| json!({ "id": ada, "explicit": explicit });
        let consent = "mutation($id: ID!, $explicit: Boolean!) { createConsentEvent(input: {contactId: $id, purpose: \"care\", channel: \"email\",
            state: \"given\", happenedAt: \"2026-04-20T10:00:00Z\", wording: \"w\", noticeVersion: \"1\", method: \"signature\", explicit: $explicit}) { id } }";
        let sales = app.actor("sales").await.for_purpose("sales");
        sales.send(consent, event(true)).await.ok();
        let nurse = app.actor("nurse").await.for_purpose("care");
        let write = "mutation($id: ID!) { updateContact(id: $id, expectedVersion: 1, input: {healthNote: \"asthma\"}) { healthNote } }";
        let refused = nurse.send(write, json!({ "id": ada })).await;
        assert_eq!(refused.code(), "POLICY_REFUSED", "{}", refused.text);
        dpo.send(SETTINGS, json!({ "settings": { "cleared_roles": ["nurse"] } })).await.ok();
        assert_eq!(nurse.send(write, json!({ "id": ada })).await.ok().data("/updateContact/healthNote"), &json!("asthma"));
        let query = "{ contacts(orderBy: [{lastName: AscNullsLast}]) { nodes { lastName healthNote } } }";
        let shown = nurse.query(query).await.ok();
        assert_eq!(shown.data("/contacts/nodes"), &json!([{ "lastName": "Ada", "healthNote": "asthma" }]));
        for other in [sales.clone(), dpo.for_purpose("care")] {
            let masked = other.query(query).await;
            assert!(!masked.text.contains("asthma"), "{}", masked.text);
        }
        let filtered = sales.query("{ contacts(filter: {healthNote: {eq: \"asthma\"}}) { totalCount } }").await;
        assert_eq!(filtered.code(), "POLICY_REFUSED", "{}", filtered.text);
    }

    async fn what_a_product_tells_is_masked(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        for (product, sensitivity) in [("Lamp", "none"), ("Insulin", "health")] {
            app.create("deal", &[("name", Value::text("D")), ("product", Value::text(product)), ("contact_id", Value::text(ada.clone())),
                ("product_sensitivity", Value::text(sensitivity))]).await;
        }
        let sales = app.actor("sales").await.for_purpose("sales");
        let deals = sales.query("{ deals { nodes { product policy { masked { code } } } } }").await.ok();
        assert!(deals.text.contains("Lamp") && !deals.text.contains("Insulin"), "{}", deals.text);
        assert!(deals.text.contains("special-category/SPE-09"), "{}", deals.text);
    }
}
