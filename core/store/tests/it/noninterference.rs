//! The strongest leak test: two tenants that differ only in what is hidden or masked give the same
//! answer to every query, down to the last cursor and count.

use garant_domain::query::{FieldTest, Filter, Guard, Guards, MaskRule, Order, Page, Query, Rows};
use garant_domain::rule::{Cond, Mask, Operand};
use garant_domain::value::Value;

use crate::both;
use crate::support::*;

/// The rules: contacts in DE are hidden, those in FR have name and link masked, deals of stage `lost`
/// have their amount masked, companies of sector `secret` are hidden.
fn guards() -> Guards {
    let mask = |fields: &[&str], when| MaskRule {
        fields: fields.iter().map(|&field| field.to_owned()).collect(),
        mask: Mask::None,
        when,
        reason: 0,
    };
    let mut guards = open();
    guards.insert(
        "contact".to_owned(),
        Guard {
            hide: vec![is("country", "DE")],
            masks: vec![mask(&["last_name", "company_id"], is("country", "FR"))],
            ..Guard::default()
        }
        .into(),
    );
    guards.insert(
        "deal".to_owned(),
        Guard { hide: vec![], masks: vec![mask(&["amount"], is("stage", "lost"))], ..Guard::default() }.into(),
    );
    let secret = Cond::OneOf(Operand::Field("name".to_owned()), vec![t("Secret"), t("Secret 2")]);
    guards.insert("company".to_owned(), hide(secret).into());
    guards
}

/// Fills a tenant; `other` changes everything that must not be seen.
async fn fill(db: &Db, tenant: &str, other: bool) {
    let either = |a: &str, b: &str| t(if other { b } else { a });
    let mut companies =
        vec![record("k1", &[("name", t("Open"))]), record("k2", &[("name", either("Secret", "Secret 2"))])];
    let mut contacts = vec![
        record("p1", &[("last_name", t("Zola")), ("country", t("IT")), ("company_id", t("k1"))]),
        record(
            "p2",
            &[("last_name", either("Adler", "Zweig")), ("country", t("FR")), ("company_id", either("k1", "k2"))],
        ),
        record(
            "p3",
            &[("last_name", either("Mann", "Adler")), ("country", t("FR")), ("company_id", either("k2", "k1"))],
        ),
        record("p4", &[("last_name", t("Eco")), ("country", t("IT")), ("company_id", either("k2", "gone"))]),
        record("p5", &[("last_name", either("Grass", "B\u{f6}ll")), ("country", t("DE"))]),
    ];
    let amount = |seen: i64, masked: i64| Value::Decimal(if other { masked } else { seen });
    let mut deals = vec![
        record(
            "d1",
            &[
                ("name", t("one")),
                ("amount", Value::Decimal(10)),
                ("stage", t("won")),
                ("contact_id", t("p1")),
                ("company_id", t("k1")),
            ],
        ),
        record(
            "d2",
            &[
                ("name", t("two")),
                ("amount", amount(5, 50)),
                ("stage", t("lost")),
                ("contact_id", either("p5", "p6")),
                ("company_id", t("k1")),
            ],
        ),
        record(
            "d3",
            &[
                ("name", t("three")),
                ("amount", amount(20, 1)),
                ("stage", t("lost")),
                ("contact_id", t("p2")),
                ("company_id", either("k2", "gone")),
            ],
        ),
    ];
    if other {
        companies.push(record("k3", &[("name", t("Secret"))]));
        contacts.push(record("p0", &[("last_name", t("Heym")), ("country", t("DE")), ("company_id", t("k1"))]));
        contacts.push(record("p6", &[("last_name", t("Wolf"))]));
        deals.retain(|_| true);
    }
    put(&db.store, tenant, "company", companies).await;
    put(&db.store, tenant, "contact", contacts).await;
    put(&db.store, tenant, "deal", deals).await;
}

fn tests(entity: &str) -> Vec<Filter> {
    let field = |name: &str, test| Filter::Field(name.to_owned(), test);
    let text = |name: &str| {
        let mut filters = vec![field(name, FieldTest::IsNull(true)), field(name, FieldTest::IsNull(false))];
        for value in ["Adler", "Mann", "Zweig", "k1", "k2", "p5", "gone"] {
            filters.extend([
                field(name, FieldTest::Eq(t(value))),
                field(name, FieldTest::Neq(t(value))),
                field(name, FieldTest::Gt(t(value))),
                field(name, FieldTest::In(vec![t(value)])),
                field(name, FieldTest::StartsWith(value.to_owned())),
                field(name, FieldTest::Ilike(format!("%{value}%"))),
            ]);
        }
        filters
    };
    let amounts = || {
        [1, 5, 10, 20]
            .into_iter()
            .flat_map(|amount| {
                let amount = Value::Decimal(amount);
                [
                    field("amount", FieldTest::Eq(amount.clone())),
                    field("amount", FieldTest::Lte(amount.clone())),
                    field("amount", FieldTest::Neq(amount)),
                ]
            })
            .collect::<Vec<_>>()
    };
    let related = |via: &str, filter: Filter| Filter::Related(via.to_owned(), Box::new(filter));
    let some = |entity: &str, via: &str, filter: Filter| Filter::Some {
        entity: entity.to_owned(),
        via: via.to_owned(),
        filter: Box::new(filter),
    };
    let plain: Vec<Filter> = match entity {
        "contact" => [
            text("last_name"),
            text("company_id"),
            text("name").into_iter().map(|filter| related("company_id", filter)).collect(),
            amounts().into_iter().map(|filter| some("deal", "contact_id", filter)).collect(),
        ]
        .concat(),
        "deal" => [
            text("contact_id"),
            text("company_id"),
            amounts(),
            text("last_name").into_iter().map(|filter| related("contact_id", filter)).collect(),
        ]
        .concat(),
        _ => [
            text("name"),
            text("last_name").into_iter().map(|filter| some("contact", "company_id", filter)).collect(),
            amounts().into_iter().map(|filter| some("deal", "company_id", filter)).collect(),
        ]
        .concat(),
    };
    plain.iter().cloned().chain(plain.iter().map(|filter| Filter::Not(Box::new(filter.clone())))).collect()
}

fn told(rows: &Rows) -> String {
    format!("{rows:?}")
}

both!(what_is_hidden_makes_no_difference, |db: Db| async move {
    fill(&db, "a", false).await;
    fill(&db, "b", true).await;
    let guards = guards();
    let mut queries = Vec::new();
    for (entity, fields) in [
        ("contact", &["last_name", "company_id", "country"][..]),
        ("deal", &["name", "amount", "contact_id", "company_id"]),
        ("company", &["name"]),
    ] {
        for filter in tests(entity) {
            queries.push(filtered(entity, fields, filter));
        }
        for order in fields {
            for (descending, nulls_first) in [(false, false), (true, false), (false, true), (true, true)] {
                for limit in 1..4 {
                    let order = vec![Order { field: (*order).to_owned(), descending, nulls_first }];
                    queries.push(Query { order, page: Page { limit, ..Page::default() }, ..query(entity, fields) });
                }
            }
        }
    }
    let mut pages = 0;
    for query in queries {
        let mut query = query;
        // Each page and the next ones, forwards.
        loop {
            let a = db.store.page("a", &query, &guards).await.expect("a page");
            let b = db.store.page("b", &query, &guards).await.expect("a page");
            assert_eq!(told(&a), told(&b), "{query:?}");
            pages += 1;
            let Some(last) = a.rows.last().filter(|_| a.more) else { break };
            query.page.cursor = Some(last.cursor.clone());
        }
    }
    assert!(pages > 500, "only {pages} pages");
    let parents: Vec<String> = ["k1", "k2", "k3", "gone"].map(str::to_owned).to_vec();
    for entity in ["contact", "deal"] {
        let query = query(entity, &["company_id"]);
        let mut told = Vec::new();
        for tenant in ["a", "b"] {
            let pages = db.store.page_per_parent(tenant, &query, "company_id", &parents, &guards).await.expect("pages");
            let sorted: std::collections::BTreeMap<_, _> = pages.into_iter().collect();
            told.push(format!("{sorted:?}"));
        }
        assert_eq!(told[0], told[1], "{entity}");
    }
});
