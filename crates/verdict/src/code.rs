//! How a template stands in the program: its parts one after the other, an octet each, and after
//! [`OCTETS`] a length, an octet as well, and what stands as it is.
//!
//! The build writes it and `template` reads it, and so for [`gram_slot`] and [`name_slot`], by which
//! `index` finds what the build put away.

/// Octets that stand as they are.
pub(crate) const OCTETS: u8 = 0;
/// `{any}`
pub(crate) const ANY: u8 = 1;
/// `{text}`
pub(crate) const TEXT: u8 = 2;
/// `{version}`
pub(crate) const VERSION: u8 = 3;
/// `{digits}`
pub(crate) const DIGITS: u8 = 4;
/// `{status}`
pub(crate) const STATUS: u8 = 5;
/// `{reason}`
pub(crate) const REASON: u8 = 6;

/// Where a text stands that a sign is looked for in: this is the body; a field has the number of its
/// name.
pub(crate) const IN_BODY: u8 = u8::MAX;
/// The reason phrase.
pub(crate) const IN_REASON: u8 = u8::MAX - 1;

/// The bits of a slot.
pub(crate) const GRAM_BITS: u32 = 13;

/// An odd number whose bits are well mixed: 2³² divided by the golden ratio.
const MIX: u32 = 0x9E37_79B1;

/// Four octets of a text.
pub(crate) type Gram = [u8; 4];

/// What every text has.
pub(crate) const EVERY: Gram = [0; 4];

/// What a text shorter than four octets has: itself, and an octet that no text has.
pub(crate) fn of_short(text: &[u8]) -> Gram {
    let mut gram = [0, 0, 0, u8::MAX];
    gram.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
    gram
}

/// What every text of a response with this status code has.
pub(crate) fn of_status(status: u16) -> Gram {
    u32::from(status).to_le_bytes()
}

/// Where in the index four octets are, as they stand in a text at this place.
pub(crate) const fn gram_slot(place: u8, gram: Gram) -> usize {
    let key = u32::from_le_bytes(gram) ^ (place as u32).wrapping_mul(MIX);
    (key.wrapping_mul(MIX) >> (u32::BITS - GRAM_BITS)) as usize
}

/// Where of 256 slots a name of a field is, or behind it where that is taken; names have no case.
pub(crate) fn name_slot(name: &[u8]) -> usize {
    // Setting the bit of lower case confuses no two letters.
    let octet = |at: usize| name.get(at).map_or(0, |octet| octet | 0x20);
    let len = name.len();
    let some = [octet(len / 4), octet(len / 2), octet(len.wrapping_sub(1)), len.to_le_bytes()[0]];
    (u32::from_le_bytes(some).wrapping_mul(MIX) >> 24) as usize
}
