//! `fourstep scan`: a list of targets through one loop, a record for each on a line.
//!
//! ```text
//!   files ─▶ reader ──blocks──▶ Sources ─▶ Scan ─▶ Driver
//!            (thread)                       │ reports
//!   output ◀── writer ◀──blocks── Records ◀─┘
//!              (thread)
//! ```
//!
//! The loop's thread reads no file and writes to none: a pipe that is slow on either side makes it
//! begin fewer probes, and delays none that is under way.

mod blocks;
mod book;
mod ending;
mod inputs;
mod progress;
mod records;
mod room;
mod setup;
mod summary;
mod turns;

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use anyhow::{Context, bail};
use fourstep::Error;
use fourstep::driver::Ran;
use fourstep::output::{Accept, exit};
use fourstep::scan::{Limits, Scan, Shard, Sources};

use crate::args::scan::{RecordsArgs, ScanArgs};
use crate::exit::say;
use crate::signals;
use crate::writer::briefly;
use blocks::Blocks;
use book::Book;
use ending::Ending;
use inputs::{Inputs, Reading};
use progress::{Drawing, Extent, Progress};
use records::Records;
use room::Room;
use summary::Summary;
use turns::Turns;

/// Runs it, from the first octet of the list to the last of the summary.
pub(crate) fn run(args: &ScanArgs) -> anyhow::Result<ExitCode> {
    // Misuse first: nothing is written before all of it is known.
    let inputs = Inputs::open(&args.list, setup::takes_stdin(&args.how.request))?;
    let mut scope = setup::scope(&args.list)?;
    let limits = setup::limits(&args.pace)?;
    let room = Room::new(setup::in_flight(&args.pace)?, inputs.count());
    let limits = Limits { in_flight: room.in_flight, ..limits };
    let lines = setup::lines(&args.records)?;
    let accept = args.how.response.accept.as_deref().map(Accept::parse).transpose();
    let accept = accept.context("--accept")?.unwrap_or_default();
    let client = setup::client(args)?;
    let mut driver = client.driver()?;
    let summary_file = summary_file(&args.records, &inputs)?;
    let follows = client.plan.follow > 0;
    let book = Book::open(&args.records, &lines, follows, |file| inputs.contain(file))?;
    if book.cut_octets > 0 {
        let (name, octets) = (&book.name, book.cut_octets);
        say(format_args!("{name}: its last {octets} octets were cut short, and are dropped"));
    }

    let signals = signals::watch(&mut driver).map_err(Error::System)?;
    let interrupter = driver.interrupter();
    let (names, octets) = (inputs.names(), inputs.octets());
    let Reading { feeds, taken } = inputs.start(&interrupter).map_err(Error::System)?;
    let progress = Arc::new(Progress::default());
    let blocks = Blocks::new(book.file, interrupter.clone()).map_err(Error::System)?;
    let watched = Arc::clone(&progress);
    let mut sink = Records::new(lines, accept, blocks, watched, interrupter, !book.stays);
    if book.is_empty {
        sink.head();
    }
    let (done_before, shards) = (book.done.count(), scope.shard.map_or(1, Shard::count));
    (scope.done, scope.seen) = (book.done, book.samples);
    // Records on the same terminal show how far it is.
    let is_seen = args.records.output.is_none() && io::stdout().is_terminal();
    let drawing = match args.records.quiet || args.records.no_progress || is_seen {
        true => None,
        false => {
            Drawing::begin(progress, Extent { taken, octets, shards }).map_err(Error::System)?
        }
    };

    let (begun, began) = (Instant::now(), SystemTime::now());
    let mut scan = Scan::new(Sources::new(feeds, scope), limits, Arc::new(client.plan), sink);
    // Whatever ended it shows in what is left.
    let (Ran::All | Ran::Interrupted) =
        driver.work(&mut Turns(&mut scan)).map_err(Error::System)?;
    let left = scan.wind_up(scan.sink().now);
    let tally = scan.tally().clone();
    let Records { blocks, interrupted, broken, other, .. } = scan.into_sink();
    let written = blocks.end(&signals);
    let took = begun.elapsed();
    if let Some(drawing) = drawing {
        drawing.end();
    }
    if let Some(other) = other {
        bail!("--resume {}: not of this list: {other}", book.name);
    }

    let ending = Ending {
        signal: signals.came(),
        output: &book.name,
        stays: book.stays,
        broken: broken.map(|(feed, error)| (name_of(&names, feed), error)),
        written,
        interrupted,
        left,
    };
    let mut exit = ending.exit();
    let summary = Summary {
        tally: &tally,
        began,
        took,
        room,
        done_before,
        interrupted,
        is_complete: ending.is_complete(),
        exit,
        peak_memory: room::peak_memory(),
    };
    if let Some((path, file)) = summary_file
        && let Err(error) = write_over(file, &summary.to_json())
    {
        say(format_args!("{path}: {error}"));
        exit = exit.max(exit::LOCAL);
    }
    let mut words = ending.words(args);
    if !args.records.quiet {
        words.push_str(&format!("fourstep: {summary}"));
    }
    let is_stuck = ending.written.is_none();
    let say_all = move || drop(io::stderr().write_all(words.as_bytes()));
    match is_stuck {
        // Standard error may be stuck too.
        true => briefly(say_all),
        false => say_all(),
    }
    Ok(exit.into())
}

fn name_of(names: &[String], feed: u32) -> &str {
    let place = usize::try_from(feed).ok();
    place.and_then(|place| names.get(place)).map_or("the list", String::as_str)
}

/// The file for the summary, open: what is there stays until there is one.
fn summary_file(args: &RecordsArgs, inputs: &Inputs) -> anyhow::Result<Option<(String, File)>> {
    let Some(path) = &args.summary else { return Ok(None) };
    let name = path.to_string_lossy().escape_debug().to_string();
    let open = File::options().write(true).create(true).truncate(false).open(path);
    let file = open.with_context(|| format!("--summary {name}"))?;
    let metadata = file.metadata().with_context(|| format!("--summary {name}"))?;
    if inputs.contain(&metadata) || args.output.as_ref() == Some(path) {
        bail!("--summary {name}: used for something else by the same run");
    }
    Ok(Some((name, file)))
}

fn write_over(mut file: File, text: &str) -> io::Result<()> {
    if file.metadata()?.is_file() {
        file.set_len(0)?;
    }
    file.write_all(text.as_bytes())
}
