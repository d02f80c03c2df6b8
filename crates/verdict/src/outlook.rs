//! What a status code or a failure says by itself: what it means, why, and whether it passes.

use fourstep_terms::Code;

use crate::cause::Cause;

/// Seconds after which another try makes sense when nothing tells how long; see
/// [`Cause::patience_s`].
pub(crate) const PATIENCE_S: u64 = 30;

/// A redirect that could not be followed fails with the 3xx as its answer.
pub(crate) const fn is_redirect(code: Code) -> bool {
    matches!(
        code,
        Code::ResponseRedirectLoop | Code::ResponseRedirectLimit | Code::ResponseRedirectMalformed
    )
}

/// What a status code that is not accepted says, in the words of the document that defines it.
#[inline(always)] // where the code is known, so is what it says
pub(crate) const fn meaning(status: u16) -> &'static str {
    match status {
        100..=399 => "this status is not among those accepted",
        404 => "there is nothing here now, for a while or for good",
        408 => "the server waited for the request longer than it would",
        410 => "what was here is gone, likely for good",
        421 => "this server does not answer for this host",
        425 => "the server does not risk to handle this request early",
        429 => "too many requests in a given time",
        400..=499 => "the refusal concerns this request",
        500 => "the server met a condition that it did not expect",
        501 | 505 => "the server cannot do what this request needs",
        502 => "a gateway got an answer from behind it that it cannot use",
        503 => "overload or maintenance, which will likely be over after some delay",
        504 => "a gateway got no answer from behind it in time",
        507 => "the server has no room to store what it must",
        508 => "the server ended an endless loop in the request",
        511 => "the network wants a login first: this is not the server's answer",
        506..=599 => "the server failed",
        _ => "no document defines this code",
    }
}

#[inline(always)]
pub(crate) const fn clause(status: u16) -> &'static str {
    match status {
        404 => "RFC 9110 §15.5.5",
        408 => "RFC 9110 §15.5.9",
        410 => "RFC 9110 §15.5.11",
        421 => "RFC 9110 §15.5.20",
        429 => "RFC 6585 §4",
        511 => "RFC 6585 §6",
        400..=499 => "RFC 9110 §15.5",
        500 => "RFC 9110 §15.6.1",
        501 => "RFC 9110 §15.6.2",
        502 => "RFC 9110 §15.6.3",
        503 => "RFC 9110 §15.6.4",
        504 => "RFC 9110 §15.6.5",
        505 => "RFC 9110 §15.6.6",
        506..=599 => "RFC 9110 §15.6",
        _ => "RFC 9110 §15",
    }
}

/// What the code alone says of the cause.
pub(crate) const fn cause_of_status(status: u16) -> Option<Cause> {
    match status {
        429 => Some(Cause::RateLimit),
        500 => Some(Cause::Crash),
        // An invalid answer, says RFC 9110 §15.6.3; a refused connection, says nearly every gateway.
        502 => Some(Cause::BackendFailed),
        504 => Some(Cause::BackendSilent),
        _ => None,
    }
}

/// Whether a code alone says that it passes. 502 and 504 say what happened behind a gateway, and
/// nothing of how long it lasts (RFC 9110 §15.6.3 and §15.6.5).
pub(crate) const fn temporary_of_status(status: u16) -> Option<bool> {
    match status {
        408 | 425 | 429 | 503 => Some(true),
        404 | 409 | 423 => None,
        400..=499 | 501 | 505 | 508 | 510 | 511 => Some(false),
        _ => None,
    }
}

/// Whether a failure passes by itself, and after how many seconds another try makes sense.
pub(crate) const fn outlook(code: Code) -> (Option<bool>, Option<u64>) {
    match code {
        // A restart takes seconds, and so does a full queue to drain.
        Code::ConnectRefused
        | Code::ConnectReset
        | Code::RequestReset
        | Code::ResponseEmpty
        | Code::ResponseReset
        | Code::ResponseCut
        | Code::TlsClosed
        | Code::TlsReset => (None, Some(10)),
        Code::ConnectSilent
        | Code::ConnectUnreachable
        | Code::RequestSilent
        | Code::ResponseSilent
        | Code::ResponseStalled
        | Code::TlsSilent
        | Code::ResolveSilent
        | Code::ResolveServerFailure
        | Code::ResolveUnreachable => (None, Some(PATIENCE_S)),
        Code::LocalDescriptors | Code::LocalPorts | Code::LocalMemory | Code::LocalInterrupted => {
            (None, None)
        }
        Code::ResolveRefused | Code::ResolveMalformed | Code::ConnectDenied => (None, None),
        Code::TlsNotYetValid => (None, None),
        // What is wrong here is wrong until somebody changes it.
        Code::TargetMalformed
        | Code::ResolveNoSuchName
        | Code::ResolveNoAddress
        | Code::TlsAlert
        | Code::TlsNotTls
        | Code::TlsMalformed
        | Code::TlsUntrusted
        | Code::TlsExpired
        | Code::TlsRevoked
        | Code::TlsWrongName
        | Code::TlsWrongPin
        | Code::TlsIncompatible
        | Code::ResponseMalformed
        | Code::ResponseTooLarge
        | Code::ResponseRedirectLoop
        | Code::ResponseRedirectLimit
        | Code::ResponseRedirectMalformed => (Some(false), None),
    }
}

/// What an overloaded server does instead of answering 503, where this could be that.
pub(crate) const fn overload_looks_so(code: Code, there: bool) -> Option<&'static str> {
    match code {
        Code::ConnectRefused => Some(
            "the host is there: nothing listens, or a server that is overloaded or restarts refuses",
        ),
        Code::ConnectReset | Code::RequestReset | Code::ResponseReset => {
            Some("the server takes connections and throws them away: overload looks so")
        }
        Code::ConnectSilent if there => {
            Some("the host is there: its queue of connections is full, or a firewall drops them")
        }
        Code::ConnectSilent => {
            Some("nobody may be there; a full queue of connections looks the same")
        }
        Code::ResponseEmpty => Some("the server takes the request and closes: overload looks so"),
        Code::ResponseSilent | Code::RequestSilent | Code::TlsSilent => {
            Some("the connection stands and nobody serves it: overload looks so")
        }
        _ => None,
    }
}
