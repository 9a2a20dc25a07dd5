//! Keyset paging: every order, both directions, nulls at either end.

use garant_domain::query::{Order, Page, Query};
use garant_domain::value::Value;
use garant_store::StoreError;

use crate::both;
use crate::support::*;

async fn deals(db: &Db) {
    let mut records = Vec::new();
    for index in 0..13i64 {
        // Ties and nulls in both columns.
        let amount = if index % 4 == 0 { Value::Null } else { Value::Decimal(index % 3 * 10_000) };
        let names = ["beta", "Alpha", "alpha", "Émile", "émile", "Zoé"];
        let closed =
            if index % 5 == 0 { Value::Null } else { Value::Date(20_000 + i32::try_from(index % 2).expect("small")) };
        let name = names[usize::try_from(index).expect("small") % names.len()];
        records.push(record(&format!("{index:02}"), &[("name", t(name)), ("amount", amount), ("closed_on", closed)]));
    }
    put(&db.store, TENANT, "deal", records).await;
}

/// Every order by up to two of the fields.
fn orders() -> Vec<Vec<Order>> {
    let single: Vec<Order> = ["name", "amount", "closed_on"]
        .iter()
        .flat_map(|field| {
            [(false, false), (false, true), (true, false), (true, true)].map(|(descending, nulls_first)| Order {
                field: (*field).to_owned(),
                descending,
                nulls_first,
            })
        })
        .collect();
    let pairs = single.iter().flat_map(|a| single.iter().map(move |b| vec![a.clone(), b.clone()]));
    single
        .iter()
        .map(|a| vec![a.clone()])
        .chain(pairs.filter(|pair| pair[0].field != pair[1].field))
        .chain([vec![]])
        .collect()
}

/// Walks all pages; the ids in the order of the list.
async fn walk(db: &Db, order: &[Order], limit: u32, backwards: bool) -> Vec<String> {
    let mut query = Query { order: order.to_vec(), total: false, ..query("deal", &["name"]) };
    query.page = Page { limit, backwards, cursor: None };
    let mut found: Vec<String> = Vec::new();
    loop {
        let rows = read(&db.store, &query, &open()).await;
        let page: Vec<String> = rows.rows.iter().map(|row| row.id.clone()).collect();
        let edge = if backwards { rows.rows.first() } else { rows.rows.last() };
        query.page.cursor = edge.map(|row| row.cursor.clone());
        found = if backwards { [page, found].concat() } else { [found, page].concat() };
        if !rows.more {
            return found;
        }
    }
}

both!(pages_in_both_directions_make_up_the_list, |db: Db| async move {
    deals(&db).await;
    for order in orders() {
        let whole = walk(&db, &order, 100, false).await;
        assert_eq!(whole.len(), 13);
        for limit in [1, 4] {
            assert_eq!(walk(&db, &order, limit, false).await, whole, "forwards by {limit}: {order:?}");
            assert_eq!(walk(&db, &order, limit, true).await, whole, "backwards by {limit}: {order:?}");
        }
    }
});

both!(text_is_ordered_without_regard_to_case, |db: Db| async move {
    let names = ["b", "A", "a", "B", "Ä"];
    let records = names.iter().enumerate().map(|(id, name)| record(&id.to_string(), &[("name", t(name))])).collect();
    put(&db.store, TENANT, "deal", records).await;
    let query = Query { order: vec![by("name")], ..query("deal", &["name"]) };
    let rows = read(&db.store, &query, &open()).await;
    let shown: Vec<&str> = rows.rows.iter().filter_map(|row| row.values[0].as_text()).collect();
    assert_eq!(shown, ["A", "a", "b", "B", "Ä"]);
});

both!(a_cursor_of_another_order_is_refused, |db: Db| async move {
    deals(&db).await;
    let mut query = Query { order: vec![by("amount")], ..query("deal", &[]) };
    for cursor in [vec![], vec![t("1")], vec![t("x"), t("1")], vec![Value::Decimal(1), t("1"), t("1")]] {
        query.page.cursor = Some(cursor);
        assert!(matches!(refused(&db.store, &query, &open()).await, StoreError::BadCursor));
    }
});

both!(a_page_of_nothing_still_tells_whether_there_is_more, |db: Db| async move {
    deals(&db).await;
    let mut query = query("deal", &[]);
    query.page.limit = 0;
    let rows = read(&db.store, &query, &open()).await;
    assert!(rows.rows.is_empty() && rows.more && rows.total == Some(13));
});

both!(each_parent_has_its_page, |db: Db| async move {
    let deal = |id: &str, company: &str, name: &str| record(id, &[("name", t(name)), ("company_id", t(company))]);
    put(&db.store, TENANT, "company", vec![record("a", &[("name", t("A"))]), record("b", &[("name", t("B"))])]).await;
    let deals = vec![deal("1", "a", "z"), deal("2", "a", "y"), deal("3", "b", "x"), deal("4", "a", "x")];
    put(&db.store, TENANT, "deal", deals).await;
    let mut query = Query { order: vec![by("name")], ..query("deal", &["name"]) };
    query.page.limit = 2;
    let parents = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let pages = db.store.page_per_parent(TENANT, &query, "company_id", &parents, &open()).await.expect("pages");
    let of = |parent: &str| (ids(&pages[parent]), pages[parent].more, pages[parent].total);
    assert_eq!(of("a"), (vec!["4", "2"], true, Some(3)));
    assert_eq!(of("b"), (vec!["3"], false, Some(1)));
    assert!(!pages.contains_key("c"));
    query.page.backwards = true;
    let pages = db.store.page_per_parent(TENANT, &query, "company_id", &parents, &open()).await.expect("pages");
    assert_eq!((ids(&pages["a"]), pages["a"].more), (vec!["2", "1"], true));
});
