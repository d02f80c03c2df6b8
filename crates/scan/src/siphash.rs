//! SipHash-2-4, a keyed hash that no peer can aim at (Aumasson and Bernstein, "SipHash: a fast
//! short-input PRF", 2012). The standard library's may change with any version; which shard a host
//! belongs to must not.

/// The hash of `octets` under the key of two words.
pub(crate) fn siphash(key: (u64, u64), octets: &[u8]) -> u64 {
    // The paper's "somepseudorandomlygeneratedbytes".
    let mut state = State([
        key.0 ^ 0x736f_6d65_7073_6575,
        key.1 ^ 0x646f_7261_6e64_6f6d,
        key.0 ^ 0x6c79_6765_6e65_7261,
        key.1 ^ 0x7465_6462_7974_6573,
    ]);
    let (words, rest) = octets.as_chunks::<8>();
    for word in words {
        state.absorb(u64::from_le_bytes(*word));
    }
    // The last word: what is left of the octets, and how many they were, modulo 256.
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    let [length, ..] = octets.len().to_le_bytes();
    last[7] = length;
    state.absorb(u64::from_le_bytes(last));
    state.0[2] ^= 0xff;
    for _ in 0..4 {
        state.round();
    }
    let State([a, b, c, d]) = state;
    a ^ b ^ c ^ d
}

struct State([u64; 4]);

impl State {
    fn absorb(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.round();
        self.0[0] ^= word;
    }

    fn round(&mut self) {
        let State([a, b, c, d]) = self;
        *a = a.wrapping_add(*b);
        *b = b.rotate_left(13) ^ *a;
        *a = a.rotate_left(32);
        *c = c.wrapping_add(*d);
        *d = d.rotate_left(16) ^ *c;
        *a = a.wrapping_add(*d);
        *d = d.rotate_left(21) ^ *a;
        *c = c.wrapping_add(*b);
        *b = b.rotate_left(17) ^ *c;
        *c = c.rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_reference() {
        // The key is 00 01 … 0f, the input 00 01 … of each length: the reference implementation's
        // vectors_sip64, and the paper's Appendix A (15 octets).
        let key = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);
        let rows = [
            (0, 0x726f_db47_dd0e_0e31),
            (1, 0x74f8_39c5_93dc_67fd),
            (7, 0xab02_00f5_8b01_d137),
            (8, 0x93f5_f579_9a93_2462),
            (15, 0xa129_ca61_49be_45e5),
        ];
        for (length, want) in rows {
            let octets: Vec<u8> = (0..length).collect();
            assert_eq!(siphash(key, &octets), want, "{length} octets");
        }
    }
}
