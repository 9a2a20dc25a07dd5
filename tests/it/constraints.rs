//! What makes no sense in a register is refused at every door that writes, with the field, what is wrong and how
//! to mend it, and changes nothing.

use garant_domain::context::Actor as Who;
use garant_domain::value::Value;
use garant_service::Caller;
use garant_service::import::{ImportRequest, Mapping, Reject, RejectSink};
use garant_testkit::{Answer, TENANT, TestApp, on_both_databases};
use serde_json::{Value as Json, json};

async fn company(app: &TestApp, name: &str) -> String {
    app.create("legal_entity", &[("name", Value::text(name)), ("country", Value::text("FR"))]).await
}

#[track_caller]
fn refused(answer: &Answer, field: &str) {
    assert_eq!((answer.code(), answer.error("/field")), ("BAD_USER_INPUT", &json!(field)), "{}", answer.text);
    assert!(answer.error("/remedy").as_str().is_some_and(|remedy| !remedy.is_empty()), "{}", answer.text);
}

const OWN: &str = "mutation($input: OwnershipCreateInput!) { createOwnership(input: $input) { id } }";
const OWN_ALL: &str = "mutation($inputs: [OwnershipCreateInput!]!) { createOwnerships(inputs: $inputs) { id } }";
const CHANGE: &str =
    "mutation($id: ID!, $input: OwnershipUpdateInput!) { updateOwnership(id: $id, input: $input) { id } }";
const CHANGE_ALL: &str =
    "mutation($input: OwnershipUpdateInput!) { updateOwnerships(filter: {}, input: $input) { count } }";

fn share(owner: &str, owned: &str, percent: &str, from: Json, to: Json) -> Json {
    json!({"ownerId": owner, "ownedId": owned, "percent": percent, "validFrom": from, "validTo": to})
}

#[derive(Default)]
struct Kept(Vec<Reject>);

impl RejectSink for Kept {
    fn reject(&mut self, _: &[String], row: &Reject) -> std::io::Result<()> {
        self.0.push(row.clone());
        Ok(())
    }
}

on_both_databases! {
    async fn an_unknown_country_is_refused(app: TestApp) {
        let dpo = app.actor("dpo").await;
        refused(&dpo.query("mutation { createLegalEntity(input: {name: \"Atlantis SA\", country: \"XX\"}) { id } }").await, "input.country");
        let recipient = |country: &str| format!("mutation {{ createRecipient(input: {{name: \"A\", role: \"controller\", country: \"{country}\"}}) {{ id }} }}");
        refused(&dpo.query(&recipient("Atlantis")).await, "input.country");
        // An organisation under no country's law is not unknown.
        dpo.query(&recipient("EPO")).await.ok();
    }

    async fn dates_shares_and_circles_are_held_at_every_writing_door(app: TestApp) {
        let (a, b, c) = (company(&app, "A").await, company(&app, "B").await, company(&app, "C").await);
        let dpo = app.actor("dpo").await;
        let none = Json::Null;
        refused(&dpo.send(OWN, json!({"input": share(&a, &b, "60", json!("2026-05-02"), json!("2026-05-01"))})).await, "input.validTo");
        refused(&dpo.send(OWN, json!({"input": share(&a, &b, "100.5", none.clone(), none.clone())})).await, "input.percent");
        refused(&dpo.send(OWN, json!({"input": share(&a, &b, "-1", none.clone(), none.clone())})).await, "input.percent");
        refused(&dpo.send(OWN, json!({"input": share(&a, &a, "1", none.clone(), none.clone())})).await, "input.ownerId");

        let sixty = dpo.send(OWN, json!({"input": share(&a, &b, "60", none.clone(), json!("2026-04-30"))})).await.ok();
        let sixty = sixty.data("/createOwnership/id").clone();
        // The day after, everything can be held by another.
        let next = dpo.send(OWN, json!({"input": share(&c, &b, "100", json!("2026-05-01"), none.clone())})).await.ok();
        let next = next.data("/createOwnership/id").clone();
        refused(&dpo.send(OWN, json!({"input": share(&c, &b, "40.0001", none.clone(), json!("2020-01-01"))})).await, "input.percent");
        refused(&dpo.send(CHANGE, json!({"id": sixty, "input": {"validTo": "2026-05-01"}})).await, "input.percent");
        refused(&dpo.send(CHANGE, json!({"id": sixty, "input": {"validFrom": "2026-05-01"}})).await, "input.validTo");
        refused(&dpo.send(CHANGE_ALL, json!({"input": {"validFrom": "2026-05-01"}})).await, "input.validTo");

        // Of two that hold all of it together, the second is named, and neither is made.
        let both = json!({"inputs": [share(&a, &c, "50", none.clone(), none.clone()), share(&b, &c, "51", none.clone(), none.clone())]});
        let list = dpo.send(OWN_ALL, both).await;
        assert_eq!(list.code(), "BAD_USER_INPUT", "{}", list.text);
        assert!(list.error("/field").as_str().is_some_and(|field| field.ends_with("percent")), "{}", list.text);

        // C owns B since May: B cannot own C then, directly or through another, but could before.
        refused(&dpo.send(OWN, json!({"input": share(&b, &c, "10", none.clone(), none.clone())})).await, "input.ownerId");
        let before = dpo.send(OWN, json!({"input": share(&b, &c, "10", none.clone(), json!("2026-04-30"))})).await.ok();
        let before = before.data("/createOwnership/id").clone();
        dpo.send(OWN, json!({"input": share(&b, &a, "10", json!("2026-05-01"), none.clone())})).await.ok();
        refused(&dpo.send(OWN, json!({"input": share(&a, &c, "10", json!("2026-06-01"), none.clone())})).await, "input.ownerId");

        // Out of the trash comes nothing that would not be taken.
        let delete = "mutation($id: ID!) { deleteOwnership(id: $id) { id } }";
        dpo.send(delete, json!({"id": next})).await.ok();
        dpo.send(CHANGE, json!({"id": before, "input": {"validTo": null}})).await.ok();
        let restored = dpo.send("mutation($id: ID!) { restoreOwnership(id: $id) { id } }", json!({"id": next})).await;
        refused(&restored, "input.ownerId");
        let kept = dpo.query("{ ownerships { totalCount } }").await.ok();
        assert_eq!(kept.data("/ownerships/totalCount"), &json!(3));
    }

    async fn an_import_rejects_the_row_and_goes_on(app: TestApp) {
        for name in ["A", "B"] {
            company(&app, name).await;
        }
        let mapping = "entity = \"ownership\"\nsource = \"t\"\nkey = \"key\"\n[field]\npercent = { column = \"percent\" }\n\
            owned_id = { column = \"owned\", lookup = { field = \"name\" } }\nowner_id = { column = \"owner\", lookup = { field = \"name\" } }\n";
        let rows = "key,owner,owned,percent\n1,A,B,60\n2,B,A,10\n3,A,B,50\n4,A,B,40\n";
        let caller = Caller {
            tenant: TENANT.to_owned(),
            actor: Who { id: "import".to_owned(), role: "dpo".to_owned(), country: None },
            name: "import".to_owned(),
            recipient: None,
            default_purpose: None,
            access: garant_service::Access::default(),
        };
        let mapping = Mapping::parse(mapping, app.service.catalog()).expect("a mapping");
        let mut kept = Kept::default();
        let request = ImportRequest { mapping: &mapping, reader: rows.as_bytes(), purposes: vec![], rejects: &mut kept, progress: &mut |_| {} };
        let report = app.service.import(&caller, request).await.expect("imported");
        assert_eq!((report.created, report.rejected), (2, 2));
        let told: Vec<(u64, bool)> = kept.0.iter().map(|row| (row.line, row.reason.contains("owner_id"))).collect();
        assert_eq!(told, [(3, true), (4, false)], "{:?}", kept.0);
        assert!(kept.0.iter().all(|row| row.reason.contains("valid_to")), "how to mend it: {:?}", kept.0);
    }

    async fn a_purpose_stands_below_a_registered_one(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let create = |key: &str| format!("mutation {{ createPurpose(input: {{key: \"{key}\", labelEn: \"x\", legalBasis: \"A6-1-b\", roles: \"sales\", neededCategories: \"user\"}}) {{ id }} }}");
        refused(&dpo.query(&create("astrology.daily")).await, "input.key");
        dpo.query(&create("astrology")).await.ok();
        dpo.query(&create("astrology.daily")).await.ok();
    }

    async fn a_consent_needs_its_wording_and_a_withdrawal_none(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let event = |state: &str, wording: &str| format!("mutation {{ createConsentEvent(input: {{contactId: \"{ada}\", purpose: \"marketing\", channel: \"email\",
            state: \"{state}\", happenedAt: \"2026-04-20T10:00:00Z\", noticeVersion: \"1\", method: \"checkbox\"{wording}}}) {{ id }} }}");
        refused(&sales.query(&event("given", "")).await, "input.wording");
        refused(&sales.query(&event("renewed", ", wording: \"  \"")).await, "input.wording");
        sales.query(&event("given", ", wording: \"I agree\"")).await.ok();
        sales.query(&event("withdrawn", "")).await.ok();
    }

    async fn a_link_is_of_some_chain(app: TestApp) {
        let a = company(&app, "A").await;
        let dpo = app.actor("dpo").await;
        let link = |more: &str| format!("mutation {{ createProcessingLink(input: {{processorId: \"{a}\"{more}}}) {{ id }} }}");
        refused(&dpo.query(&link("")).await, "input.recipientId");
        refused(&dpo.query(&link(", hosting: false")).await, "input.recipientId");
        dpo.query(&link(", hosting: true")).await.ok();
    }
}
