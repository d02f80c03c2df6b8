//! The end of a head or trailer section: its first empty line.

use memchr::memchr_iter;

/// Looks for the first empty line in octets that come in pieces, each octet once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    line: Line,
    /// The last octet of the last piece was a CR.
    cr: bool,
    /// The first line is whole.
    pub(crate) lined: bool,
}

/// What the unfinished line holds: all that must be remembered between two pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Empty,
    /// A CR and nothing else.
    Cr,
    Text,
}

/// What one piece showed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Octets of the piece up to and with the empty line.
    pub(crate) end: Option<usize>,
    /// The first LF without a CR before it.
    pub(crate) bare_lf: Option<usize>,
}

impl Section {
    pub(crate) const fn new() -> Section {
        Section { line: Line::Empty, cr: false, lined: false }
    }

    /// Searches the next piece. After an end was found a new `Section` must be used.
    pub(crate) fn search(&mut self, piece: &[u8]) -> Found {
        let mut start = 0;
        let mut bare_lf = None;
        for lf in memchr_iter(b'\n', piece) {
            self.add(piece.get(start..lf).unwrap_or_default());
            if !self.cr && bare_lf.is_none() {
                bare_lf = Some(lf);
            }
            start = lf + 1;
            self.cr = false;
            self.lined = true;
            if std::mem::replace(&mut self.line, Line::Empty) != Line::Text {
                return Found { end: Some(start), bare_lf };
            }
        }
        self.add(piece.get(start..).unwrap_or_default());
        Found { end: None, bare_lf }
    }

    /// Adds octets without LF to the unfinished line.
    fn add(&mut self, octets: &[u8]) {
        let Some(last) = octets.last() else { return };
        self.cr = *last == b'\r';
        self.line = match (self.line, octets) {
            (Line::Empty, [b'\r']) => Line::Cr,
            _ => Line::Text,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_the_first_empty_line_wherever_it_is_cut() {
        let rows: [(&[u8], Option<usize>, Option<usize>); 10] = [
            // octets, end, first bare LF            (RFC 9112 §2.1, §2.2)
            (b"a\r\nb\r\n\r\nc\r\n\r\n", Some(8), None),
            (b"a\nb\n\nc", Some(5), Some(1)),
            (b"a\r\n\nb", Some(4), Some(3)),
            (b"a\n\r\nb", Some(4), Some(1)),
            (b"\r\n", Some(2), None),
            (b"\n", Some(1), Some(0)),
            (b"a\r\n\r", None, None),
            (b"a\r\r\n\r\n", Some(6), None), // a bare CR is no empty line
            (b"a\r\n\r\r\n\n", Some(7), Some(6)),
            (b"a\r\n \r\n\r\n", Some(8), None), // nor is whitespace: obs-fold
        ];
        for (octets, end, bare_lf) in rows {
            let whole = Section::new().search(octets);
            assert_eq!((whole.end, whole.bare_lf), (end, bare_lf), "{octets:?}");
            for cut in 0..=octets.len() {
                let mut section = Section::new();
                let (a, b) = octets.split_at(cut);
                let first = section.search(a);
                let (mut found, mut bare) = (first.end, first.bare_lf);
                if found.is_none() {
                    let second = section.search(b);
                    found = second.end.map(|n| n + cut);
                    bare = bare.or(second.bare_lf.map(|n| n + cut));
                }
                assert_eq!((found, bare), (end, bare_lf), "{octets:?} cut at {cut}");
            }
        }
    }
}
