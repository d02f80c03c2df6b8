//! A whole head, taken apart.
//!
//! httparse reads it first: it is fast, and strict enough that what it accepts needs no second
//! look but for what the search for the end saw (`section`) and what the first line says
//! (`status_line`). What it refuses is walked by `fields`, which knows where and why.

use crate::event::Asked;
use crate::fields::{self, Fields, Refused};
use crate::framing::{Facts, Framing};
use crate::head::Head;
use crate::rules::Misfit;
use crate::status_line::{self, StatusLine};
use std::mem::MaybeUninit;

/// The fields that httparse has room for. Of 173 replies of 44 server programs none has more than
/// half as many; a head with more is walked.
const SLOTS: usize = 32;

/// What a head says, in places of its octets.
pub(crate) struct Parsed {
    line: StatusLine,
    /// Where the first line ends, without its line end.
    line_end: usize,
    /// Where the field section begins.
    section: usize,
    pub(crate) framing: Result<Framing, Misfit>,
    /// The field section with its folded lines joined; empty when none is folded.
    pub(crate) unfolded: Vec<u8>,
}

impl Parsed {
    pub(crate) const fn status(&self) -> u16 {
        self.line.status
    }

    /// The head, over the octets it was parsed from.
    pub(crate) fn head<'a>(&self, octets: &'a [u8], unfolded: &'a [u8]) -> Head<'a> {
        let section = octets.get(self.section..).unwrap_or_default();
        Head {
            octets,
            reason: octets.get(self.line.reason..self.line_end).unwrap_or_default(),
            fields: Fields::of(if unfolded.is_empty() { section } else { unfolded }),
            status: self.line.status,
            version: self.line.version,
        }
    }
}

/// Takes apart a head that ends with its blank line. Places are counted from its first octet.
pub(crate) fn head(
    octets: &[u8],
    asked: Asked,
    most_fields: usize,
    mut odd: impl FnMut(Misfit),
) -> Result<Parsed, Refused> {
    let (first, section) = fields::split_line(octets).unwrap_or((octets, &[]));
    let line = status_line::read(first, &mut odd)?;
    let at = octets.len() - section.len();

    let mut facts = Facts::default();
    let mut slots = [const { MaybeUninit::uninit() }; SLOTS];
    let mut response = httparse::Response::new(&mut []);
    let strict = httparse::ParserConfig::default()
        .parse_response_with_uninit_headers(&mut response, octets, &mut slots)
        .is_ok_and(|status| status == httparse::Status::Complete(octets.len()));
    if strict && response.headers.len() <= most_fields {
        for field in response.headers {
            facts.see(field.name.as_bytes(), field.value);
        }
        let framing = facts.framing(asked, line, octets, odd);
        return Ok(Parsed {
            line,
            line_end: first.len(),
            section: at,
            framing,
            unfolded: Vec::new(),
        });
    }

    let from_section = |misfit: Misfit| misfit.rule.at(at + misfit.at);
    let folded = fields::check(section, most_fields, |misfit| odd(from_section(misfit))).map_err(
        |refused| match refused {
            Refused::Misfit(misfit) => Refused::Misfit(from_section(misfit)),
            Refused::TooManyFields => refused,
        },
    )?;
    let unfolded = if folded { fields::unfold(section) } else { Vec::new() };
    let text = if folded { &unfolded } else { section };
    Fields::of(text).for_each(|(name, value)| facts.see(name, value));
    // Unfolding keeps every octet's place, so a place in `text` is one in `section`.
    let framing =
        facts.framing(asked, line, text, |misfit| odd(from_section(misfit))).map_err(from_section);
    Ok(Parsed { line, line_end: first.len(), section: at, framing, unfolded })
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
