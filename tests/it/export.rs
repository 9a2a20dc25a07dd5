//! Files for recipients: what leaves is what that recipient may see when the batch is read.

use garant_domain::value::Value;
use garant_service::{Caller, ExportFormat, ExportRequest, UnitRequest};
use garant_testkit::{TestApp, on_both_databases};
use serde_json::{Value as Json, json};

/// A processor with a contract.
async fn processor(app: &TestApp, country: &str) -> String {
    let values = [
        ("name", Value::text(format!("Mailer {country}"))),
        ("role", Value::text("processor")),
        ("country", Value::text(country)),
        ("contract_until", Value::Date(22_000)),
        ("purposes", Value::text("sales marketing")),
    ];
    app.create("recipient", &values).await
}

fn body(recipient: Option<&str>, format: &str) -> String {
    json!({"entity": "contact", "format": format, "recipient": recipient, "fields": ["lastName", "email", "phone"]})
        .to_string()
}

on_both_databases! {
    async fn a_file_holds_what_its_recipient_may_see(app: TestApp) {
        let german = processor(&app, "DE").await;
        for (name, consents) in [("Ada", true), ("Bea", false)] {
            let id = app.contact(name, &[("phone", Value::text("+33 1 22 22 22 22"))]).await;
            if consents {
                app.consent(&id, "marketing", "email", "given", "2026-01-10T10:00:00Z").await;
            }
        }
        let marketer = app.actor("marketing").await.for_purpose("marketing");
        let csv = marketer.post_to("/export", body(Some(&german), "csv")).await;
        assert_eq!(csv.status, 200, "{}", csv.text);
        let lines: Vec<&str> = csv.text.lines().collect();
        assert_eq!(lines[0], "id,lastName,email,phone");
        assert_eq!(lines.len(), 2, "{}", csv.text);
        assert!(lines[1].ends_with(",Ada,ada@example.org,"), "a masked phone leaves an empty cell: {}", csv.text);
        let text = marketer.post_to("/export", body(Some(&german), "ndjson")).await.text;
        let row: Json = serde_json::from_str(text.trim()).expect("one object");
        assert_eq!((&row["lastName"], &row["phone"]), (&json!("Ada"), &Json::Null));
        assert_eq!(row["_masked"][0]["field"], "phone");
        assert!(row["_masked"][0]["article"].is_string(), "{row}");
        let log = app.store.read_log(garant_testkit::TENANT, 100).await.expect("the log");
        let lines: Vec<_> = log.iter().filter(|line| line.operation == "export").collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.count == 1 && line.recipient.as_deref() == Some(german.as_str())));
    }

    async fn what_may_not_leave_is_refused_before_any_byte(app: TestApp) {
        let (american, german) = (processor(&app, "US").await, processor(&app, "DE").await);
        app.contact("Ada", &[]).await;
        let sales = app.actor("sales").await;
        let asked = sales.for_purpose("sales");
        let refused = asked.post_to("/export", body(Some(&american), "csv")).await;
        assert_eq!((refused.status, refused.code()), (403, "POLICY_REFUSED"), "{}", refused.text);
        assert!(refused.error("/plugin").is_string() && refused.error("/article").is_string(), "{}", refused.text);
        assert_eq!(sales.post_to("/export", body(Some(&german), "csv")).await.code(), "PURPOSE_REQUIRED");
        let nobody = asked.post_to("/export", body(None, "csv")).await;
        assert_eq!((nobody.status, nobody.code(), nobody.error("/field")), (400, "BAD_USER_INPUT", &json!("recipient")));
        let unknown = asked.post_to("/export", body(Some("nobody"), "csv")).await;
        assert_eq!((unknown.status, unknown.code()), (404, "NOT_FOUND"));
        let client = app.client("sales", Some(&german)).await.for_purpose("sales");
        assert_eq!(client.post_to("/export", body(Some(&american), "csv")).await.code(), "FORBIDDEN");
        assert_eq!(client.post_to("/export", body(None, "csv")).await.text.lines().count(), 2, "its own recipient is meant");
        for (wrong, field) in [
            (json!({"entity": "astrology", "format": "csv"}), "entity"),
            (json!({"entity": "contact", "format": "pdf"}), "body"),
            (json!({"entity": "contact", "format": "csv", "colour": 1}), "body"),
            (json!({"entity": "contact", "format": "csv", "recipient": german, "fields": ["shoeSize"]}), "fields"),
            (json!({"entity": "contact", "format": "csv", "recipient": german, "filter": {"shoeSize": {"eq": 3}}}), "filter.shoeSize"),
        ] {
            let answer = asked.post_to("/export", wrong.to_string()).await;
            assert_eq!((answer.status, answer.code(), answer.error("/field")), (400, "BAD_USER_INPUT", &json!(field)), "{}", answer.text);
        }
        assert_eq!(app.nobody().post_to("/export", body(None, "csv")).await.status, 401);
    }

    async fn batches_hold_every_record_once_and_each_is_decided_anew(app: TestApp) {
        let german = processor(&app, "DE").await;
        let caller = Caller {
            tenant: garant_testkit::TENANT.to_owned(),
            actor: garant_domain::context::Actor { id: "seed".to_owned(), role: "dpo".to_owned(), country: None },
            name: "seed".to_owned(),
            recipient: None,
            default_purpose: None,
            access: garant_service::Access::default(),
        };
        let unit = UnitRequest { purposes: vec!["sales".to_owned()], channel: None };
        let writer = app.service.begin(&caller, unit.clone()).await.expect("a unit");
        let collected = Value::Instant(garant_testkit::instant("2026-04-01T10:00:00Z"));
        let person = |index: usize| {
            [("last_name", Value::text(format!("P{index}"))), ("last_inbound_contact_at", collected.clone())]
                .map(|(name, value)| (name.to_owned(), value))
                .into()
        };
        for half in [0..550, 550..1_100] {
            writer.create_many("contact", half.map(person).collect(), vec![]).await.expect("people");
        }
        let request = ExportRequest {
            entity: "contact".to_owned(),
            columns: vec![("last_name".to_owned(), "name".to_owned())],
            filter: None,
            format: ExportFormat::Csv,
            unit,
            recipient: Some(german.clone()),
        };
        let mut export = app.service.export(&caller, request.clone()).await.expect("an export");
        let (mut text, mut pieces) = (String::new(), 0);
        while let Some(piece) = export.next().await.expect("a piece") {
            text.push_str(&String::from_utf8(piece).expect("UTF-8"));
            pieces += 1;
        }
        let mut names: Vec<&str> = text.lines().skip(1).filter_map(|line| line.split(',').nth(1)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!((names.len(), export.rows(), pieces), (1_100, 1_100, 3));

        let mut export = app.service.export(&caller, request).await.expect("an export");
        export.next().await.expect("the first batch").expect("bytes");
        // The contract ends while the file is being written.
        let dpo = app.actor("dpo").await;
        let ended = json!({"id": german});
        dpo.send("mutation($id: ID!) { updateRecipient(id: $id, input: {contractUntil: \"2020-01-01\"}) { id } }", ended).await.ok();
        let refused = export.next().await.expect_err("refused");
        assert!(refused.reasons.iter().any(|reason| reason.article.contains("28(3)")), "{refused:?}");
    }
}
