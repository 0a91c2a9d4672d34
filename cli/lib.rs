//! What the `grantlet` program is made of: the embedded engine, the local server, seeds, and the operator's commands.
//!
//! - [`args`] is what can be typed.
//! - `dev` starts the engine ([`engine`], [`tables`], and [`stream`] for what ends sessions) on a data directory (`data_dir`), applies a `seed`, and serves every endpoint (`server`).
//!   Where the issuer is this machine, `playground` shows the flow and what DynamoDB does for it.
//! - `commands` are the operator's; `target` opens what they work on: the local data directory, or a deployed stack.
//! - `output` is the one place that prints, for people or as JSON; a `failure` is a sentence that says what to do.

pub mod args;
mod commands;
mod data_dir;
mod demo;
mod dev;
pub mod engine;
mod failure;
mod outbox;
mod output;
mod people;
mod playground;
mod registration;
mod seed;
mod server;
mod settings_file;
pub mod stream;
pub mod tables;
mod target;

use std::process::ExitCode;

use self::args::{Cli, Command};
use self::output::Output;

/// Does what was asked for, and answers with the exit code: 0, or 1 after a sentence on standard error.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let result = tokio::runtime::Runtime::new().map_err(failure::Failure::from).and_then(|runtime| {
        let done = runtime.block_on(dispatch(cli));
        // A name lookup or a file read that hangs must not keep the program from ending.
        runtime.shutdown_background();
        done
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::print_failure(&failure);
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> Result<(), failure::Failure> {
    match cli.command {
        None => dev::run(cli.dev).await,
        Some(Command::Dev(args)) => dev::run(args).await,
        Some(Command::Client(group)) => commands::client::run(group.command, &group.target, Output::new(group.json)).await,
        Some(Command::User(group)) => commands::user::run(group.command, &group.target, Output::new(group.json)).await,
        Some(Command::Grant(group)) => commands::grant::run(group.command, &group.target, Output::new(group.json)).await,
        Some(Command::Key(group)) => commands::key::run(group.command, &group.target, Output::new(group.json)).await,
        Some(Command::Resource(args)) => commands::resource::run(&args).await,
        Some(Command::Registration(group)) => commands::registration::run(group.command, &group.target, Output::new(group.json)).await,
        Some(Command::Settings(group)) => commands::settings::run(group.command, &group.target, Output::new(group.json)).await,
        Some(Command::Connection(group)) => commands::connection::run(group.command, &group.target, Output::new(group.json)).await,
        Some(Command::Site(group)) => commands::site::run(group.command, &group.target, Output::new(group.json)).await,
    }
}
