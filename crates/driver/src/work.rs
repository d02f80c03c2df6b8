//! Where a loop takes its jobs from, and where its reports go.

use std::net::IpAddr;

use fourstep_probe::Report;
use fourstep_terms::Time;

use crate::job::{Finished, Job};

/// Where a loop takes its jobs from, and where its reports go.
///
/// The loop does what it is told; how many probes there may be at once, how fast they begin and
/// what is tried again is decided here. An iterator of jobs is the plainest such object:
/// [`crate::Driver::run`]. None of these calls may block: every probe under way would wait.
pub trait Work {
    /// The next job to begin, or why there is none now. Asked each turn, again after every job
    /// until a turn has begun enough, and when a probe has ended.
    fn next(&mut self, now: Time) -> Supply;

    /// Whether the job may dial any of `addresses` now, which its name was found to have; asked
    /// for each answer.
    ///
    /// When not, its probe is dropped unseen, without a report: to give the job out again is this
    /// object's business. The answer is in the resolver's cache then.
    fn may_dial(&mut self, now: Time, number: u64, addresses: &[IpAddr]) -> bool {
        let _ = (now, number, addresses);
        true
    }

    /// One hop of a job is done, with the lines of its exchange if they are wanted. It is the
    /// job's last when its report has no `next`.
    fn done(&mut self, now: Time, done: Finished, lines: &str);

    /// A report that is no longer needed, if there is one: its memory serves the probes to come.
    /// Asked after each that was handed over.
    fn spare(&mut self) -> Option<Box<Report>> {
        None
    }
}

/// What there is to begin.
#[derive(Debug)]
pub enum Supply {
    /// This job.
    Job(Job),
    /// Nothing before this moment, unless a probe ends or the loop is woken first; with
    /// [`Time::NEVER`] only then.
    Wait(Time),
    /// Nothing; when no probe is under way any more, the run is over.
    End,
}

/// Jobs of an iterator, a number of them at once.
pub(crate) struct Jobs<I, F> {
    pub(crate) jobs: I,
    pub(crate) each: F,
    /// How many more may be begun now.
    pub(crate) room: usize,
}

impl<I: Iterator<Item = Job>, F: FnMut(Finished, &str)> Work for Jobs<I, F> {
    fn next(&mut self, _: Time) -> Supply {
        if self.room == 0 {
            return Supply::Wait(Time::NEVER);
        }
        let Some(job) = self.jobs.next() else { return Supply::End };
        self.room -= 1;
        Supply::Job(job)
    }

    fn done(&mut self, _: Time, done: Finished, lines: &str) {
        self.room += usize::from(done.report.next.is_none());
        (self.each)(done, lines);
    }
}
