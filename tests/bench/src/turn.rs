//! What a scan does for a target besides probing it.

use std::hint::black_box;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use fourstep_driver::{Finished, Job, Supply, Work};
use fourstep_probe::{Plan, Report};
use fourstep_scan::{Given, Limits, Malformed, Place, Scan, Scope, Sink, Sources};
use fourstep_terms::Time;

/// Hands reports back as soon as they come.
struct Back(Option<Box<Report>>);

impl Sink for Back {
    fn report(&mut self, _: Time, _: Place, _: u32, done: Finished, _: &str) {
        self.0 = Some(done.report);
    }

    fn spare(&mut self) -> Option<Box<Report>> {
        self.0.take()
    }

    fn malformed(&mut self, _: Time, _: Place, _: Malformed) {}

    fn broken(&mut self, _: Time, _: u32, _: io::Error) {}

    fn has_room(&self) -> bool {
        true
    }
}

/// Lines of a list, each parsed, begun, and counted when its probe has ended; no more than that. As in
/// the loop, a report that is no longer needed serves the next probe.
pub(crate) fn list_turn(times: usize) {
    let mut report = crate::report(&crate::response());
    let lines = Given::octets(b"http://127.1.2.3:21001/12345\n".repeat(times));
    let sources = Sources::new(vec![Box::new(lines)], Scope::default());
    let limits = Limits { in_flight: 64, per_host: 0, ..Limits::default() };
    let mut scan = Scan::new(sources, limits, Arc::new(Plan::default()), Back(None));
    loop {
        match scan.next(black_box(Time::START)) {
            Supply::Job(Job { number, target, .. }) => {
                report.target = target;
                let done = Finished { number, at: SystemTime::UNIX_EPOCH, report };
                scan.done(Time::START, black_box(done), "");
                report = scan.spare().expect("it was handed back");
            }
            Supply::Wait(_) => {}
            Supply::End => break,
        }
    }
    assert_eq!(scan.tally().entries(), times as u64);
}
