//! Numbers in decimal digits.

use std::net::Ipv4Addr;

use super::room::Room;

/// The numbers of up to three digits: those, and in the last octet how many there are.
static SHORT: [[u8; 4]; 1000] = {
    let mut all = [[0; 4]; 1000];
    let mut rest: &mut [[u8; 4]] = &mut all;
    let mut digits = *b"000";
    while let [first, more @ ..] = rest {
        *first = match digits {
            [b'0', b'0', ones] => [ones, 0, 0, 1],
            [b'0', tens, ones] => [tens, ones, 0, 2],
            [hundreds, tens, ones] => [hundreds, tens, ones, 3],
        };
        digits = match digits {
            [hundreds, b'9', b'9'] => [hundreds + 1, b'0', b'0'],
            [hundreds, tens, b'9'] => [hundreds, tens + 1, b'0'],
            [hundreds, tens, ones] => [hundreds, tens, ones + 1],
        };
        rest = more;
    }
    all
};

impl<'o> Room<'o> {
    /// Writes a number.
    #[inline(always)]
    pub(crate) fn digits(self, number: u64) -> Room<'o> {
        match short(number) {
            Some((digits, count)) => self.put_first(digits.to_le_bytes(), count as usize),
            None => self.long(number),
        }
    }

    /// The same of one with more than three digits: the last three stand behind those before.
    #[inline(never)]
    fn long(self, number: u64) -> Room<'o> {
        let (last, count) = short(number % 1000).unwrap_or_default();
        let last = last << (24 - 8 * count) | 0x30_3030 >> (8 * count);
        match short(number / 1000) {
            Some((first, count)) => {
                let digits = u64::from(first & 0xFF_FFFF) | u64::from(last) << (8 * count);
                self.put_first(digits.to_le_bytes(), 3 + count as usize)
            }
            None => self.long(number / 1000).put_first(last.to_le_bytes(), 3),
        }
    }

    /// Writes an address.
    #[inline]
    pub(crate) fn ipv4(self, address: Ipv4Addr) -> Room<'o> {
        let [a, b, c, d] = address.octets().map(u64::from);
        self.digits(a).put(b".").digits(b).put(b".").digits(c).put(b".").digits(d)
    }
}

/// The digits of a short number, the first in the lowest octet, and how many there are.
#[inline(always)]
fn short(number: u64) -> Option<(u32, u32)> {
    let entry = u32::from_le_bytes(*SHORT.get(usize::try_from(number).ok()?)?);
    // As there are no more than three, it need not be looked whether there is room for them in four.
    Some((entry, entry >> 24 & 3))
}

/// Two digits of each number below 100: as the octets of the lower half, the first in the lowest.
#[inline(always)]
pub(crate) fn pairs<const N: usize>(numbers: [u64; N]) -> u64 {
    let packed = numbers.iter().rev().fold(0, |packed, number| packed << 16 | number);
    // A tenth by multiplication, which is exact this far, of all at once.
    let tens = (packed * 103) >> 10 & 0x0F_000F_000F_000F;
    (tens | (packed - 10 * tens) << 8) + 0x3030_3030_3030_3030
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::room::append;

    #[test]
    fn numbers_are_written_as_they_are_read() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        for number in
            powers.flat_map(|power| [power - 1, power, power.saturating_mul(9)]).chain(0..20_000)
        {
            let mut out = Vec::new();
            append(&number, b"", &mut out);
            assert_eq!(str::from_utf8(&out), Ok(&*number.to_string()));
        }
        let mut out = Vec::new();
        append(&u64::MAX, b"", &mut out);
        assert_eq!(str::from_utf8(&out), Ok(&*u64::MAX.to_string()));
    }

    #[test]
    fn pairs_are_two_digits_each() {
        for number in 0..100 {
            let want = format!("{number:02}07{number:02}99");
            assert_eq!(str::from_utf8(&pairs([number, 7, number, 99]).to_le_bytes()), Ok(&*want));
        }
    }
}
