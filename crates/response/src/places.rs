//! Where the fields of a head stand in it.

use crate::fields::Fields;
use crate::status_line::Ows;
use std::slice;

/// Where a field stands behind the one before: its octets up to the colon, and from there to the line
/// end; 16 bits each, the low ones first.
pub(crate) type Place = [u8; 4];

/// The fields that can be listed: of 173 replies of 44 server programs none has more than 16, those of
/// content delivery networks often have 30.
pub(crate) const LISTED: usize = 32;

/// The fields of a head that is shorter than this can be listed.
pub(crate) const LISTED_OCTETS: usize = 1 << 16;

/// The place behind the field before, of a field with so many octets. What does not fit is cut.
#[inline(always)]
pub(crate) const fn place(name: usize, text: usize) -> Place {
    let ([a, b, ..], [c, d, ..]) = (name.to_le_bytes(), text.to_le_bytes());
    [a, b, c, d]
}

/// Name and value of each field.
pub(crate) enum Each<'a> {
    /// Of a section whose lines are plain, with the place of each.
    Listed(&'a [u8], slice::Iter<'a, Place>),
    /// Of a section of so many fields, which are looked for.
    Walked(Fields<'a>, usize),
}

impl Default for Each<'_> {
    fn default() -> Self {
        Each::Listed(&[], [].iter())
    }
}

impl<'a> Iterator for Each<'a> {
    type Item = (&'a [u8], &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Each::Listed(rest, places) => {
                let [a, b, c, d] = *places.next()?;
                let (name, text) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
                let (name, after) = rest.split_at_checked(name.into())?;
                let (text, after) = after.split_at_checked(text.into())?;
                *rest = after.get(b"\r\n".len()..)?;
                Some((name, text.get(b":".len()..)?.trim_ows()))
            }
            Each::Walked(fields, left) => {
                *left = left.saturating_sub(1);
                fields.next()
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match self {
            Each::Listed(_, places) => places.len(),
            Each::Walked(_, left) => *left,
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Each<'_> {}
