//! Fifteen thousand targets that drop what knocks, all waited for at once: is every deadline kept,
//! and do live targets beside them notice?

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::bench::{Bench, Bound};
use crate::contestants;
use crate::lists;
use crate::run::Result;
use crate::servers::{Mode, Server};
use crate::table::{self, median, number, percentile};

/// Dropping targets, and as many live ones between them.
const DROPPING: u64 = 15_000;
/// Starts a second: the last begins before the first's time is over, so all wait at once.
const RATE: u64 = 10_000;
/// How long a connection may take.
const DEADLINE: Duration = Duration::from_secs(4);
/// All of them and some live ones.
const IN_FLIGHT: usize = 16_000;

#[derive(Deserialize)]
struct Record<'a> {
    timing_us: Timing,
    #[serde(borrow)]
    failure: Option<Failure<'a>>,
}

#[derive(Deserialize)]
struct Timing {
    connect: Option<f64>,
    total: f64,
}

#[derive(Deserialize)]
struct Failure<'a> {
    code: &'a str,
}

pub fn measure(bench: &mut Bench) -> Result {
    let _origin = Server::origin(&bench.programs, &bench.work)?;
    let (alone, beside) = (bench.file("list-live"), bench.file("list-dropped"));
    lists::addresses(&alone, 2 * DROPPING, Mode::Unavailable)?;
    lists::in_turns(&beside, 2 * DROPPING, [Mode::Dropped, Mode::Unavailable])?;
    let Some((_, alone)) = scan(bench, &alone)? else {
        println!("\nDeadlines: this fourstep has no scan");
        return Ok(());
    };
    let Some((mut late, beside)) = scan(bench, &beside)? else { return Ok(()) };
    if late.len() as u64 != DROPPING || alone.len() != late.len() + beside.len() {
        let (silent, live) = (late.len(), beside.len());
        return Err(format!("{silent} of {DROPPING} were silent, {live} live").into());
    }
    let (middle, high) = (percentile(&mut late, 0.5), percentile(&mut late, 0.99));
    let most = percentile(&mut late, 1.0);
    let (alone, beside) = (median(alone), median(beside));
    let title = format!(
        "{} targets that drop what knocks, {} s each, {} starts a second",
        number(DROPPING as f64, 0),
        DEADLINE.as_secs(),
        number(RATE as f64, 0)
    );
    let ms = |value: f64| format!("{} ms", number(value / 1000.0, 2));
    let rows = [
        ("late, median", middle),
        ("late, 99 %", high),
        ("late, most", most),
        ("a live target, median", beside),
        ("the same with live ones in their place", alone),
    ];
    let rows: Vec<Vec<String>> =
        rows.iter().map(|(what, value)| vec![(*what).to_owned(), ms(*value)]).collect();
    table::print(&title, &["", ""], &rows);
    bench.aim("deadlines: late, median, ms", middle / 1000.0, Bound::AtMost(20.0));
    bench.aim("deadlines: live targets beside them / without", beside / alone, Bound::AtMost(1.2));
    bench.keep(
        "deadlines",
        json!({
            "dropping": DROPPING, "deadline_s": DEADLINE.as_secs(), "late_us": middle,
            "late_us_p99": high, "late_us_most": most, "live_alone_us": alone,
            "live_beside_us": beside,
        }),
    );
    Ok(())
}

/// How late the silent ones were told, and how long the live ones took, in µs; `None` when
/// fourstep has no scan.
fn scan(bench: &mut Bench, list: &Path) -> Result<Option<(Vec<f64>, Vec<f64>)>> {
    let before = std::mem::replace(&mut bench.in_flight, IN_FLIGHT);
    let (rate, deadline) = (RATE.to_string(), format!("{}s", DEADLINE.as_secs()));
    let line = contestants::scan(bench, &["--rate", &rate, "--connect-timeout", &deadline]);
    bench.in_flight = before;
    let Some(line) = line else { return Ok(None) };
    bench.run(&line.arg(list.display()))?;
    let text = std::fs::read_to_string(bench.record_file())?;
    std::fs::remove_file(bench.record_file())?;
    let (mut late, mut live) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let record: Record<'_> = serde_json::from_str(line)?;
        match (record.failure, record.timing_us.connect) {
            (None, _) => live.push(record.timing_us.total),
            (Some(Failure { code: "connect.silent" }), Some(connect)) => {
                late.push(connect - DEADLINE.as_secs_f64() * 1e6);
            }
            (Some(failure), _) => return Err(format!("{} in: {line}", failure.code).into()),
        }
    }
    Ok(Some((late, live)))
}
