//! How a template stands in the program: its parts one after the other, an octet each, and after
//! [`OCTETS`] a length, an octet as well, and what stands as it is.
//!
//! The build writes it and `template` reads it, and so for slots, by which `index` and `fields` find
//! what the build put away.

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

/// An odd number whose bits are well mixed: 2³² divided by the golden ratio.
const MIX: u32 = 0x9E37_79B1;

/// Four octets of a text.
pub(crate) type Gram = [u8; 4];

/// What a text has that begins with the status code.
pub(crate) const BY_STATUS: Gram = [u8::MAX; 4];

/// What a text has that begins with the reason phrase.
pub(crate) const BY_REASON: Gram = [u8::MAX - 1; 4];

/// What a text has that has one of [`RARE`](crate::table::RARE).
pub(crate) const BY_RARE: Gram = [u8::MAX - 2; 4];

/// What every text of a response with this status code has.
pub(crate) fn of_status(status: u16) -> Gram {
    u32::from(status).to_le_bytes()
}

/// What a text has as a whole: its length, its first octets and its last.
#[inline]
pub(crate) fn of_whole(text: &[u8]) -> Gram {
    let ends = match (text.first_chunk(), text.last_chunk()) {
        (Some(first), Some(last)) => {
            u32::from_le_bytes(*first) ^ u32::from_le_bytes(*last).rotate_left(11)
        }
        // Three at most.
        _ => text.iter().fold(0, |ends, octet| (ends << 8) | u32::from(*octet)),
    };
    let [length, more, ..] = text.len().to_le_bytes();
    (ends ^ (u32::from(u16::from_le_bytes([length, more])) << 16)).to_le_bytes()
}

/// The bits of a slot for a gram of a body.
pub(crate) const BODY_BITS: u32 = 14;
/// The bits of a slot for a gram of any other text.
pub(crate) const TEXT_BITS: u32 = 12;

/// How far apart the places in a body are that are looked at.
pub(crate) const BODY_STRIDE: usize = 8;

/// So many octets around a gram are compared before a template is tried.
pub(crate) const AROUND: usize = 24;

/// Where in the index of bodies four octets are.
#[inline]
pub(crate) const fn body_slot(gram: Gram) -> usize {
    (u32::from_le_bytes(gram).wrapping_mul(MIX) >> (u32::BITS - BODY_BITS)) as usize
}

/// Where in the index of other texts four octets are, as a text at this place has them.
#[inline]
pub(crate) const fn text_slot(place: u8, gram: Gram) -> usize {
    let key = u32::from_le_bytes(gram) ^ (place as u32).wrapping_mul(MIX);
    (key.wrapping_mul(MIX) >> (u32::BITS - TEXT_BITS)) as usize
}

/// Names that are asked for whatever the table has.
pub(crate) const ASKED: [&str; 17] = [
    "Date",
    "Age",
    "Retry-After",
    "Content-Encoding",
    "Via",
    "Proxy-Status",
    "Cache-Status",
    "RateLimit",
    "Retry-After-Ms",
    "X-Ms-Retry-After-Ms",
    "X-Retry-After",
    "RateLimit-Reset",
    "X-RateLimit-Reset-After",
    "X-RateLimit-Reset",
    "X-Rate-Limit-Reset",
    "X-RateLimit-Reset-Requests",
    "X-RateLimit-Reset-Tokens",
];

/// The bits of a slot for a name.
pub(crate) const NAME_BITS: u32 = 10;

/// The first octets of a name, up to eight, and the last; what is shorter has some twice.
#[inline]
pub(crate) fn ends(name: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (name.first_chunk(), name.last_chunk()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (name.first_chunk(), name.last_chunk()) {
        return (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into());
    }
    let octet = |at: usize| name.get(at).map_or(0, |octet| *octet);
    (u32::from_le_bytes([octet(0), octet(1), octet(2), 0]).into(), 0)
}

/// Where a name of a field is, by its ends and its length, and by a number that the build has found:
/// no two names that are sought are in one place. Names have no case.
#[inline]
pub(crate) const fn name_slot(mix: u64, (first, last): (u64, u64), len: usize) -> usize {
    // Setting the bit of lower case confuses no two letters.
    const LOWER: u64 = u64::from_le_bytes([0x20; 8]);
    let key = (first | LOWER) ^ (last | LOWER).rotate_left(5) ^ len as u64;
    (key.wrapping_mul(mix) >> (u64::BITS - NAME_BITS)) as usize
}
