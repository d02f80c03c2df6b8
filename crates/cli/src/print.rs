//! What is written of each report, and where.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::SystemTime;

use anyhow::Context;
use fourstep::driver::Finished;
use fourstep::output::{Accept, Palette, Record, Sentence, Text, WriteOut, exit};

use crate::args::{Colour, OutputArgs};
use crate::exit::say;
use crate::octets::write_safe;
use crate::recipe::read;
use crate::refusal::Refusal;
use crate::trace::Trace;

/// Columns where there is no terminal.
pub(crate) const WIDTH: usize = 80;

/// Writes reports as the flags say, and remembers the exit code they add up to.
pub(crate) struct Printer {
    shape: Shape,
    accept: Accept,
    /// Whether failures are explained where the shape does not.
    silent: bool,
    /// Whether several targets are told apart by their place.
    several: bool,
    is_terminal: bool,
    trace: Option<Trace>,
    /// Whether nothing was written yet.
    is_first: bool,
    /// What is written next, at once.
    out: Vec<u8>,
    exit: u8,
}

/// In what shape reports go to standard output.
enum Shape {
    Nothing,
    Text { verbose: bool, width: usize, palette: Palette },
    Json,
    Parts { heads: bool, body: bool, format: Option<WriteOut> },
}

impl Printer {
    pub(crate) fn new(args: &OutputArgs, accept: Accept, several: bool) -> anyhow::Result<Printer> {
        let is_terminal = io::stdout().is_terminal();
        let format = args.write_out.as_deref().map(|text| {
            let format = match text.as_bytes().strip_prefix(b"@") {
                Some(path) => read(Path::new(std::ffi::OsStr::from_bytes(path)))?,
                None => text.as_bytes().to_vec(),
            };
            Ok::<_, anyhow::Error>(WriteOut::parse(&String::from_utf8(format)?)?)
        });
        let format = format.transpose().context("--write-out")?;
        let trace = Trace::open(args.trace, args.trace_to.as_deref())?;
        let shape = match format {
            _ if args.json => Shape::Json,
            format if format.is_some() || args.body || args.head_raw => {
                Shape::Parts { heads: args.head_raw, body: args.body, format }
            }
            _ if args.silent => Shape::Nothing,
            _ => Shape::Text {
                verbose: args.verbose,
                width: if is_terminal { width() } else { WIDTH },
                palette: Palette::new(is_coloured(args.color, is_terminal)),
            },
        };
        let silent = args.silent;
        let (is_first, exit) = (true, exit::ACCEPTED);
        let out = Vec::new();
        Ok(Printer { shape, accept, silent, several, is_terminal, trace, is_first, out, exit })
    }

    /// Whether the lines of exchanges are wanted.
    pub(crate) fn traces(&self) -> bool {
        self.trace.is_some()
    }

    /// The highest exit code so far.
    pub(crate) fn exit(&self) -> u8 {
        self.exit
    }

    /// Writes one hop of the target at this place.
    pub(crate) fn report(&mut self, place: usize, done: &Finished, lines: &str) -> io::Result<()> {
        if let Some(trace) = &mut self.trace {
            trace.write(lines);
            if trace.is_lost() {
                self.exit = exit::LOCAL;
            }
        }
        let (report, seq) = (&done.report, self.seq(place));
        let record = Record::judged(report, done.at, seq, &self.accept);
        let code = exit::code(report, &self.accept);
        let is_last = report.next.is_none();
        if is_last {
            self.exit = self.exit.max(code);
        }
        match &self.shape {
            Shape::Nothing => {}
            Shape::Text { verbose, width, palette } => {
                let text = Text::of(&record).verbose(*verbose).width(*width).palette(*palette);
                let gap = if self.is_first { "" } else { "\n" };
                write!(self.out, "{gap}{text}")?;
            }
            Shape::Json => record.to_json_line(&mut self.out),
            Shape::Parts { heads, body, format } => {
                let mut parts: Vec<&[u8]> = Vec::new();
                if let Some(response) = &report.response {
                    let received = response.interim.iter().chain(&response.head);
                    parts.extend(received.filter(|_| *heads).map(|head| head.octets()));
                    parts.extend((*body && is_last).then_some(&response.body[..]));
                }
                for octets in parts {
                    match self.is_terminal {
                        true => write_safe(octets, &mut self.out)?,
                        false => self.out.extend_from_slice(octets),
                    }
                }
                if let (Some(format), true) = (format, is_last) {
                    format.render(&record, code, &mut self.out);
                }
                if let (Some(failure), false) = (&report.failure, self.silent) {
                    say(format_args!("{}: {}", failure.code(), Sentence::of(&record)));
                    say(format_args!("hint: {}", failure.hint()));
                }
            }
        }
        self.flush()
    }

    /// Says that the target at this place was not probed, and why.
    pub(crate) fn refusal(&mut self, place: usize, refusal: &Refusal) -> io::Result<()> {
        self.exit = self.exit.max(exit::MISUSE);
        say(refusal.message());
        let record = refusal.record(SystemTime::now(), self.seq(place));
        match &self.shape {
            Shape::Nothing | Shape::Text { .. } => {}
            Shape::Json => record.to_json_line(&mut self.out),
            Shape::Parts { format: Some(format), .. } => {
                format.render(&record, exit::MISUSE, &mut self.out);
            }
            Shape::Parts { format: None, .. } => {}
        }
        self.flush()
    }

    /// The place of a target among several, from 1.
    fn seq(&self, place: usize) -> Option<u64> {
        u64::try_from(place + 1).ok().filter(|_| self.several)
    }

    /// One write a report, so that whoever reads sees it whole.
    fn flush(&mut self) -> io::Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        self.is_first = false;
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(&self.out).and_then(|()| stdout.flush());
        self.out.clear();
        written
    }
}

/// The terminal's columns.
pub(crate) fn width() -> usize {
    let size = terminal_size::terminal_size();
    size.map_or(WIDTH, |(terminal_size::Width(columns), _)| columns.into())
}

/// `auto` is colour on a terminal that can, unless NO_COLOR is set and not empty.
pub(crate) fn is_coloured(colour: Colour, is_terminal: bool) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
            let is_dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
            is_terminal && !is_set("NO_COLOR") && !is_dumb
        }
    }
}
