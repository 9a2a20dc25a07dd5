//! The commands: each reads its arguments, composes what it needs, and says what it did.

mod demo;
mod export;
mod import;
mod job;
mod log;
mod plugin;
mod serve;
mod sign;
mod sweep;
mod token;
mod user;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use garant_domain::catalog::Catalog;

use crate::cli::{Cli, Command, LedgerCommand, LogCommand, Place, PluginCommand, TokenCommand, UserCommand};
use crate::compose::rebuild_search;
use crate::config::{Config, reference};

/// Done, though some rows were rejected.
const WITH_REJECTS: u8 = 3;

/// Stack of a thread that answers requests.
const STACK_BYTES: usize = 8 << 20;

/// How a command ended.
enum Outcome {
    Done,
    WithRejects,
}

/// Runs a command; an error is printed once, with its chain.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    match command(cli.command) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::WithRejects) => ExitCode::from(WITH_REJECTS),
        // Whoever reads the output has seen enough: `garant log show | head`.
        Err(error)
            if error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) =>
        {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("garant: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(command: Command) -> anyhow::Result<Outcome> {
    if let Command::Config = command {
        std::io::stdout().write_all(reference::markdown().as_bytes())?;
        return Ok(Outcome::Done);
    }
    // Nested selections are nested futures, and those of an unoptimised build are large.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build()?;
    runtime.block_on(async {
        match command {
            Command::Config => {}
            Command::Demo(args) => demo::run(args).await?,
            Command::Serve(args) => serve::run(&args).await?,
            Command::Import(args) => return import::run(args).await,
            Command::Export(args) => export::run(args).await?,
            Command::Job(command) => job::run(command).await?,
            Command::Token(TokenCommand::Create(args)) => token::create(args).await?,
            Command::User(UserCommand::Create(args)) => user::create(args).await?,
            Command::User(UserCommand::List(place)) => user::list(&place).await?,
            Command::User(UserCommand::Role(args)) => user::role(&args).await?,
            Command::User(UserCommand::Deactivate(args)) => user::set_active(&args, false).await?,
            Command::User(UserCommand::Reactivate(args)) => user::set_active(&args, true).await?,
            Command::User(UserCommand::Reset(args)) => user::reset(&args).await?,
            Command::User(UserCommand::ResetTotp(args)) => user::reset_totp(&args).await?,
            Command::User(UserCommand::Erase(args)) => user::erase(&args).await?,
            Command::Plugin(PluginCommand::Inspect { file }) => plugin::inspect(&file).await?,
            Command::Plugin(PluginCommand::Keygen { file }) => sign::keygen(&file)?,
            Command::Plugin(PluginCommand::Sign { key, file }) => sign::sign(&key, &file)?,
            Command::Plugin(PluginCommand::Install(args)) => plugin::install(args).await?,
            Command::Reindex(args) => {
                let config = load(&args)?;
                rebuild_search(&config, &*catalog()?).await?;
                println!("the words of every record are made anew");
            }
            Command::Log(LogCommand::Verify(args)) => log::verify(&args).await?,
            Command::Log(LogCommand::Show(args)) => log::show(&args).await?,
            Command::Sweep(args) => sweep::run(&args).await?,
            Command::Ledger(LedgerCommand::Export(args)) => sweep::export(&args).await?,
            Command::Ledger(LedgerCommand::Replay(args)) => sweep::replay(&args).await?,
        }
        Ok(Outcome::Done)
    })
}

/// The configuration of a command, with what the command line or the environment puts in its place.
fn load(place: &Place) -> anyhow::Result<Config> {
    let (mut config, file) = match (&place.config, &place.data_dir) {
        (Some(file), _) => (Config::load(file)?, file),
        (None, Some(folder)) => (crate::demo::config(folder), folder),
        (None, None) => anyhow::bail!("no database is named; give --config or --data-dir"),
    };
    if let Some(url) = &place.database_url {
        config.set_database_url(url, file)?;
    }
    Ok(config)
}

/// The catalogue of this build.
fn catalog() -> anyhow::Result<Arc<Catalog>> {
    Ok(Arc::new(Catalog::standard().context("the catalogue of this build cannot be used")?))
}
