//! What came of a run, at its end: for people, and as JSON.

use std::fmt::{self, Write};
use std::time::{Duration, SystemTime};

use fourstep::Code;
use fourstep::output::rfc3339;
use fourstep::scan::{Span, Spread, Tally};
use serde_json::{Map, Value, json};

use super::room::Room;

/// The parts of all probes whose times are shown, from 0 to 1.
const QUANTILES: [(&str, f64); 4] = [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)];

/// What came of a run.
pub(crate) struct Summary<'a> {
    pub(crate) tally: &'a Tally,
    pub(crate) began: SystemTime,
    pub(crate) took: Duration,
    pub(crate) room: Room,
    /// Targets that had their record before the run.
    pub(crate) done_before: u64,
    /// Probes that a signal cut short.
    pub(crate) interrupted: u64,
    /// Whether every target has its record now.
    pub(crate) is_complete: bool,
    pub(crate) exit: u8,
    pub(crate) peak_memory: Option<u64>,
}

impl Summary<'_> {
    fn per_second(&self) -> f64 {
        let count = u32::try_from(self.tally.entries()).unwrap_or(u32::MAX);
        f64::from(count) / self.took.as_secs_f64().max(1e-6)
    }

    /// A name and a count for each outcome, failure code and class of status codes.
    fn counts(&self) -> [(&'static str, Vec<(String, u64)>); 3] {
        let tally = self.tally;
        let outcomes =
            [("answered", tally.answered()), ("failed", tally.failed() + tally.malformed())];
        let codes = tally.codes().map(|(code, count)| (code.to_string(), count));
        let classes = tally.classes().map(|(class, count)| match class {
            1..=5 => (format!("{class}xx"), count),
            _ => ("other".to_owned(), count),
        });
        [
            ("outcomes", outcomes.map(|(name, count)| (name.to_owned(), count)).into()),
            ("failures", codes.collect()),
            ("statuses", classes.collect()),
        ]
    }

    /// Faults of this machine by their codes, those that another try made good too.
    fn local_faults(&self) -> impl Iterator<Item = (Code, u64)> {
        let counts = Code::ALL.into_iter().map(|code| (code, self.tally.local_fault(code)));
        counts.filter(|(_, count)| *count > 0)
    }

    /// As one JSON object, with a line feed.
    pub(crate) fn to_json(&self) -> String {
        let tally = self.tally;
        let object = |counts: Vec<(String, u64)>| {
            Value::Object(counts.into_iter().map(|(name, count)| (name, count.into())).collect())
        };
        let mut times = Map::new();
        for span in Span::ALL {
            times.insert(span.as_str().to_owned(), spread(&tally.spread(span)));
        }
        let local = self.local_faults().map(|(code, count)| (code.to_string(), count)).collect();
        let [outcomes, failures, statuses] = self.counts().map(|(_, counts)| object(counts));
        let summary = json!({
            "command": "scan",
            "complete": self.is_complete,
            "exit": self.exit,
            "began": rfc3339(self.began),
            "took_us": micros(self.took),
            "targets": tally.entries(),
            "done_before": self.done_before,
            "interrupted": self.interrupted,
            "outcomes": outcomes,
            "failures": failures,
            "statuses": statuses,
            "probes": tally.begun(),
            "retries": tally.retries(),
            "sent": tally.sent(),
            "lost": tally.lost(),
            "local_faults": object(local),
            "timing_us": times,
            "per_second": (self.per_second() * 10.0).round() / 10.0,
            "in_flight": { "most": self.room.in_flight, "from": self.room.from.as_str() },
            "peak_memory_octets": self.peak_memory,
        });
        format!("{summary}\n")
    }
}

fn spread(spread: &Spread) -> Value {
    if spread.count() == 0 {
        return Value::Null;
    }
    let mut object = Map::new();
    object.insert("count".into(), spread.count().into());
    object.insert("min".into(), micros(spread.min()).into());
    object.insert("mean".into(), micros(spread.mean()).into());
    for (name, part) in QUANTILES {
        object.insert(name.into(), micros(spread.quantile(part)).into());
    }
    object.insert("max".into(), micros(spread.max()).into());
    Value::Object(object)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// A line for each thing that was counted.
impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tally = self.tally;
        let took = self.took.as_secs_f64();
        writeln!(
            f,
            "{} in {took:.1} s, {:.0} a second",
            number(tally.entries(), "target"),
            self.per_second()
        )?;
        if self.done_before > 0 {
            writeln!(f, "  {:<24} {:>10}", "had their record", self.done_before)?;
        }
        for (name, count) in self.counts().into_iter().flat_map(|(_, counts)| counts) {
            writeln!(f, "  {name:<24} {count:>10}")?;
        }
        if Span::ALL.iter().any(|span| tally.spread(*span).count() > 0) {
            let mut head = format!("  {:<9} {:>10} {:>9}", "ms", "count", "least");
            for (name, _) in QUANTILES {
                write!(head, " {name:>9}")?;
            }
            writeln!(f, "{head} {:>9}", "most")?;
        }
        for span in Span::ALL {
            let spread = tally.spread(span);
            if spread.count() > 0 {
                let ms = |time: Duration| format!("{:.3}", time.as_secs_f64() * 1000.0);
                write!(f, "  {:<9} {:>10} {:>9}", span.as_str(), spread.count(), ms(spread.min()))?;
                for (_, part) in QUANTILES {
                    write!(f, " {:>9}", ms(spread.quantile(part)))?;
                }
                writeln!(f, " {:>9}", ms(spread.max()))?;
            }
        }
        let lost = tally.lost();
        let [probes, sent] = [number(tally.begun(), "probe"), number(tally.sent(), "request")];
        write!(f, "  {probes}, {sent} sent, {lost} of them lost")?;
        if tally.retries() > 0 {
            write!(f, ", {} more tried again", tally.retries())?;
        }
        let local: Vec<_> =
            self.local_faults().map(|(code, count)| format!("{code} {count}")).collect();
        match local.is_empty() {
            true => writeln!(f, ", no local faults")?,
            false => writeln!(f, ", local faults: {}", local.join(", "))?,
        }
        write!(f, "  at most {} in flight ({})", self.room.in_flight, self.room.from)?;
        match self.peak_memory {
            Some(octets) => writeln!(f, ", peak memory {} KiB", octets >> 10),
            None => writeln!(f),
        }
    }
}

fn number(count: u64, of: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {of}{plural}")
}
