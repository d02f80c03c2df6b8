//! The version a request says.

use std::fmt;

/// The version in the request line (RFC 9112 §2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Version {
    /// HTTP/1.0: the peer may send no chunks and no interim response (RFC 9110 §15.2).
    Http10,
    /// HTTP/1.1.
    #[default]
    Http11,
}

impl Version {
    /// As the request line has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Version::Http10 => "HTTP/1.0",
            Version::Http11 => "HTTP/1.1",
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
