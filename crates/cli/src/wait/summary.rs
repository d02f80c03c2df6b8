//! What came of a wait or a watch, as JSON.

use std::time::{Duration, SystemTime};

use fourstep::output::exit::MISUSE;
use fourstep::output::rfc3339;
use fourstep::wait::{Outage, Patience, Percentiles, Sight, Sum};
use serde_json::{Map, Value, json};

/// How the wait for a target ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Reached,
    OutOfTime,
    TooLate,
    Hopeless,
    BrokenOff,
}

impl Ended {
    const fn as_str(self) -> &'static str {
        match self {
            Ended::Reached => "reached",
            Ended::OutOfTime => "out-of-time",
            Ended::TooLate => "too-late",
            Ended::Hopeless => "hopeless",
            Ended::BrokenOff => "broken-off",
        }
    }
}

/// The wait for one target.
pub(super) struct Waited {
    pub(super) name: String,
    pub(super) ended: Ended,
    pub(super) looks: u64,
    pub(super) took: Duration,
    pub(super) sight: Option<Sight>,
    pub(super) says: Option<String>,
}

/// What came of a wait.
pub(super) struct WaitSummary<'a> {
    pub(super) patience: &'a Patience,
    pub(super) exit: u8,
    pub(super) began: SystemTime,
    pub(super) took: Duration,
    pub(super) targets: Vec<Waited>,
}

impl<'a> WaitSummary<'a> {
    /// Of a wait that did not begin: a target cannot be probed.
    pub(super) fn refused(patience: &'a Patience, names: Vec<String>, now: SystemTime) -> Self {
        let (ended, looks, took) = (Ended::BrokenOff, 0, Duration::ZERO);
        let target = |name| Waited { name, ended, looks, took, sight: None, says: None };
        let targets = names.into_iter().map(target).collect();
        WaitSummary { patience, exit: MISUSE, began: now, took, targets }
    }

    /// As one line.
    pub(super) fn to_json(&self) -> String {
        let targets: Vec<Value> = self
            .targets
            .iter()
            .map(|target| {
                json!({
                    "target": target.name,
                    "reached": target.ended == Ended::Reached,
                    "ended": target.ended.as_str(),
                    "looks": target.looks,
                    "took_us": micros(target.took),
                    "last": sight(target.sight),
                    "says": target.says,
                })
            })
            .collect();
        let until: Vec<&str> =
            self.patience.until.states().iter().map(|state| state.as_str()).collect();
        line(&json!({
            "command": "wait",
            "until": until,
            "reached": self.targets.iter().all(|target| target.ended == Ended::Reached),
            "exit": self.exit,
            "began": rfc3339(self.began),
            "took_us": micros(self.took),
            "looks": self.targets.iter().map(|target| target.looks).sum::<u64>(),
            "targets": targets,
        }))
    }
}

/// What came of a watch.
pub(super) struct WatchSummary {
    pub(super) exit: u8,
    pub(super) began: SystemTime,
    pub(super) took: Duration,
    pub(super) targets: Vec<(String, Option<Sight>, Sum)>,
}

impl WatchSummary {
    /// As one line.
    pub(super) fn to_json(&self) -> String {
        let outage = |outage: Option<Outage>| {
            outage.map(|Outage { from, lasted }| {
                let from = self.began.checked_add(from.since(fourstep::terms::Time::START));
                json!({ "from": from.map(rfc3339), "lasted_us": micros(lasted) })
            })
        };
        let target = |(name, last, sum): &(String, Option<Sight>, Sum)| {
            let states: Map<String, Value> = sum
                .states
                .iter()
                .map(|(state, looks)| (state.to_string(), (*looks).into()))
                .collect();
            json!({
                "target": name,
                "looks": sum.looks,
                "states": states,
                "last": sight(*last),
                "availability": { "time": sum.of_time(), "looks": sum.of_looks() },
                "ok_us": micros(sum.ok),
                "not_ok_us": micros(sum.not_ok),
                "unknown_us": micros(sum.unknown),
                "outages": {
                    "count": sum.outages,
                    "longest": outage(sum.longest),
                    "current": outage(sum.current),
                },
                "timing_us": { "total": percentiles(sum.total), "wait": percentiles(sum.wait) },
            })
        };
        let targets: Vec<Value> = self.targets.iter().map(target).collect();
        line(&json!({
            "command": "watch",
            "exit": self.exit,
            "began": rfc3339(self.began),
            "took_us": micros(self.took),
            "looks": self.targets.iter().map(|(_, _, sum)| sum.looks).sum::<u64>(),
            "targets": targets,
        }))
    }
}

fn sight(sight: Option<Sight>) -> Value {
    let object = |sight: Sight| {
        json!({
            "state": sight.state.as_str(),
            "status": sight.status,
            "failure": sight.failure.map(|code| code.as_str()),
        })
    };
    sight.map_or(Value::Null, object)
}

fn percentiles(times: Option<Percentiles>) -> Value {
    let object = |times: Percentiles| {
        json!({
            "count": times.count,
            "p50": micros(times.p50),
            "p90": micros(times.p90),
            "p99": micros(times.p99),
            "max": micros(times.max),
        })
    };
    times.map_or(Value::Null, object)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// `{"summary":{...}}` on a line, in ASCII: whatever a target is called, no terminal acts on it.
fn line(summary: &Value) -> String {
    let mut line = String::new();
    for c in json!({ "summary": summary }).to_string().chars() {
        match (' '..='~').contains(&c) {
            true => line.push(c),
            // RFC 8259 §7: a character beyond U+FFFF is two of these.
            false => {
                line.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")))
            }
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_ascii_and_reads_back() {
        let name = "http://a.test/\u{202E}\u{E0041}\u{7F}\"é\n";
        let line = line(&json!({ "target": name }));
        assert!(
            line.bytes().all(|octet| octet == b'\n' || (b' '..0x7F).contains(&octet)),
            "{line}"
        );
        let back: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(back["summary"]["target"], name);
    }
}
