//! So many at once for each of any number of things, and who waits for the next.

use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

/// Slots by key: hosts, or prefixes. Only those that are in use are remembered.
///
/// Whoever waits is handed the slot that another releases, so a newcomer cannot take it; and who
/// waits has waited for holders that go on, never for others that wait: see
/// [`Slots::release`].
#[derive(Debug)]
pub(crate) struct Slots {
    /// How many a key has.
    limit: u32,
    in_use: InUse,
}

#[expect(clippy::disallowed_types, reason = "keys are mixed already: nothing is drawn")]
type InUse = std::collections::HashMap<u64, Slot, BuildHasherDefault<AsItIs>>;

#[derive(Debug, Default)]
struct Slot {
    /// How many are held: at least 1, and more than the limit only by force.
    held: u32,
    /// Who waits; nobody, as long as fewer than the limit are held.
    waiting: VecDeque<usize>,
}

/// A key is its own hash.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, octets: &[u8]) {
        octets.iter().for_each(|octet| self.0 = self.0.rotate_left(8) ^ u64::from(*octet));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Slots {
    /// So many for each key; 0: no limit, and nothing is counted.
    pub(crate) fn new(limit: u32) -> Slots {
        Slots { limit, in_use: InUse::default() }
    }

    /// Whether there is no limit.
    pub(crate) fn are_endless(&self) -> bool {
        self.limit == 0
    }

    /// Takes a slot of `key` for a job, if one is free. If none is, the job waits.
    pub(crate) fn take(&mut self, key: u64, job: usize) -> bool {
        let slot = self.in_use.entry(key).or_default();
        let is_free = slot.held < self.limit;
        match is_free {
            true => slot.held += 1,
            false => slot.waiting.push_back(job),
        }
        is_free
    }

    /// Whether a slot of `key` is free.
    pub(crate) fn is_free(&self, key: u64) -> bool {
        self.in_use.get(&key).is_none_or(|slot| slot.held < self.limit)
    }

    /// Takes a slot of `key`, free or not.
    pub(crate) fn force(&mut self, key: u64) {
        self.in_use.entry(key).or_default().held += 1;
    }

    /// Gives a slot of `key` back. If a job waited for it, that holds it now: it must go on, or give
    /// it back.
    pub(crate) fn release(&mut self, key: u64) -> Option<usize> {
        let Entry::Occupied(mut entry) = self.in_use.entry(key) else { return None };
        let slot = entry.get_mut();
        slot.held -= 1;
        if slot.held < self.limit
            && let Some(job) = slot.waiting.pop_front()
        {
            slot.held += 1;
            return Some(job);
        }
        if slot.held == 0 {
            entry.remove();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_goes_to_whoever_waited_longest() {
        let mut slots = Slots::new(2);
        assert_eq!([0, 1, 2, 3].map(|job| slots.take(7, job)), [true, true, false, false]);
        assert!(slots.take(8, 4), "another key");
        assert_eq!(slots.release(7), Some(2));
        assert!(!slots.is_free(7), "it is held again");
        assert_eq!(slots.release(7), Some(3));
        assert_eq!(slots.release(7), None);
        assert_eq!(slots.release(7), None);
        assert!(slots.is_free(7));
        assert_eq!(slots.in_use.len(), 1, "what is not in use is forgotten");
    }

    #[test]
    fn what_was_forced_is_given_back_before_others_go_on() {
        let mut slots = Slots::new(1);
        slots.force(7);
        slots.force(7);
        assert!(!slots.take(7, 1));
        assert_eq!(slots.release(7), None, "one is still held");
        assert_eq!(slots.release(7), Some(1));
    }
}
