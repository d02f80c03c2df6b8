//! One attempt to connect, and the room where attempts are kept.

use crate::sort::{Candidate, Rank};
use fourstep_terms::{Fault, FaultKind, Leg, Time};
use std::net::SocketAddr;

/// One attempt to connect, as it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its number: the place in [`crate::Race::attempts`].
    pub leg: Leg,
    /// Where to.
    pub address: SocketAddr,
    /// When it was dialled.
    pub started: Time,
    /// When and how it ended; `None` while it runs.
    pub end: Option<End>,
    /// Where RFC 6724 puts the address.
    pub(crate) rank: Rank,
}

/// When and how an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Time,
    /// How.
    pub how: Ended,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It connected, the first of all.
    Won,
    /// It failed.
    Failed(Fault),
    /// The race's time ran out while it was under way.
    Silent,
    /// It was hung up because another one won.
    Abandoned,
}

impl Attempt {
    /// An address that waits to be dialled.
    pub(crate) fn waiting(candidate: &Candidate) -> Attempt {
        Attempt {
            leg: Leg(0),
            address: candidate.address,
            started: Time::NEVER,
            end: None,
            rank: Rank::of(candidate),
        }
    }

    /// When it ended; `None` while it runs.
    pub fn ended(&self) -> Option<Time> {
        self.end.map(|end| end.at)
    }

    /// Whether the kernel turned it down for want of a route, so that nothing was sent.
    pub(crate) fn unsent(&self) -> bool {
        let how = self.end.map(|end| end.how);
        self.rank.unusable
            && matches!(how, Some(Ended::Failed(Fault { kind: FaultKind::Unreachable, .. })))
    }
}

/// The attempts of a race: the first one needs no heap, and most races have no other.
#[derive(Clone, Debug)]
pub(crate) enum Seats {
    One(Attempt),
    Many(Vec<Attempt>),
}

impl Default for Seats {
    fn default() -> Seats {
        Seats::Many(Vec::new())
    }
}

impl Seats {
    pub(crate) fn as_slice(&self) -> &[Attempt] {
        match self {
            Seats::One(attempt) => std::slice::from_ref(attempt),
            Seats::Many(attempts) => attempts,
        }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [Attempt] {
        match self {
            Seats::One(attempt) => std::slice::from_mut(attempt),
            Seats::Many(attempts) => attempts,
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Attempt> {
        match self {
            Seats::One(attempt) => vec![attempt],
            Seats::Many(attempts) => attempts,
        }
    }

    pub(crate) fn truncate(&mut self, most: usize) {
        match self {
            Seats::One(_) if most == 0 => *self = Seats::default(),
            Seats::One(_) => {}
            Seats::Many(attempts) => attempts.truncate(most),
        }
    }
}
