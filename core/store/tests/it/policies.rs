//! Policy sets are appended, one at a time, and never change.

use garant_domain::policy_set::{Mode, Needs, PolicyChange, PolicyEntry, PolicySet};
use garant_store::{NewToken, StoreError};
use serde_json::json;

use crate::both;
use crate::support::*;

fn set(version: i64, mode: Mode) -> (PolicySet, PolicyChange) {
    let entry = PolicyEntry {
        id: "consent".to_owned(),
        digest: "d".to_owned(),
        plugin_version: "1.0.0".to_owned(),
        mode,
        settings: json!({ "soft_opt_in": true }),
        version,
        granted: Needs::default(),
        changes: vec![],
    };
    let change = PolicyChange {
        set_version: version,
        at: NOW,
        actor: "dpo".to_owned(),
        reason: "because".to_owned(),
        policy: if version % 2 == 0 { "consent".to_owned() } else { "retention".to_owned() },
        what: "mode".to_owned(),
        before: json!(null),
        after: json!("enforce"),
        effective_from: Some(NOW + 1),
        expires_at: None,
        confirmed_by: Some("controller".to_owned()),
    };
    (PolicySet { version, entries: vec![entry] }, change)
}

both!(sets_follow_one_another, |db: Db| async move {
    let store = &db.store;
    assert_eq!(store.current_set_version(TENANT).await.expect("read"), None);
    for version in 1..4 {
        let (set, change) = set(version, Mode::Enforce);
        store.append_set(TENANT, &set, &[change]).await.expect("appended");
        assert_eq!(store.current_set_version(TENANT).await.expect("read"), Some(version));
        assert_eq!(store.load_set(TENANT, version).await.expect("read"), set);
    }
    for version in [0, 1, 3, 5] {
        let (set, change) = set(version, Mode::Off);
        let error = store.append_set(TENANT, &set, &[change]).await.expect_err("out of turn");
        assert!(matches!(error, StoreError::Conflict));
    }
    assert_eq!(store.current_set_version("other").await.expect("read"), None);
    let versions = |changes: Vec<PolicyChange>| changes.iter().map(|change| change.set_version).collect::<Vec<_>>();
    assert_eq!(versions(store.changes(TENANT, None, 10).await.expect("read")), [3, 2, 1]);
    assert_eq!(versions(store.changes(TENANT, None, 1).await.expect("read")), [3]);
    assert_eq!(versions(store.changes(TENANT, Some("consent"), 10).await.expect("read")), [2]);
    assert_eq!(store.changes(TENANT, None, 1).await.expect("read")[0], set(3, Mode::Enforce).1);
});

both!(of_two_at_once_one_wins, |db: Db| async move {
    for version in 1..6 {
        let append = || {
            let store = db.store.clone();
            let (set, change) = set(version, Mode::Enforce);
            tokio::spawn(async move { store.append_set(TENANT, &set, &[change]).await })
        };
        let (a, b) = tokio::join!(append(), append());
        let outcomes = [a.expect("ended"), b.expect("ended")];
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert!(outcomes.iter().any(|outcome| matches!(outcome, Err(StoreError::Conflict))));
    }
    assert_eq!(db.store.changes(TENANT, None, 100).await.expect("read").len(), 5);
});

both!(components_are_kept_by_digest, |db: Db| async move {
    assert_eq!(db.store.get_component("d").await.expect("read"), None);
    db.store.put_component("d", &[0, 1, 255], NOW).await.expect("stored");
    db.store.put_component("d", &[9], NOW).await.expect("stored again");
    assert_eq!(db.store.get_component("d").await.expect("read"), Some(vec![0, 1, 255]));
});

both!(tokens_are_found_before_the_tenant_is_known, |db: Db| async move {
    let token = NewToken {
        hash: "h".to_owned(),
        tenant: "other".to_owned(),
        actor_id: "u".to_owned(),
        name: "n".to_owned(),
        role: "dpo".to_owned(),
        country: None,
        recipient_id: Some("r".to_owned()),
        default_purpose: None,
        expires_at: Some(NOW),
        ..NewToken::default()
    };
    db.store.put_token(&token, NOW).await.expect("stored");
    let found = db.store.find_token("h").await.expect("read").expect("there");
    assert_eq!((found.tenant.as_str(), found.role.as_str(), found.expires_at), ("other", "dpo", Some(NOW)));
    assert_eq!((found.recipient_id.as_deref(), found.country), (Some("r"), None));
    assert_eq!(db.store.find_token("x").await.expect("read"), None);
    assert!(db.store.put_token(&token, NOW).await.is_err(), "a hash belongs to one token");
});
