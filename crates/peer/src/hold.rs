//! Addresses where nobody takes a connection, held so that nobody else can.

use crate::place::sealed::Listen;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How many connections may go into a queue of length 0 before we say that it has no end.
const QUEUE_MOST: usize = 16;

/// How long a connection to a full queue must stay pending to count as one. On loopback a
/// handshake takes microseconds.
const PENDING: Duration = Duration::from_millis(50);

/// An address that is held, and gives nobody a connection, until this is dropped.
///
/// ```
/// use fourstep_peer::{Held, LOOPBACK};
/// use std::{io::ErrorKind, net::TcpStream};
///
/// let held = Held::refused(LOOPBACK)?;
/// let failed = TcpStream::connect(held.address()).unwrap_err();
/// assert_eq!(failed.kind(), ErrorKind::ConnectionRefused);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Held {
    address: SocketAddr,
    _sockets: Vec<Socket>,
}

impl Held {
    /// An address that refuses: a SYN is answered by a RST (RFC 9293 §3.10.7.1), a datagram by
    /// ICMP port unreachable (RFC 1122 §4.1.3.1).
    ///
    /// For TCP the port is bound without listening. For UDP it is bound by a socket that is
    /// connected to itself and so takes no datagram from anybody else.
    ///
    /// # Errors
    /// What bind(2) says.
    pub fn refused(at: SocketAddr) -> io::Result<Held> {
        let (tcp, address) = at.bind()?;
        let udp = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
        udp.bind(&address.into())?;
        udp.connect(&address.into())?;
        Ok(Held { address, _sockets: vec![tcp, udp] })
    }

    /// An address that stays silent: it listens, its queue of new connections is full and nobody
    /// accepts, so Linux drops every further SYN and a dial stays pending.
    ///
    /// # Errors
    /// What bind(2), listen(2) or connect(2) say; [`io::ErrorKind::Unsupported`] where the system
    /// lets the queue grow without end.
    pub fn full(at: SocketAddr) -> io::Result<Held> {
        let (listener, address) = at.bind()?;
        listener.listen(0)?;
        let mut sockets = vec![listener];
        for _ in 0..QUEUE_MOST {
            let client = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
            match client.connect_timeout(&SockAddr::from(address), PENDING) {
                Ok(()) => sockets.push(client),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    return Ok(Held { address, _sockets: sockets });
                }
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::Unsupported.into())
    }

    /// The address that is held.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of `path` (from its slash) there.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
