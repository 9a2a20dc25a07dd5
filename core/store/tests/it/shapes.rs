//! A statement that was built before answers whatever it is asked next as one that is built anew.

use std::sync::Arc;

use garant_domain::query::{FieldTest, Filter, Guard, Guards, MaskRule, Order, Page, Query, Rows};
use garant_domain::rule::{Cond, Mask};
use garant_domain::value::Value;

use crate::both;
use crate::support::*;

/// A record of a company's deal hides, another has its amount masked.
fn guards() -> Guards {
    let masks =
        vec![MaskRule { fields: vec!["amount".to_owned()], mask: Mask::None, when: is("stage", "won"), reason: 0 }];
    with("deal", Guard { hide: vec![is("name", "hidden")], masks, ..Guard::default() })
}

/// The same guards, which no statement is known for.
fn anew(guards: &Guards) -> Guards {
    guards.iter().map(|(entity, guard)| (entity.clone(), Arc::new(Guard::clone(guard)))).collect()
}

async fn deals(db: &Db) {
    put(
        &db.store,
        TENANT,
        "company",
        vec![record("c1", &[("name", t("Acme"))]), record("c2", &[("name", t("Other"))])],
    )
    .await;
    let names = ["alpha", "beta", "hidden", "100%", "o'hara", "Émile", ""];
    let mut records = Vec::new();
    for index in 0..28_i64 {
        let place = usize::try_from(index).expect("small");
        let amount = if index % 4 == 0 { Value::Null } else { Value::Decimal(index % 5 * 10_000) };
        let stage = ["won", "lost", "engaging"][place % 3];
        let name = names[place % names.len()];
        let company = ["c1", "c2"][place % 2];
        let given = [("name", t(name)), ("amount", amount), ("stage", t(stage)), ("company_id", t(company))];
        records.push(record(&format!("{index:02}"), &given));
    }
    put(&db.store, TENANT, "deal", records).await;
}

fn field(name: &str, test: FieldTest) -> Filter {
    Filter::Field(name.to_owned(), test)
}

/// Filters of one shape each, with values of all sorts.
fn filters() -> Vec<Vec<Filter>> {
    let texts = ["alpha", "Émile", "100%", "o'hara", "", "'; DROP TABLE deal; --", "nobody"];
    let numbers = [0, 10_000, -1, i64::MAX, i64::MIN, 40_000];
    let text = |make: &dyn Fn(Value) -> Filter| texts.iter().map(|one| make(t(one))).collect::<Vec<_>>();
    let number =
        |make: &dyn Fn(Value) -> Filter| numbers.iter().map(|one| make(Value::Decimal(*one))).collect::<Vec<_>>();
    vec![
        text(&|value| field("name", FieldTest::Eq(value))),
        text(&|value| field("name", FieldTest::Neq(value))),
        text(&|value| field("id", FieldTest::In(vec![t("01"), value, Value::Null, t("05")]))),
        text(&|value| Filter::Not(Box::new(field("name", FieldTest::Gte(value))))),
        number(&|value| field("amount", FieldTest::Lt(value))),
        number(&|value| {
            Filter::Or(vec![field("amount", FieldTest::Eq(value.clone())), field("amount", FieldTest::Gt(value))])
        }),
        text(&|value| {
            let named = Filter::Related("company_id".to_owned(), Box::new(field("name", FieldTest::Eq(t("Acme")))));
            Filter::And(vec![named, field("name", FieldTest::Eq(value))])
        }),
        text(&|value| {
            Filter::Or(vec![field("name", FieldTest::Contains("a".to_owned())), field("name", FieldTest::Eq(value))])
        }),
    ]
}

fn same(known: &Rows, built: &Rows) {
    let seen = |rows: &Rows| {
        let rows = rows.rows.iter();
        rows.map(|row| (row.id.clone(), row.values.clone(), row.bitten.clone(), row.cursor.clone())).collect::<Vec<_>>()
    };
    assert_eq!((seen(known), known.more, known.total), (seen(built), built.more, built.total));
}

both!(whatever_the_values_are, |db: Db| async move {
    deals(&db).await;
    let guards = guards();
    for filters in filters() {
        for round in 0..2 {
            for filter in &filters {
                let mut query = filtered("deal", &["name", "amount"], filter.clone());
                query.page.limit = 3;
                query.order = vec![Order { field: "amount".to_owned(), descending: round == 1, nulls_first: true }];
                // To the end: where a page ended is a value too, and may be null.
                for _ in 0..12 {
                    let (known, built) =
                        (read(&db.store, &query, &guards).await, read(&db.store, &query, &anew(&guards)).await);
                    same(&known, &built);
                    query.page.cursor = known.rows.last().map(|row| row.cursor.clone());
                    if !known.more {
                        break;
                    }
                }
            }
        }
    }
    assert!(db.store.known_statements() > 16, "only {} statements are known", db.store.known_statements());
});

both!(other_guards_are_another_statement, |db: Db| async move {
    deals(&db).await;
    let query = filtered("deal", &["name"], field("stage", FieldTest::Eq(t("won"))));
    let shown = |rows: Rows| rows.rows.len();
    // As many guards in one place as an allocator likes to give out again.
    for round in 0..200 {
        let name = ["alpha", "beta", "100%"][round % 3];
        let guards = with("deal", hide(is("name", name)));
        let all = shown(read(&db.store, &query, &with("deal", hide(Cond::Const(Some(false))))).await);
        for _ in 0..3 {
            let rows = read(&db.store, &query, &guards).await;
            assert!(rows.rows.iter().all(|row| row.values != [t(name)]), "round {round}: {name} is shown");
            assert!(shown(rows) < all);
        }
    }
    let known = db.store.known_statements();
    assert!(known > 0 && known <= 512, "{known}");
});

both!(what_goes_into_the_text_stays_in_the_shape, |db: Db| async move {
    deals(&db).await;
    let guards = open();
    let ask = |test: FieldTest| filtered("deal", &["name"], field("name", test));
    for (test, count) in [
        (FieldTest::StartsWith("al".to_owned()), 4),
        (FieldTest::StartsWith("be".to_owned()), 4),
        (FieldTest::Like("100\\%".to_owned()), 4),
        (FieldTest::Like("%".to_owned()), 28),
        (FieldTest::In((0..9).map(|index| t(&format!("{index}"))).collect()), 0),
        (FieldTest::In(vec![]), 0),
        (FieldTest::In(vec![Value::Null]), 0),
        (FieldTest::In(vec![t("alpha")]), 4),
        (FieldTest::Eq(Value::Null), 0),
        (FieldTest::IsNull(true), 0),
        (FieldTest::IsNull(false), 28),
    ] {
        for _ in 0..3 {
            assert_eq!(read(&db.store, &ask(test.clone()), &guards).await.total, Some(count), "{test:?}");
        }
    }
    // What no database takes is refused, known or not.
    for _ in 0..3 {
        refused(&db.store, &ask(FieldTest::Eq(t("a\0b"))), &guards).await;
        refused(&db.store, &ask(FieldTest::Eq(Value::Integer(1))), &guards).await;
        read(&db.store, &ask(FieldTest::Eq(t("alpha"))), &guards).await;
    }
    // Each page its own limit.
    for limit in [1, 5, 2, 5, 1, 1] {
        let query = Query { page: Page { limit, ..Page::default() }, ..ask(FieldTest::Eq(t("alpha"))) };
        assert_eq!(read(&db.store, &query, &guards).await.rows.len(), usize::try_from(limit.min(4)).expect("small"));
    }
});
