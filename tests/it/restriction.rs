//! Restricted processing (Art. 18): effect at once, consent given since, no lift before the person is told.

use garant_testkit::on_both_databases;
use serde_json::json;

on_both_databases! {
    async fn a_restriction_takes_effect_with_the_next_request_and_is_lifted_after_the_person_is_told(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let count = "{ contacts { totalCount } }";
        assert_eq!(sales.query(count).await.ok().data("/contacts/totalCount"), &json!(1));
        let restrict = "mutation($id: ID!) { updateContact(id: $id, input: {restricted: true, restrictedAt: \"2026-05-01T10:00:00Z\"}) { id } }";
        sales.send(restrict, json!({ "id": ada })).await.ok();
        assert_eq!(sales.query(count).await.ok().data("/contacts/totalCount"), &json!(0));
        app.clock.set(garant_testkit::instant("2026-05-02T10:00:00Z"));
        let dpo = app.actor("dpo").await;
        dpo.query("mutation { createPurpose(input: {key: \"supervision\", labelEn: \"Supervision\", legalBasis: \"A6-1-c\", roles: \"dpo\",
            neededCategories: \"user\", nature: \"supervision\", lawReference: \"GDPR 39\"}) { id } }").await.ok();
        let dpo = dpo.for_purpose("supervision");
        let lift = "mutation($id: ID!) { updateContact(id: $id, input: {restricted: false}) { id } }";
        let untold = dpo.send(lift, json!({ "id": ada })).await;
        assert_eq!((untold.code(), untold.error("/reason")), ("POLICY_REFUSED", &json!("dormancy/DOR-12")), "{}", untold.text);
        let told = "mutation($id: ID!) { updateContact(id: $id, input: {restrictionLiftToldAt: \"2026-05-02T09:00:00Z\"}) { id } }";
        dpo.send(told, json!({ "id": ada })).await.ok();
        dpo.send(lift, json!({ "id": ada })).await.ok();
        assert_eq!(sales.query(count).await.ok().data("/contacts/totalCount"), &json!(1));
    }

    async fn what_the_person_consents_to_since_goes_on(app: TestApp) {
        // Recorded while the person was found for another purpose.
        let (ada, bea) = (app.contact("Ada", &[]).await, app.contact("Bea", &[]).await);
        app.consent(&ada, "marketing", "email", "given", "2026-02-28T10:00:00Z").await;
        app.consent(&bea, "marketing", "email", "given", "2026-03-02T10:00:00Z").await;
        let sales = app.actor("sales").await.for_purpose("sales");
        for id in [&ada, &bea] {
            let update = "mutation($id: ID!) { updateContact(id: $id, input: {restricted: true, restrictedAt: \"2026-03-01T10:00:00Z\"}) { id } }";
            sales.send(update, json!({ "id": id })).await.ok();
        }
        let marketer = app.actor("marketing").await.for_purpose("marketing").through("email");
        let shown = marketer.query("{ contacts { nodes { lastName } } }").await.ok();
        assert_eq!(shown.texts("/contacts/nodes", "/lastName"), ["Bea"]);
    }
}
