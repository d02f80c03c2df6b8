//! What goes into one turn of the machine and what comes out of it.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;
use std::sync::Arc;

use fourstep_connect::Move;
use fourstep_resolve::{Answer, Query, ServiceAnswer};
use fourstep_terms::{Fault, Leg, Time};

use crate::route::Endpoint;
use crate::spare::Spare;

/// News for a probe. What it says of a leg that was hung up, or after the probe was done, is
/// ignored: it was on its way when we let go.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// Begin. Anything before it is ignored.
    Start,
    /// An answer to what [`Action::Ask`] asked: one for each family that was asked for.
    Answered {
        /// The answer.
        answer: &'a Arc<Answer>,
        /// For each address of the answer, in order, the one this machine would send from
        /// (RFC 6724 sorts by it); it may be empty or shorter when that is not known.
        sources: &'a [Option<IpAddr>],
    },
    /// What HTTPS records say, to a question that wanted them: when they are known, and anew each
    /// time that more is.
    Served {
        /// All that is known now.
        answer: &'a Arc<ServiceAnswer>,
    },
    /// A leg stands.
    Connected {
        /// Which.
        leg: Leg,
        /// This side's address; `None` for a unix socket.
        local: Option<SocketAddr>,
    },
    /// A leg failed: while it was dialled, written to or read from.
    Failed {
        /// Which.
        leg: Leg,
        /// How.
        fault: Fault,
    },
    /// The kernel took octets of the request. Its moment is the one just before the write that it
    /// took the last of them with: what a peer near by answers may be there before that returns.
    Sent {
        /// Which leg.
        leg: Leg,
        /// How many octets of all that it was given are still to be taken.
        left: usize,
    },
    /// Octets came in.
    Received {
        /// On which leg.
        leg: Leg,
        /// Borrowed for this turn only.
        octets: &'a [u8],
        /// When they came in, by the kernel's clock, if that is known: a caller with many legs
        /// to look after may read them long after. What cannot be is not believed.
        at: Option<Time>,
    },
    /// The peer will send no more: it closed its side.
    Closed {
        /// Of which leg.
        leg: Leg,
    },
    /// Time went by. An early tick does nothing.
    Tick,
    /// The user wants it over with.
    Interrupt,
}

/// What a probe asks its caller to do. An action that fails is news ([`Input::Failed`]), to be
/// fed after the whole list is done; nothing is fed in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Look a name up. At most one a probe.
    Ask(Query),
    /// Open a connection and call it by this leg.
    Dial(Leg, Endpoint),
    /// Write these octets of [`Actions::octets`] to a leg, after what it was given before: the
    /// request, or what TLS or a proxy must be told around it.
    Send(Leg, Range<usize>),
    /// Close a leg, and forget it.
    HangUp(Leg),
}

/// Where a probe writes what it asks for. The caller owns it, empties it each turn, and uses it
/// for the next probe: a probe at rest holds no queue and no buffer.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    /// What to do, in this order.
    pub list: Vec<Action>,
    /// The octets that [`Action::Send`] points into.
    pub octets: Vec<u8>,
    /// Which of them are credentials: to be sent, never shown.
    pub secrets: Vec<Range<usize>>,
    /// Memory for what a probe writes down.
    pub spare: Spare,
    /// Where a race writes in between what it asks for.
    pub(crate) moves: Vec<Move>,
}

impl Actions {
    /// Forgets what was asked for, keeps the room.
    pub fn clear(&mut self) {
        self.list.clear();
        self.octets.clear();
        self.secrets.clear();
    }
}

/// What the caller owes a probe after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// News, or a tick at this moment, whichever comes first.
    Wait(Time),
    /// Nothing: the report is ready and every leg was hung up.
    Done,
}
