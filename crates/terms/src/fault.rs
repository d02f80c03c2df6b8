//! What the operating system said of a socket.

use std::fmt;

/// Why a system call on a socket failed, in the words of this house, with the system's number.
///
/// The same fault means different things at different steps ([`FaultKind::Reset`] while
/// connecting is `connect.reset`, after the request `response.reset`), so it carries no
/// [`crate::Code`]: the probe gives it one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    /// What it amounts to.
    pub kind: FaultKind,
    /// The system's error number (`errno`), `None` when no system call said so.
    pub os_error: Option<i32>,
}

/// What a [`Fault`] amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// The host answered that nothing listens there (ECONNREFUSED; for a unix socket also ENOENT).
    Refused,
    /// The peer threw the connection away (ECONNRESET, EPIPE, ECONNABORTED).
    Reset,
    /// The system gave up waiting (ETIMEDOUT).
    TimedOut,
    /// There is no way to the address (ENETUNREACH, EHOSTUNREACH, EAFNOSUPPORT and their kin, and
    /// every number that fits nowhere else).
    Unreachable,
    /// A rule on the way, or on this machine, forbids it (EACCES, EPERM).
    Denied,
    /// Whoever runs this excluded the address: no system call was made.
    Excluded,
    /// No file descriptor is left (EMFILE, ENFILE). Local.
    Descriptors,
    /// No local address or port is left (EADDRNOTAVAIL, EADDRINUSE). Local.
    Ports,
    /// No memory or buffer is left (ENOBUFS, ENOMEM). Local.
    Memory,
}

impl Fault {
    /// A fault that no system call reported: a limit of our own, or a simulated one.
    pub const fn of(kind: FaultKind) -> Fault {
        Fault { kind, os_error: None }
    }
}

impl FaultKind {
    /// Every kind, in the order they are declared.
    pub const ALL: [FaultKind; 9] = [
        FaultKind::Refused,
        FaultKind::Reset,
        FaultKind::TimedOut,
        FaultKind::Unreachable,
        FaultKind::Denied,
        FaultKind::Excluded,
        FaultKind::Descriptors,
        FaultKind::Ports,
        FaultKind::Memory,
    ];

    /// The word that traces and fixtures use.
    pub const fn as_str(self) -> &'static str {
        match self {
            FaultKind::Refused => "refused",
            FaultKind::Reset => "reset",
            FaultKind::TimedOut => "timed-out",
            FaultKind::Unreachable => "unreachable",
            FaultKind::Denied => "denied",
            FaultKind::Excluded => "excluded",
            FaultKind::Descriptors => "descriptors",
            FaultKind::Ports => "ports",
            FaultKind::Memory => "memory",
        }
    }

    /// Whether it is this machine's own lack, which says nothing of the target.
    pub const fn is_local(self) -> bool {
        matches!(self, FaultKind::Descriptors | FaultKind::Ports | FaultKind::Memory)
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
