//! The port.

use crate::error::Malformed;
use crate::fix::{Fixes, PORT_EMPTY, PORT_ZEROS};
use crate::piece::Piece;
use crate::refusal::{PORT_DIGIT, PORT_RANGE, PORT_ZERO};

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

/// A port that `octets` begin with, as it is sent: no zero first, not too large; and its length.
pub(crate) fn prefix(octets: &[u8]) -> Option<(u16, usize)> {
    let (mut port, mut length) = (0_u16, 0);
    for &octet in octets {
        let digit = octet.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        port = port.checked_mul(10)?.checked_add(digit.into())?;
        if port == 0 {
            return None;
        }
        length += 1;
    }
    (length > 0).then_some((port, length))
}
