//! An entry between being taken from the list and having its record.

use std::sync::Arc;

use fourstep_driver::Finished;
use fourstep_target::Target;

use crate::entry::Place;

/// An entry that was taken and has no record yet: under way, parked, or waiting to be tried again.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) place: Place,
    pub(crate) target: Arc<Target>,
    /// The key of its host, if it holds a slot of that. It keeps it while it waits for one of a prefix: others
    /// of that host have the same addresses, and would only wait there too.
    pub(crate) host: Option<u64>,
    /// Where these are limited, and it has met one.
    pub(crate) prefixes: Option<Box<Prefixes>>,
    /// The number of its last probe among those begun.
    pub(crate) began: u64,
    /// Whether that probe may dial.
    pub(crate) granted: bool,
    /// How many probes of it came to an end of their own.
    pub(crate) tries: u32,
    /// How many were begun after such an end.
    pub(crate) retries: u32,
    /// How many ended for want of something of this machine's.
    pub(crate) lacks: u32,
    /// What was seen so far; most have one hop and one try, and nothing is kept of those.
    pub(crate) seen: Option<Box<Seen>>,
}

/// The prefixes of an entry.
#[derive(Debug, Default)]
pub(crate) struct Prefixes {
    /// The keys of those that it holds a slot of.
    pub(crate) held: Vec<u64>,
    /// The keys of those that it has to take one of before it begins: from the last to the first.
    pub(crate) wanted: Vec<u64>,
}

/// What was seen of an entry so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The hops of the try under way.
    pub(crate) chain: Vec<Hop>,
    /// All hops of the last try that came to an end of its own.
    pub(crate) last: Vec<Hop>,
}

/// One hop, and the lines of its exchange.
pub(crate) type Hop = (Finished, Box<str>);

impl Held {
    pub(crate) fn new(place: Place, target: Arc<Target>) -> Held {
        Held {
            place,
            target,
            host: None,
            prefixes: None,
            began: 0,
            granted: false,
            tries: 0,
            retries: 0,
            lacks: 0,
            seen: None,
        }
    }

    /// Keeps a hop that others follow.
    pub(crate) fn keep_hop(&mut self, done: Finished, lines: &str) {
        self.seen.get_or_insert_default().chain.push((done, lines.into()));
    }

    /// Keeps the last hop of a try that is followed by another try.
    pub(crate) fn keep_try(&mut self, done: Finished, lines: &str) {
        let seen = self.seen.get_or_insert_default();
        seen.chain.push((done, lines.into()));
        seen.last = std::mem::take(&mut seen.chain);
    }

    /// Forgets the hops of a try that came to nothing.
    pub(crate) fn forget_try(&mut self) {
        if let Some(seen) = &mut self.seen {
            seen.chain.clear();
        }
    }

    /// Whether hops of the try under way were seen.
    pub(crate) fn is_within_chain(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| !seen.chain.is_empty())
    }

    /// Whether a try came to an end of its own.
    pub(crate) fn has_last(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| !seen.last.is_empty())
    }
}
