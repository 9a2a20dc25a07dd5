//! Writes prove themselves: versions, unique fields, all or nothing.

use garant_domain::context::Operation;
use garant_domain::value::Value;
use garant_store::StoreError;

use crate::both;
use crate::support::*;

both!(a_stale_version_changes_nothing, |db: Db| async move {
    put(&db.store, TENANT, "contact", vec![record("1", &[("last_name", t("Zola"))])]).await;
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    assert_eq!(tx.update("contact", "1", 1, &change(&[("last_name", t("Émile"))])).await.expect("changed"), 2);
    tx.commit().await.expect("committed");
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    for (id, version) in [("1", 1), ("1", 3), ("2", 1)] {
        let error = tx.update("contact", id, version, &change(&[("last_name", t("X"))])).await.expect_err("stale");
        assert!(matches!(error, StoreError::VersionConflict));
        let error = tx.set_deleted("contact", id, version, true, NOW).await.expect_err("stale");
        assert!(matches!(error, StoreError::VersionConflict));
    }
    let record = tx.get("contact", "1", true).await.expect("read").expect("there");
    assert_eq!((record.version, &record.values["last_name"]), (2, &t("Émile")));
    assert_eq!(record.values["updated_at"], Value::Instant(NOW + 1));
});

both!(one_of_two_writers_wins, |db: Db| async move {
    put(&db.store, TENANT, "contact", vec![record("1", &[("last_name", t("Zola"))])]).await;
    let attempt = |name: &'static str| {
        let store = db.store.clone();
        async move {
            let mut tx = store.begin_write(TENANT).await.expect("a transaction");
            let outcome = tx.update("contact", "1", 1, &change(&[("last_name", t(name))])).await;
            if outcome.is_ok() {
                tx.commit().await.expect("committed");
            }
            outcome.is_ok()
        }
    };
    let (a, b) = tokio::join!(tokio::spawn(attempt("A")), tokio::spawn(attempt("B")));
    assert!(a.expect("ended") ^ b.expect("ended"), "exactly one wins");
});

both!(an_unfinished_transaction_leaves_nothing, |db: Db| async move {
    for _ in 0..20 {
        let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
        tx.insert("contact", &record("1", &[("last_name", t("Zola"))])).await.expect("inserted");
        drop(tx);
    }
    assert_eq!(read(&db.store, &query("contact", &[]), &open()).await.total, Some(0));
    put(&db.store, TENANT, "contact", vec![record("1", &[("last_name", t("Zola"))])]).await;
    assert_eq!(read(&db.store, &query("contact", &[]), &open()).await.total, Some(1));
});

both!(a_unique_field_is_named_and_the_transaction_goes_on, |db: Db| async move {
    let purpose = |id: &str, key: &str| record(id, &[("key", t(key)), ("label_en", t(key)), ("roles", t("sales"))]);
    put(&db.store, TENANT, "purpose", vec![purpose("1", "sales"), purpose("2", "support")]).await;
    put(&db.store, "other", "purpose", vec![purpose("1", "sales")]).await;
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    let taken = |error: StoreError| matches!(&error, StoreError::Unique { field } if field == "key");
    assert!(taken(tx.insert("purpose", &purpose("3", "sales")).await.expect_err("taken")));
    assert!(taken(tx.update("purpose", "2", 1, &change(&[("key", t("sales"))])).await.expect_err("taken")));
    // What is in the trash blocks nothing, until it comes back.
    tx.set_deleted("purpose", "1", 1, true, NOW).await.expect("deleted");
    tx.insert("purpose", &purpose("3", "sales")).await.expect("free again");
    assert!(taken(tx.set_deleted("purpose", "1", 2, false, NOW).await.expect_err("taken")));
    tx.commit().await.expect("committed");
    assert_eq!(ids(&read(&db.store, &query("purpose", &[]), &open()).await), ["2", "3"]);
});

both!(values_that_do_not_fit_are_refused_by_name, |db: Db| async move {
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    for value in [Value::Integer(1), t("a\0b")] {
        let error = tx.insert("contact", &record("1", &[("last_name", value)])).await.expect_err("refused");
        assert!(matches!(&error, StoreError::BadValue { field } if field == "last_name"), "{error:?}");
    }
    let error = tx.insert("contact", &record("1", &[("id", t("2"))])).await.expect_err("refused");
    assert!(matches!(error, StoreError::UnknownField { .. }), "a system field is not the caller's to write");
    let error = tx.update("consent_event", "1", 1, &change(&[])).await.expect_err("refused");
    assert!(matches!(error, StoreError::AppendOnly { .. }));
});

both!(history_and_external_ids, |db: Db| async move {
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    let note = async |tx: &mut garant_store::WriteTx| {
        tx.history("contact", "1", Operation::Create, &["last_name".to_owned()], "user", Some("sales"), NOW).await
    };
    assert!(note(&mut tx).await.is_err(), "nothing was written yet");
    tx.insert("contact", &record("1", &[("last_name", t("Zola"))])).await.expect("inserted");
    note(&mut tx).await.expect("noted");
    assert_eq!(tx.external_ids("contact", "crm", "k").await.expect("read"), vec![]);
    tx.put_external_id("contact", "crm", "k", "1", "ada").await.expect("stored");
    let keyed = |id: &str, by: &str| garant_store::Keyed { record_id: id.to_owned(), put_by: Some(by.to_owned()) };
    assert_eq!(tx.external_ids("contact", "crm", "k").await.expect("read"), [keyed("1", "ada")]);
    tx.put_external_id("contact", "crm", "k", "0", "bea").await.expect("a key may stand for several records");
    assert_eq!(tx.external_ids("contact", "crm", "k").await.expect("read"), [keyed("0", "bea"), keyed("1", "ada")]);
    assert_eq!(tx.external_ids("company", "crm", "k").await.expect("read"), vec![]);
    tx.commit().await.expect("committed");
});

both!(visible_means_visible, |db: Db| async move {
    put(&db.store, TENANT, "contact", vec![record("1", &[("last_name", t("Zola"))])]).await;
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    assert!(tx.visible("contact", "1", &open()).await.expect("read"));
    assert!(!tx.visible("contact", "1", &with("contact", hide(is("last_name", "Zola")))).await.expect("read"));
    assert!(!tx.visible("contact", "2", &open()).await.expect("read"));
    tx.set_deleted("contact", "1", 1, true, NOW).await.expect("deleted");
    assert!(!tx.visible("contact", "1", &open()).await.expect("read"));
});
