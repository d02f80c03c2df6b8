//! What is to happen, in the order of its moments.

use std::collections::BTreeMap;

use fourstep_terms::Time;

/// Events and their moments; of those at one moment, the first added comes first.
pub(crate) struct Schedule<E> {
    events: BTreeMap<(Time, u64), E>,
    added: u64,
}

impl<E> Default for Schedule<E> {
    fn default() -> Schedule<E> {
        Schedule { events: BTreeMap::new(), added: 0 }
    }
}

impl<E> Schedule<E> {
    pub(crate) fn add(&mut self, at: Time, event: E) {
        self.events.insert((at, self.added), event);
        self.added += 1;
    }

    /// The moment of the next event; never, when there is none.
    pub(crate) fn next(&self) -> Time {
        self.events.first_key_value().map_or(Time::NEVER, |((at, _), _)| *at)
    }

    pub(crate) fn take(&mut self) -> Option<E> {
        self.events.pop_first().map(|(_, event)| event)
    }
}
