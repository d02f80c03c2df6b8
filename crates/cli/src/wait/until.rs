//! `fourstep wait`: until every target is in the state wanted, and then something is run.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use fourstep::Error;
use fourstep::output::exit;
use fourstep::terms::Time;
use fourstep::wait::{Goal, Next, Patience, Reason, Sight, Then, Wait};

use crate::args::wait::{PatienceArgs, WaitArgs};
use crate::exit::written;
use crate::misfit::Misfit;
use crate::plan::value;
use crate::print::width;

use super::outlet::Outlet;
use super::page::{Page, asks, count, cut, limit, says, span};
use super::rounds::{Course, Look, Rounds};
use super::summary::{Ended, WaitSummary, Waited};
use super::{Set, Stage, command, pause, set, time};

pub(crate) fn run(args: &WaitArgs) -> anyhow::Result<ExitCode> {
    let patience = patience(&args.patience)?;
    let Set { names, stage } = set(&args.urls, &args.how, &args.output, false)?;
    let Some(stage) = stage else {
        if args.output.json {
            let summary = WaitSummary::refused(&patience, names, SystemTime::now());
            // Whoever has gone does not want it.
            let _ = io::stdout().write_all(summary.to_json().as_bytes());
        }
        return Ok(exit::MISUSE.into());
    };
    let Stage { mut driver, signals, jobs, room, shown, page, began, origin, seed } = stage;
    let is_json = shown.is_json;
    let wait = Wait::new(Time::START, names.len(), patience.clone(), seed);
    let course = Waiting::new(wait, patience, names, page);
    // Whoever does not read on may still want to know when it is over.
    let outlet = Outlet::open(None).map_err(Error::System)?;
    let mut rounds = Rounds::new(course, jobs, room, shown, outlet, driver.interrupter());
    rounds.course.begin(&rounds.outlet);
    let _ended = driver.work(&mut rounds).map_err(Error::System)?;

    let signal = signals.came();
    let lost_trace = rounds.lost_trace();
    let Rounds { mut course, outlet, .. } = rounds;
    course.now = Time::START + origin.elapsed();
    let mut code = match signal {
        Some((_, code)) => code,
        None if lost_trace => exit::LOCAL,
        None => course.exit(),
    };
    course.end(signal.map(|(name, _)| name), &outlet);
    if is_json {
        outlet.out(course.summary(code, began).to_json().into_bytes());
    }
    let out = outlet.end(&signals);
    match out {
        _ if signal.is_some() => {}
        // A signal has come since.
        None => code = signals.came().map_or(exit::LOCAL, |(_, code)| code),
        Some(out) => code = code.max(written(out)),
    }
    if code != exit::ACCEPTED {
        return Ok(code.into());
    }
    if let Some((_, code)) = signals.came() {
        return Ok(code.into());
    }
    Ok(command::become_it(&args.command).unwrap_or(exit::ACCEPTED).into())
}

fn patience(args: &PatienceArgs) -> anyhow::Result<Patience> {
    let ours = Patience::default();
    let interval = pause("--interval", args.interval.as_deref(), ours.interval)?;
    let least = |text: &str| match crate::duration::parse(text)? {
        longest if longest < interval => {
            Err(Misfit { offset: 0, expected: "no less than --interval" })
        }
        longest => Ok(longest),
    };
    let states = "states with commas: ok, rejected, unavailable, unreachable, untrusted, broken";
    let goal = |text: &str| {
        Goal::parse(text).map_err(|error| Misfit { offset: error.offset, expected: states })
    };
    Ok(Patience {
        whole: time("--for", args.whole.as_deref(), ours.whole)?,
        interval,
        max_interval: value(
            "--max-interval",
            args.max_interval.as_deref(),
            ours.max_interval.max(interval),
            least,
        )?,
        until: value("--until", args.until.as_deref(), ours.until, goal)?,
        even_unreachable: args.even_unreachable,
    })
}

/// A wait, and what is to be said of it.
struct Waiting {
    wait: Wait,
    patience: Patience,
    page: Page,
    places: Vec<Place>,
    /// The moment of the last news.
    now: Time,
}

/// A target, and what is known of it.
struct Place {
    name: String,
    looks: u64,
    /// When it is looked at next.
    at: Time,
    /// When its wait ended.
    ended: Option<Time>,
    /// What was last seen of it, in words, and what to try about that.
    says: Option<String>,
    hint: Option<&'static str>,
}

impl Waiting {
    fn new(wait: Wait, patience: Patience, names: Vec<String>, page: Page) -> Waiting {
        let place = |name| {
            let (at, ended, says, hint) = (Time::START, None, None, None);
            Place { name, looks: 0, at, ended, says, hint }
        };
        let places = names.into_iter().map(place).collect();
        Waiting { wait, patience, page, places, now: Time::START }
    }

    fn begin(&self, outlet: &Outlet) {
        if !self.page.has(true) {
            return;
        }
        let most = match self.patience.whole {
            Duration::MAX => String::new(),
            whole => format!(" up to {}", limit(whole)),
        };
        let names: Vec<&str> = self.places.iter().map(|place| &*place.name).collect();
        let (names, until) = (names.join(", "), &self.patience.until);
        outlet.err(format!("fourstep: waiting{most} for {names} to be {until}\n"));
    }

    /// What it exits with: that of the worst target, of those whose wait ended.
    fn exit(&self) -> u8 {
        let code = |(place, end)| match end {
            Ok(()) => exit::ACCEPTED,
            Err(Reason::TooLate { .. }) => exit::NOT_ACCEPTED,
            Err(Reason::OutOfTime) if self.wait.sight(place).is_some() => exit::NOT_ACCEPTED,
            // Nothing was learnt of it.
            Err(Reason::OutOfTime) => exit::LOCAL,
            Err(Reason::Hopeless) => {
                let failure = self.wait.sight(place).and_then(|sight| sight.failure);
                failure.map_or(exit::NOT_ACCEPTED, exit::of_failure)
            }
        };
        let ends =
            (0..self.places.len()).filter_map(|place| Some((place, self.wait.ended(place)?)));
        ends.map(code).max().unwrap_or(exit::LOCAL)
    }

    /// Says how it ended, where that is not as it should be.
    fn end(&self, signal: Option<&str>, outlet: &Outlet) {
        if !self.page.has(true) {
            return;
        }
        let mut lines = String::new();
        // Writing to a String cannot fail.
        for (n, place) in self.places.iter().enumerate() {
            let end = self.wait.ended(n);
            if end == Some(Ok(())) {
                continue;
            }
            let name =
                if self.places.len() > 1 { format!("{}: ", place.name) } else { String::new() };
            let (until, looks) = (&self.patience.until, count(place.looks, "look"));
            let after = span(place.ended.unwrap_or(self.now).since(Time::START));
            let last = place.says.as_deref().unwrap_or("nothing was learnt");
            let _ = match (end, signal) {
                (Some(Err(Reason::Hopeless)), _) => {
                    write!(lines, "fourstep: {name}given up after {looks}: ")
                        .and_then(|()| writeln!(lines, "this does not pass by waiting"))
                }
                (Some(Err(Reason::TooLate { asked, left })), _) => {
                    let (asked, left) = (limit(asked), span(left));
                    write!(lines, "fourstep: {name}given up after {looks}: ").and_then(|()| {
                        writeln!(lines, "it asks to come back in {asked}, and {left} are left")
                    })
                }
                (None, Some(signal)) => {
                    writeln!(
                        lines,
                        "fourstep: {name}{signal}: not {until} after {after}, {looks}: {last}"
                    )
                }
                _ => writeln!(lines, "fourstep: {name}not {until} after {after}, {looks}: {last}"),
            };
            if let Some(hint) = place.hint.filter(|_| signal.is_none()) {
                let _ = writeln!(lines, "fourstep: hint: {hint}");
            }
        }
        outlet.err(lines);
    }

    fn summary(&self, exit: u8, began: SystemTime) -> WaitSummary<'_> {
        let target = |(n, place): (usize, &'_ Place)| Waited {
            name: place.name.clone(),
            ended: match self.wait.ended(n) {
                Some(Ok(())) => Ended::Reached,
                Some(Err(Reason::OutOfTime)) => Ended::OutOfTime,
                Some(Err(Reason::TooLate { .. })) => Ended::TooLate,
                Some(Err(Reason::Hopeless)) => Ended::Hopeless,
                None => Ended::BrokenOff,
            },
            looks: place.looks,
            took: place.ended.unwrap_or(self.now).since(Time::START),
            sight: self.wait.sight(n),
            says: place.says.clone(),
        };
        WaitSummary {
            patience: &self.patience,
            exit,
            began,
            took: self.now.since(Time::START),
            targets: self.places.iter().enumerate().map(target).collect(),
        }
    }
}

impl Course for Waiting {
    fn next(&mut self, now: Time) -> Next {
        self.now = self.now.max(now);
        self.wait.next(now)
    }

    fn saw(&mut self, now: Time, look: &Look<'_>, outlet: &Outlet) {
        self.now = self.now.max(now);
        let seen = self.wait.saw(now, look.place, look.verdict);
        let Some(place) = self.places.get_mut(look.place) else { return };
        place.looks += 1;
        if place.says.is_none() || Sight::of(look.verdict).is_known() {
            (place.says, place.hint) = (Some(says(look)), look.hint);
        }
        match seen.then {
            Then::Again { at, .. } => place.at = at,
            Then::Reached | Then::GaveUp(_) => place.ended = Some(now),
        }
        if !self.page.has(seen.changed || seen.then == Then::Reached) {
            return;
        }
        let when = span(now.since(Time::START));
        let again = match seen.then {
            Then::Again { at, asked: Some(asked) } => {
                format!("; {}: next look in {}", asks(asked), span(at.since(now)))
            }
            Then::Again { at, asked: None } if self.page.verbose => {
                format!("; next look in {}", span(at.since(now)))
            }
            Then::Again { .. } | Then::Reached | Then::GaveUp(_) => String::new(),
        };
        let (line, evidence) =
            (self.page.line(look), self.page.evidence(look.verdict, seen.changed));
        outlet.err(format!("fourstep: {when:>7}  {line}{again}\n{evidence}"));
    }

    fn stands(&self, now: Time) -> String {
        let waiting = (0..).zip(&self.places).filter(|(n, _)| self.wait.ended(*n).is_none());
        let waiting: Vec<&Place> = waiting.map(|(_, place)| place).collect();
        let waited = span(now.since(Time::START));
        let most = match self.patience.whole {
            Duration::MAX => String::new(),
            whole => format!(" of {}", limit(whole)),
        };
        let (open, all) = (waiting.len(), self.places.len());
        let of = if all > 1 {
            format!("; {} of {all} {}", all - open, self.patience.until)
        } else {
            String::new()
        };
        let next = waiting.iter().map(|place| place.at).min().unwrap_or(now);
        let next = match next.since(now) {
            Duration::ZERO => "looking".to_owned(),
            left => format!("next look in {}", span(left)),
        };
        let last = waiting.iter().find_map(|place| place.says.as_deref()).unwrap_or_default();
        let gap = if last.is_empty() { "" } else { ": " };
        cut(&format!("waited {waited}{most}{of}; {next}{gap}{last}"), width())
    }
}
