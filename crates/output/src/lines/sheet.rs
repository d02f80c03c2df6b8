//! Octets that are written over again and again.

/// Where lines are written one behind the other, and whence they go on their way in blocks. What is
/// beyond them was written before, or is zero: a line is made where it is to stand, and room for it is
/// neither cleared nor copied to.
///
/// ```
/// use fourstep_output::{Lines, Record, Sheet};
/// use std::time::SystemTime;
///
/// let record = Record::malformed("x:y", "octet 1: expected a port", SystemTime::UNIX_EPOCH, None);
/// let (mut lines, mut sheet) = (Lines::json(None), Sheet::with_room(4096));
/// lines.write_on(&record, &mut sheet);
/// assert_eq!(sheet.octets(), (record.to_json() + "\n").as_bytes());
/// sheet.truncate(0);
/// assert!(sheet.is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    room: Vec<u8>,
    /// How many of them count.
    length: usize,
}

impl Sheet {
    /// An empty one with room for so many octets. For more it grows.
    pub fn with_room(octets: usize) -> Sheet {
        Sheet { room: vec![0; octets], length: 0 }
    }

    /// What is written on it.
    pub fn octets(&self) -> &[u8] {
        self.room.get(..self.length).unwrap_or_default()
    }

    /// How many octets that are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Keeps no more than the first so many.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }

    /// Writes octets behind the others.
    pub fn extend(&mut self, octets: &[u8]) {
        if self.spare().len() < octets.len() {
            self.grow(octets.len());
        }
        if let Some(to) = self.spare().get_mut(..octets.len()) {
            to.copy_from_slice(octets);
            self.advance(octets.len());
        }
    }

    /// The room behind what is written.
    #[inline]
    pub(crate) fn spare(&mut self) -> &mut [u8] {
        self.room.get_mut(self.length..).unwrap_or_default()
    }

    /// So many octets of that room are written.
    #[inline]
    pub(crate) fn advance(&mut self, octets: usize) {
        self.length += octets;
    }

    /// Makes more room.
    pub(crate) fn grow(&mut self, octets: usize) {
        self.room.resize(self.room.len() + octets, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::room::write_on;

    #[test]
    fn lines_stand_on_a_sheet_one_behind_the_other() {
        for room in [0, 1, 100, 6_000] {
            let (mut sheet, mut want) = (Sheet::with_room(room), String::new());
            for length in [3, 20_000, 5, 20, 18, 74, 0, 3_000] {
                let text = "x".repeat(length);
                write_on(&*text, b"\n", &mut sheet);
                want += &format!("\"{text}\"\n|");
                sheet.extend(b"|");
                assert_eq!(str::from_utf8(sheet.octets()), Ok(&*want));
            }
            sheet.truncate(3);
            sheet.truncate(4);
            assert_eq!((sheet.octets(), sheet.len()), (&b"\"xx"[..], 3));
        }
    }
}
