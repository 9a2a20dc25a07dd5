//! Two tenants never meet; on PostgreSQL not even where a statement forgets to ask.

use garant_domain::value::Value;
use sqlx::{AssertSqlSafe, Executor, Row};

use crate::both;
use crate::support::*;

both!(a_tenant_sees_its_own, |db: Db| async move {
    let person = |id: &str| record(id, &[("last_name", t("Zola"))]);
    put(&db.store, TENANT, "contact", vec![person("1")]).await;
    put(&db.store, "other", "contact", vec![person("1"), person("2")]).await;
    for (tenant, total) in [(TENANT, 1), ("other", 2), ("third", 0), (TENANT, 1)] {
        let rows = db.store.page(tenant, &query("contact", &[]), &open()).await.expect("a page");
        assert_eq!(rows.total, Some(total), "{tenant}");
    }
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    assert_eq!(tx.get("contact", "2", false).await.expect("read"), None);
    assert_eq!(tx.field("contact", "2", "last_name").await.expect("read"), Value::Null);
    assert!(tx.update("contact", "2", 1, &change(&[])).await.is_err());
});

both!(row_level_security_backs_it_up, |db: Db| async move {
    if !db.is_postgres() {
        return;
    }
    put(&db.store, TENANT, "contact", vec![record("1", &[("last_name", t("Zola"))])]).await;
    put(&db.store, "other", "contact", vec![record("2", &[("last_name", t("Mann"))])]).await;
    let mut server = db.owner().await;
    server.execute("SET ROLE garant_server").await.expect("the role");
    let seen = "SELECT id FROM contact ORDER BY id";
    assert!(server.fetch_all(seen).await.expect("read").is_empty(), "no tenant, nothing");
    for (tenant, id) in [(TENANT, "1"), ("other", "2")] {
        server.execute(AssertSqlSafe(format!("SET garant.tenant = '{tenant}'"))).await.expect("the tenant");
        let rows = server.fetch_all(seen).await.expect("read");
        assert_eq!(rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>(), [id]);
    }
    let smuggled = "INSERT INTO contact (tenant_id, id, version, created_at, updated_at) VALUES ('acme', '3', 1, 0, 0)";
    assert!(server.execute(smuggled).await.is_err(), "nor can it write into another tenant");
    assert!(server.execute("ALTER TABLE contact DISABLE ROW LEVEL SECURITY").await.is_err());
    assert!(server.execute("SELECT * FROM garant_find_token('')").await.is_ok());
});

both!(every_table_with_a_tenant_is_protected, |db: Db| async move {
    if !db.is_postgres() {
        return;
    }
    let mut owner = db.owner().await;
    let open = owner
        .fetch_all(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relkind = 'r' AND NOT c.relrowsecurity ORDER BY 1",
        )
        .await
        .expect("read");
    let open: Vec<String> = open.iter().map(|row| row.get(0)).collect();
    // Impersonal: the migrations that ran, and the plugins' code.
    assert_eq!(open, ["_sqlx_migrations", "plugin_component"]);
    let role =
        owner.fetch_one("SELECT rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles WHERE rolname = 'garant_server'");
    assert!(!role.await.expect("read").get::<bool, _>(0));
    let owned = owner.fetch_one(
        "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'garant_server'",
    );
    assert_eq!(owned.await.expect("read").get::<i64, _>(0), 0);
});
