//! System calls a probe, by strace: the difference of a long and a short run, so that what a
//! program does once does not count.
//!
//! strace slows a program down, so more connections are ready at each epoll_wait than otherwise:
//! its share is a little too small, for everybody alike.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use crate::bench::{Bench, Bound, installed};
use crate::contestants::{self, FOURSTEP, FOURSTEP_USER};
use crate::lists;
use crate::run::{Line, Result};
use crate::servers::{Mode, Server};
use crate::table::{self, number};

const SHORT: u64 = 1_000;
const LONG: u64 = 5_000;
/// Fewer at once than a run has probes.
const IN_FLIGHT: usize = 64;

pub fn measure(bench: &mut Bench) -> Result {
    let Some(strace) = installed("strace") else {
        println!("\nSystem calls a probe: strace is not installed");
        return Ok(());
    };
    let _origin = Server::origin(&bench.programs, &bench.work)?;
    let in_flight = std::mem::replace(&mut bench.in_flight, IN_FLIGHT);
    let short = counts(bench, &strace, SHORT);
    let long = short.and_then(|short| Ok((short, counts(bench, &strace, LONG)?)));
    bench.in_flight = in_flight;
    let (short, long) = long?;

    let mut rows = Vec::new();
    let mut results = Vec::new();
    for ((name, short), (_, long)) in short.iter().zip(&long) {
        let per_probe = |call: &String, calls: u64| {
            let before = short.get(call).copied().unwrap_or(0);
            (calls as f64 - before as f64) / (LONG - SHORT) as f64
        };
        let mut calls: Vec<(&String, f64)> =
            long.iter().map(|(call, calls)| (call, per_probe(call, *calls))).collect();
        calls.retain(|(_, calls)| *calls >= 0.005);
        calls.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        let all: f64 = calls.iter().map(|(_, calls)| calls).sum();
        let each: Vec<String> =
            calls.iter().map(|(call, calls)| format!("{call} {}", number(*calls, 2))).collect();
        rows.push(vec![(*name).to_owned(), number(all, 2), each.join(", ")]);
        results.push(json!({
            "name": name, "calls": all,
            "each": calls.iter().map(|(call, calls)| json!([call, calls])).collect::<Vec<_>>(),
        }));
        match *name {
            FOURSTEP => bench.aim("system calls: fourstep scan", all, Bound::AtMost(11.0)),
            FOURSTEP_USER => {
                bench.aim("system calls: fourstep scan --clock user", all, Bound::AtMost(8.0));
            }
            _ => {}
        }
    }
    table::print("System calls a probe", &["", "calls"], &rows);
    bench.keep("calls", results.into());
    Ok(())
}

type Calls = BTreeMap<String, u64>;

/// Who makes which calls in a run of so many probes.
fn counts(bench: &Bench, strace: &Path, probes: u64) -> Result<Vec<(&'static str, Calls)>> {
    let list = bench.file("list-calls");
    lists::addresses(&list, probes, Mode::Unavailable)?;
    let everybody = contestants::all(bench, &list, probes, Mode::Unavailable);
    let mut all = Vec::new();
    for contestant in everybody.iter().filter(|it| it.counted) {
        let Some(line) = &contestant.line else { continue };
        let summary = bench.file("calls");
        let mut traced = Line::new(strace, &["-f", "-c", "-o"]).arg(summary.display());
        traced = traced.arg(line.program.display());
        traced.args.extend(line.args.iter().cloned());
        match bench.run(&traced) {
            Ok(_) => all.push((contestant.name, parse(&std::fs::read_to_string(&summary)?))),
            Err(error) => eprintln!("  {}: {error}", contestant.name),
        }
    }
    Ok(all)
}

/// The table that strace writes: share, seconds, µs a call, calls, errors if any, name.
fn parse(summary: &str) -> Calls {
    let rows = summary.lines().filter_map(|row| {
        let words: Vec<&str> = row.split_whitespace().collect();
        let (calls, call) = (words.get(3)?.parse().ok()?, words.last()?);
        (*call != "total").then(|| ((*call).to_owned(), calls))
    });
    rows.collect()
}
