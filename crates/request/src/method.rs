//! The method, as far as it changes what is written or read.

use crate::error::RequestError;

/// What the reader of the response must know of the method (RFC 9112 §6.3, items 1 and 2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Asks {
    /// HEAD: the response has no body, whatever its fields say.
    Head,
    /// CONNECT: after a 2xx comes no body but a tunnel.
    Connect,
    /// Any other.
    #[default]
    Other,
}

impl Asks {
    /// Methods are case-sensitive (RFC 9110 §9.1): `head` is another method.
    pub(crate) fn by(method: &str) -> Asks {
        match method {
            "HEAD" => Asks::Head,
            "CONNECT" => Asks::Connect,
            _ => Asks::Other,
        }
    }
}

/// Whether a request without content should say `Content-Length: 0` (RFC 9110 §8.6): the methods
/// that give content a meaning.
pub(crate) fn expects_content(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH")
}

/// A token (RFC 9110 §5.6.2, §9.1).
pub(crate) fn check(method: &str) -> Result<(), RequestError> {
    let octets = method.as_bytes();
    match octets.iter().position(|&octet| !is_token(octet)) {
        None if !octets.is_empty() => Ok(()),
        index => {
            let offset = index.unwrap_or(0);
            let expected = "a method: letters, digits or !#$%&'*+-.^_`|~";
            Err(RequestError::at(octets, offset, "method", expected, "RFC 9110 §9.1"))
        }
    }
}

/// `tchar` of RFC 9110 §5.6.2.
pub(crate) fn is_token(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet)
}
