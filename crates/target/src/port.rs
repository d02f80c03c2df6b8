//! The port.

use crate::error::Malformed;
use crate::fix::{Fixes, PORT_EMPTY, PORT_ZEROS};
use crate::octets::{NO_DIGIT, digit};
use crate::piece::Piece;
use crate::refusal::{PORT_DIGIT, PORT_RANGE, PORT_ZERO};
use std::num::NonZeroU16;

/// Reads the digits after the colon: `*DIGIT`, so none is lawful and means the scheme's port.
///
/// Port 0 is reserved (RFC 6335 §6): no service can be there, so it is refused.
pub(crate) fn read(digits: Piece<'_>, fixes: &mut Fixes) -> Result<Option<u16>, Malformed> {
    if let Some(index) = digits.find(|octet| !octet.is_ascii_digit()) {
        return Err(digits.refuse(index, PORT_DIGIT));
    }
    if digits.is_empty() {
        fixes.note(digits.at.saturating_sub(1), PORT_EMPTY);
        return Ok(None);
    }
    let (zeros, significant) = digits.until(|octet| octet != b'0');
    if significant.is_empty() {
        return Err(digits.refuse(0, PORT_ZERO));
    }
    if !zeros.is_empty() {
        fixes.note(digits.at, PORT_ZEROS);
    }
    let port = significant
        .octets
        .iter()
        .try_fold(0u16, |port, digit| port.checked_mul(10)?.checked_add(u16::from(digit - b'0')));
    port.map(Some).ok_or_else(|| digits.refuse(0, PORT_RANGE))
}

/// The port that `octets` begin with, if it is sent so (no zero first, and not too large), and what
/// follows it.
#[inline(always)]
pub(crate) fn prefix(octets: &[u8]) -> Option<(Option<NonZeroU16>, &[u8])> {
    let (first @ b'1'..=b'9', after) = octets.split_first()? else { return None };
    // None has more digits. Mostly so many octets follow, and the end is no question for each.
    let (port, digits) = match after.first_chunk::<4>() {
        Some(four) => number(digit(*first), four),
        None => number(digit(*first), after),
    };
    let port = NonZeroU16::new(u16::try_from(port).ok()?);
    Some((port, after.get(digits..)?))
}

/// The number that `octets` go on with, four at most, and how many digits they add.
#[inline(always)]
fn number(first: u32, octets: &[u8]) -> (u32, usize) {
    let mut number = first;
    for (octet, at) in octets.iter().zip(0..) {
        let digit = digit(*octet);
        if digit >= NO_DIGIT {
            return (number, at);
        }
        number = number * 10 + digit;
    }
    (number, octets.len())
}
