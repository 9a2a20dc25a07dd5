//! Break-glass: a reason, an alarm, half an hour, and nothing opened by itself.

use garant_testkit::{Setup, instant, on_both_databases};
use serde_json::json;

use super::*;

const START: &str = "mutation { startBreakGlass(reason: \"A customer's life is at risk\") { id expiresAt } }";

/// Has no rules where the only attribute, a boolean, is true.
pub(super) const UNLESS_BREAK_GLASS: &str = r#"
(func (export "plan")
  (param $hook i32) (param $entity i32) (param $entity_length i32) (param $context i32) (param $context_length i32)
  (param $settings i32) (param $settings_length i32) (param $tables i32) (param $tables_length i32) (result i32)
  (if (result i32) (i32.load8_u offset=16 (local.get $context)) (then (i32.const 64)) (else (i32.const $PLAN))))
"#;

on_both_databases! {
    async fn it_is_marked_told_logged_and_over_by_itself(app: TestApp) {
        let sales = two_contacts(&app).await;
        let router = app.process(Setup { break_glass_roles: vec!["sales".to_owned()], ..Setup::default() }).await;
        let (sales, dpo) = (sales.on(&router), app.actor("dpo").await.on(&router));
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        assert_eq!(count(&sales).await, 1);
        let started = sales.query(START).await.ok();
        assert_eq!(started.data("/startBreakGlass/expiresAt"), &json!("2026-05-01T10:30:00Z"));
        assert_eq!(count(&sales).await, 1, "it lifts nothing by itself");
        assert_eq!(sales.query(START).await.code(), "CONFLICT");
        // A policy that looks at it may decide otherwise, once the DPO has granted it the look.
        let mut looks = Guest { code: UNLESS_BREAK_GLASS, ..shows_only("FR", "2.0.0") };
        looks.manifest.attributes = vec!["actor.break_glass".to_owned()];
        install(&dpo, &looks).await.ok();
        let refused = upgrade(&dpo, "2.0.0").await;
        assert_eq!(refused.error("/missing"), &json!(["attribute actor.break_glass"]));
        let arguments = ", pluginVersion: \"2.0.0\", grant: {attributes: [\"actor.break_glass\"]}";
        change(&dpo, "upgradePolicy", "", arguments, json!({})).await.ok();
        assert_eq!(count(&sales).await, 2);
        assert_eq!(count(&app.actor("sales").await.on(&router).for_purpose("sales")).await, 1, "it is theirs alone");
        let alarms = dpo.query("{ alarms { id kind role reason endsAt seenAt } }").await.ok();
        // The policy for special categories asks for an alarm of its own, once; each break-glass has its own.
        let all = alarms.data("/alarms").as_array().expect("a list").clone();
        let asked: Vec<_> = all.iter().filter(|alarm| alarm["reason"] == "special-category/SPE-15").collect();
        assert_eq!((all.len(), asked.len()), (2, 1), "{all:?}");
        let alarm = all.iter().find(|alarm| alarm["kind"] == "break_glass").expect("the host's own");
        assert_eq!((&alarm["role"], &alarm["seenAt"]), (&json!("sales"), &Json::Null));
        assert_eq!(alarm["id"], *started.data("/startBreakGlass/id"));
        app.clock.set(instant("2026-05-01T10:30:00Z"));
        assert_eq!(count(&sales).await, 1);
        let log = app.store.read_log(garant_testkit::TENANT, 100).await.expect("the log");
        let marked: Vec<_> = log.iter().filter(|line| line.break_glass.as_deref() == alarm["id"].as_str()).collect();
        let operations: Vec<_> = marked.iter().map(|line| (line.operation.as_str(), line.outcome.as_str())).collect();
        assert!(operations.contains(&("break_glass", "started")), "{operations:?}");
        assert_eq!(operations.iter().filter(|(operation, _)| *operation == "read").count(), 2, "what was read meanwhile: {operations:?}");
        assert!(log.iter().all(|line| !format!("{line:?}").contains("life is at risk")), "no words of people in the log");
        // Over: it can be started again, and ended before its time.
        sales.query(START).await.ok();
        sales.query("mutation { endBreakGlass { id } }").await.ok();
        assert_eq!(sales.query("mutation { endBreakGlass { id } }").await.code(), "NOT_FOUND");
        let id = alarm["id"].clone();
        let see = "mutation($id: ID!) { seeAlarm(id: $id) }";
        dpo.send(see, json!({"id": id})).await.ok();
        assert_eq!(dpo.send(see, json!({"id": id})).await.code(), "NOT_FOUND");
    }

    async fn only_the_roles_that_may(app: TestApp) {
        let router = app.process(Setup { break_glass_roles: vec!["support".to_owned()], ..Setup::default() }).await;
        for role in ["sales", "dpo", "controller"] {
            assert_eq!(app.actor(role).await.on(&router).query(START).await.code(), "FORBIDDEN", "{role}");
        }
        let support = app.actor("support").await;
        assert_eq!(support.query(START).await.code(), "FORBIDDEN", "nobody may where the operator named no role");
        let silent = "mutation { startBreakGlass(reason: \"  \") { id } }";
        assert_eq!(support.on(&router).query(silent).await.error("/field"), &json!("reason"));
        assert_eq!(app.actor("dpo").await.query("{ alarms { id } }").await.ok().data("/alarms"), &json!([]));
    }
}
