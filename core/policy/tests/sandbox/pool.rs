//! Threads and permits: a slow plugin harms itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use garant_policy::{Engine, EngineError, Limits, PluginError};

use crate::guest::{Guest, configure, limits, read};

const LOOP: &str = include_str!("../hostile/endless_loop.wat");

fn engine(change: impl FnOnce(&mut Limits)) -> Arc<Engine> {
    let mut limits = Limits { threads: 2, threads_per_plugin: 1, ..limits() };
    change(&mut limits);
    Engine::new(limits).unwrap()
}

#[tokio::test]
async fn a_slow_plugin_leaves_room_for_others() {
    let engine = engine(|limits| limits.answer_deadline = Duration::from_secs(2));
    let slow = Guest::doing(LOOP).load(&engine).await.unwrap();
    let honest = Guest::default().load(&engine).await.unwrap();
    let (slow_settings, settings) = (configure(&slow).await.unwrap(), configure(&honest).await.unwrap());
    let looping = tokio::spawn(async move { slow.plan(&slow_settings, read("marketing")).await });
    tokio::time::sleep(Duration::from_millis(50)).await;

    let started = Instant::now();
    honest.plan(&settings, read("marketing")).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert!(!looping.is_finished(), "the slow plugin should still run");
    assert_eq!(looping.await.unwrap().unwrap_err().code(), "DEADLINE");
}

#[tokio::test]
async fn waiting_is_bounded_in_time() {
    let engine = engine(|limits| limits.wait = Duration::from_millis(30));
    let slow = Guest::doing(LOOP).load(&engine).await.unwrap();
    let settings = configure(&slow).await.unwrap();
    let ask = || slow.plan(&settings, read("marketing"));
    let (first, second) = tokio::join!(ask(), ask());
    assert_eq!(first.unwrap_err().code(), "DEADLINE");
    assert_eq!(second.unwrap_err(), PluginError::Busy);
}

#[tokio::test]
async fn waiting_is_bounded_in_number() {
    let engine = engine(|limits| limits.queue = 1);
    let slow = Guest::doing(LOOP).load(&engine).await.unwrap();
    let settings = configure(&slow).await.unwrap();
    let ask = || slow.plan(&settings, read("marketing"));
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
    let abandoned = tokio::time::timeout(Duration::from_millis(10), slow.plan(&settings, read("marketing"))).await;
    assert!(abandoned.is_err());
    assert!(Guest::default().decide(&engine).await.is_ok(), "the thread came back after the deadline");
}

#[tokio::test]
async fn dropping_the_engine_ends_its_guests() {
    let engine = engine(|_| {});
    let slow = Guest::doing(LOOP).load(&engine).await.unwrap();
    let settings = configure(&slow).await.unwrap();
    let abandoned = tokio::time::timeout(Duration::from_millis(10), slow.plan(&settings, read("marketing"))).await;
    assert!(abandoned.is_err());
    let started = Instant::now();
    drop(slow);
    drop(engine);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
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
