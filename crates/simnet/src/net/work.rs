//! Who decides, as time passes, what is probed.

use std::sync::Arc;

use fourstep_probe::{Plan, Report};
use fourstep_target::Target;
use fourstep_terms::Time;

/// Who decides, as time passes, what is probed: what the loop of the driver calls so, in small.
pub trait Work {
    /// The next probe to begin, or why there is none now. Asked before each event, and again
    /// after every probe it gave.
    fn next(&mut self, now: Time) -> Supply;

    /// One hop of the probe with this number is done.
    fn done(&mut self, now: Time, number: usize, report: Box<Report>);
}

/// What there is to begin.
#[derive(Debug)]
pub enum Supply {
    /// This target, by this plan, under this number.
    Job(usize, Arc<Target>, Arc<Plan>),
    /// Nothing before this moment, unless something happens first.
    Wait(Time),
    /// Nothing any more.
    End,
}

/// Probes that stand in the schedule already.
pub(super) struct Scheduled<F>(pub(super) F);

impl<F: FnMut(usize, Box<Report>)> Work for Scheduled<F> {
    fn next(&mut self, _: Time) -> Supply {
        Supply::End
    }

    fn done(&mut self, _: Time, number: usize, report: Box<Report>) {
        (self.0)(number, report);
    }
}
