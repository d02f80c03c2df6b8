//! The command as a process, on loopback.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests stand outside of them; each failure has its row in the message"
)]

mod demo;
mod journal;
mod lists;
mod looks;
mod misuse;
mod output;
mod requests;
mod secrets;
mod signals;
mod steps;
mod wait;
mod watch;
mod words;

use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The command, with nothing of the environment that changes what it says.
fn fourstep(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fourstep"));
    command.args(args).env_remove("NO_COLOR").env_remove("SSLKEYLOGFILE").stdin(Stdio::null());
    command
}

/// Runs it to its end.
fn run(args: &[&str]) -> Output {
    fourstep(args).output().unwrap()
}

fn exit(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("{:?}\n{}", output.status, stderr(output)))
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Its records.
fn records(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
