//! `garant log verify`.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use garant_domain::catalog::Catalog;

use crate::cli::Configured;
use crate::open_store;

pub(super) async fn verify(args: &Configured) -> anyhow::Result<()> {
    let config = super::load(args)?;
    let store = open_store(&config, &Arc::new(Catalog::standard())).await?;
    let check = store.verify_log(&config.tenant.id).await.context("the log could not be read")?;
    match &check.fault {
        None => println!("{} lines of {} writers: the chain holds", check.lines, check.writers),
        Some(fault) => bail!("the chain is broken: {fault}"),
    }
    Ok(())
}
