//! What a scan does for a target besides probing it.

use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use fourstep_driver::{Finished, Job, Supply, Work};
use fourstep_probe::{Plan, Report};
use fourstep_scan::{Given, Limits, Malformed, Place, Scan, Scope, Sink, Sources};
use fourstep_terms::Time;

/// Keeps reports, to be handed in again: none is made or dropped.
struct Pool(Vec<Box<Report>>);

impl Sink for Pool {
    fn report(&mut self, _: Time, _: Place, _: u32, done: Finished, _: &str) {
        self.0.push(done.report);
    }

    fn malformed(&mut self, _: Time, _: Place, _: Malformed) {}

    fn broken(&mut self, _: Time, _: u32, _: io::Error) {}

    fn has_room(&self) -> bool {
        true
    }
}

/// Lines of a list, each parsed, begun, and counted when its probe has ended; no more than that.
pub(crate) fn list_turn(times: usize) {
    let seen = crate::report(&crate::response());
    let lines = Given::octets(b"http://127.1.2.3:21001/12345\n".repeat(times));
    let sources = Sources::new(vec![Box::new(lines)], Scope::default());
    let limits = Limits { in_flight: 64, per_host: 0, ..Limits::default() };
    let mut scan = Scan::new(sources, limits, Arc::new(Plan::default()), Pool(vec![seen]));
    loop {
        match scan.next(black_box(Time::START)) {
            Supply::Job(Job { number, target, .. }) => {
                let mut report = scan.sink_mut().0.pop().expect("one is under way at once");
                report.target = target;
                let done = Finished { number, at: SystemTime::UNIX_EPOCH, report };
                scan.done(Time::START, black_box(done), "");
            }
            Supply::Wait(_) => {}
            Supply::End => break,
        }
    }
    assert_eq!(scan.tally().entries(), times as u64);
}
