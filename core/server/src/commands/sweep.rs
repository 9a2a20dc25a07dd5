//! `garant sweep` and `garant ledger`: what is due goes now, and what went is remembered outside of the
//! database too.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::sync::Arc;

use anyhow::Context as _;
use garant_domain::clock::SystemClock;
use garant_service::{LedgerEntry, SweepCount};

use crate::cli::{LedgerReplay, Place, Sweep};
use crate::compose;

pub(super) async fn run(args: &Sweep) -> anyhow::Result<()> {
    let config = super::load(&args.place)?;
    let app = compose(&config, Arc::new(SystemClock)).await?;
    let told = if args.dry_run {
        let preview = app.service.sweep_dry_run().await?;
        tell("would be done", &preview.counts)
    } else {
        let swept = app.service.sweep_now(&args.reason).await?;
        let receipt = if swept.run.receipt.is_empty() { "none: nothing was due" } else { &swept.run.receipt };
        format!("{}receipt: {receipt}\n", tell("done", &swept.counts))
    };
    app.service.store().close().await;
    std::io::stdout().write_all(told.as_bytes())?;
    Ok(())
}

fn tell(what: &str, counts: &[SweepCount]) -> String {
    if counts.is_empty() {
        return format!("nothing {what}\n");
    }
    let line = |count: &SweepCount| {
        let place = if count.archived { ", asleep" } else { "" };
        let mode = if count.observed { ", observed only" } else { "" };
        format!("{} {} {} ({}{place}{mode})\n", count.effect, count.records, count.entity, count.code)
    };
    counts.iter().map(line).collect()
}

pub(super) async fn export(args: &Place) -> anyhow::Result<()> {
    let config = super::load(args)?;
    let app = compose(&config, Arc::new(SystemClock)).await?;
    let entries = app.service.erasure_ledger().await?;
    app.service.store().close().await;
    let mut out = std::io::stdout().lock();
    for entry in entries {
        writeln!(out, "{}", serde_json::to_string(&entry)?)?;
    }
    Ok(())
}

pub(super) async fn replay(args: &LedgerReplay) -> anyhow::Result<()> {
    let file = File::open(&args.file).with_context(|| format!("{}: cannot be read", args.file.display()))?;
    let mut entries: Vec<LedgerEntry> = Vec::new();
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let place = || format!("{}: line {} is no entry of a ledger", args.file.display(), index + 1);
        entries.push(serde_json::from_str(&line.with_context(place)?).with_context(place)?);
    }
    let config = super::load(&args.place)?;
    let app = compose(&config, Arc::new(SystemClock)).await?;
    let new = app.service.replay_ledger(&entries).await?;
    app.service.store().close().await;
    println!("{new} of {} entries were new; the next sweep erases what came back", entries.len());
    Ok(())
}
