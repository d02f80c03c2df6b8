//! True timing: how far a reported time to the first octet is from what the network had.
//!
//! The `timed` origin says in each answer how long it took, from the kernel's receive time stamp
//! of the request to the moment it hands over the answer, which on loopback is when it is in the
//! client's socket. So each record carries its own truth. What is on top is the way of the request
//! and of the answer through the kernel, some µs that no clock is free of (the C loop with kernel
//! time stamps shows how many), and the client's own queue, which is what must not be there.

use std::path::Path;

use serde::Deserialize;
use serde_json::json;

use crate::bench::{Bench, Bound};
use crate::contestants;
use crate::lists;
use crate::run::Result;
use crate::servers::{Mode, Server};
use crate::table::{self, median, number, percentile};

/// In flight, and how many probes are made of that.
const LOADS: [(usize, u64); 4] = [(1, 4_000), (100, 40_000), (1_000, 60_000), (4_000, 80_000)];

/// A time as reported and as the origin says it was, in µs.
type Pair = (f64, f64);

pub fn measure(bench: &mut Bench) -> Result {
    let _origin = Server::origin(&bench.programs, &bench.work)?;
    let list = bench.file("list-timed");
    let before = bench.in_flight;
    let mut rows = Vec::new();
    let mut results = Vec::new();
    for (in_flight, probes) in LOADS {
        bench.in_flight = in_flight;
        lists::addresses(&list, probes, Mode::Timed)?;
        let (kernel, user) = by_limit(bench, &list)?;
        // The way through the kernel, which is no part of what the origin took.
        let way = median(kernel.iter().map(|(said, was)| said - was).collect());
        let mut show = |who: &str, pairs: &[Pair]| {
            let mut over: Vec<f64> = pairs.iter().map(|(said, was)| said - was).collect();
            let was = median(pairs.iter().map(|(_, was)| *was).collect());
            let (middle, high) = (percentile(&mut over, 0.5), percentile(&mut over, 0.99));
            rows.push(vec![
                number(in_flight as f64, 0),
                number(was, 0),
                number(ratio(pairs), 2),
                number(middle, 0),
                number(high, 0),
                who.to_owned(),
            ]);
            results.push(json!({
                "in_flight": in_flight, "who": who, "origin_us": was, "ratio": ratio(pairs),
                "over_us": middle, "over_us_p99": high, "measured": pairs.len(),
            }));
        };
        show("C, kernel's clock", &kernel);
        show("C, user's clock", &user);
        for (who, flags) in [
            ("fourstep, kernel's clock", &[][..]),
            ("fourstep, user's clock", &["--clock", "user"]),
        ] {
            let pairs = match by_scan(bench, &list, flags) {
                Ok(Some(pairs)) => pairs,
                Ok(None) => continue,
                Err(error) => {
                    eprintln!("  {who}: {error}");
                    continue;
                }
            };
            show(who, &pairs);
            if flags.is_empty() {
                let what =
                    format!("timing: reported wait over the kernel's, {in_flight} in flight");
                let over = pairs.iter().map(|(said, was)| said / (was + way)).collect();
                bench.aim(what, median(over), Bound::AtMost(1.2));
            }
        }
    }
    bench.in_flight = before;
    let head = ["in flight", "origin took µs", "reported / took", "above µs", "above p99"];
    table::print("Time to the first octet, as reported and as it was (medians)", &head, &rows);
    bench.keep("timing", results.into());
    Ok(())
}

/// The middle of reported over true.
fn ratio(pairs: &[Pair]) -> f64 {
    median(pairs.iter().filter(|(_, was)| *was > 0.0).map(|(said, was)| said / was).collect())
}

/// What the C loop measures, by the kernel's clock and by the user's.
fn by_limit(bench: &Bench, list: &Path) -> Result<(Vec<Pair>, Vec<Pair>)> {
    let waits = bench.file("waits");
    let line = bench.ours("limit").arg("-t").arg("-k").arg(bench.in_flight);
    bench.run(&line.arg("-w").arg(waits.display()).arg(list.display()))?;
    let text = std::fs::read_to_string(&waits)?;
    let micros = |word: Option<&str>| Some(word?.parse::<f64>().ok()? / 1000.0);
    let rows = text.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (kernel, user, took) =
            (micros(words.next())?, micros(words.next())?, micros(words.next())?);
        Some(((kernel, took), (user, took)))
    });
    Ok(rows.unzip())
}

#[derive(Deserialize)]
struct Record<'a> {
    timing_us: Timing,
    #[serde(borrow)]
    response: Option<Response<'a>>,
}

#[derive(Deserialize)]
struct Timing {
    wait: Option<f64>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    fields: Vec<(std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>,
}

/// What fourstep's records say; `None` when it has no scan.
fn by_scan(bench: &Bench, list: &Path, flags: &[&str]) -> Result<Option<Vec<Pair>>> {
    let Some(line) = contestants::scan(bench, flags) else { return Ok(None) };
    bench.run(&line.arg(list.display()))?;
    let text = std::fs::read_to_string(bench.record_file())?;
    std::fs::remove_file(bench.record_file())?;
    let mut pairs = Vec::new();
    for line in text.lines() {
        let record: Record<'_> = serde_json::from_str(line)?;
        let fields = record.response.map(|response| response.fields).unwrap_or_default();
        let took = fields.iter().find(|(name, _)| name == "Origin-Took-Ns");
        let took = took.and_then(|(_, value)| value.parse::<f64>().ok());
        if let (Some(wait), Some(took)) = (record.timing_us.wait, took) {
            pairs.push((wait, took / 1000.0));
        }
    }
    Ok(Some(pairs))
}
