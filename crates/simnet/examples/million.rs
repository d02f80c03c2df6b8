//! A million probes in flight at once, in one process: four thousand hosts in twenty kinds, one
//! of each kind refusing, silent, resetting, writing nonsense, or without a name.
//!
//! ```text
//! cargo run --release -p fourstep-simnet --example million -- 1000000
//! ```
//!
//! Every probe begins at the same moment of the network's own time, so all are under way before
//! the first ends. Each must end exactly once, as its host's kind demands; otherwise this says
//! what went wrong and fails.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use fourstep_probe::{Plan, Report};
use fourstep_simnet::{Act, Conduct, Host, Net, Said};
use fourstep_terms::{FaultKind, Time};

/// A refusal as a load balancer sends it.
const UNAVAILABLE: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nServer: origin\r\n\
    Date: Sun, 22 Nov 2026 06:00:00 GMT\r\nContent-Type: text/html\r\nRetry-After: 120\r\n\
    Content-Length: 5\r\nConnection: close\r\n\r\nbusy\n";

const HOSTS: usize = 4000;
const KINDS: usize = 20;

/// What the hosts of a kind do, and how a probe of one must end.
fn kind(host: usize) -> (Conduct, &'static str) {
    let serves = |acts| Conduct::Serves { takes: None, acts };
    match host % KINDS {
        0 => (Conduct::Fails(FaultKind::Refused), "connect.refused"),
        1 => (Conduct::Drops, "connect.silent"),
        2 => (serves(vec![Act::Reset]), "response.reset"),
        3 => (serves(vec![Act::Say(b"* OK IMAP4rev1\r\n".to_vec())]), "response.malformed"),
        4 => (Conduct::Drops, "resolve.no-such-name"),
        _ => (serves(vec![Act::Say(UNAVAILABLE.to_vec())]), "answered 503"),
    }
}

fn name(host: usize) -> String {
    format!("h{host}.bench.test")
}

fn ended(report: &Report) -> String {
    match (report.status(), &report.failure) {
        (_, Some(failure)) => failure.code().to_string(),
        (Some(status), None) => format!("answered {status:03}"),
        (None, None) => "nothing".to_owned(),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let probes = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse::<usize>())?;
    let mut net = Net::new(1);
    for host in 0..HOSTS {
        let (conduct, want) = kind(host);
        let address = format!("10.0.{}.{}", host / 256, host % 256);
        let said = match want {
            "resolve.no-such-name" => Said::Rcode(3),
            _ => Said::Addresses(vec![address.parse()?]),
        };
        net.name(&name(host), said);
        net.host(format!("{address}:80").parse()?, Host::new(conduct));
    }
    let plan = Arc::new(Plan::default());
    for number in 0..probes {
        let target = format!("http://{}/{number}", name(number % HOSTS)).parse()?;
        net.probe(Time::START, number, Arc::new(target), &plan);
    }
    let mut reports = vec![0_u8; probes];
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    let totals = net.run(|number, report| {
        let (end, want) = (ended(&report), kind(number % HOSTS).1);
        if end != want {
            wrong.push(format!("{}: {end}, not {want}", report.target.shown()));
        }
        *counts.entry(end).or_default() += 1;
        if let Some(seen) = reports.get_mut(number) {
            *seen = seen.saturating_add(1);
        }
    })?;
    for (end, count) in &counts {
        println!("{count:>9}  {end}");
    }
    println!(
        "{} probes, {} turns, {} legs; the last ended after {} ms of the network's time",
        totals.probes,
        totals.turns,
        totals.legs,
        totals.ended.as_nanos() / 1_000_000,
    );
    let not_once = reports.iter().filter(|seen| **seen != 1).count();
    match (wrong.first(), not_once) {
        (None, 0) => Ok(()),
        (first, _) => Err(format!(
            "{} ended otherwise ({}), {not_once} have no report or several",
            wrong.len(),
            first.map_or("-", String::as_str),
        )
        .into()),
    }
}
