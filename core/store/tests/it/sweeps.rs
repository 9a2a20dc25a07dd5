//! What is due: the one statement of a sweep finds exactly what the native decision says of each record.

use std::collections::BTreeMap;

use garant_domain::lattice::{BoundRule, compose, strength};
use garant_domain::rule::{Cond, Effect, Selector, Target};
use garant_store::DueRules;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::both;
use crate::property::{View, cond, sample, world};
use crate::support::*;

const EFFECTS: [Effect; 4] = [Effect::MakeDormant, Effect::Anonymise, Effect::Erase, Effect::Hold];

fn rules() -> impl Strategy<Value = Vec<BoundRule>> {
    let rule = |entity| (cond(entity), proptest::sample::select(&EFFECTS[..]));
    proptest::collection::vec(rule("contact"), 1..5).prop_map(|rules| {
        let bound = |(reason, (when, effect)): (usize, (Cond, Effect))| BoundRule {
            when,
            effect,
            target: Target { selectors: vec![Selector::Row], complement: false },
            reason,
            enforced: true,
        };
        rules.into_iter().enumerate().map(bound).collect()
    })
}

both!(the_statement_finds_what_the_native_decision_says_is_due, |db: Db| async move {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let world = world(&db, &mut runner).await;
    let catalog = catalog();
    let entity = catalog.entity("contact").expect("contact");
    let mut due = 0;
    for _ in 0..150 {
        let rules = sample(&mut runner, &rules());
        let composition = compose(entity, &rules).expect("composed");
        let mut destroy = composition.destroy.clone();
        destroy.sort_by_key(|bite| (std::cmp::Reverse(strength(bite.effect)), bite.reason));
        let statement = DueRules {
            entity: "contact".to_owned(),
            destroy: destroy.iter().map(|bite| bite.when.clone()).collect(),
            hold: composition.hold.iter().map(|bite| bite.when.clone()).collect(),
            along: vec![],
        };
        let mut natively = BTreeMap::new();
        for (id, values) in &world.contacts {
            let view = View { world: &world, values, subject: Some(id) };
            if let Some(found) = composition.decide(&view).due {
                natively.insert(id.clone(), found.reason);
            }
        }
        let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
        let found = tx.due(&statement, "", 1_000).await.expect("what is due");
        // Ended before the next one begins: what somebody else holds is left out.
        tx.commit().await.expect("committed");
        let in_sql: BTreeMap<String, usize> =
            found.iter().map(|record| (record.id.clone(), destroy[record.rule].reason)).collect();
        assert_eq!(in_sql, natively, "{rules:#?}");
        let counted: u64 =
            db.store.due_counts(TENANT, &statement).await.expect("counts").iter().map(|(_, count)| count).sum();
        assert_eq!(counted, natively.len() as u64, "a preview counts what a run finds");
        due += natively.len();
    }
    assert!(due > 300, "only {due} records were due");
});

both!(batches_walk_by_id_and_a_marked_record_is_not_due_again_until_it_is_written_to, |db: Db| async move {
    let people = (0..5).map(|index| record(&format!("p{index}"), &[("last_name", t("x")), ("country", t("FR"))]));
    put(&db.store, TENANT, "contact", people.collect()).await;
    let rules = DueRules { entity: "contact".to_owned(), destroy: vec![is("country", "FR")], ..DueRules::default() };
    let mut tx = db.store.begin_write(TENANT).await.expect("a transaction");
    let ids = |found: Vec<garant_store::DueRecord>| found.into_iter().map(|record| record.id).collect::<Vec<_>>();
    assert_eq!(ids(tx.due(&rules, "", 2).await.expect("due")), ["p0", "p1"]);
    assert_eq!(ids(tx.due(&rules, "p1", 2).await.expect("due")), ["p2", "p3"]);
    tx.mark("contact", "p4", 1).await.expect("marked");
    assert_eq!(ids(tx.due(&rules, "p3", 2).await.expect("due")), Vec::<String>::new());
    tx.update("contact", "p4", 1, &change(&[("city", t("Paris"))])).await.expect("changed");
    assert_eq!(ids(tx.due(&rules, "p3", 2).await.expect("due")), ["p4"]);
});
