//! Registers are kept in memory, and no process ever decides by an old one.

use garant_testkit::on_both_databases;
use serde_json::{Value as Json, json};

const LIST: &str = "{ contacts { nodes { lastName } } }";

const PURPOSE: &str = "mutation { createPurpose(input: {key: \"onboarding\", labelEn: \"Onboarding\", legalBasis: \"A6-1-b\", roles: \"sales\",
    neededCategories: \"user.name\", automatedDecision: false}) { id version } }";

const ASSESSMENT: &str =
    "mutation { createCompatibilityAssessment(input: {sourcePurpose: \"sales\", targetPurpose: \"onboarding\",
    status: \"approved\", validUntil: \"2030-01-01\", reasoning: \"the person expects it\"}) { id } }";

on_both_databases! {
    async fn the_next_request_on_every_process_sees_a_changed_register(app: TestApp) {
        app.contact("Durand", &[]).await;
        let second = app.second_process().await;
        let dpo = app.actor("dpo").await;
        let here = app.actor("sales").await.for_purpose("onboarding");
        let there = here.on(&second);
        for actor in [&here, &there] {
            assert_eq!(actor.query(LIST).await.code(), "FORBIDDEN", "not registered yet");
        }
        let purpose = dpo.query(PURPOSE).await.ok().data("/createPurpose/id").clone();
        for actor in [&here, &there] {
            assert_eq!(actor.query(LIST).await.ok().texts("/contacts/nodes", "/lastName"), [""; 0]);
        }
        let assessment = dpo.on(&second).query(ASSESSMENT).await.ok().data("/createCompatibilityAssessment/id").clone();
        for actor in [&here, &there] {
            assert_eq!(actor.query(LIST).await.ok().texts("/contacts/nodes", "/lastName"), ["Durand"]);
        }
        // Of what is in the trash nothing is left either.
        let delete = "mutation($id: ID!) { deleteCompatibilityAssessment(id: $id) { id } }";
        dpo.send(delete, json!({ "id": assessment })).await.ok();
        for actor in [&here, &there] {
            assert_eq!(actor.query(LIST).await.ok().texts("/contacts/nodes", "/lastName"), [""; 0]);
        }
        let roles = "mutation($id: ID!) { updatePurpose(id: $id, input: {roles: \"marketing\"}) { id } }";
        dpo.on(&second).send(roles, json!({ "id": purpose })).await.ok();
        for actor in [&here, &there] {
            assert_eq!(actor.query(LIST).await.code(), "FORBIDDEN", "another role's by now");
        }
    }

    async fn a_changed_recipient_counts_with_its_next_request(app: TestApp) {
        app.contact("Durand", &[]).await;
        let dpo = app.actor("dpo").await;
        let create = "mutation { createRecipient(input: {name: \"Partner\", role: \"processor\", country: \"FR\", contractUntil: \"2030-01-01\", purposes: \"sales\"}) { id } }";
        let id = dpo.query(create).await.ok().data("/createRecipient/id").clone();
        let second = app.second_process().await;
        let here = app.client("sales", id.as_str()).await.for_purpose("sales");
        let there = here.on(&second);
        for actor in [&here, &there] {
            assert_eq!(actor.query(LIST).await.ok().texts("/contacts/nodes", "/lastName"), ["Durand"]);
        }
        let ended = "mutation($id: ID!, $until: Date) { updateRecipient(id: $id, input: {contractUntil: $until}) { id } }";
        dpo.on(&second).send(ended, json!({ "id": id, "until": "2020-01-01" })).await.ok();
        for actor in [&here, &there] {
            let refused = actor.query(LIST).await;
            assert_eq!(refused.code(), "POLICY_REFUSED", "{}", refused.text);
        }
        dpo.send(ended, json!({ "id": id, "until": "2031-01-01" })).await.ok();
        for actor in [&here, &there] {
            assert_eq!(actor.query(LIST).await.ok().texts("/contacts/nodes", "/lastName"), ["Durand"]);
        }
        let delete = "mutation($id: ID!) { deleteRecipient(id: $id) { id } }";
        dpo.send(delete, json!({ "id": id })).await.ok();
        for actor in [&here, &there] {
            assert_eq!(actor.query(LIST).await.code(), "FORBIDDEN", "unknown is not nobody");
        }
    }

    async fn a_register_that_nobody_touches_is_read_once(app: TestApp) {
        app.contact("Durand", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let mut sent: Vec<u64> = vec![];
        for _ in 0..3 {
            let before = app.store.statements();
            assert_eq!(sales.query(LIST).await.ok().data("/contacts/nodes").as_array().map(Vec::len), Some(1));
            sent.push(app.store.statements() - before);
        }
        // Who asks, which set and which state of the registers, the page.
        assert_eq!(sent[1..], [3, 3]);
        app.contact("Dupont", &[]).await;
        let before = app.store.statements();
        assert_eq!(sales.query(LIST).await.ok().data("/contacts/nodes").as_array().map(Vec::len), Some(2));
        assert_eq!(app.store.statements() - before, 3, "people are no register");
        app.actor("dpo").await.query(PURPOSE).await.ok();
        let before = app.store.statements();
        assert_ne!(sales.query(LIST).await.ok().data("/contacts/nodes"), &Json::Null);
        assert!(app.store.statements() - before > 3, "a register was written");
    }
}
