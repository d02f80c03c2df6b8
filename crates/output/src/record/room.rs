//! Where a record is written: octets that are there already, of which there may be too few.

use std::fmt::{self, Write};

use super::json::{Json, escape};
use crate::lines::Sheet;

/// What is left of the room for a line. With too little for what is to be written there is none left,
/// and what was written is worth nothing: [`write_on`] then begins anew with more.
#[derive(Debug, Default)]
pub(crate) struct Room<'o>(&'o mut [u8]);

/// Room for most records: a scan's, in full, have some 2,000 octets.
const USUAL: usize = 3_000;

/// Appends what is written of `value`, and `end` behind it.
pub(crate) fn append<T: Json + ?Sized>(value: &T, end: &[u8], out: &mut Vec<u8>) {
    let mut sheet = Sheet::with_room(USUAL);
    write_on(value, end, &mut sheet);
    out.extend_from_slice(sheet.octets());
}

/// Writes `value`, and `end` behind it, on a sheet, where it is to stand: nothing needs to be cleared.
///
/// No loop, though with too little room it is done again: of a loop, all that a record reads would be
/// read before it begins, and stand on the stack till its turn comes.
#[inline(never)]
pub(crate) fn write_on<T: Json + ?Sized>(value: &T, end: &[u8], sheet: &mut Sheet) {
    let spare = sheet.spare();
    let room = spare.len();
    match value.write(Room(spare)).put(end).0.len() {
        0 => write_on_more(value, end, sheet),
        left => sheet.advance(room - left),
    }
}

/// The same with more room.
#[cold]
#[inline(never)]
fn write_on_more<T: Json + ?Sized>(value: &T, end: &[u8], sheet: &mut Sheet) {
    let room = sheet.spare().len();
    sheet.grow(room.max(USUAL));
    write_on(value, end, sheet);
}

impl<'o> Room<'o> {
    /// All of some octets.
    #[inline]
    pub(crate) fn of(octets: &'o mut [u8]) -> Room<'o> {
        Room(octets)
    }

    /// How many octets there is room for.
    #[inline]
    pub(crate) fn left(&self) -> usize {
        self.0.len()
    }

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
    pub(crate) fn put_first<const N: usize>(self, octets: [u8; N], length: usize) -> Room<'o> {
        self.put_first_behind(b"", octets, length)
    }

    /// The same behind others, whose number is known to the compiler.
    #[inline(always)]
    pub(crate) fn put_first_behind<const N: usize>(
        self,
        before: &[u8],
        octets: [u8; N],
        length: usize,
    ) -> Room<'o> {
        let Some((to, _)) = self.0.split_at_mut_checked(before.len() + N) else {
            return Room::default();
        };
        let Some((first, to)) = to.split_at_mut_checked(before.len()) else {
            return Room::default();
        };
        first.copy_from_slice(before);
        to.copy_from_slice(&octets);
        Room(self.0.get_mut(before.len() + length..).unwrap_or_default())
    }

    /// Has something written that takes less than so many octets, whatever it is of: whether they are there
    /// is seen once. What took as many would be cut, which nothing but an assertion of debug builds tells.
    #[inline(always)]
    pub(crate) fn within<const N: usize>(
        self,
        write: impl FnOnce(Room<'_>) -> Room<'_>,
    ) -> Room<'o> {
        let Some(to) = self.0.first_chunk_mut::<N>() else { return Room::default() };
        let left = write(Room(to)).0.len();
        debug_assert!(left > 0);
        Room(self.0.get_mut(N - left..).unwrap_or_default())
    }

    /// Writes octets that need no escape.
    #[inline]
    pub(crate) fn word(self, octets: &[u8]) -> Room<'o> {
        match self.0.split_at_mut_checked(octets.len()) {
            Some((to, rest)) => {
                copy(to, octets);
                Room(rest)
            }
            None => Room::default(),
        }
    }

    /// Writes octets that need no escape, a piece of `whole`. What follows it there is copied as well,
    /// and written over: as many octets at once as are mostly enough.
    #[inline]
    pub(crate) fn piece(self, piece: &[u8], whole: &[u8]) -> Room<'o> {
        let start = piece.as_ptr().addr().wrapping_sub(whole.as_ptr().addr());
        match whole.get(start..).and_then(<[u8]>::first_chunk::<16>) {
            Some(chunk) if piece.len() <= 16 => self.put_first(*chunk, piece.len()),
            _ => self.word(piece),
        }
    }

    /// Writes what stands between the quotes of octets that are mostly plain text.
    #[inline]
    pub(crate) fn text(self, octets: &[u8]) -> Room<'o> {
        let Some(to) = self.0.get_mut(..octets.len()) else { return Room::default() };
        match copy_plain(to, octets) {
            true => Room(self.0.get_mut(octets.len()..).unwrap_or_default()),
            false => escape(octets, self),
        }
    }

    /// The same of text that is made piece by piece.
    #[inline]
    pub(crate) fn pieces(self, write: impl FnOnce(&mut Pieces<'o>) -> fmt::Result) -> Room<'o> {
        let mut pieces = Pieces { to: self.0, written: 0 };
        let is_whole = write(&mut pieces).is_ok();
        let Pieces { to, written } = pieces;
        match to.get(..written) {
            Some(text) if is_whole => match none_is(text, is_odd) {
                true => Room(to.get_mut(written..).unwrap_or_default()),
                false => escape(&Vec::from(text), Room(to)),
            },
            _ => Room::default(),
        }
    }
}

/// Text that is made piece by piece. What is odd in it is looked for at the end, in all of it at once.
pub(crate) struct Pieces<'o> {
    to: &'o mut [u8],
    written: usize,
}

impl Write for Pieces<'_> {
    #[inline]
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let to = self.to.get_mut(self.written..).and_then(|left| left.get_mut(..piece.len()));
        copy(to.ok_or(fmt::Error)?, piece.as_bytes());
        self.written += piece.len();
        Ok(())
    }
}

/// Copies octets to as many. Mostly they are few: two copies of a known length, which may overlap, are
/// sooner done than a call is.
#[inline(always)]
fn copy(to: &mut [u8], octets: &[u8]) {
    let is_done = match octets.len() {
        0..2 => ends::<1>(to, octets).is_some(),
        2..4 => ends::<2>(to, octets).is_some(),
        4..8 => ends::<4>(to, octets).is_some(),
        8..16 => ends::<8>(to, octets).is_some(),
        16..=32 => ends::<16>(to, octets).is_some(),
        33.. => false,
    };
    if !is_done && to.len() == octets.len() {
        to.copy_from_slice(octets);
    }
}

/// The same; whether all of them are plain.
#[inline(always)]
fn copy_plain(to: &mut [u8], octets: &[u8]) -> bool {
    let odd = if let (0..=32, Some([first, last])) = (octets.len(), ends::<16>(to, octets)) {
        let mut found = [0; 32];
        look([first, last].as_flattened().first_chunk().unwrap_or(&[0; 32]), &mut found, is_odd);
        u64::from(found != [0; 32])
    } else if let Some(last) = octets.len().checked_sub(16) {
        let mut found = [0_u8; 16];
        for at in (0..octets.len()).step_by(16) {
            let at = at.min(last);
            let to = to.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<16>);
            let Some((to, some)) = to.zip(octets.get(at..).and_then(<[u8]>::first_chunk)) else {
                break;
            };
            *to = *some;
            look(some, &mut found, is_odd);
        }
        u64::from(found != [0; 16])
    } else if let Some([first, last]) = ends(to, octets) {
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

/// Whether nothing among printable octets is escaped in JSON.
pub(crate) fn is_unquoted(printable: &[u8]) -> bool {
    none_is(printable, |octet| (octet == b'"') | (octet == b'\\'))
}

/// Whether that is so of no octet. Sixteen are taken at once, without a stop, the last of them among
/// those before.
#[inline(always)]
fn none_is(octets: &[u8], odd: impl Fn(u8) -> bool) -> bool {
    let Some(last) = octets.len().checked_sub(16) else {
        return !octets.iter().any(|octet| odd(*octet));
    };
    let mut found = [0_u8; 16];
    for at in (0..octets.len()).step_by(16) {
        let Some(some) = octets.get(at.min(last)..).and_then(<[u8]>::first_chunk) else { break };
        look(some, &mut found, &odd);
    }
    found == [0; 16]
}

/// Marks the places of octets of which that is so.
#[inline(always)]
fn look<const N: usize>(octets: &[u8; N], found: &mut [u8; N], odd: impl Fn(u8) -> bool) {
    found.iter_mut().zip(octets).for_each(|(found, octet)| *found |= mask(odd(*octet)));
}

/// All bits of an octet, or none.
fn mask(all: bool) -> u8 {
    u8::from(all).wrapping_neg()
}

/// What JSON or a terminal takes for more than a character. Behind `~` the next octet is negative, as
/// all are that are no ASCII: one comparison finds them, and what is below the space.
fn is_odd(octet: u8) -> bool {
    (octet.wrapping_add(1).cast_signed() <= b' '.cast_signed()) | (octet == b'"') | (octet == b'\\')
}

/// Not 0 if that is of any of eight octets: a borrow, or a carry, reaches the highest bit of one that
/// is below 0x20, above 0x7E, or 0 once `"` or `\` is taken from it. It may go on to those above, but
/// the lowest that is odd is marked in any case.
fn odd(octets: u64) -> u64 {
    const fn all(octet: u8) -> u64 {
        u64::from_ne_bytes([octet; 8])
    }
    let ends = octets.wrapping_sub(all(b' ')) | octets.wrapping_add(all(1));
    let [quote, backslash] = [b'"', b'\\'].map(|octet| (octets ^ all(octet)).wrapping_sub(all(1)));
    (ends | quote | backslash) & all(0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_odd_is_seen_wherever_it_stands() {
        for length in 0..40 {
            let mut octets = vec![b'x'; length];
            let mut to = vec![0; length];
            assert!(copy_plain(&mut to, &octets));
            assert_eq!(to, octets);
            for at in 0..length {
                for octet in 0..=u8::MAX {
                    octets[at] = octet;
                    let plain = matches!(octet, b' '..=b'~') && octet != b'"' && octet != b'\\';
                    assert_eq!(copy_plain(&mut to, &octets), plain, "{octet} at {at} of {length}");
                    assert_eq!(to, octets);
                }
                octets[at] = b'x';
            }
        }
    }

    #[test]
    fn there_is_as_much_room_as_it_takes() {
        for length in [USUAL - 3, USUAL - 2, USUAL - 1, USUAL, 5 * USUAL] {
            let mut out = b"before".to_vec();
            append(&*"x".repeat(length), b"\n", &mut out);
            assert_eq!(str::from_utf8(&out), Ok(&*format!("before\"{}\"\n", "x".repeat(length))));
        }
    }

    #[test]
    fn a_line_stands_where_a_longer_one_stood() {
        let mut sheet = Sheet::default();
        for length in [3, 7 * USUAL, 5, USUAL, 0] {
            let text = "x".repeat(length);
            sheet.truncate(0);
            write_on(&*text, b"\n", &mut sheet);
            assert_eq!(str::from_utf8(sheet.octets()), Ok(&*format!("\"{text}\"\n")));
        }
    }

    #[test]
    fn a_piece_is_written_wherever_it_stands() {
        let whole: Vec<u8> = (b'A'..=b'z').collect();
        for start in 0..whole.len() {
            for end in start..whole.len() {
                let (piece, apart) = (&whole[start..end], whole.clone());
                for other in [&whole[..], &whole[..start], &apart] {
                    let mut octets = [0; 100];
                    let left = Room(&mut octets).piece(piece, other).put(b"|").0.len();
                    assert_eq!(octets[..100 - left], [piece, b"|"].concat());
                }
            }
        }
    }
}
