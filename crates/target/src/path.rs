//! Path and query: the request target in origin-form (RFC 9112 §3.2.1).

use crate::error::Malformed;
use crate::fix::{FRAGMENT, Fixes, NO_URI_OCTET, NON_ASCII, SPACE};
use crate::octets::{is_control, is_path_or_query, push_triplet, triplet};
use crate::piece::Piece;
use crate::refusal::CONTROL;

/// Reads what follows the authority, and appends what is sent of it: `/` for an empty path (RFC 9112 §3.2.1), no fragment, and
/// octet for octet as typed but for what a request line cannot carry.
pub(crate) fn read(
    typed: Piece<'_>,
    out: &mut Vec<u8>,
    fixes: &mut Fixes,
) -> Result<(), Malformed> {
    let typed = without_fragment(typed, fixes)?;
    if typed.octets.first() != Some(&b'/') {
        out.push(b'/');
    }
    push(typed, out, fixes);
    Ok(())
}

/// Refuses control characters, and drops the fragment (RFC 9110 §7.1).
pub(crate) fn without_fragment<'a>(
    typed: Piece<'a>,
    fixes: &mut Fixes,
) -> Result<Piece<'a>, Malformed> {
    if typed.find(|octet| !is_path_or_query(octet)).is_none() {
        return Ok(typed);
    }
    if let Some(index) = typed.find(is_control) {
        return Err(typed.refuse(index, CONTROL));
    }
    let (kept, fragment) = typed.until(|octet| octet == b'#');
    if !fragment.is_empty() {
        fixes.note(fragment.at, FRAGMENT);
    }
    Ok(kept)
}

/// Appends octets of a path or query; what was appended is visible ASCII.
pub(crate) fn push(typed: Piece<'_>, out: &mut Vec<u8>, fixes: &mut Fixes) {
    let mut rest = typed;
    while !rest.is_empty() {
        let (plain, after) = rest.until(|octet| !is_path_or_query(octet));
        out.extend_from_slice(plain.octets);
        rest = after;
        let Some(&octet) = rest.octets.first() else { break };
        match octet {
            b' ' => {
                fixes.note(rest.at, SPACE);
                push_triplet(octet, out);
            }
            0x80.. => {
                fixes.note(rest.at, NON_ASCII);
                push_triplet(octet, out);
            }
            _ => {
                if triplet(rest.octets).is_none() {
                    fixes.note(rest.at, NO_URI_OCTET);
                }
                out.push(octet);
            }
        }
        rest = rest.cut(1).1;
    }
}
