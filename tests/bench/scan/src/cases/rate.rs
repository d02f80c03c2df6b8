//! Probes a second: everybody in turns, round by round, so that what the machine does meanwhile
//! happens to all alike.

use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, Bound, installed};
use crate::contestants::{
    self, Contestant, FOURSTEP, FOURSTEP_USER, LIMIT, LIMIT_RECORD, LIMIT_SAME, REUSED_RECORD,
    REUSED_SAME, WRK,
};
use crate::lists;
use crate::run::{Cost, Line, Result, run};
use crate::servers::{Mode, Server};
use crate::table::{self, median, number};

/// A part of a core used by others that makes time on the wall say little.
const DISTURBED: f64 = 0.05;

const CURL: &str = "curl -Z";
const CURL_RECORD: &str = "curl -Z, with record";

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

/// Everybody, and for each the samples, one a round.
struct Measured {
    all: Vec<Contestant>,
    rounds: Vec<Vec<Sample>>,
}

pub fn measure(bench: &mut Bench) -> Result {
    let list = bench.file("list");
    lists::addresses(&list, bench.probes, Mode::Unavailable)?;
    let all = contestants::all(bench, &list, bench.probes, Mode::Unavailable);
    let measured = rounds(bench, all, bench.probes);
    let title = format!(
        "Probes a second: {} a round, {} in flight, one core; median of {} rounds",
        number(bench.probes as f64, 0),
        bench.in_flight,
        bench.rounds
    );
    bench.keep("rate", measured.show(&title));
    for (of, over, aim) in [
        (FOURSTEP, REUSED_SAME, 0.90),
        (FOURSTEP, LIMIT_SAME, 0.90),
        (FOURSTEP_USER, REUSED_RECORD, 0.90),
        (FOURSTEP_USER, LIMIT_RECORD, 0.90),
        (FOURSTEP, WRK, 1.0),
        (FOURSTEP_USER, WRK, 1.1),
    ] {
        measured.aim(bench, of, over, Bound::AtLeast(aim));
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
    some.retain(|it| [LIMIT, LIMIT_SAME, REUSED_SAME, FOURSTEP].contains(&it.name));
    let bare = installed("curl").map(|file| {
        // 300 is the most that it takes.
        let line = Line::new(file, &["-Z", "-s", "-H", "Connection: close", "--parallel-max"]);
        line.arg(bench.in_flight.min(300)).arg("-K").arg(config.display())
    });
    let record = bare.clone().map(|line| line.arg("-w").arg("%{json}\\n"));
    let record = record.map(|line| line.into_file(bench.record_file()));
    some.push(Contestant { name: CURL, note: "no record", line: bare, counted: true });
    some.push(Contestant {
        name: CURL_RECORD,
        note: "what it knows of each, as JSON",
        line: record,
        counted: true,
    });
    let measured = rounds(bench, some, CURL_URLS);
    bench.keep("rate_10k", measured.show("A list of 10,000 URLs"));
    measured.aim(bench, FOURSTEP, CURL_RECORD, Bound::AtLeast(3.5));
    measured.aim(bench, FOURSTEP, CURL, Bound::None);
    Ok(())
}

/// Lets everybody run once a round. One that fails takes part no longer.
fn rounds(bench: &Bench, mut all: Vec<Contestant>, probes: u64) -> Measured {
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
    Measured { all, rounds: samples }
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

impl Measured {
    /// Remembers how one stands to another, by time on the wall and by processor time. The first is
    /// what counts, and says nothing when others use the core: who has more threads then has the
    /// larger share of it.
    fn aim(&self, bench: &mut Bench, of: &str, over: &str, bound: Bound) {
        let rate = match self.disturbed() {
            much if much > DISTURBED => f64::NAN,
            _ => self.ratio(of, over, Sample::rate),
        };
        bench.aim(format!("rate: {of} / {over}"), rate, bound);
        let by_cpu = self.ratio(over, of, Sample::cpu_us);
        bench.aim(format!("rate by CPU: {of} / {over}"), by_cpu, bound);
    }

    /// The part of a core that others used while one ran, in the middle.
    fn disturbed(&self) -> f64 {
        let share =
            |it: &Sample| it.cost.others.as_secs_f64() / it.cost.wall.as_secs_f64() - it.origin;
        median(self.rounds.iter().flatten().map(share).collect())
    }

    /// The middle of the rounds' ratios; NaN when one of the two is not there.
    fn ratio(&self, of: &str, over: &str, value: fn(&Sample) -> f64) -> f64 {
        let place = |name| self.all.iter().position(|it| it.name == name);
        let find = |name| place(name).and_then(|at| self.rounds.get(at));
        let (Some(of), Some(over)) = (find(of), find(over)) else { return f64::NAN };
        median(of.iter().zip(over).map(|(of, over)| value(of) / value(over)).collect())
    }

    /// Prints the table, and gives it back as JSON.
    fn show(&self, title: &str) -> Value {
        let mut rows = Vec::new();
        let mut results = Vec::new();
        for (contestant, samples) in self.all.iter().zip(&self.rounds) {
            let name = contestant.name;
            if contestant.line.is_none() {
                rows.push(vec![name.to_owned(), "not there, or it failed".to_owned()]);
                results.push(json!({"name": name, "measured": false}));
                continue;
            }
            let middle =
                |value: &dyn Fn(&Sample) -> f64| median(samples.iter().map(value).collect());
            let rate = middle(&Sample::rate);
            let of_limit = self.ratio(name, LIMIT, Sample::rate);
            // Who needs less of the core would be faster on one that nobody else uses.
            let less_cpu = self.ratio(LIMIT, name, Sample::cpu_us);
            let user = middle(&|it| it.per_probe(it.cost.user));
            let sys = middle(&|it| it.per_probe(it.cost.sys));
            let peak = middle(&|it| it.cost.peak as f64);
            let origin = middle(&|it| it.origin * 100.0);
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
        let head = [
            "",
            "probes/s",
            "of C",
            "by CPU",
            "user µs",
            "sys µs",
            "peak",
            "origin busy",
            "it does",
        ];
        let head = &head[..];
        // The last column is for reading: it stands to the left.
        table::print(title, &head[..8], &rows);
        let disturbed = self.disturbed();
        if disturbed > DISTURBED {
            println!(
                "\n  Others used {} % of a core meanwhile: `by CPU` says more than `of C`.",
                number(disturbed * 100.0, 0)
            );
        }
        json!({"contestants": results, "disturbed_percent": disturbed * 100.0})
    }
}
