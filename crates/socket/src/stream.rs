//! One type for what carries octets, whatever it runs over.

use crate::fault::fault;
use crate::stamps::Stamp;
use crate::{sys, tcp_info};
use fourstep_terms::{Fault, TcpInfo};
use mio::event::Source;
use mio::net::{TcpStream, UnixStream};
use mio::{Interest, Registry, Token};
use rustix::net::{SendFlags, getsockname, send};
use socket2::SockRef;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// A nonblocking stream: TCP or a unix socket.
///
/// Reads and writes that would block say so ([`io::ErrorKind::WouldBlock`]); an interrupted one
/// says [`io::ErrorKind::Interrupted`] and may be repeated at once. Other errors are for
/// [`fault`](crate::fault()).
#[derive(Debug)]
pub struct Stream {
    over: Over,
    /// Whether the kernel was asked when octets come in.
    stamped: bool,
    nodelay: NoDelay,
}

/// TCP_NODELAY, set before the second write: the first never waits for an acknowledgement, as
/// nothing of ours is unacknowledged (RFC 9293 §3.7.4), and most probes write once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoDelay {
    BeforeSecond,
    BeforeNext,
    /// Set, or not wanted.
    Settled,
}

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
    pub(crate) fn tcp(stream: TcpStream, nodelay: bool) -> Stream {
        let nodelay = if nodelay { NoDelay::BeforeSecond } else { NoDelay::Settled };
        Stream { over: Over::Tcp(stream), stamped: false, nodelay }
    }

    /// The TCP socket, if it is one.
    pub(crate) fn as_tcp(&self) -> Option<&TcpStream> {
        match &self.over {
            Over::Tcp(stream) => Some(stream),
            Over::Unix(_) => None,
        }
    }

    /// What was counted of the old connection is not the next one's.
    pub(crate) fn begins_anew(&mut self) {
        if self.nodelay == NoDelay::BeforeNext {
            self.nodelay = NoDelay::BeforeSecond;
        }
    }

    /// What has become of the connect: `None` while it is under way (a poll may wake in vain),
    /// then whether it is connected. A failure is told once; the system forgets it.
    pub fn outcome(&self) -> Option<Result<(), Fault>> {
        // SO_ERROR first: a socket that failed is not connected either.
        let failed = either!(&self.over, stream => stream.take_error());
        match failed.and_then(|pending| pending.map_or(Ok(()), Err)).and_then(|()| self.connected())
        {
            Ok(()) => Some(Ok(())),
            Err(error) if error.kind() == io::ErrorKind::NotConnected => None,
            Err(error) => Some(Err(fault(&error))),
        }
    }

    #[inline]
    fn before_write(&mut self) {
        match self.nodelay {
            NoDelay::BeforeSecond => self.nodelay = NoDelay::BeforeNext,
            NoDelay::BeforeNext => self.set_nodelay(),
            NoDelay::Settled => {}
        }
    }

    #[cold]
    fn set_nodelay(&mut self) {
        if let Over::Tcp(stream) = &self.over {
            // Without it a write may come later, and is no other.
            let _ = stream.set_nodelay(true);
        }
        self.nodelay = NoDelay::Settled;
    }

    fn connected(&self) -> io::Result<()> {
        either!(&self.over, stream => stream.peer_addr().map(drop))
    }

    /// Asks the kernel to tell [`Stream::receive`] when octets came in. It may be asked at any
    /// time before that, and says nothing over a unix socket.
    #[inline]
    pub fn stamp(&mut self) -> io::Result<()> {
        if self.stamped { Ok(()) } else { self.begin_stamping() }
    }

    #[inline(never)]
    fn begin_stamping(&mut self) -> io::Result<()> {
        if let Over::Tcp(stream) = &self.over {
            sys::stamp(stream)?;
            self.stamped = true;
        }
        Ok(())
    }

    /// Reads as [`Read::read`] does: how many octets, and when the kernel got them, if it was asked
    /// to say so and can.
    ///
    /// The moment is that of the last segment of which the read has octets: all that was read had
    /// come by then, and what came earlier came by at most the time between the segments earlier.
    /// The wall clock may have been set since: a moment that cannot be is for the caller to drop.
    pub fn receive(&mut self, into: &mut [u8]) -> io::Result<(usize, Option<Stamp>)> {
        match &self.over {
            Over::Tcp(stream) if self.stamped => {
                sys::receive(stream, into).map(|(count, at)| (count, at.and_then(Stamp::of)))
            }
            Over::Tcp(_) | Over::Unix(_) => self.read(into).map(|count| (count, None)),
        }
    }

    /// What the kernel knows of the connection now; `None` for a unix socket. It may be asked
    /// before the connection stands, and after it has failed.
    #[inline(always)]
    pub fn tcp_info(&self) -> Option<TcpInfo> {
        match &self.over {
            Over::Tcp(stream) => tcp_info::read(stream),
            Over::Unix(_) => None,
        }
    }

    /// Tells the peer that nothing more will be written; with [`Shutdown::Read`] or
    /// [`Shutdown::Both`] also stops reading.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        either!(&self.over, stream => stream.shutdown(how))
    }

    /// Closes it. `abort` throws the connection away with a reset (RFC 9293 §3.10.5) and leaves
    /// nothing behind, no TIME-WAIT either; otherwise it is an ordinary close, which is still a
    /// reset when octets of the peer's were left unread (RFC 2525 §2.17).
    pub fn hang_up(self, abort: bool) {
        if abort && let Over::Tcp(stream) = &self.over {
            // A linger of zero seconds means just that: socket(7). A refusal to set it leaves
            // an ordinary close, and closing cannot wait for better.
            let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
        }
        drop(self);
    }

    /// Our side's address; `None` for a unix socket.
    #[inline(always)]
    pub fn local_addr(&self) -> Option<SocketAddr> {
        match &self.over {
            Over::Tcp(stream) => getsockname(stream).ok()?.try_into().ok(),
            Over::Unix(_) => None,
        }
    }

    /// The peer's address; `None` for a unix socket, and while not connected.
    pub fn peer_addr(&self) -> Option<SocketAddr> {
        match &self.over {
            Over::Tcp(stream) => stream.peer_addr().ok(),
            Over::Unix(_) => None,
        }
    }
}

impl From<TcpStream> for Stream {
    fn from(stream: TcpStream) -> Stream {
        Stream::tcp(stream, false)
    }
}

impl From<UnixStream> for Stream {
    fn from(stream: UnixStream) -> Stream {
        Stream { over: Over::Unix(stream), stamped: false, nodelay: NoDelay::Settled }
    }
}

/// For options that are not here.
impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        either!(&self.over, stream => stream.as_fd())
    }
}

impl Read for Stream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        either!(&mut self.over, stream => stream.read(into))
    }

    fn read_vectored(&mut self, into: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        either!(&mut self.over, stream => stream.read_vectored(into))
    }
}

impl Write for Stream {
    #[inline(always)]
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.before_write();
        // A stream that is broken is an error, not a signal.
        Ok(send(self, octets, SendFlags::NOSIGNAL)?)
    }

    fn write_vectored(&mut self, octets: &[IoSlice<'_>]) -> io::Result<usize> {
        self.before_write();
        either!(&mut self.over, stream => stream.write_vectored(octets))
    }

    fn flush(&mut self) -> io::Result<()> {
        either!(&mut self.over, stream => stream.flush())
    }
}

impl Source for Stream {
    fn register(&mut self, with: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        either!(&mut self.over, stream => stream.register(with, token, interest))
    }

    fn reregister(&mut self, with: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        either!(&mut self.over, stream => stream.reregister(with, token, interest))
    }

    fn deregister(&mut self, with: &Registry) -> io::Result<()> {
        either!(&mut self.over, stream => stream.deregister(with))
    }
}
