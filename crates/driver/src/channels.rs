//! The sockets of the resolver: one channel each, for the whole loop.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use fourstep_resolve::{Channel, Transport};
use fourstep_socket::{self as socket, Options, Stream};
use fourstep_terms::Fault;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};

/// Tokens from here on are channels; below are links.
const FIRST: usize = usize::MAX / 2;

/// One socket of the resolver's, towards one server.
pub(crate) struct Line {
    server: SocketAddr,
    over: Over,
}

enum Over {
    Datagrams(UdpSocket),
    Stream {
        stream: Stream,
        /// Whether the connection stands.
        up: bool,
        unsent: Vec<u8>,
    },
}

/// What came on a line.
pub(crate) enum Heard {
    /// Octets, this many, from there.
    Octets(usize, SocketAddr),
    /// The connection stands.
    Opened,
    Nothing,
    End,
    Failed(Fault),
}

/// Every line of the loop: few, as one carries many questions.
#[derive(Default)]
pub(crate) struct Channels(BTreeMap<Channel, Line>);

impl Channels {
    pub(crate) fn open(
        &mut self,
        channel: Channel,
        transport: Transport,
        server: SocketAddr,
        options: &Options,
        registry: &Registry,
    ) -> Result<(), Fault> {
        let token = token(channel);
        let watch = |error: std::io::Error| socket::fault(&error);
        let over = match transport {
            Transport::Udp => {
                let mut udp = socket::datagram(server, options)?;
                registry.register(&mut udp, token, Interest::READABLE).map_err(watch)?;
                Over::Datagrams(udp)
            }
            Transport::Tcp => {
                let mut stream = socket::dial(server, options)?;
                let both = Interest::READABLE | Interest::WRITABLE;
                registry.register(&mut stream, token, both).map_err(watch)?;
                Over::Stream { stream, up: false, unsent: Vec::new() }
            }
        };
        self.0.insert(channel, Line { server, over });
        Ok(())
    }

    pub(crate) fn close(&mut self, channel: Channel) {
        self.0.remove(&channel);
    }

    pub(crate) fn get(&mut self, channel: Channel) -> Option<&mut Line> {
        self.0.get_mut(&channel)
    }
}

impl Line {
    /// Sends a message; over a stream what the kernel does not take waits for room.
    pub(crate) fn send(&mut self, octets: Vec<u8>) -> Result<(), Fault> {
        match &mut self.over {
            Over::Datagrams(udp) => match udp.send_to(&octets, self.server) {
                Ok(_) => Ok(()),
                // No room just now: a datagram that is lost, which its sender repeats.
                Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
                Err(error) => Err(socket::fault(&error)),
            },
            Over::Stream { unsent, .. } => {
                unsent.extend(octets);
                self.flush()
            }
        }
    }

    /// Takes what is there: one message or one piece of a stream.
    pub(crate) fn hear(&mut self, buffer: &mut [u8]) -> Heard {
        let server = self.server;
        match &mut self.over {
            Over::Datagrams(udp) => match udp.recv_from(buffer) {
                Ok((octets, from)) => Heard::Octets(octets, from),
                Err(error) => quiet(&error),
            },
            Over::Stream { up: up @ false, stream, .. } => match stream.outcome() {
                None => Heard::Nothing,
                Some(Ok(())) => {
                    *up = true;
                    Heard::Opened
                }
                Some(Err(fault)) => Heard::Failed(fault),
            },
            Over::Stream { .. } => {
                if let Err(fault) = self.flush() {
                    return Heard::Failed(fault);
                }
                let Over::Stream { stream, .. } = &mut self.over else { return Heard::Nothing };
                match stream.read(buffer) {
                    Ok(0) => Heard::End,
                    Ok(octets) => Heard::Octets(octets, server),
                    Err(error) => quiet(&error),
                }
            }
        }
    }

    fn flush(&mut self) -> Result<(), Fault> {
        let Over::Stream { stream, up: true, unsent } = &mut self.over else { return Ok(()) };
        while !unsent.is_empty() {
            match stream.write(unsent) {
                Ok(0) => break,
                Ok(taken) => drop(unsent.drain(..taken)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(socket::fault(&error)),
            }
        }
        Ok(())
    }
}

fn quiet(error: &std::io::Error) -> Heard {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => Heard::Nothing,
        _ => Heard::Failed(socket::fault(error)),
    }
}

/// The poll's name for a channel.
fn token(channel: Channel) -> Token {
    // 32 bits of number above half of 64: no overflow.
    Token(FIRST + usize::try_from(channel.0).unwrap_or(0))
}

/// The channel behind a token; `None` for a link's.
pub(crate) fn channel(token: Token) -> Option<Channel> {
    let number = token.0.checked_sub(FIRST)?;
    u32::try_from(number).ok().map(Channel)
}
