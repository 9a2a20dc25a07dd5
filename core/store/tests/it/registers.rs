//! Each transaction that writes to a register leaves another state behind, and no other does.

use garant_domain::value::Value;

use crate::both;
use crate::support::*;

both!(only_a_commit_to_a_register_moves_its_state, |db: Db| async move {
    let store = &db.store;
    let state = |tenant: &'static str| async move { store.current_state(tenant).await.expect("read").registers };
    assert_eq!(state(TENANT).await, None);
    let purpose = |id: &str| record(id, &[("key", t(id)), ("roles", t("sales"))]);

    put(store, TENANT, "purpose", vec![purpose("a"), purpose("b")]).await;
    let first = state(TENANT).await;
    assert!(first.is_some());
    assert_eq!(state("other").await, None);

    put(store, TENANT, "contact", vec![record("1", &[("last_name", t("Zola"))])]).await;
    assert_eq!(state(TENANT).await, first, "people are no register");

    let mut lost = store.begin_write(TENANT).await.expect("a transaction");
    lost.insert("purpose", &purpose("c")).await.expect("inserted");
    drop(lost);
    assert_eq!(state(TENANT).await, first, "rolled back");

    let mut seen = vec![first];
    let mut tx = store.begin_write(TENANT).await.expect("a transaction");
    tx.update("purpose", "a", 1, &change(&[("label_en", t("A"))])).await.expect("changed");
    assert_eq!(state(TENANT).await, seen[0], "not committed yet");
    tx.commit().await.expect("committed");
    seen.push(state(TENANT).await);
    for deleted in [true, false] {
        let mut tx = store.begin_write(TENANT).await.expect("a transaction");
        tx.set_deleted("purpose", "b", if deleted { 1 } else { 2 }, deleted, NOW).await.expect("moved");
        tx.commit().await.expect("committed");
        seen.push(state(TENANT).await);
    }
    put(
        store,
        TENANT,
        "recipient",
        vec![record("r", &[("name", t("R")), ("plaintext_needed", Value::Boolean(false))])],
    )
    .await;
    seen.push(state(TENANT).await);
    for (index, state) in seen.iter().enumerate() {
        assert!(!seen[..index].contains(state), "{index}: {seen:?}");
    }
});

both!(the_version_of_the_set_comes_with_it, |db: Db| async move {
    let state = db.store.current_state(TENANT).await.expect("read");
    assert_eq!((state.set_version, state.registers), (None, None));
    let set = garant_domain::policy_set::PolicySet { version: 1, entries: vec![] };
    db.store.append_set(TENANT, &set, &[]).await.expect("appended");
    assert_eq!(db.store.current_state(TENANT).await.expect("read").set_version, Some(1));
    assert_eq!(db.store.current_state("other").await.expect("read").set_version, None);
});
