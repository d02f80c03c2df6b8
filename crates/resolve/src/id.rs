//! Message ids nobody can guess.

use std::hash::Hasher;
#[expect(
    deprecated,
    reason = "the one hash of std that takes a key; its successor has a fixed one"
)]
use std::hash::SipHasher;

use crate::message::Question;

/// 64 bits of a keyed hash of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Digest(pub(crate) u64);

/// Draws ids: SipHash-2-4, keyed with the seed, of a counter.
///
/// RFC 5452 §9.2 wants ids over the full range that cannot be predicted; who has seen some ids
/// of a keyed hash knows nothing of the next. The seed is the driver's to draw, from the
/// system's randomness, once a loop: here nothing draws, so that a conversation can be replayed.
#[derive(Debug)]
pub(crate) struct Ids {
    key: (u64, u64),
    drawn: u64,
}

impl Ids {
    pub(crate) fn new(seed: [u8; 16]) -> Ids {
        let seed = u128::from_le_bytes(seed);
        Ids { key: (low(seed), low(seed >> 64)), drawn: 0 }
    }

    /// The next id.
    pub(crate) fn draw(&mut self) -> u16 {
        let [a, b, ..] = self.hash(self.drawn).to_le_bytes();
        self.drawn = self.drawn.wrapping_add(1);
        u16::from_le_bytes([a, b])
    }

    /// What stands for a question: who does not know the seed can find no two with the same.
    #[expect(deprecated, reason = "see the import")]
    pub(crate) fn digest(&self, question: &Question) -> Digest {
        let mut hash = SipHasher::new_with_keys(self.key.1, self.key.0);
        hash.write(question.name.octets());
        Digest(hash.finish().wrapping_add(u64::from(question.rtype())))
    }

    /// Numbers for the `n`th of those who draw for another purpose; ours go on as if nobody did.
    pub(crate) fn apart(&self, n: u64) -> Ids {
        let n = u64::MAX.wrapping_sub(n.wrapping_mul(2));
        Ids { key: (self.hash(n), self.hash(n.wrapping_sub(1))), drawn: 0 }
    }

    #[expect(deprecated, reason = "see the import")]
    fn hash(&self, number: u64) -> u64 {
        let mut hash = SipHasher::new_with_keys(self.key.0, self.key.1);
        hash.write_u64(number);
        hash.finish()
    }
}

fn low(octets: u128) -> u64 {
    u64::try_from(octets & u128::from(u64::MAX)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_depend_on_the_whole_seed_and_cover_the_range() {
        let first = |seed| {
            let mut ids = Ids::new(seed);
            [(); 4].map(|()| ids.draw())
        };
        let (mut low, mut high) = ([7; 16], [7; 16]);
        (low[0], high[15]) = (8, 8);
        assert_eq!(first([7; 16]), first([7; 16]), "replayable");
        assert_ne!(first([7; 16]), first(low));
        assert_ne!(first([7; 16]), first(high));

        let ids = Ids::new([7; 16]);
        let apart = |n| {
            let mut apart = ids.apart(n);
            [(); 4].map(|()| apart.draw())
        };
        assert_ne!(apart(0), apart(1));
        assert_ne!(apart(0), first([7; 16]));

        let mut ids = Ids::new([1; 16]);
        let mut seen = vec![false; 65536];
        (0..65536 * 12).for_each(|_| seen[usize::from(ids.draw())] = true);
        assert!(seen.iter().filter(|s| !**s).count() < 20, "RFC 5452 §9.2: the full range");
    }
}
