//! `fourstep wait` and `fourstep watch`: looks at targets as time passes.
//!
//! ```text
//!     until   watch     what is made of what is seen: lines, an exit code, a tally
//!        └──┬──┘
//!        rounds ── a loop's Work: jobs out, records in ──▶ outlet ──▶ standard output, and error
//!           │
//!     the machines of `fourstep::wait` say when to look, and when to stop
//! ```

mod command;
mod outlet;
mod page;
mod rounds;
mod summary;
mod until;
mod watch;

use std::ffi::OsString;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context;
use fourstep::driver::{Driver, Job};
use fourstep::output::{Accept, Palette, Record};
use fourstep::{Client, Error};

use crate::args::HowArgs;
use crate::args::wait::LooksArgs;
use crate::exit::say;
use crate::misfit::Misfit;
use crate::print::is_coloured;
use crate::refusal::Refusal;
use crate::run::{client, in_flight};
use crate::signals::{self, Signals};
use crate::trace::Trace;
use crate::{duration, plan};

use page::Page;
use rounds::Shown;

pub(crate) use until::run as wait;
pub(crate) use watch::run as watch;

/// All that looks need.
struct Stage {
    driver: Driver,
    signals: Signals,
    jobs: Vec<Job>,
    /// The most looks under way.
    room: usize,
    shown: Shown,
    page: Page,
    /// When the clock of the driver began, as the wall clock has it, and on its own.
    began: SystemTime,
    origin: Instant,
    /// What decides the jitter.
    seed: u64,
}

/// What targets are called, and what is needed to look at them; `None` for the latter when one of
/// them cannot be probed, which is said.
struct Set {
    names: Vec<String>,
    stage: Option<Stage>,
}

/// Sets the stage for these targets; `to_stdout`: that is where lines go.
fn set(
    urls: &[OsString],
    how: &HowArgs,
    looks: &LooksArgs,
    to_stdout: bool,
) -> anyhow::Result<Set> {
    let accept = how.response.accept.as_deref().map(Accept::parse).transpose();
    let accept = accept.context("--accept")?.unwrap_or_default();
    let trace = Trace::open(looks.trace, looks.trace_to.as_deref())?;
    let mut names: Vec<String> =
        urls.iter().map(|url| fourstep::target::redact(url.as_bytes())).collect();
    let targets: Vec<_> = urls.iter().map(|url| Client::target(url.as_bytes())).collect();
    if targets.iter().any(Result::is_err) {
        refuse(urls, targets.into_iter().map(Result::err), looks.json);
        return Ok(Set { names, stage: None });
    }
    let targets: Vec<_> = targets.into_iter().flatten().collect();
    let mut client = client(how, false, looks.verbose, &targets)?;
    client.settings.trace = trace.is_some();
    // Each look is that of a client that comes anew: whoever has moved is found, and who appears
    // in the DNS. The name server's own cache holds all the same.
    client.settings.names.cache_entries = 0;
    names = targets.iter().map(|target| target.shown().to_owned()).collect();
    let jobs: Vec<_> = (0..).zip(targets).map(|(n, target)| client.job(n, target)).collect();
    if jobs.iter().any(Result::is_err) {
        refuse(urls, jobs.into_iter().map(Result::err), looks.json);
        return Ok(Set { names, stage: None });
    }
    let mut driver = client.driver()?;
    let (began, origin) = (SystemTime::now(), Instant::now());
    let signals = signals::watch(&mut driver).map_err(Error::System)?;
    let is_terminal =
        if to_stdout { io::stdout().is_terminal() } else { io::stderr().is_terminal() };
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let is_live = io::stderr().is_terminal() && !is_dumb && !looks.silent && !looks.trace;
    let page = Page {
        palette: Palette::new(is_coloured(looks.color, is_terminal)),
        verbose: looks.verbose,
        silent: looks.silent || looks.json,
        names: if names.len() > 1 { names.clone() } else { Vec::new() },
    };
    let stage = Stage {
        driver,
        signals,
        room: in_flight(urls.len()),
        jobs: jobs.into_iter().flatten().collect(),
        shown: Shown { accept, is_json: looks.json, is_live, trace },
        page,
        began,
        origin,
        seed: RandomState::new().build_hasher().finish(),
    };
    Ok(Set { names, stage: Some(stage) })
}

/// Says which targets cannot be probed, and why.
fn refuse(urls: &[OsString], errors: impl Iterator<Item = Option<Error>>, is_json: bool) {
    for (url, error) in urls.iter().zip(errors) {
        let Some(error) = error else { continue };
        let refusal = Refusal::new(url.as_bytes(), error);
        say(refusal.message());
        if is_json {
            let record: Record<'_> = refusal.record(SystemTime::now(), None);
            let mut line = Vec::new();
            record.to_json_line(&mut line);
            // Whoever has gone does not want it.
            let _ = io::stdout().write_all(&line);
        }
    }
}

/// The time of a flag; 0 is no limit.
fn time(flag: &'static str, text: Option<&str>, ours: Duration) -> anyhow::Result<Duration> {
    plan::value(flag, text, ours, duration::parse)
}

/// The pause of a flag, which is not 0: nothing would be between two looks.
fn pause(flag: &'static str, text: Option<&str>, ours: Duration) -> anyhow::Result<Duration> {
    plan::value(flag, text, ours, |text| match duration::parse(text)? {
        Duration::MAX => Err(Misfit { offset: 0, expected: "more than 0, as in 500ms or 2s" }),
        pause => Ok(pause),
    })
}
