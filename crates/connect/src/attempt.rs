//! One attempt to connect.

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
