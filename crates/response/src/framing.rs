//! Where the body ends (RFC 9112 §6).

use crate::event::Asked;
use crate::fields::place;
use crate::rules::{self, Misfit, Rule};
use crate::status_line::{Ows, StatusLine};

/// How the end of a response body is known (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// No body: the answer to HEAD, or 1xx, 204, 304 (item 1), or to CONNECT with 2xx (item 2).
    Absent,
    /// Chunks, up to the last-chunk (item 4). Wins over a length (item 3).
    Chunked,
    /// Exactly this many octets (item 6).
    Length(u64),
    /// All octets until the peer closes (items 4 and 8).
    UntilClose,
}

impl Framing {
    /// The word that records use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Framing::Absent => "none",
            Framing::Chunked => "chunked",
            Framing::Length(_) => "length",
            Framing::UntilClose => "until-close",
        }
    }
}

/// What most heads say of the body's end, which is little: one length, or one word.
#[derive(Default)]
pub(crate) struct Glance {
    length: Option<u64>,
    chunked: bool,
    /// There is more to it.
    more: bool,
}

impl Glance {
    /// The lengths of the names of fields that may be its business.
    pub(crate) const LENGTHS: [usize; 2] = [14, 17];

    /// Takes in one field; most are none of its business.
    #[inline(never)]
    pub(crate) fn see(&mut self, name: &[u8], value: &[u8]) {
        if !is_content_length(name) {
            return self.see_coding(name, value);
        }
        self.more |= self.length.is_some();
        self.length = decimal(value);
        self.more |= self.length.is_none();
    }

    #[inline(never)]
    fn see_coding(&mut self, name: &[u8], value: &[u8]) {
        if is(name, b"Transfer-Encoding") {
            self.more |= self.chunked || !is(value, b"chunked");
            self.chunked = true;
        }
    }

    /// What [`Facts::framing`] would say, if that is nothing odd.
    #[inline(always)]
    pub(crate) fn framing(&self, asked: Asked, line: StatusLine) -> Option<Framing> {
        if asked == Asked::Head || line.status == 304 {
            return Some(Framing::Absent);
        }
        let is_special = asked == Asked::Connect || matches!(line.status, ..200 | 204 | 205);
        match (self.length, self.chunked) {
            _ if self.more || is_special => None,
            (None, true) if line.version.is_modern() => Some(Framing::Chunked),
            (_, true) => None,
            (Some(n), false) => Some(Framing::Length(n)),
            (None, false) => Some(Framing::UntilClose),
        }
    }
}

/// What the fields of a head say of the body's end. Each slice is where something was first seen.
#[derive(Default)]
pub(crate) struct Facts<'h> {
    length: Option<(&'h [u8], u64)>,
    bad_length: Option<&'h [u8]>,
    repeated_length: Option<&'h [u8]>,
    unequal_length: Option<&'h [u8]>,
    /// The first Transfer-Encoding, an empty one too.
    coding: Option<&'h [u8]>,
    /// Codings that are neither chunked nor identity.
    other: Option<&'h [u8]>,
    identity: Option<&'h [u8]>,
    chunked: Option<&'h [u8]>,
    chunked_again: Option<&'h [u8]>,
    chunked_parameter: Option<&'h [u8]>,
    chunked_last: bool,
}

impl<'h> Facts<'h> {
    /// Takes in one field; most are none of its business.
    pub(crate) fn see(&mut self, name: &[u8], value: &'h [u8]) {
        match name.len() {
            14 if is(name, b"Content-Length") => self.see_length(value),
            17 if is(name, b"Transfer-Encoding") => self.see_codings(value),
            _ => {}
        }
    }

    fn see_length(&mut self, value: &'h [u8]) {
        // Mostly there is one, of one element.
        if let (None, Some(n)) = (self.length, decimal(value)) {
            self.length = Some((value, n));
            return;
        }
        for element in elements(value) {
            match (decimal(element), self.length) {
                (None, _) => _ = self.bad_length.get_or_insert(element),
                (Some(n), None) => self.length = Some((element, n)),
                (Some(n), Some((_, first))) if n == first => {
                    _ = self.repeated_length.get_or_insert(element);
                }
                (Some(_), Some(_)) => _ = self.unequal_length.get_or_insert(element),
            }
        }
    }

    fn see_codings(&mut self, value: &'h [u8]) {
        self.coding.get_or_insert(value);
        for element in elements(value).filter(|element| !element.is_empty()) {
            let end = element.iter().position(|&c| c == b';').unwrap_or(element.len());
            let (name, parameters) = element.split_at_checked(end).unwrap_or((element, &[]));
            let name = name.trim_ascii_end_ows();
            self.chunked_last = name.eq_ignore_ascii_case(b"chunked");
            if self.chunked_last {
                if !parameters.is_empty() {
                    self.chunked_parameter.get_or_insert(element);
                }
                match self.chunked {
                    None => self.chunked = Some(element),
                    Some(_) => _ = self.chunked_again.get_or_insert(element),
                }
            } else if name.eq_ignore_ascii_case(b"identity") {
                self.identity.get_or_insert(element);
            } else {
                self.other.get_or_insert(element);
            }
        }
    }

    /// Decides by RFC 9112 §6.3, in its order. `head` is where the fields stand in.
    pub(crate) fn framing(
        &self,
        asked: Asked,
        line: StatusLine,
        head: &[u8],
        mut odd: impl FnMut(Misfit),
    ) -> Result<Framing, Misfit> {
        let at = |rule: &'static Rule, part: &[u8]| rule.at(place(head, part));
        let mut note = |rule: &'static Rule, part: Option<&[u8]>| {
            if let Some(part) = part {
                odd(at(rule, part));
            }
        };

        // 1. The fields may say what a body would be: HEAD and 304 only (RFC 9110 §8.6).
        if asked == Asked::Head || line.status == 304 {
            return Ok(Framing::Absent);
        }
        // 1 and 2. No such fields may be there; a length of 0 harms nobody.
        let tunnel = asked == Asked::Connect && line.status / 100 == 2;
        if line.status / 100 == 1 || line.status == 204 || tunnel {
            let length = self.length.filter(|(_, n)| *n > 0).map(|(part, _)| part);
            note(&rules::FRAMED_NOTHING, self.coding.or(length).or(self.bad_length));
            return Ok(Framing::Absent);
        }

        // 3 and 4. `identity` alone is what RFC 2616 called no coding at all.
        let coded = self.chunked.or(self.other);
        if coded.is_none() {
            match self.identity {
                Some(_) => note(&rules::IDENTITY_CODING, self.identity),
                None => note(&rules::EMPTY_CODING, self.coding),
            }
        }
        let framing = if coded.is_some() {
            if let Some(part) = self.chunked_parameter {
                return Err(at(&rules::CHUNKED_PARAMETER, part));
            }
            if !line.version.is_modern() {
                note(&rules::CODING_IN_OLD, coded);
            }
            note(&rules::LENGTH_AND_CODING, self.length.map(|(part, _)| part).or(self.bad_length));
            note(&rules::OTHER_CODING, self.other);
            if self.chunked_last {
                note(&rules::IDENTITY_CODING, self.identity);
                note(&rules::CHUNKED_TWICE, self.chunked_again);
                Framing::Chunked
            } else {
                note(&rules::CHUNKED_NOT_LAST, self.chunked);
                Framing::UntilClose
            }
        } else if let Some(part) = self.bad_length {
            // 5.
            return Err(at(&rules::BAD_LENGTH, part));
        } else if let Some(part) = self.unequal_length {
            return Err(at(&rules::UNEQUAL_LENGTHS, part));
        } else {
            // 6 and 8. (7 is about requests.)
            note(&rules::REPEATED_LENGTH, self.repeated_length);
            self.length.map_or(Framing::UntilClose, |(_, n)| Framing::Length(n))
        };
        if line.status == 205 && matches!(framing, Framing::Chunked | Framing::Length(1..)) {
            note(&rules::BODY_IN_205, coded.or(self.length.map(|(part, _)| part)));
        }
        Ok(framing)
    }
}

/// Whether a name is this one, which has no case; mostly it is written alike, which is seen sooner.
fn is(name: &[u8], usual: &[u8]) -> bool {
    name == usual || name.eq_ignore_ascii_case(usual)
}

/// Whether a name, which has no control octet, is `Content-Length`.
fn is_content_length(name: &[u8]) -> bool {
    // Two words hold it, the middle twice. This bit makes a capital small, and lets the hyphen be.
    let small = |word: &[u8; 8]| u64::from_ne_bytes(*word) | 0x2020_2020_2020_2020;
    let is = |word: &[u8; 8], usual: &[u8; 8]| small(word) == u64::from_ne_bytes(*usual);
    name.len() == 14
        && name.first_chunk().is_some_and(|word| is(word, b"content-"))
        && name.last_chunk().is_some_and(|word| is(word, b"t-length"))
}

/// The elements of a comma-separated list, the empty ones too.
fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&c| c == b',').map(|part| part.trim_ascii_start_ows().trim_ascii_end_ows())
}

/// 1*DIGIT. What 64 bits cannot hold is the greatest they can, and larger than any limit
/// (RFC 9110 §8.6 asks for care).
#[inline(always)]
fn decimal(digits: &[u8]) -> Option<u64> {
    if !matches!(digits.len(), 1..=19) {
        return long_decimal(digits);
    }
    // 19 digits are less than 2^64.
    digits.iter().try_fold(0_u64, |n, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit <= 9).then(|| n * 10 + u64::from(digit))
    })
}

#[cold]
fn long_decimal(digits: &[u8]) -> Option<u64> {
    let fits = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let add = |n: u64, digit: &u8| n.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    fits.then(|| digits.iter().fold(0, add))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Fields;
    use crate::status_line;
    use Framing::{Absent, Chunked, Length, UntilClose};

    #[test]
    fn the_end_of_the_body_is_known_in_the_order_of_the_clause() {
        type Want = Result<Framing, &'static str>;
        let (get, head, connect) = (Asked::Other, Asked::Head, Asked::Connect);
        #[rustfmt::skip]
        let rows: [(Asked, &str, &str, Want, &[&str]); 45] = [
            // asked, status line, fields → framing, oddities   (RFC 9112 §6.3)
            // item 1
            (head, "HTTP/1.1 200 X", "Content-Length: 5", Ok(Absent), &[]),
            (head, "HTTP/1.1 200 X", "Transfer-Encoding: chunked", Ok(Absent), &[]),
            (head, "HTTP/1.1 200 X", "Content-Length: x", Ok(Absent), &[]),
            (get, "HTTP/1.1 304 X", "Content-Length: 5", Ok(Absent), &[]),
            (get, "HTTP/1.1 204 X", "", Ok(Absent), &[]),
            (get, "HTTP/1.1 204 X", "Content-Length: 0", Ok(Absent), &[]),
            (get, "HTTP/1.1 204 X", "Content-Length: 5", Ok(Absent), &["framed-nothing"]),
            (get, "HTTP/1.1 101 X", "Transfer-Encoding: chunked", Ok(Absent), &["framed-nothing"]),
            // item 2
            (connect, "HTTP/1.1 200 X", "", Ok(Absent), &[]),
            (connect, "HTTP/1.1 200 X", "Content-Length: 5", Ok(Absent), &["framed-nothing"]),
            (connect, "HTTP/1.1 407 X", "Content-Length: 5", Ok(Length(5)), &[]),
            // item 3
            (get, "HTTP/1.1 200 X", "Content-Length: 5\nTransfer-Encoding: chunked", Ok(Chunked), &["length-and-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: chunked\nContent-Length: x", Ok(Chunked), &["length-and-coding"]),
            // item 4
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: chunked", Ok(Chunked), &[]),
            (get, "HTTP/1.1 200 X", "transfer-encoding: Chunked", Ok(Chunked), &[]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: gzip, chunked", Ok(Chunked), &["other-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: gzip\nTransfer-Encoding: ,chunked,", Ok(Chunked), &["other-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: chunked, chunked", Ok(Chunked), &["chunked-twice"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: gzip", Ok(UntilClose), &["other-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: gzip\nContent-Length: 5", Ok(UntilClose), &["length-and-coding", "other-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: chunked, gzip", Ok(UntilClose), &["other-coding", "chunked-not-last"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: chunked, identity", Ok(UntilClose), &["chunked-not-last"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: xchunked", Ok(UntilClose), &["other-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: \x0bchunked", Ok(UntilClose), &["other-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: \"chunked\"", Ok(UntilClose), &["other-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: identity, chunked", Ok(Chunked), &["identity-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: identity\nContent-Length: 5", Ok(Length(5)), &["identity-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: ,", Ok(UntilClose), &["empty-coding"]),
            (get, "HTTP/1.1 200 X", "Transfer-Encoding: chunked;q=1", Err("chunked-parameter"), &[]),
            (get, "HTTP/1.0 200 X", "Transfer-Encoding: chunked", Ok(Chunked), &["coding-in-http10"]),
            (get, "ICY 200 X", "Transfer-Encoding: chunked", Ok(Chunked), &["icy", "coding-in-http10"]),
            // item 5
            (get, "HTTP/1.1 200 X", "Content-Length: 5, 5", Ok(Length(5)), &["repeated-length"]),
            (get, "HTTP/1.1 200 X", "Content-Length: 5\nContent-Length: 05", Ok(Length(5)), &["repeated-length"]),
            (get, "HTTP/1.1 200 X", "Content-Length: 5\nContent-Length: 6", Err("unequal-lengths"), &[]),
            (get, "HTTP/1.1 200 X", "Content-Length: 5,", Err("bad-length"), &[]),
            (get, "HTTP/1.1 200 X", "Content-Length: ", Err("bad-length"), &[]),
            (get, "HTTP/1.1 200 X", "Content-Length: +5", Err("bad-length"), &[]),
            (get, "HTTP/1.1 200 X", "Content-Length: -5", Err("bad-length"), &[]),
            (get, "HTTP/1.1 200 X", "Content-Length: 5 5", Err("bad-length"), &[]),
            (get, "HTTP/1.1 200 X", "Content-Length: 0x5", Err("bad-length"), &[]),
            // item 6
            (get, "HTTP/1.1 200 X", "Content-Length: 0", Ok(Length(0)), &[]),
            (get, "HTTP/1.1 200 X", "Content-Length: 99999999999999999999", Ok(Length(u64::MAX)), &[]),
            (get, "HTTP/1.1 205 X", "Content-Length: 5", Ok(Length(5)), &["body-in-205"]),
            (get, "HTTP/1.1 205 X", "Content-Length: 0", Ok(Length(0)), &[]),
            // item 8
            (get, "HTTP/1.1 200 X", "Content-Lengths: 5", Ok(UntilClose), &[]),
        ];
        let mut glances = 0;
        for (asked, line, fields, want, oddities) in rows {
            let section = format!("{fields}\n\n");
            let mut odd = Vec::new();
            let status = status_line::read(line.as_bytes(), |m| odd.push(m.rule.name)).unwrap();
            let mut facts = Facts::default();
            Fields::of(section.as_bytes()).for_each(|(name, value)| facts.see(name, value));
            let got = facts
                .framing(asked, status, section.as_bytes(), |misfit| odd.push(misfit.rule.name))
                .map_err(|misfit| misfit.rule.name);
            assert_eq!(got, want, "{asked:?} {line} {fields:?}");
            let mut glance = Glance::default();
            Fields::of(section.as_bytes()).for_each(|(name, value)| glance.see(name, value));
            let seen = glance.framing(asked, status).map(|framing| (Ok(framing), &[][..]));
            glances += usize::from(seen.is_some());
            let seen = seen.unwrap_or((want, oddities));
            assert_eq!(seen, (want, oddities), "{asked:?} {line} {fields:?}");
            assert_eq!(odd, oddities, "{asked:?} {line} {fields:?}");
        }
        assert_eq!(glances, 9, "what a glance tells");
    }
}
