//! The scheme, and what is read when none was typed.

use crate::error::Malformed;
use crate::fix::{Fixes, NO_SCHEME, SCHEME_CASE};
use crate::octets::{ends_authority, is_in_scheme};
use crate::piece::Piece;
use crate::refusal::{SCHEME_OTHER, SCHEME_SLASHES};
use std::fmt;

/// The schemes that are probed (RFC 9110 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Plain HTTP over TCP (RFC 9110 §4.2.1).
    Http,
    /// HTTP over TLS (RFC 9110 §4.2.2).
    Https,
}

impl Scheme {
    /// `http` or `https`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// 80 or 443.
    pub const fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }

    /// The scheme of this name; capitals count as small letters (RFC 3986 §3.1).
    pub(crate) fn named(name: &[u8]) -> Option<Scheme> {
        [Scheme::Http, Scheme::Https]
            .into_iter()
            .find(|scheme| name.eq_ignore_ascii_case(scheme.as_str().as_bytes()))
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Schemes written without `//` that would else pass for a user and a host: `mailto:me@a.test`.
const WITH_AT: [&[u8]; 8] = [b"mailto", b"sip", b"sips", b"xmpp", b"acct", b"im", b"pres", b"mid"];

/// Reads the scheme and its `//`; hands back what follows them.
///
/// `a:80`, `a:`, and `user:secret@a` have no scheme though RFC 3986 §3.1 would read one: people
/// type them. So a word before a colon is a scheme when `//` follows, or when what follows can be
/// neither a port nor a password.
pub(crate) fn read<'a>(
    typed: Piece<'a>,
    fixes: &mut Fixes,
) -> Result<(Scheme, Piece<'a>), Malformed> {
    // As nearly all are typed: a compare each.
    if let Some(rest) = typed.without(b"http://") {
        return Ok((Scheme::Http, rest));
    }
    if let Some(rest) = typed.without(b"https://") {
        return Ok((Scheme::Https, rest));
    }
    if let Some(rest) = typed.without(b"//") {
        fixes.note(typed.at, NO_SCHEME);
        return Ok((Scheme::Http, rest));
    }
    let (word, colon) = split(typed);
    if let Some(after) = colon.without(b":") {
        if let Some(scheme) = Scheme::named(word.octets) {
            let slashes = || after.refuse(0, SCHEME_SLASHES);
            let rest = after.without(b"//").ok_or_else(slashes)?;
            if let Some(capital) = word.find(|octet| octet.is_ascii_uppercase()) {
                fixes.note(word.at + capital, SCHEME_CASE);
            }
            return Ok((scheme, rest));
        }
        if is_other(word.octets, after) {
            return Err(typed.refuse(0, SCHEME_OTHER));
        }
    }
    fixes.note(typed.at, NO_SCHEME);
    Ok((Scheme::Http, typed))
}

/// The longest start that could be a scheme's name, and from its colon on (if it is one).
pub(crate) fn split(typed: Piece<'_>) -> (Piece<'_>, Piece<'_>) {
    typed.until(|octet| !is_in_scheme(octet))
}

/// Whether `word:` begins a URI of a scheme that is not ours.
fn is_other(word: &[u8], after: Piece<'_>) -> bool {
    if after.octets.starts_with(b"//") {
        return true;
    }
    // A host has a dot more often than not, a scheme hardly ever.
    let may_be_scheme = word.first().is_some_and(u8::is_ascii_alphabetic) && !word.contains(&b'.');
    let (authority, path) = after.until(ends_authority);
    match authority.octets {
        // `a:` is a host, `file:/a` is not.
        [] => may_be_scheme && !path.is_empty(),
        [b'0'..=b'9', ..] => false,
        octets if octets.contains(&b'@') => {
            WITH_AT.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
        }
        octets => {
            // `fe80::1`: the host will say that brackets are missing.
            let address = |octet: &u8| octet.is_ascii_hexdigit() || *octet == b':';
            may_be_scheme && !(word.iter().all(address) && octets.iter().all(address))
        }
    }
}
