//! How a template stands in the program: its parts one after the other, an octet each, and after
//! [`OCTETS`] a length (two octets, the low one first) and what stands as it is.
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
pub(crate) const GRAM_BITS: u32 = 12;

/// An odd number whose bits are well mixed: 2³² divided by the golden ratio.
const MIX: u32 = 0x9E37_79B1;

/// Where in the index four octets are, as they stand in a text at this place.
pub(crate) const fn gram_slot(place: u8, gram: [u8; 4]) -> usize {
    let key = u32::from_le_bytes(gram) ^ (place as u32).wrapping_mul(MIX);
    (key.wrapping_mul(MIX) >> (u32::BITS - GRAM_BITS)) as usize
}

/// Where in a table of `slots`, a power of two, a field name is; names have no case.
pub(crate) fn name_slot(name: &[u8], seed: u32, slots: usize) -> usize {
    // FNV-1a. Setting the bit of lower case confuses no two letters.
    let mix = |hash: u32, octet: &u8| (hash ^ u32::from(octet | 0x20)).wrapping_mul(0x0100_0193);
    (name.iter().fold(seed, mix) >> 8) as usize & (slots - 1)
}
