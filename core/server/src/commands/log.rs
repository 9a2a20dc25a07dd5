//! `garant log`: the record of who touched what, for which purpose, and what the policies decided.

use std::io::Write as _;

use anyhow::{Context as _, bail};

use crate::cli::{LogShow, Place};
use crate::open_store;

pub(super) async fn verify(args: &Place) -> anyhow::Result<()> {
    let config = super::load(args)?;
    let store = open_store(&config, &super::catalog()?).await?;
    let check = store.verify_log(&config.tenant.id).await.context("the log could not be read")?;
    if let Some(broken) = &check.broken {
        bail!("the chain is broken: {broken:?}");
    }
    println!("{} lines: the chain holds", check.lines);
    Ok(())
}

pub(super) async fn show(args: &LogShow) -> anyhow::Result<()> {
    let config = super::load(&args.place)?;
    let store = open_store(&config, &super::catalog()?).await?;
    let lines = store.read_log(&config.tenant.id, args.limit).await.context("the log could not be read")?;
    let wanted = |asked: &Option<String>, found: &str| asked.as_deref().is_none_or(|asked| asked == found);
    let mut out = std::io::stdout().lock();
    for line in lines.iter().filter(|line| wanted(&args.entity, &line.entity) && wanted(&args.role, &line.role)) {
        writeln!(out, "{}", serde_json::to_string(line)?)?;
    }
    Ok(())
}
