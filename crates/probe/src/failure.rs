//! Why a probe failed: the step's own error, and what every error has in common.

use std::fmt;
use std::time::Duration;

use fourstep_connect::ConnectError;
use fourstep_resolve::ResolveError;
use fourstep_response::ResponseError;
use fourstep_terms::{Blame, Code, Fault, FaultKind, Step};
use fourstep_tls::TlsError;

use crate::tunnel::TunnelError;

/// Why a probe failed.
///
/// Its [`code`](Failure::code) is stable; its message is for people, and names addresses, offsets
/// and counts; what a program can act on stands in the variants.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// No address for the name.
    Resolve(ResolveError),
    /// No connection to any address.
    Connect(ConnectError),
    /// The proxy gave no tunnel to the target.
    Tunnel(TunnelError),
    /// The handshake failed, or the peer is not to be trusted.
    Tls(TlsError),
    /// The request could not be wholly sent.
    Request(SendError),
    /// The response did not come, or not whole, or cannot be read; or it redirects to where that
    /// cannot be followed.
    Response(ResponseError),
    /// This machine lacked something; it says nothing of the target.
    Local {
        /// The step under way.
        step: Step,
        /// What was lacking.
        fault: Fault,
    },
    /// The probe was told to stop.
    Interrupted {
        /// The step under way.
        step: Step,
    },
}

impl Failure {
    /// Its code in the closed table.
    pub fn code(&self) -> Code {
        match self {
            Failure::Resolve(error) => error.code(),
            Failure::Connect(error) => error.code(),
            Failure::Tunnel(error) => error.code(),
            Failure::Tls(error) => error.code(),
            Failure::Request(error) => error.code(),
            Failure::Response(error) => error.code(),
            Failure::Local { fault, .. } => local(*fault),
            Failure::Interrupted { .. } => Code::LocalInterrupted,
        }
    }

    /// The step that was under way.
    pub fn step(&self) -> Step {
        match self {
            Failure::Resolve(_) => Step::Resolve,
            Failure::Connect(_) | Failure::Tunnel(_) => Step::Connect,
            Failure::Tls(_) => Step::Tls,
            Failure::Request(_) => Step::Request,
            Failure::Response(_) => Step::Response,
            Failure::Local { step, .. } | Failure::Interrupted { step } => *step,
        }
    }

    /// Whose it is.
    pub fn blame(&self) -> Blame {
        self.code().blame()
    }

    /// What to look at or try.
    pub fn hint(&self) -> &'static str {
        self.code().hint()
    }

    /// The operating system's error number, when a system call said so.
    pub fn os_error(&self) -> Option<i32> {
        match self {
            Failure::Resolve(error) => error.os_error(),
            Failure::Connect(error) => error.os_error(),
            Failure::Tunnel(error) => error.os_error(),
            Failure::Tls(error) => error.os_error(),
            Failure::Request(SendError::Reset { fault, .. }) => fault.os_error,
            Failure::Response(error) => error.os_error(),
            Failure::Local { fault, .. } => fault.os_error,
            Failure::Request(SendError::Silent { .. }) | Failure::Interrupted { .. } => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Resolve(error) => error.fmt(f),
            Failure::Connect(error) => error.fmt(f),
            Failure::Tunnel(error) => error.fmt(f),
            Failure::Tls(error) => error.fmt(f),
            Failure::Request(error) => error.fmt(f),
            Failure::Response(error) => error.fmt(f),
            Failure::Local { step, fault } => match fault.kind {
                FaultKind::Descriptors => write!(f, "no file descriptor left ({step})"),
                FaultKind::Ports => write!(f, "no local address or port left ({step})"),
                _ => write!(f, "no memory left for the socket ({step})"),
            },
            Failure::Interrupted { step } => write!(f, "interrupted ({step})"),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Failure::Resolve(error) => Some(error),
            Failure::Connect(error) => Some(error),
            Failure::Tunnel(error) => Some(error),
            Failure::Tls(error) => Some(error),
            Failure::Request(error) => Some(error),
            Failure::Response(error) => Some(error),
            Failure::Local { .. } | Failure::Interrupted { .. } => None,
        }
    }
}

/// Why a request could not be wholly sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The peer threw the connection away, or closed it, before it had taken the request.
    Reset {
        /// What the system said.
        fault: Fault,
        /// Octets of the request that the kernel had not taken.
        left: usize,
    },
    /// The peer stopped taking octets.
    Silent {
        /// How long we had been sending.
        waited: Duration,
        /// Octets of the request that the kernel had not taken.
        left: usize,
    },
}

impl SendError {
    /// Its code in the closed table.
    pub fn code(&self) -> Code {
        match self {
            SendError::Reset { .. } => Code::RequestReset,
            SendError::Silent { .. } => Code::RequestSilent,
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendError::Reset { left, .. } => {
                write!(f, "connection thrown away with {left} octets of the request unsent")
            }
            SendError::Silent { waited, left } => {
                write!(f, "{left} octets of the request not taken after {} ms", waited.as_millis())
            }
        }
    }
}

impl std::error::Error for SendError {}

/// The code of a fault that is this machine's own.
pub(crate) fn local(fault: Fault) -> Code {
    match fault.kind {
        FaultKind::Descriptors => Code::LocalDescriptors,
        FaultKind::Ports => Code::LocalPorts,
        _ => Code::LocalMemory,
    }
}
