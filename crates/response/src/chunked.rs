//! Chunks taken off a body (RFC 9112 §7.1).
//!
//! ```text
//!     chunk-size [ ext ] CRLF  octets CRLF      ┐ any number
//!          Size … LineCr        Data  End EndCr ┘
//!     0 [ ext ] CRLF  trailers CRLF               `Step::Last`, then a section like a head's
//! ```

use crate::rules::{self, Misfit};

/// The longest chunk-size line, its line end included. Extensions have no use on the web, and
/// nothing bounds them (RFC 9112 §7.1.1 wants a limit); Node allows as much.
pub(crate) const LINE_LIMIT: u16 = 16 << 10;

/// Takes chunks apart octet by octet; nothing is kept of them but numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chunks {
    phase: Phase,
    /// The octets of the chunk that have not come; while its line is read, its size so far.
    left: u64,
    /// The octets of the chunk-size line so far.
    line: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Before the first digit of a size.
    Size,
    /// After a digit of it.
    Digits,
    /// After whitespace behind it.
    Space,
    Extension,
    /// After the CR of its line.
    LineCr,
    Data,
    /// After the octets of a chunk, before their CRLF.
    End,
    EndCr,
}

/// What the octets hold next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// All octets are taken.
    More,
    /// A chunk of this many octets begins.
    Chunk(u64),
    /// The last octets taken, so many, are of the body.
    Data(usize),
    /// The last chunk is read: trailers follow.
    Last,
}

/// Why chunks are not read on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refused {
    Misfit(Misfit),
    LongLine,
}

impl Chunks {
    pub(crate) const fn new() -> Chunks {
        Chunks { phase: Phase::Size, left: 0, line: 0 }
    }

    /// Reads up to one step; says how many octets it took.
    pub(crate) fn read(
        &mut self,
        octets: &[u8],
        mut odd: impl FnMut(Misfit),
    ) -> Result<(usize, Step), Refused> {
        if self.phase == Phase::Data {
            return Ok(self.data(octets));
        }
        for (at, &octet) in octets.iter().enumerate() {
            if matches!(self.phase, Phase::End | Phase::EndCr) {
                self.end(octet, at, &mut odd).map_err(Refused::Misfit)?;
                continue;
            }
            if self.line == LINE_LIMIT {
                return Err(Refused::LongLine);
            }
            self.line += 1;
            let line_ended = self.line(octet, at, &mut odd).map_err(Refused::Misfit)?;
            if line_ended {
                self.line = 0;
                if self.left == 0 {
                    return Ok((at + 1, Step::Last));
                }
                self.phase = Phase::Data;
                return Ok((at + 1, Step::Chunk(self.left)));
            }
        }
        Ok((octets.len(), Step::More))
    }

    fn data(&mut self, octets: &[u8]) -> (usize, Step) {
        let here = usize::try_from(self.left).map_or(octets.len(), |left| left.min(octets.len()));
        self.left = self.left.saturating_sub(crate::oddities::octets(here));
        if self.left == 0 {
            self.phase = Phase::End;
        }
        (here, if here == 0 { Step::More } else { Step::Data(here) })
    }

    /// Takes an octet of a chunk-size line; true when it was the last.
    fn line(&mut self, octet: u8, at: usize, odd: &mut impl FnMut(Misfit)) -> Result<bool, Misfit> {
        match (self.phase, octet) {
            (Phase::Size | Phase::Digits, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                let digit = char::from(octet).to_digit(16).map_or(0, u64::from);
                // Saturating: §7.1 wants an overflow noticed, and this is above every limit.
                self.left = self.left.saturating_mul(16).saturating_add(digit);
                self.phase = Phase::Digits;
            }
            (Phase::LineCr, b'\n') => {
                self.phase = Phase::Size;
                return Ok(true);
            }
            (Phase::LineCr, _) => return Err(rules::BARE_CR.at(at)),
            (Phase::Size, _) => return Err(rules::CHUNK_SIZE.at(at)),
            (_, b'\n') => {
                odd(rules::CHUNK_BARE_LF.at(at));
                self.phase = Phase::Size;
                return Ok(true);
            }
            (_, b'\r') => self.phase = Phase::LineCr,
            (Phase::Extension, b'\t') => {}
            (Phase::Extension, _) if octet.is_ascii_control() => {
                return Err(rules::CHUNK_EXTENSION.at(at));
            }
            (Phase::Extension, _) => {}
            (_, b';') => self.phase = Phase::Extension,
            (Phase::Digits, b' ' | b'\t') => {
                odd(rules::CHUNK_SPACE.at(at));
                self.phase = Phase::Space;
            }
            (Phase::Space, b' ' | b'\t') => {}
            _ => return Err(rules::CHUNK_SIZE.at(at)),
        }
        Ok(false)
    }

    /// Takes an octet of the line end after a chunk's octets.
    fn end(&mut self, octet: u8, at: usize, odd: &mut impl FnMut(Misfit)) -> Result<(), Misfit> {
        self.phase = match (self.phase, octet) {
            (Phase::End, b'\r') => Phase::EndCr,
            (Phase::EndCr, b'\n') => Phase::Size,
            (Phase::End, b'\n') => {
                odd(rules::CHUNK_BARE_LF.at(at));
                Phase::Size
            }
            _ => return Err(rules::CHUNK_END.at(at)),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body, the octets taken up to the end of the last chunk, the oddities; or the fault.
    type Outcome = Result<(Vec<u8>, Option<usize>, Vec<&'static str>), (&'static str, usize)>;

    fn feed(pieces: &[&[u8]]) -> Outcome {
        let mut chunks = Chunks::new();
        let (mut body, mut odd, mut seen) = (Vec::new(), Vec::new(), 0);
        for piece in pieces {
            let mut rest = *piece;
            loop {
                let step = chunks.read(rest, |misfit| odd.push(misfit.rule.name));
                let (taken, step) = step.map_err(|refused| match refused {
                    Refused::Misfit(misfit) => (misfit.rule.name, seen + misfit.at),
                    Refused::LongLine => ("long line", seen),
                })?;
                if let Step::Data(n) = step {
                    body.extend(&rest[taken - n..taken]);
                }
                seen += taken;
                rest = &rest[taken..];
                match step {
                    Step::Last => return Ok((body, Some(seen), odd)),
                    Step::More => break,
                    Step::Chunk(_) | Step::Data(_) => {}
                }
            }
        }
        Ok((body, None, odd))
    }

    #[test]
    fn chunks_are_the_same_wherever_they_are_cut() {
        type Want =
            Result<(&'static str, Option<usize>, &'static [&'static str]), (&'static str, usize)>;
        #[rustfmt::skip]
        let rows: [(&str, Want); 31] = [
            // RFC 9112 §7.1
            ("2\r\nok\r\n0\r\n\r\n", Ok(("ok", Some(10), &[]))),
            ("2\r\nok\r\n3\r\nay!\r\n0\r\nX: y\r\n", Ok(("okay!", Some(18), &[]))),
            ("A\r\n0123456789\r\n0\r\n", Ok(("0123456789", Some(18), &[]))),
            ("00000000000000000002\r\nok\r\n000\r\n", Ok(("ok", Some(31), &[]))),
            ("2\r\no", Ok(("o", None, &[]))),
            ("2\r\nok", Ok(("ok", None, &[]))),
            ("0", Ok(("", None, &[]))),
            ("\r\n", Err(("chunk-size", 0))),
            ("x", Err(("chunk-size", 0))),
            ("-2\r\n", Err(("chunk-size", 0))),
            ("+2\r\n", Err(("chunk-size", 0))),
            (" 2\r\n", Err(("chunk-size", 0))),
            ("0x2\r\n", Err(("chunk-size", 1))),
            ("2x\r\n", Err(("chunk-size", 1))),
            ("2\rX\n", Err(("bare-cr", 2))),
            ("2\r\r\n", Err(("bare-cr", 2))),
            ("2\r\nokay", Err(("chunk-end", 5))),
            ("2\r\nok\rx", Err(("chunk-end", 6))),
            ("3\r\nok\r\n0\r\n", Ok(("ok\r", Some(10), &["chunk-bare-lf"]))), // what that costs
            ("4\r\nok\r\n0\r\n", Err(("chunk-end", 7))),
            ("2\nok\n0\n", Ok(("ok", Some(7), &["chunk-bare-lf", "chunk-bare-lf", "chunk-bare-lf"]))),
            ("2  \r\nok\r\n0 \r\n", Ok(("ok", Some(13), &["chunk-space", "chunk-space"]))),
            ("2 2\r\n", Err(("chunk-size", 2))),
            // RFC 9112 §7.1.1
            ("2;a=b\r\nok\r\n0;\r\n", Ok(("ok", Some(15), &[]))),
            ("2;a=\"\t; \"\r\nok\r\n0\r\n", Ok(("ok", Some(18), &[]))),
            ("2 ;a\r\nok\r\n0\r\n", Ok(("ok", Some(13), &["chunk-space"]))),
            ("2;\u{e9}\r\nok\r\n0\r\n", Ok(("ok", Some(13), &[]))),
            ("2;a\rb\n", Err(("bare-cr", 4))),
            ("2;a\0\r\n", Err(("chunk-extension", 3))),
            ("2;a\nok\r\n0\r\n", Ok(("ok", Some(11), &["chunk-bare-lf"]))),
            ("2\0\r\n", Err(("chunk-size", 1))),
        ];
        for (octets, want) in rows {
            let want: Outcome = want.map(|(body, end, odd)| (body.into(), end, odd.to_vec()));
            let octets = octets.as_bytes();
            assert_eq!(feed(&[octets]), want, "{}", octets.escape_ascii());
            let single: Vec<&[u8]> = octets.chunks(1).collect();
            assert_eq!(feed(&single), want, "{} octet by octet", octets.escape_ascii());
            for cut in 0..=octets.len() {
                let (a, b) = octets.split_at(cut);
                assert_eq!(feed(&[a, b]), want, "{} cut at {cut}", octets.escape_ascii());
            }
        }
    }

    #[test]
    fn sizes_and_lines_are_bounded() {
        let mut chunks = Chunks::new();
        let size = chunks.read(b"10000000000000000\r\n", |_| ());
        assert!(matches!(size, Ok((_, Step::Chunk(u64::MAX)))), "17 digits: {size:?}");

        let line = |n: usize| [b"1;", vec![b'a'; n - 4].as_slice(), b"\r\n"].concat();
        let limit = usize::from(LINE_LIMIT);
        assert!(matches!(Chunks::new().read(&line(limit), |_| ()), Ok((_, Step::Chunk(1)))));
        assert!(matches!(Chunks::new().read(&line(limit + 1), |_| ()), Err(Refused::LongLine)));
    }
}
