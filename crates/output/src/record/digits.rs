//! Numbers in decimal digits.

use std::net::Ipv4Addr;

use super::room::Room;

/// The numbers of up to three digits: those, and in the last octet how many there are.
static SHORT: [[u8; 4]; 1000] = {
    let mut all = PADDED;
    let mut rest: &mut [[u8; 4]] = &mut all;
    while let [first, more @ ..] = rest {
        *first = match *first {
            [b'0', b'0', ones, _] => [ones, 0, 0, 1],
            [b'0', tens, ones, _] => [tens, ones, 0, 2],
            [hundreds, tens, ones, _] => [hundreds, tens, ones, 3],
        };
        rest = more;
    }
    all
};

/// The same with the zeros before them.
static PADDED: [[u8; 4]; 1000] = {
    let mut all = [[0; 4]; 1000];
    let mut rest: &mut [[u8; 4]] = &mut all;
    let mut digits = *b"000\0";
    while let [first, more @ ..] = rest {
        *first = digits;
        digits = match digits {
            [hundreds, b'9', b'9', _] => [hundreds + 1, b'0', b'0', 0],
            [hundreds, tens, b'9', _] => [hundreds, tens + 1, b'0', 0],
            [hundreds, tens, ones, _] => [hundreds, tens, ones + 1, 0],
        };
        rest = more;
    }
    all
};

/// The numbers of two digits. There are places for more, so that a mask is all that an index needs.
static PAIRS: [[u8; 2]; 128] = {
    let mut all = [[b'0'; 2]; 128];
    let mut rest: &mut [[u8; 2]] = &mut all;
    let mut digits = *b"00";
    while let [first, more @ ..] = rest {
        *first = digits;
        digits = match digits {
            [tens, b'9'] => [tens + 1, b'0'],
            [tens, ones] => [tens, ones + 1],
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
        let (digits, count) = match number {
            0..1000 => short(number),
            1000..1_000_000 => six(number),
            _ => return self.put(before).long(number),
        };
        // As the compiler then sees, there are no more than it makes room for.
        self.put_first_behind(before, digits.to_le_bytes(), count & 7)
    }

    /// The same of one with more than six digits: the last six behind the others.
    #[cold]
    fn long(self, number: u64) -> Room<'o> {
        let out = self.digits(number / 1_000_000);
        out.three(number / 1000 % 1000).three(number % 1000)
    }

    /// Writes a number below 100 with two digits.
    #[inline(always)]
    pub(crate) fn pair(self, number: u64) -> Room<'o> {
        self.put(&PAIRS.get(place(number) & 127).copied().unwrap_or_default())
    }

    /// Writes a number below 1,000 with three digits, where there is room for four.
    #[inline(always)]
    pub(crate) fn three(self, number: u64) -> Room<'o> {
        self.put_first(of(&PADDED, number).to_le_bytes(), 3)
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
fn short(number: u64) -> (u64, usize) {
    let entry = of(&SHORT, number);
    (entry.into(), (entry >> 24) as usize)
}

/// The same of one of four to six.
#[inline(always)]
fn six(number: u64) -> (u64, usize) {
    let ((first, count), last) = (short(number / 1000), of(&PADDED, number % 1000));
    (first & 0xFF_FFFF | u64::from(last) << (8 * count), 3 + count)
}

/// A small number as a place in a table.
#[inline(always)]
fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

/// What a table has of a number, the first octet in the lowest.
#[inline(always)]
fn of(table: &[[u8; 4]; 1000], number: u64) -> u32 {
    u32::from_le_bytes(table.get(place(number)).copied().unwrap_or_default())
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
            let pair = PAIRS.get(number).unwrap();
            assert_eq!(str::from_utf8(pair), Ok(&*format!("{number:02}")));
        }
    }
}
