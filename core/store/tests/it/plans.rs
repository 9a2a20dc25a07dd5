//! What the database makes of the rules of marketing over many contacts and consents: a page is a walk
//! along an index, and a count does not look consents up one by one. Fewer than in a business, since the
//! planner decides alike.

use garant_domain::query::{FieldTest, Filter, Guard, Guards, MaskRule, Order, Page, Query};
use garant_domain::rule::{CompareOp, Cond, FactCall, Mask, Operand};
use garant_domain::value::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};

use crate::both;
use crate::support::*;

/// Contacts; two consents to marketing and three to other purposes for each.
const CONTACTS: u32 = 20_000;

fn filling(db: &Db) -> Vec<String> {
    let number = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ";
    let mut statements = vec![format!(
        "INSERT INTO contact (tenant_id, id, version, created_at, updated_at, collected_at, collected_for, first_name, last_name, last_name_fold, email, phone, country, audience)
         {number}{CONTACTS}) SELECT '{TENANT}', 'c' || i, 1, {NOW}, {NOW}, {NOW}, 'sales', 'Ada', 'Name ' || (i * 7919 % 1000003), 'name ' || (i * 7919 % 1000003),
         'n' || i || '@example.org', '+33 1', CASE i % 4 WHEN 0 THEN 'FR' ELSE 'DE' END, 'consumer' FROM n"
    )];
    for (purpose, channel, withdrawn) in [
        ("marketing", "email", 3),
        ("marketing", "sms", 5),
        ("newsletter", "any", 7),
        ("surveys", "any", 11),
        ("events", "any", 13),
    ] {
        statements.push(format!(
            "INSERT INTO consent_state (tenant_id, subject_id, purpose, channel, track, status, at, rank, proven, confirmed, explicit, method)
             {number}{CONTACTS}) SELECT '{TENANT}', 'c' || i, '{purpose}', '{channel}', 'consent', CASE WHEN i % {withdrawn} = 0 THEN 'withdrawn' ELSE 'given' END,
             {NOW}, CASE WHEN i % {withdrawn} = 0 THEN 8 ELSE 0 END, true, true, false, 'checkbox' FROM n"
        ));
    }
    statements.push("ANALYZE".to_owned());
    if db.is_postgres() {
        statements.push("VACUUM ANALYZE".to_owned());
    }
    statements
}

async fn fill(db: &Db) {
    for statement in filling(db) {
        let sql = AssertSqlSafe(statement);
        if db.is_postgres() {
            db.owner().await.execute(sql).await.expect("filled");
        } else {
            SqliteConnection::connect(&db.url).await.expect("SQLite").execute(sql).await.expect("filled");
        }
    }
}

fn consent(name: &str, channel: &str) -> Operand {
    Operand::Fact(FactCall { name: format!("consent.{name}"), args: vec!["marketing".to_owned(), channel.to_owned()] })
}

fn one_of(operand: Operand, values: &[&str]) -> Cond {
    Cond::OneOf(operand, values.iter().map(|value| t(value)).collect())
}

fn not(cond: Cond) -> Cond {
    Cond::Not(Box::new(cond))
}

/// Neither a consent that can be relied on nor an exemption, as the shipped policy says it.
fn denied(channel: &str) -> Cond {
    let valid = Cond::All(vec![
        one_of(consent("status", channel), &["given", "renewed"]),
        not(one_of(consent("method", channel), &["pre_ticked", "silence"])),
        Cond::Is(consent("proven", channel)),
        Cond::Compare(CompareOp::Ge, consent("given_at", channel), Operand::Literal(Value::Instant(0))),
    ]);
    let exempt = Cond::All(vec![
        is("country", "FR"),
        is("audience", "generic"),
        not(one_of(consent("status", channel), &["withdrawn", "refused"])),
    ]);
    not(Cond::Any(vec![valid, exempt]))
}

fn marketing(channels: &[&str]) -> Guards {
    let objected = FactCall { name: "objection.active".to_owned(), args: vec!["marketing".to_owned()] };
    let denied_all = |channels: &[&str]| match channels {
        [channel] => denied(channel),
        channels => Cond::All(channels.iter().map(|channel| denied(channel)).collect()),
    };
    let consented = channels.iter().map(|channel| one_of(consent("status", channel), &["given", "renewed"]));
    let collected_for = Operand::Fact(FactCall { name: "subject.collected_for".to_owned(), args: vec![] });
    let compatible = Cond::Covers(collected_for, Operand::Literal(t("marketing")));
    let hide = vec![
        Cond::Is(Operand::Fact(objected)),
        denied_all(channels),
        not(Cond::Any(std::iter::once(compatible).chain(consented).collect())),
    ];
    let phone =
        MaskRule { fields: vec!["phone".to_owned()], mask: Mask::None, when: denied_all(&["sms", "call"]), reason: 0 };
    with("contact", Guard { hide, masks: vec![phone], ..Guard::default() })
}

fn page() -> Query {
    Query {
        order: vec![Order { field: "last_name".to_owned(), descending: false, nulls_first: false }],
        page: Page { limit: 50, ..Page::default() },
        ..filtered(
            "contact",
            &["first_name", "last_name", "email", "phone", "country"],
            Filter::Field("country".to_owned(), FieldTest::Eq(t("FR"))),
        )
    }
}

both!(a_page_for_marketing_walks_an_index_and_its_count_looks_nothing_up_one_by_one, |db: Db| async move {
    fill(&db).await;
    for channels in [&["email"][..], &["email", "sms", "call", "post"]] {
        let guards = marketing(channels);
        let rows = read(&db.store, &page(), &guards).await;
        assert_eq!((rows.rows.len(), rows.more), (50, true));
        let plan = db.store.explain(TENANT, &page(), &guards).await.expect("a plan").join("\n");
        let count = db.store.explain_total(TENANT, &page(), &guards).await.expect("a plan").join("\n");
        if db.is_postgres() {
            assert!(plan.contains("Index Scan using ix_contact_last_name_fold on contact"), "{plan}");
            for everything in ["Seq Scan", "Hash", "hashed", "Sort", "Bitmap"] {
                assert!(!plan.contains(everything), "{everything}: {plan}");
            }
            // Everybody's consent is read once into a hash, however many people are counted.
            assert!(count.contains("ash"), "{count}");
            assert!(
                !count.contains("on consent_state") || !count.contains("Index Scan using consent_state_pkey"),
                "{count}"
            );
        } else {
            assert!(plan.contains("USING INDEX ix_contact_last_name_fold"), "{plan}");
            for (plan, what) in [(&plan, "page"), (&count, "count")] {
                assert!(!plan.contains("SCAN t") && !plan.contains("TEMP B-TREE"), "{what}: {plan}");
                let lookups =
                    plan.lines().filter(|line| line.contains("consent_state") || line.contains("PRIMARY KEY"));
                assert!(
                    lookups.clone().count() > 1 && lookups.clone().all(|line| line.contains("subject_id=?")),
                    "{plan}"
                );
            }
        }
    }
});
