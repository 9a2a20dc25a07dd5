//! Filters match alike on both databases.

use garant_domain::query::{FieldTest, Filter};
use garant_domain::value::Value;
use garant_store::StoreError;

use crate::both;
use crate::support::*;

async fn found(db: &Db, field: &str, test: FieldTest) -> String {
    let filter = Filter::Field(field.to_owned(), test);
    ids(&read(&db.store, &filtered("deal", &[], filter), &open()).await).join(" ")
}

both!(patterns_and_prefixes, |db: Db| async move {
    let names = ["Äpfel & Birnen", "äpfel", "100% Saft", "100 Säfte", "a_b", "aXb", "a\\b"];
    let records = names.iter().enumerate().map(|(id, name)| record(&id.to_string(), &[("name", t(name))])).collect();
    put(&db.store, TENANT, "deal", records).await;
    let like = |pattern: &str| FieldTest::Like(pattern.to_owned());
    let ilike = |pattern: &str| FieldTest::Ilike(pattern.to_owned());
    for (test, expected) in [
        (like("Ä%"), "0"),
        (ilike("Ä%"), "0 1"),
        (like("a_b"), "4 5 6"),
        (like("a\\_b"), "4"),
        (like("100\\%%"), "2"),
        (like("a\\\\b"), "6"),
        (like("%\\"), ""),
        (like("A%"), ""),
        (ilike("A%"), "4 5 6"),
        (FieldTest::StartsWith("ÄPF".to_owned()), "0 1"),
        (FieldTest::StartsWith("100%".to_owned()), "2"),
        (FieldTest::StartsWith(String::new()), "0 1 2 3 4 5 6"),
        (FieldTest::EndsWith("SAFT".to_owned()), "2"),
        (FieldTest::EndsWith("_b".to_owned()), "4"),
        (FieldTest::Contains("S\u{c4}F".to_owned()), "3"),
        (FieldTest::Contains("%".to_owned()), "2"),
        (FieldTest::Contains("\\".to_owned()), "6"),
    ] {
        assert_eq!(found(&db, "name", test.clone()).await, expected, "{test:?}");
    }
});

both!(comparisons_and_lists, |db: Db| async move {
    let deal =
        |id: &str, amount: Value, stage: &str| record(id, &[("name", t(id)), ("amount", amount), ("stage", t(stage))]);
    let records = vec![
        deal("1", Value::Decimal(-5), "won"),
        deal("2", Value::Decimal(0), "lost"),
        deal("3", Value::Decimal(i64::MAX), "won"),
        deal("4", Value::Null, "engaging"),
    ];
    put(&db.store, TENANT, "deal", records).await;
    for (field, test, expected) in [
        ("amount", FieldTest::Eq(Value::Decimal(0)), "2"),
        ("amount", FieldTest::Neq(Value::Decimal(0)), "1 3"),
        ("amount", FieldTest::Gt(Value::Decimal(-5)), "2 3"),
        ("amount", FieldTest::Gte(Value::Decimal(-5)), "1 2 3"),
        ("amount", FieldTest::Lt(Value::Decimal(i64::MAX)), "1 2"),
        ("amount", FieldTest::Lte(Value::Decimal(i64::MAX)), "1 2 3"),
        ("amount", FieldTest::Eq(Value::Null), ""),
        ("amount", FieldTest::Neq(Value::Null), ""),
        ("amount", FieldTest::In(vec![]), ""),
        ("amount", FieldTest::In(vec![Value::Null, Value::Decimal(0)]), "2"),
        ("amount", FieldTest::IsNull(true), "4"),
        ("stage", FieldTest::Contains("WO".to_owned()), "1 3"),
        ("id", FieldTest::In(vec![t("4"), t("1"), t("9")]), "1 4"),
        ("version", FieldTest::Eq(Value::Integer(1)), "1 2 3 4"),
        ("created_at", FieldTest::Gt(Value::Instant(NOW)), ""),
    ] {
        assert_eq!(found(&db, field, test.clone()).await, expected, "{field} {test:?}");
    }
});

both!(values_that_do_not_fit_are_refused, |db: Db| async move {
    for (field, test) in [
        ("amount", FieldTest::Eq(t("1"))),
        ("amount", FieldTest::Eq(Value::Integer(1))),
        ("amount", FieldTest::Like("1".to_owned())),
        ("name", FieldTest::Eq(t("a\0b"))),
        ("name", FieldTest::Contains("a\0b".to_owned())),
        ("name", FieldTest::StartsWith("a\0b".to_owned())),
    ] {
        let filter = Filter::Field(field.to_owned(), test.clone());
        let error = refused(&db.store, &filtered("deal", &[], filter), &open()).await;
        assert!(matches!(&error, StoreError::BadValue { field: named } if named == field), "{test:?}: {error:?}");
    }
    let unknown = Filter::Field("nothing".to_owned(), FieldTest::IsNull(true));
    let error = refused(&db.store, &filtered("deal", &[], unknown), &open()).await;
    assert!(matches!(error, StoreError::UnknownField { .. }));
});

both!(the_trash_is_another_list, |db: Db| async move {
    put(&db.store, TENANT, "deal", vec![record("1", &[("name", t("a"))]), record("2", &[("name", t("b"))])]).await;
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    tx.set_deleted("deal", "1", 1, true, NOW).await.expect("deleted");
    tx.commit().await.expect("committed");
    let mut query = query("deal", &["name"]);
    assert_eq!(ids(&read(&db.store, &query, &open()).await), ["2"]);
    query.trashed = true;
    let rows = read(&db.store, &query, &open()).await;
    assert_eq!((ids(&rows), rows.total), (vec!["1"], Some(1)));
});

both!(large_filters_fit_and_larger_ones_are_refused, |db: Db| async move {
    put(&db.store, TENANT, "deal", vec![record("1", &[("name", t("a"))])]).await;
    let test = |id: usize| Filter::Field("id".to_owned(), FieldTest::Eq(t(&id.to_string())));
    let ids_in =
        |count: usize| Filter::Field("id".to_owned(), FieldTest::In((0..count).map(|id| t(&id.to_string())).collect()));
    let nested = |depth: usize| {
        (1..depth).fold(test(1), |part, level| match level % 3 {
            0 => Filter::Not(Box::new(Filter::Not(Box::new(part)))),
            1 => Filter::And(vec![part.clone(), part]),
            _ => Filter::Or(vec![part]),
        })
    };
    for filter in [Filter::Or((0..5_000).map(test).collect()), ids_in(9_000), nested(14)] {
        assert_eq!(ids(&read(&db.store, &filtered("deal", &[], filter), &open()).await), ["1"]);
    }
    let deep = (0..40).fold(test(1), |part, _| Filter::Not(Box::new(part)));
    for filter in [Filter::And((0..10_000).map(test).collect()), ids_in(10_001), deep] {
        let error = refused(&db.store, &filtered("deal", &[], filter), &open()).await;
        assert!(matches!(error, StoreError::FilterTooComplex));
    }
});
