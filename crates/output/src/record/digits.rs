//! Numbers in decimal digits.

use std::net::Ipv4Addr;

use super::room::Room;

/// The numbers of up to three digits: those, and in the highest two bits of the last octet how many
/// there are. So the compiler sees that there are no more.
static SHORT: [[u8; 4]; 1000] = {
    let mut all = PADDED;
    let mut rest: &mut [[u8; 4]] = &mut all;
    while let [first, more @ ..] = rest {
        *first = match *first {
            [b'0', b'0', ones, _] => [ones, 0, 0, 1 << 6],
            [b'0', tens, ones, _] => [tens, ones, 0, 2 << 6],
            [hundreds, tens, ones, _] => [hundreds, tens, ones, 3 << 6],
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

    /// The same behind octets whose number is known to the compiler. There are no more than twenty
    /// digits; what they are copied with may be four octets more.
    #[inline(always)]
    pub(crate) fn digits_behind(self, before: &[u8], number: u64) -> Room<'o> {
        match number {
            0..1000 => {
                let (digits, count) = short(number);
                self.put_first_behind(before, digits, count)
            }
            1000..1_000_000 => {
                let (digits, count) = short(number / 1000);
                self.put_first_behind(before, digits, count).three(number % 1000)
            }
            _ => {
                let (digits, count) = long(number);
                self.put_first_behind(before, digits, count.min(20))
            }
        }
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
            let [a, b, c, d] = address.octets().map(|octet| short(octet.into()));
            let room = room.put_first(a.0, a.1).put(b".").put_first(b.0, b.1).put(b".");
            room.put_first(c.0, c.1).put(b".").put_first(d.0, d.1)
        })
    }
}

/// The digits of a number of up to three, and how many there are. Behind them may be anything.
#[inline(always)]
fn short(number: u64) -> ([u8; 4], usize) {
    let entry = of(&SHORT, number);
    (entry.to_le_bytes(), (entry >> 30) as usize)
}

/// The same of one with more than six digits: the last six behind the others.
#[cold]
#[inline(never)]
fn long(number: u64) -> ([u8; 24], usize) {
    let mut octets = [0; 24];
    let out = Room::of(&mut octets).digits(number / 1_000_000);
    let left = out.three(number / 1000 % 1000).three(number % 1000).left();
    (octets, 24 - left)
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
