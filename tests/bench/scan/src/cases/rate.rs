//! Probes a second: everybody in turns, round by round, so that what the machine does meanwhile
//! happens to all alike.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, Bound, installed};
use crate::contestants::{
    self, Contestant, FOURSTEP, FOURSTEP_USER, LIMIT, LIMIT_RECORD, LIMIT_SAME, WRK,
};
use crate::lists;
use crate::run::{Cost, Line, Result, run};
use crate::servers::{Mode, Server};
use crate::table::{self, median, number};

/// The list that curl is given, and those measured beside it.
const CURL_URLS: u64 = 10_000;

/// One run of one contestant.
struct Sample {
    cost: Cost,
    /// As the origin counted them.
    probes: f64,
    /// The origin's share of its core.
    origin: f64,
}

impl Sample {
    fn rate(&self) -> f64 {
        self.probes / self.cost.wall.as_secs_f64()
    }

    /// Processor time a probe, in µs.
    fn cpu_us(&self) -> f64 {
        self.per_probe(self.cost.cpu())
    }

    fn per_probe(&self, time: Duration) -> f64 {
        time.as_secs_f64() * 1e6 / self.probes
    }
}

pub fn measure(bench: &mut Bench) -> Result {
    let list = bench.file("list");
    lists::addresses(&list, bench.probes, Mode::Unavailable)?;
    let mut everybody = contestants::all(bench, &list, bench.probes, Mode::Unavailable);
    let rounds = rounds(bench, &mut everybody, bench.probes);
    let title = format!(
        "Probes a second: {} a round, {} in flight, one core; median of {} rounds",
        number(bench.probes as f64, 0),
        bench.in_flight,
        bench.rounds
    );
    let result = show(&title, &everybody, &rounds);
    bench.keep("rate", result);
    let aims = [
        ("fourstep scan / C with times and record", FOURSTEP, LIMIT_SAME, 0.90),
        ("fourstep scan --clock user / C with record", FOURSTEP_USER, LIMIT_RECORD, 0.90),
        ("fourstep scan / wrk", FOURSTEP, WRK, 1.0),
        ("fourstep scan --clock user / wrk", FOURSTEP_USER, WRK, 1.1),
    ];
    // The second is what the first would be on a machine that nobody else uses.
    for (how, value) in
        [("rate", Sample::rate as fn(&Sample) -> f64), ("rate by CPU", |it| 1.0 / it.cpu_us())]
    {
        for (what, of, over, aim) in aims {
            let reached = ratio(&everybody, &rounds, of, over, value);
            bench.aim(format!("{how}: {what}"), reached, Bound::AtLeast(aim));
        }
    }
    curl(bench)
}

/// curl's own case: its list is read before it begins, and grows slower the longer it is.
fn curl(bench: &mut Bench) -> Result {
    let list = bench.file("list-10k");
    let config = bench.file("list-10k.curl");
    lists::addresses(&list, CURL_URLS, Mode::Unavailable)?;
    lists::for_curl(&config, CURL_URLS, Mode::Unavailable)?;
    let mut some = contestants::all(bench, &list, CURL_URLS, Mode::Unavailable);
    some.retain(|it| [LIMIT, LIMIT_SAME, FOURSTEP].contains(&it.name));
    some.push(Contestant {
        name: "curl -Z",
        note: "no record",
        line: installed("curl").map(|file| {
            // 300 is the most that it takes.
            let line = Line::new(file, &["-Z", "-s", "-H", "Connection: close", "--parallel-max"]);
            line.arg(bench.in_flight.min(300)).arg("-K").arg(config.display())
        }),
        counted: true,
    });
    let rounds = rounds(bench, &mut some, CURL_URLS);
    let result = show("A list of 10,000 URLs", &some, &rounds);
    bench.keep("rate_10k", result);
    let value = ratio(&some, &rounds, FOURSTEP, "curl -Z", Sample::rate);
    bench.aim("rate: fourstep scan / curl -Z, 10,000 URLs", value, Bound::AtLeast(3.5));
    Ok(())
}

/// For each contestant its samples, one a round. One that fails takes part no longer.
fn rounds(bench: &Bench, all: &mut [Contestant], probes: u64) -> Vec<Vec<Sample>> {
    let mut samples: Vec<Vec<Sample>> = all.iter().map(|_| Vec::new()).collect();
    for round in 0..bench.rounds {
        for step in 0..all.len() {
            // Each round begins with another: nobody always follows the same one.
            let at = (step + round) % all.len();
            let Some(contestant) = all.get_mut(at) else { continue };
            let Some(line) = &contestant.line else { continue };
            match sample(bench, contestant, line, probes) {
                Ok(sample) => samples[at].push(sample),
                Err(error) => {
                    eprintln!("\r  {}: {error}", contestant.name);
                    contestant.line = None;
                    samples[at].clear();
                }
            }
        }
        eprint!("\r  round {} of {}", round + 1, bench.rounds);
    }
    eprintln!();
    samples
}

/// One run, against an origin of its own: what one leaves there (TIME-WAIT) is not the next one's.
fn sample(bench: &Bench, contestant: &Contestant, line: &Line, probes: u64) -> Result<Sample> {
    let origin = Server::origin(&bench.programs, &bench.work)?;
    let cost = run(line, Duration::from_secs(300))?.checked(line)?;
    let served = origin.served();
    if contestant.counted && served < probes {
        let name = contestant.name;
        return Err(format!("{name} made {served} of {probes} probes: {}", cost.stdout).into());
    }
    let origin = origin.used().as_secs_f64() / cost.wall.as_secs_f64();
    Ok(Sample { probes: served as f64, origin, cost })
}

/// The middle of the rounds' ratios; NaN when one of the two is not there.
fn ratio(
    all: &[Contestant],
    rounds: &[Vec<Sample>],
    of: &str,
    over: &str,
    value: fn(&Sample) -> f64,
) -> f64 {
    let find = |name| all.iter().position(|it| it.name == name).and_then(|at| rounds.get(at));
    let (Some(of), Some(over)) = (find(of), find(over)) else { return f64::NAN };
    median(of.iter().zip(over).map(|(of, over)| value(of) / value(over)).collect())
}

fn show(title: &str, all: &[Contestant], rounds: &[Vec<Sample>]) -> Value {
    let mut rows = Vec::new();
    let mut results = Vec::new();
    let mut disturbed = Vec::new();
    for (contestant, samples) in all.iter().zip(rounds) {
        let name = contestant.name;
        if contestant.line.is_none() {
            rows.push(vec![name.to_owned(), "not there, or it failed".to_owned()]);
            results.push(json!({"name": name, "measured": false}));
            continue;
        }
        let middle = |value: &dyn Fn(&Sample) -> f64| median(samples.iter().map(value).collect());
        let rate = middle(&Sample::rate);
        let of_limit = ratio(all, rounds, name, LIMIT, Sample::rate);
        // Who needs less of the core would be faster on one that nobody else uses.
        let less_cpu = ratio(all, rounds, LIMIT, name, Sample::cpu_us);
        let user = middle(&|it| it.per_probe(it.cost.user));
        let sys = middle(&|it| it.per_probe(it.cost.sys));
        let peak = middle(&|it| it.cost.peak as f64);
        let origin = middle(&|it| it.origin * 100.0);
        disturbed.extend(
            samples
                .iter()
                .map(|it| it.cost.others.as_secs_f64() / it.cost.wall.as_secs_f64() - it.origin),
        );
        rows.push(vec![
            name.to_owned(),
            number(rate, 0),
            number(of_limit, 2),
            number(less_cpu, 2),
            number(user, 1),
            number(sys, 1),
            table::octets(peak),
            format!("{} %", number(origin, 0)),
            contestant.note.to_owned(),
        ]);
        results.push(json!({
            "name": name, "measured": true, "note": contestant.note,
            "command": contestant.line.as_ref().map(Line::text),
            "probes_per_s": rate, "of_limit": of_limit, "of_limit_by_cpu": less_cpu,
            "user_us": user, "sys_us": sys, "peak_octets": peak, "origin_busy_percent": origin,
            "rounds": samples.iter().map(Sample::rate).collect::<Vec<_>>(),
        }));
    }
    let head =
        ["", "probes/s", "of C", "by CPU", "user µs", "sys µs", "peak", "origin busy", "it does"];
    let head = &head[..];
    // The last column is for reading: it stands to the left.
    table::print(title, &head[..8], &rows);
    let disturbed = median(disturbed) * 100.0;
    if disturbed > 5.0 {
        println!(
            "\n  Others used {} % of a core meanwhile: trust `by CPU` more than `of C`.",
            number(disturbed, 0)
        );
    }
    json!({"contestants": results, "disturbed_percent": disturbed})
}
