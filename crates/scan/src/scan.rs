//! The scan: sources, limits and a sink around one loop.

use std::net::IpAddr;
use std::sync::Arc;

use fourstep_driver::{Finished, Supply, Work};
use fourstep_probe::Plan;
use fourstep_terms::Time;

use crate::done::Done;
use crate::limits::Limits;
use crate::sink::Sink;
use crate::sources::Sources;
use crate::tally::Tally;

/// Which target is next, and when; and what becomes of what came back.
pub struct Scan<S> {
    sources: Sources,
    limits: Limits,
    plan: Arc<Plan>,
    sink: S,
    tally: Tally,
}

/// How a scan stands: for whoever watches it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Probes under way.
    pub under_way: usize,
    /// How many may be: below [`Limits::in_flight`] after a want of something of this machine's.
    pub window: usize,
    /// Entries that wait for room at their host or prefix.
    pub parked: usize,
    /// Entries that wait to be tried again.
    pub waiting: usize,
    /// The place of the last entry met.
    pub seq: u64,
    /// Whether the list was read to its end.
    pub over: bool,
}

/// What a run left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// The entries that were taken from the list and have no record.
    pub unprobed: Done,
    /// Whether the list was not read to its end.
    pub unread: bool,
}

impl Left {
    /// Whether every entry has its record.
    pub fn is_empty(&self) -> bool {
        self.unprobed.is_empty() && !self.unread
    }
}

impl<S: Sink> Scan<S> {
    /// A scan of what `sources` give, each probed by `plan`.
    pub fn new(sources: Sources, limits: Limits, plan: Arc<Plan>, sink: S) -> Scan<S> {
        Scan { sources, limits, plan, sink, tally: Tally::default() }
    }

    /// Where the reports go.
    pub fn sink(&self) -> &S {
        &self.sink
    }

    /// Where the reports go.
    pub fn sink_mut(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Where the reports went.
    pub fn into_sink(self) -> S {
        self.sink
    }

    /// What came of it so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        let _ = &self.plan;
        Standing { window: self.limits.in_flight, seq: self.sources.seq(), ..Standing::default() }
    }

    /// Ends the scan, when its loop has ended: reports what waits to be tried again as it was seen
    /// last, and says what is left without a record.
    pub fn wind_up(&mut self, now: Time) -> Left {
        let _ = now;
        Left::default()
    }
}

impl<S: Sink> Work for Scan<S> {
    fn next(&mut self, now: Time) -> Supply {
        let _ = now;
        Supply::End
    }

    fn may_dial(&mut self, now: Time, number: u64, addresses: &[IpAddr]) -> bool {
        let _ = (now, number, addresses);
        true
    }

    fn done(&mut self, now: Time, done: Finished, lines: &str) {
        let _ = (now, done, lines);
    }
}
