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
        self.digits_behind(b"", number)
    }

    /// The same behind octets whose number is known to the compiler.
    #[inline(always)]
    pub(crate) fn digits_behind(self, before: &[u8], number: u64) -> Room<'o> {
        let (digits, count) = match u32::try_from(number) {
            Ok(number @ 0..1000) => short(number),
            Ok(number @ 1000..1_000_000) => six(number),
            _ => return self.put(before).long(number),
        };
        // As the compiler then sees, there are no more than it makes room for.
        self.put_first_behind(before, digits.to_le_bytes(), count & 7)
    }

    /// The same of one with more than six digits: the last six behind the others.
    #[cold]
    fn long(self, number: u64) -> Room<'o> {
        let last = number % 1_000_000;
        let last = pairs([last / 10_000, last / 100 % 100, last % 100]);
        self.digits(number / 1_000_000).put_first(last.to_le_bytes(), 6)
    }

    /// Writes an address.
    #[inline]
    pub(crate) fn ipv4(self, address: Ipv4Addr) -> Room<'o> {
        self.within::<24>(|room| {
            let [a, b, c, d] = address.octets().map(u64::from);
            room.digits(a).put(b".").digits(b).put(b".").digits(c).put(b".").digits(d)
        })
    }
}

/// The digits of a number of up to three, the first in the lowest octet, and how many there are. Behind
/// them may be anything.
#[inline(always)]
fn short(number: u32) -> (u64, usize) {
    let entry = u32::from_le_bytes(SHORT.get(number as usize).copied().unwrap_or_default());
    (entry.into(), (entry >> 24) as usize)
}

/// The same of one of four to six.
#[inline(never)]
fn six(number: u32) -> (u64, usize) {
    let ((first, count), (last, shown)) = (short(number / 1000), short(number % 1000));
    let last = last << (24 - 8 * shown) | 0x30_3030 >> (8 * shown);
    (first & 0xFF_FFFF | last << (8 * count), 3 + count)
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
