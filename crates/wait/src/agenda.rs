//! Which target is looked at when.

use std::collections::BTreeSet;
use std::time::Duration;

use fourstep_terms::Time;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// Probe this target now.
    Look {
        /// Its place among the targets, from 0.
        target: usize,
        /// How long that may take; [`Duration::MAX`]: as long as it does.
        within: Duration,
    },
    /// Nothing before this moment, unless a look ends first; with [`Time::NEVER`] only then.
    Rest(Time),
    /// Nothing any more: what is under way is of no use.
    Over,
}

/// The moments at which targets want to be looked at. A target stands in it once at most, and not
/// while it is looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agenda(BTreeSet<(Time, usize)>);

impl Agenda {
    /// All of them, at this moment.
    pub(crate) fn new(now: Time, targets: usize) -> Agenda {
        Agenda((0..targets).map(|target| (now, target)).collect())
    }

    pub(crate) fn add(&mut self, at: Time, target: usize) {
        self.0.insert((at, target));
    }

    /// The next moment; [`Time::NEVER`] when there is none.
    pub(crate) fn next(&self) -> Time {
        self.0.first().map_or(Time::NEVER, |(at, _)| *at)
    }

    /// One target whose moment has come, and that moment.
    pub(crate) fn take(&mut self, now: Time) -> Option<(Time, usize)> {
        if self.next() > now {
            return None;
        }
        self.0.pop_first()
    }
}
