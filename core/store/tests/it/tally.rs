//! Counting for previews: generated guards over generated records, counted in SQL by joins and natively
//! one record at a time; and a statement that takes too long is stopped.

use std::collections::BTreeMap;
use std::time::Duration;

use garant_domain::rule::{CompareOp, Cond, FactCall, Operand, evaluate};
use garant_domain::value::Value;
use garant_store::{Comparison, Narrower, StoreError, Tally};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::both;
use crate::property::{View, World, cond, sample, world};
use crate::support::*;

const LONG: Duration = Duration::from_secs(60);

/// Two guards of an entity as a preview would compare them.
fn comparison(runner: &mut TestRunner, entity: &'static str) -> Comparison {
    let mut conds = |most: usize| -> Vec<Cond> {
        let many = sample(runner, &(0..=most));
        // What is unknown bites too, so most conditions alone bite nearly everywhere.
        (0..many).map(|_| Cond::All((0..3).map(|_| sample(runner, &cond(entity))).collect())).collect()
    };
    let (without, hide, masks) = (conds(1), conds(4), conds(3));
    let mut rests = conds(6);
    let mut side = || -> Vec<usize> { (0..hide.len()).filter(|_| sample(runner, &any::<bool>())).collect() };
    let (before, after) = (side(), side());
    let mut narrower = |of: &[usize]| -> Vec<Narrower> {
        let named = of.iter().filter_map(|hide| Some(Narrower { hide: *hide, rest: rests.pop()? }));
        // The general reason comes last, so that nothing is without one.
        let mut named: Vec<Narrower> = named.collect();
        named.extend(of.iter().map(|hide| Narrower { hide: *hide, rest: Cond::Const(Some(true)) }));
        named
    };
    let (lost, gained) = (narrower(&after), narrower(&before));
    Comparison { without, hide, before, after, lost, gained, masks }
}

type Kind = (bool, bool, Option<usize>, Vec<bool>);

/// What the native evaluator says of a record; `None` for one that is not looked at.
fn natively(of: &Comparison, view: &View<'_>) -> Option<Kind> {
    let bites = |cond: &Cond| evaluate(cond, view) != Some(false);
    if of.without.iter().any(bites) {
        return None;
    }
    let hides = |by: &[usize]| by.iter().any(|index| bites(&of.hide[*index]));
    let (before, after) = (hides(&of.before), hides(&of.after));
    let first = |reasons: &[Narrower]| reasons.iter().position(|one| bites(&of.hide[one.hide]) && bites(&one.rest));
    let reason = match (before, after) {
        (false, true) => first(&of.lost),
        (true, false) => first(&of.gained),
        _ => None,
    };
    Some((before, after, reason, of.masks.iter().map(|mask| !before && !after && bites(mask)).collect()))
}

fn counted(tallies: Vec<Tally>) -> BTreeMap<Kind, i64> {
    tallies.into_iter().map(|tally| ((tally.before, tally.after, tally.reason, tally.masks), tally.records)).collect()
}

async fn agree(db: &Db, world: &World, entity: &'static str, of: &Comparison) -> usize {
    let records = if entity == "contact" { &world.contacts } else { &world.deals };
    let mut expected: BTreeMap<Kind, i64> = BTreeMap::new();
    for (id, values) in records {
        let subject = if entity == "contact" { Some(id.as_str()) } else { values["contact_id"].as_text() };
        if let Some(kind) = natively(of, &View { world, values, subject }) {
            *expected.entry(kind).or_default() += 1;
        }
    }
    let tallies = db.store.compare(TENANT, entity, of, LONG).await.expect("tallies");
    assert_eq!(counted(tallies), expected, "{entity}: {of:#?}");
    expected.len()
}

fn consent(fact: &str, purpose: &str, channel: &str) -> Operand {
    Operand::Fact(FactCall { name: fact.to_owned(), args: vec![purpose.to_owned(), channel.to_owned()] })
}

both!(counting_agrees_with_the_native_evaluator, |db: Db| async move {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let world = world(&db, &mut runner).await;
    let mut kinds = 0;
    for _ in 0..150 {
        for entity in ["contact", "deal"] {
            let of = comparison(&mut runner, entity);
            kinds += agree(&db, &world, entity, &of).await;
        }
    }
    assert!(kinds > 400, "only {kinds} kinds of records");
    // More facts than can be joined: the rest is looked up.
    let given = |number: usize| {
        let status = consent("consent.status", &format!("p{number}"), "email");
        Cond::Compare(CompareOp::Eq, status, Operand::Literal(Value::text("given")))
    };
    let many = Comparison { hide: (0..70).map(given).collect(), before: (0..70).collect(), ..Comparison::default() };
    agree(&db, &world, "contact", &many).await;
    agree(&db, &world, "deal", &many).await;
});

both!(a_count_that_takes_too_long_is_stopped_and_harms_nobody, |db: Db| async move {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[1; 32]));
    let world = world(&db, &mut runner).await;
    let elsewhere = |number: usize| Cond::Is(consent("consent.other_channel", &format!("p{number}"), "email"));
    let hide: Vec<Cond> = (0..200).map(elsewhere).collect();
    let heavy = Comparison { before: (0..hide.len()).collect(), hide, ..Comparison::default() };
    for within in [Duration::ZERO, Duration::from_nanos(1)] {
        let stopped = db.store.compare(TENANT, "contact", &heavy, within).await;
        assert!(matches!(stopped, Err(StoreError::TooSlow { .. })), "{stopped:?}");
    }
    // The connection that was stopped serves on, and for as long as it takes.
    for _ in 0..8 {
        agree(&db, &world, "contact", &heavy).await;
    }
});
