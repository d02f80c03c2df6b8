//! Sixty-four bits, well shaken.

/// A bijection of 64-bit words that leaves no pattern of its input: the finalizer of SplitMix64
/// (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
pub(crate) const fn mix(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_of_splitmix64() {
        // Its generator from 1234567, as other implementations print it.
        let rows = [
            (1_234_567, 6_457_827_717_110_365_317),
            (1_234_567 + 0x9e37_79b9_7f4a_7c15, 3_203_168_211_198_807_973),
        ];
        for (word, want) in rows {
            assert_eq!(mix(word), want, "{word}");
        }
    }
}
