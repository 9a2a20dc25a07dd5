//! The `garant` binary.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    garant::run(garant::cli::Cli::parse())
}
