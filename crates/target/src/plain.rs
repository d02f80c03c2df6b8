//! What most of a long list is: `http://192.0.2.1:8080/x`, `https://a.test/`, `a.test:8080`, `a.test`.

use crate::octets::path_or_query;
use crate::scheme::Scheme;
use crate::{ipv4, name, port};
use std::net::Ipv4Addr;
use std::num::NonZeroU16;

/// A target with nothing to change but a scheme or a path to add, and nothing to hide.
pub(crate) struct Plain {
    /// `None`: none was typed, and http is taken.
    pub(crate) scheme: Option<Scheme>,
    pub(crate) host: PlainHost,
    pub(crate) port: Option<NonZeroU16>,
    /// Where the path begins; the end, when there is none.
    pub(crate) path_at: usize,
    /// Where it ends: what follows is no part of it.
    pub(crate) end: usize,
}

#[derive(Clone, Copy)]
pub(crate) enum PlainHost {
    V4(Ipv4Addr),
    /// It stands there, in small letters.
    Name {
        from: usize,
        to: usize,
    },
}

/// Reads what `typed` begins with in one pass, from left to right; `None` for all else, to be read
/// part by part.
pub(crate) fn read(typed: &[u8]) -> Option<Plain> {
    let (scheme, rest) = scheme(typed);
    if let Ok((address, rest, _)) = ipv4::prefix(rest) {
        return behind_host(typed, scheme, PlainHost::V4(address), rest);
    }
    let from = typed.len() - rest.len();
    let (name, rest) = rest.split_at_checked(name::prefix(rest)?)?;
    // Without slashes `http:80` is no target.
    if scheme.is_none() && Scheme::named(name).is_some() {
        return None;
    }
    behind_host(typed, scheme, PlainHost::Name { from, to: from + name.len() }, rest)
}

/// The same, where it is an address and some lines follow, as in most long lists.
#[inline(always)]
pub(crate) fn read_address(typed: &[u8]) -> Option<Plain> {
    let (scheme, rest) = scheme(typed);
    let (address, rest) = ipv4::with_room(rest)?;
    behind_host(typed, scheme, PlainHost::V4(address), rest)
}

/// Reads what follows the host.
#[inline(always)]
fn behind_host(
    typed: &[u8],
    scheme: Option<Scheme>,
    host: PlainHost,
    rest: &[u8],
) -> Option<Plain> {
    let (port, rest) = match rest {
        [b':', digits @ ..] => port::prefix(digits)?,
        _ => (None, rest),
    };
    let default_port = scheme.unwrap_or(Scheme::Http).default_port();
    if port.is_some_and(|port| port.get() == default_port) {
        return None;
    }
    let path_at = typed.len() - rest.len();
    let end = match rest {
        [b'/', ..] => path_at + path_or_query(rest),
        _ => path_at,
    };
    Some(Plain { scheme, host, port, path_at, end })
}

#[inline(always)]
fn scheme(typed: &[u8]) -> (Option<Scheme>, &[u8]) {
    // Compared as arrays, these are two words; as patterns, their octets one by one.
    if let Some((first, rest)) = typed.split_first_chunk()
        && first == b"http://"
    {
        return (Some(Scheme::Http), rest);
    }
    if let Some((first, rest)) = typed.split_first_chunk()
        && first == b"https://"
    {
        return (Some(Scheme::Https), rest);
    }
    (None, typed)
}
