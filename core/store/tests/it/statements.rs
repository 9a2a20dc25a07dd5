//! How many statements a read takes: none per row.

use garant_domain::query::{FieldTest, Filter, Query};
use garant_domain::rule::{CompareOp, Cond, FactCall, Operand};

use crate::both;
use crate::support::*;

both!(no_statement_per_row, |db: Db| async move {
    let companies: Vec<String> = (0..20).map(|index| format!("c{index:02}")).collect();
    put(&db.store, TENANT, "company", companies.iter().map(|id| record(id, &[("name", t(id))])).collect()).await;
    let deals = (0..60).map(|index| {
        let company = &companies[index % companies.len()];
        record(&format!("d{index}"), &[("name", t("x")), ("company_id", t(company))])
    });
    put(&db.store, TENANT, "deal", deals.collect()).await;
    let consent =
        FactCall { name: "consent.status".to_owned(), args: vec!["marketing".to_owned(), "email".to_owned()] };
    let rule = Cond::All(vec![
        Cond::Not(Box::new(Cond::IsNull(Operand::Field("contact_id".to_owned())))),
        Cond::Compare(CompareOp::Ne, Operand::Fact(consent), Operand::Literal(t("given"))),
    ]);
    let guards = with("deal", hide(rule));
    let store = &db.store;
    let sent = |before: u64| store.statements() - before;

    let before = store.statements();
    let deals = Query { total: false, ..query("deal", &["name", "company_id"]) };
    assert_eq!(read(store, &deals, &guards).await.rows.len(), 60);
    assert_eq!(sent(before), 1, "a page");

    let before = store.statements();
    assert_eq!(read(store, &query("deal", &["name", "company_id"]), &guards).await.total, Some(60));
    assert_eq!(sent(before), 2, "a page and its total");

    let before = store.statements();
    let wanted = companies.iter().map(|id| t(id)).collect();
    let by_id = Filter::Field("id".to_owned(), FieldTest::In(wanted));
    let by_id = Query { total: false, ..filtered("company", &["name"], by_id) };
    assert_eq!(read(store, &by_id, &guards).await.rows.len(), 20);
    assert_eq!(sent(before), 1, "records by id");

    for (total, statements) in [(false, 1), (true, 2)] {
        let before = store.statements();
        let query = Query { total, ..query("deal", &["name"]) };
        let pages = store.page_per_parent(TENANT, &query, "company_id", &companies, &guards).await.expect("pages");
        assert_eq!(pages.values().map(|rows| rows.rows.len()).sum::<usize>(), 60);
        assert_eq!(sent(before), statements, "a page for each of twenty parents");
    }
});
