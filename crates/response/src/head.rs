//! The head of a response: status line and fields (RFC 9112 §2.1).

use crate::fields::place;
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

/// A head: its octets, borrowed from those it came in or owned ([`OwnedHead`]), and where in them each
/// part of it stands.
#[derive(Clone, PartialEq, Eq)]
pub struct Head<O> {
    pub(crate) octets: O,
    pub(crate) parts: Parts,
}

/// A head that is kept.
pub type OwnedHead = Head<Box<[u8]>>;

/// What a head says, in places of its octets. `Limits::head_bytes` keeps them below 4 GiB.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Name and value of each field.
    pub(crate) fields: Box<[(Span, Span)]>,
    /// A bit for each name there is, which it may share with others: most fields that are asked for
    /// and not there are not looked for.
    pub(crate) names: u64,
    pub(crate) reason: Span,
    /// The head itself; behind it a folded field section stands again, its lines joined.
    pub(crate) head: Span,
    pub(crate) status: u16,
    pub(crate) version: Version,
}

/// A piece of the octets of a head.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    len: u32,
}

impl Span {
    pub(crate) fn of(start: usize, len: usize) -> Span {
        let fit = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: fit(start), len: fit(len) }
    }

    /// Where `part`, a piece of `whole`, stands in it.
    pub(crate) fn within(whole: &[u8], part: &[u8]) -> Span {
        Span::of(place(whole, part), part.len())
    }

    fn of_octets(self, octets: &[u8]) -> &[u8] {
        let fit = |n| usize::try_from(n).unwrap_or(usize::MAX);
        let start = fit(self.start);
        octets.get(start..start.saturating_add(fit(self.len))).unwrap_or_default()
    }
}

/// The bit of a name in [`Parts::names`]. So many letters and lengths tell names apart that few of
/// those which are looked for share one with those which servers send.
pub(crate) const fn bit(name: &[u8]) -> u64 {
    let first = match name.first() {
        Some(first) => *first | 0x20,
        None => 0,
    };
    1 << (name.len().wrapping_mul(11).wrapping_add(first as usize) % 64)
}

impl<O: AsRef<[u8]>> Head<O> {
    /// The head as it came, from the status line to the blank line, both with their line ends.
    pub fn octets(&self) -> &[u8] {
        self.part(self.parts.head)
    }

    /// The version of the status line.
    pub const fn version(&self) -> Version {
        self.parts.version
    }

    /// The status code, 0 to 999 (RFC 9110 §15 knows 100 to 599).
    pub const fn status(&self) -> u16 {
        self.parts.status
    }

    /// The reason phrase, as sent; empty if there is none.
    pub fn reason(&self) -> &[u8] {
        self.part(self.parts.reason)
    }

    /// The fields, in order: name and value.
    ///
    /// A value comes without the whitespace around it; one on several lines (obs-fold) as one, with
    /// SP in place of the line ends. Both are octets: HTTP names no character encoding for them.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> {
        self.parts.fields.iter().map(|(name, value)| (self.part(*name), self.part(*value)))
    }

    /// The values of the fields with this name, in order; names have no case (RFC 9110 §5.1).
    #[inline]
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let name = name.as_bytes();
        let fields = match self.parts.names & bit(name) {
            0 => &[],
            _ => &*self.parts.fields,
        };
        fields.iter().filter_map(move |(own, value)| {
            let own = self.part(*own);
            // Mostly it is written alike, which is seen sooner.
            let is = own == name || own.eq_ignore_ascii_case(name);
            is.then(|| self.part(*value))
        })
    }

    fn part(&self, span: Span) -> &[u8] {
        span.of_octets(self.octets.as_ref())
    }

    /// The same with octets of its own, to be kept.
    pub fn into_owned(self) -> OwnedHead {
        Head { octets: self.octets.as_ref().into(), parts: self.parts }
    }
}

impl<O: AsRef<[u8]>> fmt::Debug for Head<O> {
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
