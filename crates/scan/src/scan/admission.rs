//! Who may begin: slots of hosts and prefixes.

use std::net::IpAddr;

use crate::held::Prefixes;
use crate::prefix::prefix;
use crate::scan::{Next, Scan};
use crate::shard::host_hash;
use crate::sink::Sink;

impl<S: Sink> Scan<S> {
    /// Whether a job may begin now, for its host's sake and, as far as its addresses are known, its
    /// prefixes'. When not, it waits there.
    ///
    /// Slots are taken in one order, the host's first, then those of prefixes by their keys: who
    /// waits for one holds only earlier ones, so no two wait for each other.
    #[inline]
    pub(super) fn admit(&mut self, key: usize) -> Next {
        if self.hosts.are_endless() && self.prefixes.are_endless() {
            return Next::Begin(key);
        }
        let Some(held) = self.held.get_mut(key) else { return Next::Look };
        if held.host.is_none() && !self.hosts.are_endless() {
            held.host = self.hosts.take(host_hash(held.target.host()), key);
            if held.host.is_none() {
                return Next::Look;
            }
        }
        if self.prefixes.are_endless() {
            return Next::Begin(key);
        }
        if held.prefixes.is_none()
            && let Some(address) = held.target.host().address()
        {
            let wanted = vec![prefix(address)];
            held.prefixes = Some(Box::new(Prefixes { slots: Vec::new(), wanted }));
        }
        if let Some(prefixes) = &mut held.prefixes {
            while let Some(wanted) = prefixes.wanted.last() {
                let Some(slot) = self.prefixes.take(*wanted, key) else { return Next::Look };
                prefixes.wanted.pop();
                prefixes.slots.push(slot);
            }
        }
        Next::Begin(key)
    }

    /// Gives back what a job holds; those that waited for it are ready.
    pub(super) fn release(&mut self, host: Option<usize>, prefixes: Option<Box<Prefixes>>) {
        if let Some(slot) = host
            && let Some(next) = self.hosts.release(slot)
        {
            if let Some(held) = self.held.get_mut(next) {
                held.host = Some(slot);
            }
            self.ready.push_back(next);
        }
        if let Some(prefixes) = prefixes {
            prefixes.slots.into_iter().for_each(|slot| self.release_prefix(slot));
        }
    }

    fn release_prefix(&mut self, slot: usize) {
        let Some(next) = self.prefixes.release(slot) else { return };
        let held = self.held.get_mut(next);
        if let Some(prefixes) = held.and_then(|held| held.prefixes.as_mut()) {
            prefixes.wanted.pop();
            prefixes.slots.push(slot);
        }
        self.ready.push_back(next);
    }

    /// Whether a job whose name has these addresses may dial them. When not, it is taken back, and
    /// begins again when it holds a slot of each of their prefixes, since any may be dialled; the
    /// answer is cached by then, and if it is another one nevertheless, the job waits again.
    ///
    /// A second answer, or a later hop, does not stop what is under way.
    pub(super) fn may_reach(&mut self, key: usize, addresses: &[IpAddr]) -> bool {
        let Some(held) = self.held.get_mut(key) else { return true };
        let slots = &mut self.prefixes;
        let mut wanted: Vec<u64> = addresses.iter().map(|address| prefix(*address)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let is_under_way = held.granted || held.is_within_chain();
        let prefixes = held.prefixes.get_or_insert_default();
        let lacks = |key: &u64| prefixes.slots.iter().all(|slot| slots.key(*slot) != Some(*key));
        let lacking: Vec<u64> = wanted.iter().copied().filter(lacks).collect();
        let full = lacking.iter().copied().find(|key| !slots.is_free(*key));
        let Some(full) = full.filter(|_| !is_under_way) else {
            prefixes.slots.extend(lacking.into_iter().map(|key| slots.force(key)));
            held.granted = true;
            return true;
        };
        // It keeps what stands before the one that it waits for.
        let is_kept = |slot: &usize| {
            let key = slots.key(*slot);
            key.is_some_and(|key| key < full && wanted.binary_search(&key).is_ok())
        };
        let (kept, other): (Vec<_>, Vec<_>) = prefixes.slots.drain(..).partition(is_kept);
        wanted.retain(|key| kept.iter().all(|slot| slots.key(*slot) != Some(*key)));
        wanted.reverse();
        **prefixes = Prefixes { slots: kept, wanted };
        self.under_way -= 1;
        self.tally.bounced += 1;
        self.pace.give_back();
        // One is full, so this only waits.
        let _ = self.admit(key);
        other.into_iter().for_each(|slot| self.release_prefix(slot));
        false
    }
}
