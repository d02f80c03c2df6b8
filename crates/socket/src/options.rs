//! What a user wants of every socket, and whether this machine has it.

use crate::sys;
use socket2::{Domain, Protocol, Socket, Type};
use std::ffi::CString;
use std::net::SocketAddr;
use std::{fmt, io};

/// How sockets are tuned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The address to send from; its port too, unless that is 0. A destination of the other
    /// family is unreachable then.
    pub source: Option<SocketAddr>,
    /// The interface to send through (SO_BINDTODEVICE): what is not behind it is out of reach
    /// then, a name server on loopback too.
    pub interface: Option<String>,
    /// Send small segments at once (TCP_NODELAY): a second write need not wait for the
    /// acknowledgement of the first (RFC 9293 §3.7.4). On by default.
    pub nodelay: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { source: None, interface: None, nodelay: true }
    }
}

impl Options {
    /// Whether this machine has the source address and the interface. Ask once, before the first
    /// probe: later the same number, EADDRNOTAVAIL, also says that the ports are used up, and
    /// what was misuse would look like a lack.
    pub fn check(&self) -> Result<(), OptionsError> {
        if let Some(name) = &self.interface {
            let wrong = |error| OptionsError::Interface { name: name.clone(), error };
            let known =
                CString::new(name.as_str()).ok().and_then(|name| sys::interface_index(&name));
            known.ok_or_else(|| wrong(io::Error::from_raw_os_error(libc::ENODEV)))?;
            let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP));
            socket.and_then(|socket| self.bind_device(&socket)).map_err(wrong)?;
        }
        if let Some(address) = self.source {
            let wrong = |error| OptionsError::Source { address, error };
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, None);
            socket.and_then(|socket| socket.bind(&address.into())).map_err(wrong)?;
        }
        Ok(())
    }

    /// Ties a socket to the interface, if there is one.
    pub(crate) fn bind_device(&self, socket: &Socket) -> io::Result<()> {
        match &self.interface {
            Some(name) => socket.bind_device(Some(name.as_bytes())),
            None => Ok(()),
        }
    }
}

/// What the options ask of this machine in vain: misuse, not a probe's failure.
#[derive(Debug)]
#[non_exhaustive]
pub enum OptionsError {
    /// The source address is not this machine's, or its port is taken.
    Source {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        error: io::Error,
    },
    /// There is no such interface, or this user may not choose it.
    Interface {
        /// The name that was asked for.
        name: String,
        /// What the system said.
        error: io::Error,
    },
}

impl fmt::Display for OptionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OptionsError::Source { address, error } => match error.raw_os_error() {
                Some(libc::EADDRNOTAVAIL) => {
                    write!(f, "{} is not an address of this machine", address.ip())
                }
                _ => write!(f, "cannot send from {address}: {error}"),
            },
            OptionsError::Interface { name, error } => match error.raw_os_error() {
                Some(libc::ENODEV) => {
                    write!(f, "there is no interface `{}`", name.escape_debug())
                }
                _ => write!(f, "cannot send through `{}`: {error}", name.escape_debug()),
            },
        }
    }
}

impl std::error::Error for OptionsError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            OptionsError::Source { error, .. } | OptionsError::Interface { error, .. } => {
                Some(error)
            }
        }
    }
}
