//! The authority: `[userinfo "@"] host [":" port]` (RFC 3986 §3.2).

use crate::error::Malformed;
use crate::fix::{Fixes, PORT_DEFAULT};
use crate::host::Host;
use crate::octets::{is_control, is_odd_in_authority};
use crate::piece::Piece;
use crate::refusal::{AFTER_ADDRESS, BACKSLASH, CONTROL, USERINFO_AT, V6_BRACKET};
use crate::scheme::Scheme;
use crate::userinfo::Userinfo;
use crate::{host, name, port, userinfo};

pub(crate) struct Authority<'a> {
    pub(crate) userinfo: Option<Userinfo>,
    pub(crate) host: Host,
    /// As typed: `None` when there was none.
    pub(crate) port: Option<u16>,
    /// Host and port as typed, when they are sent so; else they are written anew.
    pub(crate) verbatim: Option<&'a [u8]>,
}

/// Reads what stands between `//` and the path.
pub(crate) fn read<'a>(
    typed: Piece<'a>,
    scheme: Scheme,
    fixes: &mut Fixes,
) -> Result<Authority<'a>, Malformed> {
    // Nearly all authorities have none of these: one look tells.
    let (before, host) = match typed.find(is_odd_in_authority) {
        None => (None, typed),
        Some(_) => split_userinfo(typed)?,
    };
    let userinfo = match before {
        Some(before) => userinfo::read(before, fixes)?,
        None => None,
    };
    let (typed, fixed) = (host, fixes.count());
    let (host, after) = if host.octets.first() == Some(&b'[') {
        let (literal, after) = host::split_literal(host)?;
        (host::read_literal(literal, fixes)?, after)
    } else {
        let (before, after) = host.until(|octet| octet == b':');
        if after.octets.iter().filter(|&&octet| octet == b':').count() > 1 {
            return Err(host.refuse(0, V6_BRACKET));
        }
        (name::read(before, fixes)?, after)
    };
    let port = match after.without(b":") {
        Some(digits) => {
            let port = port::read(digits, fixes)?;
            if port == Some(scheme.default_port()) {
                fixes.note(after.at, PORT_DEFAULT);
            }
            port
        }
        None if after.is_empty() => None,
        None => return Err(after.refuse(0, AFTER_ADDRESS)),
    };
    // Whatever is changed is noted, but for a zone, which is for this machine.
    let is_verbatim = fixes.count() == fixed && host.zone().is_none();
    let verbatim = is_verbatim.then_some(typed.octets);
    Ok(Authority { userinfo, host, port, verbatim })
}

/// What stands before the `@`, and what after it.
///
/// One `@` only: of several, some readers take the first and some the last, and so arrive at
/// different hosts. RFC 3986 §3.2.1 has an `@` in userinfo written as `%40`.
fn split_userinfo(typed: Piece<'_>) -> Result<(Option<Piece<'_>>, Piece<'_>), Malformed> {
    if let Some(index) = typed.find(is_control) {
        return Err(typed.refuse(index, CONTROL));
    }
    // WHATWG readers take `\` for `/`, RFC 3986 readers do not: `good.test\@evil.test` is two hosts.
    if let Some(index) = typed.find(|octet| octet == b'\\') {
        return Err(typed.refuse(index, BACKSLASH));
    }
    let (before, rest) = typed.until(|octet| octet == b'@');
    let Some(host) = rest.without(b"@") else { return Ok((None, typed)) };
    if host.octets.contains(&b'@') {
        return Err(rest.refuse(0, USERINFO_AT));
    }
    Ok((Some(before), host))
}
