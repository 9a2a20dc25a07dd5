//! Numbers, by hand: `cargo test -p garant-policy --release -- --ignored --nocapture measure`.

use std::time::Instant;

use garant_policy::{Engine, Limits};

use crate::guest::{Guest, configure, read};

#[tokio::test]
#[ignore = "prints numbers and checks none"]
async fn measure_a_plan() {
    const TIMES: u32 = 5_000;
    let engine = Engine::new(Limits::standard()).unwrap();
    let started = Instant::now();
    let plugin = Guest::default().load(&engine).await.unwrap();
    println!("load with compilation: {:?}", started.elapsed());
    let started = Instant::now();
    Guest::default().load(&engine).await.unwrap();
    println!("load again:            {:?}", started.elapsed());
    let configured = configure(&plugin).await.unwrap();
    plugin.plan(&configured, read("warm")).await.unwrap();
    for (what, fresh) in [("uncached, fresh guest", true), ("cached", false)] {
        let started = Instant::now();
        for time in 0..TIMES {
            let purpose = if fresh { time.to_string() } else { "warm".to_owned() };
            plugin.plan(&configured, read(&purpose)).await.unwrap();
        }
        println!("plan, {what}: {:?}", started.elapsed() / TIMES);
    }
    println!("{:?}", engine.stats());
}
