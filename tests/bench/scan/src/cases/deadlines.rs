//! Fifteen thousand targets that drop what knocks, all waited for at once: is every deadline kept,
//! and do live targets beside them notice?

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::bench::{Bench, Bound};
use crate::contestants;
use crate::lists;
use crate::namespace;
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

/// One round, in µs.
struct Round {
    /// How late the silent ones were told: in the middle, at 99 %, and at most.
    late: [f64; 3],
    /// How long a live one took beside them, and without them, begun at the same pace.
    beside: f64,
    alone: f64,
}

pub fn measure(bench: &mut Bench) -> Result {
    // The origin itself comes to 127.0.0.1, to fill the queue of its listener there.
    let rules = format!(
        "table inet bench {{
            counter knocks {{ }}
            chain arriving {{
                type filter hook input priority filter
                ip daddr != 127.0.0.1 tcp dport {} tcp flags syn counter name knocks drop
            }}
        }}",
        Mode::Dropped.port()
    );
    let found = namespace::with(&rules, || filtered(bench).map_err(|error| error.to_string()));
    let (rounds, by) = match found {
        Ok(rounds) => (rounds?, "nftables, in a network namespace"),
        Err(error) => {
            println!("\nDeadlines: {error}\n  so a listener whose queue is full drops the SYNs");
            (scans(bench)?, "a listener whose queue is full")
        }
    };
    let Some(rounds) = rounds else {
        println!("\nDeadlines: this fourstep has no scan");
        return Ok(());
    };
    let middle = |value: &dyn Fn(&Round) -> f64| median(rounds.iter().map(value).collect());
    let (late, late_99) = (middle(&|round| round.late[0]), middle(&|round| round.late[1]));
    let most = rounds.iter().map(|round| round.late[2]).fold(0.0, f64::max);
    let (beside, alone) = (middle(&|round| round.beside), middle(&|round| round.alone));
    let slowed = middle(&|round| round.beside / round.alone);
    let title = format!(
        "{} targets whose SYNs are dropped ({by}), {} s each, {} starts a second; {} rounds",
        number(DROPPING as f64, 0),
        DEADLINE.as_secs(),
        number(RATE as f64, 0),
        bench.rounds
    );
    let ms = |value: f64| format!("{} ms", number(value / 1000.0, 2));
    let rows = [
        ("late, median", late),
        ("late, 99 %", late_99),
        ("late, most", most),
        ("a live target, median", beside),
        ("the same, begun at the same pace, without them", alone),
    ];
    let rows: Vec<Vec<String>> =
        rows.iter().map(|(what, value)| vec![(*what).to_owned(), ms(*value)]).collect();
    table::print(&title, &["", ""], &rows);
    bench.aim("deadlines: late, median, ms", late / 1000.0, Bound::AtMost(20.0));
    bench.aim("deadlines: live targets beside them / without", slowed, Bound::AtMost(1.2));
    bench.keep(
        "deadlines",
        json!({
            "dropping": DROPPING, "dropped_by": by, "deadline_s": DEADLINE.as_secs(),
            "late_us": late, "late_us_p99": late_99, "late_us_most": most,
            "live_alone_us": alone, "live_beside_us": beside, "live_beside_by_alone": slowed,
        }),
    );
    Ok(())
}

/// Where the rules hold: all rounds, and whether it was the rules that dropped the SYNs.
fn filtered(bench: &mut Bench) -> Result<Option<Vec<Round>>> {
    let rounds = scans(bench)?;
    let knocks = namespace::packets("bench", "knocks")?;
    if rounds.is_some() && knocks < DROPPING * bench.rounds as u64 {
        return Err(format!("nftables dropped {knocks} SYNs, fewer than there were targets").into());
    }
    Ok(rounds)
}

/// Scans both lists in turns; `None` when fourstep has no scan.
fn scans(bench: &mut Bench) -> Result<Option<Vec<Round>>> {
    let _origin = Server::origin(&bench.programs, &bench.work)?;
    let (live, mixed) = (bench.file("list-live"), bench.file("list-dropped"));
    lists::addresses(&live, DROPPING, Mode::Unavailable)?;
    lists::in_turns(&mixed, 2 * DROPPING, [Mode::Dropped, Mode::Unavailable])?;
    let mut rounds = Vec::new();
    for _ in 0..bench.rounds {
        // Every second one of the mixed list is live.
        let Some((_, alone)) = scan(bench, &live, RATE / 2)? else { return Ok(None) };
        let Some((mut late, beside)) = scan(bench, &mixed, RATE)? else { return Ok(None) };
        if late.len() as u64 != DROPPING || alone.len() != beside.len() {
            let (silent, live) = (late.len(), beside.len());
            return Err(format!("{silent} of {DROPPING} were silent, {live} live").into());
        }
        rounds.push(Round {
            late: [0.5, 0.99, 1.0].map(|part| percentile(&mut late, part)),
            beside: median(beside),
            alone: median(alone),
        });
    }
    Ok(Some(rounds))
}

/// How late the silent ones were told, and how long the live ones took, in µs; `None` when
/// fourstep has no scan.
fn scan(bench: &mut Bench, list: &Path, rate: u64) -> Result<Option<(Vec<f64>, Vec<f64>)>> {
    let before = std::mem::replace(&mut bench.in_flight, IN_FLIGHT);
    let (rate, deadline) = (rate.to_string(), format!("{}s", DEADLINE.as_secs()));
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
