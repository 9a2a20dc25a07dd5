//! The server: configuration, composition and commands. What it does not hold: any rule of the law,
//! any SQL, any GraphQL. The binary `garant` is a thin wrapper around it, and tests compose the same
//! [`App`] from the same [`Config`].

pub mod cli;
mod commands;
mod compose;
pub mod config;
pub mod demo;
mod jobs;
mod logging;
mod secret;
mod serve;
mod shipped;
mod sweeper;
mod token;
pub mod webhooks;

/// Half of the time of a short request went into the system's allocator when its caches were cold.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub use commands::run;
pub use compose::{App, compose, limits, open_store};
pub use config::Config;
pub use secret::{SecretError, read_or_create as read_or_create_secret};
pub use shipped::{shipped_plugins, shipped_publisher};
