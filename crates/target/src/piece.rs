//! A piece of what was typed that knows where it stood.

use crate::error::Malformed;
use crate::refusal::Refusal;

/// Octets, and the offset of the first of them in what was typed.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'a> {
    pub(crate) octets: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Piece<'a> {
    pub(crate) fn whole(octets: &'a [u8]) -> Piece<'a> {
        Piece { octets, at: 0 }
    }

    /// The first `length` octets, and the rest.
    pub(crate) fn cut(self, length: usize) -> (Piece<'a>, Piece<'a>) {
        let (head, tail) = self.octets.split_at_checked(length).unwrap_or((self.octets, &[]));
        (Piece { octets: head, at: self.at }, Piece { octets: tail, at: self.at + head.len() })
    }

    /// Up to the first octet that is `end`, and from that octet on (empty when there is none).
    pub(crate) fn until(self, end: impl Fn(u8) -> bool) -> (Piece<'a>, Piece<'a>) {
        self.cut(self.find(end).unwrap_or(self.octets.len()))
    }

    /// How many octets come before the first that is `wanted`.
    pub(crate) fn find(self, wanted: impl Fn(u8) -> bool) -> Option<usize> {
        self.octets.iter().position(|&octet| wanted(octet))
    }

    /// The piece without this prefix.
    pub(crate) fn without(self, prefix: &[u8]) -> Option<Piece<'a>> {
        self.octets.starts_with(prefix).then(|| self.cut(prefix.len()).1)
    }

    /// The piece without white space around it.
    pub(crate) fn trimmed(self) -> Piece<'a> {
        let space = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n');
        let before = self.octets.iter().take_while(|o| space(o)).count();
        let (_, rest) = self.cut(before);
        let after = rest.octets.iter().rev().take_while(|o| space(o)).count();
        rest.cut(rest.octets.len() - after).0
    }

    pub(crate) fn is_empty(self) -> bool {
        self.octets.is_empty()
    }

    /// Nothing fits at the octet `index` of this piece.
    pub(crate) fn refuse(self, index: usize, refusal: Refusal) -> Malformed {
        Malformed { offset: self.at + index, refusal }
    }
}
