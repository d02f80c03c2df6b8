//! One type for what carries octets, whatever it runs over.

use crate::fault::fault;
use fourstep_terms::Fault;
use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use mio::{Interest, Registry, Token};
use socket2::SockRef;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::time::Duration;

/// A nonblocking stream: TCP or a unix socket.
///
/// Reads and writes that would block say so ([`io::ErrorKind::WouldBlock`]); an interrupted one
/// says [`io::ErrorKind::Interrupted`] and may be repeated at once. Other errors are for
/// [`fault`](crate::fault()).
#[derive(Debug)]
pub struct Stream(Over);

#[derive(Debug)]
enum Over {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// Does the same with either kind.
macro_rules! either {
    ($over:expr, $stream:ident => $does:expr) => {
        match $over {
            Over::Tcp($stream) => $does,
            Over::Unix($stream) => $does,
        }
    };
}

impl Stream {
    /// What has become of the connect: `None` while it is under way (a poll may wake in vain),
    /// then whether it is connected. A failure is told once; the system forgets it.
    pub fn outcome(&self) -> Option<Result<(), Fault>> {
        // SO_ERROR first: a socket that failed is not connected either.
        let failed = either!(&self.0, stream => stream.take_error());
        match failed.and_then(|pending| pending.map_or(Ok(()), Err)).and_then(|()| self.connected())
        {
            Ok(()) => Some(Ok(())),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => None,
            Err(error) => Some(Err(fault(&error))),
        }
    }

    fn connected(&self) -> io::Result<()> {
        either!(&self.0, stream => stream.peer_addr().map(drop))
    }

    /// Tells the peer that nothing more will be written; with [`Shutdown::Read`] or
    /// [`Shutdown::Both`] also stops reading.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        either!(&self.0, stream => stream.shutdown(how))
    }

    /// Closes it. `abort` throws the connection away with a reset (RFC 9293 §3.10.5) and leaves
    /// nothing behind, no TIME-WAIT either; otherwise it is an ordinary close, which is still a
    /// reset when octets of the peer's were left unread (RFC 2525 §2.17).
    pub fn hang_up(self, abort: bool) {
        if abort && let Over::Tcp(stream) = &self.0 {
            // A linger of zero seconds means just that: socket(7). A refusal to set it leaves
            // an ordinary close, and closing cannot wait for better.
            let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
        drop(self);
    }

    /// Our side's address; `None` for a unix socket.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        match &self.0 {
            Over::Tcp(stream) => stream.local_addr().ok(),
            Over::Unix(_) => None,
        }
    }

    /// The peer's address; `None` for a unix socket, and while not connected.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        match &self.0 {
            Over::Tcp(stream) => stream.peer_addr().ok(),
            Over::Unix(_) => None,
        }
    }
}

impl From<TcpStream> for Stream {
    fn from(stream: TcpStream) -> Stream {
        Stream(Over::Tcp(stream))
    }
}

impl From<UnixStream> for Stream {
    fn from(stream: UnixStream) -> Stream {
        Stream(Over::Unix(stream))
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        either!(&mut self.0, stream => stream.read(into))
    }

    fn read_vectored(&mut self, into: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        either!(&mut self.0, stream => stream.read_vectored(into))
    }
}

impl Write for Stream {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        either!(&mut self.0, stream => stream.write(octets))
    }

    fn write_vectored(&mut self, octets: &[IoSlice<'_>]) -> io::Result<usize> {
        either!(&mut self.0, stream => stream.write_vectored(octets))
    }

    fn flush(&mut self) -> io::Result<()> {
        either!(&mut self.0, stream => stream.flush())
    }
}

impl Source for Stream {
    fn register(&mut self, with: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        either!(&mut self.0, stream => stream.register(with, token, interest))
    }

    fn reregister(&mut self, with: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        either!(&mut self.0, stream => stream.reregister(with, token, interest))
    }

    fn deregister(&mut self, with: &Registry) -> io::Result<()> {
        either!(&mut self.0, stream => stream.deregister(with))
    }
}
