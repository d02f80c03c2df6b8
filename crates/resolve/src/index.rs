//! Maps by number, for what is found again at every turn.

#[expect(
    clippy::disallowed_types,
    reason = "its hasher has no seed, and nobody goes through it"
)]
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map by numbers that are our own, or a keyed hash's: nobody can choose such as collide.
#[expect(clippy::disallowed_types, reason = "see the import")]
pub(crate) type Index<K, V> = HashMap<K, V, BuildHasherDefault<Spread>>;

/// Spreads numbers that follow each other, by Fibonacci hashing: a product with 2⁶⁴ over the golden
/// ratio.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.write_u64(u64::from(*octet));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(u64::try_from(number).unwrap_or(u64::MAX));
    }
}
