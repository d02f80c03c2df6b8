//! One leg of one probe, as a socket.

use std::io::{self, ErrorKind, Write};
use std::net::SocketAddr;

use fourstep_probe::Tcp;
use fourstep_resolve::Family;
use fourstep_socket::{self as socket, Options, Stamp, Stream};
use fourstep_terms::{Clock as Whose, Fault, Leg, Time};
use mio::Token;
use mio::event::Event;

use crate::clock::Clock;
use crate::gauge::Gauge;
use crate::links::{self, Key};

/// One leg of one probe, as a socket.
pub(crate) struct Link {
    /// The probe's place in the loop.
    owner: u32,
    pub(crate) leg: Leg,
    pub(crate) state: State,
    /// Where its socket may serve again; `None`: nowhere.
    pub(crate) again: Option<Family>,
    /// Whether its socket has served before.
    used: bool,
    /// Which of the sockets that have had its place: a part of its name with the poll.
    pub(crate) serial: u32,
    stream: Stream,
    /// What the kernel measures of the connection.
    gauge: Gauge,
    /// What the kernel did not take: next to never anything.
    outgoing: Option<Box<Outgoing>>,
}

/// How far the socket of a link is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Readiness is news of the dialling.
    Dialled,
    /// The connection stands.
    Up,
    /// Its connection is gone, and it waits for the next one; it is nobody's.
    Spare,
}

/// What is still to be sent.
struct Outgoing {
    octets: Vec<u8>,
    /// How many of them the kernel has taken.
    taken: usize,
    /// What writing met: told when all that the peer wrote has been read.
    fault: Option<Fault>,
}

/// What a read brought.
pub(crate) enum Got {
    /// So many octets, and when they came in, if the kernel said so.
    Octets(usize, Option<Stamp>),
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

impl Link {
    /// A socket that is being dialled, and where it may serve again.
    pub(crate) fn new(
        owner: usize,
        leg: Leg,
        stream: Stream,
        serial: u32,
        again: Option<Family>,
    ) -> Link {
        Link {
            owner: place(owner),
            leg,
            state: State::Dialled,
            again,
            used: false,
            serial,
            stream,
            gauge: Gauge::default(),
            outgoing: None,
        }
    }

    /// Dials anew.
    #[inline(always)]
    pub(crate) fn redial(
        &mut self,
        owner: usize,
        leg: Leg,
        to: SocketAddr,
        options: &Options,
    ) -> Result<(), Fault> {
        self.stream.redial(to, options)?;
        (self.owner, self.leg, self.state, self.used) = (place(owner), leg, State::Dialled, true);
        Ok(())
    }

    /// Notes that the connection stands, and what is known of it then: this side's address.
    pub(crate) fn stand(&mut self, clock: Whose) -> Option<SocketAddr> {
        self.state = State::Up;
        if clock == Whose::Kernel {
            self.gauge = Gauge::stands(self.stream.tcp_info());
            // Without stamps our own clock tells.
            let _ = self.stream.stamp();
        }
        self.stream.local_addr()
    }

    /// What the kernel has measured of the connection, if it stood.
    pub(crate) fn measured(&self) -> Option<Tcp> {
        self.gauge.ended(self.used, || self.stream.tcp_info())
    }

    /// Takes the connection out of its socket, with a reset; an error: this system cannot.
    pub(crate) fn empty(&mut self) -> io::Result<()> {
        self.stream.dissolve()?;
        (self.state, self.gauge, self.outgoing) = (State::Spare, Gauge::default(), None);
        Ok(())
    }

    /// Closes the socket, and with that the poll forgets it.
    pub(crate) fn hang_up(self, reset: bool) {
        self.stream.hang_up(reset);
    }

    /// Its name with the poll, as the link with this key.
    pub(crate) fn token(&self, key: Key) -> Token {
        links::token(key, self.serial)
    }

    /// The probe's place in the loop.
    pub(crate) fn owner(&self) -> usize {
        usize::try_from(self.owner).unwrap_or(usize::MAX)
    }

    /// Whether the connection stands; until then readiness is news of the dialling.
    pub(crate) fn is_up(&self) -> bool {
        self.state == State::Up
    }

    /// What has become of the dialling; `None` while it goes on.
    ///
    /// A socket that can be written to and met no error is connected; only else is the system
    /// asked.
    pub(crate) fn outcome(&self, ready: Ready) -> Option<Result<(), Fault>> {
        if ready.stands { Some(Ok(())) } else { self.stream.outcome() }
    }

    /// Writes octets, and keeps what the kernel does not take: how many are left, and the moment
    /// just before the last was taken.
    #[inline(always)]
    pub(crate) fn send(&mut self, octets: &[u8], clock: &Clock) -> (usize, Time) {
        if self.outgoing.is_some() || octets.is_empty() {
            return self.send_behind(octets, clock);
        }
        let at = clock.now();
        match self.stream.write(octets) {
            // Mostly the kernel takes them all at once.
            Ok(taken) if taken == octets.len() => (0, at),
            other => self.send_rest(octets, other, at, clock),
        }
    }

    /// Octets that may have to wait behind others.
    #[cold]
    fn send_behind(&mut self, octets: &[u8], clock: &Clock) -> (usize, Time) {
        let Some(outgoing) = &mut self.outgoing else { return (0, clock.now()) };
        outgoing.octets.extend_from_slice(octets);
        self.send_more(clock)
    }

    /// Keeps what a write has left, and goes on with it unless that met a fault.
    #[cold]
    fn send_rest(
        &mut self,
        octets: &[u8],
        written: io::Result<usize>,
        at: Time,
        clock: &Clock,
    ) -> (usize, Time) {
        let (fault, is_full) = match &written {
            Ok(_) => (None, false),
            Err(error) => (lasting(error), error.kind() == ErrorKind::WouldBlock),
        };
        let rest = octets.get(written.unwrap_or(0)..).unwrap_or_default();
        self.outgoing = Some(Box::new(Outgoing { octets: rest.to_owned(), taken: 0, fault }));
        match is_full {
            true => (rest.len(), at),
            false => self.send_on(at, clock),
        }
    }

    /// Writes more of what was kept; as [`Link::send`].
    pub(crate) fn send_more(&mut self, clock: &Clock) -> (usize, Time) {
        self.send_on(clock.now(), clock)
    }

    /// The same after octets that were taken at that moment.
    fn send_on(&mut self, mut at: Time, clock: &Clock) -> (usize, Time) {
        let Some(outgoing) = &mut self.outgoing else { return (0, at) };
        while outgoing.fault.is_none() {
            let rest = outgoing.octets.get(outgoing.taken..).unwrap_or_default();
            if rest.is_empty() {
                self.outgoing = None;
                return (0, at);
            }
            let now = clock.now();
            match self.stream.write(rest) {
                Ok(0) => break,
                Ok(some) => {
                    outgoing.taken += some;
                    at = now;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => outgoing.fault = Some(socket::fault(&error)),
            }
        }
        (outgoing.octets.len().saturating_sub(outgoing.taken), at)
    }

    /// Whether something is left of what was to be sent: octets, or what writing them met.
    pub(crate) fn has_left(&self) -> bool {
        self.outgoing.is_some()
    }

    /// Whether the kernel still has octets to take.
    pub(crate) fn is_sending(&self) -> bool {
        self.outgoing.as_ref().is_some_and(|outgoing| outgoing.fault.is_none())
    }

    /// What writing met.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.outgoing.as_ref()?.fault
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

/// A probe's place, in as little as it needs: there is no room for 2³² of them.
fn place(owner: usize) -> u32 {
    u32::try_from(owner).unwrap_or(u32::MAX)
}

/// What a write met, if that is for good.
fn lasting(error: &io::Error) -> Option<Fault> {
    let passes = matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock);
    (!passes).then(|| socket::fault(error))
}
