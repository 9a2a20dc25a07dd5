//! What may be installed, and by whom.

use garant_testkit::{Setup, on_both_databases, signed};
use serde_json::json;

use super::*;

on_both_databases! {
    async fn a_signed_plugin_is_installed_once(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let guest = shows_only("FR", "1.0.0");
        let first = install(&dpo, &guest).await.ok();
        let row = first.data("/installPolicy");
        assert_eq!((&row["id"], &row["version"], &row["inSet"]), (&json!("walls"), &json!("1.0.0"), &json!(false)));
        assert_eq!(row["publisher"], "Test author");
        assert_eq!(row["ungranted"]["fields"], json!(["country", "email"]), "nothing was granted yet");
        install(&dpo, &guest).await.ok();
        let rows = dpo.query("{ policyVersions(id: \"walls\") { digest } }").await.ok();
        assert_eq!(rows.data("/policyVersions").as_array().map(Vec::len), Some(1));
        let shipped = dpo.query("{ policyVersions(id: \"consent\") { publisher inSet installedBy } }").await.ok();
        let shipped = shipped.data("/policyVersions/0");
        assert_eq!((&shipped["publisher"], &shipped["inSet"]), (&json!("Garant, with the server"), &json!(true)));
    }

    async fn what_nobody_vouches_for_is_refused(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let file = shows_only("FR", "1.0.0").module();
        let (stranger, _) = garant_policy::key_pair([1; 32]);
        let strange = garant_policy::sign(&stranger, &file).expect("a key");
        let mut changed = file.clone();
        changed.extend_from_slice(&[0, 2, 1, b'x']);
        for (file, signature, field, says) in [
            (&file, None, "signature", "UNSIGNED"),
            (&file, Some(strange), "signature", "UNTRUSTED_PUBLISHER"),
            (&changed, Some(signed(&file)), "signature", "SIGNATURE_MISMATCH"),
            (&file, Some("hello".to_owned()), "signature", "BAD_SIGNATURE"),
            (&b"no wasm".to_vec(), Some(signed(b"no wasm")), "component", "NOT_A_PLUGIN"),
        ] {
            let answer = install_file(&dpo, file, signature).await;
            assert_eq!((answer.code(), answer.error("/field")), ("BAD_USER_INPUT", &json!(field)), "{}", answer.text);
            assert!(answer.text.contains(says) && answer.error("/remedy").is_string(), "{}", answer.text);
        }
        let nonsense = dpo.query("mutation { installPolicy(component: \"***\", reason: \"x\") { id } }").await;
        assert_eq!((nonsense.code(), nonsense.error("/field")), ("BAD_USER_INPUT", &json!("component")));
        let silent = dpo.send("mutation($c: String!) { installPolicy(component: $c, reason: \" \") { id } }", json!({"c": ""})).await;
        assert_eq!(silent.error("/field"), &json!("reason"), "{}", silent.text);
        assert_eq!(walls(&dpo).await, Json::Null);
        assert_eq!(dpo.query("{ policyVersions(id: \"walls\") { digest } }").await.ok().data("/policyVersions"), &json!([]));
        // Where the operator allows it, none is needed; a wrong one is still refused.
        let lax = app.process(Setup { allow_unsigned: true, ..Setup::default() }).await;
        assert_eq!(install_file(&dpo.on(&lax), &changed, Some(signed(&file))).await.code(), "BAD_USER_INPUT");
        let unsigned = install_file(&dpo.on(&lax), &file, None).await.ok();
        assert_eq!(unsigned.data("/installPolicy/publisher"), &Json::Null);
    }

    async fn nobody_but_the_dpo_has_a_hand_in_it(app: TestApp) {
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        let code = digest(&dpo, "1.0.0").await;
        let id = "id: \"walls\", expectedVersion: 0, reason: \"x\"";
        for role in ["sales", "admin", "controller"] {
            let actor = app.actor(role).await;
            for query in [
                "{ policyVersions { id } }".to_owned(),
                "{ alarms { id } }".to_owned(),
                "mutation { installPolicy(component: \"\", reason: \"x\") { id } }".to_owned(),
                format!("mutation {{ uninstallPolicy(id: \"walls\", digest: \"{code}\", reason: \"x\") {{ id }} }}"),
                format!("mutation {{ addPolicy({id}, digest: \"{code}\", mode: ENFORCE) {{ id }} }}"),
                format!("mutation {{ upgradePolicy({id}, digest: \"{code}\") {{ id }} }}"),
                format!("mutation {{ removePolicy({id}) {{ id }} }}"),
                format!("mutation {{ rollbackPolicy({id}) {{ id }} }}"),
                format!("mutation {{ cancelPolicyChange({id}, change: 1) {{ id }} }}"),
                "mutation { seeAlarm(id: \"x\") }".to_owned(),
            ] {
                assert_eq!(actor.query(&query).await.code(), "FORBIDDEN", "{role}: {query}");
            }
            if role != "controller" {
                for query in [
                    "{ pendingPolicyChanges { id } }",
                    "mutation { confirmPolicyChange(id: \"x\") { id } }",
                    "mutation { rejectPolicyChange(id: \"x\") { id } }",
                ] {
                    assert_eq!(actor.query(query).await.code(), "FORBIDDEN", "{role}: {query}");
                }
            }
        }
        assert_eq!(walls(&dpo).await, Json::Null);
    }
}
