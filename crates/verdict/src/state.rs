//! What state a target is in.

use std::fmt;
use std::net::IpAddr;

use fourstep_probe::{Endpoint, Report};
use fourstep_terms::Code;

/// What state a target is in, as one probe shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It answered, and the status is accepted.
    Ok,
    /// It answered, and refuses this request: another one might be answered.
    Rejected,
    /// It is there, and answers nobody now, or says so.
    Unavailable,
    /// There is no such name, no way to it, or nobody there.
    Unreachable,
    /// TLS could not be agreed on, or who answers cannot be trusted.
    Untrusted,
    /// What it answers cannot be read, or not to its end.
    Broken,
    /// The probe failed for a reason that says nothing of the target.
    Unknown,
}

impl State {
    /// Every state.
    pub const ALL: [State; 7] = [
        State::Ok,
        State::Rejected,
        State::Unavailable,
        State::Unreachable,
        State::Untrusted,
        State::Broken,
        State::Unknown,
    ];

    /// The word that records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Rejected => "rejected",
            State::Unavailable => "unavailable",
            State::Unreachable => "unreachable",
            State::Untrusted => "untrusted",
            State::Broken => "broken",
            State::Unknown => "unknown",
        }
    }

    /// The state with this word.
    pub fn from_text(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// What a final response with a status that is not accepted shows.
    ///
    /// 501 and 505 refuse this request only (RFC 9110 §15.6.2 and §15.6.6), and so do 508, 510 and
    /// 511 (RFC 6585 §6); any other 5xx is read as 500 (§15).
    pub const fn of_status(status: u16) -> State {
        match status {
            501 | 505 | 508 | 510 | 511 => State::Rejected,
            429 | 500..=599 => State::Unavailable,
            _ => State::Rejected,
        }
    }

    /// What a failure shows. `there` says whether the host is known to be there.
    pub const fn of_failure(code: Code, there: bool) -> State {
        match code {
            Code::ResolveNoSuchName
            | Code::ResolveNoAddress
            | Code::ResolveServerFailure
            | Code::ResolveRefused
            | Code::ResolveSilent
            | Code::ResolveUnreachable
            | Code::ResolveMalformed
            | Code::ConnectUnreachable
            | Code::ConnectDenied => State::Unreachable,
            Code::ConnectSilent if !there => State::Unreachable,
            Code::ConnectSilent
            | Code::ConnectRefused
            | Code::ConnectReset
            | Code::TlsSilent
            | Code::TlsClosed
            | Code::TlsReset
            | Code::RequestReset
            | Code::RequestSilent
            | Code::ResponseEmpty
            | Code::ResponseSilent
            | Code::ResponseReset => State::Unavailable,
            Code::TlsAlert
            | Code::TlsUntrusted
            | Code::TlsExpired
            | Code::TlsNotYetValid
            | Code::TlsRevoked
            | Code::TlsWrongName
            | Code::TlsWrongPin
            | Code::TlsIncompatible => State::Untrusted,
            Code::TlsNotTls
            | Code::TlsMalformed
            | Code::ResponseStalled
            | Code::ResponseCut
            | Code::ResponseMalformed
            | Code::ResponseTooLarge
            | Code::ResponseRedirectLoop
            | Code::ResponseRedirectLimit
            | Code::ResponseRedirectMalformed => State::Broken,
            Code::TargetMalformed
            | Code::LocalDescriptors
            | Code::LocalPorts
            | Code::LocalMemory
            | Code::LocalInterrupted => State::Unknown,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether the host that did not answer is known to be there: it is this machine, or another
/// attempt at the same address was answered, a refusal being an answer too.
pub(crate) fn host_is_there(report: &Report) -> bool {
    let Some(connection) = &report.connect else { return false };
    let address = |to: &Endpoint| match to {
        Endpoint::Ip(address) => Some(address.ip()),
        Endpoint::Unix(_) => None,
    };
    let answered: Vec<IpAddr> = connection
        .attempts
        .iter()
        .filter(|it| matches!(it.failure, Some(Code::ConnectRefused | Code::ConnectReset)))
        .filter_map(|it| address(&it.to))
        .collect();
    connection.attempts.iter().filter(|it| it.failure == Some(Code::ConnectSilent)).any(|it| {
        match address(&it.to) {
            Some(ip) => ip.to_canonical().is_loopback() || answered.contains(&ip),
            // The other end of a unix socket is on this machine.
            None => true,
        }
    })
}
