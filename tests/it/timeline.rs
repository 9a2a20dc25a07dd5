//! Stages of deals, what happened with a record, and the steward's queue: what is hidden is absent from each.

use garant_domain::value::Value;
use garant_testkit::{Actor, Answer, instant, on_both_databases};
use serde_json::{Value as Json, json};

const TIMELINE: &str = "query($entity: String!, $id: ID!, $first: Int, $after: String) {
    timeline(entity: $entity, id: $id, first: $first, after: $after) { withheld pageInfo { hasNextPage endCursor }
        nodes { at kind id entity text operation fields from to toPipelineStageId } } }";

async fn timeline(actor: &Actor, entity: &str, id: &str) -> Vec<Json> {
    let answer = actor.send(TIMELINE, json!({ "entity": entity, "id": id })).await.ok();
    answer.data("/timeline/nodes").as_array().cloned().unwrap_or_default()
}

async fn set(actor: &Actor, id: &str, input: Json) -> Answer {
    let query = "mutation($id: ID!, $input: DealUpdateInput!) { updateDeal(id: $id, input: $input) { stage pipelineStageId pipelineId } }";
    actor.send(query, json!({ "id": id, "input": input })).await
}

on_both_databases! {
    async fn a_stage_and_its_pipeline_say_the_same_and_every_change_is_kept(app: TestApp) {
        let sales = app.actor("sales").await.for_purpose("sales");
        let line = app.create("pipeline", &[("key", Value::text("new")), ("name", Value::text("New business"))]).await;
        let other = app.create("pipeline", &[("key", Value::text("old")), ("name", Value::text("Renewals"))]).await;
        let mut stages = vec![];
        for (position, (name, outcome, of)) in [("First", "open", &line), ("Offer", "open", &line), ("Signed", "won", &line), ("Renewed", "won", &other)].iter().enumerate() {
            let position = Value::Integer(i64::try_from(position).expect("small"));
            stages.push(app.create("pipeline_stage", &[("pipeline_id", Value::text(of.as_str())), ("name", Value::text(*name)), ("position", position), ("outcome", Value::text(*outcome))]).await);
        }
        let [first, offer, signed, renewed] = [0, 1, 2, 3].map(|at| stages[at].clone());
        let create = "mutation($input: DealCreateInput!) { createDeal(input: $input) { id stage pipelineId } }";
        let made = sales.send(create, json!({ "input": { "name": "A deal", "pipelineStageId": offer } })).await.ok();
        assert_eq!((made.data("/createDeal/stage"), made.data("/createDeal/pipelineId")), (&json!("prospecting"), &json!(line)));
        let id = made.data("/createDeal/id").as_str().expect("an id").to_owned();

        let shown = |answer: &Answer| (answer.data("/updateDeal/stage").clone(), answer.data("/updateDeal/pipelineStageId").clone());
        app.clock.set(instant("2026-05-02T10:00:00Z"));
        assert_eq!(shown(&set(&sales, &id, json!({ "pipelineStageId": signed })).await.ok()), (json!("won"), json!(signed)));
        app.clock.set(instant("2026-05-03T10:00:00Z"));
        assert_eq!(shown(&set(&sales, &id, json!({ "stage": "engaging" })).await.ok()), (json!("engaging"), json!(first)));
        set(&sales, &id, json!({ "amount": "12" })).await.ok();
        for (input, field) in [
            (json!({ "stage": "lost" }), "input.stage"),
            (json!({ "stage": "won", "pipelineStageId": offer }), "input.stage"),
            (json!({ "pipelineId": other }), "input.pipelineStageId"),
            (json!({ "pipelineId": line, "pipelineStageId": renewed }), "input.pipelineStageId"),
        ] {
            let refused = set(&sales, &id, input.clone()).await;
            assert_eq!((refused.code(), refused.error("/field")), ("BAD_USER_INPUT", &json!(field)), "{input}");
            assert!(refused.error("/remedy").is_string());
        }
        let moved: Vec<Json> = timeline(&sales, "deal", &id).await.into_iter().filter(|item| item["kind"] == "stage").collect();
        let steps: Vec<(Json, Json, Json)> = moved.iter().map(|item| (item["from"].clone(), item["to"].clone(), item["toPipelineStageId"].clone())).collect();
        let expected = [
            (json!("won"), json!("engaging"), json!(first)),
            (json!("prospecting"), json!("won"), json!(signed)),
            (Json::Null, json!("prospecting"), json!(offer)),
        ];
        assert_eq!(steps, expected, "refused and other changes are none");
    }

    async fn a_timeline_is_paged_without_gaps_and_shows_what_the_caller_may_see(app: TestApp) {
        let ada = app.contact("Ada", &[]).await;
        for day in 1..=5 {
            // Two at each instant, so that pages end within one.
            for of in ["a", "b"] {
                let values = [
                    ("kind", Value::text("note")),
                    ("subject_line", Value::text(format!("Note {day}{of}"))),
                    ("happened_at", Value::Instant(instant(&format!("2026-04-0{day}T10:00:00Z")))),
                    ("contact_id", Value::text(&*ada)),
                ];
                app.create("activity", &values).await;
            }
        }
        app.create("activity", &[("kind", Value::text("task")), ("subject_line", Value::text("To do")), ("contact_id", Value::text(&*ada))]).await;
        app.consent(&ada, "marketing", "email", "given", "2026-04-03T10:00:00Z").await;
        app.create("attachment", &[("name", Value::text("offer.pdf")), ("contact_id", Value::text(&*ada))]).await;
        let sales = app.actor("sales").await.for_purpose("sales");
        let all = timeline(&sales, "contact", &ada).await;
        let kinds: Vec<&str> = all.iter().filter_map(|item| item["kind"].as_str()).collect();
        assert_eq!(kinds.len(), 14, "{all:?}");
        assert_eq!(kinds[..3], ["activity", "attachment", "change"], "at one instant by kind: {all:?}");
        assert_eq!(all[2]["operation"], "create");
        let same_day: Vec<&str> = all.iter().filter(|item| item["at"] == "2026-04-03T10:00:00Z").filter_map(|item| item["text"].as_str()).collect();
        assert_eq!(same_day, ["Note 3a", "Note 3b", "given"]);
        for size in 1..=4 {
            let (mut paged, mut after) = (Vec::new(), Json::Null);
            loop {
                let page = sales.send(TIMELINE, json!({ "entity": "contact", "id": ada, "first": size, "after": after })).await.ok();
                paged.extend(page.data("/timeline/nodes").as_array().cloned().unwrap_or_default());
                if page.data("/timeline/pageInfo/hasNextPage") != true {
                    break;
                }
                after = page.data("/timeline/pageInfo/endCursor").clone();
            }
            assert_eq!(paged, all, "pages of {size}");
        }
        let foreign = sales.send(TIMELINE, json!({ "entity": "deal", "id": "x", "after": "x" })).await;
        assert_eq!(foreign.error("/field"), "after");
        assert_eq!(sales.send(TIMELINE, json!({ "entity": "astrology", "id": "x" })).await.error("/field"), "entity");
        // Marketing does not see somebody who said no, nor that anything happened with them.
        let marketing = app.actor("marketing").await.for_purpose("marketing");
        assert!(!timeline(&marketing, "contact", &ada).await.is_empty());
        app.consent(&ada, "marketing", "any", "objected", "2026-04-20T10:00:00Z").await;
        let hidden = marketing.send(TIMELINE, json!({ "entity": "contact", "id": ada })).await;
        let absent = marketing.send(TIMELINE, json!({ "entity": "contact", "id": "nobody" })).await;
        assert_eq!((hidden.data("/timeline"), &hidden.text), (&Json::Null, &absent.text));
    }

    async fn a_false_duplicate_is_dismissed_and_leads_have_a_queue_too(app: TestApp) {
        let twin = [("email", Value::text("same@example.org"))];
        let (ada, bea) = (app.contact("Ada", &twin).await, app.contact("Bea", &twin).await);
        let sales = app.actor("sales").await.for_purpose("sales");
        let queue = "{ contactDuplicates { nodes { ids reasons } } }";
        assert_eq!(sales.query(queue).await.ok().data("/contactDuplicates/nodes/0/ids"), &json!([ada, bea]));
        let dismiss = "mutation($ids: [ID!]!, $dismissed: Boolean) { dismissContactDuplicate(ids: $ids, dismissed: $dismissed) }";
        let refused = sales.send(dismiss, json!({ "ids": [ada] })).await;
        assert_eq!((refused.code(), refused.error("/field")), ("BAD_USER_INPUT", &json!("ids")));
        assert_eq!(sales.send(dismiss, json!({ "ids": [ada, "nobody"] })).await.code(), "NOT_FOUND");
        sales.send(dismiss, json!({ "ids": [bea, ada] })).await.ok();
        assert_eq!(sales.query(queue).await.ok().data("/contactDuplicates/nodes"), &json!([]));
        sales.send(dismiss, json!({ "ids": [ada, bea], "dismissed": false })).await.ok();
        assert_eq!(sales.query(queue).await.ok().data("/contactDuplicates/nodes/0/ids"), &json!([ada, bea]));

        let mut leads = vec![];
        for _ in 0..2 {
            leads.push(app.create("lead", &[("title", Value::text("Fleet of ten")), ("contact_id", Value::text(&*ada))]).await);
        }
        let found = sales.query("{ leadDuplicates { nodes { ids reasons } } }").await.ok();
        assert_eq!(found.data("/leadDuplicates/nodes"), &json!([{ "ids": leads, "reasons": ["contactAndTitle"] }]));
        // Groups are searched like lists.
        let grouped = sales.query("{ contactGroupBy(by: [lastName], search: \"bea\") { key { lastName } aggregate { count } } }").await.ok();
        assert_eq!(grouped.data("/contactGroupBy"), &json!([{ "key": { "lastName": "Bea" }, "aggregate": { "count": 1 } }]));
    }
}
