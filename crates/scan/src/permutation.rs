//! A random order that needs no memory.
//!
//! Neighbours of a block are not to be probed one after the other: they share a link, a firewall,
//! a machine. The order is a Feistel network over the least power of two that holds the block
//! (Luby and Rackoff, 1988), and what it leads out of the block is led on until it is back within
//! (cycle walking: Black and Rogaway, "Ciphers with arbitrary finite domains", 2002). Less than
//! half of the domain lies outside, so two steps suffice on average. Any place of the order can be
//! looked up without those before it, so a scan resumes in the middle of a block at once.

use crate::mix::mix;

/// Luby and Rackoff need four for what no observer tells from chance; small halves mix less.
const ROUNDS: usize = 8;

/// One order of the numbers from 0 to `last`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permutation {
    last: u128,
    /// How many bits the lower half has: as many as the upper one, or one more. At most 64.
    low_bits: u32,
    high: u64,
    low: u64,
    keys: [u64; ROUNDS],
}

impl Permutation {
    /// The order that `seed` decides.
    pub(crate) fn new(last: u128, seed: u64) -> Permutation {
        let bits = u128::BITS - last.leading_zeros();
        let low_bits = bits.div_ceil(2);
        let mut key = seed;
        let keys = [(); ROUNDS].map(|()| {
            key = mix(key);
            key
        });
        Permutation { last, low_bits, high: ones(bits - low_bits), low: ones(low_bits), keys }
    }

    /// The number at this place of the order; both are at most `last`.
    pub(crate) fn at(&self, place: u128) -> u128 {
        let mut number = self.step(place);
        while number > self.last {
            number = self.step(number);
        }
        number
    }

    fn step(&self, number: u128) -> u128 {
        #[expect(clippy::cast_possible_truncation, reason = "cut to the bits of its half")]
        let (mut high, mut low) =
            ((number >> self.low_bits) as u64 & self.high, number as u64 & self.low);
        for (round, key) in self.keys.iter().enumerate() {
            if round % 2 == 0 {
                high ^= mix(low ^ key) & self.high;
            } else {
                low ^= mix(high ^ key) & self.low;
            }
        }
        u128::from(high) << self.low_bits | u128::from(low)
    }
}

/// A word whose lowest `bits` bits are set.
fn ones(bits: u32) -> u64 {
    u64::MAX.checked_shr(u64::BITS - bits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_once() {
        for last in (0..=70).chain([127, 128, 255, 256, 1000, 4095, 65_535, 100_000]) {
            for seed in [0, 1, 77] {
                let order = Permutation::new(last, seed);
                let mut met = vec![false; usize::try_from(last).unwrap() + 1];
                for place in 0..=last {
                    let number = usize::try_from(order.at(place)).unwrap();
                    assert!(!std::mem::replace(&mut met[number], true), "{number} of {last} twice");
                }
            }
        }
    }

    #[test]
    fn the_largest_blocks() {
        // A Feistel step can be undone, so two places never meet; here: it stays within.
        for last in [u128::from(u32::MAX), u128::from(u64::MAX), 1 << 80, u128::MAX - 1, u128::MAX]
        {
            let order = Permutation::new(last, 5);
            let numbers = [0, 1, 2, last / 2, last - 1, last].map(|place| order.at(place));
            let each: std::collections::BTreeSet<u128> = numbers.into_iter().collect();
            assert_eq!(each.len(), 6, "{last}: {numbers:?}");
            assert!(numbers.iter().all(|number| *number <= last), "{last}: {numbers:?}");
            assert_ne!(numbers[1].wrapping_sub(numbers[0]), 1, "{last}");
        }
    }

    #[test]
    fn the_order_looks_like_chance_and_hangs_on_the_seed() {
        // Of 65,536 numbers in a random order, two neighbours are apart by d or less in about
        // 2·d of 65,536 places: for d = 256, 512 ± 5·√512.
        let order = Permutation::new(65_535, 0);
        let numbers: Vec<u128> = (0..=65_535).map(|place| order.at(place)).collect();
        let near = numbers.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) <= 256).count();
        assert!((399..=625).contains(&near), "{near} neighbours in one /24");
        // Each of the 256 /24 of a /16 has one of the first 1,024 addresses, or nearly: 256·e⁻⁴ = 5.
        let blocks: std::collections::BTreeSet<u128> =
            numbers[..1024].iter().map(|number| number >> 8).collect();
        assert!(blocks.len() >= 240, "{} of 256", blocks.len());
        let other = Permutation::new(65_535, 1);
        let same = (0..=65_535).filter(|place| order.at(*place) == other.at(*place)).count();
        assert!(same <= 10, "{same} places alike");
    }

    #[test]
    fn it_never_changes() {
        // A scan may be resumed by a later version.
        let rows = [
            // last, seed, the first numbers
            (255, 0, [50, 75, 217]),
            (65_536, 7, [39_643, 18_584, 29_364]),
            (
                u128::MAX,
                1,
                [
                    129_817_982_295_850_992_404_678_426_571_787_038_322,
                    332_418_551_858_078_896_439_755_081_891_206_527_953,
                    220_851_265_112_450_604_444_546_700_127_846_218_910,
                ],
            ),
        ];
        for (last, seed, want) in rows {
            let order = Permutation::new(last, seed);
            assert_eq!([0, 1, 2].map(|place| order.at(place)), want, "{last} {seed}");
        }
    }
}
