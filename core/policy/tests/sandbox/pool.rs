//! Threads and permits: a slow plugin harms itself.

use std::sync::Arc;
use std::time::Duration;

use garant_policy::{Engine, EngineError, Limits, PluginError};

use crate::guest::{Guest, configure, limits, read};

const LOOP: &str = include_str!("../../../testkit/guests/hostile/endless_loop.wat");

fn engine(change: impl FnOnce(&mut Limits)) -> Arc<Engine> {
    let mut limits = Limits { threads: 2, threads_per_plugin: 1, ..limits() };
    change(&mut limits);
    Engine::new(limits).unwrap()
}

/// A slow plugin takes all of its own places and more callers queue for them; meanwhile another one is
/// asked again and again. No clock decides: the quick answers must all be there before the first of
/// the slow ones.
#[tokio::test]
async fn a_slow_plugin_leaves_room_for_others() {
    let engine = engine(|limits| {
        (limits.threads, limits.threads_per_plugin) = (3, 2);
        limits.answer_deadline = Duration::from_secs(5);
    });
    let slow = Guest::doing(LOOP).load(&engine).await.unwrap();
    let honest = Guest::default().load(&engine).await.unwrap();
    let (slow_settings, settings) = (configure(&slow).await.unwrap(), configure(&honest).await.unwrap());
    let looping: Vec<_> = (0..6)
        .map(|_| {
            let (slow, settings) = (Arc::clone(&slow), Arc::clone(&slow_settings));
            tokio::spawn(async move { slow.plan(&settings, &read("marketing")).await })
        })
        .collect();
    while engine.stats().running < 2 {
        tokio::task::yield_now().await;
    }
    for time in 0..200 {
        // Another purpose each time, so that each answer takes a fresh guest.
        honest.plan(&settings, &read(&time.to_string())).await.unwrap();
    }
    assert!(looping.iter().all(|caller| !caller.is_finished()), "the slow plugin should still run");
    assert_eq!(engine.stats().running, 2, "the slow plugin has all of its places, and no more");
    looping.iter().for_each(|caller| caller.abort());
}

#[tokio::test]
async fn waiting_is_bounded_in_time() {
    let engine = engine(|limits| limits.wait = Duration::from_millis(30));
    let slow = Guest::doing(LOOP).load(&engine).await.unwrap();
    let settings = configure(&slow).await.unwrap();
    let ask = async || slow.plan(&settings, &read("marketing")).await;
    let (first, second) = tokio::join!(ask(), ask());
    assert_eq!(first.unwrap_err().code(), "DEADLINE");
    assert_eq!(second.unwrap_err(), PluginError::Busy);
}

#[tokio::test]
async fn waiting_is_bounded_in_number() {
    let engine = engine(|limits| limits.queue = 1);
    let slow = Guest::doing(LOOP).load(&engine).await.unwrap();
    let settings = configure(&slow).await.unwrap();
    let ask = async || slow.plan(&settings, &read("marketing")).await;
    let (first, second, third) = tokio::join!(ask(), ask(), ask());
    assert_eq!(first.unwrap_err().code(), "DEADLINE");
    assert_eq!(second.unwrap_err().code(), "DEADLINE", "it waited and then ran");
    assert_eq!(third.unwrap_err(), PluginError::Busy);
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_no_thread_behind() {
    let engine = engine(|limits| limits.threads = 1);
    let slow = Guest::doing(LOOP).load(&engine).await.unwrap();
    let settings = configure(&slow).await.unwrap();
    let abandoned = tokio::time::timeout(Duration::from_millis(10), slow.plan(&settings, &read("marketing"))).await;
    assert!(abandoned.is_err());
    assert!(Guest::default().decide(&engine).await.is_ok(), "the thread came back after the deadline");
}

#[tokio::test]
async fn dropping_the_engine_ends_its_guests() {
    let engine = engine(|_| {});
    let slow = Guest::doing(LOOP).load(&engine).await.unwrap();
    let settings = configure(&slow).await.unwrap();
    let abandoned = tokio::time::timeout(Duration::from_millis(10), slow.plan(&settings, &read("marketing"))).await;
    assert!(abandoned.is_err());
    drop(slow);
    // Waits for the guest, so the test would hang if the deadline did not end it.
    drop(engine);
}

#[test]
fn limits_that_make_no_sense_build_nothing() {
    let changes: [fn(&mut Limits); 4] = [
        |limits| limits.threads = 0,
        |limits| limits.threads_per_plugin = limits.threads + 1,
        |limits| limits.tick = Duration::ZERO,
        |limits| limits.memory_bytes = 10,
    ];
    for change in changes {
        let mut limits = limits();
        change(&mut limits);
        assert!(matches!(Engine::new(limits).unwrap_err(), EngineError::Limit { .. }));
    }
}
