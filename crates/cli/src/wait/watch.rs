//! `fourstep watch`: how targets fare, until somebody has seen enough.

use std::fmt::Write;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use fourstep::Error;
use fourstep::output::{Took, exit, rfc3339};
use fourstep::terms::Time;
use fourstep::verdict::State;
use fourstep::wait::{Next, Percentiles, Rhythm, Sum, Watch};

use crate::args::wait::{RhythmArgs, WatchArgs};
use crate::exit::written;
use crate::print::width;

use super::outlet::Outlet;
use super::page::{Page, asks, count, cut, percent, span};
use super::rounds::{Course, Look, Rounds};
use super::summary::WatchSummary;
use super::{Set, Stage, pause, set, time};

pub(crate) fn run(args: &WatchArgs) -> anyhow::Result<ExitCode> {
    let rhythm = rhythm(&args.rhythm)?;
    let Set { names, stage } = set(&args.urls, &args.how, &args.output, true)?;
    let Some(stage) = stage else { return Ok(exit::MISUSE.into()) };
    let Stage { mut driver, signals, jobs, room, shown, page, began, origin, seed } = stage;
    let is_json = shown.is_json;
    let watch = Watch::new(Time::START, names.len(), rhythm, seed);
    let places = names.iter().map(|_| Place::default()).collect();
    let course = Watching { watch, began, page, names, places, now: Time::START };
    // Nobody reads: there is no use in going on.
    let outlet = Outlet::open(Some(driver.interrupter())).map_err(Error::System)?;
    let mut rounds = Rounds::new(course, jobs, room, shown, outlet, driver.interrupter());
    let _ended = driver.work(&mut rounds).map_err(Error::System)?;

    let signal = signals.came();
    let lost_trace = rounds.lost_trace();
    let Rounds { mut course, outlet, .. } = rounds;
    course.now = Time::START + origin.elapsed();
    let code = match signal {
        Some((_, code)) => code,
        None if lost_trace => exit::LOCAL,
        None => course.exit(),
    };
    if is_json {
        outlet.out(course.summary(code).to_json().into_bytes());
    } else if course.page.has(true) {
        outlet.out(course.tally().into_bytes());
    }
    let out = outlet.end(&signals);
    Ok(match (signal, out) {
        (Some((_, code)), _) => code,
        (None, None) => signals.came().map_or(exit::LOCAL, |(_, code)| code),
        (None, Some(out)) => code.max(written(out)),
    }
    .into())
}

fn rhythm(args: &RhythmArgs) -> anyhow::Result<Rhythm> {
    let second = Duration::from_secs(1);
    Ok(Rhythm {
        interval: pause("--interval", args.interval.as_deref(), second)?,
        whole: time("--for", args.whole.as_deref(), Duration::MAX)?,
    })
}

/// A watch, and what is to be said of it.
struct Watching {
    watch: Watch,
    /// What the wall clock showed when that of the watch began.
    began: SystemTime,
    page: Page,
    names: Vec<String>,
    places: Vec<Place>,
    /// The moment of the last news.
    now: Time,
}

/// A target, and what is known of it.
#[derive(Default)]
struct Place {
    /// When its last look began.
    begun: Time,
    /// Since when it is in the state that it is in.
    since: Option<(SystemTime, State)>,
}

impl Watching {
    fn sums(&self) -> impl Iterator<Item = (&str, Sum)> {
        let sum = |n| self.watch.tally(n).map(|tally| tally.sum(self.now));
        self.names.iter().enumerate().filter_map(move |(n, name)| Some((&**name, sum(n)?)))
    }

    /// Whether all of them were ok throughout.
    fn exit(&self) -> u8 {
        let code = |sum: Sum| match sum.of_looks() {
            None => exit::LOCAL,
            Some(_) if sum.outages == 0 => exit::ACCEPTED,
            Some(_) => exit::NOT_ACCEPTED,
        };
        self.sums().map(|(_, sum)| code(sum)).max().unwrap_or(exit::LOCAL)
    }

    fn wall(&self, moment: Time) -> SystemTime {
        self.began.checked_add(moment.since(Time::START)).unwrap_or(self.began)
    }

    /// What it all adds up to.
    fn tally(&self) -> String {
        let mut lines = String::new();
        for (name, sum) in self.sums() {
            let _ = self.sum(name, &sum, &mut lines);
        }
        lines
    }

    fn sum(&self, name: &str, sum: &Sum, out: &mut String) -> std::fmt::Result {
        let strong = self.page.palette.strong;
        writeln!(out, "\n{strong}{name}{strong:#}")?;
        let states: Vec<String> = sum
            .states
            .iter()
            .filter(|(_, looks)| *looks > 0)
            .map(|(state, looks)| format!("{looks} {state}"))
            .collect();
        let watched = span(self.now.since(Time::START));
        let colon = if states.is_empty() { "" } else { ": " };
        writeln!(out, "  looks         {} in {watched}{colon}{}", sum.looks, states.join(", "))?;
        if let (Some(time), Some(looks)) = (sum.of_time(), sum.of_looks()) {
            let (time, looks) = (percent(time), percent(looks));
            writeln!(out, "  availability  {time} of the time, {looks} of the looks")?;
        }
        if !sum.unknown.is_zero() {
            let unknown = span(sum.unknown);
            writeln!(out, "  unknown       {unknown}: this machine could not look")?;
        }
        match sum.longest {
            None if sum.of_looks().is_none() => {}
            None => writeln!(out, "  outages       none")?,
            Some(longest) => {
                let (count, lasted) = (sum.outages, span(longest.lasted));
                let from = rfc3339(self.wall(longest.from));
                write!(out, "  outages       {count}, the longest {lasted} from {from}")?;
                match sum.current {
                    None => writeln!(out)?,
                    Some(current) => writeln!(out, "; in one for {}", span(current.lasted))?,
                }
            }
        }
        for (name, times) in [("total", sum.total), ("wait", sum.wait)] {
            let Some(Percentiles { p50, p90, p99, max, .. }) = times else { continue };
            let [p50, p90, p99, max] = [p50, p90, p99, max].map(Took);
            writeln!(out, "  {name:<12}  p50 {p50}, p90 {p90}, p99 {p99}, at most {max}")?;
        }
        Ok(())
    }

    fn summary(&self, exit: u8) -> WatchSummary {
        WatchSummary {
            exit,
            began: self.began,
            took: self.now.since(Time::START),
            targets: (0..)
                .zip(self.sums())
                .map(|(n, (name, sum))| (name.to_owned(), self.watch.sight(n), sum))
                .collect(),
        }
    }
}

impl Course for Watching {
    fn next(&mut self, now: Time) -> Next {
        self.now = self.now.max(now);
        let next = self.watch.next(now);
        if let Next::Look { target, .. } = next
            && let Some(place) = self.places.get_mut(target)
        {
            place.begun = now;
        }
        next
    }

    fn saw(&mut self, now: Time, look: &Look<'_>, outlet: &Outlet) {
        self.now = self.now.max(now);
        let times = look.timings;
        let told = self.watch.saw(now, look.place, look.verdict, times.total, times.wait);
        let Some(place) = self.places.get_mut(look.place) else { return };
        // The loop's own reckoning, so that the tally's moments are those of the records.
        let origin = look.at.checked_sub(place.begun.since(Time::START));
        self.began = origin.unwrap_or(self.began);
        let before = place.since;
        let state = look.verdict.state;
        if before.is_none_or(|(_, before)| before != state) {
            place.since = Some((look.at, state));
        }
        if !self.page.has(told.changed) {
            return;
        }
        let mut line = format!("{}  {}", rfc3339(look.at), self.page.line(look));
        // Writing to a String cannot fail.
        if let Some((since, before)) = before.filter(|(_, before)| *before != state) {
            let lasted = look.at.duration_since(since).unwrap_or_default();
            let _ = write!(line, "; {before} for {}", span(lasted));
        }
        if let Some(asked) = told.asked {
            let next = span(told.at.since(now));
            let _ = write!(line, "; {}: next look in {next}", asks(asked));
        }
        outlet.out(
            format!("{line}\n{}", self.page.evidence(look.verdict, told.changed)).into_bytes(),
        );
    }

    fn stands(&self, now: Time) -> String {
        let sums: Vec<Sum> = self.sums().map(|(_, sum)| sum).collect();
        let looks = sums.iter().map(|sum| sum.looks).sum();
        let ok = (0..sums.len())
            .filter(|n| self.watch.sight(*n).is_some_and(|sight| sight.state == State::Ok));
        let ok = match (ok.count(), sums.len(), self.watch.sight(0)) {
            (_, 1, Some(sight)) => format!("now {}", sight.state),
            (_, 1, None) => "looking".to_owned(),
            (ok, all, _) => format!("now {ok} of {all} ok"),
        };
        let of_time = sums.iter().filter_map(Sum::of_time).min_by(f64::total_cmp).map(percent);
        let of_time = of_time.map(|part| format!("; {part} of the time ok")).unwrap_or_default();
        let outages: u64 = sums.iter().map(|sum| sum.outages).sum();
        let watched = span(now.since(Time::START));
        let (looks, outages) = (count(looks, "look"), count(outages, "outage"));
        let p50 = sums.first().filter(|_| sums.len() == 1).and_then(|sum| sum.total);
        let p50 = p50.map(|total| format!("; p50 {}", Took(total.p50))).unwrap_or_default();
        cut(&format!("watched {watched}: {looks}, {ok}{of_time}; {outages}{p50}"), width())
    }
}
