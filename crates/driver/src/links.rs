//! The sockets of legs: one link each, in one slab for the loop.

use std::io::{ErrorKind, Read, Write};

use fourstep_probe::{Endpoint, Parting};
use fourstep_socket::{self as socket, Options, Stream};
use fourstep_terms::{Fault, Leg};
use mio::{Interest, Registry, Token};
use slab::Slab;

/// One leg of one probe, as a socket.
pub(crate) struct Link {
    /// The probe's place in the loop.
    pub(crate) owner: usize,
    pub(crate) leg: Leg,
    /// Whether the connection stands; until then readiness is news of the dialling.
    pub(crate) up: bool,
    stream: Stream,
    /// What is to be sent, and how many octets of it the kernel has taken.
    outgoing: Vec<u8>,
    taken: usize,
    /// What writing met: told when all that the peer wrote has been read.
    fault: Option<Fault>,
}

/// What a read brought.
pub(crate) enum Got {
    Octets(usize),
    Nothing,
    End,
    Failed(Fault),
}

/// Every link of the loop; its key is its token with the poll.
#[derive(Default)]
pub(crate) struct Links(Slab<Link>);

impl Links {
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
        let place = self.0.vacant_entry();
        let key = place.key();
        registry
            .register(&mut stream, Token(key), Interest::READABLE | Interest::WRITABLE)
            .map_err(|error| socket::fault(&error))?;
        place.insert(Link {
            owner,
            leg,
            up: false,
            stream,
            outgoing: Vec::new(),
            taken: 0,
            fault: None,
        });
        Ok(key)
    }

    pub(crate) fn get(&mut self, key: usize) -> Option<&mut Link> {
        self.0.get_mut(key)
    }

    /// Closes a link; the system takes it out of the poll.
    pub(crate) fn hang_up(&mut self, key: usize, parting: Parting, registry: &Registry) {
        let Some(mut link) = self.0.try_remove(key) else { return };
        // A descriptor that is closed leaves the poll by itself; this only keeps the token from
        // coming up once more in the events already fetched.
        let _ = registry.deregister(&mut link.stream);
        link.stream.hang_up(matches!(parting, Parting::Reset));
    }
}

impl Link {
    /// What has become of the dialling; `None` while it goes on.
    pub(crate) fn outcome(&self) -> Option<Result<(), Fault>> {
        self.stream.outcome()
    }

    pub(crate) fn local(&self) -> Option<std::net::SocketAddr> {
        self.stream.local_addr()
    }

    /// Writes octets, and keeps what the kernel does not take: how many are left.
    pub(crate) fn send(&mut self, octets: &[u8]) -> usize {
        self.outgoing.extend_from_slice(octets);
        self.send_more()
    }

    /// Writes more of what was kept: how many octets are left.
    pub(crate) fn send_more(&mut self) -> usize {
        let rest = self.outgoing.get(self.taken..).unwrap_or_default();
        let (taken, fault) = write(&mut self.stream, rest);
        self.fault = self.fault.or(fault);
        self.taken += taken;
        let left = self.outgoing.len().saturating_sub(self.taken);
        if left == 0 {
            (self.outgoing, self.taken) = (Vec::new(), 0);
        }
        left
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
            return match self.stream.read(buffer) {
                Ok(0) => Got::End,
                Ok(octets) => Got::Octets(octets),
                Err(error) => match error.kind() {
                    ErrorKind::Interrupted => continue,
                    ErrorKind::WouldBlock => Got::Nothing,
                    _ => Got::Failed(socket::fault(&error)),
                },
            };
        }
    }
}

/// Writes until all is taken or the kernel takes no more: how many octets it took, and what
/// stopped it for good.
fn write(stream: &mut Stream, octets: &[u8]) -> (usize, Option<Fault>) {
    let mut taken = 0;
    while let Some(rest) = octets.get(taken..).filter(|rest| !rest.is_empty()) {
        match stream.write(rest) {
            Ok(0) => break,
            Ok(some) => taken += some,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return (taken, Some(socket::fault(&error))),
        }
    }
    (taken, None)
}
