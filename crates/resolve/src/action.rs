//! What the resolver asks of its driver, and what the driver tells it.

use std::net::SocketAddr;
use std::sync::Arc;

use fourstep_terms::Fault;

use crate::answer::{Answer, Family, Transport};
use crate::service::ServiceAnswer;

/// The asker's own number for what it asked; it comes back with each answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub usize);

/// A socket of the resolver's, numbered by it from 0 and never twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel(pub u32);

/// Which families an asker wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Families {
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
    /// Both, asked together and answered apart, as they come (RFC 8305 §3).
    Both,
}

impl Families {
    /// Whether it has `family` in it.
    pub const fn has(self, family: Family) -> bool {
        match self {
            Families::V4 => matches!(family, Family::V4),
            Families::V6 => matches!(family, Family::V6),
            Families::Both => true,
        }
    }
}

/// A question for addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The name: A-labels; a dot at the end makes it absolute, so that no search list applies.
    pub name: Box<str>,
    /// The port that will be connected to: an [`crate::Override`] may be for one port only.
    pub port: u16,
    /// The families wanted.
    pub families: Families,
    /// HTTPS records are wanted too (RFC 9460 §9): those of an https URL with this host and port.
    pub https: bool,
}

/// What the driver shall do, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Open a socket to `server`, from a source port of its own drawn at random (RFC 5452 §9.2).
    /// A UDP channel can be sent on at once; a TCP channel tells [`Input::Opened`] first.
    Open {
        /// Its number from now on.
        channel: Channel,
        /// Datagrams or a stream.
        transport: Transport,
        /// Where to.
        server: SocketAddr,
    },
    /// Send these octets: one datagram, or all of them into the stream.
    Send {
        /// Where.
        channel: Channel,
        /// The message; on TCP with its length before it (RFC 1035 §4.2.2).
        octets: Vec<u8>,
    },
    /// Close the socket. Every channel that was to be opened gets this once, also when it failed
    /// or was closed; no news of it is heeded afterwards.
    Close {
        /// Which.
        channel: Channel,
    },
    /// An asker's answer for one family.
    Answer {
        /// The asker's number.
        ticket: Ticket,
        /// The answer.
        answer: Arc<Answer>,
    },
    /// An asker's services, where it wanted them; the last time with `awaited` 0.
    Services {
        /// The asker's number.
        ticket: Ticket,
        /// All that is known now.
        answer: Arc<ServiceAnswer>,
    },
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// Time passed.
    Tick,
    /// A TCP channel is connected.
    Opened(Channel),
    /// Octets came.
    Received {
        /// On which channel.
        channel: Channel,
        /// Who sent them; on TCP the server.
        from: SocketAddr,
        /// A datagram, or a piece of the stream cut anywhere.
        octets: &'a [u8],
    },
    /// The peer closed the stream.
    Closed(Channel),
    /// The channel could not be opened, or failed later (also: its server's port refuses).
    Failed(Channel, Fault),
}
