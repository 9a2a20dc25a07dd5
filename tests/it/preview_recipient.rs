//! Before a contract is signed: what a drafted recipient would be shown, and that it is then shown just that.

use garant_domain::value::Value;
use garant_testkit::{Actor, Answer, TENANT, on_both_databases};
use serde_json::{Value as Json, json};

const PREVIEW: &str =
    "query($draft: RecipientDraftInput!) { previewRecipient(draft: $draft) { setVersion draft notes { en fr }
    card { card name parents framework source stated checked certainty }
    flows { entity purpose roles category fields outcome unavailable { code plugin }
        reasons { plugin code article title { en fr } effect dependsOnRecord } } } }";

async fn preview(dpo: &Actor, draft: Json) -> Answer {
    dpo.send(PREVIEW, json!({ "draft": draft })).await
}

fn flows(answer: &Answer, entity: &str) -> Vec<Json> {
    let flows = answer.data("/previewRecipient/flows").as_array().expect("flows");
    flows.iter().filter(|flow| flow["entity"] == entity).cloned().collect()
}

fn of<'a>(flows: &'a [Json], field: &str) -> &'a Json {
    let names = |flow: &&Json| flow["fields"].as_array().is_some_and(|fields| fields.contains(&json!(field)));
    flows.iter().find(names).unwrap_or_else(|| panic!("no {field}: {flows:?}"))
}

fn codes(flow: &Json, certain: bool) -> Vec<&str> {
    let reasons = flow["reasons"].as_array().into_iter().flatten();
    reasons.filter(|reason| reason["dependsOnRecord"] != certain).filter_map(|reason| reason["code"].as_str()).collect()
}

fn processor(country: &str) -> Json {
    json!({"role": "processor", "country": country, "contractUntil": "2030-01-01", "purposes": "sales"})
}

on_both_databases! {
    async fn a_draft_is_decided_as_the_recipient_then_is(app: TestApp) {
        app.contact("Ada", &[("phone", Value::text("+33 1"))]).await;
        let dpo = app.actor("dpo").await;
        let mut outcomes = std::collections::BTreeSet::new();
        for (what, set) in [
            ("in the Union", processor("FR")),
            ("without a contract", json!({"role": "processor", "country": "FR", "purposes": "sales"})),
            ("far away", processor("KE")),
        ] {
            let lines = app.store.read_log(TENANT, 1_000).await.expect("the log").len();
            let recipients = dpo.query("{ recipients { totalCount } }").await.ok().data("/recipients/totalCount").clone();
            let lines_after_counting = app.store.read_log(TENANT, 1_000).await.expect("the log").len();
            let draft = preview(&dpo, json!({"set": set, "role": "sales"})).await.ok();
            assert_eq!(app.store.read_log(TENANT, 1_000).await.expect("the log").len(), lines_after_counting, "{lines}: nothing is written");
            assert_eq!(dpo.query("{ recipients { totalCount } }").await.ok().data("/recipients/totalCount"), &recipients);
            let contact = flows(&draft, "contact");
            assert!(contact.iter().all(|flow| flow["purpose"] == "sales" && flow["roles"] == json!(["sales"])), "{what}: {}", draft.text);
            let categories: std::collections::BTreeSet<&str> = contact.iter().filter_map(|flow| flow["category"].as_str()).collect();
            assert!(categories.len() > 5, "{what}: {categories:?}");
            // The same, registered: its client is shown what the draft said.
            let mut input = set.clone();
            input["name"] = json!(what);
            let create = "mutation($input: RecipientCreateInput!) { createRecipient(input: $input) { id } }";
            let made = dpo.send(create, json!({ "input": input })).await.ok();
            let id = made.data("/createRecipient/id").as_str().expect("an id").to_owned();
            let client = app.client("sales", Some(&id)).await.for_purpose("sales");
            let answer = client.query("{ contacts { nodes { lastName email phone healthNote policy { masked { field } } } } }").await;
            for field in ["lastName", "email", "phone", "healthNote"] {
                let outcome = of(&contact, field)["outcome"].as_str().expect("an outcome");
                let expected = match answer.code() {
                    "POLICY_REFUSED" => ["refused"].as_slice(),
                    "" if answer.data("/contacts/nodes/0/policy/masked").to_string().contains(field) => &["masked"],
                    "" if answer.data("/contacts/nodes/0").is_object() => &["allowed", "flagged"],
                    code => panic!("{what}: {code}"),
                };
                assert!(expected.contains(&outcome), "{what}: {field} is drafted as {outcome}: {}", answer.text);
                outcomes.insert(outcome.to_owned());
            }
            if what == "in the Union" {
                assert!(!codes(of(&contact, "healthNote"), true).is_empty(), "{contact:?}");
                assert!(!codes(of(&contact, "email"), false).is_empty(), "some are held back for reasons of their own: {contact:?}");
            } else {
                assert!(codes(of(&contact, "email"), true).iter().any(|code| code.starts_with("TRF-")), "{contact:?}");
            }
        }
        assert!(["masked", "refused"].iter().all(|outcome| outcomes.contains(*outcome)) && outcomes.len() > 2, "{outcomes:?}");
    }

    async fn a_draft_starts_from_a_card_and_from_what_is_known(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let cards = dpo.query("{ providerCards { card name country parents source stated checked certainty } }").await.ok();
        let list = cards.data("/providerCards").as_array().expect("cards").clone();
        assert!(list.len() > 5 && list.iter().all(|card| card["source"].is_string() && card["stated"].is_string()), "{list:?}");
        let key = list.iter().find(|card| card["country"] == "US").expect("a card")["card"].clone();
        let plain = preview(&dpo, json!({"card": key, "set": {"purposes": "sales"}})).await.ok();
        let draft = plain.data("/previewRecipient/draft");
        assert_eq!((&draft["country"], &draft["role"], &draft["mechanism"]), (&json!("US"), &json!("processor"), &json!("dpf")));
        assert!(plain.texts("/previewRecipient/notes", "/en").iter().any(|note| note.contains("source")), "nobody checked it yet: {}", plain.text);
        assert!(flows(&plain, "contact").iter().all(|flow| flow["outcome"] == "refused"), "no contract: {}", plain.text);
        let signed = json!({"purposes": "sales", "contractUntil": "2030-01-01"});
        let signed = preview(&dpo, json!({"card": "ovh", "set": signed})).await.ok();
        let email = flows(&signed, "contact");
        assert!(["allowed", "flagged"].iter().any(|outcome| of(&email, "email")["outcome"] == *outcome), "{email:?}");
        // A deal stays and forgets the person; every purpose of the draft, every role that may name it.
        assert!(flows(&signed, "deal").iter().all(|flow| flow["purpose"] == "sales"));
        assert!(email.iter().any(|flow| flow["roles"].as_array().is_some_and(|roles| roles.contains(&json!("sales")))), "{email:?}");
        let all = preview(&dpo, json!({"set": {"role": "processor", "country": "FR"}})).await.ok();
        let purposes: std::collections::BTreeSet<String> = flows(&all, "contact").iter().map(|flow| flow["purpose"].to_string()).collect();
        assert!(purposes.len() > 3, "a draft that names none: {purposes:?}");
    }

    async fn a_draft_that_makes_no_sense_is_told(app: TestApp) {
        let dpo = app.actor("dpo").await;
        for (draft, code, field) in [
            (json!({"card": "acme"}), "NOT_FOUND", "draft.card"),
            (json!({"set": {"country": "FR"}}), "BAD_USER_INPUT", "draft.set.role"),
            (json!({"set": {"role": "astrologer", "country": "FR"}}), "BAD_USER_INPUT", "draft.set.role"),
            (json!({"set": {"colour": "red"}}), "BAD_USER_INPUT", "draft.set.colour"),
            (json!({"set": processor("FR"), "purposes": ["astrology"]}), "NOT_FOUND", "draft.purposes"),
            (json!({"set": processor("FR"), "channel": "pigeon"}), "BAD_USER_INPUT", "draft.channel"),
        ] {
            let answer = preview(&dpo, draft.clone()).await;
            assert_eq!((answer.code(), answer.error("/field")), (code, &json!(field)), "{draft}: {}", answer.text);
        }
        let sales = app.actor("sales").await;
        assert_eq!(preview(&sales, json!({"set": processor("FR")})).await.code(), "FORBIDDEN");
        assert_eq!(sales.query("{ providerCards { card } }").await.code(), "FORBIDDEN");
    }
}
