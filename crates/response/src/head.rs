//! The head of a response: status line and fields (RFC 9112 §2.1).

use crate::fields::{Fields, place};
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

/// A head, borrowed from the octets it came in.
#[derive(Clone)]
pub struct Head<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) reason: &'a [u8],
    pub(crate) fields: Fields<'a>,
    pub(crate) status: u16,
    pub(crate) version: Version,
}

impl<'a> Head<'a> {
    /// The head as it came, from the status line to the blank line, both with their line ends.
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// The version of the status line.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The status code, 0 to 999 (RFC 9110 §15 knows 100 to 599).
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The reason phrase, as sent; empty if there is none.
    pub const fn reason(&self) -> &'a [u8] {
        self.reason
    }

    /// The fields, in order.
    pub fn fields(&self) -> Fields<'a> {
        self.fields.clone()
    }

    /// The values of the fields with this name, in order; names have no case.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.fields().values(name)
    }

    /// A copy that can be kept, in two allocations.
    pub fn to_owned(&self) -> OwnedHead {
        let section = self.fields.section();
        let folded = !self.octets.as_ptr_range().contains(&section.as_ptr());
        // A folded section stands apart: it is kept behind the head it was read from.
        let (octets, at) = if folded {
            ([self.octets, section].concat().into_boxed_slice(), self.octets.len())
        } else {
            (Box::from(self.octets), place(self.octets, section))
        };
        let mut fields = Vec::with_capacity(self.fields().count());
        fields.extend(self.fields().map(|(name, value)| {
            let span = |part: &[u8]| Span::of(at + place(section, part), part.len());
            (span(name), span(value))
        }));
        OwnedHead {
            octets,
            fields: fields.into_boxed_slice(),
            head: Span::of(0, self.octets.len()),
            reason: Span::of(place(self.octets, self.reason), self.reason.len()),
            status: self.status,
            version: self.version,
        }
    }
}

impl fmt::Debug for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("version", &format_args!("{}", self.version))
            .field("status", &self.status)
            .field("reason", &format_args!("\"{}\"", self.reason.escape_ascii()))
            .field("fields", &self.fields)
            .finish()
    }
}

/// A head that is kept: one slice of octets, and where each part of it stands.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedHead {
    octets: Box<[u8]>,
    fields: Box<[(Span, Span)]>,
    head: Span,
    reason: Span,
    status: u16,
    version: Version,
}

/// A piece of `OwnedHead::octets`. `Limits::head_bytes` keeps a head below 4 GiB.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    len: u32,
}

impl Span {
    fn of(start: usize, len: usize) -> Span {
        let fit = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Span { start: fit(start), len: fit(len) }
    }

    fn of_octets(self, octets: &[u8]) -> &[u8] {
        let fit = |n| usize::try_from(n).unwrap_or(usize::MAX);
        let from = octets.get(fit(self.start)..).unwrap_or_default();
        from.get(..fit(self.len)).unwrap_or_default()
    }
}

impl OwnedHead {
    /// See [`Head::octets`].
    pub fn octets(&self) -> &[u8] {
        self.head.of_octets(&self.octets)
    }

    /// See [`Head::version`].
    pub const fn version(&self) -> Version {
        self.version
    }

    /// See [`Head::status`].
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// See [`Head::reason`].
    pub fn reason(&self) -> &[u8] {
        self.reason.of_octets(&self.octets)
    }

    /// The fields, in order: name and value, as [`Fields`] gives them.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = (&[u8], &[u8])> {
        let part = |span: &Span| span.of_octets(&self.octets);
        self.fields.iter().map(move |(name, value)| (part(name), part(value)))
    }

    /// See [`Head::values`].
    pub fn values(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        let fields = self.fields();
        fields.filter(move |(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }
}

impl fmt::Debug for OwnedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnedHead(\"{}\")", self.octets().escape_ascii())
    }
}
