//! The command: flags in, records out, an exit code at the end. All that it knows of probing
//! stands in the library; `anyhow` is here and nowhere else.

mod args;
mod codes;
mod demo;
mod duration;
mod exit;
mod fingerprints;
mod misfit;
mod names;
mod octets;
mod order;
mod plan;
mod print;
mod recipe;
mod refusal;
mod route;
mod run;
mod scan;
mod shell;
mod signals;
mod size;
mod trace;
mod trust;
mod wait;
mod writer;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    let ended = match &cli.command {
        None => run::run(&cli.probe),
        Some(Command::Scan(args)) => scan::run(args),
        Some(Command::Wait(args)) => wait::wait(args),
        Some(Command::Watch(args)) => wait::watch(args),
        Some(Command::Codes(args)) => codes::run(args),
        Some(Command::Demo(args)) => demo::run(args),
        Some(Command::Fingerprints) => Ok(fingerprints::run()),
    };
    ended.unwrap_or_else(|error| exit::error(&error))
}
