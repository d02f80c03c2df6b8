//! Sixteen octets looked at once: a bit for each that has a property, the lowest for the first.

/// The octets of these that are no letters.
#[inline(always)]
pub(crate) fn no_letters(octets: &[u8; 16]) -> u32 {
    bits(octets, |octet| !(octet | 0x20).is_ascii_lowercase())
}

/// The octets of these that are not printable ASCII.
#[inline(always)]
pub(crate) fn not_printable(octets: &[u8; 16]) -> u32 {
    bits(octets, |octet| !matches!(octet, b' '..=b'~'))
}

/// The place of the first octet that has a bit; 16 if none has.
#[inline(always)]
pub(crate) const fn first(bits: u32) -> usize {
    // With that bit there, the compiler knows that a place of 17 comes out.
    (bits | 1 << 16).trailing_zeros() as usize
}

/// A bit for each octet that has a property.
///
/// Compilers know this tree, of numbers that have 16 bits, for what vector instructions do at once:
/// if the property is to be in one range, and none of the octets was looked at alone before, which
/// takes it out of the tree.
#[inline(always)]
fn bits(octets: &[u8; 16], has: impl Fn(u8) -> bool) -> u32 {
    let one = |n: usize| u16::from(octets.get(n).is_some_and(|octet| has(*octet)));
    let two = |n: usize| one(2 * n) | one(2 * n + 1) << 1;
    let four = |n: usize| two(2 * n) | two(2 * n + 1) << 2;
    let eight = |n: usize| four(2 * n) | four(2 * n + 1) << 4;
    u32::from(eight(0) | eight(1) << 8)
}
