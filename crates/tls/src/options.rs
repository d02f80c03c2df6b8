//! What can be chosen.

use std::fmt;
use std::sync::Arc;

use crate::keylog::KeyLogSink;
use crate::pin::Pin;

/// A version of TLS that we speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl Version {
    /// As records write it: `TLSv1.3`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Version::Tls12 => "TLSv1.2",
            Version::Tls13 => "TLSv1.3",
        }
    }

    /// The version that options write as `1.2` or `1.3`.
    pub fn from_text(text: &str) -> Option<Version> {
        match text {
            "1.2" => Some(Version::Tls12),
            "1.3" => Some(Version::Tls13),
            _ => None,
        }
    }
}

/// Whom a chain must lead to. Each item is PEM text with any number of certificates, or one in DER.
#[derive(Clone, Debug)]
pub enum Roots {
    /// Mozilla's roots, built in.
    Bundled,
    /// These alone; one that cannot be read is an error.
    Given(Vec<Vec<u8>>),
    /// What the system keeps, read by the caller; those that cannot be used are left out.
    System(Vec<Vec<u8>>),
}

/// Which name the ClientHello shows (RFC 6066 §3). What is verified is the host, always.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sni {
    /// The host, unless it is an address.
    Host,
    /// This one.
    Other(Arc<str>),
    /// None.
    Absent,
}

/// How we say who we are, to a server that asks.
#[derive(Clone)]
pub struct Identity {
    /// Our certificate and its intermediates, in that order: PEM text, or one in DER.
    pub chain: Vec<u8>,
    /// Its key: PKCS #8, PKCS #1 or SEC 1, as PEM or DER, not encrypted.
    pub key: Vec<u8>,
}

/// What can be chosen. The default verifies against the bundled roots and offers `http/1.1`.
#[derive(Clone)]
pub struct Options {
    /// Whom to trust.
    pub roots: Roots,
    /// The oldest version to speak.
    pub oldest: Version,
    /// The newest version to speak.
    pub newest: Version,
    /// The protocols to offer, the best first (RFC 7301 §3.1); none sends no such extension.
    pub alpn: Vec<Box<[u8]>>,
    /// The name to show.
    pub sni: Sni,
    /// Who we are.
    pub identity: Option<Identity>,
    /// Go on whatever is wrong with chain and name, and report it still. Pins that were given are
    /// kept to, as curl does: a pin is how one trusts a certificate that no root vouches for.
    pub insecure: bool,
    /// The keys that alone are accepted; none accepts any.
    pub pins: Vec<Pin>,
    /// Revocation lists (RFC 5280 §5): PEM text with any number, or one in DER. A certificate that
    /// no list speaks of is taken as not revoked; a list past its time still revokes.
    pub crls: Vec<Vec<u8>>,
    /// Who is told the secrets of every session.
    pub keylog: Option<KeyLogSink>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            roots: Roots::Bundled,
            oldest: Version::Tls12,
            newest: Version::Tls13,
            alpn: vec![b"http/1.1".as_slice().into()],
            sni: Sni::Host,
            identity: None,
            insecure: false,
            pins: Vec::new(),
            crls: Vec::new(),
            keylog: None,
        }
    }
}

/// What is in it may be a key, and is not shown.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options").field("insecure", &self.insecure).finish_non_exhaustive()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity")
    }
}
