//! Lookups a second: names that nobody has asked for before, one A record each.

use std::time::Duration;

use serde_json::json;

use crate::bench::{Bench, Bound};
use crate::contestants;
use crate::run::{Cost, Line, Result, run};
use crate::servers::{NAMES_PORT, Server};
use crate::table::{self, median, number};

const LOOKUPS: u64 = 100_000;
/// hickory takes its time.
const FEWER: u64 = 20_000;

const LIMIT: &str = "C, one socket";
const LIMIT_PORTS: &str = "C, a socket for 64 queries";
const ALONE: &str = "fourstep-resolve";
const LINKED: &str = "fourstep, a probe each";
const HICKORY: &str = "hickory-resolver";

pub fn measure(bench: &mut Bench) -> Result {
    let k = bench.in_flight;
    let server = |line: Line| line.arg("127.0.0.1").arg(NAMES_PORT);
    let linked = contestants::built(bench, "linked");
    let alone = contestants::built(bench, "resolver");
    let hickory = contestants::built(bench, "peer-hickory");
    let lookups = bench.ours("lookups");
    let everybody: Vec<(&str, u64, Option<Line>)> = vec![
        (LIMIT, LOOKUPS, Some(server(lookups.clone().arg(k).arg(LOOKUPS)))),
        (LIMIT_PORTS, LOOKUPS, Some(server(lookups.arg("-p").arg(64).arg(k).arg(LOOKUPS)))),
        (ALONE, LOOKUPS, alone.map(|line| server(line.arg(k).arg(LOOKUPS)))),
        (LINKED, LOOKUPS, linked.map(|line| server(line.arg("names").arg(k).arg(LOOKUPS)))),
        (HICKORY, FEWER, hickory.map(|line| server(line.arg(k).arg(FEWER)))),
    ];
    let mut samples: Vec<Vec<(Cost, f64)>> = everybody.iter().map(|_| Vec::new()).collect();
    for round in 0..bench.rounds {
        for step in 0..everybody.len() {
            let at = (step + round) % everybody.len();
            let (Some((name, count, Some(line))), Some(taken)) =
                (everybody.get(at), samples.get_mut(at))
            else {
                continue;
            };
            let names = Server::names(&bench.programs, &bench.work)?;
            let cost = run(line, Duration::from_secs(120))?.checked(line)?;
            let served = names.served();
            if served < *count || !cost.stdout.contains(&format!("{count} answered")) {
                return Err(
                    format!("{name}: {count} lookups, {served} asked: {}", cost.stdout).into()
                );
            }
            let busy = names.used().as_secs_f64() / cost.wall.as_secs_f64();
            taken.push((cost, busy));
        }
    }

    let rate = |at: usize| {
        let count = everybody.get(at).map_or(0, |it| it.1) as f64;
        median(samples[at].iter().map(|(cost, _)| count / cost.wall.as_secs_f64()).collect())
    };
    let cpu = |at: usize, time: fn(&Cost) -> Duration| {
        let count = everybody.get(at).map_or(0, |it| it.1) as f64;
        median(samples[at].iter().map(|(cost, _)| time(cost).as_secs_f64() * 1e6 / count).collect())
    };
    let mut rows = Vec::new();
    let mut results = Vec::new();
    for (at, (name, _, line)) in everybody.iter().enumerate() {
        if line.is_none() {
            rows.push(vec![(*name).to_owned(), "not built".to_owned()]);
            continue;
        }
        let busy = median(samples[at].iter().map(|(_, busy)| busy * 100.0).collect());
        let (user, sys) = (cpu(at, |cost| cost.user), cpu(at, |cost| cost.sys));
        rows.push(vec![
            (*name).to_owned(),
            number(rate(at), 0),
            number(rate(at) / rate(0), 2),
            number(cpu(0, Cost::cpu) / cpu(at, Cost::cpu), 2),
            number(user, 1),
            number(sys, 1),
            format!("{} %", number(busy, 0)),
        ]);
        results.push(json!({
            "name": name, "lookups_per_s": rate(at), "of_limit": rate(at) / rate(0),
            "user_us": user, "sys_us": sys, "server_busy_percent": busy,
        }));
    }
    let title =
        format!("Lookups a second: {k} in flight, one core; median of {} rounds", bench.rounds);
    let head = ["", "lookups/s", "of C", "by CPU", "user µs", "sys µs", "server busy"];
    table::print(&title, &head, &rows);
    let at = |name| everybody.iter().position(|it| it.0 == name && it.2.is_some());
    for (name, what) in [(ALONE, "fourstep-resolve"), (LINKED, "fourstep, a probe each")] {
        let Some(ours) = at(name) else { continue };
        let limit = rate(ours) / rate(0);
        bench.aim(format!("lookups: {what} / C, one socket"), limit, Bound::AtLeast(0.7));
        let hickory = at(HICKORY).map_or(f64::NAN, |theirs| rate(ours) / rate(theirs));
        bench.aim(format!("lookups: {what} / hickory-resolver"), hickory, Bound::AtLeast(5.0));
    }
    bench.keep("names", results.into());
    Ok(())
}
