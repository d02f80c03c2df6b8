//! From octets to entries.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use fourstep_target::{Scheme, Target};

use crate::done::Done;
use crate::entry::{Entry, Place};
use crate::feed::Feed;
use crate::lines::{Lines, Read};
use crate::ports::Ports;
use crate::shard::Shard;
use crate::unfold::Unfold;

/// Lines read and entries passed over before others get their turn.
const STEPS: usize = 256;

/// How many targets are kept that nobody needs any more: some turns of the loop end more probes than
/// they begin.
const SPARE: usize = 64;

/// One with more room for text than this is not kept.
const SPARE_OCTETS: usize = 128;

/// What of the list is probed.
///
/// A scan that is resumed must be given the same list, `ports`, `scheme` and `seed`, since the
/// places of entries follow from them. `shard` and `done` leave entries out and move none.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The ports of entries that have none.
    pub ports: Ports,
    /// How entries without a scheme are spoken to. `None`: by http, and at port 443 of `ports` by
    /// https.
    pub scheme: Option<Scheme>,
    /// Decides the order in which the addresses of blocks are visited.
    pub seed: u64,
    /// The part of the list that is ours; `None`: all of it.
    pub shard: Option<Shard>,
    /// What has its record already.
    pub done: Done,
    /// What some of these are, as their records show it: a list that has something else there is
    /// another list, and its other places cannot be trusted either.
    pub seen: BTreeMap<u64, Box<str>>,
}

impl Scope {
    /// Whether what has this hash is in our part of the list. Most lists are probed as a whole, and
    /// then nothing is hashed.
    pub(crate) fn is_ours(&self, hash: impl FnOnce() -> u64) -> bool {
        self.shard.is_none_or(|shard| shard.holds(hash()))
    }
}

/// What the list has next.
#[derive(Debug)]
pub enum Taken {
    /// This entry.
    Entry(Entry),
    /// Much was passed over; ask again when others have had their turn.
    Pause,
    /// Nothing yet: the input has not come.
    Later,
    /// This is not the list that the records are of. Nothing is taken any more.
    Other {
        /// The place that tells.
        seq: u64,
        /// What its record shows.
        was: Box<str>,
        /// What the list has there; empty when it ends before.
        is: Box<str>,
    },
    /// An input cannot be read on. Nothing is taken any more: the places behind are not known.
    Failed {
        /// Which, from 0.
        feed: u32,
        /// Why.
        error: io::Error,
    },
    /// Nothing more.
    End,
}

/// A line that stands for the target that it is.
enum Typed {
    Ours(Place, Arc<Target>),
    NotOurs,
}

/// The list: any number of inputs, one after the other, read as they come.
pub struct Sources {
    lines: Lines,
    entries: Unfold,
    /// Targets that nobody needs any more: those to come are read into their memory.
    spare: Vec<Arc<Target>>,
}

impl Sources {
    /// The inputs in their order.
    pub fn new(feeds: Vec<Box<dyn Feed>>, scope: Scope) -> Sources {
        let spare = Vec::with_capacity(SPARE);
        Sources { lines: Lines::new(feeds), entries: Unfold::new(scope), spare }
    }

    /// What the list has next.
    #[expect(clippy::should_implement_trait, reason = "it may have nothing yet, and go on")]
    pub fn next(&mut self) -> Taken {
        match self.next_as_typed() {
            Some((place, target)) => Taken::Entry(Entry { place, target: Ok(target) }),
            None => self.next_of_any(),
        }
    }

    /// The same, where a line of ours that stands for the target that it is comes next, as nearly
    /// always; `None` says nothing.
    #[inline(always)]
    pub(crate) fn next_as_typed(&mut self) -> Option<(Place, Arc<Target>)> {
        match self.read_as_typed()? {
            Typed::Ours(place, target) => Some((place, target)),
            Typed::NotOurs => None,
        }
    }

    /// `None`: the next line, if there is one, is read by those who look at each part.
    #[inline(always)]
    fn read_as_typed(&mut self) -> Option<Typed> {
        if !self.entries.is_as_typed() {
            return None;
        }
        let (feed, line, target) = self.lines.next_target(&mut self.spare)?;
        if let Some(place) = self.entries.take(feed, line, &target) {
            return Some(Typed::Ours(place, target));
        }
        self.keep(target);
        Some(Typed::NotOurs)
    }

    /// Whatever comes next.
    #[inline(never)]
    fn next_of_any(&mut self) -> Taken {
        for _ in 0..STEPS {
            match self.read_as_typed() {
                Some(Typed::Ours(place, target)) => {
                    return Taken::Entry(Entry { place, target: Ok(target) });
                }
                Some(Typed::NotOurs) => continue,
                None => {}
            }
            let entry = if self.entries.is_folded() {
                self.entries.next()
            } else {
                match self.lines.next() {
                    Read::Line(line) => self.entries.read(&line),
                    Read::Nothing => None,
                    Read::Later => return Taken::Later,
                    Read::Failed(feed, error) => return Taken::Failed { feed, error },
                    Read::End => return self.entries.end(),
                }
            };
            if let Some(taken) = entry.and_then(|entry| self.entries.compare(entry)) {
                return taken;
            }
        }
        Taken::Pause
    }

    /// Keeps the memory of a target that nobody needs any more.
    #[inline(always)]
    pub(crate) fn keep(&mut self, target: Arc<Target>) {
        if self.spare.len() < self.spare.capacity() && target.room() <= SPARE_OCTETS {
            self.spare.push(target);
        } else {
            let_go(target);
        }
    }

    /// How many entries were met so far, those passed over included: the place of the last.
    pub fn seq(&self) -> u64 {
        self.entries.seq()
    }

    /// How many entries were passed over: other shards', and those that have their record.
    pub fn passed_over(&self) -> u64 {
        self.entries.passed_over()
    }

    /// Whether nothing is left to take.
    pub fn is_over(&self) -> bool {
        !self.entries.is_folded() && self.lines.is_over()
    }
}

/// Apart, so that whoever keeps one has nothing to undo.
#[inline(never)]
fn let_go(target: Arc<Target>) {
    drop(target);
}
