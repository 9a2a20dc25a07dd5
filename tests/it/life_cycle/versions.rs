//! Versions side by side: adding, granting, exchanging, rolling back, removing, uninstalling.

use garant_testkit::on_both_databases;
use serde_json::json;

use super::*;

on_both_databases! {
    async fn a_plugin_lives_from_installing_to_uninstalling(app: TestApp) {
        let sales = two_contacts(&app).await;
        let there = sales.on(&app.second_process().await);
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        install(&dpo, &shows_only("DE", "2.0.0")).await.ok();
        assert_eq!(count(&sales).await, 2, "installed is not in force");
        // Both processes see each step with their next request.
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        assert_eq!((count(&sales).await, count(&there).await), (json!(1), json!(1)));
        upgrade(&dpo, "2.0.0").await.ok();
        let names = |answer: &Answer| answer.texts("/contacts/nodes", "/lastName");
        let nodes = "{ contacts { nodes { lastName } } }";
        for actor in [&sales, &there] {
            assert_eq!(names(&actor.query(nodes).await.ok()), ["Dora"]);
        }
        plainly(&dpo, "rollbackPolicy").await.ok();
        assert_eq!(walls(&dpo).await["pluginVersion"], "1.0.0");
        for actor in [&sales, &there] {
            assert_eq!(names(&actor.query(nodes).await.ok()), ["Cleo"]);
        }
        // In use: not to be uninstalled, by either version name of it.
        let (old, new) = (digest(&dpo, "1.0.0").await, digest(&dpo, "2.0.0").await);
        let uninstall = async |digest: &str| {
            let query = "mutation($digest: String!) { uninstallPolicy(id: \"walls\", digest: $digest, reason: \"x\") { version } }";
            dpo.send(query, json!({"digest": digest})).await
        };
        assert_eq!(uninstall(&old).await.code(), "CONFLICT");
        uninstall(&new).await.ok();
        assert_eq!(uninstall(&new).await.code(), "NOT_FOUND");
        assert_eq!(upgrade(&dpo, "2.0.0").await.code(), "NOT_FOUND", "what is not installed cannot be chosen");
        set_mode(&dpo, "OFF").await.ok();
        uninstall(&old).await.ok();
        let on = set_mode(&dpo, "ENFORCE").await;
        assert_eq!(on.code(), "CONFLICT", "{}", on.text);
        plainly(&dpo, "removePolicy").await.ok();
        assert_eq!((walls(&dpo).await, count(&there).await), (Json::Null, json!(2)));
        let history = dpo.query("{ policyHistory(id: \"walls\", first: 20) { what reason actor } }").await.ok();
        assert_eq!(history.texts("/policyHistory", "/what"), ["removed", "mode", "rollback", "component", "added"]);
        // Every set that ever decided can be read and loaded again.
        for version in 1..=6 {
            let set = app.store.load_set(garant_testkit::TENANT, version).await.expect("a set");
            for entry in set.entries {
                assert!(app.store.get_component(&entry.digest).await.expect("read").is_some(), "{}", entry.id);
            }
        }
    }

    async fn more_than_was_granted_needs_a_grant(app: TestApp) {
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        let mut greedy = shows_only("FR", "2.0.0");
        greedy.manifest.facts.push("subject.restricted".to_owned());
        greedy.manifest.entities.push("company".to_owned());
        install(&dpo, &greedy).await.ok();
        let without = json!({"plugin": "1.0.0"});
        let types = ", $plugin: String!";
        let refused = change(&dpo, "addPolicy", types, ", pluginVersion: $plugin, mode: OBSERVE", without).await;
        assert_eq!(refused.code(), "GRANT_REQUIRED", "{}", refused.text);
        assert_eq!(refused.error("/field"), &json!("grant"));
        let asked = refused.error("/grant").clone();
        assert_eq!(asked["facts"], grant()["facts"]);
        // What the error says is what the argument takes.
        let with = json!({"plugin": "1.0.0", "grant": asked});
        let both = ", $plugin: String!, $grant: PolicyGrant";
        change(&dpo, "addPolicy", both, ", pluginVersion: $plugin, mode: OBSERVE, grant: $grant", with).await.ok();
        let more = upgrade(&dpo, "2.0.0").await;
        assert_eq!(more.code(), "GRANT_REQUIRED");
        assert_eq!(more.error("/missing"), &json!(["entity company", "fact subject.restricted"]), "exactly what is new");
        let policy = walls(&dpo).await;
        assert_eq!((&policy["pluginVersion"], &policy["version"]), (&json!("1.0.0"), &json!(2)), "nothing was changed");
        let half = json!({"plugin": "2.0.0", "grant": {"facts": ["subject.restricted"]}});
        let half = change(&dpo, "upgradePolicy", both, ", pluginVersion: $plugin, grant: $grant", half).await;
        assert_eq!(half.error("/missing"), &json!(["entity company"]));
        let whole = json!({"plugin": "2.0.0", "grant": more.error("/grant")});
        change(&dpo, "upgradePolicy", both, ", pluginVersion: $plugin, grant: $grant", whole).await.ok();
        // Granted once: back and forth again asks nothing.
        upgrade(&dpo, "1.0.0").await.ok();
        upgrade(&dpo, "2.0.0").await.ok();
        let nonsense = json!({"plugin": "2.0.0", "grant": {"wishes": ["x"]}});
        let nonsense = change(&dpo, "upgradePolicy", both, ", pluginVersion: $plugin, grant: $grant", nonsense).await;
        assert_eq!(nonsense.code(), "BAD_USER_INPUT");
    }

    async fn what_was_there_before_grants_is_granted_with_its_own_version(app: TestApp) {
        let sales = two_contacts(&app).await;
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        // As a server that knew no grants left it.
        let mut old = app.store.load_set(garant_testkit::TENANT, 2).await.expect("a set");
        old.version = 3;
        old.entries.iter_mut().for_each(|entry| entry.granted = garant_domain::policy_set::Needs::default());
        app.store.append_set(garant_testkit::TENANT, &old, &[]).await.expect("stored");
        assert_eq!(count(&sales).await, 1, "it goes on deciding");
        let refused = set_mode(&dpo, "OBSERVE").await;
        assert_eq!((refused.code(), refused.error("/field")), ("GRANT_REQUIRED", &json!("grant")), "{}", refused.text);
        assert_eq!(upgrade(&dpo, "1.0.0").await.code(), "GRANT_REQUIRED");
        let same = json!({"plugin": "1.0.0", "grant": refused.error("/grant")});
        let types = ", $plugin: String!, $grant: PolicyGrant";
        change(&dpo, "upgradePolicy", types, ", pluginVersion: $plugin, grant: $grant", same).await.ok();
        assert_eq!(walls(&dpo).await["granted"]["facts"], grant()["facts"]);
        set_mode(&dpo, "OBSERVE").await.ok();
        assert_eq!(count(&sales).await, 2);
        // Switching off never waits for a grant.
        let mut older = app.store.load_set(garant_testkit::TENANT, 5).await.expect("a set");
        older.version = 6;
        older.entries.iter_mut().for_each(|entry| entry.granted = garant_domain::policy_set::Needs::default());
        app.store.append_set(garant_testkit::TENANT, &older, &[]).await.expect("stored");
        set_mode(&dpo, "OFF").await.ok();
    }

    async fn a_wrong_change_says_what_is_wrong(app: TestApp) {
        let dpo = app.actor("dpo").await;
        install(&dpo, &shows_only("FR", "1.0.0")).await.ok();
        assert_eq!(plainly(&dpo, "removePolicy").await.code(), "NOT_FOUND");
        assert_eq!(plainly(&dpo, "rollbackPolicy").await.code(), "NOT_FOUND");
        assert_eq!(upgrade(&dpo, "1.0.0").await.code(), "NOT_FOUND");
        add(&dpo, "1.0.0", "ENFORCE").await.ok();
        assert_eq!(add(&dpo, "1.0.0", "ENFORCE").await.code(), "CONFLICT");
        assert_eq!(add(&dpo, "9.9.9", "ENFORCE").await.code(), "NOT_FOUND");
        assert_eq!(plainly(&dpo, "rollbackPolicy").await.code(), "NOT_FOUND", "before it was added there is nothing");
        let both = "mutation { upgradePolicy(id: \"walls\", expectedVersion: 2, reason: \"x\") { id } }";
        assert_eq!(dpo.query(both).await.error("/field"), &json!("pluginVersion"));
        let stale = "mutation { removePolicy(id: \"walls\", expectedVersion: 1, reason: \"x\") { id } }";
        assert_eq!(dpo.query(stale).await.code(), "CONFLICT");
        let silent = "mutation { removePolicy(id: \"walls\", expectedVersion: 2, reason: \" \") { id } }";
        assert_eq!(dpo.query(silent).await.error("/field"), &json!("reason"));
        let none = change(&dpo, "cancelPolicyChange", ", $n: Int!", ", change: $n", json!({"n": 77})).await;
        assert_eq!((none.code(), none.error("/field")), ("NOT_FOUND", &json!("change")));
        // A version whose rules do not hold is not exchanged for one whose rules do.
        let mut wrong = shows_only("FR", "3.0.0");
        wrong.plan.rules[0].when = vec![Node::Field("email"), Node::Integer(3), Node::Eq];
        install(&dpo, &wrong).await.ok();
        let refused = upgrade(&dpo, "3.0.0").await;
        assert_eq!(refused.code(), "POLICY_UNAVAILABLE", "{}", refused.text);
        assert_eq!(walls(&dpo).await["pluginVersion"], "1.0.0");
        // Removed by mistake: one call brings it back, mode and settings and all.
        plainly(&dpo, "removePolicy").await.ok();
        let back = plainly(&dpo, "rollbackPolicy").await.ok();
        assert_eq!(back.data("/rollbackPolicy/mode"), &json!("ENFORCE"));
        assert_eq!(back.data("/rollbackPolicy/version"), &json!(4), "never a version that it had before");
    }

    async fn shipped_versions_are_exchanged_like_any_others(app: TestApp) {
        let dpo = app.actor("dpo").await;
        let switched = "mutation { setPolicyMode(id: \"consent\", mode: OBSERVE, expectedVersion: 1, reason: \"x\") { mode } }";
        dpo.query(switched).await.ok();
        let back = "mutation { rollbackPolicy(id: \"consent\", expectedVersion: 2, reason: \"x\") { mode version } }";
        let back = dpo.query(back).await.ok();
        assert_eq!((back.data("/rollbackPolicy/mode"), back.data("/rollbackPolicy/version")), (&json!("ENFORCE"), &json!(3)));
    }
}
