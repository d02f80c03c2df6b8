//! The scan as the loop sees it; when nothing is under way, nothing waits to be written.

use std::net::IpAddr;

use fourstep::Report;
use fourstep::driver::{Finished, Supply, Work};
use fourstep::scan::Scan;
use fourstep::terms::Time;

use super::records::Records;

pub(crate) struct Turns<'a>(pub(crate) &'a mut Scan<Records>);

impl Work for Turns<'_> {
    fn next(&mut self, now: Time) -> Supply {
        let supply = self.0.next(now);
        if !matches!(supply, Supply::Job(_)) && self.0.standing().under_way == 0 {
            self.0.sink_mut().blocks.push();
        }
        supply
    }

    fn may_dial(&mut self, now: Time, number: u64, addresses: &[IpAddr]) -> bool {
        self.0.may_dial(now, number, addresses)
    }

    fn spare(&mut self) -> Option<Box<Report>> {
        self.0.spare()
    }

    fn done(&mut self, now: Time, done: Finished, lines: &str) {
        self.0.done(now, done, lines);
    }
}
