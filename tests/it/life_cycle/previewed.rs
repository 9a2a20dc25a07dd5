//! A step in the life of a policy, previewed before it is taken: added, exchanged, removed, rolled back,
//! timed, called off.

use garant_testkit::{Setup, on_both_databases};
use serde_json::json;

use super::break_glass::UNLESS_BREAK_GLASS;
use super::*;

const PREVIEW: &str =
    "query($change: PolicyChangeInput!, $at: DateTime) { previewPolicyChange(change: $change, at: $at) {
    at ungranted { fields attributes } notes { en } impacts {
        entity purpose roles breakGlass rowsBefore rowsAfter rowsLost rowsGained } } }";

async fn preview_at(dpo: &Actor, mut change: Json, at: Option<&str>) -> Answer {
    change["id"] = json!("walls");
    dpo.send(PREVIEW, json!({"change": change, "at": at})).await.ok()
}

async fn preview(dpo: &Actor, change: Json) -> Answer {
    preview_at(dpo, change, None).await
}

async fn upgrade_with(dpo: &Actor, version: &str, attribute: &str) -> Answer {
    let arguments = format!(", pluginVersion: \"{version}\", grant: {{attributes: [\"{attribute}\"]}}");
    change(dpo, "upgradePolicy", "", &arguments, json!({})).await
}

/// What sales would see of contacts: lost and gained; nothing where that stays as it is.
fn sales(answer: &Answer, break_glass: bool) -> Option<(i64, i64)> {
    let impacts = answer.data("/previewPolicyChange/impacts").as_array().expect("impacts");
    let mine = |impact: &&Json| {
        impact["entity"] == "contact"
            && impact["purpose"] == "sales"
            && impact["breakGlass"] == break_glass
            && impact["roles"].as_array().is_some_and(|roles| roles.contains(&json!("sales")))
    };
    let impact = impacts.iter().find(mine)?;
    Some((impact["rowsLost"].as_i64()?, impact["rowsGained"].as_i64()?))
}

on_both_databases! {
    async fn each_step_is_previewed_as_it_then_is(app: TestApp) {
        let seller = two_contacts(&app).await;
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        install(&dpo, &shows_only("DE", "2.0.0")).await.ok();
        // A preview comes before the grant, and says what would have to be granted.
        let adding = preview(&dpo, json!({"pluginVersion": "1.0.0"})).await;
        assert_eq!(sales(&adding, false), Some((1, 0)));
        assert_eq!(adding.data("/previewPolicyChange/ungranted/fields"), &json!(["country", "email"]));
        assert_eq!(walls(&dpo).await, Json::Null, "nothing was added");
        assert_eq!(sales(&preview(&dpo, json!({"pluginVersion": "1.0.0", "mode": "OFF"})).await, false), None);
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        assert_eq!(count(&seller).await, 1);
        let exchanging = preview(&dpo, json!({"digest": digest(&dpo, "2.0.0").await})).await;
        assert_eq!(sales(&exchanging, false), Some((1, 1)), "one for the other");
        assert_eq!(exchanging.data("/previewPolicyChange/ungranted/fields"), &json!([]));
        upgrade(&dpo, "2.0.0").await.ok();
        assert_eq!(sales(&preview(&dpo, json!({"rollback": true})).await, false), Some((1, 1)));
        plainly(&dpo, "rollbackPolicy").await.ok();
        assert_eq!(sales(&preview(&dpo, json!({"remove": true})).await, false), Some((0, 1)));
        plainly(&dpo, "removePolicy").await.ok();
        assert_eq!(count(&seller).await, 2);
    }

    async fn what_is_in_force_at_an_instant_is_compared(app: TestApp) {
        two_contacts(&app).await;
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        let change = json!({"mode": "OFF", "effectiveFrom": "2026-05-01T12:00:00Z", "expiresAt": "2026-05-01T14:00:00Z"});
        let begins = preview(&dpo, change.clone()).await;
        assert_eq!(begins.data("/previewPolicyChange/at"), "2026-05-01T12:00:00Z", "when it takes effect");
        for (at, expected) in [
            ("2026-05-01T11:59:59Z", None),
            ("2026-05-01T12:00:00Z", Some((0, 1))),
            ("2026-05-01T13:59:59Z", Some((0, 1))),
            ("2026-05-01T14:00:00Z", None),
        ] {
            assert_eq!(sales(&preview_at(&dpo, change.clone(), Some(at)).await, false), expected, "{at}");
        }
        // The same change, made: calling it off takes back what it would open.
        let arguments = ", mode: OFF, effectiveFrom: \"2026-05-01T12:00:00Z\", expiresAt: \"2026-05-01T14:00:00Z\"";
        let made = super::change(&dpo, "setPolicyMode", "", arguments, json!({})).await.ok();
        let number = made.data("/setPolicyMode/scheduled/0/change").clone();
        let off = json!({"cancel": number});
        assert_eq!(sales(&preview_at(&dpo, off.clone(), Some("2026-05-01T13:00:00Z")).await, false), Some((1, 0)));
        assert_eq!(sales(&preview(&dpo, off).await, false), None, "not yet");
    }

    async fn requests_under_break_glass_are_counted_where_a_policy_looks_at_it(app: TestApp) {
        two_contacts(&app).await;
        let router = app.process(Setup { break_glass_roles: vec!["sales".to_owned()], ..Setup::default() }).await;
        let dpo = app.actor("dpo").await.on(&router);
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        let mut looks = Guest { code: UNLESS_BREAK_GLASS, ..shows_only("FR", "2.0.0") };
        looks.manifest.attributes = vec!["actor.break_glass".to_owned()];
        install(&dpo, &looks).await.ok();
        let blind = preview(&dpo, json!({"pluginVersion": "1.0.0"})).await;
        assert_eq!((sales(&blind, false), sales(&blind, true)), (Some((1, 0)), Some((1, 0))), "a shipped policy looks at it");
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        let answer = preview(&dpo, json!({"pluginVersion": "2.0.0"})).await;
        assert_eq!((sales(&answer, false), sales(&answer, true)), (None, Some((0, 1))), "{}", answer.text);
        assert_eq!(answer.data("/previewPolicyChange/ungranted/attributes"), &json!(["actor.break_glass"]));
        // Where no role may break the glass, nobody is counted so.
        let answer = preview(&app.actor("dpo").await, json!({"pluginVersion": "2.0.0"})).await;
        assert_eq!(sales(&answer, true), None);
        // The same access, explained as if it were made.
        upgrade_with(&dpo, "2.0.0", "actor.break_glass").await.ok();
        let dora = dpo.for_purpose("sales").query("{ contacts(filter: {lastName: {eq: \"Dora\"}}) { nodes { id } } }").await;
        assert_eq!(dora.texts("/contacts/nodes", "/id"), Vec::<String>::new(), "hidden from whoever asks without");
        let dora = app.create("contact", &[("last_name", garant_domain::value::Value::text("Dirk")), ("country", garant_domain::value::Value::text("DE"))]).await;
        let explain = "query($id: ID!, $as: ExplainAs!) { explainAccess(entity: \"contact\", id: $id, as: $as) { outcome
            rules { plugin bites } context { name value } } }";
        let walls = |answer: &Answer| answer.data("/explainAccess/rules").as_array().into_iter().flatten().filter(|rule| rule["plugin"] == "walls" && rule["bites"] == true).count();
        let mut by = json!({"role": "sales", "purpose": "sales"});
        let without = dpo.send(explain, json!({"id": dora, "as": by})).await.ok();
        by["breakGlass"] = json!(true);
        let with = dpo.send(explain, json!({"id": dora, "as": by})).await.ok();
        assert_eq!((walls(&without), walls(&with)), (1, 0), "{}", with.text);
        let seen = json!({"name": "actor.break_glass", "value": true});
        assert!(with.data("/explainAccess/context").as_array().is_some_and(|context| context.contains(&seen)), "{}", with.text);
        by["role"] = json!("dpo");
        let never = dpo.send(explain, json!({"id": dora, "as": by})).await;
        assert_eq!((never.code(), never.error("/field")), ("BAD_USER_INPUT", &json!("as.breakGlass")), "{}", never.text);
    }

    async fn where_no_policy_looks_at_break_glass_the_preview_says_so(app: TestApp) {
        let guest = shows_only("FR", "1.0.0");
        let plugins = vec![garant_service::ShippedPlugin { id: "walls".to_owned(), bytes: guest.module(), signature: None }];
        let app = TestApp::start_with(app.database.backend(), plugins.clone()).await;
        two_contacts(&app).await;
        let router = app.process(Setup { plugins, break_glass_roles: vec!["sales".to_owned()], ..Setup::default() }).await;
        let answer = preview(&app.actor("dpo").await.on(&router), json!({"mode": "OFF"})).await;
        assert_eq!((sales(&answer, false), sales(&answer, true)), (Some((0, 1)), None));
        assert!(answer.texts("/previewPolicyChange/notes", "/en").iter().any(|note| note.contains("break-glass")), "{}", answer.text);
    }
}
