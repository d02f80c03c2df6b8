//! When to tick which probe.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fourstep_terms::Time;

/// Moments at which probes want a tick, the next one first.
///
/// A probe that moves its deadline back leaves its entry here: it comes up early, and an early
/// tick does nothing. So there is nothing to cancel, and at most a few entries a probe.
#[derive(Debug, Default)]
pub(crate) struct Timers(BinaryHeap<Reverse<(Time, Entry)>>);

/// Which probe an entry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Its place in the loop's slab.
    pub(crate) key: usize,
    /// Which of the probes that have had that place.
    pub(crate) serial: u64,
}

impl Timers {
    pub(crate) fn add(&mut self, at: Time, entry: Entry) {
        self.0.push(Reverse((at, entry)));
    }

    /// The next moment; [`Time::NEVER`] when there is none.
    pub(crate) fn next(&self) -> Time {
        self.0.peek().map_or(Time::NEVER, |Reverse((at, _))| *at)
    }

    /// One entry that is due.
    pub(crate) fn due(&mut self, now: Time) -> Option<Entry> {
        if self.next() > now {
            return None;
        }
        self.0.pop().map(|Reverse((_, entry))| entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_in_order_and_the_rest_stays() {
        let mut timers = Timers::default();
        assert_eq!(timers.next(), Time::NEVER);
        for (ms, key) in [(30, 3), (10, 1), (20, 2)] {
            timers.add(Time::from_millis(ms), Entry { key, serial: 0 });
        }
        let due: Vec<usize> = std::iter::from_fn(|| timers.due(Time::from_millis(20)))
            .map(|entry| entry.key)
            .collect();
        assert_eq!(due, [1, 2]);
        assert_eq!(timers.next(), Time::from_millis(30));
    }
}
