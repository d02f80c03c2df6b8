//! From lines to entries: each in its place.

use std::sync::Arc;

use fourstep_target::{Scheme, Target};

use crate::block::Block;
use crate::entry::{Entry, Malformed, Place};
use crate::lines::Line;
use crate::mix::mix;
use crate::permutation::Permutation;
use crate::read::{self, Base, Meaning, Read, scheme_for};
use crate::shard::{address_hash, host_hash, line_hash};
use crate::sources::{Scope, Taken};

/// Counts the entries, gives those that are ours, and remembers how far it is with a line that
/// stands for several.
pub(crate) struct Unfold {
    scope: Scope,
    fold: Option<Fold>,
    /// The place of the last entry met.
    seq: u64,
    passed_over: u64,
    /// Whether the scope leaves every line what it is.
    takes_all_as_typed: bool,
}

/// A line that stands for several entries, not all met yet.
struct Fold {
    feed: u32,
    line: u64,
    /// Which of them is next, from 0, and which is the last.
    next: u128,
    last: u128,
    what: What,
}

enum What {
    /// The addresses of a block, each at each port, in a random order.
    Block(Block, Box<Permutation>),
    /// One host at each port, in their order; whether it is in our part of the list.
    Host { base: Base, is_ours: bool },
}

impl Unfold {
    pub(crate) fn new(scope: Scope) -> Unfold {
        let Scope { ports, scheme, done, seen, .. } = &scope;
        let takes_all = done.is_empty() && seen.is_empty();
        let takes_all_as_typed = takes_all && ports.is_empty() && scheme.is_none();
        Unfold { scope, fold: None, seq: 0, passed_over: 0, takes_all_as_typed }
    }

    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    pub(crate) fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// Whether a line is to be unfolded before another is read.
    pub(crate) fn is_folded(&self) -> bool {
        self.fold.is_some()
    }

    /// Takes a line: gives its entry, or remembers that it has several.
    pub(crate) fn read(&mut self, line: &Line<'_>) -> Option<Entry> {
        match read::meaning(line) {
            Meaning::Nothing => None,
            Meaning::Malformed(malformed) => {
                let place = self.meet(line)?;
                self.malformed(place, line, malformed)
            }
            Meaning::Block(block) => {
                self.fold(line, self.entries(&block), self.ordered(block));
                None
            }
            // What has its record is not even read; with ports, how many it stands for must be
            // known.
            Meaning::Target(typed) if self.scope.ports.is_empty() => {
                let place = self.meet(line)?;
                self.single(place, line, read::target(typed), typed.octets)
            }
            Meaning::Target(typed) => match read::target(typed) {
                Ok(target) if target.explicit_port().is_none() => {
                    let is_ours = self.scope.is_ours(|| host_hash(target.host()));
                    let base = Base::of(typed.octets, &target);
                    let last = self.scope.ports.len().saturating_sub(1);
                    self.fold(line, last as u128, What::Host { base, is_ours });
                    None
                }
                target => {
                    let place = self.meet(line)?;
                    self.single(place, line, target, typed.octets)
                }
            },
        }
    }

    /// Whether a line that is a target stands for that: with ports or another scheme its text is
    /// needed, what has its record is not even read, and a line that is being unfolded comes first.
    #[inline(always)]
    pub(crate) fn is_as_typed(&self) -> bool {
        self.takes_all_as_typed && self.fold.is_none()
    }

    /// Takes a line that stands for the target that it is; `None` when it is not ours.
    #[inline(always)]
    pub(crate) fn take(&mut self, feed: u32, line: u64, target: &Target) -> Option<Place> {
        self.seq += 1;
        if !self.scope.is_ours(|| host_hash(target.host())) {
            self.passed_over += 1;
            return None;
        }
        Some(Place { seq: self.seq, feed, line })
    }

    /// The next entry of the line that is unfolded; `None` when there is none of ours at hand.
    pub(crate) fn next(&mut self) -> Option<Entry> {
        self.pass_over_done();
        let Some(fold) = &mut self.fold else { return None };
        let index = fold.next;
        let place = Place { seq: self.seq.saturating_add(1), feed: fold.feed, line: fold.line };
        self.seq = place.seq;
        let scope = &self.scope;
        let entry = match &fold.what {
            What::Block(block, order) => {
                let number = order.at(index);
                let (number, port) = match (block.port, scope.ports.len() as u128) {
                    (Some(_), _) | (None, 0) => (number, None),
                    (None, 1) => (number, scope.ports.get(0)),
                    (None, ports) => {
                        let port = usize::try_from(number % ports).unwrap_or(usize::MAX);
                        (number / ports, scope.ports.get(port))
                    }
                };
                let address = block.address(number);
                scope.is_ours(|| address_hash(address)).then(|| {
                    let scheme = scheme_for(port, scope.scheme);
                    let port = port.map(|port| port.number).or(block.port);
                    let target = Arc::new(Target::of_address(scheme, address, port));
                    Entry { place, target: Ok(target) }
                })
            }
            What::Host { base, is_ours } => is_ours.then(|| {
                let port = usize::try_from(index).ok().and_then(|index| scope.ports.get(index));
                Entry { place, target: base.at(scheme_for(port, scope.scheme), port) }
            }),
        };
        self.advance(1);
        self.passed_over += u64::from(entry.is_none());
        entry
    }

    /// Passes over the entries of the fold, from its next one, that have their record: at once,
    /// however many they are.
    fn pass_over_done(&mut self) {
        let Some(fold) = &self.fold else { return };
        let next = self.seq.saturating_add(1);
        let Some(end) = self.scope.done.end_of(next) else { return };
        // Up to the next that is to be compared.
        let compared = self.scope.seen.range(next..).next().map(|(seq, _)| seq - 1);
        let end = compared.map_or(end, |before| end.min(before));
        let left = (fold.last - fold.next).saturating_add(1);
        let count = u64::try_from(left).map_or(end - self.seq, |left| left.min(end - self.seq));
        self.seq += count;
        self.passed_over += count;
        self.advance(count.into());
    }

    /// Goes on in the fold; ends it when it is through.
    fn advance(&mut self, count: u128) {
        let Some(fold) = &mut self.fold else { return };
        match fold.next.checked_add(count).filter(|next| *next <= fold.last) {
            Some(next) => fold.next = next,
            None => self.fold = None,
        }
    }

    fn fold(&mut self, line: &Line<'_>, last: u128, what: What) {
        let Line { feed, number, .. } = *line;
        self.fold = Some(Fold { feed, line: number, next: 0, last, what });
    }

    /// The number of the last entry of a block, from 0.
    fn entries(&self, block: &Block) -> u128 {
        match (block.port, self.scope.ports.len() as u128) {
            (Some(_), _) | (None, 0) => block.last(),
            // Of `::/0` not all are counted: no one lives to see the end.
            (None, ports) => block.last().saturating_mul(ports).saturating_add(ports - 1),
        }
    }

    /// A block in an order of its own.
    fn ordered(&self, block: Block) -> What {
        let tag = block.tag();
        #[expect(clippy::cast_possible_truncation, reason = "both halves go in")]
        let seed = mix(mix(self.scope.seed ^ mix(tag as u64)) ^ (tag >> 64) as u64);
        What::Block(block, Box::new(Permutation::new(self.entries(&block), seed)))
    }

    /// Whether a place has its record, and nothing is to be learnt from it.
    fn is_done(&self, seq: u64) -> bool {
        !self.scope.done.is_empty()
            && self.scope.done.contains(seq)
            && !self.scope.seen.contains_key(&seq)
    }

    /// What becomes of an entry: `None` when it has its record and is what that shows.
    pub(crate) fn compare(&mut self, entry: Entry) -> Option<Taken> {
        let seq = entry.place.seq;
        let Some(was) = self.scope.seen.remove(&seq) else { return Some(Taken::Entry(entry)) };
        let is = match &entry.target {
            Ok(target) => target.shown(),
            Err(malformed) => &malformed.shown,
        };
        if *is != *was {
            return Some(Taken::Other { seq, is: is.into(), was });
        }
        self.passed_over += 1;
        None
    }

    /// There are no more lines: what has its record must have been among them.
    pub(crate) fn end(&mut self) -> Taken {
        match self.scope.seen.split_off(&self.seq.saturating_add(1)).pop_first() {
            Some((seq, was)) => Taken::Other { seq, was, is: Box::default() },
            None => Taken::End,
        }
    }

    /// Counts one entry; `None` when it has its record.
    fn meet(&mut self, line: &Line<'_>) -> Option<Place> {
        self.seq += 1;
        if self.is_done(self.seq) {
            self.passed_over += 1;
            return None;
        }
        Some(Place { seq: self.seq, feed: line.feed, line: line.number })
    }

    /// A line that stands for one entry.
    fn single(
        &mut self,
        place: Place,
        line: &Line<'_>,
        target: Read,
        text: &[u8],
    ) -> Option<Entry> {
        let target = match target {
            Ok(target) => target,
            Err(error) => return self.malformed(place, line, error),
        };
        if !self.scope.is_ours(|| host_hash(target.host())) {
            self.passed_over += 1;
            return None;
        }
        // Without a scheme http was taken.
        let is_other = self.scope.scheme == Some(Scheme::Https) && target.scheme() == Scheme::Http;
        let target = match is_other {
            true => Base::of(text, &target).at(Scheme::Https, None),
            false => Ok(target),
        };
        Some(Entry { place, target })
    }

    /// A line that cannot be read, if it is ours.
    fn malformed(
        &mut self,
        place: Place,
        line: &Line<'_>,
        malformed: Box<Malformed>,
    ) -> Option<Entry> {
        if !self.scope.is_ours(|| line_hash(line.octets)) {
            self.passed_over += 1;
            return None;
        }
        Some(Entry { place, target: Err(malformed) })
    }
}
