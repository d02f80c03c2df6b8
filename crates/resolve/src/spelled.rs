//! A name where it stands in a message, read without being copied.
//!
//! ```text
//!     4 t e s t 0 │ … │ 1 a →0      a label behind its length, or a pointer    RFC 1035 §4.1.4
//!     ▲                     │
//!     └─────────────────────┘       to a *prior* occurrence: only ever back
//! ```
//!
//! Each pointer leads to before the piece it ends, so that following them ends; what they lead
//! through is at most 255 octets of labels (§2.3.4) and [`JUMPS`] pointers.

use crate::name::Name;
use crate::walk::u16_at;

/// Where the name of a message's question stands: behind the header (RFC 1035 §4.1).
pub(crate) const QUESTION: usize = 12;

/// The most pointers in one name: a name has at most 127 labels, and needs none for less than one.
const JUMPS: usize = 127;

/// A name in a message, whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spelled<'m> {
    message: &'m [u8],
    at: usize,
    /// It does not run into itself behind a pointer: what a pointer leads to ends before it.
    pub(crate) is_clean: bool,
}

impl<'m> Spelled<'m> {
    /// The name that begins at `at`, and where what follows it begins.
    pub(crate) fn read(message: &'m [u8], at: usize) -> Option<(Spelled<'m>, usize)> {
        let mut labels = Labels::from(message, at);
        while !labels.next()?.is_empty() {}
        let after = labels.after.unwrap_or(labels.here);
        Some((Spelled { message, at, is_clean: labels.is_clean }, after))
    }

    /// As [`Spelled::read`], in a message whose question was read: most names behind it are a
    /// pointer to its name, which was walked already, or the root.
    pub(crate) fn read_behind(message: &'m [u8], at: usize) -> Option<(Spelled<'m>, usize)> {
        match message.get(at..)? {
            [0xC0, 0x0C, ..] if at > QUESTION => {
                Some((Spelled { message, at: QUESTION, is_clean: true }, at + 2))
            }
            [0, ..] => Some((Spelled { message, at, is_clean: true }, at + 1)),
            _ => Spelled::read(message, at),
        }
    }

    /// Whether it is the question's name by being the question's place.
    pub(crate) fn is_asked(self) -> bool {
        self.at == QUESTION
    }

    /// Whether it is `name`, whatever the case of its letters (RFC 4343 §3).
    pub(crate) fn is(self, name: &Name) -> bool {
        let mut labels = Labels::from(self.message, self.at);
        let mut rest = name.octets();
        loop {
            let (Some(label), Some((length, behind))) = (labels.next(), rest.split_first()) else {
                return false;
            };
            let Some((ours, behind)) = behind.split_at_checked(usize::from(*length)) else {
                return false;
            };
            if !ours.eq_ignore_ascii_case(label) {
                return false;
            }
            if label.is_empty() {
                return true;
            }
            rest = behind;
        }
    }

    /// Whether it is the root.
    pub(crate) fn is_root(self) -> bool {
        self.message.get(self.at) == Some(&0)
            || Labels::from(self.message, self.at).next().is_some_and(<[u8]>::is_empty)
    }

    /// The name by itself.
    pub(crate) fn name(self) -> Option<Name> {
        let mut labels = Labels::from(self.message, self.at);
        Name::from_labels(std::iter::from_fn(|| labels.next().filter(|label| !label.is_empty())))
    }
}

/// Goes through the labels of a name.
struct Labels<'m> {
    message: &'m [u8],
    here: usize,
    /// Where the piece began that is being read.
    piece: usize,
    /// What that piece must end before.
    bound: usize,
    /// Where what follows the name begins, once a pointer has ended its first piece.
    after: Option<usize>,
    octets: usize,
    jumps: usize,
    is_clean: bool,
}

impl<'m> Labels<'m> {
    fn from(message: &'m [u8], at: usize) -> Labels<'m> {
        Labels {
            message,
            here: at,
            piece: at,
            bound: message.len(),
            after: None,
            octets: 0,
            jumps: 0,
            is_clean: true,
        }
    }

    /// The next label, the root's empty one last; `None` where the name breaks.
    fn next(&mut self) -> Option<&'m [u8]> {
        loop {
            let length = *self.message.get(self.here)?;
            match length >> 6 {
                0 => {
                    let begin = self.here + 1;
                    self.here = begin + usize::from(length);
                    self.octets += self.here - begin + 1;
                    if self.octets > 255 {
                        return None;
                    }
                    self.is_clean &= self.here <= self.bound;
                    return self.message.get(begin..self.here);
                }
                0b11 => {
                    let to = usize::from(u16_at(self.message, self.here)? & 0x3FFF);
                    self.jumps += 1;
                    if to >= self.piece || self.jumps > JUMPS {
                        return None;
                    }
                    self.is_clean &= self.here < self.bound;
                    self.after = self.after.or(Some(self.here + 2));
                    self.bound = self.piece;
                    (self.here, self.piece) = (to, to);
                }
                // 01 and 10 are reserved (RFC 1035 §4.1.4, RFC 6891 §5).
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(octets: &[u8], at: usize) -> Option<(Box<str>, usize)> {
        let (name, after) = Spelled::read(octets, at)?;
        let owned = name.name().unwrap();
        assert!(name.is(&owned));
        assert_eq!(name.is_root(), owned.is_root());
        Some((owned.text(), after))
    }

    #[test]
    fn names_are_followed_backwards_only() {
        type Want = Option<(&'static str, usize)>;
        let rows: [(&[u8], usize, Want); 11] = [
            // octets, begins at, gives name and the place after          RFC 1035 §4.1.4
            (b"\x01a\x04TEST\x00!", 0, Some(("a.test", 8))),
            (b"\x04test\x00\x01a\xC0\x00!", 6, Some(("a.test", 10))),
            (b"\x04test\x00\x01a\xC0\x00\x01b\xC0\x06", 10, Some(("b.a.test", 14))), // twice
            (b"\x00", 0, Some((".", 1))),
            (b"\xC0\x00", 0, None),                   // to itself
            (b"\x01a\xC0\x00", 0, None),              // into itself
            (b"\x01a\xC0\x04\x01b\xC0\x00", 4, None), // to a name that points forwards
            (b"\x04tes", 0, None),                    // cut in a label
            (b"\x01a", 0, None),                      // no end
            (b"\x01a\xC0", 0, None),                  // cut in a pointer
            (b"\x41a\x00", 0, None),                  // a reserved label type
        ];
        for (octets, at, want) in rows {
            let got = read(octets, at);
            assert_eq!(got.as_ref().map(|(n, a)| (&**n, *a)), want, "{octets:?}");
        }
    }

    #[test]
    fn a_chain_of_pointers_cannot_make_a_name_too_long() {
        // Each entry is 63 octets and a pointer to the one before: the fifth is over 255.
        let mut octets = vec![0];
        let mut last = 0u16;
        let mut names = vec![];
        for _ in 0..6 {
            let at = octets.len();
            octets.push(63);
            octets.extend([b'x'; 63]);
            octets.extend((0xC000 | last).to_be_bytes());
            last = u16::try_from(at).unwrap();
            names.push(read(&octets, at).is_some());
        }
        assert_eq!(names, [true, true, true, false, false, false]);
    }

    #[test]
    fn pointers_to_pointers_end() {
        let octets: Vec<u8> = [0, 0]
            .into_iter()
            .chain((0..200u16).flat_map(|n| (0xC000 | (2 * n)).to_be_bytes()))
            .collect();
        assert_eq!(read(&octets, 2 * 127).map(|(_, after)| after), Some(2 * 128));
        assert_eq!(read(&octets, 2 * 128), None, "128 pointers for one name");
    }

    #[test]
    fn a_name_that_runs_into_itself_is_not_clean() {
        // At 4: a pointer to 2, whose label runs into the pointer itself.
        let octets = b"\0\0\x02a\xC0\x02xy\0";
        assert!(!Spelled::read(octets, 4).unwrap().0.is_clean);
        assert!(Spelled::read(b"\x01a\0\xC0\0", 3).unwrap().0.is_clean);
    }

    #[test]
    fn names_differ_by_labels_and_not_by_case() {
        let rows = [
            ("a.test", true),
            ("A.TEST", true),
            ("a.tesT", true),
            ("b.test", false),
            ("test", false),
            ("x.a.test", false),
            (".", false),
        ];
        for (name, want) in rows {
            let (spelled, _) = Spelled::read(b"\x01A\x04tEst\0", 0).unwrap();
            assert_eq!(spelled.is(&Name::parse(name).unwrap()), want, "{name}");
        }
    }
}
