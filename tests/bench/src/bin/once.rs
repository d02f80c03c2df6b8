//! One probe, from the start of the process to its exit, against curl: `once FOURSTEP ROUNDS`.
//!
//! Both fetch the same small answer from an origin of this program's own, one after the other in
//! each round, so that whatever the machine is doing meets both. Medians, and their ratio.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fourstep_peer::{LOOPBACK, Origin, Script};

fn main() {
    let mut words = std::env::args().skip(1);
    let ours = words.next().expect("usage: once FOURSTEP ROUNDS");
    let rounds: usize = words.next().map_or(200, |rounds| rounds.parse().expect("a number"));
    let origin =
        Origin::start(LOOPBACK, Script::answer(fourstep_bench::response())).expect("an origin");
    let url = origin.url("/");
    let contestants: [(&str, &[&str]); 4] = [
        ("fourstep", &[&ours, &url]),
        ("fourstep --json", &[&ours, "--json", &url]),
        ("curl", &["curl", "-s", "-o", "/dev/null", &url]),
        ("curl -q (no config)", &["curl", "-q", "-s", "-o", "/dev/null", &url]),
    ];
    let mut times = vec![Vec::with_capacity(rounds); contestants.len()];
    for _ in 0..rounds {
        for ((_, words), times) in contestants.iter().zip(&mut times) {
            times.push(once(words));
        }
    }
    let medians: Vec<Duration> = times.into_iter().map(median).collect();
    for ((name, _), took) in contestants.iter().zip(&medians) {
        let ratio = took.as_secs_f64() / medians[0].as_secs_f64();
        println!("{name:22} {:8.3} ms  {ratio:5.2}", took.as_secs_f64() * 1e3);
    }
}

fn once(words: &[&str]) -> Duration {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let status = command.status().unwrap_or_else(|error| panic!("{}: {error}", words[0]));
    let took = began.elapsed();
    // 503 is what the origin says: 1 for us, 0 for curl.
    assert!(matches!(status.code(), Some(0 | 1)), "{}: {status}", words[0]);
    took
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
