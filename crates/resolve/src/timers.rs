//! When each exchange has had its time.

use std::collections::VecDeque;

use fourstep_terms::Time;

use crate::channels::Key;

/// The deadlines, soonest first, the older exchange first at the same moment.
///
/// All wait equally long ([`crate::Config::timeout`]), so that a new one belongs at the end: a queue
/// that is sorted by itself. Nothing is taken out when its exchange is over or waits anew; what came
/// to nothing so is passed over at the front, and swept out when it is the greater part.
#[derive(Default)]
pub(crate) struct Timers(VecDeque<(Time, Key)>);

impl Timers {
    /// Has `key` wait until `due`.
    pub(crate) fn put(&mut self, due: Time, key: Key) {
        let before = self.0.iter().rev().take_while(|it| **it > (due, key)).count();
        self.0.insert(self.0.len() - before, (due, key));
    }

    /// The soonest; what is not waited for any more must have been passed over.
    pub(crate) fn first(&self) -> Option<(Time, Key)> {
        self.0.front().copied()
    }

    /// Whether most of them wait for nobody.
    pub(crate) fn is_crowded(&self, live: usize) -> bool {
        self.0.len() > 2 * live + SLACK
    }

    /// Passes over what is not waited for any more, by `is_live`, of which there are `live`.
    pub(crate) fn pass(&mut self, live: usize, is_live: impl Fn(Time, Key) -> bool) {
        while let Some(&(due, key)) = self.0.front()
            && !is_live(due, key)
        {
            self.0.pop_front();
        }
        if self.is_crowded(live) {
            self.0.retain(|it| is_live(it.0, it.1));
        }
    }
}

/// So few are not worth a sweep.
const SLACK: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soonest_that_is_live_comes_first() {
        let at = Time::from_millis;
        let mut timers = Timers::default();
        for (due, key) in [(5, 1), (5, 2), (7, 3), (6, 4), (5, 0)] {
            timers.put(at(due), key);
        }
        let mut order = vec![];
        while let Some((due, key)) = timers.first() {
            order.push((due, key));
            timers.pass(5, |_, it| !order.iter().any(|(_, key)| *key == it));
        }
        assert_eq!(order, [(at(5), 0), (at(5), 1), (at(5), 2), (at(6), 4), (at(7), 3)]);
    }

    #[test]
    fn what_came_to_nothing_is_swept_out() {
        let mut timers = Timers::default();
        (0..1_000).for_each(|key| timers.put(Time::from_millis(1), key));
        timers.pass(1, |_, key| key == 0);
        assert_eq!(timers.0.len(), 1);
    }
}
