//! Killed half-way, and several at once.

use std::time::Duration;

use garant_domain::value::Value;
use garant_store::NewRecord;

use super::*;

/// More people than a few batches take.
const PEOPLE: usize = 1_400;

/// People in France, put straight into the store: the door is not what is tested.
async fn crowd(app: &TestApp) {
    let now = instant(garant_testkit::START);
    let mut tx = app.store.begin_write(TENANT).await.expect("a transaction");
    for index in 0..PEOPLE {
        let texts = [("last_name", format!("Name{index}")), ("country", "FR".to_owned())];
        let values = texts.map(|(name, value)| (name, Value::text(value)));
        let values = values.into_iter().chain([("legal_hold", Value::Boolean(false))]);
        let record = NewRecord {
            id: format!("person-{index:05}"),
            now,
            collected_at: Some(now),
            collected_for: Some("sales".to_owned()),
            values: values.map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        tx.insert("contact", &record).await.expect("inserted");
    }
    tx.commit().await.expect("committed");
}

async fn left(app: &TestApp) -> usize {
    let mut tx = app.store.begin_write(TENANT).await.expect("a transaction");
    tx.ids_after("contact", "", 10_000).await.expect("ids").len()
}

/// Waits until a batch has been committed.
async fn a_batch(app: &TestApp) {
    loop {
        let runs = app.store.sweeps(TENANT, 1).await.expect("runs");
        if runs.first().is_some_and(|run| run.counts != "[]") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn erased(runs: &[garant_store::SweepRun]) -> u64 {
    let counts = runs.iter().flat_map(|run| serde_json::from_str::<Vec<SweepCount>>(&run.counts).expect("counts"));
    counts.map(|count| count.records).sum()
}

on_both_databases! {
    async fn a_killed_sweep_is_taken_up_by_the_next(app: TestApp) {
        let app = erasing(&app).await;
        crowd(&app).await;
        // Dropped in the middle of whatever it is doing, as a killed process drops it.
        tokio::select! {
            biased;
            () = a_batch(&app) => {}
            _ = app.service.sweep_now("killed") => panic!("it was to be killed"),
        }
        assert!((1..PEOPLE).contains(&left(&app).await), "half-way");
        let busy = app.service.sweep_now("too early").await.expect_err("the lease runs");
        assert_eq!(busy.code, garant_domain::problem::ErrorCode::Conflict);
        app.clock.set(instant("2026-05-01T10:05:00Z"));
        sweep(&app).await;
        assert_eq!(left(&app).await, 0);
        let runs = app.store.sweeps(TENANT, 10).await.expect("runs");
        let outcomes: Vec<&str> = runs.iter().map(|run| run.outcome.as_str()).collect();
        assert_eq!(outcomes, ["done", "interrupted"]);
        assert_eq!(erased(&runs), PEOPLE as u64, "each once, in one receipt or the other");
        assert_eq!(app.store.ledger(TENANT).await.expect("the ledger").len(), PEOPLE);
        assert!(app.store.verify_log(TENANT).await.expect("the log").broken.is_none());
    }

    async fn several_processes_at_once_do_each_record_once(app: TestApp) {
        let app = erasing(&app).await;
        crowd(&app).await;
        let other = app.service_process(vec![case_plugin(Case::Erase)]).await;
        let (first, second) = tokio::join!(app.service.sweep_now("one"), other.sweep_now("two"));
        assert!(first.is_ok() || second.is_ok(), "{first:?} {second:?}");
        assert_eq!(left(&app).await, 0);
        let runs = app.store.sweeps(TENANT, 10).await.expect("runs");
        assert_eq!(erased(&runs), PEOPLE as u64);
        assert_eq!(app.store.ledger(TENANT).await.expect("the ledger").len(), PEOPLE);
    }
}
