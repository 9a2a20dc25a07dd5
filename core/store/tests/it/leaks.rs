//! Masked values and hidden rows tell nothing of themselves.

use garant_domain::query::{FieldTest, Filter, Guard, MaskRule, Order, Page};
use garant_domain::rule::{Cond, Mask};
use garant_domain::value::Value;
use garant_store::StoreError;

use crate::both;
use crate::support::*;

async fn people(db: &Db) {
    let person = |id: &str, name: &str, country: Option<&str>, email: &str| {
        let country = country.map_or(Value::Null, t);
        record(id, &[("last_name", t(name)), ("country", country), ("email", t(email))])
    };
    let people = vec![
        person("1", "Zola", Some("FR"), "zola@example.org"),
        person("2", "Adler", Some("DE"), "adler@example.org"),
        person("3", "Mann", Some("FR"), "mann@example.org"),
        person("4", "Berg", None, "berg@example.org"),
    ];
    put(&db.store, TENANT, "contact", people).await;
}

fn eq(field: &str, text: &str) -> Filter {
    Filter::Field(field.to_owned(), FieldTest::Eq(t(text)))
}

both!(a_rule_hides_where_it_is_true_or_unknown, |db: Db| async move {
    people(&db).await;
    let guards = with("contact", hide(is("country", "FR")));
    let mut query = query("contact", &["last_name"]);
    query.page.limit = 1;
    let rows = read(&db.store, &query, &guards).await;
    // 4 has no country: nobody knows, so it is not there either.
    assert_eq!((ids(&rows), rows.more, rows.total), (vec!["2"], false, Some(1)));
});

both!(a_masked_value_never_arrives, |db: Db| async move {
    people(&db).await;
    let guards = with("contact", mask(&["email"], Mask::None, is("country", "FR")));
    let rows = read(&db.store, &query("contact", &["email"]), &guards).await;
    let shown: Vec<(&Value, bool)> = rows.rows.iter().map(|row| (&row.values[0], row.bitten[0])).collect();
    let null = Value::Null;
    let adler = t("adler@example.org");
    assert_eq!(shown, vec![(&null, true), (&adler, false), (&null, true), (&null, true)]);
});

both!(the_order_of_masked_values_is_not_told, |db: Db| async move {
    people(&db).await;
    let guards = with("contact", mask(&["last_name"], Mask::None, is("country", "FR")));
    let mut query = query("contact", &["last_name"]);
    query.order = vec![by("last_name")];
    let rows = read(&db.store, &query, &guards).await;
    // Adler, then the masked ones as they come by id, though Mann would stand before Zola.
    assert_eq!(ids(&rows), ["2", "1", "3", "4"]);
    assert_eq!(rows.rows[1].cursor, vec![Value::Null, t("1")]);
    query.order[0].nulls_first = true;
    query.order[0].descending = true;
    assert_eq!(ids(&read(&db.store, &query, &guards).await), ["1", "3", "4", "2"]);
    // A cursor made up from a guessed value finds its place among the shown ones alone.
    query.order = vec![by("last_name")];
    query.page.cursor = Some(vec![t("lzzz"), t("0")]);
    assert_eq!(ids(&read(&db.store, &query, &guards).await), ["1", "3", "4"]);
});

both!(a_wholly_masked_field_is_no_operand, |db: Db| async move {
    people(&db).await;
    for when in [always(), Cond::Const(None)] {
        let guards = with("contact", mask(&["email"], Mask::None, when));
        let ordered = garant_domain::query::Query { order: vec![by("email")], ..query("contact", &[]) };
        let nested = Filter::Some {
            entity: "contact".to_owned(),
            via: "company_id".to_owned(),
            filter: Box::new(eq("email", "zola@example.org")),
        };
        for query in [
            ordered,
            filtered("contact", &[], eq("email", "zola@example.org")),
            filtered("contact", &[], Filter::Not(Box::new(Filter::Field("email".to_owned(), FieldTest::IsNull(true))))),
            filtered("company", &[], nested),
        ] {
            let error = refused(&db.store, &query, &guards).await;
            assert!(matches!(&error, StoreError::MaskedOperand { field } if field == "email"), "{error:?}");
        }
        let rows = read(&db.store, &query("contact", &["email"]), &guards).await;
        assert!(rows.rows.iter().all(|row| row.values[0].is_null() && row.bitten[0] && row.display.is_empty()));
    }
});

both!(filters_see_the_shown_value, |db: Db| async move {
    people(&db).await;
    let guards = with("contact", mask(&["last_name"], Mask::None, is("country", "FR")));
    let name = |test| Filter::Field("last_name".to_owned(), test);
    let found = async |filter: Filter| {
        let rows = read(&db.store, &filtered("contact", &[], filter), &guards).await;
        assert_eq!(rows.total, Some(i64::try_from(rows.rows.len()).expect("few")));
        ids(&rows).join(" ")
    };
    assert_eq!(found(name(FieldTest::Eq(t("Zola")))).await, "");
    assert_eq!(found(name(FieldTest::Neq(t("Zola")))).await, "2");
    assert_eq!(found(name(FieldTest::Contains("a".to_owned()))).await, "2");
    assert_eq!(found(name(FieldTest::Gt(t("A")))).await, "2");
    assert_eq!(found(name(FieldTest::In(vec![t("Zola"), t("Adler")]))).await, "2");
    assert_eq!(found(name(FieldTest::IsNull(true))).await, "1 3 4");
    assert_eq!(found(name(FieldTest::IsNull(false))).await, "2");
    let not_zola = Filter::Not(Box::new(name(FieldTest::Eq(t("Zola")))));
    assert_eq!(found(not_zola.clone()).await, "1 2 3 4");
    assert_eq!(found(Filter::Not(Box::new(not_zola))).await, "");
});

both!(a_hidden_record_is_absent_behind_references, |db: Db| async move {
    let company = |id: &str, name: &str| record(id, &[("name", t(name))]);
    put(&db.store, TENANT, "company", vec![company("a", "Alpha"), company("b", "Beta")]).await;
    let person = |id: &str, company: &str| record(id, &[("last_name", t(id)), ("company_id", t(company))]);
    put(&db.store, TENANT, "contact", vec![person("1", "a"), person("2", "b"), person("3", "nowhere")]).await;
    let guards = with("company", hide(is("name", "Beta")));
    let rows = read(&db.store, &query("contact", &["company_id"]), &guards).await;
    let shown: Vec<&Value> = rows.rows.iter().map(|row| &row.values[0]).collect();
    assert_eq!(shown, [&t("a"), &Value::Null, &Value::Null]);

    let of = |id: &str| eq("company_id", id);
    let related = |name: &str| Filter::Related("company_id".to_owned(), Box::new(eq("name", name)));
    for (filter, expected) in [
        (of("a"), "1"),
        (of("b"), ""),
        (Filter::Field("company_id".to_owned(), FieldTest::IsNull(true)), "2 3"),
        (related("Alpha"), "1"),
        (related("Beta"), ""),
        (Filter::Not(Box::new(related("Beta"))), "1 2 3"),
    ] {
        let rows = read(&db.store, &filtered("contact", &[], filter.clone()), &guards).await;
        assert_eq!(ids(&rows).join(" "), expected, "{filter:?}");
    }
    let ordered = garant_domain::query::Query { order: vec![by("company_id")], ..query("contact", &[]) };
    let rows = read(&db.store, &ordered, &guards).await;
    assert_eq!(rows.rows[1].cursor, vec![Value::Null, t("2")]);

    // From the other side: a company does not show that a hidden person works there.
    let guards = with("contact", hide(is("last_name", "1")));
    let some = Filter::Some {
        entity: "contact".to_owned(),
        via: "company_id".to_owned(),
        filter: Box::new(Filter::And(vec![])),
    };
    assert_eq!(ids(&read(&db.store, &filtered("company", &[], some), &guards).await), ["b"]);
    let parents = ["a".to_owned(), "b".to_owned()];
    let pages = db.store.page_per_parent(TENANT, &query("contact", &[]), "company_id", &parents, &guards).await;
    let pages = pages.expect("pages");
    assert_eq!(pages.keys().collect::<Vec<_>>(), ["b"]);
    // Nor by a link that is masked there.
    let guards = with("contact", mask(&["company_id"], Mask::None, is("last_name", "1")));
    let pages = db.store.page_per_parent(TENANT, &query("contact", &[]), "company_id", &parents, &guards).await;
    assert_eq!(pages.expect("pages").keys().collect::<Vec<_>>(), ["b"]);
});

both!(nothing_is_read_without_a_guard, |db: Db| async move {
    people(&db).await;
    let mut guards = open();
    guards.remove("company");
    let missing = |error: StoreError| matches!(&error, StoreError::MissingGuard { entity } if entity == "company");
    assert!(missing(refused(&db.store, &query("company", &[]), &guards).await));
    assert!(missing(refused(&db.store, &query("contact", &["company_id"]), &guards).await));
    let related = Filter::Related("company_id".to_owned(), Box::new(eq("name", "Alpha")));
    assert!(missing(refused(&db.store, &filtered("contact", &[], related), &guards).await));
    let ordered = garant_domain::query::Query { order: vec![by("company_id")], ..query("contact", &[]) };
    assert!(missing(refused(&db.store, &ordered, &guards).await));
    read(&db.store, &query("contact", &["last_name"]), &guards).await;
});

both!(unlike_masks_show_nothing_and_like_ones_their_part, |db: Db| async move {
    people(&db).await;
    let rule = |mask, when| MaskRule { fields: vec!["email".to_owned()], mask, when, reason: 0 };
    let masks = vec![
        rule(Mask::KeepLast(4), is("country", "FR")),
        rule(Mask::KeepLast(4), is("last_name", "Adler")),
        rule(Mask::None, is("last_name", "Mann")),
    ];
    let guards = with("contact", Guard { hide: vec![], masks, ..Guard::default() });
    let query = garant_domain::query::Query {
        order: vec![Order { field: "id".to_owned(), ..by("id") }],
        page: Page { limit: 10, ..Page::default() },
        ..query("contact", &["email"])
    };
    let rows = read(&db.store, &query, &guards).await;
    let shown: Vec<Option<&str>> =
        rows.rows.iter().map(|row| row.display.first().map(|(_, part)| part.as_str())).collect();
    assert_eq!(shown, [Some(".org"), Some(".org"), None, Some(".org")]);
    assert!(rows.rows.iter().all(|row| row.values[0].is_null()));
});
