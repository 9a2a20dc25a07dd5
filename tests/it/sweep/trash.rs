//! The trash gives up what has lain in it for its days, unless somebody holds it.

use super::*;

async fn code(actor: &garant_testkit::Actor, entity: &str, id: &str) -> String {
    let query = format!("mutation($id: ID!) {{ restore{entity}(id: $id) {{ id }} }}");
    actor.send(&query, json!({ "id": id })).await.code().to_owned()
}

on_both_databases! {
    async fn the_trash_empties_itself_and_what_is_held_stays(app: TestApp) {
        let company = app.create("company", &[("name", Value::text("Initech"))]).await;
        let kept = app.create("company", &[("name", Value::text("Held Corp"))]).await;
        let (ada, bea) = (app.contact("Ada", &[]).await, app.contact("Bea", &[]).await);
        app.contact("Cleo", &[]).await;
        let deal = |company: &str, contact: &str| {
            [("name", Value::text("A deal")), ("company_id", Value::text(company)), ("contact_id", Value::text(contact))]
        };
        let (lost, held_deal) = (app.create("deal", &deal(&company, &ada)).await, app.create("deal", &deal(&kept, &bea)).await);
        let email = app.create("contact_email", &[("contact_id", Value::text(&*ada)), ("email", Value::text("ada2@example.org"))]).await;
        app.hold(&[&bea]).await;
        let dpo = app.actor("dpo").await.for_purpose("sales");
        for (entity, id) in [("Contact", &ada), ("Contact", &bea), ("Deal", &lost), ("Company", &company), ("Company", &kept)] {
            dpo.send(&format!("mutation($id: ID!) {{ delete{entity}(id: $id) {{ id }} }}"), json!({ "id": id })).await.ok();
        }
        // A day before, nothing goes, and who changed their mind has it back.
        app.clock.set(instant("2026-05-30T10:00:00Z"));
        assert_eq!(sweep(&app).await.counts, []);
        app.clock.set(instant("2026-05-31T10:00:00Z"));
        let count = |entity: &str| SweepCount { entity: entity.to_owned(), effect: "erase".to_owned(), code: "host/TRASH".to_owned(), archived: false, observed: false, records: 1 };
        let expected = [count("company"), count("contact"), count("deal")];
        assert_eq!(preview(&app).await.counts, expected, "what would go");
        let swept = sweep(&app).await;
        assert_eq!((swept.counts.as_slice(), swept.run.receipt.is_empty()), (expected.as_slice(), false));
        assert_eq!(sweep(&app).await.counts, [], "a second one changes nothing");

        for (entity, id) in [("Contact", &ada), ("Deal", &lost), ("Company", &company)] {
            assert_eq!(code(&dpo, entity, id).await, "NOT_FOUND", "{entity}");
        }
        let read = dpo.send("query($id: ID!) { contactEmail(id: $id) { email } }", json!({ "id": email })).await;
        assert_eq!(read.data("/contactEmail/email"), &Json::Null, "with what is about the person");
        assert!(!app.database.dump().await.contains("ada2@example.org"));
        let ledger = app.store.ledger(TENANT).await.expect("the ledger");
        assert!(ledger.iter().any(|entry| entry.entity == "contact" && entry.effect == "erase"));
        // Who is under legal hold stays in the trash, and so does what their deal refers to.
        for (entity, id) in [("Contact", &bea), ("Company", &kept)] {
            assert_eq!(code(&dpo, entity, id).await, "", "{entity}");
        }
        let live = dpo.send("query($id: ID!) { deal(id: $id) { company { name } } }", json!({ "id": held_deal })).await.ok();
        assert_eq!(live.data("/deal/company/name"), "Held Corp");
        assert_eq!(names(&app).await, ["Bea", "Cleo"]);
        assert!(app.store.verify_log(TENANT).await.expect("the log").broken.is_none());
    }
}
