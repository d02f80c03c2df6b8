//! Where a peer listens.

use socket2::{Domain, SockAddr, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// Port "any free one" of 127.0.0.1.
pub const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A place to listen at: a [`SocketAddr`] (port 0 for any free one), or the [`PathBuf`] of a unix
/// socket, which must not exist yet and is removed in the end.
///
/// Sealed: these two are all there are.
pub trait Place: sealed::Listen + Clone + Send + 'static {}

impl Place for SocketAddr {}
impl Place for PathBuf {}

pub(crate) mod sealed {
    use super::{Socket, io};

    pub trait Listen: Sized {
        /// A socket bound here and the place it got; it does not listen yet.
        fn bind(&self) -> io::Result<(Socket, Self)>;
        /// Connects and hangs up, to wake whoever accepts.
        fn knock(&self);
        /// Removes what stays behind of a closed listener.
        fn clear(&self);
    }
}

impl sealed::Listen for SocketAddr {
    fn bind(&self) -> io::Result<(Socket, SocketAddr)> {
        let socket = Socket::new(Domain::for_address(*self), Type::STREAM, None)?;
        // A port that is asked for by number may still have connections in TIME-WAIT.
        socket.set_reuse_address(self.port() != 0)?;
        socket.bind(&(*self).into())?;
        let at = socket.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok((socket, at))
    }

    fn knock(&self) {
        let _ = TcpStream::connect_timeout(self, Duration::from_secs(1));
    }

    fn clear(&self) {}
}

impl sealed::Listen for PathBuf {
    fn bind(&self) -> io::Result<(Socket, PathBuf)> {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.bind(&SockAddr::unix(self)?)?;
        Ok((socket, self.clone()))
    }

    fn knock(&self) {
        let _ = UnixStream::connect(self);
    }

    fn clear(&self) {
        let _ = std::fs::remove_file(self);
    }
}
