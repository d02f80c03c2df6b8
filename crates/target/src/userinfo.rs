//! Userinfo, and the Basic credentials it becomes.

use crate::error::Malformed;
use crate::fix::{Fixes, USERINFO_EMPTY, USERINFO_OCTETS};
use crate::octets::{is_control, is_sub_delim, is_unreserved, triplet};
use crate::piece::Piece;
use crate::refusal::USERINFO_OCTET;
use std::fmt;

/// A user and a password, percent-decoded.
///
/// RFC 9110 §4.2.4 deprecates userinfo in http URIs; it is never sent as such, but as Basic
/// credentials. The octets stand as typed (UTF-8, in the words of RFC 7617 §2.1, where it was
/// UTF-8).
#[derive(Clone, PartialEq, Eq)]
pub struct Userinfo {
    user: Box<[u8]>,
    password: Option<Box<[u8]>>,
}

impl Userinfo {
    /// The user: may be empty, has no colon and no control octet.
    pub fn user(&self) -> &[u8] {
        &self.user
    }

    /// The password; `None` when there was no colon.
    pub fn password(&self) -> Option<&[u8]> {
        self.password.as_deref()
    }

    /// The value of an Authorization field: `Basic` and base64 of `user:password`
    /// (RFC 7617 §2).
    pub fn basic(&self) -> String {
        let password = self.password.as_deref().unwrap_or_default();
        let pair = [&self.user, b":".as_slice(), password].concat();
        let mut value = String::from("Basic ");
        push_base64(&pair, &mut value);
        value
    }
}

/// Shows that there is a password, not which.
impl fmt::Debug for Userinfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let password = self.password.as_ref().map(|_| "***");
        f.debug_struct("Userinfo")
            .field("user", &self.user.escape_ascii().to_string())
            .field("password", &password)
            .finish()
    }
}

/// Reads what stands before the `@`; `None` when it says nothing: `@`, `:@`.
pub(crate) fn read(typed: Piece<'_>, fixes: &mut Fixes) -> Result<Option<Userinfo>, Malformed> {
    if matches!(typed.octets, [] | [b':']) {
        fixes.note(typed.at, USERINFO_EMPTY);
        return Ok(None);
    }
    let (user, rest) = typed.until(|octet| octet == b':');
    let user = decode(user, b":", fixes)?;
    let password = match rest.without(b":") {
        Some(password) => Some(decode(password, b"", fixes)?),
        None => None,
    };
    Ok(Some(Userinfo { user, password }))
}

/// Decodes `%XX`. A `%` without two hexadecimal digits stands for itself.
fn decode(typed: Piece<'_>, denied: &[u8], fixes: &mut Fixes) -> Result<Box<[u8]>, Malformed> {
    let mut octets = Vec::with_capacity(typed.octets.len());
    let mut rest = typed;
    while let Some(&first) = rest.octets.first() {
        let (octet, length) = triplet(rest.octets).map_or((first, 1), |octet| (octet, 3));
        if is_control(octet) || denied.contains(&octet) {
            return Err(rest.refuse(0, USERINFO_OCTET));
        }
        if length == 1 && !(is_unreserved(octet) || is_sub_delim(octet) || octet == b':') {
            fixes.note(rest.at, USERINFO_OCTETS);
        }
        octets.push(octet);
        rest = rest.cut(length).1;
    }
    Ok(octets.into())
}

/// Appends base64 with padding (RFC 4648 §4).
fn push_base64(octets: &[u8], out: &mut String) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for group in octets.chunks(3) {
        let octet = |n: usize| u32::from(group.get(n).copied().unwrap_or(0));
        let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
        for (n, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let sextet = usize::try_from(bits >> shift & 0x3F).unwrap_or(0);
            let letter = ALPHABET.get(sextet).filter(|_| n <= group.len());
            out.push(letter.map_or('=', |&letter| char::from(letter)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64() {
        let rows: [(&[u8], &str); 8] = [
            (b"", ""), // RFC 4648 §10
            (b"f", "Zg=="),
            (b"fo", "Zm8="),
            (b"foo", "Zm9v"),
            (b"foob", "Zm9vYg=="),
            (b"fooba", "Zm9vYmE="),
            (b"foobar", "Zm9vYmFy"),
            (b"\xFB\xEF\xFF", "++//"),
        ];
        for (octets, want) in rows {
            let mut out = String::new();
            push_base64(octets, &mut out);
            assert_eq!(out, want);
        }
    }
}
