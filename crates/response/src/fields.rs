//! A field section: lines of `name: value` up to an empty line (RFC 9112 §5).
//!
//! What is written as it should be is read in passing (see `parse`); all else is walked here, which
//! says what is wrong and where, or how it is read all the same. `Fields` then reads only what was
//! checked.

use crate::rules::{self, Misfit};
use crate::scan::is_tchar;
use crate::status_line::{Ows, is_control};
use memchr::{memchr, memchr2};
use std::fmt;

/// The fields of trailers, in order, as sent: an iterator of name and value, as
/// [`Head::fields`](crate::Head::fields) gives them.
#[derive(Clone, Default)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Of a section that was checked, and unfolded where it was folded.
    pub(crate) const fn of(section: &'a [u8]) -> Fields<'a> {
        Fields { rest: section }
    }

    /// The values of the fields with this name, in order; names have no case (RFC 9110 §5.1).
    pub fn values(self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            let (line, rest) = split_line(self.rest)?;
            self.rest = rest;
            match line {
                [] => self.rest = &[],
                // Before the first field: see `space-before-fields`.
                [b' ' | b'\t', ..] => {}
                _ => {
                    let (name, value) = line.split_at_checked(memchr(b':', line)?)?;
                    let value = value.get(1..)?.trim_ascii_start_ows().trim_ascii_end_ows();
                    return Some((name.trim_ascii_end_ows(), value));
                }
            }
        }
        None
    }
}

impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map()
            .entries(self.clone().map(|(name, value)| (Shown(name), Shown(value))))
            .finish()
    }
}

/// Octets as a text that is safe to print.
struct Shown<'a>(&'a [u8]);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// The first line without its end, and what follows it.
pub(crate) fn split_line(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = octets.split_at_checked(memchr(b'\n', octets)?)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), rest.get(1..)?))
}

/// Where `part`, a piece of `whole`, begins in it.
pub(crate) fn place(whole: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().saturating_sub(whole.as_ptr().addr())
}

/// Why a section is not read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refused {
    Misfit(Misfit),
    TooManyFields,
}

impl From<Misfit> for Refused {
    fn from(misfit: Misfit) -> Refused {
        Refused::Misfit(misfit)
    }
}

/// Walks a section line by line; says whether a field of it is folded.
pub(crate) fn check(
    section: &[u8],
    most: usize,
    mut odd: impl FnMut(Misfit),
) -> Result<bool, Refused> {
    let (mut fields, mut folded) = (0, false);
    let mut rest = section;
    while let Some((line, after)) = split_line(rest) {
        let start = place(section, rest);
        rest = after;
        if line.is_empty() {
            break;
        }
        if let Some(at) = memchr2(0, b'\r', line) {
            let nul = line.get(at) == Some(&0);
            return Err(if nul { &rules::NUL } else { &rules::BARE_CR }.at(start + at).into());
        }
        let value = match line {
            [b' ' | b'\t', ..] if fields == 0 => {
                odd(rules::SPACE_BEFORE_FIELDS.at(start));
                continue;
            }
            [b' ' | b'\t', ..] => {
                odd(rules::OBS_FOLD.at(start));
                folded = true;
                line
            }
            _ => {
                let colon = memchr(b':', line).ok_or(rules::NO_COLON.at(start))?;
                let (name, value) = line.split_at_checked(colon).unwrap_or((line, &[]));
                check_name(name, |misfit| odd(misfit.rule.at(start + misfit.at)))
                    .map_err(|misfit| misfit.rule.at(start + misfit.at))?;
                fields += 1;
                value
            }
        };
        if fields > most {
            return Err(Refused::TooManyFields);
        }
        if let Some(at) = value.iter().position(|&c| is_control(c)) {
            odd(rules::CONTROL_OCTET.at(place(section, value) + at));
        }
    }
    Ok(folded)
}

/// Checks what stands before a colon.
fn check_name(before_colon: &[u8], mut odd: impl FnMut(Misfit)) -> Result<(), Misfit> {
    let name = before_colon.trim_ascii_end_ows();
    if name.is_empty() {
        return Err(rules::EMPTY_NAME.at(0));
    }
    if name.len() < before_colon.len() {
        odd(rules::SPACE_BEFORE_COLON.at(name.len()));
    }
    if let Some(at) = name.iter().position(|&c| is_control(c)) {
        return Err(rules::NAME_CONTROL.at(at));
    }
    if let Some(at) = name.iter().position(|&c| !is_tchar(c)) {
        odd(rules::FIELD_NAME.at(at));
    }
    Ok(())
}

/// A copy in which folded lines are one: SP for each octet of a line end before whitespace.
///
/// RFC 9112 §5.2 asks for "one or more SP"; as many as there were octets keeps every offset.
pub(crate) fn unfold(section: &[u8]) -> Vec<u8> {
    let mut text = section.to_vec();
    let mut next = text.iter_mut().peekable();
    let mut cr = None;
    while let Some(octet) = next.next() {
        match *octet {
            b'\r' => cr = Some(octet),
            b'\n' if next.peek().is_some_and(|next| matches!(**next, b' ' | b'\t')) => {
                *octet = b' ';
                if let Some(cr) = cr.take() {
                    *cr = b' ';
                }
            }
            _ => cr = None,
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_read_or_refused_with_its_octet() {
        type Pairs = &'static [(&'static str, &'static str)];
        type Want = Result<(Pairs, &'static [(&'static str, usize)]), (&'static str, usize)>;
        #[rustfmt::skip]
        let rows: [(&str, Want); 22] = [
            ("\r\n", Ok((&[], &[]))),
            ("A: 1\r\nB:2\r\nC:\t 3 \t\r\nD:\r\n\r\n", Ok((&[("A", "1"), ("B", "2"), ("C", "3"), ("D", "")], &[]))),
            ("A::1\r\n\r\n", Ok((&[("A", ":1")], &[]))),
            // RFC 9112 §2.2
            ("A: 1\n\n", Ok((&[("A", "1")], &[]))), // `section` has seen the bare LF
            (" A: 1\r\nB: 2\r\n\r\n", Ok((&[("B", "2")], &[("space-before-fields", 0)]))),
            (" A: 1\r\n\tC: 3\r\nB: 2\r\n\r\n", Ok((&[("B", "2")], &[("space-before-fields", 0), ("space-before-fields", 7)]))),
            ("A: 1\r2\r\n\r\n", Err(("bare-cr", 4))),
            ("A: 1\r\r\n\r\n", Err(("bare-cr", 4))),
            // RFC 9112 §5.1
            ("A : 1\r\n\r\n", Ok((&[("A", "1")], &[("space-before-colon", 1)]))),
            ("A\t : 1\r\n\r\n", Ok((&[("A", "1")], &[("space-before-colon", 1)]))),
            // RFC 9112 §5.2
            ("A: 1\r\n 2\r\nB: 3\r\n\r\n", Ok((&[("A", "1   2"), ("B", "3")], &[("obs-fold", 6)]))),
            ("A: 1\n\t2\r\n  3\r\n\r\n", Ok((&[("A", "1 \t2    3")], &[("obs-fold", 5), ("obs-fold", 9)]))),
            ("A:\r\n 1\r\n \r\n\r\n", Ok((&[("A", "1")], &[("obs-fold", 4), ("obs-fold", 8)]))),
            // RFC 9112 §5, RFC 9110 §5.1
            ("A: 1\r\nB\r\n\r\n", Err(("no-colon", 6))),
            (": 1\r\n\r\n", Err(("empty-name", 0))),
            (" : 1\r\nB: \r\n : 2\r\n\r\n", Ok((&[("B", ": 2")], &[("space-before-fields", 0), ("obs-fold", 11)]))),
            ("en-US A: 1\r\n\r\n", Ok((&[("en-US A", "1")], &[("field-name", 5)]))),
            ("A/B: 1\r\n\r\n", Ok((&[("A/B", "1")], &[("field-name", 1)]))),
            ("\u{e9}: 1\r\n\r\n", Ok((&[("\u{e9}", "1")], &[("field-name", 0)]))),
            ("A\u{1}: 1\r\n\r\n", Err(("name-control", 1))),
            // RFC 9110 §5.5
            ("A: 1\u{b}\r\n\r\n", Ok((&[("A", "1\u{b}")], &[("control-octet", 4)]))),
            ("A: \0\r\n\r\n", Err(("nul", 3))),
        ];
        for (section, want) in rows {
            let mut odd = Vec::new();
            let got = check(section.as_bytes(), 4, |seen| odd.push((seen.rule.name, seen.at)));
            match (got, want) {
                (Ok(folded), Ok((fields, oddities))) => {
                    let text = if folded {
                        unfold(section.as_bytes())
                    } else {
                        section.as_bytes().to_vec()
                    };
                    let read: Vec<_> = Fields::of(&text).collect();
                    let fields: Vec<_> =
                        fields.iter().map(|(n, v)| (n.as_bytes(), v.as_bytes())).collect();
                    assert_eq!(read, fields, "{section:?}");
                    assert_eq!(odd, oddities, "{section:?}");
                    assert_eq!(text.len(), section.len(), "{section:?}");
                }
                (Err(Refused::Misfit(got)), Err(want)) => {
                    assert_eq!((got.rule.name, got.at), want, "{section:?}");
                }
                (got, want) => panic!("{section:?}: {got:?}, want {want:?}"),
            }
        }
        let five = b"A:\r\nB:\r\nC:\r\nD:\r\nE:\r\n\r\n";
        assert!(matches!(check(five, 4, |_| ()), Err(Refused::TooManyFields)));
        assert!(matches!(check(five, 5, |_| ()), Ok(false)));
    }
}
