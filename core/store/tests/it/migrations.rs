//! Starting: several at once, again, and with more fields than before.

use std::sync::Arc;

use garant_domain::catalog::{Catalog, FieldType};
use garant_store::{Store, StoreConfig, StoreError};

use crate::both;
use crate::support::*;

both!(several_processes_may_start_at_once, |db: Db| async move {
    let folder = tempfile::tempdir().expect("a folder");
    let fresh = format!("sqlite:{}", folder.path().join("fresh.db").display());
    let url = if db.is_postgres() { db.url.clone() } else { fresh };
    let starts: Vec<_> = (0..6)
        .map(|_| {
            let config = config(&url);
            tokio::spawn(async move { Store::connect(&config, catalog()).await.map(drop) })
        })
        .collect();
    for start in starts {
        start.await.expect("ended").expect("started");
    }
});

both!(a_new_field_is_added_to_what_is_there, |db: Db| async move {
    put(&db.store, TENANT, "contact", vec![record("1", &[("last_name", t("Zola"))])]).await;
    let mut more = Catalog::clone(&catalog());
    let contact = more.entities.iter_mut().find(|entity| entity.name == "contact").expect("contact");
    let mut field = contact.field("city").expect("city").clone();
    field.name = "nickname".to_owned();
    field.ty = FieldType::Text;
    contact.fields.push(field);
    let store = Store::connect(&config(&db.url), Arc::new(more)).await.expect("a store");
    let mut tx = store.begin_write(TENANT).await.expect("a transaction");
    tx.update("contact", "1", 1, &change(&[("nickname", t("Mimi"))])).await.expect("changed");
    tx.commit().await.expect("committed");
    let rows = read(&store, &query("contact", &["last_name", "nickname"]), &open()).await;
    assert_eq!(rows.rows[0].values, [t("Zola"), t("Mimi")]);
    // The older catalogue goes on working over the newer schema.
    read(&db.store, &query("contact", &["last_name"]), &open()).await;
});

#[tokio::test]
async fn memory_is_one_database_for_all_connections_and_goes_with_the_store() {
    let store = Store::connect(&config("sqlite::memory:"), catalog()).await.expect("a store");
    put(&store, TENANT, "contact", vec![record("1", &[("last_name", t("Zola"))])]).await;
    assert_eq!(read(&store, &query("contact", &[]), &open()).await.total, Some(1));
    let other = Store::connect(&config("sqlite::memory:"), catalog()).await.expect("another store");
    assert_eq!(read(&other, &query("contact", &[]), &open()).await.total, Some(0));
}

#[tokio::test]
async fn an_unknown_database_is_refused() {
    let config = StoreConfig { url: "mysql://localhost".to_owned(), ..config("") };
    assert!(matches!(Store::connect(&config, catalog()).await, Err(StoreError::UnknownDatabase)));
}
