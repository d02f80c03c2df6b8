//! Who may begin: slots of hosts and prefixes.

use std::net::IpAddr;

use crate::held::Prefixes;
use crate::host::host_key;
use crate::prefix::prefix;
use crate::scan::{Next, Scan};
use crate::sink::Sink;

impl<S: Sink> Scan<S> {
    /// Whether a job may begin now, for its host's sake and, as far as its addresses are known, its
    /// prefixes'. When not, it waits there.
    ///
    /// Slots are taken in one order, the host's first, then those of prefixes by their keys: who
    /// waits for one holds only earlier ones, so no two wait for each other.
    #[inline]
    pub(super) fn admit(&mut self, key: usize) -> Next {
        if self.is_endless() {
            return Next::Begin(key);
        }
        self.admit_limited(key)
    }

    /// Whether neither hosts nor prefixes are limited.
    #[inline(always)]
    pub(super) fn is_endless(&self) -> bool {
        self.hosts.are_endless() && self.prefixes.are_endless()
    }

    fn admit_limited(&mut self, key: usize) -> Next {
        let Some(held) = self.held.get_mut(key) else { return Next::Look };
        if held.host.is_none() && !self.hosts.are_endless() {
            let host = host_key(held.target.host());
            if !self.hosts.take(host, key) {
                return Next::Look;
            }
            held.host = Some(host);
        }
        if self.prefixes.are_endless() {
            return Next::Begin(key);
        }
        if held.prefixes.is_none()
            && let Some(address) = held.target.host().address()
        {
            let wanted = vec![prefix(address)];
            held.prefixes = Some(Box::new(Prefixes { held: Vec::new(), wanted }));
        }
        if let Some(prefixes) = &mut held.prefixes {
            while let Some(wanted) = prefixes.wanted.last() {
                if !self.prefixes.take(*wanted, key) {
                    return Next::Look;
                }
                prefixes.held.extend(prefixes.wanted.pop());
            }
        }
        Next::Begin(key)
    }

    /// Gives back what a job holds; those that waited for it are ready.
    #[inline]
    pub(super) fn release(&mut self, host: Option<u64>, prefixes: Option<Box<Prefixes>>) {
        if host.is_some() || prefixes.is_some() {
            self.release_limited(host, prefixes);
        }
    }

    fn release_limited(&mut self, host: Option<u64>, prefixes: Option<Box<Prefixes>>) {
        if let Some(host) = host
            && let Some(next) = self.hosts.release(host)
        {
            if let Some(held) = self.held.get_mut(next) {
                held.host = Some(host);
            }
            self.ready.push_back(next);
        }
        if let Some(prefixes) = prefixes {
            prefixes.held.into_iter().for_each(|prefix| self.release_prefix(prefix));
        }
    }

    fn release_prefix(&mut self, prefix: u64) {
        let Some(next) = self.prefixes.release(prefix) else { return };
        let held = self.held.get_mut(next);
        if let Some(prefixes) = held.and_then(|held| held.prefixes.as_mut()) {
            prefixes.wanted.pop();
            prefixes.held.push(prefix);
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
        let lacking = |wanted: &&u64| !prefixes.held.contains(*wanted);
        let lacking: Vec<u64> = wanted.iter().filter(lacking).copied().collect();
        let full = lacking.iter().copied().find(|key| !slots.is_free(*key));
        let Some(full) = full.filter(|_| !is_under_way) else {
            lacking.iter().for_each(|key| slots.force(*key));
            prefixes.held.extend(lacking);
            held.granted = true;
            return true;
        };
        // It keeps what stands before the one that it waits for.
        let is_kept = |key: &u64| *key < full && wanted.binary_search(key).is_ok();
        let (kept, other): (Vec<_>, Vec<_>) = prefixes.held.drain(..).partition(is_kept);
        wanted.retain(|key| !kept.contains(key));
        wanted.reverse();
        **prefixes = Prefixes { held: kept, wanted };
        self.under_way -= 1;
        self.tally.bounced += 1;
        self.pace.give_back();
        // One is full, so this only waits.
        let _ = self.admit(key);
        other.into_iter().for_each(|prefix| self.release_prefix(prefix));
        false
    }
}
