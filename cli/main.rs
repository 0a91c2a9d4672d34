//! The `grantlet` program.

use std::process::ExitCode;

use clap::Parser as _;
use grantlet_cli::args::Cli;

fn main() -> ExitCode {
    grantlet_cli::run(Cli::parse())
}
