//! A million targets, every kind of end among them: each has its record, once, with its code.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use serde::Deserialize;
use serde_json::json;

use crate::bench::{Bench, Bound};
use crate::contestants;
use crate::lists::{self, Fate, mixed_line};
use crate::run::Result;
use crate::servers::{NAMES_PORT, Server};
use crate::table::{self, number};

const TARGETS: u64 = 1_000_000;
/// Silent targets hold their places for a second each: places enough for the others.
const IN_FLIGHT: usize = 4_000;
const SILENCE: &str = "1s";
/// Wrong lines that are shown.
const SHOWN: usize = 5;

#[derive(Deserialize)]
struct Record<'a> {
    seq: u64,
    #[serde(borrow)]
    target: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    failure: Option<Failure<'a>>,
    response: Option<Response>,
}

#[derive(Deserialize)]
struct Failure<'a> {
    code: &'a str,
}

#[derive(Deserialize)]
struct Response {
    status: Option<u16>,
}

/// What was found when every record was held against its line.
#[derive(Default)]
struct Found {
    right: BTreeMap<String, u64>,
    wrong: u64,
    twice: u64,
    missing: u64,
    shown: Vec<String>,
}

pub fn measure(bench: &mut Bench) -> Result {
    let before = std::mem::replace(&mut bench.in_flight, IN_FLIGHT);
    let resolver = format!("127.0.0.1:{NAMES_PORT}");
    let flags = ["-4", "--resolver", &resolver, "--response-timeout", SILENCE];
    let line = contestants::scan(bench, &flags);
    bench.in_flight = before;
    let Some(line) = line else {
        println!("\nCompleteness: this fourstep has no scan");
        return Ok(());
    };
    let list = bench.file("list-mixed");
    lists::mixed(&list, TARGETS)?;
    let _origin = Server::origin(&bench.programs, &bench.work)?;
    let _names = Server::names(&bench.programs, &bench.work)?;
    let cost = bench.run(&line.arg(list.display()))?;
    let found = check(BufReader::new(File::open(bench.record_file())?), TARGETS)?;
    std::fs::remove_file(bench.record_file())?;

    let mut rows: Vec<Vec<String>> = found
        .right
        .iter()
        .map(|(fate, count)| vec![fate.clone(), number(*count as f64, 0)])
        .collect();
    for (what, count) in
        [("wrong", found.wrong), ("twice", found.twice), ("missing", found.missing)]
    {
        rows.push(vec![what.to_owned(), number(count as f64, 0)]);
    }
    let seconds = cost.wall.as_secs_f64();
    let title = format!(
        "{} targets by name, {} hosts, {IN_FLIGHT} in flight: {} s, {} at the peak",
        number(TARGETS as f64, 0),
        number(lists::HOSTS as f64, 0),
        number(seconds, 1),
        table::octets(cost.peak as f64)
    );
    table::print(&title, &["record", "targets"], &rows);
    for line in &found.shown {
        println!("  {line}");
    }
    // The same kinds of end for a million at once, in a simulated network: it fails if one is amiss.
    let at_once = bench.run(&bench.ours("million"))?;
    println!("\nA million at once, in simnet: {} s", number(at_once.wall.as_secs_f64(), 1));
    print!("{}", at_once.stdout);

    let amiss = (found.wrong + found.twice + found.missing) as f64;
    bench.aim("completeness: records missing, wrong or twice", amiss, Bound::AtMost(0.0));
    bench.keep(
        "complete",
        json!({
            "targets": TARGETS, "seconds": seconds, "peak_octets": cost.peak, "right": found.right,
            "wrong": found.wrong, "twice": found.twice, "missing": found.missing,
            "shown": found.shown,
        }),
    );
    Ok(())
}

/// Holds records against the lines they are of.
fn check(records: impl BufRead, targets: u64) -> Result<Found> {
    let mut found = Found::default();
    let mut seen = vec![false; usize::try_from(targets)? + 1];
    for record in records.lines() {
        let text = record?;
        let record: Record<'_> =
            serde_json::from_str(&text).map_err(|error| format!("{error} in: {text}"))?;
        match usize::try_from(record.seq).ok().and_then(|seq| seen.get_mut(seq)) {
            Some(seen) if !*seen && record.seq > 0 => *seen = true,
            _ => {
                found.twice += 1;
                continue;
            }
        }
        let (line, fate) = mixed_line(record.seq);
        let is = match (&record.failure, &record.response) {
            (Some(failure), _) => failure.code.to_owned(),
            (None, Some(Response { status: Some(status) })) => status.to_string(),
            (None, _) => "neither status nor failure".to_owned(),
        };
        let should = match fate {
            Fate::Status(status) => status.to_string(),
            Fate::Code(code) => code.to_owned(),
        };
        if record.target == line && is == should {
            *found.right.entry(is).or_default() += 1;
        } else {
            found.wrong += 1;
            if found.shown.len() < SHOWN {
                found.shown.push(format!("{line} should be {should}: {text}"));
            }
        }
    }
    found.missing = seen.iter().skip(1).filter(|seen| !**seen).count() as u64;
    Ok(found)
}
