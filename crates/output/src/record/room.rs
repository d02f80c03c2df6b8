//! Where a record is written: octets that are there already, of which there may be too few.

use std::net::Ipv4Addr;

use super::json::{Json, escape};

/// What is left of the room for a line. With too little for what is to be written there is none left,
/// and what was written is worth nothing: [`append`] then begins anew with more.
#[derive(Debug, Default)]
pub(crate) struct Room<'o>(&'o mut [u8]);

/// Room for most records: a scan's, in full, have some 2,000 octets.
const USUAL: usize = 2 * PIECE;

/// Octets that are cleared at a time: the C library takes up to 2 KiB by vectors, and more octet by
/// octet.
const PIECE: usize = 1_500;

/// Appends what is written of `value`, and `end` behind it.
pub(crate) fn append<T: Json + ?Sized>(value: &T, end: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let mut room = USUAL;
    loop {
        out.reserve(room);
        for piece in 1..=room / PIECE {
            out.resize(start + piece * PIECE, 0);
        }
        let all = Room(out.get_mut(start..).unwrap_or_default());
        let left = value.write(all).put(end).0.len();
        if left > 0 {
            return out.truncate(out.len() - left);
        }
        out.truncate(start);
        room *= 2;
    }
}

impl<'o> Room<'o> {
    /// Writes octets whose number is known to the compiler.
    #[inline(always)]
    pub(crate) fn put(self, octets: &[u8]) -> Room<'o> {
        match self.0.split_at_mut_checked(octets.len()) {
            Some((to, rest)) => {
                to.copy_from_slice(octets);
                Room(rest)
            }
            None => Room::default(),
        }
    }

    /// Writes the first of some octets: a copy of a known length is cheap, and what is too much is
    /// written over.
    #[inline(always)]
    fn put_first<const N: usize>(self, octets: [u8; N], length: usize) -> Room<'o> {
        match self.0.first_chunk_mut() {
            Some(to) => *to = octets,
            None => return Room::default(),
        }
        Room(self.0.get_mut(length..).unwrap_or_default())
    }

    /// Writes octets that need no escape.
    pub(crate) fn word(self, octets: &[u8]) -> Room<'o> {
        match self.0.split_at_mut_checked(octets.len()) {
            Some((to, rest)) => {
                copy(to, octets);
                Room(rest)
            }
            None => Room::default(),
        }
    }

    /// Writes what stands between the quotes of octets that are mostly plain text.
    pub(crate) fn text(self, octets: &[u8]) -> Room<'o> {
        let Some(to) = self.0.get_mut(..octets.len()) else { return Room::default() };
        match copy(to, octets) {
            true => Room(self.0.get_mut(octets.len()..).unwrap_or_default()),
            false => escape(octets, self),
        }
    }

    /// Writes the decimal digits of a number.
    pub(crate) fn digits(self, number: u64) -> Room<'o> {
        match number {
            0..10 => {
                let [digit, ..] = number.to_le_bytes();
                self.put(&[digit | b'0'])
            }
            10..EIGHT => {
                let digits = if number < 10_000 { four(number) << 32 } else { eight(number) };
                let zeros = digits.trailing_zeros() / 8;
                let shown = (digits | ZEROS) >> (8 * zeros);
                self.put_first(shown.to_le_bytes(), 8 - zeros as usize)
            }
            EIGHT.. => self.digits(number / EIGHT).put(&eight_digits(number % EIGHT)),
        }
    }

    /// Writes an address.
    pub(crate) fn ipv4(self, address: Ipv4Addr) -> Room<'o> {
        let dotted = |octet: u8| {
            let digits = DOTTED.get(usize::from(octet)).copied().unwrap_or_default();
            let length = 2 + usize::from(octet >= 10) + usize::from(octet >= 100);
            (u64::from(u32::from_le_bytes(digits)), length)
        };
        let two = |first, second| {
            let ((first, length), (second, more)) = (dotted(first), dotted(second));
            ((first | (second << (8 * length))).to_le_bytes(), length + more)
        };
        let [a, b, c, d] = address.octets();
        let ((first, length), (second, more)) = (two(a, b), two(c, d));
        self.put_first(first, length).put_first(second, more - 1)
    }
}

/// Each octet in decimal digits, with a dot behind.
static DOTTED: [[u8; 4]; 256] = {
    let mut all = [[0; 4]; 256];
    let mut rest: &mut [[u8; 4]] = &mut all;
    let mut octet = 0_u8;
    while let [first, more @ ..] = rest {
        let (hundreds, tens, ones) =
            (b'0' + octet / 100, b'0' + octet / 10 % 10, b'0' + octet % 10);
        *first = match octet {
            0..10 => [ones, b'.', 0, 0],
            10..100 => [tens, ones, b'.', 0],
            100.. => [hundreds, tens, ones, b'.'],
        };
        octet = octet.wrapping_add(1);
        rest = more;
    }
    all
};

const EIGHT: u64 = 100_000_000;
const ZEROS: u64 = u64::from_ne_bytes([b'0'; 8]);

/// The eight digits of a number below 10⁸.
pub(crate) fn eight_digits(number: u64) -> [u8; 8] {
    (eight(number) | ZEROS).to_le_bytes()
}

/// The same as numbers, the first in the lowest octet: halves of four digits, split into pairs, split
/// into digits, all at once. Divisions by 100 and 10 are multiplications that are exact this far.
fn eight(number: u64) -> u64 {
    four((number / 10_000) | ((number % 10_000) << 32))
}

/// Of a number below 10⁴ in the lower half, and another in the upper.
fn four(halves: u64) -> u64 {
    let hundreds = ((halves * 10_486) >> 20) & 0x7F_0000_007F;
    let pairs = hundreds | ((halves - 100 * hundreds) << 16);
    let tens = ((pairs * 103) >> 10) & 0x0F_000F_000F_000F;
    tens | ((pairs - 10 * tens) << 8)
}

/// Copies octets to as many; whether all of them are plain. Sixteen are taken at once, without a stop;
/// the last may overlap those before, as the halves of fewer do.
#[inline(always)]
fn copy(to: &mut [u8], octets: &[u8]) -> bool {
    let mut any = [0; 16];
    for (to, some) in to.as_chunks_mut::<16>().0.iter_mut().zip(octets.as_chunks::<16>().0) {
        *to = *some;
        any.iter_mut().zip(some).for_each(|(any, octet)| *any |= is_odd(*octet));
    }
    match (to.last_chunk_mut::<16>(), octets.last_chunk::<16>()) {
        (Some(to), Some(last)) => copy_few(to, last) && any == [0; 16],
        _ => copy_few(to, octets),
    }
}

/// The same of at most sixteen.
#[inline(always)]
fn copy_few(to: &mut [u8], octets: &[u8]) -> bool {
    let odd = if let Some([first, last]) = ends(to, octets) {
        odd(u64::from_le_bytes(first)) | odd(u64::from_le_bytes(last))
    } else if let Some([[a, b, c, d], [e, f, g, h]]) = ends(to, octets) {
        odd(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    } else if let Some([[a, b], [c, d]]) = ends(to, octets) {
        odd(u64::from_le_bytes([a, b, c, d, b' ', b' ', b' ', b' ']))
    } else if let Some([[one], _]) = ends(to, octets) {
        odd(u64::from_le_bytes([one; 8]))
    } else {
        0
    };
    odd == 0
}

/// Copies the first so many octets and the last, and gives both.
#[inline(always)]
fn ends<const N: usize>(to: &mut [u8], octets: &[u8]) -> Option<[[u8; N]; 2]> {
    let (first, last) = (*octets.first_chunk()?, *octets.last_chunk()?);
    *to.first_chunk_mut()? = first;
    *to.last_chunk_mut()? = last;
    Some([first, last])
}

/// Whether the lines of octets are plain; fewer than sixteen are not looked at, and are not.
pub(crate) fn are_plain_lines(octets: &[u8]) -> bool {
    let Some(last) = octets.last_chunk::<16>() else { return false };
    let mut any = [0; 16];
    for some in octets.as_chunks::<16>().0.iter().chain([last]) {
        for (any, octet) in any.iter_mut().zip(some) {
            *any |= is_odd(*octet) & u8::from(*octet != b'\r') & u8::from(*octet != b'\n');
        }
    }
    any == [0; 16]
}

/// 1 for what JSON or a terminal takes for more than a character.
fn is_odd(octet: u8) -> u8 {
    u8::from(octet.wrapping_sub(b' ') > b'~' - b' ')
        | u8::from(octet == b'"')
        | u8::from(octet == b'\\')
}

/// Not 0 if that is of any of eight octets: a borrow, or a carry, reaches the highest bit of one that
/// is below 0x20, 0 once `"` or `\` is taken from it, or above 0x7E.
fn odd(octets: u64) -> u64 {
    const fn all(octet: u8) -> u64 {
        u64::from_ne_bytes([octet; 8])
    }
    let below = |octets: u64, least: u64| octets.wrapping_sub(least) & !octets;
    let controls = below(octets, all(b' ')) | octets.wrapping_add(all(1)) | octets;
    let quotes = below(octets ^ all(b'"'), all(1)) | below(octets ^ all(b'\\'), all(1));
    (controls | quotes) & all(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_odd_is_seen_wherever_it_stands() {
        for length in 0..40 {
            let mut octets = vec![b'x'; length];
            let mut to = vec![0; length];
            assert!(copy(&mut to, &octets));
            assert_eq!(to, octets);
            for at in 0..length {
                for octet in 0..=u8::MAX {
                    octets[at] = octet;
                    let plain = matches!(octet, b' '..=b'~') && octet != b'"' && octet != b'\\';
                    assert_eq!(copy(&mut to, &octets), plain, "{octet} at {at} of {length}");
                    assert_eq!(to, octets);
                }
                octets[at] = b'x';
            }
        }
    }

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
    fn there_is_as_much_room_as_it_takes() {
        for length in [USUAL - 3, USUAL - 2, USUAL - 1, USUAL, 5 * USUAL] {
            let mut out = b"before".to_vec();
            append(&*"x".repeat(length), b"\n", &mut out);
            assert_eq!(str::from_utf8(&out), Ok(&*format!("before\"{}\"\n", "x".repeat(length))));
        }
    }
}
