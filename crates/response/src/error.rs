//! What can go wrong with a response.

use fourstep_terms::Code;
use std::fmt;
use std::time::Duration;

/// Why there is no whole response. Each has one [`Code`].
///
/// A [`Reader`](crate::Reader) gives `Empty`, `Cut`, `Malformed` and `TooLarge`; the others are
/// for its caller, who knows the clock, the socket and the redirects before this one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseError {
    /// Closed before the first octet: the service behind the port may have crashed, or dropped
    /// us on purpose.
    Empty,
    /// Not one octet came: the service may be stuck, or the limit too short.
    Silent {
        /// Since the request was sent.
        waited: Duration,
    },
    /// It began, and then nothing came, or too slowly to end in time.
    Stalled {
        /// How much had come.
        octets: u64,
        /// Since the request was sent.
        waited: Duration,
    },
    /// The peer threw the connection away.
    Reset {
        /// How much had come.
        octets: u64,
        /// What the system calls it.
        os_error: Option<i32>,
    },
    /// Closed before the response was whole (RFC 9112 §8).
    Cut {
        /// How much had come.
        octets: u64,
        /// What was cut.
        part: Part,
        /// How much of it is missing, where that was said beforehand.
        missing: Option<u64>,
    },
    /// Octets that are no HTTP, or that two readers would read differently.
    Malformed {
        /// Octets before the one that does not fit, from the first of the response.
        offset: u64,
        /// A stable name, in words joined by hyphens: `bare-cr`.
        rule: &'static str,
        /// What is wrong: one clause of a sentence.
        says: &'static str,
        /// The clause that forbids it: `RFC 9112 §2.2`.
        reference: &'static str,
        /// The octets found there, escaped: at most 32, and of these what had come when the fault
        /// was seen. Nothing else here depends on how the stream was cut.
        shown: Box<str>,
    },
    /// More than a limit of ours ([`Limits`](crate::Limits)).
    TooLarge {
        /// What is too large.
        part: Part,
        /// The limit, in octets, fields or responses.
        limit: u64,
    },
    /// A redirect to where we have been.
    RedirectLoop {
        /// The target, a password in it hidden.
        target: Box<str>,
    },
    /// One redirect more than may be followed.
    RedirectLimit {
        /// How many may be.
        limit: u32,
    },
    /// A Location that is no URL reference (RFC 9110 §10.2.2).
    RedirectMalformed {
        /// Octets before the one that does not fit, from the first of the field's value.
        offset: usize,
        /// What would have fitted.
        expected: &'static str,
    },
}

/// A part of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Status line and fields, an interim response's too.
    Head,
    /// The number of fields.
    Fields,
    /// The number of interim responses.
    Interim,
    /// The body.
    Body,
    /// The line that says how large a chunk is, with its extensions.
    ChunkLine,
    /// The fields after the last chunk.
    Trailers,
}

impl Part {
    /// The word for it, with what it is counted in.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Part::Head => ("the head", "octets"),
            Part::Fields => ("a field section", "fields"),
            Part::Interim => ("the response", "interim responses"),
            Part::Body => ("the body", "octets"),
            Part::ChunkLine => ("a chunk-size line", "octets"),
            Part::Trailers => ("the trailer section", "octets"),
        }
    }
}

impl ResponseError {
    /// Its failure code.
    pub const fn code(&self) -> Code {
        match self {
            ResponseError::Empty => Code::ResponseEmpty,
            ResponseError::Silent { .. } => Code::ResponseSilent,
            ResponseError::Stalled { .. } => Code::ResponseStalled,
            ResponseError::Reset { .. } => Code::ResponseReset,
            ResponseError::Cut { .. } => Code::ResponseCut,
            ResponseError::Malformed { .. } => Code::ResponseMalformed,
            ResponseError::TooLarge { .. } => Code::ResponseTooLarge,
            ResponseError::RedirectLoop { .. } => Code::ResponseRedirectLoop,
            ResponseError::RedirectLimit { .. } => Code::ResponseRedirectLimit,
            ResponseError::RedirectMalformed { .. } => Code::ResponseRedirectMalformed,
        }
    }

    /// The system's error number, where a system call failed.
    pub const fn os_error(&self) -> Option<i32> {
        match self {
            ResponseError::Reset { os_error, .. } => *os_error,
            _ => None, // no system call is behind the others
        }
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResponseError::Empty => f.write_str("closed without an octet of a response"),
            ResponseError::Silent { waited } => {
                write!(f, "no octet of a response in {} ms", waited.as_millis())
            }
            ResponseError::Stalled { octets, waited } => {
                write!(f, "not whole after {octets} octets and {} ms", waited.as_millis())
            }
            ResponseError::Reset { octets: 0, .. } => f.write_str("reset before the first octet"),
            ResponseError::Reset { octets, .. } => write!(f, "reset after {octets} octets"),
            ResponseError::Cut { octets, part, missing } => {
                write!(f, "closed at octet {octets}, before the end of {}", part.words().0)?;
                missing.map_or(Ok(()), |missing| write!(f, " ({missing} more expected)"))
            }
            ResponseError::Malformed { offset, says, reference, shown, .. } => {
                write!(f, "octet {offset}: {says} ({reference}); found \"{shown}\"")
            }
            ResponseError::TooLarge { part, limit } => {
                let (part, unit) = part.words();
                write!(f, "{part} has more than {limit} {unit}")
            }
            ResponseError::RedirectLoop { target } => {
                write!(f, "redirected back to {target}")
            }
            ResponseError::RedirectLimit { limit: 1 } => {
                f.write_str("redirected again after 1 redirect")
            }
            ResponseError::RedirectLimit { limit } => {
                write!(f, "redirected again after {limit} redirects")
            }
            ResponseError::RedirectMalformed { offset, expected } => {
                write!(f, "Location, octet {offset}: expected {expected}")
            }
        }
    }
}

impl std::error::Error for ResponseError {}
