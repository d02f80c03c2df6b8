//! The head of a response: status line and fields (RFC 9112 §2.1).

use crate::places::{self, Place};
use crate::status_line::StatusLine;
use std::fmt;

/// What a status line says it speaks (RFC 9112 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `HTTP/major.minor`, each a digit.
    Http(u8, u8),
    /// `ICY`: SHOUTcast servers say so instead; a kind of HTTP/1.0.
    Icy,
}

impl Version {
    /// Whether it knows what HTTP/1.1 brought: chunks, for one.
    pub(crate) const fn is_modern(self) -> bool {
        !matches!(self, Version::Http(0, _) | Version::Http(1, 0) | Version::Icy)
    }
}

/// As it stands in the status line.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Version::Http(major, minor) => write!(f, "HTTP/{major}.{minor}"),
            Version::Icy => f.write_str("ICY"),
        }
    }
}

/// A head: a copy of its octets, and where in them each part of it stands.
#[derive(Clone)]
pub struct Head {
    /// The head itself, its field section again, lines joined, if that is folded, and the places of
    /// the fields: one allocation for all.
    pub(crate) octets: Vec<u8>,
    pub(crate) parts: Parts,
}

/// What a head says, in places of its octets. `Limits::head_bytes` keeps them below 4 GiB.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) line: StatusLine,
    /// Where the reason phrase ends.
    pub(crate) reason_end: u32,
    /// The octets of the head itself.
    pub(crate) length: u32,
    /// Where the places of the fields begin.
    pub(crate) places: u32,
    /// Of all octets but line ends.
    pub(crate) is_plain: bool,
    /// A bit for each name there is, which it may share with others: most fields that are asked for
    /// and not there are not looked for.
    pub(crate) names: u64,
}

/// The bit of a name in [`Parts::names`]. An empty name has none.
#[inline(always)]
pub(crate) fn bit(name: &[u8]) -> Option<u64> {
    Some(bit_of(*name.first()?, name.len()))
}

/// The same of its first octet and its length. So many letters and lengths tell names apart that few
/// of those which are looked for share one with those which servers send.
#[inline(always)]
pub(crate) fn bit_of(first: u8, length: usize) -> u64 {
    1 << (length.wrapping_mul(11).wrapping_add((first | 0x20).into()) % 64)
}

/// A place in octets, of which there are fewer than 4 GiB.
fn at(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

impl Head {
    /// How many octets it has.
    pub(crate) fn length(&self) -> usize {
        at(self.parts.length)
    }

    /// The head as it came, from the status line to the blank line, both with their line ends.
    pub fn octets(&self) -> &[u8] {
        self.octets.get(..self.length()).unwrap_or_default()
    }

    /// Its memory, for another one: what is in it means nothing.
    pub fn into_room(self) -> Vec<u8> {
        self.octets
    }

    /// Whether all of it but its line ends is printable ASCII (0x20 to 0x7E).
    pub const fn is_plain(&self) -> bool {
        self.parts.is_plain
    }

    /// The version of the status line.
    pub const fn version(&self) -> Version {
        self.parts.line.version
    }

    /// The status code, 0 to 999 (RFC 9110 §15 knows 100 to 599).
    pub const fn status(&self) -> u16 {
        self.parts.line.status
    }

    /// The reason phrase, as sent; empty if there is none.
    pub fn reason(&self) -> &[u8] {
        let Parts { line, reason_end, .. } = &self.parts;
        self.octets.get(at(line.reason)..at(*reason_end)).unwrap_or_default()
    }

    /// The fields, in order: name and value.
    ///
    /// A value comes without the whitespace around it; one on several lines (obs-fold) as one, with
    /// SP in place of the line ends. Both are octets: HTTP names no character encoding for them.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> {
        self.places()
            .iter()
            .map(|place| (places::name(&self.octets, place), places::value(&self.octets, place)))
    }

    /// The fields again, for a copy of a known length: the first `N` octets of a name and how many of
    /// them are its own, and those of the value. `None` stands for a field of which either is longer.
    ///
    /// What stands behind a name or a value means nothing: it is there to be written over.
    #[inline]
    pub fn starts<const N: usize>(
        &self,
    ) -> impl ExactSizeIterator<Item = Option<[(&[u8; N], usize); 2]>> {
        self.places().iter().map(|place| places::starts(&self.octets, place))
    }

    /// The values of the fields with this name, in order; names have no case (RFC 9110 §5.1).
    #[inline]
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let name = name.as_bytes();
        let places = match bit(name) {
            Some(bit) if self.parts.names & bit != 0 => self.places(),
            _ => &[],
        };
        // Most differ in length; and mostly it is written alike, which is seen sooner.
        let is = move |own: &[u8]| own == name || own.eq_ignore_ascii_case(name);
        let octets = self.octets.as_slice();
        let alike = places.iter().filter(move |place| {
            places::name_length(place) == name.len() && is(places::name(octets, place))
        });
        alike.map(|place| places::value(octets, place))
    }

    /// Where each field stands in the octets.
    fn places(&self) -> &[Place] {
        self.octets.get(at(self.parts.places)..).unwrap_or_default().as_chunks().0
    }
}

/// All that a head says stands in its octets.
impl PartialEq for Head {
    fn eq(&self, other: &Head) -> bool {
        self.octets() == other.octets()
    }
}

impl Eq for Head {}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |octets: &[u8]| octets.escape_ascii().to_string();
        f.debug_struct("Head")
            .field("version", &format_args!("{}", self.version()))
            .field("status", &self.status())
            .field("reason", &text(self.reason()))
            .field("fields", &self.fields().map(|(n, v)| (text(n), text(v))).collect::<Vec<_>>())
            .finish()
    }
}
