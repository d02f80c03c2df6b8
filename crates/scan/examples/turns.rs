//! What the scan itself costs a target: every probe ends at once, and nothing is written.
//!
//! ```text
//! CARGO_PROFILE_RELEASE_DEBUG=1 CARGO_PROFILE_RELEASE_STRIP=none \
//!     cargo build --release -p fourstep-scan --example turns
//! valgrind --tool=callgrind target/release/examples/turns 100000
//! callgrind_annotate --inclusive=yes --threshold=100 callgrind.out.* | grep -E 'Work>::|Target::parse'
//! ```
#![expect(clippy::print_stdout, reason = "it says what it did")]

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fourstep_driver::{Finished, Job, Supply, Work};
use fourstep_probe::{Actions, Input, Plan, Probe, Report};
use fourstep_scan::{Feed, Limits, Malformed, Place, Pull, Scan, Scope, Sink, Sources};
use fourstep_terms::{Leg, Time};

/// The lines of a list, a piece at a time: `http://hN.test:8080/x`, hosts by and by again.
struct List(std::ops::Range<u32>);

impl Feed for List {
    fn pull(&mut self) -> Pull {
        let lines: String = self
            .0
            .by_ref()
            .take(2000)
            .map(|n| format!("http://h{}.test:8080/x\n", n % 4000))
            .collect();
        if lines.is_empty() { Pull::End } else { Pull::Octets(lines.into()) }
    }
}

/// Counts what it is given.
#[derive(Default)]
struct Count(u64);

impl Sink for Count {
    fn report(&mut self, _: Time, _: Place, _: u32, done: Finished, _: &str) {
        self.0 += u64::from(done.report.answered());
    }

    fn malformed(&mut self, _: Time, _: Place, _: Malformed) {}

    fn broken(&mut self, _: Time, _: u32, _: io::Error) {}

    fn has_room(&self) -> bool {
        true
    }
}

fn main() {
    let lines = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let sources = Sources::new(vec![Box::new(List(0..lines))], Scope::default());
    let mut scan =
        Scan::new(sources, Limits::default(), Arc::new(Plan::default()), Count::default());
    // As the loop sees it.
    let work: &mut dyn Work = std::hint::black_box(&mut scan);
    let seen = answered();
    let mut under_way = VecDeque::new();
    let mut now = Time::START;
    loop {
        match work.next(now) {
            Supply::Job(Job { number, target, .. }) => under_way.push_back((number, target)),
            Supply::Wait(_) => {
                let Some((number, target)) = under_way.pop_front() else { continue };
                let report = Box::new(Report { target, ..seen.clone() });
                work.done(now, Finished { number, at: SystemTime::UNIX_EPOCH, report }, "");
                now = now + Duration::from_micros(50);
            }
            Supply::End => break,
        }
    }
    println!("{} of {lines} answered", scan.sink().0);
}

/// What a probe saw that was answered after 40 ms.
fn answered() -> Report {
    let Ok(target) = "http://192.0.2.1/".parse() else { unreachable!("it is a target") };
    let mut probe = Probe::new(Arc::new(target), Arc::default());
    let mut out = Actions::default();
    let _ = probe.handle(Time::START, Input::Start, &mut out);
    let ms = Time::from_millis;
    let _ = probe.handle(ms(12), Input::Connected { leg: Leg(0), local: None }, &mut out);
    let _ = probe.handle(ms(12), Input::Sent { leg: Leg(0), left: 0 }, &mut out);
    let octets = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    let _ = probe.handle(ms(40), Input::Received { leg: Leg(0), octets, at: None }, &mut out);
    *probe.into_report()
}
