//! Words beside records: found in shown fields alone, ranked by them alone, kept up to date by every
//! write, and rebuilt to the same.

use garant_domain::query::{HitsWanted, Page, Query};
use garant_domain::rule::Mask;
use garant_domain::search::{Search, words};
use garant_domain::value::Value;
use garant_store::Store;
use sqlx::{Connection, Executor, Row, SqliteConnection};

use crate::both;
use crate::support::*;

fn searched(entity: &str, text: &str) -> Query {
    let catalog = catalog();
    let fields = catalog.entity(entity).expect("an entity").searchable().map(|(field, _)| field.name.clone());
    let search = Search { words: words(text).expect("words"), fields: fields.collect() };
    Query { search: Some(search), ..query(entity, &[]) }
}

async fn person(db: &Db, id: &str, given: &[(&str, &str)]) {
    let given: Vec<(&str, Value)> = given.iter().map(|(name, value)| (*name, t(value))).collect();
    put(&db.store, TENANT, "contact", vec![record(id, &given)]).await;
}

/// Runs a statement as the owner of the tables.
async fn run(db: &Db, sql: &'static str) {
    if db.is_postgres() {
        db.owner().await.execute(sql).await.expect("run");
    } else {
        SqliteConnection::connect(&db.url).await.expect("SQLite").execute(sql).await.expect("run");
    }
}

/// Every word that is kept, in order.
async fn kept(db: &Db) -> Vec<String> {
    let sql = "SELECT tenant_id || '/' || entity || '/' || record_id || '/' || field || '/' || term
               FROM search_term ORDER BY 1";
    if db.is_postgres() {
        let rows = db.owner().await.fetch_all(sql).await.expect("words");
        rows.iter().map(|row| row.get(0)).collect()
    } else {
        let rows = SqliteConnection::connect(&db.url).await.expect("SQLite").fetch_all(sql).await.expect("words");
        rows.iter().map(|row| row.get(0)).collect()
    }
}

both!(every_word_must_be_found_in_some_shown_field, |db: Db| async move {
    person(&db, "1", &[("first_name", "Ada"), ("last_name", "Lovelace"), ("city", "London")]).await;
    person(&db, "2", &[("first_name", "Ada"), ("last_name", "Byron"), ("email", "ada@love.example.org")]).await;
    person(&db, "3", &[("last_name", "Love"), ("phone", "+33 1 23 45 67 89")]).await;
    let found = async |text: &str| {
        let rows = read(&db.store, &searched("contact", text), &open()).await;
        assert_eq!(rows.total, i64::try_from(rows.rows.len()).ok(), "{text}");
        ids(&rows).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found("ada lov").await, ["2", "1"], "found in two fields counts more than in one");
    assert_eq!(found("love").await, ["3", "2", "1"], "a whole word before a beginning, a name before an address");
    assert_eq!(found("01 23 45 67 89").await, ["3"]);
    assert_eq!(found("lovelace ada london").await, ["1"]);
    assert_eq!(found("ada paris").await, Vec::<String>::new());
    assert_eq!(found("ove").await, Vec::<String>::new());
});

both!(a_masked_field_is_not_looked_at_where_it_is_masked, |db: Db| async move {
    person(&db, "1", &[("first_name", "Ada"), ("last_name", "Zola"), ("country", "FR")]).await;
    person(&db, "2", &[("first_name", "Ada"), ("last_name", "Ada"), ("country", "DE")]).await;
    let in_germany = with("contact", mask(&["last_name"], Mask::None, is("country", "DE")));
    let rows = read(&db.store, &searched("contact", "ada"), &in_germany).await;
    let ranks: Vec<&Value> = rows.rows.iter().map(|row| &row.cursor[0]).collect();
    assert_eq!((ids(&rows), ranks[0]), (vec!["1", "2"], ranks[1]), "what is masked does not count");
    let in_france = with("contact", mask(&["last_name"], Mask::KeepLast(2), is("country", "FR")));
    assert_eq!(read(&db.store, &searched("contact", "zola"), &in_france).await.total, Some(0));
    assert_eq!(read(&db.store, &searched("contact", "zola"), &in_germany).await.total, Some(1));
    let always = with("contact", mask(&["last_name", "first_name"], Mask::None, always()));
    assert_eq!(read(&db.store, &searched("contact", "ada"), &always).await.total, Some(0));
});

both!(the_hidden_are_not_found_and_do_not_count, |db: Db| async move {
    for id in ["1", "2", "3"] {
        let country = if id == "2" { "DE" } else { "FR" };
        person(&db, id, &[("last_name", "Zola"), ("country", country)]).await;
    }
    put(&db.store, TENANT, "company", vec![record("c", &[("name", t("Zola & Cie"))])]).await;
    let guards = with("contact", hide(is("country", "DE")));
    let wanted = HitsWanted {
        queries: vec![searched("company", "zola"), searched("contact", "zola")],
        limit: 2,
        total: true,
        ..HitsWanted::default()
    };
    let first = db.store.search(TENANT, &wanted, &guards).await.expect("hits");
    let ids = |hits: &garant_domain::query::Hits| hits.hits.iter().map(|hit| hit.id.clone()).collect::<Vec<_>>();
    assert_eq!((ids(&first), first.more, first.total), (vec!["c".to_owned(), "1".to_owned()], true, Some(3)));
    let last = &first.hits[1];
    let cursor = vec![Value::Integer(last.rank), Value::Integer(1), t(&last.id)];
    let rest = HitsWanted { cursor: Some(cursor), ..wanted };
    let second = db.store.search(TENANT, &rest, &guards).await.expect("hits");
    assert_eq!((ids(&second), second.more), (vec!["3".to_owned()], false));
});

both!(every_write_keeps_the_words_that_a_rebuild_makes, |db: Db| async move {
    person(&db, "1", &[("last_name", "Zola"), ("phone", "+33 1 23 45 67 89"), ("city", "Paris")]).await;
    person(&db, "2", &[("last_name", "Mann")]).await;
    put(&db.store, "other", "contact", vec![record("1", &[("last_name", t("Other"))])]).await;
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    tx.update("contact", "1", 1, &change(&[("last_name", t("Éluard")), ("city", Value::Null)])).await.expect("changed");
    tx.update("contact", "1", 2, &change(&[("country", t("FR"))])).await.expect("changed");
    tx.set_deleted("contact", "2", 1, true, NOW).await.expect("deleted");
    tx.set_deleted("contact", "2", 2, false, NOW).await.expect("restored");
    tx.set_deleted("contact", "2", 3, true, NOW).await.expect("deleted");
    tx.commit().await.expect("committed");
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    tx.update("contact", "1", 3, &change(&[("last_name", t("Lost"))])).await.expect("changed");
    drop(tx);
    let written = kept(&db).await;
    let expected = ["acme/contact/1/last_name/eluard", "acme/contact/1/phone/123456789"];
    assert!(expected.iter().all(|word| written.contains(&(*word).to_owned())), "{written:?}");
    assert!(!written.iter().any(|word| word.contains("zola") || word.contains("paris") || word.contains("lost")));
    let trash = Query { trashed: true, ..searched("contact", "mann") };
    assert_eq!(read(&db.store, &trash, &open()).await.total, Some(1));
    Store::rebuild_search(&config(&db.url), &catalog()).await.expect("rebuilt");
    assert_eq!(kept(&db).await, written);
    // As after an older version that knew of no words: whoever starts first goes over the records.
    run(&db, "DELETE FROM search_term").await;
    run(&db, "DELETE FROM search_state").await;
    let starts = (0..4).map(|_| {
        let config = config(&db.url);
        tokio::spawn(async move { Store::connect(&config, catalog()).await.map(drop) })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await.expect("ended").expect("started");
    }
    assert_eq!(kept(&db).await, written);
    // What is up to date is left alone.
    run(&db, "DELETE FROM search_term WHERE term = 'eluard'").await;
    Store::connect(&config(&db.url), catalog()).await.expect("a store");
    assert_eq!(kept(&db).await.len(), written.len() - 1);
});

both!(a_rebuild_goes_in_batches_through_everything, |db: Db| async move {
    let people = (0..1_203).map(|n| record(&format!("{n:05}"), &[("last_name", t(&format!("name{n}")))]));
    put(&db.store, TENANT, "contact", people.collect()).await;
    let written = kept(&db).await;
    assert_eq!(written.len(), 1_203);
    run(&db, "DELETE FROM search_term").await;
    Store::rebuild_search(&config(&db.url), &catalog()).await.expect("rebuilt");
    assert_eq!(kept(&db).await, written);
});

both!(a_search_walks_the_index_of_words, |db: Db| async move {
    let people = (0..3_000).map(|n| {
        let country = if n % 2 == 0 { "FR" } else { "DE" };
        let email = format!("p{n}@example.org");
        record(
            &format!("{n:05}"),
            &[("last_name", t(&format!("name{n}"))), ("email", t(&email)), ("country", t(country))],
        )
    });
    put(&db.store, TENANT, "contact", people.collect()).await;
    run(&db, "ANALYZE").await;
    let guards = with("contact", mask(&["email"], Mask::None, is("country", "DE")));
    for text in ["name1234", "name123", "p77@example.org name77"] {
        let query = Query { page: Page { limit: 20, ..Page::default() }, ..searched("contact", text) };
        let plan = db.store.explain(TENANT, &query, &guards).await.expect("a plan").join("\n");
        assert!(plan.contains("search_term_by_term"), "{text}: {plan}");
        let scans = ["Seq Scan on search_term", "Seq Scan on contact", "SCAN contact", "SCAN search_term"];
        assert!(!scans.iter().any(|scan| plan.contains(scan)), "{text}: {plan}");
        // Under another name SQLite says which: only what was found already may be gone through.
        let walked = plan.lines().filter(|line| line.trim_start().starts_with("SCAN t"));
        assert!(walked.clone().count() <= 2, "{text}: {plan}");
    }
});
