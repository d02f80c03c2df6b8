//! The host, and addresses in brackets.

use crate::error::Malformed;
use crate::fix::{Fixes, HOST_ADDRESS_FORM};
use crate::ipv6;
use crate::octets::is_unreserved;
use crate::piece::Piece;
use crate::refusal::{V6_END, V6_FUTURE, V6_ZONE};
use std::fmt;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who is asked (RFC 3986 §3.2.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name in small letters and A-labels, at most 253 octets, each label 1–63. A dot at the end
    /// stands when it was typed: the name is absolute, and no search list applies (RFC 1034 §3.1).
    /// Besides letters, digits, `-`, `.` and `_` it may hold what RFC 3986 allows in a `reg-name`:
    /// `~!$&'()*+,;=`. Its last label is no number.
    Name(Box<str>),
    /// Four decimal numbers.
    V4(Ipv4Addr),
    /// An address that stood in brackets, and the zone it is to be reached through (`lo`, `eth0`,
    /// `2`), which concerns this machine only and is never sent (RFC 4007 §11.2).
    V6(Ipv6Addr, Option<Box<str>>),
}

impl Host {
    /// The address, when it is one.
    pub fn address(&self) -> Option<IpAddr> {
        match *self {
            Host::Name(_) => None,
            Host::V4(address) => Some(address.into()),
            Host::V6(address, _) => Some(address.into()),
        }
    }

    /// The zone of an IPv6 address.
    pub fn zone(&self) -> Option<&str> {
        match self {
            Host::V6(_, zone) => zone.as_deref(),
            Host::Name(_) | Host::V4(_) => None,
        }
    }
}

/// As in an authority: an IPv6 address in brackets and its canonical form (RFC 5952 §4), without
/// its zone (RFC 4007 §11.2).
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::V4(address) => write!(f, "{address}"),
            Host::V6(address, _) => write!(f, "[{address}]"),
        }
    }
}

/// What stands between `[` and `]`, and what after it.
pub(crate) fn split_literal(typed: Piece<'_>) -> Result<(Piece<'_>, Piece<'_>), Malformed> {
    let (_, inside) = typed.cut(1);
    let (literal, rest) = inside.until(|octet| octet == b']');
    let after = rest.without(b"]").ok_or_else(|| rest.refuse(0, V6_END))?;
    Ok((literal, after))
}

/// Whether an address is written as RFC 5952 §4 wants it.
fn is_canonical(text: &[u8], address: Ipv6Addr) -> bool {
    // The longest ends in an address of version 4.
    let mut octets = [0; "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".len()];
    let mut rest = octets.as_mut_slice();
    // All of it has room.
    let _ = write!(rest, "{address}");
    let left = rest.len();
    octets.strip_prefix(text).is_some_and(|after| after.len() == left)
}

/// Reads an IPv6 address and its zone.
///
/// People type `%lo` (RFC 9844 §4), URIs were to have `%25lo` (RFC 6874 §2): both are read. `%25`
/// alone is zone 25.
pub(crate) fn read_literal(literal: Piece<'_>, fixes: &mut Fixes) -> Result<Host, Malformed> {
    if let [b'v' | b'V', ..] = literal.octets {
        return Err(literal.refuse(0, V6_FUTURE));
    }
    let (text, rest) = literal.until(|octet| octet == b'%');
    let address = ipv6::read(text)?;
    if !is_canonical(text.octets, address) {
        fixes.note(text.at, HOST_ADDRESS_FORM);
    }
    let Some(zone) = rest.without(b"%") else { return Ok(Host::V6(address, None)) };
    let zone = match zone.without(b"25") {
        Some(encoded) if !encoded.is_empty() => encoded,
        _ => zone,
    };
    let unfit = if zone.is_empty() { Some(0) } else { zone.find(|octet| !is_unreserved(octet)) };
    if let Some(index) = unfit {
        return Err(zone.refuse(index, V6_ZONE));
    }
    let name = str::from_utf8(zone.octets).unwrap_or_default();
    Ok(Host::V6(address, Some(name.into())))
}
