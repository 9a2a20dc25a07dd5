//! Custom fields over many records: a filter walks the index of values instead of looking every record's
//! value up, and two tenants with the same names never meet.

use garant_domain::catalog::Erasure;
use garant_domain::catalog::custom::{Custom, CustomField, CustomKind};
use garant_domain::query::{FieldTest, Filter, Page, Query};
use garant_domain::reason::Localised;
use garant_domain::value::Value;
use garant_store::Store;
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};
use std::sync::Arc;

use crate::both;
use crate::support::*;

const CONTACTS: u32 = 20_000;

/// A store that knows a number and a text of contacts.
fn seeing(store: &Store) -> Store {
    let field = |name: &str, kind: CustomKind| CustomField {
        entity: "contact".to_owned(),
        name: name.to_owned(),
        label: Localised { en: name.to_owned(), fr: String::new() },
        description: Localised::default(),
        kind,
        category: "user.behavior".to_owned(),
        retention: "contact".to_owned(),
        erasure: Erasure::Nullify,
        required: false,
        direct_identifier: false,
        free_text: false,
        channel: None,
        special: None,
        searchable: None,
        active: true,
    };
    let fields = vec![field("shoe", CustomKind::Number), field("nick", CustomKind::Text)];
    let catalog = catalog().with_custom(&Custom { objects: vec![], fields }).expect("a catalogue");
    store.seeing(Arc::new(catalog))
}

async fn fill(db: &Db) {
    let number = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ";
    let mut statements = vec![format!(
        "INSERT INTO contact (tenant_id, id, version, created_at, updated_at, last_name, last_name_fold)
         {number}{CONTACTS}) SELECT '{TENANT}', 'c' || i, 1, {NOW}, {NOW}, 'Name ' || i, 'name ' || i FROM n"
    )];
    for (field, columns, values) in [
        ("shoe", "number_value", "i % 5000"),
        ("nick", "text_value, fold_value", "'N' || (i % 5000), 'n' || (i % 5000)"),
    ] {
        statements.push(format!(
            "INSERT INTO custom_value (tenant_id, entity, record_id, field, item, {columns})
             {number}{CONTACTS}) SELECT '{TENANT}', 'contact', 'c' || i, '{field}', '', {values} FROM n"
        ));
    }
    statements.push("ANALYZE".to_owned());
    for statement in statements {
        let sql = AssertSqlSafe(statement);
        if db.is_postgres() {
            db.owner().await.execute(sql).await.expect("filled");
        } else {
            SqliteConnection::connect(&db.url).await.expect("SQLite").execute(sql).await.expect("filled");
        }
    }
}

fn page(test: (&str, FieldTest)) -> Query {
    Query {
        filter: Some(Filter::Field(test.0.to_owned(), test.1)),
        order: vec![by("last_name")],
        page: Page { limit: 50, ..Page::default() },
        ..query("contact", &["last_name", "shoe", "nick"])
    }
}

both!(a_page_with_a_custom_filter_walks_the_index_of_values, |db: Db| async move {
    fill(&db).await;
    let store = seeing(&db.store);
    for (test, index) in [
        (("shoe", FieldTest::Eq(Value::Integer(42))), "custom_value_by_number"),
        (("nick", FieldTest::Eq(t("N42"))), "custom_value_by_text"),
        (("nick", FieldTest::StartsWith("n4242".to_owned())), "custom_value_by_fold"),
    ] {
        let query = page(test);
        let plan = store.explain(TENANT, &query, &open()).await.expect("explained").join("\n");
        assert!(plan.contains(index), "{plan}");
        let rows = read(&store, &query, &open()).await;
        assert_eq!(rows.rows.len(), 4);
        assert!(rows.rows.iter().all(|row| row.values[1] == Value::Integer(42) || row.values[2] == t("N4242")));
    }
});

both!(two_tenants_with_the_same_names_never_meet, |db: Db| async move {
    let store = seeing(&db.store);
    for (tenant, nick) in [(TENANT, "Mine"), ("other", "Theirs")] {
        put(&store, tenant, "contact", vec![record("c1", &[("last_name", t("Ada")), ("nick", t(nick))])]).await;
    }
    let all = Filter::Field("nick".to_owned(), FieldTest::IsNull(false));
    let query = filtered("contact", &["nick"], all);
    for (tenant, nick) in [(TENANT, "Mine"), ("other", "Theirs")] {
        let rows = store.page(tenant, &query, &open()).await.expect("read");
        let values: Vec<&Value> = rows.rows.iter().map(|row| &row.values[0]).collect();
        assert_eq!(values, [&t(nick)], "{tenant}");
    }
    let theirs = Filter::Field("nick".to_owned(), FieldTest::Eq(t("Theirs")));
    assert!(read(&store, &filtered("contact", &["nick"], theirs), &open()).await.rows.is_empty());
    // The same record without the field: nobody who does not define it sees it.
    refused(&db.store, &query, &open()).await;
});
