//! A whole head, taken apart.
//!
//! Mostly it comes in one piece and is written as it should be: then httparse reads the fields, which
//! is fast, and strict enough that what it accepts needs no second look but at its line ends
//! ([`strict`]). What it refuses is walked by `fields`, which knows where and why ([`lenient`]).

use crate::event::Asked;
use crate::fields::{self, Fields, Refused};
use crate::framing::{Facts, Framing};
use crate::head::{Parts, Span, bit};
use crate::rules::Misfit;
use crate::status_line;
use memchr::memchr;

/// The fields that httparse has room for: of 173 replies of 44 server programs none has more. A head
/// with more is read again with [`MORE_SLOTS`], and one with more than those is walked.
const SLOTS: usize = 16;
const MORE_SLOTS: usize = 64;

/// A head and what it says of the body's end.
pub(crate) struct Parsed {
    pub(crate) parts: Parts,
    pub(crate) framing: Result<Framing, Misfit>,
}

/// A head that stands whole at the begin of these octets, and how many of them it is, if it is
/// written so that only what says where the body ends can be odd; else [`lenient`] reads it.
pub(crate) fn strict(
    octets: &[u8],
    asked: Asked,
    most: usize,
    mut odd: impl FnMut(Misfit),
) -> Option<(usize, Parsed)> {
    let lf = memchr(b'\n', octets)?;
    let first = octets.get(..lf)?.strip_suffix(b"\r")?;
    let line = status_line::plain(first)?;

    let section = octets.get(lf + 1..)?;
    let (mut few, mut more) = ([httparse::EMPTY_HEADER; SLOTS], None);
    let mut read = httparse::parse_headers(section, &mut few);
    if let Err(httparse::Error::TooManyHeaders) = read {
        let more = more.insert([httparse::EMPTY_HEADER; MORE_SLOTS]);
        read = httparse::parse_headers(section, more);
    }
    let Ok(httparse::Status::Complete((end, slots))) = read else { return None };
    let head = octets.get(..lf + 1 + end)?;
    // httparse takes a bare LF for a line end: each field begins, and all end, behind a CR LF.
    let after_crlf = |part: &[u8]| {
        let before = fields::place(octets, part).checked_sub(2);
        before.and_then(|at| octets.get(at)) == Some(&b'\r')
    };
    if slots.len() > most || !head.ends_with(b"\r\n\r\n") {
        return None;
    }
    let (mut facts, mut names, mut even) = (Facts::default(), 0, true);
    let span = |part| Span::within(octets, part);
    let fields = slots.iter().map(|field| {
        let (name, value) = (field.name.as_bytes(), field.value);
        even &= after_crlf(name);
        names |= bit(name);
        facts.see(name, value);
        (span(name), span(value))
    });
    let fields = fields.collect();
    if !even {
        return None;
    }
    let parts = Parts {
        fields,
        names,
        reason: Span::of(line.reason, first.len() - line.reason),
        head: Span::of(0, head.len()),
        status: line.status,
        version: line.version,
    };
    Some((head.len(), Parsed { parts, framing: facts.framing(asked, line, octets, &mut odd) }))
}

/// Takes apart a head that ends with its blank line. Places are counted from its first octet.
///
/// Where lines are folded the octets that the places are of come with it: the head, and behind it
/// the fields with their lines joined.
pub(crate) fn lenient(
    octets: &[u8],
    asked: Asked,
    most: usize,
    mut odd: impl FnMut(Misfit),
) -> Result<(Parsed, Option<Vec<u8>>), Refused> {
    let (first, section) = fields::split_line(octets).unwrap_or((octets, &[]));
    let line = status_line::read(first, &mut odd)?;
    let at = octets.len() - section.len();
    let from_section = |misfit: Misfit| misfit.rule.at(at + misfit.at);
    let folded =
        fields::check(section, most, |misfit| odd(from_section(misfit))).map_err(|refused| {
            match refused {
                Refused::Misfit(misfit) => Refused::Misfit(from_section(misfit)),
                Refused::TooManyFields => refused,
            }
        })?;
    let unfolded = folded.then(|| [octets, &fields::unfold(section)].concat());
    let (whole, text) = match &unfolded {
        Some(whole) => (&**whole, whole.get(octets.len()..).unwrap_or_default()),
        None => (octets, section),
    };
    let (mut facts, mut names) = (Facts::default(), 0);
    let span = |part| Span::within(whole, part);
    let fields = Fields::of(text).map(|(name, value)| {
        names |= bit(name);
        facts.see(name, value);
        (span(name), span(value))
    });
    let parts = Parts {
        fields: fields.collect(),
        names,
        reason: Span::of(line.reason, first.len() - line.reason),
        head: Span::of(0, octets.len()),
        status: line.status,
        version: line.version,
    };
    // Unfolding keeps every octet's place, so a place in `text` is one in `section`.
    let framing =
        facts.framing(asked, line, text, |misfit| odd(from_section(misfit))).map_err(from_section);
    Ok((Parsed { parts, framing }, unfolded))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What httparse accepts, our walk reads alike and finds nothing odd in: random lines made of
    /// the octets that matter, from a generator that needs no dependency.
    #[test]
    fn httparse_accepts_nothing_that_the_walk_reads_otherwise() {
        const ALPHABET: &[u8] = b"Aa1-: \t\r\n\r\n\x00\x01\x7f\x80;,/(";
        let mut seed = 1_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(seed >> 33).unwrap() % below
        };
        let mut accepted = 0;
        for _ in 0..200_000 {
            let section: Vec<u8> =
                (0..random(14)).map(|_| ALPHABET[random(ALPHABET.len())]).collect();
            let mut octets = b"A:".to_vec();
            octets.extend(section);
            octets.extend(b"\r\n\r\n");
            let mut slots = [httparse::EMPTY_HEADER; SLOTS];
            let Ok(httparse::Status::Complete((end, theirs))) =
                httparse::parse_headers(&octets, &mut slots)
            else {
                continue;
            };
            accepted += 1;
            let section = &octets[..end];
            let shown = section.escape_ascii();
            let folded = fields::check(section, SLOTS, |odd| panic!("{shown}: {odd:?}")).unwrap();
            assert!(!folded, "{shown}");
            let theirs = theirs.iter().map(|field| (field.name.as_bytes(), field.value));
            assert!(Fields::of(section).eq(theirs), "{shown}");
        }
        assert!(accepted > 1000, "{accepted} accepted");
    }
}
