//! So many at once for each of any number of things, and who waits for the next.

use std::collections::VecDeque;
use std::hash::{BuildHasherDefault, Hasher};

use slab::Slab;

/// Slots by key: hosts, or prefixes. Only those that are in use are remembered.
///
/// Whoever waits is handed the slot that another releases, so a newcomer cannot take it; and who
/// waits has waited for holders that go on, never for others that wait: see
/// [`Slots::release`].
#[derive(Debug)]
pub(crate) struct Slots {
    /// How many a key has.
    limit: u32,
    index: Index,
    in_use: Slab<Slot>,
}

/// The place of a key in the slab.
#[expect(clippy::disallowed_types, reason = "keys are keyed hashes already: nothing is drawn")]
type Index = std::collections::HashMap<u64, usize, BuildHasherDefault<AsItIs>>;

#[derive(Debug)]
struct Slot {
    key: u64,
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
        Slots { limit, index: Index::default(), in_use: Slab::new() }
    }

    /// Whether there is no limit.
    pub(crate) fn are_endless(&self) -> bool {
        self.limit == 0
    }

    /// Takes a slot of `key` for a job, if one is free: which one. If none is, the job waits.
    pub(crate) fn take(&mut self, key: u64, job: usize) -> Option<usize> {
        let at = self.place(key);
        let slot = self.in_use.get_mut(at)?;
        if slot.held < self.limit {
            slot.held += 1;
            return Some(at);
        }
        slot.waiting.push_back(job);
        None
    }

    /// Whether a slot of `key` is free.
    pub(crate) fn is_free(&self, key: u64) -> bool {
        let slot = self.index.get(&key).and_then(|at| self.in_use.get(*at));
        slot.is_none_or(|slot| slot.held < self.limit)
    }

    /// Takes a slot of `key`, free or not.
    pub(crate) fn force(&mut self, key: u64) -> usize {
        let at = self.place(key);
        if let Some(slot) = self.in_use.get_mut(at) {
            slot.held += 1;
        }
        at
    }

    /// Where a key's slots are, which are in use now.
    fn place(&mut self, key: u64) -> usize {
        let in_use = &mut self.in_use;
        let new = || in_use.insert(Slot { key, held: 0, waiting: VecDeque::new() });
        *self.index.entry(key).or_insert_with(new)
    }

    /// The key that a slot is of.
    pub(crate) fn key(&self, at: usize) -> Option<u64> {
        self.in_use.get(at).map(|slot| slot.key)
    }

    /// Gives a slot back. If a job waited for it, that holds it now: it must go on, or give it
    /// back.
    pub(crate) fn release(&mut self, at: usize) -> Option<usize> {
        let slot = self.in_use.get_mut(at)?;
        slot.held -= 1;
        if slot.held < self.limit
            && let Some(job) = slot.waiting.pop_front()
        {
            slot.held += 1;
            return Some(job);
        }
        if slot.held == 0 {
            let key = slot.key;
            self.index.remove(&key);
            self.in_use.remove(at);
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
        let (first, second) = (slots.take(7, 0).unwrap(), slots.take(7, 1).unwrap());
        assert_eq!(first, second, "two of one key");
        assert_eq!([slots.take(7, 2), slots.take(7, 3)], [None, None]);
        assert!(slots.take(8, 4).is_some(), "another key");
        assert_eq!(slots.release(first), Some(2));
        assert!(!slots.is_free(7), "it is held again");
        assert_eq!(slots.release(first), Some(3));
        assert_eq!(slots.release(first), None);
        assert_eq!(slots.release(first), None);
        assert!(slots.is_free(7));
        assert_eq!(slots.in_use.len(), 1, "what is not in use is forgotten");
        assert_eq!(slots.index.len(), 1);
    }

    #[test]
    fn what_was_forced_is_given_back_before_others_go_on() {
        let mut slots = Slots::new(1);
        let at = slots.force(7);
        assert_eq!(slots.force(7), at);
        assert_eq!(slots.take(7, 1), None);
        assert_eq!(slots.release(at), None, "one is still held");
        assert_eq!(slots.release(at), Some(1));
    }
}
