//! The one clock of a loop.

use std::time::{Instant, SystemTime};

use fourstep_terms::Time;

/// The monotonic clock, from the moment it was made, and what the wall clock said then.
///
/// The wall clock is read once: a clock that is set while probes run must not reorder them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
    wall: SystemTime,
}

impl Clock {
    pub(crate) fn new() -> Clock {
        Clock { origin: Instant::now(), wall: SystemTime::now() }
    }

    /// Now. Read it once a turn, right after the system call that brought the news.
    pub(crate) fn now(&self) -> Time {
        Time::START + self.origin.elapsed()
    }

    /// What the wall clock showed at `moment`.
    pub(crate) fn wall(&self, moment: Time) -> SystemTime {
        self.wall + moment.since(Time::START)
    }
}
