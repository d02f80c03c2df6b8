//! Why no address was learnt.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use fourstep_terms::{Code, Fault};

use crate::answer::{Family, Rcode};

/// Why a question for the addresses of a name got none.
///
/// Where several servers failed differently, the error is the one that says most, whatever its
/// place in the order: a fault of this machine, then a server's failure, its refusal, an answer
/// that cannot be read, silence, no way there.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResolveError {
    /// The name does not exist (NXDOMAIN): check its spelling and the search list.
    NoSuchName {
        /// The name as it was asked for; with a search list, the name without a suffix.
        name: Box<str>,
    },
    /// The name exists and has no address of this family (NODATA, RFC 2308 §2.2).
    NoAddress {
        /// The name that exists: the first such one of the search list.
        name: Box<str>,
        /// The family it has no address of.
        family: Family,
    },
    /// A server answered that it cannot answer: SERVFAIL and every RCODE that fits nowhere else,
    /// or a referral, which a stub cannot follow (RFC 1034 §4.3.1).
    ServerFailure {
        /// The server that said so.
        server: SocketAddr,
        /// What it said; NOERROR for a referral.
        rcode: Rcode,
    },
    /// A server refuses to answer this machine, or this name (REFUSED).
    Refused {
        /// The server that said so.
        server: SocketAddr,
    },
    /// No server answered in time.
    Silent {
        /// Queries sent.
        asked: u32,
        /// From the first query to giving up.
        waited: Duration,
    },
    /// No server could be reached.
    Unreachable {
        /// The first that could not be; `None` when no server is configured.
        server: Option<SocketAddr>,
        /// What the system said.
        fault: Fault,
    },
    /// An answer cannot be read, or its aliases never end.
    Malformed {
        /// The server whose answer it was; `None` when several answers together are at fault.
        server: Option<SocketAddr>,
        /// What is wrong with it.
        defect: Defect,
    },
    /// This machine lacks what a socket needs: it says nothing of the name.
    Local {
        /// What the system said.
        fault: Fault,
    },
}

/// What is wrong with an answer that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// It breaks the format of a message (RFC 1035 §4.1): cut short, a length that lies, a name
    /// whose compression does not lead backwards.
    Message,
    /// The stream ended inside a message (RFC 7766 §8).
    Cut,
    /// It says that it is cut (TC) where there is no larger to ask for, over TCP, and has nothing
    /// that was asked for (RFC 2181 §9).
    Truncated,
    /// Its aliases lead back to a name already visited (RFC 1034 §3.6.2).
    AliasLoop,
    /// It has more aliases in a row than [`crate::ALIASES`].
    TooManyAliases,
}

impl ResolveError {
    /// The stable code of this failure.
    pub fn code(&self) -> Code {
        match self {
            ResolveError::NoSuchName { .. } => Code::ResolveNoSuchName,
            ResolveError::NoAddress { .. } => Code::ResolveNoAddress,
            ResolveError::ServerFailure { .. } => Code::ResolveServerFailure,
            ResolveError::Refused { .. } => Code::ResolveRefused,
            ResolveError::Silent { .. } => Code::ResolveSilent,
            ResolveError::Unreachable { .. } => Code::ResolveUnreachable,
            ResolveError::Malformed { .. } => Code::ResolveMalformed,
            ResolveError::Local { fault } => match fault.kind {
                fourstep_terms::FaultKind::Descriptors => Code::LocalDescriptors,
                fourstep_terms::FaultKind::Ports => Code::LocalPorts,
                _ => Code::LocalMemory,
            },
        }
    }

    /// The system's error number, where a system call failed.
    pub fn os_error(&self) -> Option<i32> {
        match self {
            ResolveError::Unreachable { fault, .. } | ResolveError::Local { fault } => {
                fault.os_error
            }
            _ => None,
        }
    }

    /// How much it says beside what other servers did: the highest is reported.
    pub(crate) fn weight(&self) -> u8 {
        match self {
            ResolveError::Unreachable { .. } => 0,
            ResolveError::Silent { .. } => 1,
            ResolveError::Malformed { .. } => 2,
            ResolveError::Refused { .. } => 3,
            ResolveError::ServerFailure { .. } => 4,
            ResolveError::NoAddress { .. } | ResolveError::NoSuchName { .. } => 5,
            ResolveError::Local { .. } => 6,
        }
    }
}

impl std::error::Error for ResolveError {}

impl fmt::Display for ResolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResolveError::NoSuchName { name } => write!(f, "no such name: {name}"),
            ResolveError::NoAddress { name, family } => {
                write!(f, "{name} exists and has no {family} address")
            }
            ResolveError::ServerFailure { server, rcode: Rcode::NOERROR } => {
                write!(f, "{server} only referred to other servers")
            }
            ResolveError::ServerFailure { server, rcode } => write!(f, "{server} answered {rcode}"),
            ResolveError::Refused { server } => write!(f, "{server} refuses to answer (REFUSED)"),
            ResolveError::Silent { asked, waited } => {
                let queries = if *asked == 1 { "query" } else { "queries" };
                write!(f, "no answer to {asked} {queries} within {} ms", waited.as_millis())
            }
            ResolveError::Unreachable { server: Some(server), fault } => {
                write!(f, "no way to name server {server}: {}", fault.kind)
            }
            ResolveError::Unreachable { server: None, .. } => {
                f.write_str("no name server is configured")
            }
            ResolveError::Malformed { server: Some(server), defect } => {
                write!(f, "the answer of {server}: {defect}")
            }
            ResolveError::Malformed { server: None, defect } => write!(f, "{defect}"),
            ResolveError::Local { fault } => {
                write!(f, "this machine cannot open a socket to the name server: {}", fault.kind)
            }
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Defect::Message => "no message that can be read",
            Defect::Cut => "the stream ended inside a message",
            Defect::Truncated => "truncated (TC) over TCP too, without a record that was asked for",
            Defect::AliasLoop => "aliases lead back to a name already visited",
            Defect::TooManyAliases => "more than 16 aliases in a row",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fourstep_terms::FaultKind;

    #[test]
    fn every_error_has_a_code_and_a_plain_sentence() {
        let server = "192.0.2.53:53".parse().unwrap();
        let waited = Duration::from_secs(10);
        let local = |kind| ResolveError::Local { fault: Fault { kind, os_error: Some(24) } };
        let refused = Fault { kind: FaultKind::Refused, os_error: Some(111) };
        let malformed = |defect| ResolveError::Malformed { server: Some(server), defect };
        let rows = [
            // error, code, message
            (
                ResolveError::NoSuchName { name: "a.test".into() },
                Code::ResolveNoSuchName,
                "no such name: a.test",
            ),
            (
                ResolveError::NoAddress { name: "a.test".into(), family: Family::V6 },
                Code::ResolveNoAddress,
                "a.test exists and has no IPv6 address",
            ),
            (
                ResolveError::ServerFailure { server, rcode: Rcode::SERVFAIL },
                Code::ResolveServerFailure,
                "192.0.2.53:53 answered SERVFAIL",
            ),
            (
                ResolveError::ServerFailure { server, rcode: Rcode::NOERROR },
                Code::ResolveServerFailure,
                "192.0.2.53:53 only referred to other servers",
            ),
            (
                ResolveError::Refused { server },
                Code::ResolveRefused,
                "192.0.2.53:53 refuses to answer (REFUSED)",
            ),
            (
                ResolveError::Silent { asked: 2, waited },
                Code::ResolveSilent,
                "no answer to 2 queries within 10000 ms",
            ),
            (
                ResolveError::Unreachable { server: Some(server), fault: refused },
                Code::ResolveUnreachable,
                "no way to name server 192.0.2.53:53: refused",
            ),
            (
                malformed(Defect::Truncated),
                Code::ResolveMalformed,
                "the answer of 192.0.2.53:53: truncated (TC) over TCP too, without a record that was asked for",
            ),
            (
                malformed(Defect::AliasLoop),
                Code::ResolveMalformed,
                "the answer of 192.0.2.53:53: aliases lead back to a name already visited",
            ),
            (
                local(FaultKind::Descriptors),
                Code::LocalDescriptors,
                "this machine cannot open a socket to the name server: descriptors",
            ),
            (
                local(FaultKind::Ports),
                Code::LocalPorts,
                "this machine cannot open a socket to the name server: ports",
            ),
            (
                local(FaultKind::Memory),
                Code::LocalMemory,
                "this machine cannot open a socket to the name server: memory",
            ),
        ];
        for (error, code, message) in rows {
            assert_eq!((error.code(), error.to_string().as_str()), (code, message));
        }
        assert_eq!(local(FaultKind::Memory).os_error(), Some(24));
    }
}
