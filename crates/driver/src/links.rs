//! The sockets of legs: one link each, in one slab for the loop.

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::time::SystemTime;

use fourstep_probe::{Endpoint, Parting, Tcp};
use fourstep_socket::{self as socket, Options, Stream};
use fourstep_terms::{Clock as Whose, Fault, Leg, TcpInfo, Time};
use mio::event::Event;
use mio::{Interest, Registry, Token};
use slab::Slab;

use crate::clock::Clock;

/// One leg of one probe, as a socket.
pub(crate) struct Link {
    /// The probe's place in the loop.
    pub(crate) owner: usize,
    pub(crate) leg: Leg,
    /// Whether the connection stands; until then readiness is news of the dialling.
    pub(crate) up: bool,
    /// Its name with the poll.
    token: Token,
    stream: Stream,
    /// What the kernel had measured when the connection stood.
    connected: Option<TcpInfo>,
    /// What is to be sent, and how many octets of it the kernel has taken.
    outgoing: Vec<u8>,
    taken: usize,
    /// What writing met: told when all that the peer wrote has been read.
    fault: Option<Fault>,
}

/// What a read brought.
pub(crate) enum Got {
    /// So many octets, and when they came in, by the wall clock, if the kernel said so.
    Octets(usize, Option<SystemTime>),
    Nothing,
    End,
    Failed(Fault),
}

/// What the poll says of a link.
#[derive(Clone, Copy)]
pub(crate) struct Ready {
    /// There may be something to read, or to be told by reading.
    pub(crate) to_read: bool,
    /// It can be written to and nothing failed: a link that was not up stands.
    stands: bool,
}

impl Ready {
    /// It was left with something to read.
    pub(crate) const HUNGRY: Ready = Ready { to_read: true, stands: false };

    pub(crate) fn of(event: &Event) -> Ready {
        let failed = event.is_error() || event.is_write_closed();
        Ready {
            to_read: event.is_readable() || event.is_read_closed() || failed,
            stands: event.is_writable() && !failed,
        }
    }
}

/// Every link of the loop.
pub(crate) struct Links {
    slab: Slab<Link>,
    /// Whose clock tells when octets came in.
    clock: Whose,
    /// Counts the links.
    serial: usize,
}

impl Links {
    pub(crate) fn new(clock: Whose) -> Links {
        Links { slab: Slab::new(), clock, serial: 0 }
    }

    /// Dials, and has the poll watch: the key of the new link.
    pub(crate) fn dial(
        &mut self,
        owner: usize,
        leg: Leg,
        to: &Endpoint,
        options: &Options,
        registry: &Registry,
    ) -> Result<usize, Fault> {
        let mut stream = match to {
            Endpoint::Ip(address) => socket::dial(*address, options)?,
            Endpoint::Unix(path) => socket::dial_unix(path)?,
        };
        let place = self.slab.vacant_entry();
        let key = place.key();
        self.serial = self.serial.wrapping_add(1);
        let token = token(key, self.serial);
        registry
            .register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)
            .map_err(|error| socket::fault(&error))?;
        place.insert(Link {
            owner,
            leg,
            up: false,
            token,
            stream,
            connected: None,
            outgoing: Vec::new(),
            taken: 0,
            fault: None,
        });
        Ok(key)
    }

    pub(crate) fn get(&mut self, key: usize) -> Option<&mut Link> {
        self.slab.get_mut(key)
    }

    /// The key of the link that the poll tells of; `None` when that was hung up, in the same turn
    /// or, where a child of this process holds its descriptor as well, any time ago.
    pub(crate) fn told_of(&self, token: Token) -> Option<usize> {
        let key = token.0 & KEY;
        self.slab.get(key).filter(|link| link.token == token).map(|_| key)
    }

    /// Notes that a link stands, and what is known of it then: this side's address.
    pub(crate) fn stand(&mut self, key: usize) -> Option<SocketAddr> {
        let link = self.slab.get_mut(key)?;
        link.up = true;
        if self.clock == Whose::Kernel {
            link.connected = link.stream.tcp_info();
            // Without stamps our own clock tells.
            let _ = link.stream.stamp();
        }
        link.stream.local_addr()
    }

    /// Closes a link, and with that the poll forgets it: what the kernel measured of it, if it
    /// stood.
    pub(crate) fn hang_up(&mut self, key: usize, parting: Parting) -> Option<Tcp> {
        let link = self.slab.try_remove(key)?;
        let measured = link
            .connected
            .and_then(|connected| link.stream.tcp_info().map(|ended| Tcp { connected, ended }));
        link.stream.hang_up(matches!(parting, Parting::Reset));
        measured
    }
}

impl Link {
    /// What has become of the dialling; `None` while it goes on.
    ///
    /// A socket that can be written to and met no error is connected; only else is the system
    /// asked.
    pub(crate) fn outcome(&self, ready: Ready) -> Option<Result<(), Fault>> {
        if ready.stands { Some(Ok(())) } else { self.stream.outcome() }
    }

    /// Writes octets, and keeps what the kernel does not take: how many are left, and the moment
    /// just before the last was taken.
    pub(crate) fn send(&mut self, octets: &[u8], clock: &Clock) -> (usize, Time) {
        self.outgoing.extend_from_slice(octets);
        self.send_more(clock)
    }

    /// Writes more of what was kept; as [`Link::send`].
    pub(crate) fn send_more(&mut self, clock: &Clock) -> (usize, Time) {
        let rest = self.outgoing.get(self.taken..).unwrap_or_default();
        let (taken, at, fault) = write(&mut self.stream, rest, clock);
        self.fault = self.fault.or(fault);
        self.taken += taken;
        let left = self.outgoing.len().saturating_sub(self.taken);
        if left == 0 {
            (self.outgoing, self.taken) = (Vec::new(), 0);
        }
        (left, at)
    }

    /// Whether the kernel still has octets to take.
    pub(crate) fn is_sending(&self) -> bool {
        !self.outgoing.is_empty() && self.fault.is_none()
    }

    /// What writing met.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Reads once.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Got {
        loop {
            return match self.stream.receive(buffer) {
                Ok((0, _)) => Got::End,
                Ok((octets, at)) => Got::Octets(octets, at),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => continue,
                    ErrorKind::WouldBlock => Got::Nothing,
                    _ => Got::Failed(socket::fault(&error)),
                },
            };
        }
    }
}

/// The part of a token that is a link's key; the rest is its number, so that news of a link is not
/// taken for that of the next one with its key.
const KEY: usize = usize::MAX >> (usize::BITS / 2);

fn token(key: usize, serial: usize) -> Token {
    // Below all tokens of channels: see there.
    Token((serial << KEY.count_ones() | key) & (usize::MAX >> 2))
}

/// Writes until all is taken or the kernel takes no more: how many octets it took, the moment
/// just before it took the last, and what stopped it for good.
fn write(stream: &mut Stream, octets: &[u8], clock: &Clock) -> (usize, Time, Option<Fault>) {
    let (mut taken, mut at) = (0, None);
    while let Some(rest) = octets.get(taken..).filter(|rest| !rest.is_empty()) {
        let now = clock.now();
        match stream.write(rest) {
            Ok(0) => break,
            Ok(some) => (taken, at) = (taken + some, Some(now)),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return (taken, at.unwrap_or(now), Some(socket::fault(&error))),
        }
    }
    (taken, at.unwrap_or_else(|| clock.now()), None)
}
