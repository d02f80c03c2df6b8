//! One case, probed: the words of its command, and what came of them.

use std::iter;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use clap::Parser;
use fourstep::driver::Finished;
use fourstep::output::{Accept, Record, Text, exit};
use fourstep::{Client, Code, Report};

use super::cases::{Case, End, Twist};
use super::page::Look;
use super::process;
use super::stage::Stage;
use crate::args::Cli;
use crate::refusal::Refusal;
use crate::run::client;

/// What came of a case.
pub(super) struct Outcome {
    /// The command, as somebody would type it.
    pub(super) typed: String,
    /// How the probe ended; `None` when none was made.
    pub(super) got: Option<End>,
    /// What the command exits with.
    pub(super) exit: u8,
    /// How long it took; with redirects, all hops together.
    pub(super) took: Option<Duration>,
    /// What it said: text, or its record on a line.
    pub(super) said: String,
}

impl Outcome {
    /// No probe was made.
    pub(super) fn none(words: &[String], why: &str) -> Outcome {
        Outcome { typed: line(words), got: None, exit: exit::LOCAL, took: None, said: why.into() }
    }
}

/// Probes a case with these words. When that is not possible, the reason stands where those of
/// the probe would.
pub(super) fn run(
    number: u64,
    case: &Case,
    words: &[String],
    stage: &Stage,
    look: Look,
) -> Outcome {
    let outcome = match case.twist {
        Twist::None | Twist::Waits => here(number, words, look, || ()),
        Twist::LookLate => here(number, words, look, || stage.wait_until_reset()),
        Twist::Interrupt => process::interrupted(number, words, stage, look),
        Twist::FewDescriptors => process::starved(number, words, look),
    };
    outcome.unwrap_or_else(|error| Outcome::none(words, &format!("{error:#}")))
}

/// What is typed behind the command's name; `None` when a place is not to be had.
pub(super) fn words(case: &Case, stage: &Stage) -> Option<Vec<String>> {
    let fill = |word: &str| match word.split_once('{') {
        None => Some(word.to_owned()),
        Some((before, rest)) => {
            let (place, after) = rest.split_once('}')?;
            Some(format!("{before}{}{after}", stage.place(place)?))
        }
    };
    case.typed.split(' ').map(fill).collect()
}

/// The command as a shell takes it.
pub(super) fn line(words: &[String]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    let quoted = words.iter().map(|word| match word.chars().all(is_plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    });
    iter::once("fourstep".to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
}

/// Probes in this process, the way `fourstep URL` goes. `busy` is done when the probe has begun,
/// before the loop looks at its sockets.
fn here(number: u64, words: &[String], look: Look, busy: impl Fn()) -> anyhow::Result<Outcome> {
    let command = iter::once("fourstep").chain(words.iter().map(String::as_str));
    let args = Cli::try_parse_from(command)?.probe;
    let typed = args.urls.first().context("there is no URL")?.as_encoded_bytes();
    let target = match Client::target(typed) {
        Ok(target) => target,
        Err(error) => {
            let refusal = Refusal::new(typed, error);
            return Ok(Outcome {
                typed: line(words),
                got: Some(End::Failed(Code::TargetMalformed)),
                exit: exit::MISUSE,
                took: None,
                said: said(&refusal.record(SystemTime::now(), Some(number)), look, false, true),
            });
        }
    };
    let verbose = args.output.verbose;
    let client = client(&args.how, args.output.body, verbose, [&target])?;
    // The loop asks for another job before it waits for news of the first.
    let jobs = iter::once(client.job(0, target)?).chain(iter::from_fn(|| {
        busy();
        None
    }));
    let mut hops: Vec<Finished> = Vec::new();
    let _all = client.run(jobs, |hop| hops.push(hop))?;
    let last = hops.last().context("the probe did not end")?;
    let shown = hops.iter().filter(|hop| !look.json || hop.report.next.is_none());
    Ok(Outcome {
        typed: line(words),
        got: end(&last.report),
        exit: exit::code(&last.report, &Accept::default()),
        took: hops.iter().map(|hop| hop.report.timeline.timings().total).sum(),
        said: shown
            .map(|hop| {
                let record = Record::of(&hop.report, hop.at, Some(number));
                said(&record, look, verbose, hop.report.hop == 0)
            })
            .collect(),
    })
}

fn end(report: &Report) -> Option<End> {
    match &report.failure {
        Some(failure) => Some(End::Failed(failure.code())),
        None => report.status().map(End::Answered),
    }
}

/// What the command says of a hop; of the first, the URL is in the command already.
fn said(record: &Record<'_>, look: Look, verbose: bool, is_first: bool) -> String {
    if look.json {
        return record.to_json() + "\n";
    }
    let text = Text::of(record).width(look.width).palette(look.palette);
    let text = text.verbose(verbose).terse(!verbose).to_string();
    match text.split_once('\n') {
        Some((_target, rest)) if is_first => rest.to_owned(),
        _ => text,
    }
}
