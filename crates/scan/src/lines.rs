//! From octets to lines.

use std::io;
use std::sync::Arc;

use fourstep_target::{Host, Target};

use crate::feed::{Feed, Pull};

/// The most octets of a line; longer than any URL that a server takes.
pub(crate) const LINE_OCTETS: usize = 64 * 1024;

/// The lines of all inputs, one after the other. What is held is one piece of input, and a line
/// that its end cuts.
pub(crate) struct Lines {
    feeds: std::vec::IntoIter<Box<dyn Feed>>,
    feed: Option<Box<dyn Feed>>,
    /// How many inputs were begun.
    begun: u32,
    /// How many lines of this one were given.
    line: u64,
    piece: Piece,
    /// Whether a `#` is in it: in most lists none is, and then no line is searched for one.
    has_hash: bool,
    /// Where the next line of the piece begins.
    at: usize,
    /// A line that earlier pieces began, at most [`LINE_OCTETS`].
    cut: Vec<u8>,
    /// Whether a line was begun, and is longer than it may be.
    is_long: bool,
    /// Whether `cut` was given as a line, and is to be emptied.
    given: bool,
    /// Whether this input has ended, though its last line was still to be given.
    ended: bool,
}

/// A piece of input. Most are text, which is found out of all at once; every line of it is too.
enum Piece {
    Text(String),
    Octets(Vec<u8>),
}

impl Piece {
    fn new(octets: Vec<u8>) -> Piece {
        match String::from_utf8(octets) {
            Ok(text) => Piece::Text(text),
            Err(error) => Piece::Octets(error.into_bytes()),
        }
    }

    fn octets(&self) -> &[u8] {
        match self {
            Piece::Text(text) => text.as_bytes(),
            Piece::Octets(octets) => octets,
        }
    }

    /// A part of it, and the same as text.
    fn part(&self, from: usize, to: usize) -> (&[u8], Option<&str>) {
        match self {
            Piece::Text(text) => {
                let text = text.get(from..to).unwrap_or_default();
                (text.as_bytes(), Some(text))
            }
            Piece::Octets(octets) => (octets.get(from..to).unwrap_or_default(), None),
        }
    }
}

/// What the inputs have next.
#[derive(Debug)]
pub(crate) enum Read<'a> {
    Line(Line<'a>),
    /// Nothing in this piece; ask again.
    Nothing,
    Later,
    Failed(u32, io::Error),
    End,
}

/// One line, without its end (LF or CRLF).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Which input, from 0.
    pub(crate) feed: u32,
    /// Which line of it, from 1.
    pub(crate) number: u64,
    /// What it says; of a line that is too long, as much as it may have.
    pub(crate) octets: &'a [u8],
    /// The same, where it is known to be text.
    pub(crate) text: Option<&'a str>,
    pub(crate) is_long: bool,
    /// Whether there may be a `#` in it.
    pub(crate) has_hash: bool,
}

impl Lines {
    pub(crate) fn new(feeds: Vec<Box<dyn Feed>>) -> Lines {
        let mut feeds = feeds.into_iter();
        let feed = feeds.next();
        Lines {
            feeds,
            feed,
            begun: 0,
            line: 0,
            piece: Piece::Octets(Vec::new()),
            has_hash: false,
            at: 0,
            cut: Vec::new(),
            is_long: false,
            given: false,
            ended: false,
        }
    }

    /// Whether nothing is left.
    pub(crate) fn is_over(&self) -> bool {
        self.feed.is_none() && self.at >= self.piece.octets().len()
    }

    /// The next line, if that is a target and nothing else, as most are: then neither the line's end
    /// nor what else may stand on it is looked for. Its input, its number, and the target, which a
    /// spare one may become.
    #[inline(always)]
    pub(crate) fn next_target(
        &mut self,
        spare: &mut Vec<Arc<Target>>,
    ) -> Option<(u32, u64, Arc<Target>)> {
        let Piece::Text(text) = &self.piece else { return None };
        if !self.cut.is_empty() {
            return None;
        }
        let (target, octets) = Target::parse_line(text.get(self.at..)?, spare)?;
        // A block of addresses, for one, looks like a host that is followed by a path.
        let may_be_block = !target.fixes().is_empty() && matches!(target.host(), Host::V4(_));
        if octets > LINE_OCTETS || may_be_block && target.request_target() != b"/" {
            return None;
        }
        self.at += octets;
        self.line += 1;
        Some((self.begun, self.line, target))
    }

    /// The next line.
    pub(crate) fn next(&mut self) -> Read<'_> {
        if std::mem::take(&mut self.given) {
            self.cut.clear();
            self.is_long = false;
        }
        let rest = self.piece.octets().get(self.at..).unwrap_or_default();
        if let Some(end) = memchr::memchr(b'\n', rest) {
            let from = self.at;
            self.at += end + 1;
            if self.cut.is_empty() && !self.is_long && end <= LINE_OCTETS {
                self.line += 1;
                let line = line(self.begun, self.line, self.piece.part(from, from + end));
                return Read::Line(Line { has_hash: self.has_hash, ..line });
            }
            self.hold(from, from + end);
            return self.give_cut();
        }
        let (from, to) = (self.at, self.piece.octets().len());
        self.hold(from, to);
        self.piece = Piece::Octets(Vec::new());
        self.at = 0;
        if std::mem::take(&mut self.ended) {
            return self.end_feed();
        }
        let Some(feed) = &mut self.feed else { return Read::End };
        match feed.pull() {
            Pull::Octets(octets) => {
                self.has_hash = memchr::memchr(b'#', &octets).is_some();
                self.piece = Piece::new(octets);
                Read::Nothing
            }
            Pull::Later => Read::Later,
            Pull::End => self.end_feed(),
            Pull::Failed(error) => {
                // Half a line is none.
                self.feed = None;
                self.feeds = Vec::new().into_iter();
                self.cut = Vec::new();
                Read::Failed(self.begun, error)
            }
        }
    }

    /// Keeps a part of the piece for the line that it belongs to.
    fn hold(&mut self, from: usize, to: usize) {
        let octets = self.piece.octets().get(from..to).unwrap_or_default();
        let room = LINE_OCTETS - self.cut.len();
        self.is_long |= octets.len() > room;
        self.cut.extend_from_slice(octets.get(..room).unwrap_or(octets));
    }

    /// A line that pieces cut.
    fn give_cut(&mut self) -> Read<'_> {
        self.line += 1;
        self.given = true;
        Read::Line(Line { is_long: self.is_long, ..line(self.begun, self.line, (&self.cut, None)) })
    }

    /// The last line of an input need not have an end.
    fn end_feed(&mut self) -> Read<'_> {
        if self.cut.is_empty() {
            self.feed = self.feeds.next();
            self.begun += 1;
            self.line = 0;
            return if self.feed.is_some() { Read::Nothing } else { Read::End };
        }
        self.ended = true;
        self.give_cut()
    }
}

fn line<'a>(feed: u32, number: u64, said: (&'a [u8], Option<&'a str>)) -> Line<'a> {
    let (octets, text) = said;
    let to = octets.strip_suffix(b"\r").map_or(octets.len(), <[u8]>::len);
    // Some editors begin a file with U+FEFF; it says that UTF-8 follows (RFC 3629 §6).
    let from = match number {
        1 if octets.starts_with(b"\xEF\xBB\xBF") => 3,
        _ => 0,
    };
    let octets = octets.get(from..to).unwrap_or_default();
    let text = text.and_then(|text| text.get(from..to));
    Line { feed, number, octets, text, is_long: false, has_hash: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Given;

    /// Gives its octets in pieces of a size, with nothing and delays between them.
    struct Pieces(Vec<u8>, usize, u8);

    impl Feed for Pieces {
        fn pull(&mut self) -> Pull {
            self.2 = (self.2 + 1) % 3;
            match self.2 {
                0 => Pull::Later,
                1 => Pull::Octets(Vec::new()),
                _ if self.0.is_empty() => Pull::End,
                _ => Pull::Octets(self.0.drain(..self.1.min(self.0.len())).collect()),
            }
        }
    }

    fn all(feeds: Vec<Box<dyn Feed>>) -> Vec<(u32, u64, Vec<u8>, bool)> {
        let mut lines = Lines::new(feeds);
        let mut all = Vec::new();
        loop {
            match lines.next() {
                Read::Line(line) => {
                    all.push((line.feed, line.number, line.octets.to_vec(), line.is_long));
                }
                Read::Nothing | Read::Later => {}
                Read::Failed(feed, _) => all.push((feed, 0, b"failed".to_vec(), false)),
                Read::End => break,
            }
        }
        assert!(lines.is_over());
        assert!(matches!(lines.next(), Read::End));
        all
    }

    #[test]
    fn the_same_lines_however_they_are_cut() {
        let texts: [(&[u8], &[&[u8]]); 11] = [
            (b"", &[]),
            (b"a", &[b"a"]),
            (b"a\n", &[b"a"]),
            (b"a\nb", &[b"a", b"b"]),
            (b"a\r\nb\r\n", &[b"a", b"b"]),
            (b"a\r\r\nb\r", &[b"a\r", b"b"]),
            (b"\n\n", &[b"", b""]),
            (b"\xEF\xBB\xBFa\n\xEF\xBB\xBFb\n", &[b"a", b"\xEF\xBB\xBFb"]),
            (b"\xEF\xBB\xBF", &[b""]),
            (b"\xEF\xBBa", &[b"\xEF\xBBa"]),
            (b"\0\xFF\n\t", &[b"\0\xFF", b"\t"]),
        ];
        for (text, want) in texts {
            for size in 1..=text.len().max(1) {
                let feed = Pieces(text.to_vec(), size, 0);
                let got: Vec<Vec<u8>> =
                    all(vec![Box::new(feed)]).into_iter().map(|l| l.2).collect();
                assert_eq!(got, want, "{} in pieces of {size}", text.escape_ascii());
            }
        }
    }

    #[test]
    fn inputs_follow_each_other_and_are_told_apart() {
        let given = |text: &[u8]| Box::new(Given::octets(text.to_vec())) as Box<dyn Feed>;
        let feeds = vec![given(b"a\nb"), given(b""), given(b"\xEF\xBB\xBFc\nd\n")];
        let line = |feed, number, text: &[u8]| (feed, number, text.to_vec(), false);
        let want = [line(0, 1, b"a"), line(0, 2, b"b"), line(2, 1, b"c"), line(2, 2, b"d")];
        assert_eq!(all(feeds), want);
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_is_whole() {
        for (octets, is_long) in [(LINE_OCTETS, false), (LINE_OCTETS + 1, true), (200_000, true)] {
            for size in [1000, LINE_OCTETS, LINE_OCTETS + 1, 300_000] {
                let mut text = vec![b'a'; octets];
                text.extend_from_slice(b"\nb\n");
                text.extend_from_slice(&vec![b'c'; octets]);
                let got = all(vec![Box::new(Pieces(text, size, 0))]);
                let shape: Vec<_> = got.iter().map(|l| (l.1, l.2.len(), l.3)).collect();
                let long = octets.min(LINE_OCTETS);
                let want = [(1, long, is_long), (2, 1, false), (3, long, is_long)];
                assert_eq!(shape, want, "{octets} in pieces of {size}");
            }
        }
    }

    #[test]
    fn nothing_is_read_behind_a_failure() {
        struct Broken(bool);
        impl Feed for Broken {
            fn pull(&mut self) -> Pull {
                match std::mem::replace(&mut self.0, true) {
                    false => Pull::Octets(b"a\nhalf a li".to_vec()),
                    true => Pull::Failed(io::ErrorKind::TimedOut.into()),
                }
            }
        }
        let behind = Given::octets(b"c\n".to_vec());
        let got = all(vec![Box::new(Broken(false)), Box::new(behind)]);
        assert_eq!(got, [(0, 1, b"a".to_vec(), false), (0, 0, b"failed".to_vec(), false)]);
    }
}
