//! What can go wrong with a handshake, and with what is to be configured for one.

use std::fmt;
use std::time::Duration;

use fourstep_terms::Code;

/// Why there is no connection that TLS protects. Each has one [`Code`].
///
/// A [`Session`](crate::Session) gives all but `Silent` and `Reset`, which are for its caller, who
/// knows the clock and the socket.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsError {
    /// Nothing more came: the port may not speak TLS, or the server is overloaded.
    Silent {
        /// How much had come.
        octets: u64,
        /// Since the handshake began.
        waited: Duration,
    },
    /// The peer closed the connection during the handshake: it may want another name or version.
    Closed {
        /// How much had come.
        octets: u64,
    },
    /// The peer threw the connection away during the handshake.
    Reset {
        /// How much had come.
        octets: u64,
        /// What the system calls it.
        os_error: Option<i32>,
    },
    /// The peer ended TLS with an alert (RFC 8446 §6.2), during the handshake or after it.
    Alert {
        /// Its name: `certificate_required`.
        name: &'static str,
        /// Its number, for those without a name.
        number: u8,
    },
    /// The first octet begins no TLS record: the peer speaks something else here.
    NotTls {
        /// What came, escaped: at most 32 octets of what had come when the first was seen.
        shown: Box<str>,
        /// Whether it is HTTP in the clear: try `http://` on this port.
        http: bool,
    },
    /// A TLS record, and nonsense inside; or a handshake that no key of the certificate signed.
    Malformed {
        /// Octets before the record that does not fit; after the handshake, before the piece that was
        /// fed.
        offset: u64,
        /// What is wrong: one clause of a sentence.
        says: Box<str>,
    },
    /// The chain does not lead to a root that is trusted, or not in a way that may be trusted.
    Untrusted {
        /// What is wrong: one clause of a sentence.
        says: Box<str>,
        /// Whose certificate the server showed.
        subject: Box<str>,
        /// Who issued the last certificate of the chain as far as it could be followed.
        issuer: Box<str>,
    },
    /// A certificate on the way to the root is past its time.
    Expired {
        /// Whose certificate; empty when that cannot be told.
        subject: Box<str>,
        /// Its last second: seconds since 1970.
        not_after: u64,
        /// How long ago that is.
        ago: Duration,
    },
    /// A certificate on the way to the root is from the future.
    NotYetValid {
        /// Whose certificate; empty when that cannot be told.
        subject: Box<str>,
        /// Its first second: seconds since 1970.
        not_before: u64,
        /// How long until then.
        left: Duration,
    },
    /// A list says that a certificate on the way to the root was revoked.
    Revoked {
        /// Whose certificate the server showed.
        subject: Box<str>,
    },
    /// The certificate is for other names (RFC 9525 §6).
    WrongName {
        /// The name that was wanted.
        wanted: Box<str>,
        /// The names that it is for.
        names: Vec<Box<str>>,
    },
    /// The certificate's key is none of the pinned ones.
    WrongPin {
        /// The pin that the key would have: `sha256//…`.
        found: Box<str>,
    },
    /// The two sides have no version, cipher suite or group in common.
    Incompatible {
        /// What is missing: one clause of a sentence.
        says: Box<str>,
    },
}

impl TlsError {
    /// Its failure code.
    pub const fn code(&self) -> Code {
        match self {
            TlsError::Silent { .. } => Code::TlsSilent,
            TlsError::Closed { .. } => Code::TlsClosed,
            TlsError::Reset { .. } => Code::TlsReset,
            TlsError::Alert { .. } => Code::TlsAlert,
            TlsError::NotTls { .. } => Code::TlsNotTls,
            TlsError::Malformed { .. } => Code::TlsMalformed,
            TlsError::Untrusted { .. } => Code::TlsUntrusted,
            TlsError::Expired { .. } => Code::TlsExpired,
            TlsError::NotYetValid { .. } => Code::TlsNotYetValid,
            TlsError::Revoked { .. } => Code::TlsRevoked,
            TlsError::WrongName { .. } => Code::TlsWrongName,
            TlsError::WrongPin { .. } => Code::TlsWrongPin,
            TlsError::Incompatible { .. } => Code::TlsIncompatible,
        }
    }

    /// The system's error number, where a system call failed.
    pub const fn os_error(&self) -> Option<i32> {
        match self {
            TlsError::Reset { os_error, .. } => *os_error,
            _ => None, // no system call is behind the others
        }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlsError::Silent { octets, waited } => {
                let ms = waited.as_millis();
                write!(f, "handshake not done after {octets} octets and {ms} ms")
            }
            TlsError::Closed { octets } => {
                write!(f, "closed after {octets} octets of the handshake")
            }
            TlsError::Reset { octets, .. } => {
                write!(f, "reset after {octets} octets of the handshake")
            }
            TlsError::Alert { name, number } => write!(f, "the peer ended TLS: {name} ({number})"),
            TlsError::NotTls { shown, http: true } => {
                write!(f, "the peer answers HTTP in the clear: \"{shown}\"")
            }
            TlsError::NotTls { shown, http: false } => {
                write!(f, "the peer does not speak TLS: \"{shown}\"")
            }
            TlsError::Malformed { offset, says } => write!(f, "octet {offset}: {says}"),
            TlsError::Untrusted { says, subject, issuer } => {
                write!(f, "{says}: shown for {}, issued by {}", named(subject), named(issuer))
            }
            TlsError::Expired { subject, ago, .. } => {
                write!(f, "the certificate of {} expired {} ago", named(subject), span(*ago))
            }
            TlsError::NotYetValid { subject, left, .. } => {
                write!(f, "the certificate of {} is valid in {}", named(subject), span(*left))
            }
            TlsError::Revoked { subject } => {
                write!(
                    f,
                    "revoked by the list: the certificate of {}, or an issuer's",
                    named(subject)
                )
            }
            TlsError::WrongName { wanted, names } if names.is_empty() => {
                write!(f, "the certificate is for no name at all, not for {wanted}")
            }
            TlsError::WrongName { wanted, names } => {
                write!(f, "the certificate is not for {wanted} but for ")?;
                for (n, name) in names.iter().take(SHOWN_NAMES).enumerate() {
                    write!(f, "{}{name}", if n == 0 { "" } else { ", " })?;
                }
                match names.len().saturating_sub(SHOWN_NAMES) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more"),
                }
            }
            TlsError::WrongPin { found } => write!(f, "the certificate's key is {found}"),
            TlsError::Incompatible { says } => f.write_str(says),
        }
    }
}

impl std::error::Error for TlsError {}

/// How many of the names a certificate is for a message lists; the variant has them all.
const SHOWN_NAMES: usize = 5;

/// A subject may be empty (RFC 5280 §4.1.2.6).
fn named(subject: &str) -> &str {
    if subject.is_empty() { "nobody" } else { subject }
}

fn span(time: Duration) -> String {
    match time.as_secs() {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", s / 60),
        s @ 7_200..172_800 => format!("{} h", s / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

/// Why octets that were handed in cannot be used: which, where, what is wrong.
///
/// Its message never holds what was handed in: that may be a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    what: &'static str,
    line: usize,
    says: Box<str>,
}

impl ConfigError {
    pub(crate) fn new(what: &'static str, line: usize, says: &str) -> ConfigError {
        ConfigError { what, line, says: says.into() }
    }

    /// What cannot be used: `client key`.
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// The line of the text, from 1, where it is text.
    pub fn line(&self) -> Option<usize> {
        (self.line > 0).then_some(self.line)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.what, self.says),
            line => write!(f, "{}: line {line}: {}", self.what, self.says),
        }
    }
}

impl std::error::Error for ConfigError {}
