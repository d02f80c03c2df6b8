//! When to tick which probe.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fourstep_terms::Time;

/// Entries that may stand for nobody before they are swept out.
const STALE: usize = 1024;

/// Moments at which probes want a tick, the next one first.
///
/// A probe that moves its deadline back leaves its entry here: it comes up early, and an early
/// tick does nothing. So there is nothing to cancel; what probes that are done have left is swept
/// out when it is most of all, at a cost of a few comparisons an entry.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    /// Those that came in order: as all wait equally long for the same, these are most.
    queue: Vec<(Time, Entry)>,
    /// How many of them have come up.
    past: usize,
    /// No earlier than any of them.
    last: Time,
    /// Those that came after a later one.
    heap: BinaryHeap<Reverse<(Time, Entry)>>,
}

/// Which probe an entry is for. There is one for each under way: it takes as little as it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    place: u32,
    /// Which of the probes that have had that place.
    pub(crate) serial: u32,
}

impl Entry {
    /// For the probe at that place in the loop's slab, which has no room for 2³² of them.
    pub(crate) fn new(key: usize, serial: u32) -> Entry {
        Entry { place: u32::try_from(key).unwrap_or(u32::MAX), serial }
    }

    /// The probe's place.
    pub(crate) fn key(self) -> usize {
        usize::try_from(self.place).unwrap_or(usize::MAX)
    }
}

impl Timers {
    #[inline(always)]
    pub(crate) fn add(&mut self, at: Time, entry: Entry) {
        if at < self.last {
            return self.add_before(at, entry);
        }
        self.last = at;
        self.queue.push((at, entry));
    }

    #[inline(never)]
    fn add_before(&mut self, at: Time, entry: Entry) {
        if self.past == self.queue.len() {
            self.queue.clear();
            self.queue.push((at, entry));
            (self.past, self.last) = (0, at);
        } else {
            self.heap.push(Reverse((at, entry)));
        }
    }

    /// Sweeps out what no probe waits for, once it is most of all.
    pub(crate) fn sweep(&mut self, live: usize, mut is_live: impl FnMut(Time, &Entry) -> bool) {
        if self.len() > STALE + 2 * live {
            self.queue.drain(..std::mem::take(&mut self.past));
            self.queue.retain(|(at, entry)| is_live(*at, entry));
            self.heap.retain(|Reverse((at, entry))| is_live(*at, entry));
        }
    }

    fn len(&self) -> usize {
        self.queue.len() + self.heap.len()
    }

    /// The next moment; [`Time::NEVER`] when there is none.
    pub(crate) fn next(&self) -> Time {
        let queued = self.queue.get(self.past).map_or(Time::NEVER, |(at, _)| *at);
        queued.min(self.heap.peek().map_or(Time::NEVER, |Reverse((at, _))| *at))
    }

    /// One entry that is due, and when it was.
    pub(crate) fn due(&mut self, now: Time) -> Option<(Time, Entry)> {
        let next = self.next();
        if next > now {
            return None;
        }
        match self.queue.get(self.past) {
            Some(due) if due.0 == next => {
                self.past += 1;
                Some(*due)
            }
            _ => self.heap.pop().map(|Reverse(due)| due),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_comes_in_order_and_the_rest_stays() {
        let mut timers = Timers::default();
        assert_eq!(timers.next(), Time::NEVER);
        for (ms, key) in [(10, 1), (40, 4), (20, 2), (30, 3), (50, 5)] {
            timers.add(Time::from_millis(ms), Entry::new(key, 0));
        }
        let mut due = |ms| -> Vec<usize> {
            let due = std::iter::from_fn(|| timers.due(Time::from_millis(ms)));
            due.map(|(_, entry)| entry.key()).collect()
        };
        assert_eq!(due(30), [1, 2, 3]);
        assert_eq!(due(60), [4, 5]);
        timers.add(Time::from_millis(45), Entry::new(6, 0));
        assert_eq!(timers.next(), Time::from_millis(45));
        assert!(timers.heap.is_empty(), "it is the only one");
    }

    /// Whatever comes in whatever order, it is due as by a heap alone.
    #[test]
    fn queue_and_heap_are_one() {
        let mut state = 1_u64;
        let mut below = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % most
        };
        let (mut timers, mut plain) = (Timers::default(), BinaryHeap::new());
        let mut now = 0;
        for serial in 0..60_000 {
            // Crowds that stay, then nobody: both of them are swept, and run empty.
            let crowd = serial / 10_000 % 2 == 0;
            let at = Time::from_nanos(now + 1000 - below(if serial % 7 == 0 { 900 } else { 3 }));
            let entry = Entry::new(3, serial);
            timers.add(at, entry);
            plain.push(Reverse((at, entry)));
            now += if crowd { below(3) } else { 5 };
            while let Some((at, entry)) = timers.due(Time::from_nanos(now)) {
                let Reverse((first, _)) = *plain.peek().expect("as many");
                assert_eq!(at, first);
                plain.retain(|it| *it != Reverse((at, entry)));
            }
            assert_eq!(timers.next(), plain.peek().map_or(Time::NEVER, |Reverse((at, _))| *at));
            if below(50) == 0 {
                let is_live = |_: Time, entry: &Entry| !entry.serial.is_multiple_of(3);
                let swept = timers.len() > STALE + 200;
                timers.sweep(100, is_live);
                plain.retain(|Reverse((at, entry))| !swept || is_live(*at, entry));
            }
        }
    }

    #[test]
    fn what_nobody_waits_for_is_swept_out_when_it_is_most_of_all() {
        let mut timers = Timers::default();
        // Every other one comes in order.
        for at in (0..5000).map(|at| at ^ 1) {
            timers.add(Time::from_nanos(at.into()), Entry::new(0, at));
        }
        let is_live = |at: Time, entry: &Entry| {
            assert_eq!(at.as_nanos(), entry.serial.into());
            entry.serial % 100 == 7
        };
        timers.sweep(5000, is_live);
        assert_eq!(timers.len(), 5000, "not yet worth it");
        timers.sweep(50, is_live);
        let left: Vec<u32> = std::iter::from_fn(|| timers.due(Time::from_nanos(5000)))
            .map(|(_, entry)| entry.serial)
            .collect();
        assert!(left.iter().copied().eq((0..50).map(|n| n * 100 + 7)), "{left:?}");
    }
}
