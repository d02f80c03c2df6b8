//! A whole head, taken apart.
//!
//! Mostly it comes in one piece and is written as it should be: then one pass over its octets finds
//! all there is to know ([`strict`]). What that does not accept is walked by `fields`, which knows
//! where and why ([`lenient`]).

use crate::event::Asked;
use crate::fields::{self, Fields, Refused};
use crate::framing::{Facts, Framing};
use crate::head::{Head, Parts, Version, bit};
use crate::places::{Place, keep, place};
use crate::rules::Misfit;
use crate::scan;
use crate::status_line::{self, PLAIN, StatusLine};
use crate::walk::{Walk, Way};
use std::borrow::Cow;
use std::mem::take;

/// The fields of most heads: of 173 replies of 44 server programs none has more than 16.
const FEW: usize = 16;

/// The fields that [`strict`] has room for: replies of content delivery networks often have 30.
const MANY: usize = 32;

/// A head that stands whole at the begin of these octets, if it is written so that only what says
/// where the body ends can be odd; else [`lenient`] reads it. It is kept in `room`, and put into
/// `head`. Says where the body behind it ends, if there is one and that is told at a glance.
#[inline(never)]
pub(crate) fn strict(
    octets: &[u8],
    asked: Asked,
    most: usize,
    room: &mut Vec<u8>,
    head: &mut Option<Head>,
) -> Option<Framing> {
    let (start, after) = octets.split_first_chunk::<PLAIN>()?;
    let (minor, status) = status_line::plain(start)?;
    let line = StatusLine { version: Version::Http(1, minor), status, reason: at(PLAIN) };
    let mut is_plain = true;
    let (reason, section) = scan::text(after, 0, &mut is_plain)?;
    let mut walk = Walk::new(section, octets.len() - section.len(), is_plain);
    let mut few = [[0; 16]; FEW];
    let mut many;
    let places = match walk.lines(&mut few, 0)? {
        Way::Through(fields) => few.get(..fields)?,
        Way::Full => {
            many = more(&few);
            let Way::Through(fields) = walk.lines(&mut many, FEW)? else { return None };
            many.get(..fields)?
        }
    };
    if places.len() > most {
        return None;
    }
    let whole = walk.head(octets)?;
    keep(whole, places, room);
    let length = at(whole.len());
    let reason_end = at(PLAIN + reason.len());
    let Walk { names, is_plain, .. } = walk;
    let parts = Parts { line, reason_end, length, places: length, is_plain, names };
    *head = Some(Head { octets: take(room), parts });
    walk.glance.framing(asked, line)
}

/// Places for more fields, the first of them taken.
#[inline(never)]
fn more(few: &[Place; FEW]) -> [Place; MANY] {
    let mut many = [[0; 16]; MANY];
    many.iter_mut().zip(few).for_each(|(place, taken)| *place = *taken);
    many
}

/// Where the body ends, of a head that [`strict`] has read, and a glance does not tell.
#[inline(never)]
pub(crate) fn framing(
    asked: Asked,
    head: &Head,
    odd: impl FnMut(Misfit),
) -> Result<Framing, Misfit> {
    let mut facts = Facts::default();
    head.fields().for_each(|(name, value)| facts.see(name, value));
    facts.framing(asked, head.parts.line, head.octets(), odd)
}

/// The low octets of a place; `Limits::head_bytes` keeps what is above them 0.
#[inline(always)]
const fn at(place: usize) -> u32 {
    let [a, b, c, d, ..] = place.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Walks a head that ends with its blank line, and says where its body ends.
pub(crate) fn lenient(
    octets: &[u8],
    asked: Asked,
    most: usize,
    mut odd: impl FnMut(Misfit),
) -> Result<(Head, Result<Framing, Misfit>), Refused> {
    let (first, section) = fields::split_line(octets).unwrap_or((octets, &[]));
    let line = status_line::read(first, &mut odd)?;
    let before = octets.len() - section.len();
    let from_section = |misfit: Misfit| misfit.rule.at(before + misfit.at);
    let folded =
        fields::check(section, most, |misfit| odd(from_section(misfit))).map_err(|refused| {
            match refused {
                Refused::Misfit(misfit) => Refused::Misfit(from_section(misfit)),
                Refused::TooManyFields => refused,
            }
        })?;
    let (whole, start) = match folded {
        false => (Cow::Borrowed(octets), before),
        true => ([octets, &fields::unfold(section)].concat().into(), octets.len()),
    };
    let text = whole.get(start..).unwrap_or_default();
    let (mut facts, mut names, mut places) = (Facts::default(), 0, Vec::new());
    let span = |part: &[u8]| (fields::place(&whole, part), part.len());
    for (name, value) in Fields::of(text) {
        places.push(place(span(name), span(value)));
        names |= bit(name).unwrap_or_default();
        facts.see(name, value);
    }
    let parts = Parts {
        line,
        reason_end: at(first.len()),
        length: at(octets.len()),
        places: at(whole.len()),
        is_plain: octets.iter().all(|octet| scan::is_printable(*octet) || b"\r\n".contains(octet)),
        names,
    };
    // Unfolding keeps every octet's place, so a place in `text` is one in `section`.
    let framing =
        facts.framing(asked, line, text, |misfit| odd(from_section(misfit))).map_err(from_section);
    let mut kept = Vec::new();
    keep(&whole, &places, &mut kept);
    Ok((Head { octets: kept, parts }, framing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::section::Section;

    /// More fields than any head of these tests has.
    const MOST: usize = 100;

    /// From a generator that needs no dependency.
    struct Random(u64);

    impl Random {
        fn below(&mut self, most: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(self.0 >> 33).unwrap() % most
        }

        fn octets(&mut self, alphabet: &[u8], most: usize) -> Vec<u8> {
            (0..self.below(most)).map(|_| alphabet[self.below(alphabet.len())]).collect()
        }
    }

    /// What the strict reading accepts, the lenient one reads alike and finds nothing odd in, and so
    /// does httparse; says whether it is accepted.
    fn held_to_the_others(octets: &[u8]) -> bool {
        let shown = octets.escape_ascii();
        let (mut odd, mut odd_of_lenient) = (Vec::new(), Vec::new());
        let note = |m: Misfit| (m.rule.name, m.at);
        let mut head = None;
        let seen = strict(octets, Asked::Other, MOST, &mut Vec::new(), &mut head);
        let Some(head) = head else { return false };
        let framing =
            seen.map(Ok).unwrap_or_else(|| framing(Asked::Other, &head, |m| odd.push(note(m))));
        let found = Section::new().search(octets);
        assert_eq!((found.end, found.bare_lf), (Some(head.octets().len()), None), "{shown}");

        let (walked, want) =
            lenient(head.octets(), Asked::Other, MOST, |m| odd_of_lenient.push(note(m))).unwrap();
        assert_eq!(framing.map_err(note), want.map_err(note), "{shown}");
        assert_eq!(odd, odd_of_lenient, "{shown}");
        assert_eq!(format!("{head:?}"), format!("{walked:?}"), "{shown}");
        assert_eq!(head.octets(), walked.octets(), "{shown}");
        assert_eq!(head.is_plain(), walked.is_plain(), "{shown}");
        assert_eq!(head.parts.names, walked.parts.names, "{shown}");
        assert_eq!(head.fields().len(), head.fields().count(), "{shown}");
        assert!(head.fields().eq(walked.fields()), "{shown}");

        let mut slots = [httparse::EMPTY_HEADER; MOST];
        let section = octets.iter().position(|c| *c == b'\n').unwrap() + 1;
        let (end, theirs) = httparse::parse_headers(&octets[section..], &mut slots)
            .unwrap_or_else(|error| panic!("{shown}: {error}"))
            .unwrap();
        assert_eq!(section + end, head.octets().len(), "{shown}");
        let theirs = theirs.iter().map(|field| (field.name.as_bytes(), field.value));
        assert!(head.fields().eq(theirs), "{shown}");
        true
    }

    #[test]
    fn what_is_accepted_is_read_as_by_the_others() {
        const ALPHABET: &[u8] = b"Aa1-: \t\r\n\r\n\x00\x01\x7f\x80;,/(";
        const BEGINNINGS: [&[u8]; 4] =
            [b"HTTP/1.1 200 ", b"HTTP/1.0 503 \r\n", b"HTTP/1.1 404 X\r\nA:", b"HTTP/1.1 600 "];
        const LINES: [&[u8]; 5] = [
            b"Content-Length: 2\r\n",
            b"content-length:2,\r\n",
            b"Transfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: gzip\t\r\n",
            b"X-Long-Enough: for-two-words \r\n",
        ];
        let mut random = Random(1);
        let mut accepted = 0;
        for _ in 0..200_000 {
            let mut octets = BEGINNINGS[random.below(4)].to_vec();
            octets.extend(random.octets(ALPHABET, 14));
            octets.extend(b"\r\n");
            for _ in 0..random.below(4) {
                octets.extend(LINES[random.below(5)]);
            }
            octets.extend(random.octets(ALPHABET, 5));
            octets.extend(b"\r\n\r\n");
            octets.extend(random.octets(ALPHABET, 20));
            accepted += usize::from(held_to_the_others(&octets));
        }
        assert!(accepted > 5000, "{accepted} accepted");
    }

    #[test]
    fn lines_are_read_alike_whatever_their_length_and_what_follows() {
        let first = |of: &str, length| of.chars().cycle().take(length).collect::<String>();
        for (name, value) in (1..=42).flat_map(|name| (0..=42).map(move |value| (name, value))) {
            let (name, value) = (first("Ab-cd-", name), first("v w", value));
            for (odd, is_right) in [("", true), ("1", true), ("-", true), (" ", false)] {
                for behind in [0, 30, 60] {
                    let rest = "x".repeat(behind);
                    let head =
                        format!("HTTP/1.1 200 OK\r\n{name}{odd}: {value}\r\nB: 2\r\n\r\n{rest}");
                    assert_eq!(held_to_the_others(head.as_bytes()), is_right, "{head:?}");
                }
            }
        }
    }

    #[test]
    fn fields_are_listed_up_to_a_number_and_of_any_length() {
        let rows = [
            // octets of a name and of a value, so many times, read
            (1, 1, 0, true),
            (1, 1, 31, true),
            (1, 1, 32, false),
            (70_000, 1, 2, true),
            (1, 70_000, 2, true),
        ];
        for (name, value, times, is_read) in rows {
            let line = format!("{}: {}\r\n", "a".repeat(name), "b".repeat(value));
            let head = format!("HTTP/1.1 200 OK\r\n{}Z:9\r\n\r\n", line.repeat(times));
            let head = head.as_bytes();
            assert_eq!(held_to_the_others(head), is_read, "{name} {value} {times}");
            let (walked, _) = lenient(head, Asked::Other, MOST, |_| ()).unwrap();
            assert_eq!(walked.fields().len(), times + 1, "{name} {value} {times}");
            assert_eq!(walked.values("z").collect::<Vec<_>>(), [b"9"], "{name} {value} {times}");
        }
        let head = b"HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\n";
        let reads = |most| {
            let mut read = None;
            strict(head, Asked::Other, most, &mut Vec::new(), &mut read);
            read.is_some()
        };
        assert!(reads(2) && !reads(1));
    }
}
