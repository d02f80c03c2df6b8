//! Cases that need a process of their own: the command itself, run as a shell would.

use std::env;
use std::io;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use fourstep::Code;
use fourstep::output::Palette;
use serde_json::Value;

use super::cases::End;
use super::page::Look;
use super::probe::{Outcome, line};
use super::stage::Stage;

/// Limits on descriptors: with the least a process hardly starts, with the most every probe has
/// enough.
const LIMITS: std::ops::Range<u8> = 4..64;

/// Probes, and presses Ctrl-C when the origin has the request.
pub(super) fn interrupted(
    number: u64,
    words: &[String],
    stage: &Stage,
    look: Look,
) -> anyhow::Result<Outcome> {
    let go = |flag: &str| {
        let child = spawn(Command::new(env::current_exe()?).arg(flag).args(words))?;
        stage.wait_until_asked();
        // Every shell has a `kill` of its own; there may be no program of that name.
        Command::new("sh").args(["-c", "kill -INT $0", &child.id().to_string()]).status()?;
        end(child)
    };
    outcome(number, format!("{}   # and Ctrl-C", line(words)), look, go)
}

/// Probes with just as many descriptors as it takes to begin.
pub(super) fn starved(number: u64, words: &[String], look: Look) -> anyhow::Result<Outcome> {
    let go = |limit: u8, flag: &str| {
        let shell = ["-c", r#"ulimit -n "$0" && exec "$@""#, &limit.to_string()];
        let mut command = Command::new("sh");
        end(spawn(command.args(shell).arg(env::current_exe()?).arg(flag).args(words))?)
    };
    let is_short = |limit: &u8| {
        let (_, records) = go(*limit, "--json").unwrap_or_default();
        got(&parse(&last(&records))) == Some(End::Failed(Code::LocalDescriptors))
    };
    let limit = LIMITS.clone().find(is_short).context("no limit on descriptors is just too low")?;
    outcome(number, format!("(ulimit -n {limit}; {})", line(words)), look, |flag| go(limit, flag))
}

/// What comes of a process that `go` starts with a flag: once for its record, once for its text.
fn outcome(
    number: u64,
    typed: String,
    look: Look,
    go: impl Fn(&str) -> anyhow::Result<(u8, String)>,
) -> anyhow::Result<Outcome> {
    let (exit, records) = go("--json")?;
    let record = last(&records);
    let value = parse(&record);
    let took = value.pointer("/timing_us/total").and_then(Value::as_u64);
    let said = match (look.json, look.palette == Palette::PLAIN) {
        (true, _) => numbered(&record, number),
        (false, true) => terse(&go("--color=never")?.1),
        (false, false) => terse(&go("--color=always")?.1),
    };
    let took = took.map(Duration::from_micros);
    Ok(Outcome { typed, got: got(&value), exit, took, said })
}

/// A process whose standard output is ours to read; its errors are nobody's.
fn spawn(command: &mut Command) -> io::Result<Child> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
}

/// The exit code of a process, and what it wrote.
fn end(child: Child) -> anyhow::Result<(u8, String)> {
    let output = child.wait_with_output()?;
    let exit = output.status.code().and_then(|code| u8::try_from(code).ok());
    let exit = exit.context("a signal ended the command before it could say anything")?;
    Ok((exit, String::from_utf8(output.stdout)?))
}

/// The record of the last URL.
fn last(records: &str) -> String {
    records.lines().last().unwrap_or_default().to_owned()
}

fn parse(record: &str) -> Value {
    serde_json::from_str(record).unwrap_or_default()
}

/// How a record says that its probe ended.
fn got(record: &Value) -> Option<End> {
    if let Some(code) = record.pointer("/failure/code") {
        return Code::from_text(code.as_str()?).map(End::Failed);
    }
    let status = record.pointer("/response/status")?.as_u64()?;
    u16::try_from(status).ok().map(End::Answered)
}

/// A record on a line, with its place in the demo in stead of the one in its command.
fn numbered(record: &str, number: u64) -> String {
    let parts = record.split_once(r#""seq":"#);
    match parts.and_then(|(before, rest)| Some((before, rest.split_once(',')?.1))) {
        Some((before, after)) => format!("{before}\"seq\":{number},{after}\n"),
        None => format!("{record}\n"),
    }
}

/// Of the text of the last URL the bars and the sentence: all but its name and the details.
fn terse(text: &str) -> String {
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    match &paragraphs[..] {
        [.., bars, _details, sentence] => format!("{bars}\n{sentence}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_how_it_ended_and_takes_another_place() {
        let rows = [
            // record, how it ended, the same as the seventh
            (
                r#"{"target":"\"seq\":1,","seq":null,"failure":{"code":"connect.refused"}}"#,
                Some(End::Failed(Code::ConnectRefused)),
                r#"{"target":"\"seq\":1,","seq":7,"failure":{"code":"connect.refused"}}"#,
            ),
            (
                r#"{"seq":2,"failure":null,"response":{"status":200}}"#,
                Some(End::Answered(200)),
                r#"{"seq":7,"failure":null,"response":{"status":200}}"#,
            ),
            ("", None, ""),
        ];
        for (record, end, seventh) in rows {
            assert_eq!(got(&parse(record)), end, "{record}");
            assert_eq!(numbered(record, 7).trim_end(), seventh, "{record}");
        }
    }
}
