//! Why no connection came about.

use crate::attempt::{Attempt, Ended};
use fourstep_terms::{Code, Fault, FaultKind};
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

/// Why no address could be connected to.
///
/// Where several addresses failed differently, it is the failure of the attempt that got
/// furthest, in the order of the variants from [`ConnectError::Reset`] on; the last such.
/// [`ConnectError::Local`] comes before all: an address that this machine could not even try
/// leaves open what the target would have said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectError {
    /// This machine lacked what a socket needs; nothing is known of the target.
    Local(FaultKind, Tried),
    /// The connection was thrown away while it was being opened: something in front of the
    /// service refuses this client, or is overloaded.
    Reset(Tried),
    /// The host answered and nothing listens there: check the port or the service.
    Refused(Tried),
    /// A rule of a firewall, or the permissions of a unix socket, forbid it.
    Denied(Tried),
    /// Whoever runs this excluded the address: it was not dialled.
    Excluded(Tried),
    /// Nobody answered: a firewall may drop the packets, or the limit is too short.
    Silent(Tried),
    /// There is no route, or a router on the path said so.
    Unreachable(Tried),
    /// There was no address to dial. The answers about the name say why.
    NoAddress,
}

/// What was tried before giving up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The address whose failure this is; `None` for a unix socket, whose path the caller knows.
    pub last: Option<SocketAddr>,
    /// How many addresses were dialled.
    pub count: u8,
    /// From the first dial to the last end.
    pub waited: Duration,
    /// The system's number for it, `None` when no system call said so.
    pub os_error: Option<i32>,
}

impl ConnectError {
    /// The failure of the one attempt where there was nothing to race: to this address, or to a unix
    /// socket.
    pub fn alone(last: Option<SocketAddr>, fault: Fault, waited: Duration) -> ConnectError {
        let os_error = fault.os_error;
        ConnectError::from_kind(fault.kind, Tried { last, count: 1, waited, os_error })
    }

    /// The failure of a race in which every attempt has ended and none won.
    pub(crate) fn of(attempts: &[Attempt]) -> ConnectError {
        let faults = attempts.iter().filter_map(|attempt| match attempt.end?.how {
            Ended::Failed(fault) => Some((attempt, fault)),
            Ended::Silent => Some((attempt, Fault::of(FaultKind::TimedOut))),
            Ended::Won | Ended::Abandoned => None,
        });
        // `max_by_key` gives the last of equals.
        let furthest = faults.max_by_key(|(_, fault)| reach(fault.kind));
        let (Some((attempt, fault)), Some(first)) = (furthest, attempts.first()) else {
            return ConnectError::NoAddress;
        };
        let end = attempts.iter().filter_map(Attempt::ended).max();
        let tried = Tried {
            last: Some(attempt.address),
            count: u8::try_from(attempts.len()).unwrap_or(u8::MAX),
            waited: end.map_or(Duration::ZERO, |end| end.since(first.started)),
            os_error: fault.os_error,
        };
        ConnectError::from_kind(fault.kind, tried)
    }

    fn from_kind(kind: FaultKind, tried: Tried) -> ConnectError {
        match kind {
            FaultKind::Reset => ConnectError::Reset(tried),
            FaultKind::Refused => ConnectError::Refused(tried),
            FaultKind::Denied => ConnectError::Denied(tried),
            FaultKind::Excluded => ConnectError::Excluded(tried),
            FaultKind::TimedOut => ConnectError::Silent(tried),
            FaultKind::Unreachable => ConnectError::Unreachable(tried),
            FaultKind::Descriptors | FaultKind::Ports | FaultKind::Memory => {
                ConnectError::Local(kind, tried)
            }
        }
    }

    /// The stable name for scripts.
    pub fn code(&self) -> Code {
        match self {
            ConnectError::Local(FaultKind::Descriptors, _) => Code::LocalDescriptors,
            ConnectError::Local(FaultKind::Ports, _) => Code::LocalPorts,
            ConnectError::Local(..) => Code::LocalMemory,
            ConnectError::Reset(_) => Code::ConnectReset,
            ConnectError::Refused(_) => Code::ConnectRefused,
            ConnectError::Denied(_) | ConnectError::Excluded(_) => Code::ConnectDenied,
            ConnectError::Silent(_) => Code::ConnectSilent,
            ConnectError::Unreachable(_) | ConnectError::NoAddress => Code::ConnectUnreachable,
        }
    }

    /// What was tried; `None` when there was no address.
    pub fn tried(&self) -> Option<&Tried> {
        match self {
            ConnectError::Local(_, tried)
            | ConnectError::Reset(tried)
            | ConnectError::Refused(tried)
            | ConnectError::Denied(tried)
            | ConnectError::Excluded(tried)
            | ConnectError::Silent(tried)
            | ConnectError::Unreachable(tried) => Some(tried),
            ConnectError::NoAddress => None,
        }
    }

    /// The system's number for it, where a system call said so.
    pub fn os_error(&self) -> Option<i32> {
        self.tried()?.os_error
    }
}

/// How far an attempt got; more is further.
fn reach(kind: FaultKind) -> u8 {
    match kind {
        FaultKind::Descriptors | FaultKind::Ports | FaultKind::Memory => 6,
        FaultKind::Reset => 5,
        FaultKind::Refused => 4,
        FaultKind::Denied => 3,
        FaultKind::Excluded => 2,
        FaultKind::TimedOut => 1,
        FaultKind::Unreachable => 0,
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(tried) = self.tried() else { return f.write_str("no address to connect to") };
        f.write_str(match self {
            ConnectError::Local(FaultKind::Descriptors, _) => "no file descriptor left to dial",
            ConnectError::Local(FaultKind::Ports, _) => "no local address or port left to dial",
            ConnectError::Local(..) => "no memory left to dial",
            ConnectError::Reset(_) => "reset by",
            ConnectError::Refused(_) => "refused by",
            ConnectError::Denied(_) => "a rule forbids",
            ConnectError::Excluded(_) => "excluded, so not dialled:",
            ConnectError::Silent(_) => "no answer from",
            ConnectError::Unreachable(_) | ConnectError::NoAddress => "no way to",
        })?;
        match tried.last {
            Some(address) => write!(f, " {address}")?,
            None => f.write_str(" the unix socket")?,
        }
        if let ConnectError::Silent(_) = self {
            write!(f, " within {}", Seconds(tried.waited))?;
        }
        if tried.count > 1 {
            write!(f, " ({} tried)", tried.count)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConnectError {}

/// A duration as people read it: `350 ms`, `5 s`, `2.5 s`.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        match (millis / 1000, millis % 1000 / 100) {
            (0, _) => write!(f, "{millis} ms"),
            (seconds, 0) => write!(f, "{seconds} s"),
            (seconds, tenths) => write!(f, "{seconds}.{tenths} s"),
        }
    }
}
