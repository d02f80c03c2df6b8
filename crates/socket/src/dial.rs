//! Opening sockets.

use crate::fault::fault;
use crate::options::Options;
use crate::stream::Stream;
use crate::sys;
use fourstep_terms::{Fault, FaultKind};
use rustix::io::Errno;
use rustix::net::connect;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::path::Path;

/// Begins to connect. When the stream turns writable, [`Stream::outcome`] tells whether it is.
///
/// EADDRNOTAVAIL is two things: the local ports towards this peer are used up, which is
/// [`FaultKind::Ports`]; or this machine has no address of that family at all (IPv6 switched
/// off), which is no lack but the lack of a way, [`FaultKind::Unreachable`]. The second is told
/// by asking for a source address. A `source` that is not this machine's is found by
/// [`Options::check`]; here it is [`FaultKind::Ports`].
pub fn dial(to: SocketAddr, options: &Options) -> Result<Stream, Fault> {
    let begin = || {
        let socket = open(to, Type::STREAM, Protocol::TCP, options)?;
        if let Some(source) = options.source {
            if source.port() == 0 {
                sys::bind_without_port(&socket)?;
            }
            socket.bind(&source.into())?;
        }
        Ok(socket)
    };
    let socket = begin().map_err(|error| fault(&error))?;
    begin_connect(&socket, to, options)?;
    let stream = mio::net::TcpStream::from_std(TcpStream::from(socket));
    Ok(Stream::tcp(stream, options.nodelay))
}

/// Begins to connect this socket: see [`dial`].
#[inline(always)]
pub(crate) fn begin_connect(
    socket: impl AsFd,
    to: SocketAddr,
    options: &Options,
) -> Result<(), Fault> {
    match connect(socket, &to) {
        // It goes on by itself: connect(2).
        Ok(()) | Err(Errno::INPROGRESS | Errno::INTR) => Ok(()),
        Err(error) => Err(no_way(to, options, error)),
    }
}

/// Begins to connect to a unix socket; as [`dial`].
///
/// There is no waiting here: the kernel answers at once, and a full queue of connections is
/// EAGAIN, [`FaultKind::TimedOut`].
pub fn dial_unix(path: &Path) -> Result<Stream, Fault> {
    mio::net::UnixStream::connect(path).map(Stream::from).map_err(|error| fault(&error))
}

/// A datagram socket for talking to one server: unconnected, so that an answer from elsewhere is
/// seen and not taken; on a port of the kernel's choosing, at random (RFC 5452 §9.2); and told
/// of ICMP errors (RFC 1122 §4.1.3.3), so that sending to a port where nobody listens ends the
/// next receive or send with ECONNREFUSED.
///
/// The port of [`Options::source`] is left to streams.
pub fn datagram(server: SocketAddr, options: &Options) -> Result<mio::net::UdpSocket, Fault> {
    let begin = || {
        let socket = open(server, Type::DGRAM, Protocol::UDP, options)?;
        sys::report_errors(&socket, Domain::for_address(server))?;
        let mut local = options.source.unwrap_or(match server {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        });
        local.set_port(0);
        socket.bind(&local.into())?;
        Ok(mio::net::UdpSocket::from_std(socket.into()))
    };
    begin().map_err(|error: io::Error| fault(&error))
}

/// The address the kernel would send from, `Source(D)` of RFC 6724 §6; `None` when it has no way
/// there. Sends nothing: to connect a datagram socket is to look up the route.
///
/// An error is a lack of this machine's, of descriptors or memory: then nothing is known of the way.
pub fn source_for(to: SocketAddr, options: &Options) -> Result<Option<IpAddr>, Fault> {
    source(to, options).map(Some).or_else(|error| match fault(&error) {
        lack if matches!(lack.kind, FaultKind::Descriptors | FaultKind::Memory) => Err(lack),
        _ => Ok(None),
    })
}

fn source(to: SocketAddr, options: &Options) -> io::Result<IpAddr> {
    let socket = open(to, Type::DGRAM, Protocol::UDP, options)?;
    if let Some(mut source) = options.source {
        source.set_port(0);
        socket.bind(&source.into())?;
    }
    socket.connect(&to.into())?;
    let local = socket.local_addr()?.as_socket().map(|local| local.ip());
    local.filter(|ip| !ip.is_unspecified()).ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
}

/// A socket for this destination that does not block, through the interface that was asked for.
fn open(to: SocketAddr, kind: Type, protocol: Protocol, options: &Options) -> io::Result<Socket> {
    if options.source.is_some_and(|source| source.is_ipv4() != to.is_ipv4()) {
        return Err(io::Error::from_raw_os_error(libc::EAFNOSUPPORT));
    }
    // `Socket::new` would make two system calls for what the kernel does in one.
    let kind = kind.nonblocking().cloexec();
    let socket = Socket::new_raw(Domain::for_address(to), kind, Some(protocol))?;
    options.bind_device(&socket)?;
    Ok(socket)
}

/// Tells used-up ports from a machine without an address of that family: see [`dial`].
#[cold]
fn no_way(to: SocketAddr, options: &Options, error: Errno) -> Fault {
    let found = fault(&error.into());
    if error != Errno::ADDRNOTAVAIL {
        return found;
    }
    match source(to, options) {
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
            Fault { kind: FaultKind::Unreachable, ..found }
        }
        _ => found,
    }
}
