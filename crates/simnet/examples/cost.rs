//! What one probe costs in the network in memory: the machine, the resolver and the stage around
//! them, no system call.
//!
//! ```text
//! cargo run --release -p fourstep-simnet --example cost -- 100000
//! valgrind --tool=callgrind target/release/examples/cost 10000
//! ```
//!
//! Counts are the same on every machine; divide callgrind's instructions by the probes.
#![expect(clippy::print_stdout, reason = "an example prints what it found")]

use std::sync::Arc;

use fourstep_probe::Plan;
use fourstep_simnet::{Act, Host, Net, Said};
use fourstep_terms::Time;

/// A response as an origin sends it.
const RESPONSE: &[u8] =
    b"HTTP/1.1 200 OK\r\nServer: origin\r\nDate: Sun, 22 Nov 2026 06:00:00 GMT\r\n\
    Content-Type: text/html\r\nContent-Length: 13\r\nConnection: close\r\n\r\nHello, world!";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let probes = std::env::args().nth(1).map_or(Ok(10_000), |count| count.parse::<usize>())?;
    let mut net = Net::new(1);
    net.name("origin.test", Said::Addresses(vec!["192.0.2.1".parse()?]));
    net.host("192.0.2.1:80".parse()?, Host::that(vec![Act::Say(RESPONSE.to_vec())]));
    let (target, plan) = (Arc::new("http://origin.test/".parse()?), Arc::new(Plan::default()));
    for number in 0..probes {
        net.probe(Time::START, number, Arc::clone(&target), &plan);
    }
    let mut answered = 0;
    let totals = net.run(|_, report| answered += usize::from(report.status() == Some(200)))?;
    println!(
        "{answered} of {} probes answered; {} turns, {} legs, {} channels; {} ms simulated",
        totals.probes,
        totals.turns,
        totals.legs,
        totals.channels,
        totals.ended.as_nanos() / 1_000_000,
    );
    Ok(())
}
