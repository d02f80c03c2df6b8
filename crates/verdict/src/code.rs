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

/// The bits of a slot.
pub(crate) const GRAM_BITS: u32 = 13;

/// An odd number whose bits are well mixed: 2³² divided by the golden ratio.
const MIX: u32 = 0x9E37_79B1;

/// Four octets of a text.
pub(crate) type Gram = [u8; 4];

/// What a text has that begins with the status code.
pub(crate) const BY_STATUS: Gram = [u8::MAX; 4];

/// What every text of a response with this status code has.
pub(crate) fn of_status(status: u16) -> Gram {
    u32::from(status).to_le_bytes()
}

/// What a text has as a whole: its length, and octets that tell most texts apart.
pub(crate) fn of_whole(text: &[u8]) -> Gram {
    let octet = |at: usize| text.get(at).map_or(0, |octet| *octet);
    let len = text.len();
    [len.to_le_bytes()[0], octet(len / 4), octet(len / 2), octet(len.wrapping_sub(1))]
}

/// Where in the index four octets are, as a text at this place has them.
pub(crate) const fn gram_slot(place: u8, gram: Gram) -> usize {
    let key = u32::from_le_bytes(gram) ^ (place as u32).wrapping_mul(MIX);
    (key.wrapping_mul(MIX) >> (u32::BITS - GRAM_BITS)) as usize
}

/// The bits of a slot for a name.
pub(crate) const NAME_BITS: u32 = 10;

/// Where a name of a field is, or behind it where that is taken; by a number that the build has found,
/// so that it mostly is there. Names have no case.
pub(crate) fn name_slot(mix: u32, name: &[u8]) -> usize {
    // Setting the bit of lower case confuses no two letters.
    let key = u32::from_le_bytes(of_whole(name)) | 0x2020_2000;
    (key.wrapping_mul(mix) >> (u32::BITS - NAME_BITS)) as usize
}
