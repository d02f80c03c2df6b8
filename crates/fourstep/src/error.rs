//! Why no probe was made. A probe that was made and failed is a report, not an error.

use std::fmt;
use std::io;

use fourstep_socket::OptionsError;
use fourstep_target::TargetError;
use fourstep_tls::ConfigError;

/// Why no probe was made.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The target cannot be read: it says at which octet, and what was expected.
    Target(TargetError),
    /// Roots, certificates, keys or pins that cannot be used.
    Tls(ConfigError),
    /// The target's zone names no interface of this machine (RFC 4007 §11.2).
    NoZone(String),
    /// This machine does not have the source address or the interface that was asked for.
    Sockets(OptionsError),
    /// This machine could not give what a loop needs: a poll, a file, randomness.
    System(io::Error),
    /// The run was interrupted before the probe was done.
    Interrupted,
}

impl Error {
    /// Whether whoever asked can mend it by asking otherwise.
    pub fn is_misuse(&self) -> bool {
        match self {
            Error::Target(_) | Error::Tls(_) | Error::NoZone(_) | Error::Sockets(_) => true,
            Error::System(_) | Error::Interrupted => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Target(error) => error.fmt(f),
            Error::Tls(error) => error.fmt(f),
            Error::NoZone(zone) => write!(f, "there is no interface `{zone}` on this machine"),
            Error::Sockets(error) => error.fmt(f),
            Error::System(error) => write!(f, "this machine cannot begin a probe: {error}"),
            Error::Interrupted => f.write_str("interrupted before the probe was done"),
        }
    }
}

// What is behind each stands in its message, so there is no source to print after it.
impl std::error::Error for Error {}
